//! The claim of an enrollment by a device: the first valid claim locks the enrollment to the device's key.

use super::code::normalize_code;
use crate::factors::push::text::clean;
use ::entity::ids::EnrollmentId;
use serde::{Deserialize, Serialize};

/// Characters of a version or platform.
const MAX_APP_INFO_CHARS: usize = 64;

/// The authenticator app's description of itself, unverified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppInfo {
    /// The kind of app.
    pub kind: AppKind,
    /// The app's version.
    pub version: String,
    /// The operating system or browser.
    pub platform: String,
}

/// The kind of authenticator app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppKind {
    /// The web app.
    Web,
    /// A native Android app.
    Android,
    /// A native iOS app.
    Ios,
    /// Anything else.
    Other,
}

/// The credential of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimBy {
    /// The scanned link.
    Secret {
        /// The enrollment's id.
        enrollment: EnrollmentId,
        /// The enrollment's secret.
        secret: String,
    },
    /// The typed code, normalized.
    Code(String),
}

/// A well-formed claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The credential.
    pub by: ClaimBy,
    /// The claiming app.
    pub app: AppInfo,
}

/// The reason for refusing a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimRefusal {
    /// A member is missing or malformed; the text names the defect.
    Invalid(&'static str),
    /// A code or id of the wrong form: it counts as a failed claim.
    Unknown,
}

impl Claim {
    /// Creates a claim from exactly one of two credentials: enrollment and secret, or code.
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
    fn a_claim_has_either_a_secret_or_a_code() {
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
