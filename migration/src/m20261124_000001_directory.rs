//! Workspaces, pools, clients and people.

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
                    .table("workspace")
                    .col(uuid("id"))
                    .col(text("slug"))
                    .col(text("display_name"))
                    .col(big_integer("created_at"))
                    .primary_key(Index::create().col("id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("workspace_slug_key").table("workspace").col("slug").unique().to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("pool")
                    .col(uuid("id"))
                    .col(uuid("workspace_id"))
                    .col(text("slug"))
                    .col(text("display_name"))
                    .col(json_binary("policy"))
                    .col(big_integer("created_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("pool", "workspace_id")
                            .to("workspace", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("pool_workspace_id_slug_key")
                    .table("pool")
                    .col("workspace_id")
                    .col("slug")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("client")
                    .col(uuid("id"))
                    .col(uuid("workspace_id"))
                    .col(text("client_id"))
                    .col(text("name"))
                    .col(blob_null("secret_hash"))
                    .col(json_binary("settings"))
                    .col(big_integer_null("disabled_at"))
                    .col(big_integer("created_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("client", "workspace_id")
                            .to("workspace", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("client_workspace_id_client_id_key")
                    .table("client")
                    .col("workspace_id")
                    .col("client_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("client_pool")
                    .col(uuid("client_key"))
                    .col(uuid("pool_id"))
                    .col(integer("position"))
                    .primary_key(Index::create().col("client_key").col("pool_id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("client_pool", "client_key")
                            .to("client", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from("client_pool", "pool_id")
                            .to("pool", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("client_pool_pool_id_key")
                    .table("client_pool")
                    .col("pool_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("person")
                    .col(uuid("id"))
                    .col(uuid("workspace_id"))
                    .col(uuid("pool_id"))
                    .col(text("username"))
                    .col(text("username_key"))
                    .col(text_null("password_hash"))
                    .col(big_integer_null("password_set_at"))
                    .col(json_binary("claims"))
                    .col(big_integer_null("disabled_at"))
                    .col(big_integer_null("push_muted_until"))
                    .col(big_integer("created_at"))
                    .col(big_integer("updated_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("person", "pool_id")
                            .to("pool", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("person_pool_id_username_key_key")
                    .table("person")
                    .col("pool_id")
                    .col("username_key")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("setting")
                    .col(text("name"))
                    .col(json_binary("value"))
                    .col(big_integer("updated_at"))
                    .primary_key(Index::create().col("name"))
                    .to_owned(),
            )
            .await?;
        Ok(())
    }
}
