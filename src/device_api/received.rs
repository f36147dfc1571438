//! A request as received: the input of the device proof and of the audit log.

use crate::{
    app::App,
    audit::AuditSource,
    clock::Timestamp,
    factors::push::device_proof::ProvedRequest,
    http::{request_id::RequestId, source::Source},
    limits::sizes::MAX_USER_AGENT_CHARS,
};
use hyper::body::Bytes;
use poem::{FromRequest, Request, RequestBody, Result};
use url::Url;

/// A request with its time.
#[derive(Clone, Debug)]
pub struct Received {
    /// The time of the request and of everything that it causes.
    pub now: Timestamp,
    /// The source address.
    pub source: Source,
    /// The source for the audit log.
    pub audit_source: AuditSource,
    /// The bytes of the body.
    pub body: Bytes,
    method: String,
    uri: String,
}

impl Received {
    /// Records a request with its body.
    pub fn of(request: &Request, body: Bytes, app: &App) -> Self {
        let source = Source::of(request);
        let path = request.original_uri().path();
        Self {
            now: app.now(),
            source,
            audit_source: AuditSource {
                address: Some(source.address.to_string()),
                agent: request
                    .header("user-agent")
                    .map(|agent| agent.chars().take(MAX_USER_AGENT_CHARS).collect()),
                request_id: Some(RequestId::of(request).as_str().to_owned()),
            },
            body,
            method: request.method().as_str().to_owned(),
            uri: format!("{}{path}", authenticator_origin(app)),
        }
    }

    /// Returns what a device proof has to match.
    pub fn proved(&self) -> ProvedRequest<'_> {
        ProvedRequest { method: &self.method, uri: &self.uri, body: &self.body }
    }
}

/// Returns the origin under which devices know the server, whatever host the request names.
pub fn authenticator_origin(app: &App) -> String {
    let url = &app.addresses.authenticator_url;
    Url::parse(url).map_or_else(|_| app.issuer().to_owned(), |url| url.origin().ascii_serialization())
}

impl<'a> FromRequest<'a> for Received {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        request.data::<Self>().cloned().ok_or_else(|| {
            crate::storage::Fault::broken("the device API was called without its endpoint").into()
        })
    }
}
