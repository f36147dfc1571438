//! Claims an enrollment: the first key that claims it locks it.

use super::{
    offer::{self, Offer},
    state::{over, unknown},
};
use crate::{
    actions::{
        devices,
        enrollment::{self, Ceremony, Claimant, Enrollment},
    },
    app::{App, sealed_columns::code_key},
    device_api::{
        action_error::refused,
        device_request::KeyRequest,
        limits::limited,
        problem::{Code, Problem},
    },
    factors::push::enrollment::{AppInfo, AppKind, Claim, ClaimBy, ClaimRefusal, code_hash, secret_hash},
};
use ::entity::enums::EnrollmentState;
use poem_openapi::{Enum, Object};
use subtle::ConstantTimeEq;

/// A claim by the enrollment and secret of a scanned link, or by a typed activation code.
#[derive(Object)]
pub struct ClaimRequest {
    /// `enr_…`
    enrollment: Option<String>,
    /// 43 characters of base64url.
    secret: Option<String>,
    /// The activation code.
    code: Option<String>,
    /// The claiming authenticator.
    app: ClaimingApp,
}

/// An authenticator's description of itself.
#[derive(Object)]
struct ClaimingApp {
    kind: ClaimingAppKind,
    version: String,
    platform: String,
}

/// The kind of authenticator.
#[derive(Clone, Copy, Enum)]
#[oai(rename_all = "snake_case")]
enum ClaimingAppKind {
    Web,
    Android,
    Ios,
    Other,
}

impl ClaimRequest {
    /// Converts the request to the pure rules' claim.
    pub fn into_claim(self) -> Result<Claim, ClaimRefusal> {
        let kind = match self.app.kind {
            ClaimingAppKind::Web => AppKind::Web,
            ClaimingAppKind::Android => AppKind::Android,
            ClaimingAppKind::Ios => AppKind::Ios,
            ClaimingAppKind::Other => AppKind::Other,
        };
        let app = AppInfo { kind, version: self.app.version, platform: self.app.platform };
        Claim::new(self.enrollment, self.secret, self.code, app)
    }
}

/// Locks the enrollment to the request's key and returns the offer.
pub async fn claim(
    app: &App,
    request: &KeyRequest,
    claim: Result<Claim, ClaimRefusal>,
) -> poem::Result<Offer> {
    let (source, now) = (request.context.rate_limit_prefix(), request.context.now);
    // A code has 50 bits, and the wrong secrets of one enrollment are counted by it: one address needs no limit of its
    // own, which would refuse a whole office after five typing errors of one person.
    let attempt = app.budgets.reserve(source, now).map_err(limited)?;
    let claim = match claim {
        Ok(claim) => claim,
        Err(ClaimRefusal::Invalid(detail)) => {
            return Err(Problem::new(Code::InvalidRequest, detail).into());
        }
        Err(ClaimRefusal::Unknown) => {
            attempt.keep();
            return Err(unknown().into());
        }
    };
    let Some(enrollment) = find(app, request, &claim.by).await? else {
        attempt.keep();
        return Err(unknown().into());
    };
    drop(attempt);
    if enrollment.stored_state() == EnrollmentState::Offered
        && enrollment.state_at(now) == EnrollmentState::Offered
    {
        lock(app, request, &enrollment, claim.app).await?;
    }
    // Of concurrent claims, the row shows the winner.
    let tenant = &request.context.tenant;
    let row = enrollment::find(app, tenant, enrollment.id()).await?.ok_or_else(unknown)?;
    let is_own = row.thumbprint() == Some(&request.thumbprint);
    match row.state_at(now) {
        EnrollmentState::Claimed if is_own => Ok(offer::offer(app, tenant, &row, now).await?),
        EnrollmentState::Claimed | EnrollmentState::Completed if !is_own => {
            enrollment::record_contest(app, &request.context, &row).await.map_err(refused)?;
            Err(Problem::new(Code::AlreadyClaimed, "another key claimed this enrollment first").into())
        }
        state => Err(over(state).into()),
    }
}

/// Finds the enrollment with the claim's secret or code.
async fn find(app: &App, request: &KeyRequest, by: &ClaimBy) -> poem::Result<Option<Enrollment>> {
    let tenant = &request.context.tenant;
    let (id, secret) = match by {
        ClaimBy::Code(code) => {
            let hash = code_hash(&code_key(&app.sealing), code);
            return Ok(enrollment::find_by_code(app, tenant, &hash).await?);
        }
        ClaimBy::Secret { enrollment, secret } => (*enrollment, secret),
    };
    let Some(enrollment) = enrollment::find(app, tenant, id).await? else { return Ok(None) };
    if bool::from(secret_hash(secret).as_slice().ct_eq(enrollment.secret_hash())) {
        return Ok(Some(enrollment));
    }
    enrollment::count_failed_claim(app, &request.context, &enrollment).await.map_err(refused)?;
    Ok(None)
}

/// Locks an offered enrollment to the key, unless a concurrent claim was faster.
async fn lock(
    app: &App,
    request: &KeyRequest,
    enrollment: &Enrollment,
    claimed_by: AppInfo,
) -> poem::Result<()> {
    if devices::is_key_enrolled(app, &request.thumbprint).await? {
        let detail = "this key is enrolled already; make a new one for each account";
        return Err(Problem::new(Code::KeyConflict, detail).into());
    }
    let ceremony = Ceremony::begin(app, &request.context.tenant, enrollment, claimed_by).await?;
    let by = Claimant { thumbprint: &request.thumbprint, ceremony };
    enrollment::claim(app, &request.context, enrollment, by).await.map_err(refused)
}
