//! Forgetting what has had its time.

use super::{Fault, Reads, Storage};
use crate::clock::Timestamp;
use ::entity::{
    access_token, attempt_counter, authorization_code, browser_session, challenge, enrollment, journey,
    outbox, refresh_token,
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};

/// What is over is kept this long, so that a late repeat still gets its own answer: an hour.
const GRACE_SECONDS: i64 = 3600;
/// Challenges feed the budgets of a day, and counters the budgets of a month.
const DAY_SECONDS: i64 = 24 * 3600;

/// Deletes rows that can no longer change any answer.
///
/// # Errors
/// When the database does not answer; what was deleted before that stays deleted.
pub async fn sweep(storage: &Storage, now: Timestamp) -> Result<(), Fault> {
    let over = now.plus_seconds(-GRACE_SECONDS);
    let yesterday = now.plus_seconds(-2 * DAY_SECONDS);
    let unit = storage.begin().await?;
    let db = unit.connection();
    journey::Entity::delete_many().filter(journey::Column::ExpiresAt.lt(over)).exec(db).await?;
    access_token::Entity::delete_many().filter(access_token::Column::ExpiresAt.lt(over)).exec(db).await?;
    // A code that comes back must still end what it gave, for as long as that may live.
    let absolute = now.plus_seconds(-90 * DAY_SECONDS);
    authorization_code::Entity::delete_many()
        .filter(authorization_code::Column::ExpiresAt.lt(absolute))
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
    unit.commit().await
}
