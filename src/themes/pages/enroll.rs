//! Setting up the authenticator, from the offer to the confirmation code.

use crate::themes::{FormTarget, Frame, Page, StepFrame};
use serde::Serialize;

/// Enrolls an authenticator. All its forms post to `/signin/enroll`: `confirmation`, or `decision` = `allow` to begin
/// or to begin again.
#[derive(Clone, Debug, Serialize)]
pub struct EnrollPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The sign-in it belongs to.
    pub step: StepFrame,
    /// Whose authenticator it becomes.
    pub username: String,
    /// How far it is.
    pub enrollment: EnrollStage,
    /// The enrollment's version, from which the page listens on.
    pub version: u64,
    /// What was wrong with the last confirmation code.
    pub error: Option<String>,
}

/// How far an enrollment is.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum EnrollStage {
    /// Nothing was offered yet.
    Ready,
    /// A QR code, a link and a code wait for a device.
    Offered {
        /// The QR code of the link, as an `<svg>` element.
        qr_svg: String,
        /// The link.
        link: String,
        /// The code to type instead, as `XXXXX-XXXXX`.
        activation_code: String,
        /// Where the authenticator is opened to type it.
        authenticator_url: String,
        /// Seconds until the offer ends.
        seconds_left: u64,
    },
    /// A device took the offer and is setting itself up.
    Claimed,
    /// A device is set up and shows its confirmation code.
    Completed {
        /// The name it gave itself.
        device: String,
    },
    /// It ended without success; `error` says why.
    Failed,
    /// It was not finished in time.
    Expired,
}

impl Page for EnrollPage {
    const TEMPLATE: &'static str = "enroll.html";
    const FORM_TARGET: FormTarget = FormTarget::RelyingParty;

    fn samples() -> Vec<(&'static str, Self)> {
        let ready = Self {
            frame: Frame::sample(),
            step: StepFrame::sample(),
            username: "ada@northwind.example".to_owned(),
            enrollment: EnrollStage::Ready,
            version: 1,
            error: None,
        };
        let at = |enrollment| Self { enrollment, ..ready.clone() };
        let completed = at(EnrollStage::Completed { device: "Pixel 9".to_owned() });
        let wrong = Self {
            error: Some("That is not the code on the phone. You have 2 attempts left.".to_owned()),
            ..completed.clone()
        };
        let failed = Self {
            error: Some("Three wrong confirmation codes: that phone was not added.".to_owned()),
            ..at(EnrollStage::Failed)
        };
        vec![
            ("offered", at(EnrollStage::sample_offer())),
            ("claimed", at(EnrollStage::Claimed)),
            ("completed", completed),
            ("wrong", wrong),
            ("failed", failed),
            ("expired", at(EnrollStage::Expired)),
            ("ready", ready),
        ]
    }
}

impl EnrollStage {
    fn sample_offer() -> Self {
        let link = "https://id.northwind.example/authenticator/\
                    enroll#1.enr_5m2Xb7Qw1cT9kZ3rV8yN4g.Zk3v0sQx8mB1nC7yT2wL5aR9eU4iO6pD0fG3hJ8kXcM";
        Self::Offered {
            qr_svg: crate::themes::qr_svg(link).unwrap_or_default(),
            link: link.to_owned(),
            activation_code: "7K2MQ-X4T9C".to_owned(),
            authenticator_url: "https://id.northwind.example/authenticator/".to_owned(),
            seconds_left: 600,
        }
    }
}
