use anyhow::Context;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use std::time::{SystemTime, UNIX_EPOCH};

/// Refresh tokens of one grant.
const FAMILY: usize = 20;
/// One of this many refresh tokens still has its stored response.
const ANSWERS: usize = 10;
const DAY_MILLISECONDS: i64 = 24 * 3600 * 1000;

/// A database in which the clean-up has much to delete.
pub struct Backlog {
    db: DatabaseConnection,
    now: i64,
}

impl Backlog {
    /// Opens the database at `url`, whose tables are there already.
    #[expect(clippy::disallowed_methods, reason = "rows are old by the real time")]
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        let db = Database::connect(options).await.context("the database of the clean-up")?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        Ok(Self { db, now: i64::try_from(now)? })
    }

    /// Adds `rows` used refresh tokens in dead families, as many expired access tokens, their grants, and
    /// twice as many audit events of a hundred days ago.
    pub async fn fill(&self, rows: usize) -> anyhow::Result<()> {
        let long_ago = self.now - 100 * DAY_MILLISECONDS;
        let idle_until = self.now - 10 * DAY_MILLISECONDS;
        let absolute_until = self.now + 20 * DAY_MILLISECONDS;
        let (families, spent) = (rows / FAMILY, rows - rows / FAMILY);
        let ids = "(SELECT id FROM workspace LIMIT 1), (SELECT id FROM client LIMIT 1), (SELECT id FROM person LIMIT 1)";
        let workspace = "(SELECT id FROM workspace LIMIT 1)";
        let (number, bytes) = (self.numbers(), |length| self.random_bytes(length));
        let grant = self.id(&format!("n % {families} + 1"));
        let statements = [
            format!(
                r#"INSERT INTO "grant" (id, workspace_id, client_key, person_id, ends_with_session, scopes, auth_time, amr,
                created_at) SELECT {grant}, {ids}, FALSE, 'openid offline_access', {long_ago}, 'pwd', {long_ago}
                FROM {}"#,
                number(families)
            ),
            format!(
                "INSERT INTO refresh_token (hash, grant_id, scopes, issued_at, idle_until, absolute_until, redeemed_at,
                answer_sealed, answer_until) SELECT {}, {grant}, 'openid offline_access', {long_ago} + n, {idle_until},
                {absolute_until}, CASE WHEN n < {spent} THEN {idle_until} END,
                CASE WHEN n % {ANSWERS} = 0 THEN {} END, CASE WHEN n % {ANSWERS} = 0 THEN {idle_until} + n END FROM {}",
                bytes(32),
                bytes(1400),
                number(rows)
            ),
            format!(
                "INSERT INTO access_token (hash, grant_id, scopes, issued_at, expires_at)
                SELECT {}, {grant}, 'openid', {long_ago} + n, {long_ago} + n FROM {}",
                bytes(32),
                number(rows)
            ),
            format!(
                "INSERT INTO audit_event (id, workspace_id, at, code, address, agent, detail) SELECT {}, {workspace},
                {long_ago} + n, 'sign_in.completed', '192.0.2.1', 'Firefox on Linux', '{{}}' FROM {}",
                self.id("n + 1"),
                number(2 * rows)
            ),
        ];
        for statement in statements {
            self.db.execute_unprepared(&statement).await.context("filling the tables")?;
        }
        if self.is_postgres() {
            // As autovacuum does in a database that grows slowly.
            self.db.execute_unprepared("ANALYZE").await?;
        }
        Ok(())
    }

    /// Whether anything of the backlog is left.
    pub async fn is_left(&self) -> anyhow::Result<bool> {
        let before = self.now - DAY_MILLISECONDS;
        let workspace = "workspace_id = (SELECT id FROM workspace LIMIT 1)";
        let last = self.id("100000000");
        for question in [
            format!("SELECT 1 AS one FROM audit_event WHERE {workspace} AND at < {before} LIMIT 1"),
            format!(r#"SELECT 1 AS one FROM "grant" WHERE id <= {last} LIMIT 1"#),
            format!("SELECT 1 AS one FROM access_token WHERE expires_at < {before} LIMIT 1"),
        ] {
            let asked = Statement::from_string(self.db.get_database_backend(), question);
            if self.db.query_one_raw(asked).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The encryption key that the demo keeps in a PostgreSQL database.
    pub async fn demo_key(&self) -> anyhow::Result<String> {
        let question = "SELECT value #>> '{}' AS key FROM setting WHERE name = 'demo.sealing_key'";
        let row = self.db.query_one_raw(Statement::from_string(DbBackend::Postgres, question)).await?;
        Ok(row.context("the demo has stored no key")?.try_get("", "key")?)
    }

    /// Whether the database is on a PostgreSQL server.
    pub fn is_postgres(&self) -> bool {
        self.db.get_database_backend() == DbBackend::Postgres
    }

    /// The numbers from 0 on, as column `n`.
    fn numbers(&self) -> impl Fn(usize) -> String {
        let is_postgres = self.is_postgres();
        move |count| {
            match is_postgres {
            true => format!("generate_series(0, {count} - 1) AS numbers(n)"),
            false => format!(
                "(WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {count})
                  SELECT n FROM numbers)"
            ),
        }
        }
    }

    fn random_bytes(&self, length: usize) -> String {
        match self.is_postgres() {
            true => format!(
                "decode(repeat(md5(random()::text), {}) || md5(random()::text || n), 'hex')",
                (length / 16).saturating_sub(1)
            ),
            false => format!("randomblob({length})"),
        }
    }

    /// The id of a number; it lies before every real one.
    fn id(&self, number: &str) -> String {
        match self.is_postgres() {
            true => format!("lpad(to_hex({number}), 32, '0')::uuid"),
            false => format!("unhex(printf('%032x', {number}))"),
        }
    }
}
