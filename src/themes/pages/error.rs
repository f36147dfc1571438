//! The error page.

use crate::themes::{FormTarget, Frame, Page};
use serde::Serialize;

/// Reports what was received, what was expected and what to do next.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorPage {
    /// The layout data.
    pub frame: Frame,
    /// The relying party's name, if known.
    pub application: Option<String>,
    /// The error in a few words.
    pub heading: String,
    /// The error as a sentence.
    pub message: String,
    /// The received and expected values that this person may see.
    pub facts: Vec<Fact>,
    /// The next step, as a sentence.
    pub advice: Option<String>,
    /// The URL for starting again.
    pub retry_url: Option<String>,
    /// The request id, for finding the request in the server's log.
    pub request_id: String,
}

/// A received value that differs from the expected one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// The parameter's name.
    pub name: String,
    /// The received value; `None` if the parameter is missing.
    pub received: Option<String>,
    /// The expected value, if this person may see it.
    pub expected: Option<String>,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error.html";
    const FORM_TARGET: FormTarget = FormTarget::Ourselves;

    fn samples() -> Vec<(&'static str, Self)> {
        let person = Self {
            frame: Frame::sample(),
            application: Some("Harbor Billing".to_owned()),
            heading: "This sign-in has ended".to_owned(),
            message: "It was not finished within 15 minutes.".to_owned(),
            facts: Vec::new(),
            advice: Some("Go back to Harbor Billing and sign in again.".to_owned()),
            retry_url: Some("https://billing.harbor.example/".to_owned()),
            request_id: "req_8fK2mQ7xT4".to_owned(),
        };
        let redirect_uri = Fact {
            name: "redirect_uri".to_owned(),
            received: Some(
                "https://billing.harbor.example/oauth/callback?tenant=7&return=%2Finvoices".to_owned(),
            ),
            expected: Some("an address registered for this client, to the letter".to_owned()),
        };
        let client_id = Fact {
            name: "client_id".to_owned(),
            received: None,
            expected: Some("the name of a registered client".to_owned()),
        };
        let developer = Self {
            application: None,
            heading: "The application’s request is not valid".to_owned(),
            message: "It asked to send you to an address that is not registered for it, so you stay here."
                .to_owned(),
            facts: vec![redirect_uri, client_id],
            advice: Some(
                "Tell the people who run the application; this page shows what they need.".to_owned(),
            ),
            retry_url: None,
            ..person.clone()
        };
        let bare = Self {
            application: None,
            heading: "Page not found".to_owned(),
            message: "There is nothing at this address.".to_owned(),
            advice: None,
            retry_url: None,
            ..person.clone()
        };
        vec![("person", person), ("developer", developer), ("bare", bare)]
    }
}
