//! Sends a challenge to a person's devices.

use super::{push_history::PushHistory, status::newest_in, user_agent, withdraw};
use crate::{
    actions::reported_source,
    app::{App, RequestContext, sealed_columns},
    audit::{AuditEvent, about},
    clock::Timestamp,
    directory::{Client, Person, PushPolicy},
    factors::push::{
        WithdrawalReason,
        details::{Binding, Details, Kind},
        number, qr,
    },
    fault::Fault,
    outbox::{PushMessage, topic},
    storage::{
        Transaction,
        audit::about_challenge,
        authenticators::{self, Authenticator},
        challenges::{self, Challenge, NewChallenge},
        outbox::{self, NewDelivery, Recipient},
        people,
        transports::{self, Transport},
    },
};
use ::entity::{
    enums::ChallengeState,
    ids::{ChallengeId, JourneyId, OutboxId, PersonId},
};

/// The question to a person's devices: which sign-in asks, and for what.
pub(in crate::actions) struct Ask<'a> {
    /// The sign-in that waits for the approval, and alone may consume it.
    pub journey: JourneyId,
    /// The person who is signing in.
    pub person: PersonId,
    /// The client, whose name the devices show.
    pub client: &'a Client,
    /// SHA-256 of the cookie of the browser that waits.
    pub browser_hash: &'a [u8],
}

/// Sends a challenge to the devices of the person who is signing in, unless a limit refuses it: one
/// challenge, one row for each device, one message for each reachable device. Withdraws this sign-in's
/// earlier challenge.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn ask(
    app: &App,
    tx: &Transaction,
    context: &RequestContext,
    ask: &Ask<'_>,
) -> Result<(), Fault> {
    challenges::lock_person(tx, ask.person).await?;
    let person = people::get(tx, ask.person).await?;
    let policy = app.directory.of(person.workspace_id).pool(person.pool_id).await?.policy.push.clone();
    let devices = targets(tx, &person, &policy).await?;
    if person.is_disabled || devices.is_empty() {
        return Ok(());
    }
    let history = PushHistory::load(tx, &person, context.now).await?;
    if let Err(not_before) = history.may_ask(ask.journey, ask.browser_hash, context.now) {
        let event = AuditEvent::PushLimited { limit: not_before.limit.as_str() };
        let target = about(ask.journey).person(person.id).client(ask.client.key);
        return app.audit(tx, context, &event, target).await;
    }
    let source = reported_source::key(&person.id.to_string(), context.rate_limit_prefix());
    if reported_source::check(tx, &source, context.now).await?.is_err() {
        let target = about(ask.journey).person(person.id).client(ask.client.key);
        return app.audit(tx, context, &AuditEvent::PushLimited { limit: "reported_source" }, target).await;
    }
    withdraw(app, tx, challenges::ChallengeFilter::Journey(ask.journey), WithdrawalReason::Resent, context)
        .await?;
    if is_approved(tx, ask.journey, context.now).await? {
        return Ok(());
    }
    let challenge = Asking { app, context, ask, person: &person, policy: &policy }.challenge(&history);
    let challenge = insert(app, tx, challenge, &devices).await?;
    if !history.is_silent(context.now) {
        queue_messages(app, tx, &challenge, &devices).await?;
    }
    let event = AuditEvent::ChallengeCreated { devices: devices.len() };
    app.audit(tx, context, &event, about_challenge(&challenge).client(ask.client.key)).await
}

/// Returns whether the phone has approved the challenge that was to be withdrawn: the approval must not be
/// lost to a newer challenge. The person's row is locked, so that no answer can arrive after this check.
async fn is_approved(tx: &Transaction, journey: JourneyId, now: Timestamp) -> Result<bool, Fault> {
    let newest = newest_in(tx, journey).await?;
    Ok(newest.is_some_and(|challenge| challenge.state_at(now) == ChallengeState::Approved))
}

/// Returns the phones to ask, most recently used first.
async fn targets(
    tx: &Transaction,
    person: &Person,
    policy: &PushPolicy,
) -> Result<Vec<Authenticator>, Fault> {
    let mut devices = authenticators::list_active(tx, person.id).await?;
    devices.retain(Authenticator::is_phone);
    devices.truncate(usize::from(policy.fanout));
    Ok(devices)
}

/// The input of a challenge.
struct Asking<'a> {
    app: &'a App,
    context: &'a RequestContext,
    ask: &'a Ask<'a>,
    person: &'a Person,
    policy: &'a PushPolicy,
}

impl Asking<'_> {
    fn challenge(&self, history: &PushHistory) -> NewChallenge {
        let Self { app, context, ask, person, policy } = *self;
        let id = ChallengeId(app.entropy.id(context.now));
        let number = number::draw(app.entropy.as_ref(), policy.digits);
        let sealed = app.sealing.rows().seal(&sealed_columns::challenge_number(id), number.as_bytes());
        let code_key = sealed_columns::code_key(&app.sealing);
        let nonce = policy.qr.then(|| qr::draw(app.entropy.as_ref()));
        let seal =
            |nonce: &String| app.sealing.rows().seal(&sealed_columns::challenge_qr(id), nonce.as_bytes());
        NewChallenge {
            id,
            workspace_id: person.workspace_id,
            person_id: person.id,
            journey_id: Some(ask.journey),
            is_from_known_browser: history.knows(ask.browser_hash),
            details: self.details(history),
            number_hash: number::hash(&code_key, id, &number),
            number_sealed: sealed,
            digits: policy.digits,
            qr: nonce.as_ref().map(|nonce| (qr::hash(&code_key, id, nonce), seal(nonce))),
            created_at: context.now,
            expires_at: context.now.plus_seconds(i64::from(policy.lifetime_seconds)),
        }
    }

    fn details(&self, history: &PushHistory) -> String {
        let place = self.app.geoip.find(self.context.address());
        let flags = history.flags(self.app, self.ask.browser_hash, place.as_deref());
        let details = Details {
            kind: Kind::SignIn,
            app: &self.ask.client.name,
            account: &self.person.username,
            when: self.context.now,
            address: &self.context.address().to_string(),
            place: place.as_deref(),
            agent: &user_agent::in_words(self.context.agent.as_str()),
            flags: &flags,
            binding: if self.policy.qr { &[Binding::Number, Binding::Qr] } else { &[Binding::Number] },
        };
        details.text()
    }
}

async fn insert(
    app: &App,
    tx: &Transaction,
    challenge: NewChallenge,
    devices: &[Authenticator],
) -> Result<Challenge, Fault> {
    let targeted = devices.iter().map(|device| (device.id(), app.entropy.nonce()));
    challenges::insert_challenge(tx, challenge, targeted.collect()).await
}

/// Queues one message for each reachable device.
async fn queue_messages(
    app: &App,
    tx: &Transaction,
    challenge: &Challenge,
    devices: &[Authenticator],
) -> Result<(), Fault> {
    let journey = challenge.journey_id().map(|journey| journey.to_string()).unwrap_or_default();
    for device in devices {
        let transport = transports::find(tx, device.id()).await?;
        if !transport.as_ref().is_some_and(Transport::is_reachable) {
            continue;
        }
        let message = PushMessage::challenge(
            &app.addresses.authenticator_url,
            challenge.id(),
            device.id(),
            challenge.expires_at(),
            topic(device.id(), &journey),
        );
        let delivery = delivery_of(app, challenge, device, &message, challenge.created_at())?;
        outbox::queue(tx, delivery).await?;
    }
    Ok(())
}

fn delivery_of(
    app: &App,
    challenge: &Challenge,
    device: &Authenticator,
    message: &PushMessage,
    now: Timestamp,
) -> Result<NewDelivery, Fault> {
    let payload = serde_json::to_value(message)
        .map_err(|error| Fault::because("cannot serialize a push message as JSON", error))?;
    Ok(NewDelivery {
        id: OutboxId(app.entropy.id(now)),
        workspace: challenge.workspace_id(),
        recipient: Recipient::Device(device.id()),
        challenge: Some(challenge.id()),
        payload,
        expires_at: challenge.expires_at(),
        created_at: now,
    })
}
