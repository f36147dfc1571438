//! The check of an access token at each use, so that what is revoked is dead at once.
//!
//! Many ask at the same moment. Those who come while one question is under way are put together in the next one: what
//! each hears was read after it asked, and a busy house pays for few questions.

use super::{Fault, Storage};
use crate::clock::Timestamp;
use ::entity::ids::{BrowserSessionId, ClientKey, GrantId, PersonId};
use sea_orm::{DatabaseConnection, FromQueryResult, Statement};
use std::collections::BTreeMap;
use tokio::sync::{mpsc, oneshot};

/// Who may ask in one question. Their number is rounded up to a power of two, so that few statements are prepared.
const LOOKUP_BATCH_SIZE: usize = 256;

/// A living access token: neither expired nor revoked, its grant not ended, its person not disabled.
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
    /// What it hangs on.
    pub grant_id: GrantId,
    /// The client that it was issued to.
    pub client_key: ClientKey,
    /// The session that its grant was made in.
    pub session_id: Option<BrowserSessionId>,
    /// The `claims` parameter of the authorization request.
    pub claims_request: Option<serde_json::Value>,
    /// When the person signed in.
    pub auth_time: Timestamp,
    /// The assurance reached.
    pub acr: Option<String>,
    /// The methods used, space-separated.
    pub amr: String,
    /// Whose data it opens.
    pub person_id: PersonId,
    /// The name they sign in with.
    pub username: String,
    /// Their standard claims: JSON text of `directory::StandardClaims`, read only by who answers them.
    pub person_claims: String,
}

/// Everything that decides at the moment of use but the time, which each who asks brings along.
const FIND_LIVE: &str = r#"
SELECT t.hash, t.scopes, t.issued_at, t.expires_at, t.grant_id, g.client_key, g.session_id,
       g.claims AS claims_request, g.auth_time, g.acr, g.amr, p.id AS person_id, p.username,
       CAST(p.claims AS TEXT) AS person_claims
  FROM access_token t JOIN "grant" g ON g.id = t.grant_id JOIN person p ON p.id = g.person_id
 WHERE t.revoked_at IS NULL AND g.revoked_at IS NULL AND p.disabled_at IS NULL AND t.hash IN "#;

type Answer = Result<Option<LiveAccessToken>, Fault>;

/// One who asks.
struct Request {
    hash: Vec<u8>,
    answer: oneshot::Sender<Answer>,
}

/// Where they ask.
#[derive(Clone)]
pub(super) struct BatchLookup(mpsc::UnboundedSender<Request>);

impl BatchLookup {
    /// Opens the desk over `db`; it closes when nobody holds it any more. Whoever asks is a request, and those are
    /// bounded, so the line before the desk is too.
    pub(super) fn open(db: DatabaseConnection) -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut requests = Vec::new();
            while receiver.recv_many(&mut requests, LOOKUP_BATCH_SIZE).await > 0 {
                answer(&db, std::mem::take(&mut requests)).await;
            }
        });
        Self(sender)
    }
}

/// The living access token of this hash.
///
/// # Errors
/// When the database does not answer.
pub async fn find_live(
    storage: &Storage,
    hash: &[u8],
    now: Timestamp,
) -> Result<Option<LiveAccessToken>, Fault> {
    let (answer, received) = oneshot::channel();
    let closed = |_| Fault::broken("nobody answers whether access tokens are alive");
    storage.live_access_tokens.0.send(Request { hash: hash.to_vec(), answer }).map_err(|_| closed(()))?;
    let found = received.await.map_err(|_| closed(()))??;
    Ok(found.filter(|token| token.expires_at > now))
}

async fn answer(db: &DatabaseConnection, requests: Vec<Request>) {
    let found = look_up(db, &requests).await;
    for request in requests {
        let received = match &found {
            Ok(tokens) => Ok(tokens.get(&request.hash).cloned()),
            Err(fault) => Err(fault.shared()),
        };
        // Who has gone away meanwhile misses nothing.
        let _ = request.answer.send(received);
    }
}

async fn look_up(
    db: &DatabaseConnection,
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
