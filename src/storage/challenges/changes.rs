//! Changes of a challenge by its devices and its browser: fetched, answered, consumed.

use crate::{
    clock::Timestamp,
    factors::{Receipt, push::ChallengeTransition},
    storage::{Executor, Fault, Topic, Transaction, people, transitions::change_at},
};
use ::entity::{
    challenge::{Column, Entity, Model},
    challenge_device,
    enums::ChallengeState,
    ids::{AuthenticatorId, BrowserSessionId, ChallengeId, JourneyId, PersonId},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};

/// Locks the person's row until the transaction ends, so that concurrent challenges are counted one after the
/// other.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_person(tx: &Transaction, person: PersonId) -> Result<(), Fault> {
    people::lock(tx, person).await.map(drop)
}

/// Records that a device has fetched the challenge: `pending` becomes `delivered`, once.
///
/// # Errors
/// When the database does not answer.
pub async fn deliver(
    tx: &Transaction,
    id: ChallengeId,
    device: AuthenticatorId,
    now: Timestamp,
) -> Result<(), Fault> {
    challenge_device::Entity::update_many()
        .col_expr(challenge_device::Column::DeliveredAt, Expr::value(now))
        .filter(challenge_device::Column::ChallengeId.eq(id))
        .filter(challenge_device::Column::AuthenticatorId.eq(device))
        .filter(challenge_device::Column::DeliveredAt.is_null())
        .exec(tx.connection())
        .await?;
    let delivered = change_at::<Entity>(ChallengeTransition::Fetch, now)
        .filter(Column::Id.eq(id))
        .exec_with_returning(tx.connection())
        .await?;
    announce_first(tx, &delivered);
    Ok(())
}

/// An answer of a device.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The change of the challenge's state.
    pub transition: ChallengeTransition,
    /// The answering device.
    pub by: AuthenticatorId,
    /// The reason of a denial or a report.
    pub reason: Option<String>,
    /// Digest of the signed bytes.
    pub digest: Vec<u8>,
    /// Whether the device verified its user; `None` where that was not requested.
    pub user_verified: Option<bool>,
    /// The time by which the browser must consume an approval.
    pub consume_by: Option<Timestamp>,
}

/// Records an answer; `true` for the first one in time, `false` for every other. A report also replaces an
/// approval that its browser has not consumed.
///
/// # Errors
/// When the database does not answer.
pub async fn answer(
    tx: &Transaction,
    id: ChallengeId,
    answer: Answer,
    now: Timestamp,
) -> Result<bool, Fault> {
    let answered = change_at::<Entity>(answer.transition, now)
        .col_expr(Column::AnsweredBy, Expr::value(answer.by))
        .col_expr(Column::AnsweredAt, Expr::value(now))
        .col_expr(Column::ConsumeBy, Expr::value(answer.consume_by))
        .col_expr(Column::Reason, Expr::value(answer.reason))
        .col_expr(Column::AnswerDigest, Expr::value(answer.digest))
        .col_expr(Column::UserVerified, Expr::value(answer.user_verified))
        .filter(Column::Id.eq(id))
        .exec_with_returning(tx.connection())
        .await?;
    Ok(announce_first(tx, &answered))
}

/// Consumes an approval for the sign-in that requested it: at most one caller gets the receipt, and only in
/// time.
///
/// # Errors
/// When the database does not answer.
pub async fn consume(
    tx: &Transaction,
    id: ChallengeId,
    journey: JourneyId,
    now: Timestamp,
) -> Result<Option<Receipt>, Fault> {
    let consumed = change_at::<Entity>(ChallengeTransition::Consume, now)
        .filter(Column::Id.eq(id).and(Column::JourneyId.eq(journey)))
        .exec_with_returning(tx.connection())
        .await?;
    Ok(announce_first(tx, &consumed).then(Receipt::from_storage))
}

/// Records that the person has reported a consumed approval: `true` for the first report. The challenge stays
/// consumed.
///
/// # Errors
/// When the database does not answer.
pub async fn report_consumed(tx: &Transaction, id: ChallengeId, now: Timestamp) -> Result<bool, Fault> {
    let reported = Entity::update_many()
        .col_expr(Column::ReportedAt, Expr::value(now))
        .filter(Column::Id.eq(id).and(Column::ReportedAt.is_null()))
        .filter(Column::State.eq(ChallengeState::Consumed))
        .exec(tx.connection())
        .await?;
    Ok(reported.rows_affected == 1)
}

/// Records the session that came of the approval which this sign-in has consumed.
///
/// # Errors
/// When the database does not answer.
pub async fn note_session(
    tx: &Transaction,
    journey: JourneyId,
    session: BrowserSessionId,
) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::SessionId, Expr::value(session))
        .filter(Column::JourneyId.eq(journey).and(Column::State.eq(ChallengeState::Consumed)))
        .exec(tx.connection())
        .await?;
    Ok(())
}

fn announce_first(tx: &Transaction, moved: &[Model]) -> bool {
    if let Some(challenge) = moved.first() {
        tx.announce(Topic::Challenge(challenge.id));
        tx.announce(Topic::Devices(challenge.person_id));
    }
    !moved.is_empty()
}
