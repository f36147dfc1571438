//! One visit of the set-up pages: whose browser it is, and what it sent.

use crate::{
    app::App,
    http::{cookies::Cookie, forgery, html::html},
    protocol::form_pairs,
    storage::Fault,
    themes::{ErrorPage, Frame, Handle, SetupField, SetupForm, SetupPage},
};
use http::{HeaderValue, StatusCode, header};
use poem::{Request, Response, Result};
use std::collections::BTreeMap;

/// A browser at the set-up pages.
pub(super) struct Visit<'a> {
    pub(super) app: &'a App,
    /// The secret of the browser's cookie.
    browser: String,
    /// The cookie to set, when the browser brought none.
    cookie: Option<HeaderValue>,
    request_id: String,
}

/// The fields of a form, the last of each name.
pub(super) type Fields = BTreeMap<String, String>;

impl<'a> Visit<'a> {
    /// The visit that this request is.
    pub(super) fn of(app: &'a App, request: &Request) -> Self {
        let brought = app.cookies.read(Cookie::Browser, request.headers()).map(str::to_owned);
        let browser = brought.clone().unwrap_or_else(|| app.entropy.secret());
        let cookie = brought.is_none().then(|| app.cookies.set(Cookie::Browser, &browser, None)).flatten();
        let request_id = crate::http::request_id::RequestId::of(request).to_string();
        Self { app, browser, cookie, request_id }
    }

    /// The form that was sent, if this browser was given it by us.
    pub(super) fn fields(&self, request: &Request, body: &str) -> Result<Fields, forgery::Forgery> {
        forgery::check_site(request.headers(), &self.app.public_url)?;
        let fields: Fields = form_pairs(body).unwrap_or_default().into_iter().collect();
        let token = fields.get("csrf").map(String::as_str).unwrap_or_default();
        self.app.form_tokens.verify(&self.browser, token)?;
        Ok(fields)
    }

    /// One of the two forms.
    pub(super) async fn form(
        &self,
        handle: Handle,
        form: SetupForm,
        errors: Vec<SetupField>,
    ) -> Result<Response> {
        let mut page = html(&SetupPage {
            frame: self.frame().await?,
            action: crate::http::urls::Path::Setup.as_str().to_owned(),
            csrf: self.app.form_tokens.issue(&self.browser),
            handle,
            form,
            errors,
        })?;
        if let Some(cookie) = &self.cookie {
            page.headers_mut().insert(header::SET_COOKIE, cookie.clone());
        }
        Ok(page)
    }

    /// The link is not good, or no longer.
    pub(super) async fn spent(&self) -> Result<Response> {
        let advice = "While nobody can sign in, a restart of the server prints a new link. Afterwards use \
                      `countersign person add` and `countersign client add`.";
        self.refusal(
            StatusCode::GONE,
            "This set-up link does not work",
            "It was used, or it is older than an hour.",
            advice,
        )
        .await
    }

    /// The form did not come from our page in this browser.
    pub(super) async fn forged(&self, why: forgery::Forgery) -> Result<Response> {
        let advice = "Open the set-up link again and fill in the form there.";
        self.refusal(StatusCode::FORBIDDEN, "This form was not accepted", &why.to_string(), advice).await
    }

    async fn refusal(
        &self,
        status: StatusCode,
        heading: &str,
        message: &str,
        advice: &str,
    ) -> Result<Response> {
        let page = ErrorPage {
            frame: self.frame().await?,
            application: None,
            heading: heading.to_owned(),
            message: message.to_owned(),
            facts: Vec::new(),
            advice: Some(advice.to_owned()),
            retry_url: None,
            request_id: self.request_id.clone(),
        };
        let mut page = html(&page)?;
        page.set_status(status);
        Ok(page)
    }

    /// What surrounds every page.
    pub(super) async fn frame(&self) -> Result<Frame, Fault> {
        let workspace = self.app.directory.workspace().await?;
        Ok(Frame { workspace: workspace.display_name.clone(), base: String::new() })
    }
}
