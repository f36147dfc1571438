//! The wider IPv6 networks in which the sign-ins in progress of a source are counted, and an index by which the audit
//! events of a person are found in the order of their times; and when the key of a device was replaced last.
//!
//! An older node leaves the new columns empty: its sign-ins count in their own network alone, as before.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const STATEMENTS: [&str; 6] = [
    "ALTER TABLE journey ADD COLUMN source_56 text",
    "ALTER TABLE journey ADD COLUMN source_48 text",
    "CREATE INDEX journey_source_56_key ON journey (source_56) WHERE source_56 IS NOT NULL",
    "CREATE INDEX journey_source_48_key ON journey (source_48) WHERE source_48 IS NOT NULL",
    "ALTER TABLE authenticator ADD COLUMN key_replaced_at bigint",
    "CREATE INDEX audit_event_person_id_at_id_key ON audit_event (person_id, at, id) WHERE person_id IS NOT NULL",
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
