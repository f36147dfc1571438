//! The check of an access token at each use, so that what is revoked is dead at once.
//!
//! Many ask at the same moment. Those who come while one question is under way are put together in the next one: what
//! each hears was read after it asked, and a busy house pays for few questions.

use super::{Fault, Storage, monitored::Monitored};
use crate::clock::Timestamp;
use ::entity::ids::{BrowserSessionId, ClientKey, GrantId, PersonId};
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Statement};
use std::collections::BTreeMap;
use tokio::sync::{mpsc, oneshot};

/// Who may ask in one question. Their number is rounded up to a power of two, so that few statements are prepared.
const TOGETHER: usize = 256;

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

type Heard = Result<Option<LiveAccessToken>, Fault>;

/// One who asks.
struct Asker {
    hash: Vec<u8>,
    answer: oneshot::Sender<Heard>,
}

/// Where they ask.
#[derive(Clone)]
pub(super) struct Desk(mpsc::UnboundedSender<Asker>);

impl Desk {
    /// Opens the desk over `db`; it closes when nobody holds it any more. Whoever asks is a request, and those are
    /// bounded, so the line before the desk is too.
    pub(super) fn open(db: Monitored<DatabaseConnection>) -> Self {
        let (desk, mut line) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut askers = Vec::new();
            while line.recv_many(&mut askers, TOGETHER).await > 0 {
                answer(&db, std::mem::take(&mut askers)).await;
            }
        });
        Self(desk)
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
    let (answer, heard) = oneshot::channel();
    let closed = |_| Fault::broken("nobody answers whether access tokens are alive");
    storage.live_access_tokens.0.send(Asker { hash: hash.to_vec(), answer }).map_err(|_| closed(()))?;
    let found = heard.await.map_err(|_| closed(()))??;
    Ok(found.filter(|token| token.expires_at > now))
}

async fn answer(db: &impl ConnectionTrait, askers: Vec<Asker>) {
    let found = look_up(db, &askers).await;
    for asker in askers {
        let heard = match &found {
            Ok(tokens) => Ok(tokens.get(&asker.hash).cloned()),
            Err(fault) => Err(fault.shared()),
        };
        // Who has gone away meanwhile misses nothing.
        let _ = asker.answer.send(heard);
    }
}

async fn look_up(
    db: &impl ConnectionTrait,
    askers: &[Asker],
) -> Result<BTreeMap<Vec<u8>, LiveAccessToken>, Fault> {
    let Some(last) = askers.last() else { return Ok(BTreeMap::new()) };
    let places = askers.len().next_power_of_two();
    let hashes = askers.iter().chain(std::iter::repeat(last)).take(places);
    let numbered: Vec<_> = (1..=places).map(|place| format!("${place}")).collect();
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        format!("{FIND_LIVE}({})", numbered.join(",")),
        hashes.map(|asker| asker.hash.clone().into()),
    );
    let tokens = LiveAccessToken::find_by_statement(statement).all(db).await?;
    Ok(tokens.into_iter().map(|token| (token.hash.clone(), token)).collect())
}
