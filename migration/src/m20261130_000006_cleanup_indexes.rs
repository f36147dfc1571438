//! Indexes by which the hourly clean-up finds its rows, so that no statement of it reads a whole table.
//!
//! A refresh writes as many index entries as before: the one on `absolute_until` goes, because refresh tokens
//! are deleted with their grant, and one for stored responses is added, with entries only for rows that have
//! one.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const STATEMENTS: [&str; 12] = [
    "CREATE INDEX browser_session_expires_at_key ON browser_session (expires_at)",
    "CREATE INDEX challenge_created_at_key ON challenge (created_at)",
    "CREATE INDEX challenge_state_expires_at_key ON challenge (state, expires_at)",
    "CREATE INDEX enrollment_expires_at_key ON enrollment (expires_at)",
    "CREATE INDEX enrollment_state_expires_at_key ON enrollment (state, expires_at)",
    "CREATE INDEX outbox_expires_at_key ON outbox (expires_at) WHERE state <> 'queued'",
    "CREATE INDEX attempt_counter_last_at_key ON attempt_counter (last_at)",
    "CREATE INDEX authenticator_ended_at_key ON authenticator (ended_at) WHERE ended_at IS NOT NULL",
    "CREATE INDEX refresh_token_answer_until_key ON refresh_token (answer_until) WHERE answer_until IS NOT NULL",
    // The second column finds the token of a long family that was not redeemed yet.
    "CREATE INDEX refresh_token_grant_id_redeemed_at_key ON refresh_token (grant_id, redeemed_at)",
    "DROP INDEX refresh_token_grant_id_key",
    "DROP INDEX refresh_token_absolute_until_key",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
