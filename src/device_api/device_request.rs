//! Authenticates a device by the proof in `Device-Proof`, checked in the order of protocol §3.

use super::{
    action_error::refused,
    limits::Limits,
    problem::{Code, Problem},
    signed_request::SignedRequest,
};
use crate::{
    actions::{
        devices::{self, Authenticator},
        people,
    },
    app::{App, RequestContext, sealed_columns::device_nonce_key},
    audit::Actor,
    directory::Person,
    factors::push::{
        DeviceKey,
        device_proof::{DeviceProof, KeySource, ProofRefusal},
    },
    http::fields::single,
};
use ::entity::enums::AuthenticatorState;
use poem::{Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};
use std::{marker::PhantomData, sync::Arc};

/// The header with the device proof.
pub const DEVICE_PROOF: &str = "Device-Proof";

/// The device states in which an operation is allowed (protocol §3.1).
pub trait AllowedStates: Send + 'static {
    /// The allowed states.
    const STATES: &'static [AuthenticatorState];
}

/// Only active devices.
pub struct ActiveOnly;
/// Also devices whose enrollment is not confirmed yet.
pub struct IncludingPending;
/// Also suspended devices.
pub struct IncludingSuspended;

impl AllowedStates for ActiveOnly {
    const STATES: &'static [AuthenticatorState] = &[AuthenticatorState::Active];
}
impl AllowedStates for IncludingPending {
    const STATES: &'static [AuthenticatorState] =
        &[AuthenticatorState::PendingConfirm, AuthenticatorState::Active];
}
impl AllowedStates for IncludingSuspended {
    const STATES: &'static [AuthenticatorState] =
        &[AuthenticatorState::PendingConfirm, AuthenticatorState::Active, AuthenticatorState::Suspended];
}

/// A request of a device that has proved its key and is in an allowed state.
pub struct DeviceRequest<S> {
    /// The device.
    pub device: Authenticator,
    /// The device's owner.
    pub person: Person,
    /// The request's context, with the owner as actor.
    pub context: RequestContext,
    states: PhantomData<S>,
}

/// A request signed by a key without a device yet: an enrollment.
pub struct KeyRequest {
    /// The key's thumbprint.
    pub thumbprint: String,
    /// The request's context. The actor is anonymous: the key belongs to no device yet.
    pub context: RequestContext,
}

/// The data that the extractors need besides the request.
struct Extractor<'a> {
    app: &'a Arc<App>,
    limits: &'a Limits,
    context: &'a RequestContext,
    signed: &'a SignedRequest,
}

impl<'a> Extractor<'a> {
    fn of(request: &'a Request) -> Result<Self> {
        let shared = request.data::<Arc<App>>().zip(request.data::<Arc<Limits>>());
        match shared.zip(request.data::<RequestContext>().zip(request.data::<SignedRequest>())) {
            Some(((app, limits), (context, signed))) => Ok(Self { app, limits, context, signed }),
            None => Err(crate::fault::Fault::broken("the device API was called without its endpoint").into()),
        }
    }

    fn parse(&self, request: &Request, source: KeySource) -> Result<DeviceProof> {
        let field = single(request.headers(), DEVICE_PROOF).text();
        let field = field.ok_or(ProofRefusal::Invalid("this call needs the Device-Proof header, once"));
        field.and_then(|field| DeviceProof::parse(field, source)).map_err(|refusal| self.unproven(refusal))
    }

    fn verify(&self, proof: &DeviceProof, key: Option<&DeviceKey>) -> Result<(), ProofRefusal> {
        let nonce_key = device_nonce_key(&self.app.sealing);
        proof.verify(key, &self.signed.proved(), &nonce_key, self.context.now)
    }

    /// Returns the error for an unproven key. A missing nonce does not count as a failure.
    fn unproven(&self, refusal: ProofRefusal) -> poem::Error {
        let (code, detail) = match refusal {
            ProofRefusal::UseNonce => {
                return Problem::new(Code::UseNonce, "repeat once with the nonce of this reply").into();
            }
            ProofRefusal::Unknown => (Code::DeviceUnknown, "no device has proven this key"),
            ProofRefusal::Invalid(detail) => (Code::InvalidProof, detail),
        };
        let (source, now) = (self.context.rate_limit_prefix(), self.context.now);
        self.limits.refuse_unproven(source, now, Problem::new(code, detail)).into()
    }
}

impl<S: AllowedStates> DeviceRequest<S> {
    async fn check(request: &Request) -> Result<Self> {
        let extractor = Extractor::of(request)?;
        let proof = extractor.parse(request, KeySource::Stored)?;
        let (app, tenant) = (extractor.app, &extractor.context.tenant);
        let device = devices::find_by_key(app, tenant, proof.kid()).await?;
        let key = device.as_ref().and_then(key_of);
        if let Err(refusal) = extractor.verify(&proof, key.as_ref()) {
            if let (ProofRefusal::Unknown, Some(device)) = (refusal, &device) {
                devices::count_bad_signature(app, extractor.context, device).await.map_err(refused)?;
            }
            return Err(extractor.unproven(refusal));
        }
        let Some(device) = device else { return Err(extractor.unproven(ProofRefusal::Unknown)) };
        extractor.limits.count_proof(proof.kid(), extractor.context.now)?;
        let person = people::get(app, tenant, device.person_id()).await?;
        check_state(&device, &person, S::STATES)?;
        let context = extractor.context.by(Actor::Person(person.id));
        Ok(Self { device, person, context, states: PhantomData })
    }
}

impl KeyRequest {
    async fn check(request: &Request) -> Result<Self> {
        let extractor = Extractor::of(request)?;
        let proof = extractor.parse(request, KeySource::Header)?;
        extractor.verify(&proof, proof.jwk()).map_err(|refusal| extractor.unproven(refusal))?;
        extractor.limits.count_proof(proof.kid(), extractor.context.now)?;
        Ok(Self { thumbprint: proof.kid().to_owned(), context: extractor.context.clone() })
    }
}

/// Checks that the device's state is one of `states`.
pub fn check_state(
    device: &Authenticator,
    person: &Person,
    states: &[AuthenticatorState],
) -> Result<(), Problem> {
    let state = state_of(device, person);
    if state == AuthenticatorState::Revoked {
        return Err(Problem::new(Code::DeviceRevoked, "this device was removed"));
    }
    if !states.contains(&state) {
        return Err(not_active(state));
    }
    Ok(())
}

/// Returns a device's state. Devices of a disabled person count as suspended.
pub fn state_of(device: &Authenticator, person: &Person) -> AuthenticatorState {
    match device.state() {
        AuthenticatorState::Active if person.is_disabled => AuthenticatorState::Suspended,
        state => state,
    }
}

/// Returns the problem for a device whose state does not allow the operation.
pub fn not_active(state: AuthenticatorState) -> Problem {
    let detail = "the device is not confirmed yet, or is suspended; see `state`";
    Problem::new(Code::DeviceNotActive, detail).state(state.as_str())
}

/// Parses a device's stored key.
pub fn key_of(device: &Authenticator) -> Option<DeviceKey> {
    device.jwk().and_then(|jwk| DeviceKey::from_stored(jwk).ok())
}

/// Registers the security scheme in the OpenAPI document.
fn describe(registry: &mut Registry) {
    let scheme = MetaSecurityScheme {
        ty: "apiKey",
        description: Some("A JWS over method, address, body and nonce; docs/authenticator-protocol.md §3."),
        name: Some(DEVICE_PROOF),
        key_in: Some("header"),
        scheme: None,
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    };
    registry.create_security_scheme("DeviceProof", scheme);
}

/// Makes a request with a device proof an argument of operations, which then list its security scheme.
macro_rules! extract_with_proof {
    ([$($states:ident: $allowed:ident)?] $request:ty) => {
        impl<'a $(, $states: $allowed)?> ApiExtractor<'a> for $request {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                describe(registry);
            }

            fn security_schemes() -> Vec<&'static str> {
                vec!["DeviceProof"]
            }

            async fn from_request(
                request: &'a Request,
                _: &mut RequestBody,
                _: ExtractParamOptions<()>,
            ) -> Result<Self> {
                Self::check(request).await
            }
        }
    };
}

extract_with_proof!([S: AllowedStates] DeviceRequest<S>);
extract_with_proof!([] KeyRequest);
