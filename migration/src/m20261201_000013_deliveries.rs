//! Deliveries to others than devices, by other carriers than Web Push; and when a key begins to sign.
//!
//! An older node writes rows without the new columns: they are Web Push messages to the device of the row. Rows for
//! another carrier have a state that an older node does not lease.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Rows about a person are deleted with the person.
const INDEX: &str = "CREATE INDEX outbox_person_id_key ON outbox (person_id) WHERE person_id IS NOT NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            text_null("carrier"),
            text_null("recipient_kind"),
            text_null("recipient"),
            uuid_null("workspace_id"),
            uuid_null("person_id"),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table("outbox").add_column(column).to_owned()).await?;
        }
        manager.get_connection().execute_unprepared(INDEX).await?;
        let signs_from = big_integer_null("signs_from");
        manager.alter_table(Table::alter().table("signing_key").add_column(signs_from).to_owned()).await
    }
}
