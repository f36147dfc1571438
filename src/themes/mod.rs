//! Renders pages and letters: typed contexts become HTML, and for letters also plain text.
//! Never decides the content: a page receives finished sentences and URLs.
//! Spec: HTML, WCAG 2.2, Content Security Policy Level 3.
//! Called by: the interfaces for people, `signin` and `site`; `outbox`, which sends letters.

mod assets;
mod content_security_policy;
mod duration;
mod letters;
mod page;
#[cfg(test)]
mod page_rules;
mod pages;
mod qr;
mod register;
mod render;

pub use assets::{ASSET_CACHE_CONTROL, Asset, asset, asset_url};
pub use content_security_policy::FormTarget;
pub use duration::in_words;
pub use letters::{DeviceLetter, LetterText, render_letter};
pub use page::{Choice, Frame, Handle, Page, StepFrame};
pub use pages::{
    account::AccountPage,
    carry_on::CarryOnPage,
    consent::{ConsentPage, ScopeSentence},
    denied::DeniedPage,
    enroll::{EnrollPage, EnrollStage},
    error::{ErrorPage, Fact},
    form_post::{FormPostField, FormPostPage},
    home::HomePage,
    identifier::IdentifierPage,
    invitation::InvitationPage,
    new_password::NewPasswordPage,
    password::PasswordPage,
    push::{PushChallenge, PushPage, PushQr, PushState},
    reported::ReportedPage,
    setup::{SetupField, SetupForm, SetupPage},
    setup_done::SetupDonePage,
    sign_out::SignOutPage,
    signed_out::SignedOutPage,
    too_many_requests::TooManyRequestsPage,
    totp::TotpPage,
    unavailable::UnavailablePage,
};
pub use qr::{QrFault, qr_svg};
pub use register::{PAGES, PageEntry, Sample, samples};
pub use render::{RenderFault, render};
