//! What a session and a grant came of: the authenticator that the assurance of a grant needs, the session that
//! came of an approval, and when a consumed approval was reported.
//!
//! The columns may be null: an older node writes rows without them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column in a statement.
        for (table, column) in [
            ("grant", uuid_null("authenticator_id")),
            ("challenge", uuid_null("session_id")),
            ("challenge", big_integer_null("reported_at")),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
