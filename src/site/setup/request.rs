//! A request to the set-up pages, and the pages that they share.

use crate::{
    app::App,
    http::urls::Path,
    themes::{Handle, SetupField, SetupForm, SetupPage},
    web::{Browser, Refusal, page},
};
use http::StatusCode;
use poem::{Error, Response, Result};

/// The application and the browser's request.
pub(super) struct SetupRequest<'a> {
    pub(super) app: &'a App,
    pub(super) browser: Browser,
}

impl SetupRequest<'_> {
    /// Shows one of the two forms.
    pub(super) async fn form(
        &self,
        handle: Handle,
        form: SetupForm,
        errors: Vec<SetupField>,
    ) -> Result<Response> {
        let known = self.browser.known_browser(self.app);
        let form = SetupPage {
            frame: page::frame(&self.browser.context),
            action: Path::Setup.as_str().to_owned(),
            csrf: known.form_token(self.app),
            handle,
            form,
            errors,
        };
        Ok(page::with_cookie(page::show(&form)?, known.set_cookie))
    }

    /// Returns the page for a link that is unknown, used or expired.
    pub(super) fn invalid_link(&self) -> Error {
        let refusal = Refusal {
            status: StatusCode::GONE,
            application: None,
            heading: "This set-up link does not work",
            message: "It was used, or it is older than an hour.".to_owned(),
            facts: Vec::new(),
            advice: "While nobody can sign in, a restart of the server prints a new link. Afterwards \
                     “countersign person add” and “countersign client add” do the same.",
            retry_url: None,
        };
        refusal.into_error(&self.browser.context)
    }
}
