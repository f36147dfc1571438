//! Commits against a real SQLite file: acknowledged data is stored, and a failure affects only its own
//! transaction.

use super::*;
use crate::clock::Timestamp;
use ::entity::ids::GrantId;
use sea_orm::{ConnectionTrait, prelude::Uuid};
use serde_json::json;
use sqlx::{ConnectOptions, Connection};
use std::str::FromStr;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

struct Opened {
    storage: Storage,
    url: String,
    _folder: tempfile::TempDir,
}

async fn opened() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/test.db", folder.path().display());
    Opened { storage: Storage::open(&url).await.unwrap(), url, _folder: folder }
}

impl Opened {
    /// Stores one value in a transaction of its own.
    async fn keep(&self, name: &str) -> Result<(), Fault> {
        let tx = self.storage.begin().await?;
        settings::insert_setting(&tx, name, json!(1), NOW).await?;
        tx.commit().await
    }

    /// Whether another connection finds the value and may write. It sees only committed data.
    async fn is_kept(&self, name: &str) -> bool {
        let options = sqlx::sqlite::SqliteConnectOptions::from_str(&self.url).unwrap();
        let mut other = options.busy_timeout(std::time::Duration::ZERO).connect().await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.expect("the write lock is free");
        let found = sqlx::query("SELECT 1 FROM setting WHERE name = $1").bind(name);
        let found = found.fetch_optional(&mut other).await.unwrap();
        other.close().await.unwrap();
        found.is_some()
    }

    /// Runs a transaction whose statement finds no space: SQLite itself ends the transaction.
    async fn run_out_of_room(&self) -> Fault {
        let tx = self.storage.begin().await.unwrap();
        tx.connection().execute_unprepared("PRAGMA max_page_count = 1").await.unwrap();
        let value = json!("x".repeat(100_000));
        let refused = settings::insert_setting(&tx, "large", value, NOW).await.unwrap_err();
        tx.connection().execute_unprepared("PRAGMA max_page_count = 4294967294").await.unwrap();
        refused
    }
}

/// Makes COMMIT itself fail, which leaves the transaction open.
async fn spoil(tx: &Transaction) {
    tx.connection().execute_unprepared("PRAGMA defer_foreign_keys = ON").await.unwrap();
    let dangling = ::entity::access_token::Model {
        hash: vec![8; 32],
        grant_id: GrantId(Uuid::from_u128(5)),
        scopes: "openid".into(),
        issued_at: NOW,
        expires_at: NOW.plus_seconds(600),
        revoked_at: None,
    };
    access_tokens::insert_access_token(tx, dangling).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_spoils_no_later_transaction() {
    let opened = opened().await;
    for round in 0..3 {
        let refused = opened.run_out_of_room().await;
        assert!(refused.is_temporary(), "{}", refused.chain());
        drop(opened.storage.begin().await.unwrap());
        let name = format!("after round {round}");
        opened.keep(&name).await.unwrap();
        assert!(opened.is_kept(&name).await, "{name} was acknowledged");
        assert!(!opened.is_kept("large").await);
    }
}

#[tokio::test]
async fn a_failed_commit_keeps_nothing_and_spoils_no_later_transaction() {
    let opened = opened().await;
    for round in 0..3 {
        let tx = opened.storage.begin().await.unwrap();
        settings::insert_setting(&tx, "refused", json!(1), NOW).await.unwrap();
        spoil(&tx).await;
        assert!(tx.commit().await.is_err());
        let name = format!("after round {round}");
        opened.keep(&name).await.unwrap();
        assert!(opened.is_kept(&name).await, "{name} was acknowledged");
        assert!(!opened.is_kept("refused").await);
    }
}

#[tokio::test]
async fn a_transaction_left_open_on_a_connection_is_joined_by_no_other() {
    let opened = opened().await;
    let forgotten = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, "BEGIN IMMEDIATE");
    opened.storage.writer().execute_raw(forgotten).await.unwrap();
    assert!(opened.keep("joined").await.is_err(), "refused, and not acknowledged");
    opened.keep("after").await.unwrap();
    assert!(opened.is_kept("after").await);
    assert!(!opened.is_kept("joined").await);
}

#[tokio::test]
async fn a_transaction_with_a_failed_statement_is_not_acknowledged() {
    let opened = opened().await;
    let tx = opened.storage.begin().await.unwrap();
    settings::insert_setting(&tx, "half", json!(1), NOW).await.unwrap();
    assert!(tx.connection().execute_unprepared("SELECT * FROM no_such_table").await.is_err());
    assert!(tx.commit().await.is_err());
    opened.keep("whole").await.unwrap();
    assert!(opened.is_kept("whole").await);
    assert!(!opened.is_kept("half").await);
}
