//! Shows the page of the push step by the state of its challenge. It never sends one: a GET notifies no
//! phone.

use super::{
    history::PushHistory,
    status,
    take::{has_lost_its_phone, is_device_active},
};
use crate::{
    app::{App, sealed_columns},
    audit::Via,
    directory::{FactorKind, Person},
    factors::push::{WithdrawalReason, is_open, qr},
    journey::Step,
    limits::push::{Limit, NotBefore},
    signin::{
        enroll::notice,
        identifier::{Query, redirect_to_current_step},
        load::{Loaded, LoadedSignIn},
        password::{seconds_until, username, why},
    },
    storage::{
        Fault,
        authenticators::{self, Authenticator},
        challenges::{self, Challenge},
        people,
    },
    themes::{DeniedPage, PushChallenge, PushPage, PushQr, PushState, ReportedPage, in_words, qr_svg},
    web::{Browser, page},
};
use ::entity::enums::ChallengeState;
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Shows the page.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let query = Query::of(request);
    let loaded = match LoadedSignIn::find(app, &browser, query.handles()).await? {
        Loaded::Open(loaded) => *loaded,
        Loaded::Closed(loaded) => return closed(app, &browser, &loaded).await,
    };
    let step = loaded.step(&browser);
    let newest = status::newest(&app.storage, &loaded).await?;
    let is_asked = step.asks_for(FactorKind::Push)
        || (!loaded.stored.state.journey.is_barred()
            && has_lost_its_phone(&app.storage, newest.as_ref()).await?);
    let person = loaded.stored.state.journey.person();
    let (true, Some(person)) = (is_asked, person) else {
        return redirect_to_current_step(app, &browser, &loaded, &step);
    };
    let person = people::get(&app.storage, person).await?;
    let history = PushHistory::load(&app.storage, &person, browser.context.now).await?;
    let shows_qr = query.get("show") == Some("qr");
    let notice = notice(&query, FactorKind::Push);
    let view =
        View { app, browser: &browser, loaded: &loaded, step: &step, person: &person, shows_qr, notice };
    match newest {
        Some(challenge) if challenge.stored_state() == ChallengeState::Denied => {
            page::show(&view.denied(&challenge, &history).await?)
        }
        challenge => page::show(&view.waiting(challenge.as_ref(), &history).await?),
    }
}

/// Shows a sign-in that is over: ended by a report, or already answered to the relying party.
async fn closed(app: &App, browser: &Browser, loaded: &LoadedSignIn) -> Result<Response> {
    let challenge = status::newest(&app.storage, loaded).await?;
    let Some(challenge) = challenge.filter(|challenge| challenge.stored_state() == ChallengeState::Reported)
    else {
        return Err(loaded.finished().into_error(&browser.context));
    };
    let person = people::get(&app.storage, challenge.person_id()).await?;
    page::show(&ReportedPage {
        frame: page::frame(&browser.context),
        step: loaded.page_step(app, browser, None),
        muted_seconds: seconds_until(person.push_muted_until, browser.context.now),
        change_password_url: None,
        help_desk: None,
    })
}

/// The input of the page.
struct View<'a> {
    app: &'a App,
    browser: &'a Browser,
    loaded: &'a LoadedSignIn,
    step: &'a Step,
    person: &'a Person,
    /// Whether to show the QR code. Not at first: typing the number works on every phone.
    shows_qr: bool,
    /// Explains why the person is asked for a phone after trying to add one.
    notice: Option<String>,
}

impl View<'_> {
    async fn waiting(&self, challenge: Option<&Challenge>, history: &PushHistory) -> Result<PushPage, Fault> {
        let Self { app, browser, loaded, .. } = *self;
        let shown = match challenge {
            Some(challenge) => Some(self.shown(challenge).await?),
            None => None,
        };
        let is_open = challenge.is_some_and(|challenge| is_open(challenge.state_at(browser.context.now)));
        let may_ask = history.may_ask(loaded.stored.id, browser.context.now);
        let was_refused =
            loaded.stored.state.push_limited_until.is_some_and(|until| until > browser.context.now);
        // While a challenge is open, the time of the next one matters only after a refused attempt to send
        // it.
        let limit = may_ask.err().filter(|_| !is_open || was_refused);
        let is_silent = is_open && history.is_silent(browser.context.now);
        let devices = self.devices(challenge.filter(|_| is_open)).await?;
        let error = if devices.is_empty() {
            Some(no_device(challenge))
        } else {
            let notice = self.notice.clone().filter(|_| challenge.is_none());
            limit.map(sentence).or_else(|| is_silent.then(silent)).or(notice)
        };
        Ok(PushPage {
            frame: page::frame(&browser.context),
            step: loaded.page_step(app, browser, self.why()),
            username: username(app, loaded).await?,
            sends_itself: challenge.is_none() && error.is_none(),
            devices,
            retry_after_seconds: seconds_until(limit.map(|limit| limit.at), browser.context.now),
            error: error.or_else(|| removed(challenge, shown.as_ref())),
            challenge: shown,
            may_enter_code: self.step.asks_for(FactorKind::Totp),
            authenticator_url: app.addresses.authenticator_url.clone(),
        })
    }

    async fn denied(&self, challenge: &Challenge, history: &PushHistory) -> Result<DeniedPage, Fault> {
        let Self { app, browser, loaded, .. } = *self;
        let is_mismatch = challenge.is_mismatch();
        let limit = history.may_ask(loaded.stored.id, browser.context.now).err();
        let what =
            is_mismatch.then(|| "The number typed on the phone was not the one shown here.".to_owned());
        let wait = seconds_until(limit.map(|limit| limit.at), browser.context.now);
        let wait = wait.map(|seconds| format!("Another request can be sent in {}.", in_words(seconds)));
        let message = match (what, wait) {
            (Some(what), Some(wait)) => Some(format!("{what} {wait}")),
            (None, Some(wait)) => {
                Some(format!("The request was turned down, so you are not signed in. {wait}"))
            }
            (what, None) => what,
        };
        Ok(DeniedPage {
            frame: page::frame(&browser.context),
            step: loaded.page_step(app, browser, self.why()),
            message,
            // The resend delay of a few seconds passes while the page is read. Pressed too early, the button
            // leads to a page with the remaining time.
            may_send_again: limit.is_none_or(|limit| matches!(limit.limit, Limit::Resend)),
            may_enter_code: self.step.asks_for(FactorKind::Totp),
            help_desk: None,
        })
    }

    fn why(&self) -> Option<String> {
        match self.step {
            Step::Prove { reasons, .. } => why(reasons, &self.loaded.client.name),
            _ => None,
        }
    }

    /// Returns the names of the devices that were asked, or would be asked.
    async fn devices(&self, challenge: Option<&Challenge>) -> Result<Vec<String>, Fault> {
        let storage = &self.app.storage;
        let mut devices = authenticators::list_active(storage, self.person.id).await?;
        devices.retain(Authenticator::is_phone);
        match challenge {
            Some(challenge) => {
                let asked = challenges::list_devices(storage, challenge.id()).await?;
                devices.retain(|device| asked.iter().any(|asked| asked.authenticator_id == device.id()));
            }
            None => {
                let policy = &self.app.directory.pool(self.person.pool_id).await?.policy.push;
                devices.truncate(usize::from(policy.fanout));
            }
        }
        Ok(devices.into_iter().map(Authenticator::into_name).collect())
    }

    async fn shown(&self, challenge: &Challenge) -> Result<PushChallenge, Fault> {
        let now = self.browser.context.now;
        let number = sealed_columns::challenge_number(challenge.id());
        let number = self.app.sealing.rows().open(&number, challenge.number_sealed()).unwrap_or_default();
        let lifetime = challenge.expires_at().seconds_since(challenge.created_at());
        Ok(PushChallenge {
            state: self.state(challenge).await?,
            number: String::from_utf8_lossy(&number).into_owned(),
            may_scan: challenge.qr_sealed().is_some(),
            qr: self.qr(challenge)?,
            version: u64::try_from(challenge.version_at(now)).unwrap_or_default(),
            device: status::device_name(&self.app.storage, challenge).await?,
            seconds_left: seconds_until(Some(challenge.expires_at()), now).unwrap_or_default(),
            lifetime_seconds: u64::try_from(lifetime).unwrap_or_default(),
        })
    }

    fn qr(&self, challenge: &Challenge) -> Result<Option<PushQr>, Fault> {
        let Some(sealed) = challenge.qr_sealed().filter(|_| self.shows_qr) else { return Ok(None) };
        let nonce = self.app.sealing.rows().open(&sealed_columns::challenge_qr(challenge.id()), sealed);
        let nonce = nonce.ok_or_else(|| Fault::broken("cannot open challenge.qr_sealed"))?;
        let authenticator = &self.app.addresses.authenticator_url;
        let text = qr::link(authenticator, challenge.id(), &String::from_utf8_lossy(&nonce));
        let svg = qr_svg(&text)
            .map_err(|error| Fault::because("the link of a challenge does not fit into a QR code", error))?;
        Ok(Some(PushQr { text, svg }))
    }

    /// Returns the state for the page. An approval by a device that is no longer active cannot be consumed,
    /// so it counts as superseded.
    async fn state(&self, challenge: &Challenge) -> Result<PushState, Fault> {
        Ok(match challenge.state_at(self.browser.context.now) {
            ChallengeState::Pending => PushState::Pending,
            ChallengeState::Delivered => PushState::Delivered,
            ChallengeState::Approved if is_device_active(&self.app.storage, challenge).await? => {
                PushState::Approved
            }
            ChallengeState::Denied => PushState::Denied,
            ChallengeState::Reported => PushState::Reported,
            ChallengeState::Expired => PushState::Expired,
            ChallengeState::Approved | ChallengeState::Superseded | ChallengeState::Consumed => {
                PushState::Superseded
            }
        })
    }
}

/// Returns the sentence that says why no challenge is sent now.
fn sentence(limit: NotBefore) -> String {
    let sentence = match limit.limit {
        Limit::Resend => "A request was sent just now.",
        Limit::Budget => "Many requests have been sent already.",
        Limit::BackOff => "Several requests in a row were not approved.",
        Limit::Open => "Other sign-ins are waiting for an answer on your phone.",
        Limit::Mismatches => "Wrong numbers were typed on the phone too often.",
    };
    sentence.to_owned()
}

fn silent() -> String {
    "Your phone gets no notification right now, because requests were refused. Open the authenticator on it to answer."
        .to_owned()
}

/// Returns the sentence for a person without an active phone. For a suspended phone signing in again does not
/// help: the help desk has to restore it.
fn no_device(challenge: Option<&Challenge>) -> String {
    let sentence = match challenge.and_then(Challenge::withdrawal_reason) {
        Some(WithdrawalReason::DeviceSuspended) => {
            "Your phone was suspended because answers in its name looked suspicious. Contact your help desk."
        }
        _ => "There is no phone to ask any more. Go back to the application and sign in again.",
    };
    sentence.to_owned()
}

/// Returns the sentence for a challenge that ended because its device was removed, whatever the device had
/// answered.
fn removed(challenge: Option<&Challenge>, shown: Option<&PushChallenge>) -> Option<String> {
    let is_void =
        challenge?.stored_state() == ChallengeState::Approved && shown?.state == PushState::Superseded;
    let reason = challenge.and_then(Challenge::withdrawal_reason);
    let is_removed = is_void || reason == Some(WithdrawalReason::DeviceRemoved);
    is_removed.then(|| "The phone that was asked has been removed.".to_owned())
}
