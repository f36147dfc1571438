//! The enrollment page of an authenticator, from the offer to the confirmation code.

use crate::themes::{FormTarget, Frame, Page, StepFrame};
use serde::Serialize;

/// Enrolls an authenticator. Its forms post to `/signin/enroll`: `confirmation`, `ticket`, or `decision` = `allow` to
/// begin or to begin again.
#[derive(Clone, Debug, Serialize)]
pub struct EnrollPage {
    /// The layout data.
    pub frame: Frame,
    /// The sign-in.
    pub step: StepFrame,
    /// The person's username.
    pub username: String,
    /// The state of the enrollment.
    pub enrollment: EnrollStage,
    /// The version of the state; the page waits for later versions.
    pub version: u64,
    /// The error of the last confirmation code.
    pub error: Option<String>,
}

/// The state of an enrollment.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum EnrollStage {
    /// Not begun, and not before the code of an operator was typed.
    Ticket {
        /// Seconds until another attempt is allowed.
        retry_after_seconds: Option<u64>,
    },
    /// Not begun.
    Ready,
    /// The page shows a QR code, a link and an activation code for a device.
    Offered {
        /// The QR code of the link, as an `<svg>` element.
        qr_svg: String,
        /// The link.
        link: String,
        /// The activation code, as `XXXXX-XXXXX`.
        activation_code: String,
        /// The URL of the authenticator, for typing the code.
        authenticator_url: String,
        /// Seconds until the offer expires.
        seconds_left: u64,
    },
    /// A device has claimed the enrollment and is registering.
    Claimed,
    /// A device is registered and shows its confirmation code.
    Completed {
        /// The device's name.
        device: String,
    },
    /// Failed; `error` holds the reason.
    Failed,
    /// Not completed in time.
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
        let ticket = |retry_after_seconds| at(EnrollStage::Ticket { retry_after_seconds });
        let ticket_wrong = Self {
            error: Some("That code is not right, or it was used, or it is older than an hour.".to_owned()),
            ..ticket(None)
        };
        let ticket_locked =
            Self { error: Some("Too many wrong codes in a row.".to_owned()), ..ticket(Some(840)) };
        vec![
            ("ticket", ticket(None)),
            ("ticket_wrong", ticket_wrong),
            ("ticket_locked", ticket_locked),
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
