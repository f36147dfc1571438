//! Looks up access tokens at each use, so that a revocation takes effect immediately.
//!
//! Concurrent lookups are batched: requests that arrive while one query runs share the next one. Each request
//! is answered from data that was read after it arrived, and a busy server needs few queries.

use super::{Fault, monitored::Monitored, stored};
use crate::{
    clock::Timestamp, directory::StandardClaims, limits::lifetimes::SESSION_IDLE_SECONDS,
    protocol::ClaimsParameter,
};
use ::entity::ids::{BrowserSessionId, ClientKey, GrantId, PersonId, WorkspaceId};
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Statement};
use std::collections::BTreeMap;
use tokio::sync::{mpsc, oneshot};

/// Lookups in one query. Their number is rounded up to a power of two, so that few statements are prepared.
const LOOKUP_BATCH_SIZE: usize = 256;

/// A live access token: neither expired nor revoked, its grant not revoked, its person and its client not
/// disabled, and the person's pool is one of the client's. Without `offline_access`, its session is live.
#[derive(Clone, Debug, FromQueryResult)]
pub struct LiveAccessToken {
    /// SHA-256 of the token.
    pub hash: Vec<u8>,
    /// The scopes it carries, space-separated.
    pub scopes: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The grant that it was issued from.
    pub grant_id: GrantId,
    /// The workspace of that grant.
    pub workspace_id: WorkspaceId,
    /// The client that it was issued to.
    pub client_key: ClientKey,
    /// The session in which its grant was made.
    pub session_id: Option<BrowserSessionId>,
    /// The `claims` parameter of the authorization request; see [`Self::requested_claims`].
    claims_request: Option<serde_json::Value>,
    /// When the person signed in.
    pub auth_time: Timestamp,
    /// The assurance that was reached (`acr`).
    pub acr: Option<String>,
    /// The methods that were used (`amr`), space-separated.
    pub amr: String,
    /// The person that its data belongs to.
    pub person_id: PersonId,
    /// The name that the person signs in with.
    pub username: String,
    /// Whether the grant ends with its session.
    ends_with_session: bool,
    /// When the session expires, if there is one that was not ended.
    session_expires_at: Option<Timestamp>,
    /// When that session was last used.
    session_last_seen_at: Option<Timestamp>,
    /// The person's standard claims as JSON text, parsed only when [`Self::claims`] is called.
    person_claims: String,
}

impl LiveAccessToken {
    /// Returns whether it may be used at `now`, as far as the time decides.
    fn is_timely(&self, now: Timestamp) -> bool {
        let is_session_live = || {
            let is_idle_since = now.plus_seconds(-SESSION_IDLE_SECONDS);
            self.session_expires_at.is_some_and(|at| at > now)
                && self.session_last_seen_at.is_some_and(|at| at > is_idle_since)
        };
        self.expires_at > now && (!self.ends_with_session || is_session_live())
    }

    /// Returns the person's standard claims.
    pub fn claims(&self) -> StandardClaims {
        stored::read_text_or_absent(&self.person_id, &self.person_claims).unwrap_or_default()
    }

    /// Returns the `claims` parameter of the authorization request.
    pub fn requested_claims(&self) -> ClaimsParameter {
        let document = self.claims_request.clone();
        document.and_then(|document| stored::read_or_absent(&self.grant_id, document)).unwrap_or_default()
    }
}

/// Checks everything that decides at the moment of use except what the time decides: each request brings its
/// own.
const FIND_LIVE: &str = r#"
SELECT t.hash, t.scopes, t.issued_at, t.expires_at, t.grant_id, g.workspace_id, g.client_key, g.session_id,
       g.claims AS claims_request, g.auth_time, g.acr, g.amr, p.id AS person_id, p.username,
       g.ends_with_session, s.expires_at AS session_expires_at, s.last_seen_at AS session_last_seen_at,
       CAST(p.claims AS TEXT) AS person_claims
  FROM access_token t JOIN "grant" g ON g.id = t.grant_id JOIN person p ON p.id = g.person_id
  JOIN client c ON c.id = g.client_key JOIN client_pool k ON k.client_key = c.id AND k.pool_id = p.pool_id
  LEFT JOIN browser_session s ON s.id = g.session_id AND s.ended_at IS NULL
 WHERE t.revoked_at IS NULL AND g.revoked_at IS NULL AND p.disabled_at IS NULL AND c.disabled_at IS NULL
   AND t.hash IN "#;

type Answer = Result<Option<LiveAccessToken>, Fault>;

/// One lookup.
struct Request {
    hash: Vec<u8>,
    answer: oneshot::Sender<Answer>,
}

/// Sends lookups to the task that runs them in batches.
#[derive(Clone)]
pub(super) struct BatchLookup(mpsc::UnboundedSender<Request>);

impl BatchLookup {
    /// Starts the lookup task on `db`; it ends when every sender is dropped. The queue is bounded because the
    /// number of requests is.
    pub(super) fn open(db: Monitored<DatabaseConnection>) -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut requests = Vec::new();
            while receiver.recv_many(&mut requests, LOOKUP_BATCH_SIZE).await > 0 {
                answer(&db, std::mem::take(&mut requests)).await;
            }
        });
        Self(sender)
    }

    /// Finds the access token with this hash, if it is live at `now`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn find(&self, hash: &[u8], now: Timestamp) -> Result<Option<LiveAccessToken>, Fault> {
        let (answer, received) = oneshot::channel();
        let closed = |_| Fault::broken("the access-token lookup task has stopped");
        self.0.send(Request { hash: hash.to_vec(), answer }).map_err(|_| closed(()))?;
        let found = received.await.map_err(|_| closed(()))??;
        Ok(found.filter(|token| token.is_timely(now)))
    }
}

async fn answer(db: &impl ConnectionTrait, requests: Vec<Request>) {
    let found = look_up(db, &requests).await;
    for request in requests {
        let received = match &found {
            Ok(tokens) => Ok(tokens.get(&request.hash).cloned()),
            Err(fault) => Err(fault.shared()),
        };
        // The receiver may be gone when its request was dropped.
        let _ = request.answer.send(received);
    }
}

async fn look_up(
    db: &impl ConnectionTrait,
    requests: &[Request],
) -> Result<BTreeMap<Vec<u8>, LiveAccessToken>, Fault> {
    let Some(last) = requests.last() else { return Ok(BTreeMap::new()) };
    let places = requests.len().next_power_of_two();
    let hashes = requests.iter().chain(std::iter::repeat(last)).take(places);
    let numbered: Vec<_> = (1..=places).map(|place| format!("${place}")).collect();
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        format!("{FIND_LIVE}({})", numbered.join(",")),
        hashes.map(|request| request.hash.clone().into()),
    );
    let tokens = LiveAccessToken::find_by_statement(statement).all(db).await?;
    Ok(tokens.into_iter().map(|token| (token.hash.clone(), token)).collect())
}
