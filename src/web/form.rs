//! Reads the forms of this server's own pages, with their CSRF checks.

use super::{browser::Browser, error_page::Refusal};
use crate::{
    app::{App, RequestContext},
    http::{
        csrf::check_site,
        fields::single,
        form_type::{FORM, has_form},
    },
    protocol::form_pairs,
};
use http::{StatusCode, header};
use poem::{Error, Request, Result};
use std::collections::BTreeMap;

/// A form's fields, by name. A form with a repeated field is refused as forged or mistaken.
pub struct Form(BTreeMap<String, String>);

/// The value of the field `decision`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Continue.
    Allow,
    /// Stop, and return to the relying party with an error.
    Deny,
}

impl Form {
    /// Reads a form that one of this server's pages sent in this browser.
    ///
    /// # Errors
    /// An error page when the form came from another site, has another content type, cannot be parsed, or
    /// lacks this browser's CSRF token.
    pub fn read(app: &App, browser: &Browser, request: &Request, body: &[u8]) -> Result<Self> {
        if let Err(forgery) = check_site(request.headers(), &app.public_url) {
            return Err(refusal(forgery.to_string()).into_error(&browser.context));
        }
        check_type(&browser.context, request, body)?;
        let Some(form) = Self::parse(body) else { return Err(malformed(&browser.context)) };
        if !browser.is_own_form(app, form.get("csrf").unwrap_or_default()) {
            let message = "The form was not made for this browser, or the browser keeps no cookies.";
            return Err(refusal(message.to_owned()).into_error(&browser.context));
        }
        Ok(form)
    }

    fn parse(body: &[u8]) -> Option<Self> {
        let mut fields = BTreeMap::new();
        for (name, value) in form_pairs(std::str::from_utf8(body).ok()?).ok()? {
            if fields.insert(name, value).is_some() {
                return None;
            }
        }
        Some(Self(fields))
    }

    /// Returns the value of a field; `None` when it was not sent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns the field `decision`; `None` when it is missing or unknown.
    pub fn decision(&self) -> Option<Decision> {
        match self.get("decision")? {
            "allow" => Some(Decision::Allow),
            "deny" => Some(Decision::Deny),
            _ => None,
        }
    }
}

/// Refuses a body with another `Content-Type` than a form's.
pub fn check_type(context: &RequestContext, request: &Request, body: &[u8]) -> Result<()> {
    if body.is_empty() || has_form(request) {
        return Ok(());
    }
    let received = single(request.headers(), header::CONTENT_TYPE).text();
    let received = received.unwrap_or("of no type").chars().take(100);
    let message = format!("The form came as “{}”; expected {FORM}.", received.collect::<String>());
    let refusal = Refusal { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, ..refusal(message) };
    Err(refusal.into_error(context))
}

fn refusal(message: String) -> Refusal<'static> {
    Refusal::bad_request(
        "This form cannot be used",
        message,
        "Go back to the application and sign in again. If it stays like this, allow cookies for this site.",
    )
}

fn malformed(context: &RequestContext) -> Error {
    refusal("The form could not be read: a field came twice, or in an unknown encoding.".to_owned())
        .into_error(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_and_a_repeated_field_is_refused() {
        let form = Form::parse(b"username=ada+lovelace&decision=deny").unwrap();
        assert_eq!(form.get("username"), Some("ada lovelace"));
        assert_eq!(form.decision(), Some(Decision::Deny));
        assert!(Form::parse(b"decision=allow&decision=deny").is_none());
        assert!(Form::parse(b"username=%ff").is_none());
        assert_eq!(Form::parse(b"decision=maybe").unwrap().decision(), None);
    }
}
