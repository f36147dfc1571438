//! The push page: before, during and after the approval on the phone.

use crate::themes::{Choice, FormTarget, Frame, Page, StepFrame};
use serde::Serialize;

/// Waits for the approval. The script and the button post to `/signin/push`; `/signin/push/send` sends
/// another request.
#[derive(Clone, Debug, Serialize)]
pub struct PushPage {
    /// The layout data.
    pub frame: Frame,
    /// The sign-in.
    pub step: StepFrame,
    /// The person's username.
    pub username: String,
    /// The names of the devices that receive the challenge, or would receive it.
    pub devices: Vec<String>,
    /// The sent challenge; `None` before the first one.
    pub challenge: Option<PushChallenge>,
    /// Whether a script sends the challenge at once; used only without a challenge.
    pub sends_itself: bool,
    /// Seconds until another challenge is allowed.
    pub retry_after_seconds: Option<u64>,
    /// The error of the last attempt.
    pub error: Option<String>,
    /// The other factors that the person may use instead.
    pub choices: Vec<Choice>,
    /// The URL of the authenticator in this browser.
    pub authenticator_url: String,
}

/// A challenge to the person's devices.
#[derive(Clone, Debug, Serialize)]
pub struct PushChallenge {
    /// The state.
    pub state: PushState,
    /// The digits to type on the phone.
    pub number: String,
    /// Whether scanning a QR code is allowed instead.
    pub may_scan: bool,
    /// The QR code for scanning in the authenticator; present once the person asked for it.
    pub qr: Option<PushQr>,
    /// The version of the state; the page waits for later versions.
    pub version: u64,
    /// The name of the device that has fetched the challenge.
    pub device: Option<String>,
    /// Seconds until the challenge expires.
    pub seconds_left: u64,
    /// Lifetime of the challenge, in seconds.
    pub lifetime_seconds: u64,
}

/// The QR code of a challenge.
#[derive(Clone, Debug, Serialize)]
pub struct PushQr {
    /// The encoded link.
    pub text: String,
    /// The picture, as an `<svg>` element.
    pub svg: String,
}

/// The state of a challenge; the serialized name is the value of `data-state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PushState {
    /// Sent, and not fetched yet.
    Pending,
    /// Fetched by a device.
    Delivered,
    /// Approved: the browser may continue.
    Approved,
    /// Denied, or answered with a wrong number.
    Denied,
    /// Reported as not started by this person.
    Reported,
    /// Not answered in time.
    Expired,
    /// Replaced by a newer challenge.
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
            Self { devices: vec!["Pixel 9".to_owned()], choices: vec![], ..ready.with(Delivered, 61) };
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
            choices: vec![Choice::sample_of_a_code()],
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
