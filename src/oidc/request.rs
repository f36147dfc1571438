//! Reads what a client sends: its `Authorization` header and the parameters in the body.

use crate::{
    http::{
        fields::{single, values},
        form_type::has_form,
    },
    protocol::{EchoedValue, OAuthError, OAuthReason, Parameters, form_pairs},
};
use http::header;
use poem::Request;

/// Returns every `Authorization` header. A value that is not text becomes empty, which no scheme matches.
pub(super) fn authorization(request: &Request) -> Vec<&str> {
    values(request.headers(), header::AUTHORIZATION).map(Option::unwrap_or_default).collect()
}

/// Reads the parameters of the body; parameters in the query are refused.
pub(super) fn parameters(request: &Request, body: &[u8]) -> Result<Parameters, OAuthError> {
    Parameters::refuse_in_address(request.uri().query())?;
    if !body.is_empty() && !has_form(request) {
        let received = single(request.headers(), header::CONTENT_TYPE).text().unwrap_or_default();
        return Err(OAuthReason::ContentTypeUnsupported(EchoedValue::new(received)).into());
    }
    let text = std::str::from_utf8(body).map_err(|_| OAuthReason::FormMalformed)?;
    Parameters::parse(form_pairs(text).map_err(|_| OAuthReason::FormMalformed)?)
}
