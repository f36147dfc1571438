//! Completes a claimed enrollment: registers a device that waits for its confirmation.

use super::state::{over, unknown};
use crate::{
    actions::{
        devices::{self, NewDevice},
        enrollment::{self, Ceremony, Enrollment, pool_and_account, verifier},
    },
    app::{App, RequestContext, Tenant, sealed_columns},
    clock::Timestamp,
    device_api::{
        action_error::refused,
        limits::Limits,
        policy::has_totp,
        problem::{Code, Problem},
        transport::{CheckedTransport, TransportStatus},
        words::{TransportKind, TransportReason},
    },
    directory::{Pool, UserVerification},
    factors::{
        push::{
            enrollment::{
                CONFIRMATION_DIGITS, ClaimedEnrollment, Completion, CompletionRefusal, confirmation_hash,
            },
            user_verification::UvCredential,
        },
        totp::{self, generate_seed},
    },
    fault::Fault,
    limits::lifetimes::CONFIRM_WITHIN_SECONDS,
};
use ::entity::{
    enums::EnrollmentState,
    ids::{AuthenticatorId, EnrollmentId},
};
use poem_openapi::Object;

/// A signed request body.
#[derive(Object)]
pub struct SignedBody {
    /// A compact JWS.
    pub jws: String,
}

/// A registered device that waits for its confirmation.
#[derive(Object)]
pub struct Completed {
    /// `dev_…`
    device_id: String,
    /// The code to type in the browser that began the enrollment.
    confirmation_code: String,
    /// End of the time to type the code, in Unix seconds.
    confirm_by: i64,
    /// The kind of the stored transport.
    transport: TransportKind,
    /// Why `none` was stored although the device requested another kind, as in `TransportStatus`; null
    /// otherwise.
    #[oai(nullable)]
    transport_reason: Option<TransportReason>,
    /// The account's TOTP seed, or null.
    #[oai(nullable)]
    totp: Option<TotpSeed>,
    /// The server's time, in Unix seconds.
    server_time: i64,
}

/// The account's TOTP seed and parameters.
#[derive(Object)]
struct TotpSeed {
    secret_base32: String,
    otpauth_uri: String,
    digits: u8,
    period: i64,
    algorithm: String,
}

/// Registers the device of a claimed enrollment; a repetition of the same bytes gets the same response.
pub async fn complete(
    app: &App,
    limits: &Limits,
    context: &RequestContext,
    id: EnrollmentId,
    jws: &str,
) -> poem::Result<Completed> {
    let now = context.now;
    let row = enrollment::find(app, &context.tenant, id).await?.ok_or_else(unknown)?;
    let completion = verify(&context.tenant, &row, jws).map_err(|refusal| match refusal.code {
        Code::DeviceUnknown => limits.refuse_unproven(context.rate_limit_prefix(), now, refusal),
        _ => refusal,
    })?;
    let (pool, _) = pool_and_account(app, &row).await?;
    if row.state_at(now) == EnrollmentState::Claimed {
        let credential = credential(app, context, (&row, &pool), &completion).await?;
        let transport = CheckedTransport::at_enrollment(app, &context.tenant, &completion.transport).await?;
        register(app, context, (&row, &pool), &completion, (credential, transport)).await?;
    }
    // Of concurrent completions, the row shows the winner.
    let row = enrollment::find(app, &context.tenant, id).await?.ok_or_else(unknown)?;
    let is_repeated = row.completion_digest() == Some(&completion.digest);
    match row.state_at(now) {
        EnrollmentState::Completed if is_repeated => Ok(reply(app, context, &row).await?),
        state => Err(over(state).into()),
    }
}

fn verify(tenant: &Tenant, row: &Enrollment, jws: &str) -> Result<Completion, Problem> {
    let (Some(nonce), Some(thumbprint)) = (row.nonce(), row.thumbprint()) else { return Err(unknown()) };
    let claimed = ClaimedEnrollment { issuer: tenant.issuer(), id: row.id(), nonce, thumbprint };
    Completion::verify(jws, &claimed).map_err(|refusal| match refusal {
        CompletionRefusal::Invalid(detail) => Problem::new(Code::InvalidRequest, detail),
        CompletionRefusal::DeviceUnknown => {
            Problem::new(Code::DeviceUnknown, "this enrollment was claimed by another key")
        }
    })
}

/// Verifies the credential that the device registers, as the policy requires.
async fn credential(
    app: &App,
    context: &RequestContext,
    (row, pool): (&Enrollment, &Pool),
    completion: &Completion,
) -> poem::Result<Option<UvCredential>> {
    let Some(response) = completion.uv.as_ref().filter(|response| !response.is_null()) else {
        return match pool.policy.push.user_verification {
            UserVerification::Required => {
                Err(Problem::new(Code::UvRequired, "`uv` must be a RegistrationResponseJSON").into())
            }
            UserVerification::Preferred | UserVerification::Off => Ok(None),
        };
    };
    let registration = Ceremony::of(row)?.registration;
    let verified = match (verifier(app, &context.tenant), registration) {
        (Some(verifier), Some(ceremony)) => verifier.finish_registration(response, &ceremony).ok(),
        _ => None,
    };
    let invalid = || Problem::new(Code::UvInvalid, "`uv` does not verify against the options of the offer");
    Ok(Some(verified.ok_or_else(invalid)?))
}

/// Writes device, transport and enrollment, unless a concurrent completion was faster.
async fn register(
    app: &App,
    context: &RequestContext,
    (row, pool): (&Enrollment, &Pool),
    completion: &Completion,
    (credential, transport): (Option<UvCredential>, CheckedTransport),
) -> poem::Result<()> {
    let now = context.now;
    let device = device(app, row, pool, completion, credential, now)?;
    let code = app.entropy.decimal(CONFIRMATION_DIGITS);
    let waiting = enrollment::Completion {
        authenticator_id: device.id,
        digest: completion.digest.to_vec(),
        confirmation_hash: confirmation_hash(&sealed_columns::code_key(&app.sealing), row.id(), &code),
        confirmation_sealed: app
            .sealing
            .rows()
            .seal(&sealed_columns::confirmation_code(row.id()), code.as_bytes()),
        confirm_by: now.plus_seconds(CONFIRM_WITHIN_SECONDS),
    };
    let transport = transport.for_device(app, device.id, 0, now);
    enrollment::complete(app, context, row, (device, transport), waiting).await.map_err(refused)
}

fn device(
    app: &App,
    row: &Enrollment,
    pool: &Pool,
    completion: &Completion,
    credential: Option<UvCredential>,
    now: Timestamp,
) -> Result<NewDevice, Fault> {
    let id = AuthenticatorId(app.entropy.id(now));
    let column = |error| Fault::because(format!("cannot serialize the columns of {id}"), error);
    let seed = has_totp(pool).then(|| generate_seed(app.entropy.as_ref()));
    Ok(NewDevice {
        id,
        workspace_id: row.workspace_id(),
        person_id: row.person_id(),
        name: completion.name.clone(),
        platform: completion.platform.clone(),
        app: serde_json::to_value(Ceremony::of(row)?.app).map_err(column)?,
        jwk: serde_json::to_value(&completion.key).map_err(column)?,
        thumbprint: completion.key.thumbprint(),
        uv_credential: credential.map(serde_json::to_value).transpose().map_err(column)?,
        persisted: completion.persisted,
        totp_seed: seed.map(|seed| app.sealing.rows().seal(&sealed_columns::totp_seed(id), &seed)),
        created_at: now,
    })
}

/// Builds the response to a completion from the stored rows.
async fn reply(app: &App, context: &RequestContext, row: &Enrollment) -> Result<Completed, Fault> {
    let broken = |what: &str| Fault::broken(format!("{what} of {} is missing or cannot be opened", row.id()));
    let id = row.authenticator_id().ok_or_else(|| broken("the device"))?;
    let device = devices::find(app, &context.tenant, id).await?.ok_or_else(|| broken("the device"))?;
    let open = |purpose: &str, sealed: &[u8]| app.sealing.rows().open(purpose, sealed);
    let code = row
        .confirmation_sealed()
        .and_then(|sealed| open(&sealed_columns::confirmation_code(row.id()), sealed))
        .and_then(|code| String::from_utf8(code).ok())
        .ok_or_else(|| broken("the confirmation code"))?;
    let totp = match device.totp_seed() {
        None => None,
        Some(sealed) => {
            let seed = open(&sealed_columns::totp_seed(id), sealed).ok_or_else(|| broken("the seed"))?;
            Some(totp_seed(app, &context.tenant, row, &seed).await?)
        }
    };
    let transport = TransportStatus::of_device(app, &device).await?;
    Ok(Completed {
        device_id: id.to_string(),
        confirmation_code: code,
        confirm_by: row.confirm_by().map(Timestamp::unix_seconds).unwrap_or_default(),
        transport: transport.kind,
        transport_reason: transport.reason,
        totp,
        server_time: context.now.unix_seconds(),
    })
}

async fn totp_seed(app: &App, tenant: &Tenant, row: &Enrollment, seed: &[u8]) -> Result<TotpSeed, Fault> {
    let (_, account) = pool_and_account(app, row).await?;
    let issuer = &tenant.workspace.display_name;
    Ok(TotpSeed {
        secret_base32: totp::secret_base32(seed),
        otpauth_uri: totp::otpauth_uri(issuer, &account, seed),
        digits: totp::CODE_DIGITS,
        period: totp::PERIOD_SECONDS,
        algorithm: "SHA1".to_owned(),
    })
}
