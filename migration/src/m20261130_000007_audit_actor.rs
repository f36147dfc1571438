//! Who acted in an audit event, by which interface, on what and with which result.
//!
//! The columns may be null: older events have none of them, and an older node writes events without them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            text_null("actor_kind"),
            text_null("actor_id"),
            text_null("via"),
            text_null("target_kind"),
            text_null("target_id"),
            text_null("result"),
            text_null("reason"),
            json_binary_null("changes"),
        ];
        // SQLite adds one column in a statement.
        for column in columns {
            manager.alter_table(Table::alter().table("audit_event").add_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
