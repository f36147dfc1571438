//! The outbox of deliveries and the audit log.

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
                    .table("outbox")
                    .col(uuid("id"))
                    .col(uuid_null("authenticator_id"))
                    .col(uuid_null("challenge_id"))
                    .col(json_binary("payload"))
                    .col(text("state"))
                    .col(integer("attempts"))
                    .col(big_integer("not_before"))
                    .col(big_integer_null("lease_until"))
                    .col(big_integer("expires_at"))
                    .col(big_integer("created_at"))
                    .col(text_null("last_error"))
                    .primary_key(Index::create().col("id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("outbox_state_not_before_key")
                    .table("outbox")
                    .col("state")
                    .col("not_before")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("audit_event")
                    .col(uuid("id"))
                    .col(uuid("workspace_id"))
                    .col(big_integer("at"))
                    .col(text("code"))
                    .col(uuid_null("person_id"))
                    .col(uuid_null("client_key"))
                    .col(uuid_null("authenticator_id"))
                    .col(uuid_null("journey_id"))
                    .col(text_null("address"))
                    .col(text_null("agent"))
                    .col(text_null("request_id"))
                    .col(json_binary("detail"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("audit_event", "workspace_id")
                            .to("workspace", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("audit_event_workspace_id_at_key")
                    .table("audit_event")
                    .col("workspace_id")
                    .col("at")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }
}
