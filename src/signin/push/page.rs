//! The page of the push step, by how far the request is. It never sends one: a GET rings no phone.

use super::{
    history::PushHistory,
    status,
    take::{has_lost_its_phone, is_device_active},
};
use crate::{
    app::{App, sealed_columns},
    directory::{FactorKind, Person},
    factors::push::qr,
    journey::Step,
    limits::push::{Limit, NotBefore},
    signin::{
        enroll::notice,
        identifier::{Query, redirect_to_current_step},
        load::{Loaded, LoadedSignIn},
        page,
        password::{seconds_until, username, why},
        visit::Visit,
    },
    storage::{
        Fault, authenticators,
        challenges::{self, Challenge, NUMBER_MISMATCH},
        people,
    },
    themes::{DeniedPage, PushChallenge, PushPage, PushQr, PushState, ReportedPage, in_words, qr_svg},
};
use ::entity::challenge::ChallengeState;
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// The page.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = Visit::of(app, request);
    let query = Query::of(request);
    let loaded = match LoadedSignIn::find(app, &visit, query.handles()).await? {
        Loaded::Open(loaded) => *loaded,
        Loaded::Closed(loaded) => return closed(app, &visit, &loaded).await,
    };
    let step = loaded.step(&visit);
    let newest = status::newest(&app.storage, &loaded).await?;
    let is_asked = step.asks_for(FactorKind::Push)
        || (!loaded.stored.state.journey.is_barred()
            && has_lost_its_phone(&app.storage, newest.as_ref()).await?);
    let person = loaded.stored.state.journey.person();
    let (true, Some(person)) = (is_asked, person) else {
        return redirect_to_current_step(app, &visit, &loaded, &step).await;
    };
    let person = people::get(&app.storage, person).await?;
    let history = PushHistory::load(&app.storage, &person, visit.now).await?;
    let shows_qr = query.get("show") == Some("qr");
    let notice = notice(&query, FactorKind::Push);
    let view = View { app, visit: &visit, loaded: &loaded, step: &step, person: &person, shows_qr, notice };
    match newest {
        Some(challenge) if challenge.state == ChallengeState::Denied => {
            page::show(&view.denied(&challenge, &history).await?)
        }
        challenge => page::show(&view.waiting(challenge.as_ref(), &history).await?),
    }
}

/// A sign-in that is over: by a report, or because its answer has gone to the relying party.
async fn closed(app: &App, visit: &Visit, loaded: &LoadedSignIn) -> Result<Response> {
    let challenge = status::newest(&app.storage, loaded).await?;
    let Some(challenge) = challenge.filter(|challenge| challenge.state == ChallengeState::Reported) else {
        return Err(loaded.finished().into_error(app, visit).await);
    };
    let person = people::get(&app.storage, challenge.person_id).await?;
    page::show(&ReportedPage {
        frame: page::frame(app).await?,
        step: loaded.page_step(app, visit, None),
        muted_seconds: seconds_until(person.push_muted_until, visit.now),
        change_password_url: None,
        help_desk: None,
    })
}

/// What the page is made from.
struct View<'a> {
    app: &'a App,
    visit: &'a Visit,
    loaded: &'a LoadedSignIn,
    step: &'a Step,
    person: &'a Person,
    /// Whether it is the QR code that is to be seen: never at first, for typing is what everyone can do.
    shows_qr: bool,
    /// Why a person who was adding a phone is asked for one.
    notice: Option<String>,
}

impl View<'_> {
    async fn waiting(&self, challenge: Option<&Challenge>, history: &PushHistory) -> Result<PushPage, Fault> {
        let Self { app, visit, loaded, .. } = *self;
        let shown = match challenge {
            Some(challenge) => Some(self.shown(challenge).await?),
            None => None,
        };
        let is_open = challenge.is_some_and(|challenge| is_open(status::state_at(challenge, visit.now)));
        let may_ask = history.may_ask(loaded.stored.id, visit.now);
        let was_refused = loaded.stored.state.push_limited_until.is_some_and(|until| until > visit.now);
        // While a request is open, when the next may follow interests only whoever has just tried.
        let limit = may_ask.err().filter(|_| !is_open || was_refused);
        let is_silent = is_open && history.is_silent(visit.now);
        let devices = self.devices(challenge.filter(|_| is_open)).await?;
        let error = if devices.is_empty() {
            Some(nobody_to_ask(challenge))
        } else {
            let notice = self.notice.clone().filter(|_| challenge.is_none());
            limit.map(sentence).or_else(|| is_silent.then(silent)).or(notice)
        };
        Ok(PushPage {
            frame: page::frame(app).await?,
            step: loaded.page_step(app, visit, self.why()),
            username: username(app, loaded).await?,
            sends_itself: challenge.is_none() && error.is_none(),
            devices,
            retry_after_seconds: seconds_until(limit.map(|limit| limit.at), visit.now),
            error: error.or_else(|| removed(challenge, shown.as_ref())),
            challenge: shown,
            may_enter_code: self.step.asks_for(FactorKind::Totp),
            authenticator_url: app.addresses.authenticator_url.clone(),
        })
    }

    async fn denied(&self, challenge: &Challenge, history: &PushHistory) -> Result<DeniedPage, Fault> {
        let Self { app, visit, loaded, .. } = *self;
        let is_mismatch = challenge.reason.as_deref() == Some(NUMBER_MISMATCH);
        let limit = history.may_ask(loaded.stored.id, visit.now).err();
        let what =
            is_mismatch.then(|| "The number typed on the phone was not the one shown here.".to_owned());
        let wait = seconds_until(limit.map(|limit| limit.at), visit.now);
        let wait = wait.map(|seconds| format!("Another request can be sent in {}.", in_words(seconds)));
        let message = match (what, wait) {
            (Some(what), Some(wait)) => Some(format!("{what} {wait}")),
            (None, Some(wait)) => {
                Some(format!("The request was turned down, so you are not signed in. {wait}"))
            }
            (what, None) => what,
        };
        Ok(DeniedPage {
            frame: page::frame(app).await?,
            step: loaded.page_step(app, visit, self.why()),
            message,
            // A wait of seconds is over before the page is read; pressed too early, the page says how long is left.
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

    /// The names of the devices that were asked, or would be.
    async fn devices(&self, challenge: Option<&Challenge>) -> Result<Vec<String>, Fault> {
        let storage = &self.app.storage;
        let mut devices = authenticators::list_active(storage, self.person.id).await?;
        devices.retain(authenticators::is_phone);
        match challenge {
            Some(challenge) => {
                let asked = challenges::list_devices(storage, challenge.id).await?;
                devices.retain(|device| asked.iter().any(|asked| asked.authenticator_id == device.id));
            }
            None => {
                let policy = &self.app.directory.pool(self.person.pool_id).await?.policy.push;
                devices.truncate(usize::from(policy.fanout));
            }
        }
        Ok(devices.into_iter().map(|device| device.name).collect())
    }

    async fn shown(&self, challenge: &Challenge) -> Result<PushChallenge, Fault> {
        let now = self.visit.now;
        let number = sealed_columns::challenge_number(challenge.id);
        let number = self.app.sealing.rows().open(&number, &challenge.number_sealed).unwrap_or_default();
        let lifetime = challenge.expires_at.seconds_since(challenge.created_at);
        Ok(PushChallenge {
            state: self.state(challenge).await?,
            number: String::from_utf8_lossy(&number).into_owned(),
            may_scan: challenge.qr_sealed.is_some(),
            qr: self.qr(challenge)?,
            version: u64::try_from(status::version_at(challenge, now)).unwrap_or_default(),
            device: status::device_name(&self.app.storage, challenge).await?,
            seconds_left: seconds_until(Some(challenge.expires_at), now).unwrap_or_default(),
            lifetime_seconds: u64::try_from(lifetime).unwrap_or_default(),
        })
    }

    fn qr(&self, challenge: &Challenge) -> Result<Option<PushQr>, Fault> {
        let Some(sealed) = challenge.qr_sealed.as_ref().filter(|_| self.shows_qr) else { return Ok(None) };
        let nonce = self.app.sealing.rows().open(&sealed_columns::challenge_qr(challenge.id), sealed);
        let nonce = nonce.ok_or_else(|| Fault::broken("challenge.qr_sealed does not open"))?;
        let authenticator = &self.app.addresses.authenticator_url;
        let text = qr::link(authenticator, challenge.id, &String::from_utf8_lossy(&nonce));
        let svg = qr_svg(&text)
            .map_err(|error| Fault::because("the link of a challenge does not fit into a QR code", error))?;
        Ok(Some(PushQr { text, svg }))
    }

    /// An approval by a device that is no longer in use will not be taken.
    async fn state(&self, challenge: &Challenge) -> Result<PushState, Fault> {
        Ok(match status::state_at(challenge, self.visit.now) {
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

fn is_open(state: ChallengeState) -> bool {
    matches!(state, ChallengeState::Pending | ChallengeState::Delivered)
}

/// Why no request is sent now.
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
    "Your phone stays silent after the last answers. Open the authenticator on it: the request waits there."
        .to_owned()
}

/// A person whose phone was set aside is led nowhere by signing in again: somebody has to look at it.
fn nobody_to_ask(challenge: Option<&Challenge>) -> String {
    let sentence = match challenge.and_then(|challenge| challenge.reason.as_deref()) {
        Some("device_suspended") => {
            "Your phone was set aside: something else answered in its name. Ask your help desk."
        }
        _ => "There is no phone to ask any more. Go back to the application and sign in again.",
    };
    sentence.to_owned()
}

/// A request that ended because its device did, whatever the device had answered.
fn removed(challenge: Option<&Challenge>, shown: Option<&PushChallenge>) -> Option<String> {
    let is_void = challenge?.state == ChallengeState::Approved && shown?.state == PushState::Superseded;
    let is_removed = is_void || challenge?.reason.as_deref() == Some("device_removed");
    is_removed.then(|| "The phone that was asked has been removed.".to_owned())
}
