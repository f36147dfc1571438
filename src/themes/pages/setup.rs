//! The set-up forms for the first person and the first client.

use crate::themes::{FormTarget, Frame, Handle, Page};
use serde::Serialize;

/// One of the two set-up forms.
#[derive(Clone, Debug, Serialize)]
pub struct SetupPage {
    /// The layout data.
    pub frame: Frame,
    /// The URL that the form posts to.
    pub action: String,
    /// The CSRF token, posted in the hidden field `csrf`.
    pub csrf: String,
    /// The token of the one-time set-up link, posted in a hidden field.
    pub handle: Handle,
    /// The form.
    pub form: SetupForm,
    /// The errors of the last input, one per field.
    pub errors: Vec<SetupField>,
}

/// A set-up form with the earlier input; a password is never shown again.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SetupForm {
    /// Posts `username`, `name`, `email` and `password`.
    Person {
        /// The username.
        username: String,
        /// The full name.
        name: String,
        /// The e-mail address.
        email: String,
    },
    /// Posts `client_name` and `redirect_uri`.
    Client {
        /// The application's name.
        client_name: String,
        /// The application's redirect URI.
        redirect_uri: String,
    },
}

/// The error of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetupField {
    /// The field's name.
    pub name: &'static str,
    /// The error as a sentence.
    pub message: String,
}

impl Page for SetupPage {
    const TEMPLATE: &'static str = "setup.html";
    const FORM_TARGET: FormTarget = FormTarget::Ourselves;

    fn samples() -> Vec<(&'static str, Self)> {
        let person = Self {
            frame: Frame::sample(),
            action: "/setup".to_owned(),
            csrf: "k3Jq0vXc1mZ8Yb7tR2nW5g".to_owned(),
            handle: Handle::new("token", "one-time-token"),
            form: SetupForm::Person { username: String::new(), name: String::new(), email: String::new() },
            errors: Vec::new(),
        };
        let client = Self {
            form: SetupForm::Client { client_name: String::new(), redirect_uri: String::new() },
            ..person.clone()
        };
        let field = |name, message: &str| SetupField { name, message: message.to_owned() };
        let refused_person = Self {
            form: SetupForm::Person {
                username: "ada".to_owned(),
                name: "Ada Lovelace".to_owned(),
                email: "ada@northwind".to_owned(),
            },
            errors: vec![
                field("email", "“ada@northwind” is not an e-mail address: a domain with a dot is expected."),
                field("password", "The password has 5 characters; at least 8 are expected."),
            ],
            ..person.clone()
        };
        let refused_client = Self {
            form: SetupForm::Client {
                client_name: "Harbor Billing".to_owned(),
                redirect_uri: "billing.harbor.example/callback".to_owned(),
            },
            errors: vec![field(
                "redirect_uri",
                "An absolute address is expected, such as https://app.example/callback.",
            )],
            ..person.clone()
        };
        vec![
            ("person", person),
            ("client", client),
            ("refused_person", refused_person),
            ("refused_client", refused_client),
        ]
    }
}
