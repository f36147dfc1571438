//! Access tokens: looked up at each use, so that what is revoked is dead at once.

use super::{Fault, Reads, Unit, grants::Grant, insert::insert};
use crate::clock::Timestamp;
use ::entity::{
    access_token::{Column, Entity, Model},
    ids::{BrowserSessionId, ClientKey, GrantId, PersonId},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, Statement,
    sea_query::Expr,
};

pub use ::entity::access_token::Model as AccessTokenRow;

/// A living access token: neither expired nor revoked, its grant not ended, its person not disabled.
#[derive(Clone, Debug, FromQueryResult)]
pub struct LiveAccessToken {
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
    /// The session that its grant ends with.
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
    /// Their standard claims, as `directory::StandardClaims` in JSON.
    pub person_claims: serde_json::Value,
}

/// Everything that decides at the moment of use, in one indexed read.
const FIND_LIVE: &str = r#"
SELECT t.scopes, t.issued_at, t.expires_at, t.grant_id, g.client_key, g.session_id, g.claims AS claims_request,
       g.auth_time, g.acr, g.amr, p.id AS person_id, p.username, p.claims AS person_claims
  FROM access_token t JOIN "grant" g ON g.id = t.grant_id JOIN person p ON p.id = g.person_id
 WHERE t.hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2 AND g.revoked_at IS NULL AND p.disabled_at IS NULL
"#;

/// The living access token of this hash.
///
/// # Errors
/// When the database does not answer.
pub async fn find_live(
    db: &impl Reads,
    hash: &[u8],
    now: Timestamp,
) -> Result<Option<LiveAccessToken>, Fault> {
    let backend = db.connection().get_database_backend();
    let statement = Statement::from_sql_and_values(backend, FIND_LIVE, [hash.to_vec().into(), now.into()]);
    Ok(LiveAccessToken::find_by_statement(statement).one(db.connection()).await?)
}

/// Adds an access token.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_access_token(unit: &Unit, token: Model) -> Result<(), Fault> {
    insert(unit, token).await
}

/// What the access token of this hash hangs on, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find_grant(db: &impl Reads, hash: &[u8]) -> Result<Option<Grant>, Fault> {
    let Some(token) = Entity::find_by_id(hash).one(db.connection()).await? else { return Ok(None) };
    Ok(::entity::grant::Entity::find_by_id(token.grant_id).one(db.connection()).await?)
}

/// Revokes the access token of this hash and no other (RFC 7009 §2.1).
///
/// # Errors
/// When the database does not answer.
pub async fn revoke(unit: &Unit, hash: &[u8], now: Timestamp) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(Column::Hash.eq(hash).and(Column::RevokedAt.is_null()))
        .exec(unit.connection())
        .await?;
    Ok(())
}
