//! Enrolled authenticators, and enrollments in progress.

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
                    .table("authenticator")
                    .col(uuid("id"))
                    .col(uuid("workspace_id"))
                    .col(uuid("person_id"))
                    .col(text("kind"))
                    .col(text("state"))
                    .col(text("name"))
                    .col(text_null("platform"))
                    .col(json_binary_null("app"))
                    .col(json_binary_null("jwk"))
                    .col(text_null("thumbprint"))
                    .col(json_binary_null("uv_credential"))
                    .col(boolean_null("persisted"))
                    .col(blob_null("totp_seed"))
                    .col(big_integer_null("totp_last_step"))
                    .col(integer("bad_signatures"))
                    .col(big_integer("created_at"))
                    .col(big_integer_null("confirmed_at"))
                    .col(big_integer_null("last_seen_at"))
                    .col(big_integer_null("ended_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("authenticator", "person_id")
                            .to("person", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("authenticator_thumbprint_key")
                    .table("authenticator")
                    .col("thumbprint")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("authenticator_person_id_key")
                    .table("authenticator")
                    .col("person_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("transport")
                    .col(uuid("authenticator_id"))
                    .col(text("kind"))
                    .col(blob_null("address"))
                    .col(blob_null("address_hash"))
                    .col(text_null("vapid_kid"))
                    .col(text("state"))
                    .col(big_integer("ctr"))
                    .col(big_integer_null("last_ok_at"))
                    .col(text_null("last_error"))
                    .col(big_integer("updated_at"))
                    .primary_key(Index::create().col("authenticator_id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("transport", "authenticator_id")
                            .to("authenticator", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("enrollment")
                    .col(uuid("id"))
                    .col(uuid("workspace_id"))
                    .col(uuid("person_id"))
                    .col(uuid_null("journey_id"))
                    .col(text("state"))
                    .col(big_integer("version"))
                    .col(blob("secret_hash"))
                    .col(blob("code_hash"))
                    .col(blob("link_sealed"))
                    .col(text_null("thumbprint"))
                    .col(text_null("nonce"))
                    .col(json_binary_null("ceremony"))
                    .col(integer("claim_failures"))
                    .col(uuid_null("authenticator_id"))
                    .col(blob_null("completion_digest"))
                    .col(blob_null("confirmation_hash"))
                    .col(blob_null("confirmation_sealed"))
                    .col(integer("confirm_failures"))
                    .col(big_integer_null("confirm_by"))
                    .col(big_integer("created_at"))
                    .col(big_integer("expires_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("enrollment", "person_id")
                            .to("person", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("enrollment_person_id_key")
                    .table("enrollment")
                    .col("person_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("enrollment_code_hash_key")
                    .table("enrollment")
                    .col("code_hash")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("enrollment_journey_id_key")
                    .table("enrollment")
                    .col("journey_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("attempt_counter")
                    .col(text("key"))
                    .col(integer("failures"))
                    .col(big_integer("first_at"))
                    .col(big_integer("last_at"))
                    .col(big_integer_null("blocked_until"))
                    .primary_key(Index::create().col("key"))
                    .to_owned(),
            )
            .await?;
        Ok(())
    }
}
