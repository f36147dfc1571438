//! The browser interface: the authorization endpoint, the steps of a sign-in, consent and sign-out.
//!
//! Never issues tokens: a sign-in ends in an authorization code, an error at the relying party, or a page.
//! Spec: OpenID Connect Core §3.1.2, RP-Initiated Logout, RFC 9207.
//! Called by: `routes`.
//!
//! `authorize` begins the sign-in of an application, `account` one to this server. Each step has a file:
//! `identifier`, `password`, `new_password`, `totp`, `push`, `enroll`, `consent`, which shows its page, by
//! `navigation`; `factor_page` lists the pages of the factors. `forms` accepts their forms: `arrival` hands them to the use case
//! `actions::sign_in::submit`, and leads the browser on. `step_page` builds what the pages
//! share, `error_page` the pages for a sign-in that cannot go on. While a page waits for the phone, it asks
//! `events`; `watch` reports changes.

pub mod account;
pub mod authorize;
pub mod consent;
pub mod enroll;
pub mod events;
pub mod forms;
pub mod identifier;
pub mod invitation;
pub mod new_password;
pub mod password;
pub mod push;
pub mod signout;
pub mod totp;

mod arrival;
mod client_response;
mod error_page;
mod factor_page;
mod navigation;
mod status;
mod step_page;
mod watch;
