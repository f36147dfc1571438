//! Grants with their codes and tokens, and the signing keys.

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
                    .table("consent")
                    .col(uuid("client_key"))
                    .col(uuid("person_id"))
                    .col(text("scopes"))
                    .col(big_integer("updated_at"))
                    .primary_key(Index::create().col("client_key").col("person_id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("consent", "client_key")
                            .to("client", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("consent", "person_id")
                            .to("person", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("grant")
                    .col(uuid("id"))
                    .col(uuid("workspace_id"))
                    .col(uuid("client_key"))
                    .col(uuid("person_id"))
                    .col(uuid_null("session_id"))
                    .col(boolean("ends_with_session"))
                    .col(text("scopes"))
                    .col(json_binary_null("claims"))
                    .col(big_integer("auth_time"))
                    .col(text_null("acr"))
                    .col(text("amr"))
                    .col(big_integer("created_at"))
                    .col(big_integer_null("revoked_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("grant", "client_key")
                            .to("client", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("grant", "person_id")
                            .to("person", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("grant_session_id_key").table("grant").col("session_id").to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("grant_person_id_key").table("grant").col("person_id").to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("authorization_code")
                    .col(blob("hash"))
                    .col(uuid("grant_id"))
                    .col(text("redirect_uri"))
                    .col(text_null("code_challenge"))
                    .col(text_null("nonce"))
                    .col(big_integer("expires_at"))
                    .col(big_integer_null("redeemed_at"))
                    .primary_key(Index::create().col("hash"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("authorization_code", "grant_id")
                            .to("grant", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("authorization_code_grant_id_key")
                    .table("authorization_code")
                    .col("grant_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("authorization_code_expires_at_key")
                    .table("authorization_code")
                    .col("expires_at")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("access_token")
                    .col(blob("hash"))
                    .col(uuid("grant_id"))
                    .col(text("scopes"))
                    .col(big_integer("issued_at"))
                    .col(big_integer("expires_at"))
                    .col(big_integer_null("revoked_at"))
                    .primary_key(Index::create().col("hash"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("access_token", "grant_id")
                            .to("grant", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("access_token_grant_id_key")
                    .table("access_token")
                    .col("grant_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("access_token_expires_at_key")
                    .table("access_token")
                    .col("expires_at")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("refresh_token")
                    .col(blob("hash"))
                    .col(uuid("grant_id"))
                    .col(text("scopes"))
                    .col(big_integer("issued_at"))
                    .col(big_integer("idle_until"))
                    .col(big_integer("absolute_until"))
                    .col(big_integer_null("redeemed_at"))
                    .col(blob_null("answer_sealed"))
                    .col(big_integer_null("answer_until"))
                    .primary_key(Index::create().col("hash"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("refresh_token", "grant_id")
                            .to("grant", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("refresh_token_grant_id_key")
                    .table("refresh_token")
                    .col("grant_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("refresh_token_absolute_until_key")
                    .table("refresh_token")
                    .col("absolute_until")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("signing_key")
                    .col(text("kid"))
                    .col(uuid("workspace_id"))
                    .col(text("purpose"))
                    .col(text("algorithm"))
                    .col(blob("private_sealed"))
                    .col(json_binary("public_jwk"))
                    .col(big_integer("created_at"))
                    .col(big_integer_null("retired_at"))
                    .primary_key(Index::create().col("kid"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("signing_key", "workspace_id")
                            .to("workspace", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        Ok(())
    }
}
