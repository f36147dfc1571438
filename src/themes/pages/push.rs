//! The approval on the phone: about to be asked for, waited for, or over.

use crate::themes::{FormTarget, Frame, Page, StepFrame};
use serde::Serialize;

/// Waits for the approval; the script and the button post to `/signin/push`, another request comes from
/// `/signin/push/send`.
#[derive(Clone, Debug, Serialize)]
pub struct PushPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The sign-in it belongs to.
    pub step: StepFrame,
    /// Who is signing in.
    pub username: String,
    /// The names of the devices that ring, or would.
    pub devices: Vec<String>,
    /// The request that was sent; `None` when none was sent yet.
    pub challenge: Option<PushChallenge>,
    /// Whether a script sends the request at once. Only looked at when there is no challenge.
    pub sends_itself: bool,
    /// Seconds until another request may be sent.
    pub retry_after_seconds: Option<u64>,
    /// What there is to say about the last attempt.
    pub error: Option<String>,
    /// Whether a code can be entered instead.
    pub may_enter_code: bool,
    /// Where the authenticator opens in this browser.
    pub authenticator_url: String,
}

/// A request on its way to the phone.
#[derive(Clone, Debug, Serialize)]
pub struct PushChallenge {
    /// How far it is.
    pub state: PushState,
    /// The digits to type on the phone.
    pub number: String,
    /// Whether a QR code may be scanned instead.
    pub may_scan: bool,
    /// The QR code to scan within the authenticator; only for whoever asked to see it.
    pub qr: Option<PushQr>,
    /// Its version, from which the page listens on.
    pub version: u64,
    /// The device that has fetched it.
    pub device: Option<String>,
    /// Seconds until it expires.
    pub seconds_left: u64,
    /// Seconds it lives in all.
    pub lifetime_seconds: u64,
}

/// The QR code of a request.
#[derive(Clone, Debug, Serialize)]
pub struct PushQr {
    /// What it holds.
    pub text: String,
    /// Its picture, as an `<svg>` element.
    pub svg: String,
}

/// How far a request is; the word is the value of `data-state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PushState {
    /// Sent, and not seen yet.
    Pending,
    /// Fetched by a device.
    Delivered,
    /// Approved: the browser may go on.
    Approved,
    /// Denied, or answered with a wrong number.
    Denied,
    /// Reported as not caused by this person.
    Reported,
    /// Not answered in time.
    Expired,
    /// Replaced by a newer one.
    Superseded,
}

impl Page for PushPage {
    const TEMPLATE: &'static str = "push.html";
    const FORM_TARGET: FormTarget = FormTarget::RelyingParty;

    fn samples() -> Vec<(&'static str, Self)> {
        use PushState::{Approved, Delivered, Denied, Expired, Pending, Reported, Superseded};
        let ready = Self::sample();
        let slowed = Self {
            sends_itself: false,
            retry_after_seconds: Some(40),
            error: Some("Several requests in a row were not answered.".to_owned()),
            ..ready.clone()
        };
        let step_up = Self { step: StepFrame::sample_of_a_step_up(), ..ready.with(Pending, 90) };
        let one_device =
            Self { devices: vec!["Pixel 9".to_owned()], may_enter_code: false, ..ready.with(Delivered, 61) };
        let mismatched = Self {
            error: Some("The number typed on the phone was not the one shown here.".to_owned()),
            ..ready.with(Denied, 30)
        };
        let mut six_digits = ready.with(Pending, 75);
        if let Some(challenge) = &mut six_digits.challenge {
            challenge.number = "072914".to_owned();
            challenge.may_scan = false;
        }
        let mut scanned = ready.with(Pending, 83);
        if let Some(challenge) = &mut scanned.challenge {
            let text = "https://id.northwind.example/authenticator/#c=ch_EBESExQVFhcYGRobHB0eHw.ICEiIyQlJicoKSorLC0uLw";
            let svg = crate::themes::qr_svg(text).unwrap_or_default();
            challenge.qr = Some(PushQr { text: text.to_owned(), svg });
        }
        vec![
            ("six_digits", six_digits),
            ("pending", ready.with(Pending, 88)),
            ("scanned", scanned),
            ("step_up", step_up),
            ("delivered", one_device),
            ("approved", ready.with(Approved, 40)),
            ("denied", ready.with(Denied, 30)),
            ("mismatched", mismatched),
            ("reported", ready.with(Reported, 30)),
            ("expired", ready.with(Expired, 0)),
            ("superseded", ready.with(Superseded, 20)),
            ("slowed", slowed),
            ("ready", ready),
        ]
    }
}

impl PushPage {
    fn sample() -> Self {
        Self {
            frame: Frame::sample(),
            step: StepFrame::sample(),
            username: "ada@northwind.example".to_owned(),
            devices: vec!["Pixel 9".to_owned(), "Ada’s tablet".to_owned()],
            challenge: None,
            sends_itself: true,
            retry_after_seconds: None,
            error: None,
            may_enter_code: true,
            authenticator_url: "/authenticator/".to_owned(),
        }
    }

    fn with(&self, state: PushState, seconds_left: u64) -> Self {
        let device = (state != PushState::Pending).then(|| "Pixel 9".to_owned());
        let challenge = PushChallenge {
            state,
            number: "72".to_owned(),
            may_scan: true,
            qr: None,
            version: 3,
            device,
            seconds_left,
            lifetime_seconds: 90,
        };
        Self { challenge: Some(challenge), ..self.clone() }
    }
}
