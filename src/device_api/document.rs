//! Builds the OpenAPI 3.0 document of the device API. Needs no database.

use super::{
    challenges::Challenges, device::Device, enrollments::Enrollments, events::Events, key::Key,
    transport::Transport, uv_credential::UvCredential,
};
use crate::http::urls::Path;
use poem_openapi::{ExtraHeader, OpenApiService};

/// All operations, by resource.
pub type Apis = (Enrollments, Challenges, Events, Transport, Device, UvCredential, Key);

/// Builds the service of all operations.
pub fn service() -> OpenApiService<Apis, ()> {
    let apis = (Enrollments, Challenges, Events, Transport, Device, UvCredential, Key);
    let nonce = ExtraHeader::new("Device-Nonce").description("The next proof's nonce; protocol §3.");
    OpenApiService::new(apis, "Countersign device API", "1")
        .description("The Countersign authenticator protocol, version 1: docs/authenticator-protocol.md.")
        .server(Path::Device.as_str())
        .extra_response_header::<Option<String>, _>(nonce)
}

/// Returns the document as stored in `openapi/device.json`.
pub fn document() -> String {
    service().spec() + "\n"
}
