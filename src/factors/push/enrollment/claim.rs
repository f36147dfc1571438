//! A device's claim: the first one locks the enrollment to its key.

use super::code::normalize_code;
use crate::factors::push::text::clean;
use ::entity::ids::EnrollmentId;
use serde::{Deserialize, Serialize};

/// Characters of what an authenticator says of itself.
const MAX_APP_INFO_CHARS: usize = 64;

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

impl Claim {
    /// A claim by exactly one of the two: enrollment and secret, or code.
    pub fn new(
        enrollment: Option<String>,
        secret: Option<String>,
        code: Option<String>,
        app: AppInfo,
    ) -> Result<Self, ClaimRefusal> {
        let by = match (enrollment, secret, code) {
            (Some(id), Some(secret), None) => {
                ClaimBy::Secret { enrollment: id.parse().map_err(|_| ClaimRefusal::Unknown)?, secret }
            }
            (None, None, Some(code)) => ClaimBy::Code(normalize_code(&code).ok_or(ClaimRefusal::Unknown)?),
            _ => return Err(ClaimRefusal::Invalid("expected either enrollment and secret, or code")),
        };
        let AppInfo { kind, version, platform } = app;
        let app = AppInfo {
            kind,
            version: clean(&version, MAX_APP_INFO_CHARS),
            platform: clean(&platform, MAX_APP_INFO_CHARS),
        };
        Ok(Self { by, app })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> EnrollmentId {
        "enr_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap()
    }

    fn claim(
        enrollment: Option<&str>,
        secret: Option<&str>,
        code: Option<&str>,
    ) -> Result<Claim, ClaimRefusal> {
        let app = AppInfo { kind: AppKind::Web, version: "1.0".into(), platform: " Li\u{202E}nux".into() };
        let text = |text: &str| text.to_owned();
        Claim::new(enrollment.map(text), secret.map(text), code.map(text), app)
    }

    #[test]
    fn a_claim_is_by_secret_or_by_code_and_not_by_both() {
        let known = id().to_string();
        let by_code = claim(None, None, Some("abcde-01234")).unwrap();
        assert_eq!(
            (by_code.by, by_code.app.platform.as_str()),
            (ClaimBy::Code("ABCDE01234".into()), "Linux")
        );
        let by_secret = claim(Some(&known), Some("s"), None).unwrap();
        assert_eq!(by_secret.by, ClaimBy::Secret { enrollment: id(), secret: "s".into() });
        for (enrollment, secret, code) in
            [(Some(&*known), Some("s"), Some("ABCDE01234")), (Some(&known), None, None), (None, None, None)]
        {
            assert!(matches!(claim(enrollment, secret, code), Err(ClaimRefusal::Invalid(_))));
        }
        assert_eq!(claim(None, None, Some("nonsense")), Err(ClaimRefusal::Unknown));
        assert_eq!(claim(Some("enr_"), Some("s"), None), Err(ClaimRefusal::Unknown));
    }
}
