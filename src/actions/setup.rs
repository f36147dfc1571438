//! Ends the set-up: the first person and the first client.

use super::{
    Action, ActionError, Conflict, Right,
    clients::{self, NewClient},
    people, pools,
};
use crate::{
    app::{App, FIRST_POOL, RequestContext, SetupToken, Tenant},
    directory::{Client, Pool, StandardClaims},
    fault::Fault,
};

/// The first person, with values that were checked.
#[derive(Clone, Debug)]
pub struct FirstPerson<'a> {
    /// The name to sign in with.
    pub username: &'a str,
    /// The hash of the password.
    pub password_hash: String,
    /// The standard claims.
    pub claims: StandardClaims,
}

/// Returns the pool of the first person.
///
/// # Errors
/// When there is none any more, or the database does not answer.
pub async fn first_pool(app: &App, tenant: &Tenant) -> Result<Pool, Fault> {
    let pool = pools::find(app, tenant, FIRST_POOL).await?;
    pool.ok_or_else(|| Fault::broken(format!("the pool {FIRST_POOL} does not exist")))
}

/// Uses up the set-up link and adds `person` to `pool` and `client` for the people of that pool: all of it,
/// or nothing.
///
/// # Errors
/// [`ActionError::Invalid`] for a client that cannot be registered; [`Conflict::SetupLinkUsed`] when the link
/// is no longer valid; [`Conflict::UsernameTaken`]; a fault when
/// the database does not answer.
pub async fn complete(
    app: &App,
    context: &RequestContext,
    (token, pool): (&SetupToken, &Pool),
    person: FirstPerson<'_>,
    client: NewClient,
) -> Result<Client, ActionError> {
    client.check(&context.tenant)?;
    let action = Action::begin(app, context, Right::Host).await?;
    if !token.take(&action.tx, context.now).await? {
        return Err(ActionError::Conflict(Conflict::SetupLinkUsed));
    }
    people::insert(&action, pool, person.username, Some(person.password_hash), person.claims).await?;
    let client = clients::insert(&action, NewClient { pools: vec![pool.id], ..client }).await?;
    action.commit().await?;
    Ok(client)
}
