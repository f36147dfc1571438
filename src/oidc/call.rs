//! A request to an endpoint for clients, with the state that its handler needs.

use crate::{
    app::App,
    clock::Timestamp,
    http::{form_type::has_form, request_id::RequestId, source::Source},
    protocol::{EchoedValue, OAuthError, OAuthReason, Parameters, form_pairs},
};
use http::header;
use poem::Request;

/// A request, handled at a single instant.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) app: &'a App,
    pub(super) request: &'a Request,
    pub(super) now: Timestamp,
}

impl<'a> Call<'a> {
    /// Wraps a request and reads the clock once.
    pub(super) fn new(app: &'a App, request: &'a Request) -> Self {
        Self { app, request, now: app.now() }
    }

    /// Returns every `Authorization` header. A value that is not text becomes empty, which no scheme matches.
    pub(super) fn authorization(&self) -> Vec<&'a str> {
        let headers = self.request.headers().get_all(header::AUTHORIZATION);
        headers.into_iter().map(|value| value.to_str().unwrap_or_default()).collect()
    }

    /// Reads the parameters of the body; parameters in the query are refused.
    pub(super) fn form(&self, body: &[u8]) -> Result<Parameters, OAuthError> {
        Parameters::refuse_in_address(self.request.uri().query())?;
        if !body.is_empty() && !has_form(self.request) {
            let received = self.request.header(header::CONTENT_TYPE).unwrap_or_default();
            return Err(OAuthReason::ContentTypeUnsupported(EchoedValue::new(received)).into());
        }
        let text = std::str::from_utf8(body).map_err(|_| OAuthReason::FormMalformed)?;
        Parameters::parse(form_pairs(text).map_err(|_| OAuthReason::FormMalformed)?)
    }

    /// Returns the address that the request comes from.
    pub(super) fn source(&self) -> Source {
        Source::of(self.request)
    }

    /// Returns the id of the request, as it appears in the log.
    pub(super) fn id(&self) -> RequestId {
        RequestId::of(self.request)
    }
}
