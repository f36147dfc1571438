//! Browsers that a person has signed in with, by a record with a life of its own; and what the limits of sign-ins and
//! challenges must know: which sign-in has a proof, and which challenge a known browser asked for.
//!
//! The new columns have a default: an older node writes rows without them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Carries forward what the sessions say, so that no browser becomes unknown by the upgrade. A held factor is one of the
/// kinds `push` and `totp`.
const FROM_SESSIONS: &str = r#"INSERT INTO known_browser
    (person_id, browser_hash, first_seen_at, last_seen_at, held_at, address)
  SELECT s.person_id, s.browser_hash, MIN(s.created_at), MAX(s.last_seen_at),
    MAX(CASE WHEN CAST(s.proofs AS TEXT) LIKE '%"push"%' OR CAST(s.proofs AS TEXT) LIKE '%"totp"%'
      THEN s.last_seen_at END),
    MAX(s.address)
  FROM browser_session s GROUP BY s.person_id, s.browser_hash"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("known_browser")
                    .col(uuid("person_id"))
                    .col(blob("browser_hash"))
                    .col(big_integer("first_seen_at"))
                    .col(big_integer("last_seen_at"))
                    .col(big_integer_null("held_at"))
                    .col(text("address"))
                    .primary_key(Index::create().col("person_id").col("browser_hash"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("known_browser", "person_id")
                            .to("person", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("known_browser_last_seen_at_key")
                    .table("known_browser")
                    .col("last_seen_at")
                    .to_owned(),
            )
            .await?;
        for (table, column) in [("journey", "has_proof"), ("challenge", "is_from_known_browser")] {
            let column = boolean(column).default(false).to_owned();
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        manager.get_connection().execute_unprepared(FROM_SESSIONS).await?;
        Ok(())
    }
}
