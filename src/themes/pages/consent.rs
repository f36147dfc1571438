//! The consent page.

use crate::themes::{FormTarget, Frame, Page, StepFrame};
use serde::Serialize;

/// Asks for consent to the requested scopes; posts `decision` to `/consent`.
#[derive(Clone, Debug, Serialize)]
pub struct ConsentPage {
    /// The layout data.
    pub frame: Frame,
    /// The sign-in.
    pub step: StepFrame,
    /// The person's username.
    pub username: String,
    /// The requested scopes.
    pub scopes: Vec<ScopeSentence>,
    /// The host of the redirect URI.
    pub destination: String,
}

/// A scope, described for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScopeSentence {
    /// The scope's name.
    pub scope: String,
    /// The permission.
    pub title: String,
    /// The data that the permission covers.
    pub detail: String,
}

impl ScopeSentence {
    /// Describes a scope of OpenID Connect Core §5.4 or §11; another scope is described by its name.
    pub fn of(scope: &str) -> Self {
        let (title, detail) = match scope {
            "openid" => ("Know that it is you", "An identifier that stays the same at every sign-in."),
            "profile" => ("See your profile", "Your name, picture, language, time zone and the like."),
            "email" => ("See your e-mail address", "The address, and whether it was verified."),
            "address" => ("See your postal address", "Street, city, postal code and country."),
            "phone" => ("See your telephone number", "The number, and whether it was verified."),
            "offline_access" => (
                "Keep access while you are away",
                "It can look up the same things later without asking you again.",
            ),
            other => (other, "A permission that this application defines itself."),
        };
        Self { scope: scope.to_owned(), title: title.to_owned(), detail: detail.to_owned() }
    }
}

impl Page for ConsentPage {
    const TEMPLATE: &'static str = "consent.html";
    const FORM_TARGET: FormTarget = FormTarget::RelyingParty;

    fn samples() -> Vec<(&'static str, Self)> {
        let page = |scopes: &[&str]| Self {
            frame: Frame::sample(),
            step: StepFrame::sample(),
            username: "ada@northwind.example".to_owned(),
            scopes: scopes.iter().copied().map(ScopeSentence::of).collect(),
            destination: "billing.harbor.example".to_owned(),
        };
        let all = ["openid", "profile", "email", "address", "phone", "offline_access", "invoices:read"];
        vec![("few", page(&["openid", "profile", "email"])), ("all", page(&all))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standard_scope_has_a_sentence_and_another_scope_shows_its_name() {
        for scope in ["openid", "profile", "email", "address", "phone", "offline_access"] {
            assert_ne!(ScopeSentence::of(scope).title, scope);
        }
        assert_eq!(ScopeSentence::of("invoices:read").title, "invoices:read");
    }
}
