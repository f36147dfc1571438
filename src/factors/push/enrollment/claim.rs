//! A device's claim: the first one locks the enrollment to its key.

use super::code::normalize_code;
use crate::factors::push::text::clean;
use ::entity::ids::EnrollmentId;
use serde::{Deserialize, Serialize};

/// Characters of what an authenticator says of itself.
const LONGEST: usize = 64;

/// What an authenticator says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppInfo {
    /// `web`, `android`, `ios` or `other`.
    pub kind: AppKind,
    /// Its version.
    pub version: String,
    /// What it runs on.
    pub platform: String,
}

/// What kind of authenticator it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppKind {
    /// A web app.
    Web,
    /// A native app.
    Android,
    /// A native app.
    Ios,
    /// Anything else.
    Other,
}

/// By what an enrollment is claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimBy {
    /// The scanned link.
    Secret {
        /// The enrollment.
        enrollment: EnrollmentId,
        /// Its secret.
        secret: String,
    },
    /// The typed code, normalized.
    Code(String),
}

/// A claim that is well-formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// By what.
    pub by: ClaimBy,
    /// Who claims.
    pub app: AppInfo,
}

/// A body that names what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimRefusal {
    /// A member is missing or ill-formed.
    Invalid(&'static str),
    /// A code or id that cannot be any enrollment's: counted like a wrong one.
    Unknown,
}

#[derive(Deserialize)]
struct ClaimBody {
    #[serde(default)]
    enrollment: Option<String>,
    #[serde(default)]
    secret: Option<String>,
    #[serde(default)]
    code: Option<String>,
    app: AppInfo,
}

impl Claim {
    /// Reads the body of a claim.
    pub fn parse(body: &[u8]) -> Result<Self, ClaimRefusal> {
        let body: ClaimBody = serde_json::from_slice(body).map_err(|_| {
            ClaimRefusal::Invalid(
                "expected enrollment and secret, or code, and app with kind, version and platform",
            )
        })?;
        let by = match (body.enrollment, body.secret, body.code) {
            (Some(id), Some(secret), None) => {
                ClaimBy::Secret { enrollment: id.parse().map_err(|_| ClaimRefusal::Unknown)?, secret }
            }
            (None, None, Some(code)) => ClaimBy::Code(normalize_code(&code).ok_or(ClaimRefusal::Unknown)?),
            _ => return Err(ClaimRefusal::Invalid("expected either enrollment and secret, or code")),
        };
        let AppInfo { kind, version, platform } = body.app;
        let app = AppInfo { kind, version: clean(&version, LONGEST), platform: clean(&platform, LONGEST) };
        Ok(Self { by, app })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn id() -> EnrollmentId {
        "enr_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap()
    }

    #[test]
    fn a_claim_is_by_secret_or_by_code_and_not_by_both() {
        let app = json!({"kind": "web", "version": "1.0", "platform": "Linux"});
        let parse = |body: Value| Claim::parse(body.to_string().as_bytes());
        let by_code = parse(json!({"code": "abcde-01234", "app": app})).unwrap();
        assert_eq!(by_code.by, ClaimBy::Code("ABCDE01234".into()));
        let by_secret = parse(json!({"enrollment": id(), "secret": "s", "app": app})).unwrap();
        assert_eq!(by_secret.by, ClaimBy::Secret { enrollment: id(), secret: "s".into() });
        for body in [
            json!({"enrollment": id(), "secret": "s", "code": "ABCDE01234", "app": app}),
            json!({"enrollment": id(), "app": app}),
            json!({"code": ["ABCDE01234"], "app": app}),
            json!({"code": "ABCDE01234"}),
        ] {
            assert!(matches!(parse(body), Err(ClaimRefusal::Invalid(_))));
        }
        assert_eq!(parse(json!({"code": "nonsense", "app": app})), Err(ClaimRefusal::Unknown));
    }
}
