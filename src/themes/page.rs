//! The `Page` trait and the parts that pages share.

use super::FormTarget;
use crate::limits::sizes::MAX_SEALED_REQUEST_IN_URL_BYTES;
use serde::Serialize;

/// A page: a typed context and its template.
pub trait Page: Serialize + Sized {
    /// The template's file name, such as `identifier.html`.
    const TEMPLATE: &'static str;
    /// The possible destination of its forms.
    const FORM_TARGET: FormTarget;

    /// Returns a named example of every state, for tests, previews and checks of a theme.
    fn samples() -> Vec<(&'static str, Self)>;
}

/// The layout data of every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Frame {
    /// The workspace's display name.
    pub workspace: String,
    /// The path prefix of the workspace; empty for the workspace at the root.
    pub base: String,
}

/// The data of every page of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepFrame {
    /// The relying party's name.
    pub application: String,
    /// The CSRF token, posted in the hidden field `csrf`.
    pub csrf: String,
    /// The handle of the sign-in, posted in a hidden field.
    pub handle: Handle,
    /// The reason for this step as a sentence, if the sign-in itself does not make it clear.
    pub reason: Option<String>,
}

/// Another factor that the person may use instead of the one that a page asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Its name, the value of the button `show`.
    pub name: &'static str,
    /// The path of its page.
    pub path: &'static str,
    /// What the person does there, as the text of a button.
    pub words: &'static str,
}

/// The hidden field that names the sign-in of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Handle {
    /// The field's name.
    pub name: &'static str,
    /// The field's value.
    pub value: String,
    /// Whether it is too long for an address: links to other pages of the sign-in are then buttons of a form.
    pub is_long: bool,
}

impl Handle {
    /// Creates the field `r`: the sealed authorization request, before the first POST.
    pub fn request(sealed: impl Into<String>) -> Self {
        Self::new("r", sealed)
    }

    /// Creates a field.
    pub fn new(name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        Self { name, is_long: value.len() > MAX_SEALED_REQUEST_IN_URL_BYTES, value }
    }

    /// Creates the field `j`: the id of the journey, from the first POST on.
    pub fn journey(id: impl Into<String>) -> Self {
        Self::new("j", id)
    }
}

impl Choice {
    pub(super) fn sample_of_push() -> Self {
        Self { name: "push", path: "/signin/push", words: "Approve on your phone" }
    }

    pub(super) fn sample_of_a_code() -> Self {
        Self { name: "totp", path: "/signin/totp", words: "Enter a code" }
    }
}

impl Frame {
    pub(super) fn sample() -> Self {
        Self { workspace: "Northwind Cooperative".to_owned(), base: String::new() }
    }
}

impl StepFrame {
    pub(super) fn sample() -> Self {
        Self {
            application: "Harbor Billing".to_owned(),
            csrf: "k3Jq0vXc1mZ8Yb7tR2nW5g".to_owned(),
            handle: Handle::journey("jrn_5m2Xb7Qw1cT9kZ3rV8yN4g"),
            reason: None,
        }
    }

    pub(super) fn sample_before_first_post() -> Self {
        Self { handle: Handle::request("AbC-sealed_9z"), ..Self::sample() }
    }

    /// A request that no address can carry.
    pub(super) fn sample_of_a_long_request() -> Self {
        let sealed = "AbC-sealed_9z".repeat(MAX_SEALED_REQUEST_IN_URL_BYTES / 13 + 1);
        Self { handle: Handle::request(sealed), ..Self::sample() }
    }

    pub(super) fn sample_of_a_step_up() -> Self {
        let reason = "Harbor Billing asks for a second proof that it is you before it goes on.";
        Self { reason: Some(reason.to_owned()), ..Self::sample() }
    }
}
