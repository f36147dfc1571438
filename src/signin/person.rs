//! A person as a sign-in must know them.

use crate::{
    app::App,
    clock::Timestamp,
    directory::{Client, ConsentRule, FactorKind, Person},
    journey::{Consent, Enrolled, LiveSession},
    protocol::{AuthorizationRequest, ScopeSet},
    storage::{
        Executor, Fault,
        authenticators::{self, Authenticator},
        consents, people,
        sessions::BrowserSession,
    },
};
use ::entity::{authenticator::AuthenticatorKind, ids::PersonId};

/// Whom a typed name means.
pub(super) struct Named {
    /// Under which everything about them is asked: of nobody, one that nobody has.
    pub id: PersonId,
    /// Who it is, when the name is here and not disabled.
    pub person: Option<Person>,
}

/// The person of this name among the client's pools, in its order. Somebody disabled is nobody.
///
/// Every pool is asked, also after the one that knows the name, and what follows is asked about nobody just as about
/// somebody: the time of the answer does not say which it is.
pub(super) async fn find(app: &App, client: &Client, username: &str, now: Timestamp) -> Result<Named, Fault> {
    let mut found = None;
    for pool in &client.pools {
        let here = people::find_by_username(&app.storage, *pool, username).await?;
        found = found.or(here);
    }
    let person = found.filter(|person| !person.is_disabled);
    let id = person.as_ref().map_or_else(|| PersonId(app.entropy.id(now)), |person| person.id);
    Ok(Named { id, person })
}

/// Whoever was named, as the journey must know them. A name that does not exist goes the same steps as anyone of the
/// client's first pool.
pub(super) async fn named(
    app: &App,
    named: &Named,
    client: &Client,
    request: &AuthorizationRequest,
) -> Result<Enrolled, Fault> {
    if let Some(person) = &named.person {
        return enrolled(app, &app.storage, person, client, request).await;
    }
    authenticators::list_active_or_suspended(&app.storage, named.id).await?;
    consent(&app.storage, named.id, client, request).await?;
    let policy = match client.pools.first() {
        Some(pool) => app.directory.pool(*pool).await?.policy.clone(),
        None => Default::default(),
    };
    Ok(Enrolled::nobody(policy))
}

/// A person as the journey must know them, read where `db` says.
pub(super) async fn enrolled(
    app: &App,
    db: &impl Executor,
    person: &Person,
    client: &Client,
    request: &AuthorizationRequest,
) -> Result<Enrolled, Fault> {
    let policy = app.directory.pool(person.pool_id).await?.policy.clone();
    let authenticators = authenticators::list_active_or_suspended(db, person.id).await?;
    Ok(Enrolled {
        person: Some(person.id),
        policy,
        kinds: kinds(person, &authenticators),
        may_enroll: authenticators.is_empty(),
        consent: consent(db, person.id, client, request).await?,
    })
}

/// A session with its person, when the client admits their pool and they are not disabled.
pub(super) async fn live(
    app: &App,
    session: &BrowserSession,
    client: &Client,
    request: &AuthorizationRequest,
) -> Result<Option<(LiveSession, Enrolled)>, Fault> {
    let person = people::get(&app.storage, session.person_id).await?;
    if person.is_disabled || !client.pools.contains(&person.pool_id) {
        return Ok(None);
    }
    let live = LiveSession {
        id: session.id,
        person: person.id,
        proofs: session.proofs.clone(),
        auth_time: session.auth_time,
    };
    Ok(Some((live, enrolled(app, &app.storage, &person, client, request).await?)))
}

/// What consent must cover: the scopes asked for, and those whose claims are asked for one by one.
pub(super) fn scopes_to_consent(request: &AuthorizationRequest) -> ScopeSet {
    request.scopes.union(&request.claims.scopes())
}

fn kinds(person: &Person, authenticators: &[Authenticator]) -> Vec<FactorKind> {
    let active = || authenticators.iter().filter(|device| authenticators::is_active(device));
    let has_push = active().any(|device| device.kind == AuthenticatorKind::Push);
    let has_totp = active().any(|device| device.totp_seed.is_some());
    [
        (FactorKind::Password, person.password_hash.is_some()),
        (FactorKind::Push, has_push),
        (FactorKind::Totp, has_totp),
    ]
    .into_iter()
    .filter_map(|(kind, is_there)| is_there.then_some(kind))
    .collect()
}

async fn consent(
    db: &impl Executor,
    person: PersonId,
    client: &Client,
    request: &AuthorizationRequest,
) -> Result<Consent, Fault> {
    if client.settings.consent == ConsentRule::Implied {
        return Ok(Consent::NotNeeded);
    }
    let remembered = consents::find(db, client.key, person).await?;
    let remembered = remembered.and_then(|scopes| ScopeSet::parse(&scopes).ok()).unwrap_or_default();
    Ok(if scopes_to_consent(request).is_subset(&remembered) { Consent::Given } else { Consent::Needed })
}
