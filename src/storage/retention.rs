//! Forgetting what has had its time. `docs/operators.md` says for every table when its rows go; a test compares.

use super::{Executor, Fault, Storage};
use crate::clock::Timestamp;
use ::entity::{
    access_token, attempt_counter, audit_event, authenticator, authorization_code, browser_session,
    challenge, enrollment, grant, ids::GrantId, journey, outbox, refresh_token,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, Statement,
    sea_query::Expr,
};

/// What is over is kept this long, so that a late repeat still gets its own answer: an hour.
const RETENTION_GRACE_SECONDS: i64 = 3600;
/// Challenges feed the budgets of a day, and counters the budgets of a month.
const DAY_SECONDS: i64 = 24 * 3600;
/// A phone that was removed learns so when it is opened within this time; later it is a stranger.
const REVOKED_DEVICE_RETENTION_SECONDS: i64 = 90 * DAY_SECONDS;
/// How far back a device's counters are kept: two copies of a key betray themselves within so many answers.
const KEPT_ANSWER_COUNTERS: i64 = 1_000;
/// What one unit deletes at most where a question has to look at much, so that nobody waits long behind it.
const AT_ONCE: i64 = 1_000;

/// Deletes rows that can no longer change any answer.
///
/// # Errors
/// When the database does not answer; what was deleted before that stays deleted.
pub async fn sweep(storage: &Storage, now: Timestamp) -> Result<(), Fault> {
    sweep_sign_ins(storage, now).await?;
    sweep_tokens(storage, now).await?;
    sweep_grants(storage, now).await?;
    sweep_devices(storage, now).await
}

/// Deletes the lines of the trail that are older than `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_audit_events_before(storage: &Storage, before: Timestamp) -> Result<(), Fault> {
    let tx = storage.begin().await?;
    audit_event::Entity::delete_many()
        .filter(audit_event::Column::At.lt(before))
        .exec(tx.connection())
        .await?;
    tx.commit().await
}

async fn sweep_sign_ins(storage: &Storage, now: Timestamp) -> Result<(), Fault> {
    let over = now.plus_seconds(-RETENTION_GRACE_SECONDS);
    let yesterday = now.plus_seconds(-2 * DAY_SECONDS);
    let tx = storage.begin().await?;
    let db = tx.connection();
    journey::Entity::delete_many().filter(journey::Column::ExpiresAt.lt(over)).exec(db).await?;
    browser_session::Entity::delete_many()
        .filter(browser_session::Column::ExpiresAt.lt(over))
        .exec(db)
        .await?;
    challenge::Entity::delete_many().filter(challenge::Column::CreatedAt.lt(yesterday)).exec(db).await?;
    enrollment::Entity::delete_many().filter(enrollment::Column::ExpiresAt.lt(yesterday)).exec(db).await?;
    outbox::Entity::delete_many()
        .filter(outbox::Column::ExpiresAt.lt(over).and(outbox::Column::State.ne(outbox::OutboxState::Queued)))
        .exec(db)
        .await?;
    attempt_counter::Entity::delete_many()
        .filter(attempt_counter::Column::LastAt.lt(now.plus_seconds(-31 * DAY_SECONDS)))
        .exec(db)
        .await?;
    tx.commit().await
}

async fn sweep_tokens(storage: &Storage, now: Timestamp) -> Result<(), Fault> {
    let over = now.plus_seconds(-RETENTION_GRACE_SECONDS);
    let tx = storage.begin().await?;
    let db = tx.connection();
    access_token::Entity::delete_many().filter(access_token::Column::ExpiresAt.lt(over)).exec(db).await?;
    // A code that comes back must still end what it gave, for as long as that may live.
    authorization_code::Entity::delete_many()
        .filter(authorization_code::Column::ExpiresAt.lt(now.plus_seconds(-90 * DAY_SECONDS)))
        .exec(db)
        .await?;
    refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::AbsoluteUntil.lt(now))
        .exec(db)
        .await?;
    // Whoever still holds the token could open the answer: it is kept only for as long as it may be repeated.
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::AnswerSealed, Expr::value(None::<Vec<u8>>))
        .col_expr(refresh_token::Column::AnswerUntil, Expr::value(None::<Timestamp>))
        .filter(refresh_token::Column::AnswerUntil.lte(now))
        .exec(db)
        .await?;
    tx.commit().await
}

/// A grant on which nothing hangs that could still be used: once dead, it stays so, and whatever is left of it goes
/// along.
const DEAD_GRANTS: &str = r#"
SELECT g.id FROM "grant" g
 WHERE g.created_at < $1
   AND NOT EXISTS (SELECT 1 FROM access_token t WHERE t.grant_id = g.id)
   AND (g.revoked_at < $1
        OR NOT EXISTS (SELECT 1 FROM refresh_token r
                        WHERE r.grant_id = g.id AND r.redeemed_at IS NULL AND r.idle_until > $1))
 LIMIT $2
"#;

#[derive(FromQueryResult)]
struct DeadGrant {
    id: GrantId,
}

async fn sweep_grants(storage: &Storage, now: Timestamp) -> Result<(), Fault> {
    let over = now.plus_seconds(-RETENTION_GRACE_SECONDS);
    loop {
        let statement =
            Statement::from_sql_and_values(storage.backend(), DEAD_GRANTS, [over.into(), AT_ONCE.into()]);
        let dead = DeadGrant::find_by_statement(statement).all(storage.connection()).await?;
        if dead.is_empty() {
            return Ok(());
        }
        let tx = storage.begin().await?;
        grant::Entity::delete_many()
            .filter(grant::Column::Id.is_in(dead.into_iter().map(|grant| grant.id)))
            .exec(tx.connection())
            .await?;
        tx.commit().await?;
    }
}

/// Counters so far behind the newest of their device.
const OLD_COUNTERS: &str = "
DELETE FROM answer_counter
 WHERE ctr <= (SELECT MAX(newest.ctr) FROM answer_counter newest
                WHERE newest.authenticator_id = answer_counter.authenticator_id) - $1
";

async fn sweep_devices(storage: &Storage, now: Timestamp) -> Result<(), Fault> {
    let tx = storage.begin().await?;
    let db = tx.connection();
    authenticator::Entity::delete_many()
        .filter(authenticator::Column::EndedAt.lt(now.plus_seconds(-REVOKED_DEVICE_RETENTION_SECONDS)))
        .exec(db)
        .await?;
    db.execute_raw(Statement::from_sql_and_values(
        storage.backend(),
        OLD_COUNTERS,
        [KEPT_ANSWER_COUNTERS.into()],
    ))
    .await?;
    tx.commit().await
}
