//! Sign-ins in progress, browser sessions, and challenges to devices.

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
                    .table("journey")
                    .col(uuid("id"))
                    .col(uuid("workspace_id"))
                    .col(uuid_null("person_id"))
                    .col(blob("browser_hash"))
                    .col(big_integer("version"))
                    .col(json_binary("state"))
                    .col(text("source"))
                    .col(big_integer("created_at"))
                    .col(big_integer("expires_at"))
                    .col(big_integer_null("closed_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("journey", "workspace_id")
                            .to("workspace", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("journey_expires_at_key").table("journey").col("expires_at").to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("journey_source_key").table("journey").col("source").to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("journey_browser_hash_key")
                    .table("journey")
                    .col("browser_hash")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("journey_person_id_key").table("journey").col("person_id").to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("browser_session")
                    .col(uuid("id"))
                    .col(blob("token_hash"))
                    .col(blob("browser_hash"))
                    .col(uuid("workspace_id"))
                    .col(uuid("person_id"))
                    .col(json_binary("proofs"))
                    .col(big_integer("auth_time"))
                    .col(big_integer("created_at"))
                    .col(big_integer("last_seen_at"))
                    .col(big_integer("expires_at"))
                    .col(big_integer_null("ended_at"))
                    .col(text("address"))
                    .col(text("agent"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("browser_session", "person_id")
                            .to("person", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("browser_session_token_hash_key")
                    .table("browser_session")
                    .col("token_hash")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("browser_session_person_id_key")
                    .table("browser_session")
                    .col("person_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("challenge")
                    .col(uuid("id"))
                    .col(uuid("workspace_id"))
                    .col(uuid("person_id"))
                    .col(uuid_null("journey_id"))
                    .col(text("purpose"))
                    .col(text("state"))
                    .col(big_integer("version"))
                    .col(text("details"))
                    .col(blob("number_hash"))
                    .col(blob("number_sealed"))
                    .col(integer("digits"))
                    .col(blob_null("qr_hash"))
                    .col(blob_null("qr_sealed"))
                    .col(big_integer("created_at"))
                    .col(big_integer("expires_at"))
                    .col(uuid_null("answered_by"))
                    .col(big_integer_null("answered_at"))
                    .col(big_integer_null("consume_by"))
                    .col(text_null("reason"))
                    .col(blob_null("answer_digest"))
                    .col(boolean_null("user_verified"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("challenge", "person_id")
                            .to("person", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("challenge_person_id_created_at_key")
                    .table("challenge")
                    .col("person_id")
                    .col("created_at")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("challenge_journey_id_key")
                    .table("challenge")
                    .col("journey_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("challenge_device")
                    .col(uuid("challenge_id"))
                    .col(uuid("authenticator_id"))
                    .col(text("nonce"))
                    .col(big_integer_null("delivered_at"))
                    .primary_key(Index::create().col("challenge_id").col("authenticator_id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("challenge_device", "challenge_id")
                            .to("challenge", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("challenge_device", "authenticator_id")
                            .to("authenticator", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("challenge_device_authenticator_id_key")
                    .table("challenge_device")
                    .col("authenticator_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("answer_counter")
                    .col(uuid("authenticator_id"))
                    .col(big_integer("ctr"))
                    .col(blob("digest"))
                    .primary_key(Index::create().col("authenticator_id").col("ctr"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("answer_counter", "authenticator_id")
                            .to("authenticator", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        Ok(())
    }
}
