//! Shows the page of the push step by the state of its challenge. It never sends one: a GET notifies no
//! phone.

use super::sentences::{no_device, removed, reported_source, sentence, silent};
use crate::{
    actions::{
        approvals::{
            self, Challenge, PushHistory, device_name, has_lost_its_phone, is_device_active,
            person_and_history,
        },
        people,
        sign_in::{Loaded, LoadedSignIn, find, restart_url},
    },
    app::{App, sealed_columns},
    audit::Via,
    directory::{FactorKind::Push, Person},
    factors::push::{is_open, qr},
    fault::Fault,
    journey::Step,
    limits::push::Limit,
    signin::{
        error_page,
        factor_page::choices,
        navigation::{PageVisit, Query, redirect_to_current_step},
        step_page::{self, overtaken_notice, seconds_until, why},
    },
    themes::{DeniedPage, PushChallenge, PushPage, PushQr, PushState, ReportedPage, in_words, qr_svg},
    web::{Browser, page},
};
use ::entity::enums::ChallengeState;
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// The notice for a person who has got a phone elsewhere.
const OVERTAKEN: &str =
    "Another phone was added to this account, so nothing was added here. Sign in with that phone.";

/// Shows the page.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let query = Query::of(request);
    let found = find(browser.visit(app), query.handle()).await;
    let sign_in = match found.map_err(|error| error_page::show(&browser.context, error))? {
        Loaded::Open(loaded) => *loaded,
        Loaded::Closed(loaded) => return closed(app, &browser, &loaded).await,
    };
    let step = sign_in.step(browser.context.now);
    show(app, &PageVisit { browser, query, sign_in, step }).await
}

/// Shows the page of this sign-in, or leads to its current step.
pub(in crate::signin) async fn show(app: &App, visit: &PageVisit) -> Result<Response> {
    let PageVisit { browser, query, sign_in: loaded, step } = visit;
    let newest = newest(app, loaded).await?;
    let is_asked =
        step.asks_for(Push) || (!loaded.is_barred() && has_lost_its_phone(app, newest.as_ref()).await?);
    let person = loaded.person();
    let (true, Some(person)) = (is_asked, person) else {
        return redirect_to_current_step(app, browser, loaded, step);
    };
    let (person, history) = person_and_history(app, person, browser.context.now).await?;
    let shows_qr = query.get("show") == Some("qr");
    let notice = overtaken_notice(query, OVERTAKEN);
    let view = View { app, browser, loaded, step, person: &person, shows_qr, notice };
    match newest {
        Some(challenge) if challenge.stored_state() == ChallengeState::Denied => {
            page::show(&view.mismatched(&challenge, &history).await?)
        }
        challenge => page::show(&view.waiting(challenge.as_ref(), &history).await?),
    }
}

/// Shows a sign-in that is over: ended by a denial or a report, or already answered to the relying party.
async fn closed(app: &App, browser: &Browser, loaded: &LoadedSignIn) -> Result<Response> {
    let challenge = newest(app, loaded).await?;
    let Some(challenge) = challenge.filter(Challenge::has_stopped_its_sign_in) else {
        return Err(error_page::show(&browser.context, loaded.finished()));
    };
    if challenge.is_denied() {
        return page::show(&DeniedPage {
            frame: page::frame(&browser.context),
            step: step_page::frame(app, browser, loaded, None),
            message: None,
            may_send_again: false,
            choices: Vec::new(),
            restart_url: restart_url(app, loaded.tenant(), loaded.purpose(), browser.context.now),
            help_desk: None,
        });
    }
    let person = people::get(app, &browser.context.tenant, challenge.person_id()).await?;
    page::show(&ReportedPage {
        frame: page::frame(&browser.context),
        step: step_page::frame(app, browser, loaded, None),
        muted_seconds: seconds_until(person.push_muted_until, browser.context.now),
        change_password_url: None,
        help_desk: None,
    })
}

async fn newest(app: &App, loaded: &LoadedSignIn) -> Result<Option<Challenge>, Fault> {
    match loaded.is_stored() {
        true => approvals::newest(app, loaded.id()).await,
        false => Ok(None),
    }
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
        let may_ask = history.may_ask(loaded.id(), loaded.browser_hash(), browser.context.now);
        let was_refused = loaded.state().push_limited_until.is_some_and(|until| until > browser.context.now);
        // While a challenge is open, the time of the next one matters only after a refused attempt to send
        // it.
        let limit = may_ask.err().filter(|_| !is_open || was_refused);
        let is_silent = is_open && history.is_silent(browser.context.now);
        let devices = approvals::device_names(app, self.person, challenge.filter(|_| is_open)).await?;
        let blocked_until = approvals::source_blocked_until(app, &browser.context, self.person.id).await?;
        // Without a phone there is nothing to wait for.
        let limit = limit.filter(|_| !devices.is_empty());
        let error = if devices.is_empty() {
            Some(no_device(challenge))
        } else if blocked_until.is_some() {
            Some(reported_source())
        } else {
            let notice = self.notice.clone().filter(|_| challenge.is_none());
            limit.map(sentence).or_else(|| is_silent.then(silent)).or(notice)
        };
        Ok(PushPage {
            frame: page::frame(&browser.context),
            step: step_page::frame(app, browser, loaded, self.why()),
            username: loaded.shown_username(app).await?,
            sends_itself: challenge.is_none() && error.is_none(),
            devices,
            retry_after_seconds: seconds_until(
                blocked_until.or(limit.map(|limit| limit.at)),
                browser.context.now,
            ),
            error: error.or_else(|| removed(challenge, shown.as_ref())),
            challenge: shown,
            choices: choices(self.step, Push),
            authenticator_url: app.addresses.authenticator_url.clone(),
        })
    }

    /// Shows that a wrong number has ended the request. A denial ends the sign-in as well, and has the page of
    /// [`closed`].
    async fn mismatched(&self, challenge: &Challenge, history: &PushHistory) -> Result<DeniedPage, Fault> {
        let Self { app, browser, loaded, .. } = *self;
        let is_mismatch = challenge.is_mismatch();
        let limit = history.may_ask(loaded.id(), loaded.browser_hash(), browser.context.now).err();
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
            step: step_page::frame(app, browser, loaded, self.why()),
            message,
            // The resend delay of a few seconds passes while the page is read. Pressed too early, the button
            // leads to a page with the remaining time.
            may_send_again: is_mismatch && limit.is_none_or(|limit| matches!(limit.limit, Limit::Resend)),
            choices: if is_mismatch { choices(self.step, Push) } else { Vec::new() },
            restart_url: None,
            help_desk: None,
        })
    }

    fn why(&self) -> Option<String> {
        match self.step {
            Step::Prove { reasons, .. } => why(reasons, self.loaded.application()),
            _ => None,
        }
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
            device: device_name(self.app, challenge).await?,
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
            ChallengeState::Approved if is_device_active(self.app, challenge).await? => PushState::Approved,
            ChallengeState::Denied => PushState::Denied,
            ChallengeState::Reported => PushState::Reported,
            ChallengeState::Expired => PushState::Expired,
            ChallengeState::Approved | ChallengeState::Superseded | ChallengeState::Consumed => {
                PushState::Superseded
            }
        })
    }
}
