//! What a page is, and what pages have in common.

use super::FormTarget;
use serde::Serialize;

/// A page: a typed context with a template of the same name.
pub trait Page: Serialize + Sized {
    /// Its template, such as `identifier.html`.
    const TEMPLATE: &'static str;
    /// Where its forms may lead.
    const FORM_TARGET: FormTarget;

    /// Named examples of every state it has: rendered by tests, previews and checks of a theme.
    fn samples() -> Vec<(&'static str, Self)>;
}

/// What surrounds every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Frame {
    /// The workspace's display name.
    pub workspace: String,
    /// The path that the workspace's own paths begin with; empty for the one served at the root.
    pub base: String,
}

/// What every page of a sign-in carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepFrame {
    /// The relying party's name.
    pub application: String,
    /// Sent back in the hidden field `csrf`.
    pub csrf: String,
    /// Sent back in a hidden field.
    pub handle: Handle,
    /// Why this step is asked for, as a sentence, when it is not plain from the sign-in itself.
    pub reason: Option<String>,
}

/// The hidden field that says which sign-in a form belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Handle {
    /// The field's name.
    pub name: &'static str,
    /// The field's value.
    pub value: String,
}

impl Handle {
    /// `r`: the sealed authorization request, before the first POST.
    pub fn request(sealed: impl Into<String>) -> Self {
        Self { name: "r", value: sealed.into() }
    }

    /// `j`: the journey, from the first POST on.
    pub fn journey(id: impl Into<String>) -> Self {
        Self { name: "j", value: id.into() }
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

    pub(super) fn sample_of_a_step_up() -> Self {
        let reason = "Harbor Billing asks for a second proof that it is you before it goes on.";
        Self { reason: Some(reason.to_owned()), ..Self::sample() }
    }
}
