//! The delivery of one leased row: its envelope, one send, and what follows from the outcome.

use super::lane::{Lane, Outcome};
use crate::clock::Timestamp;
use crate::factors::push::OutboxTransition;
use crate::outbox::carrier::Delivery;
use crate::outbox::decision::{DeliveryState, Next, decide};
use crate::outbox::envelope::{Address, Body, Envelope, Subscription};
use crate::outbox::queue::{Finished, QueueError, log_error};
use crate::outbox::web_push_address::WebPushAddress;
use crate::storage::outbox::{LeasedRow, Recipient};
use crate::storage::stored;
use ::entity::ids::AuthenticatorId;
use std::sync::Arc;

/// Seconds after which a letter that this version cannot read is tried again: a newer node may know it.
const UNKNOWN_LETTER_RETRY_SECONDS: i64 = 600;

/// A row that cannot be sent.
enum Unsendable {
    /// It will never be.
    Skip(&'static str),
    /// Another node may be able to.
    Later(&'static str),
}

impl Lane {
    pub(super) async fn deliver(self: Arc<Self>, row: LeasedRow) -> Outcome {
        let id = row.id;
        self.try_deliver(row).await.unwrap_or_else(|error| {
            let what = format!("outbox row {id} could not be closed; its lease will run out");
            log_error(&error, &what);
            Outcome::TriedAgain
        })
    }

    async fn try_deliver(&self, row: LeasedRow) -> Result<Outcome, QueueError> {
        let envelope = match self.envelope(&row).await? {
            Ok(envelope) => envelope,
            Err(unsendable) => return self.set_aside(&row, unsendable).await,
        };
        let host = self.hosts.of(&self.carrier.host(&envelope));
        let _turn = host.permits.acquire().await;
        let now = self.clock.now();
        if now >= row.expires_at {
            return self.expire(&row, letter_of(&envelope), now).await;
        }
        let delivery = match host.admit(now) {
            Ok(()) => {
                let delivery = self.carrier.send(&envelope, now).await;
                host.learn(&delivery, envelope.subscription(), self.clock.now());
                delivery
            }
            Err(instead) => instead,
        };
        let now = self.clock.now();
        let subscription = envelope.subscription();
        let others_are_accepted = subscription.is_some_and(|own| host.accepts_others(own, now));
        let delivery_state = DeliveryState {
            attempts: row.attempts,
            expires_at: row.expires_at,
            others_are_accepted,
            terms: self.terms,
        };
        self.report(&delivery, &envelope);
        self.conclude(&row, &envelope, decide(delivery, delivery_state, now), now).await
    }

    /// Builds the envelope, or returns the reason why the row cannot be sent.
    async fn envelope(&self, row: &LeasedRow) -> Result<Result<Envelope, Unsendable>, QueueError> {
        let (address, body) = match &row.recipient {
            None => return Ok(Err(Unsendable::Skip("the row names no recipient"))),
            Some(Recipient::Device(device)) => {
                let subscription = match self.subscription(*device).await? {
                    Ok(subscription) => subscription,
                    Err(why) => return Ok(Err(Unsendable::Skip(why))),
                };
                let Ok(message) = stored::read(row.payload.clone()) else {
                    return Ok(Err(Unsendable::Skip("the row holds no push message")));
                };
                (Address::WebPush(subscription), Body::Push(message))
            }
            Some(Recipient::Email { address, .. }) => {
                let Ok(message) = stored::read(row.payload.clone()) else {
                    return Ok(Err(Unsendable::Later("this version does not know the letter of the row")));
                };
                (Address::Email(address.clone()), Body::Email(message))
            }
        };
        let (id, workspace) = (row.id, row.workspace);
        let (created_at, expires_at) = (row.created_at, row.expires_at);
        Ok(Ok(Envelope { id, workspace, address, body, created_at, expires_at }))
    }

    /// Reads the device's subscription, or returns the reason why there is none.
    async fn subscription(
        &self,
        device: AuthenticatorId,
    ) -> Result<Result<Subscription, &'static str>, QueueError> {
        let Some(transport) = self.queue.transport_for(device).await? else {
            return Ok(Err("the device has no push subscription"));
        };
        let sealer = self.sealing_key.rows();
        let Some(address) = WebPushAddress::open(sealer, device, &transport.address) else {
            return Ok(Err("the push subscription cannot be opened with this sealing key"));
        };
        Ok(Ok(Subscription { device, address, vapid_kid: transport.vapid_kid, ctr: transport.ctr }))
    }

    /// Ends a row that cannot be sent, or leaves it to another node.
    async fn set_aside(&self, row: &LeasedRow, unsendable: Unsendable) -> Result<Outcome, QueueError> {
        let now = self.clock.now();
        match unsendable {
            Unsendable::Skip(why) => {
                let finished = finished(row, OutboxTransition::Skip, ("", why), now);
                self.queue.finish(finished).await?;
                Ok(Outcome::Closed)
            }
            Unsendable::Later(_) if now >= row.expires_at => self.expire(row, None, now).await,
            Unsendable::Later(why) => {
                let at = now.plus_seconds(UNKNOWN_LETTER_RETRY_SECONDS);
                self.queue.retry((row.id, self.carrier.kind()), at, why.to_owned()).await?;
                Ok(Outcome::TriedAgain)
            }
        }
    }

    /// Ends a row whose time is over: a push message is of no use any more, and a letter has failed.
    async fn expire(
        &self,
        row: &LeasedRow,
        letter: Option<&'static str>,
        now: Timestamp,
    ) -> Result<Outcome, QueueError> {
        let outcome = match &row.recipient {
            Some(Recipient::Email { .. }) => OutboxTransition::Fail,
            _ => OutboxTransition::Skip,
        };
        let why = ("expired", "it expired before it could be sent");
        self.queue.finish(Finished { letter, ..finished(row, outcome, why, now) }).await?;
        Ok(Outcome::Closed)
    }

    async fn conclude(
        &self,
        row: &LeasedRow,
        envelope: &Envelope,
        next: Next,
        now: Timestamp,
    ) -> Result<Outcome, QueueError> {
        match next {
            Next::Retry { not_before, error } => {
                self.queue.retry((row.id, self.carrier.kind()), not_before, error).await?;
                Ok(Outcome::TriedAgain)
            }
            Next::Finish { outcome, transport, code, error } => {
                let transport = envelope.subscription().map(|own| own.ctr).zip(transport);
                let letter = letter_of(envelope);
                let ended = finished(row, outcome, (code, ""), now);
                self.queue.finish(Finished { transport, letter, error, ..ended }).await?;
                Ok(Outcome::Closed)
            }
        }
    }

    /// Logs the outcome at a level that shows whether the operator can act on it.
    fn report(&self, delivery: &Delivery, envelope: &Envelope) {
        let (id, service) = (envelope.id, self.carrier.host(envelope));
        let Some(Subscription { device, .. }) = envelope.subscription() else {
            return match delivery {
                Delivery::Accepted => tracing::debug!(%id, %service, "a letter was accepted"),
                Delivery::Later { reason, .. } => {
                    tracing::warn!(%id, %service, %reason, "a letter is delayed")
                }
                Delivery::Failed(failure) => {
                    tracing::warn!(%id, %service, reason = %failure.reason, "a letter was rejected")
                }
                Delivery::Gone(reason) | Delivery::Suspect(reason) => {
                    tracing::warn!(%id, %service, %reason, "a letter was rejected")
                }
            };
        };
        match delivery {
            Delivery::Accepted => tracing::debug!(%device, %service, "a push message was accepted"),
            Delivery::Gone(reason) => {
                tracing::info!(%device, %service, %reason, "a push subscription is gone")
            }
            Delivery::Later { reason, .. } => {
                tracing::info!(%device, %service, %reason, "a push message is delayed")
            }
            Delivery::Suspect(reason) => tracing::warn!(
                %device, %service, %reason,
                "a push service refused a message: the subscription may be dead, or push.contact or the VAPID key is wrong"
            ),
            Delivery::Failed(failure) => {
                tracing::warn!(%device, %service, reason = %failure.reason, "a push message was rejected")
            }
        }
    }
}

fn letter_of(envelope: &Envelope) -> Option<&'static str> {
    match &envelope.body {
        Body::Email(message) => Some(message.letter.kind()),
        Body::Push(_) => None,
    }
}

fn finished(
    row: &LeasedRow,
    outcome: OutboxTransition,
    (code, error): (&'static str, &str),
    at: Timestamp,
) -> Finished {
    Finished {
        id: row.id,
        workspace: row.workspace,
        recipient: row.recipient.clone(),
        outcome,
        transport: None,
        letter: None,
        code,
        error: Some(error.to_owned()).filter(|error| !error.is_empty()),
        at,
    }
}
