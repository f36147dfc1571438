//! The endpoint of the device API: checks path, body and content type before an operation, and turns every
//! error into a problem document with a fresh nonce after it.

use super::{
    device_request::DEVICE_PROOF,
    document::{Apis, service},
    limits::Limits,
    missing_member,
    path_template::fits,
    problem::{Code, Problem},
    signed_request::SignedRequest,
};
use crate::{
    app::{App, sealed_columns::device_nonce_key},
    audit::Via,
    factors::push::{
        device_proof::make_nonce,
        jws::{Jws, Typ},
    },
    http::{fields::single, request_id::RequestId},
    limits::sizes::MAX_DEVICE_BODY_BYTES,
    web,
};
use http::{HeaderValue, Method, StatusCode, header};
use hyper::body::Bytes;
use poem::{
    Endpoint, EndpointExt, IntoEndpoint, Request, Response, Result, endpoint::BoxEndpoint,
    error::ResponseError,
};
use poem_openapi::{OpenApi, error::ParseRequestPayloadError};
use std::sync::Arc;

/// Returns the endpoint for everything under `/device/v1`.
pub fn endpoint() -> impl Endpoint<Output = Response> + 'static {
    let document = serde_json::from_str(&service().spec()).unwrap_or_default();
    let operations = service().into_endpoint();
    DeviceApi { operations, document, paths: paths(), limits: Arc::default() }.map_to_response()
}

struct DeviceApi {
    operations: BoxEndpoint<'static>,
    /// The document of the operations.
    document: serde_json::Value,
    paths: Vec<(String, Vec<String>)>,
    limits: Arc<Limits>,
}

impl Endpoint for DeviceApi {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let Some(app) = request.data::<Arc<App>>().cloned() else {
            return Err(crate::fault::Fault::broken("the device API was nested without an App").into());
        };
        let nonce = nonce_for(&request, &app);
        let id = RequestId::of(&request);
        let mut response = match self.answer(&app, &mut request).await {
            Ok(response) => response,
            Err(error) => problem(error, &id)?,
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(nonce) = nonce {
            headers.insert("device-nonce", nonce);
        }
        Ok(response)
    }
}

impl DeviceApi {
    async fn answer(&self, app: &Arc<App>, request: &mut Request) -> Result<Response> {
        self.check_operation(request)?;
        let body = body_of(request).await?;
        let context = web::context(app, request, Via::Device).await?;
        let signed = SignedRequest::of(request, body.clone(), app);
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        request.set_body(body.clone());
        request.set_data(context);
        request.set_data(signed);
        request.set_data(Arc::clone(&self.limits));
        let answer = self.operations.call(std::mem::take(request)).await;
        answer.map_err(|error| self.name_missing_member(error, (method.as_str(), &path), &body))
    }

    /// Says which member a body lacks that cannot be read.
    fn name_missing_member(
        &self,
        error: poem::Error,
        (method, path): (&str, &str),
        body: &[u8],
    ) -> poem::Error {
        if !error.is::<ParseRequestPayloadError>() {
            return error;
        }
        let missing = missing_member::find(&self.document, (method, path), body);
        missing.map_or(error, |name| {
            let detail = format!("the body is not what this operation takes: the member `{name}` is missing");
            Problem::new(Code::InvalidRequest, detail).into()
        })
    }

    /// Checks that the operation exists. It comes first, so that a wrong path or method is not reported as a
    /// problem of the body.
    fn check_operation(&self, request: &Request) -> Result<(), Problem> {
        let path = request.uri().path();
        let Some((_, methods)) = self.paths.iter().find(|(template, _)| fits(template, path)) else {
            return Err(Problem::new(Code::NotFound, "no operation has this path"));
        };
        if methods.iter().any(|method| method == request.method().as_str()) {
            return Ok(());
        }
        let allow = HeaderValue::from_str(&methods.join(", "));
        let refusal =
            Problem::new(Code::MethodNotAllowed, "this path does not support the method; see `Allow`");
        Err(allow.map_or(refusal.clone(), |allow| refusal.allow(allow)))
    }
}

/// Turns an error into a problem document. Passes a fault on to the middleware, which logs it.
fn problem(error: poem::Error, id: &RequestId) -> Result<Response> {
    let refusal = match error.downcast_ref::<Problem>() {
        Some(refusal) => refusal.clone(),
        None => match error.status() {
            StatusCode::BAD_REQUEST => {
                Problem::new(Code::InvalidRequest, super::unreadable::in_words(&error))
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE => media_type(),
            _ => return Err(error),
        },
    };
    Ok(refusal.request_id(id).as_response())
}

/// Reads the body, if it is JSON and not larger than the call allows.
async fn body_of(request: &mut Request) -> Result<Bytes> {
    if !matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH) {
        return Ok(request.take_body().into_bytes().await?);
    }
    let path = request.uri().path();
    let carries_registration = path.ends_with("/complete") || path.ends_with("/uv-credential");
    let largest = if carries_registration { MAX_DEVICE_BODY_BYTES.0 } else { MAX_DEVICE_BODY_BYTES.1 };
    let is_json = request
        .content_type()
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"));
    let body = request.take_body().into_bytes_limit(largest).await.map_err(|error| match error {
        poem::error::ReadBodyError::PayloadTooLarge => {
            poem::Error::from(Problem::new(Code::TooLarge, format!("expected at most {largest} bytes")))
        }
        other => other.into(),
    })?;
    if is_json { Ok(body) } else { Err(media_type().into()) }
}

fn media_type() -> Problem {
    Problem::new(Code::UnsupportedMediaType, "expected Content-Type: application/json")
}

/// Returns a nonce for the key of the request's proof, if the proof can be parsed.
fn nonce_for(request: &Request, app: &App) -> Option<HeaderValue> {
    let proof = Jws::parse(single(request.headers(), DEVICE_PROOF).text()?, Typ::Proof).ok()?;
    HeaderValue::from_str(&make_nonce(&device_nonce_key(&app.sealing), proof.kid(), app.now())).ok()
}

/// Returns every path of the document with its methods.
fn paths() -> Vec<(String, Vec<String>)> {
    let paths = <Apis as OpenApi>::meta().into_iter().flat_map(|api| api.paths);
    let methods = |operations: Vec<poem_openapi::registry::MetaOperation>| {
        operations.iter().map(|operation| operation.method.as_str().to_owned()).collect()
    };
    paths.map(|path| (path.path, methods(path.operations))).collect()
}
