//! Tickets and invitations of operators for one person, the previous secret of a client, and an index by which
//! the grants of one client are found.
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
        manager
            .create_table(
                Table::create()
                    .table("ticket")
                    .col(uuid("id"))
                    .col(text("kind"))
                    .col(uuid("person_id"))
                    .col(blob("code_hash"))
                    .col(uuid_null("journey_id"))
                    .col(big_integer("created_at"))
                    .col(big_integer("expires_at"))
                    .col(big_integer_null("redeemed_at"))
                    .col(big_integer_null("used_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("ticket", "person_id")
                            .to("person", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        for (name, column) in [
            ("ticket_person_id_key", "person_id"),
            ("ticket_code_hash_key", "code_hash"),
            ("ticket_journey_id_key", "journey_id"),
            ("ticket_expires_at_key", "expires_at"),
        ] {
            let index = Index::create().name(name).table("ticket").col(column).to_owned();
            manager.create_index(index).await?;
        }
        // SQLite adds one column in a statement.
        for column in [blob_null("previous_secret_hash"), big_integer_null("previous_secret_until")] {
            manager.alter_table(Table::alter().table("client").add_column(column).to_owned()).await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("grant_client_key_id_key")
                    .table("grant")
                    .col("client_key")
                    .col("id")
                    .to_owned(),
            )
            .await
    }
}
