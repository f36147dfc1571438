//! The list of all pages with their samples.

use super::{
    AccountPage, CarryOnPage, ConsentPage, DeniedPage, EnrollPage, ErrorPage, FormPostPage, HomePage,
    IdentifierPage, InvitationPage, NewPasswordPage, PasswordPage, PushPage, ReportedPage, SetupDonePage,
    SetupPage, SignOutPage, SignedOutPage, TooManyRequestsPage, TotpPage, UnavailablePage,
};
use super::{FormTarget, Page, RenderFault, render};

/// A page in the list.
#[derive(Clone, Copy, Debug)]
pub struct PageEntry {
    /// The template's file name.
    pub template: &'static str,
    /// The possible destination of its forms.
    pub form_target: FormTarget,
    /// Renders its samples.
    pub samples: fn() -> Result<Vec<Sample>, RenderFault>,
}

/// A rendered page in one of its states.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The names of page and state, such as `identifier.empty`.
    pub name: String,
    /// The rendered HTML.
    pub html: String,
    /// The context of the template.
    pub context: serde_json::Value,
}

/// All pages, in the order in which people see them.
pub static PAGES: [PageEntry; 21] = [
    entry::<CarryOnPage>(),
    entry::<IdentifierPage>(),
    entry::<PasswordPage>(),
    entry::<NewPasswordPage>(),
    entry::<PushPage>(),
    entry::<TotpPage>(),
    entry::<EnrollPage>(),
    entry::<ConsentPage>(),
    entry::<FormPostPage>(),
    entry::<DeniedPage>(),
    entry::<ReportedPage>(),
    entry::<InvitationPage>(),
    entry::<AccountPage>(),
    entry::<SignOutPage>(),
    entry::<SignedOutPage>(),
    entry::<ErrorPage>(),
    entry::<TooManyRequestsPage>(),
    entry::<UnavailablePage>(),
    entry::<SetupPage>(),
    entry::<SetupDonePage>(),
    entry::<HomePage>(),
];

/// Renders every page in every state.
pub fn samples() -> Result<Vec<Sample>, RenderFault> {
    let mut all = Vec::new();
    for page in &PAGES {
        all.extend((page.samples)()?);
    }
    Ok(all)
}

const fn entry<P: Page>() -> PageEntry {
    PageEntry { template: P::TEMPLATE, form_target: P::FORM_TARGET, samples: rendered_samples::<P> }
}

fn rendered_samples<P: Page>() -> Result<Vec<Sample>, RenderFault> {
    let page_name = P::TEMPLATE.trim_end_matches(".html");
    let rendered = |(state, page): (&'static str, P)| {
        Ok(Sample {
            name: format!("{page_name}.{state}"),
            html: render(&page)?,
            context: serde_json::to_value(&page).unwrap_or_default(),
        })
    };
    P::samples().into_iter().map(rendered).collect()
}
