//! The bytes that a device proof covers: method, address and body.

use crate::{app::App, factors::push::device_proof::ProvedRequest};
use hyper::body::Bytes;
use poem::Request;

/// The signed parts of a request.
#[derive(Clone, Debug)]
pub struct SignedRequest {
    method: String,
    uri: String,
    body: Bytes,
}

impl SignedRequest {
    /// Keeps the signed parts of `request`, whose body was read.
    pub fn of(request: &Request, body: Bytes, app: &App) -> Self {
        let path = request.original_uri().path();
        Self {
            method: request.method().as_str().to_owned(),
            uri: format!("{}{path}", app.authenticator_origin()),
            body,
        }
    }

    /// Returns what a device proof has to match.
    pub fn proved(&self) -> ProvedRequest<'_> {
        ProvedRequest { method: &self.method, uri: &self.uri, body: &self.body }
    }
}
