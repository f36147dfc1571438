//! What a person has to do at the next sign-in: change the password, or redeem a ticket for the first device.
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
        for column in [big_integer_null("password_must_change_at"), big_integer_null("needs_ticket_since")] {
            manager.alter_table(Table::alter().table("person").add_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
