//! Reads what a sign-in needs to know about a person.

use super::Purpose;
use crate::{
    app::App,
    clock::Timestamp,
    directory::{Client, ConsentRule, FactorKind, Pool, PoolPolicy},
    factors::{Carrier, method},
    fault::Fault,
    journey::{Authenticators, ClientDemand, Consent, Inputs, LiveSession, LostAuthenticator, Methods},
    protocol::{AuthorizationRequest, ScopeSet, acr::AcrRequest},
    storage::{
        Executor, Transaction,
        authenticators::{self, Authenticator},
        consents,
        people::{self, NamedPerson},
        pools,
        sessions::BrowserSession,
    },
};
use ::entity::ids::{PersonId, PoolId};
use std::sync::Arc;

/// The person with a typed name, or the stand-in for a name that does not exist.
pub(super) struct Named {
    /// The id for all further reads; a random, unused one for a name that does not exist.
    pub id: PersonId,
    /// The person, if the name exists, is enabled, and may sign in to the client.
    pub person: Option<NamedPerson>,
}

impl Named {
    /// Keeps the person who was `found` under `id` only if they may sign in to `client`.
    pub(super) fn of(id: PersonId, found: Option<NamedPerson>, client: &Client) -> Self {
        let may_sign_in =
            |person: &NamedPerson| !person.is_disabled && client.pools.contains(&person.pool_id);
        Self { id, person: found.filter(may_sign_in) }
    }
}

/// Finds the person with this name in the client's pools, in their order. A disabled person counts as not
/// found.
///
/// Every pool is queried, also after a match, and the same queries follow for a name that does not exist:
/// timing does not reveal whether it exists.
pub(super) async fn find(app: &App, client: &Client, username: &str, now: Timestamp) -> Result<Named, Fault> {
    let mut found = None;
    for pool in &client.pools {
        let in_pool = people::find_named(&app.storage, *pool, username).await?;
        found = found.or(in_pool);
    }
    let person = found.filter(|person| !person.is_disabled);
    let id = person.as_ref().map_or_else(|| PersonId(app.entropy.id(now)), |person| person.id);
    Ok(Named::of(id, person, client))
}

/// Returns the inputs while nobody is named.
pub(super) fn unnamed(client: &Client) -> Inputs {
    Inputs {
        demand: ClientDemand { acr: client_acr(client), ..ClientDemand::default() },
        ..Inputs::default()
    }
}

/// Reads the inputs of a sign-in of the named person by the `policies` of the client's pools. A name that does not exist
/// takes the same steps as a person of the client's first pool.
pub(super) async fn named(
    db: &impl Executor,
    named: &Named,
    client: &Client,
    purpose: &Purpose,
    policies: Policies,
) -> Result<Inputs, Fault> {
    if let Some(person) = &named.person {
        return inputs(db, person, client, purpose, policies).await;
    }
    authenticators::list_usable_once(db, named.id).await?;
    consent(db, named.id, client, purpose).await?;
    let policy = match client.pools.first() {
        Some(pool) => policies.of(*pool)?,
        None => Default::default(),
    };
    Ok(Inputs::nobody(policy, client_acr(client)))
}

/// The policies of all of a client's pools, and not only of that of a person: a name that does not exist costs the same.
pub(super) struct Policies(Vec<Arc<Pool>>);

impl Policies {
    /// Takes them from the cache: for a page. Another node may have changed one a moment ago.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn cached(app: &App, client: &Client) -> Result<Self, Fault> {
        let directory = app.directory.of(client.workspace_id);
        let mut pools = Vec::with_capacity(client.pools.len());
        for pool in &client.pools {
            pools.push(directory.pool(*pool).await?);
        }
        Ok(Self(pools))
    }

    /// Reads them in the transaction that acts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn read(tx: &Transaction, client: &Client) -> Result<Self, Fault> {
        let pools = pools::list_own(tx, client.workspace_id, &client.pools).await?;
        Ok(Self(pools.into_iter().map(Arc::new).collect()))
    }

    fn of(&self, id: PoolId) -> Result<PoolPolicy, Fault> {
        let pool = self.0.iter().find(|pool| pool.id == id);
        let pool = pool.ok_or_else(|| Fault::broken(format!("pool {id} is none of the client's")))?;
        Ok(pool.policy.clone())
    }
}

/// Reads the inputs of a sign-in of this person, whose pool is one of the client's, from `db`.
pub(super) async fn inputs(
    db: &impl Executor,
    person: &NamedPerson,
    client: &Client,
    purpose: &Purpose,
    policies: Policies,
) -> Result<Inputs, Fault> {
    let policy = policies.of(person.pool_id)?;
    let devices = authenticators::list_usable_once(db, person.id).await?;
    let methods = Methods {
        person: Some(person.id),
        kinds: kinds(person, &devices),
        may_enroll: !devices.iter().any(|device| device.is_active() || device.is_suspended()),
        must_change_password: person.must_change_password,
        authenticators: as_facts(&devices),
    };
    let consent = consent(db, person.id, client, purpose).await?;
    Ok(Inputs { policy, methods, demand: ClientDemand { acr: client_acr(client), consent } })
}

/// Returns the class that the client always requires.
pub(super) fn client_acr(client: &Client) -> AcrRequest {
    ClientDemand::acr(client.settings.required_acr.as_deref())
}

/// Returns a session with its person, if they are enabled and the client admits their pool.
pub(super) async fn live(
    app: &App,
    session: &BrowserSession,
    client: &Client,
    purpose: &Purpose,
) -> Result<Option<(LiveSession, Inputs)>, Fault> {
    let person = NamedPerson::from(&people::get(&app.storage, session.person_id).await?);
    if person.is_disabled || !client.pools.contains(&person.pool_id) {
        return Ok(None);
    }
    let live = LiveSession {
        id: session.id,
        person: person.id,
        proofs: session.proofs.clone(),
        auth_time: session.auth_time,
    };
    let policies = Policies::cached(app, client).await?;
    Ok(Some((live, inputs(&app.storage, &person, client, purpose, policies).await?)))
}

fn as_facts(devices: &[Authenticator]) -> Authenticators {
    let (active, lost): (Vec<_>, Vec<_>) = devices.iter().partition(|device| device.is_active());
    Authenticators {
        active: active.into_iter().map(Authenticator::id).collect(),
        lost: lost
            .into_iter()
            .map(|device| LostAuthenticator {
                active_from: device.active_from(),
                ended_at: device.ended_at(),
            })
            .collect(),
    }
}

fn kinds(person: &NamedPerson, authenticators: &[Authenticator]) -> Vec<FactorKind> {
    let active = || authenticators.iter().filter(|device| device.is_active());
    let has = |carrier| match carrier {
        Carrier::Person => person.has_password,
        Carrier::Phone => active().any(|device| device.is_phone()),
        Carrier::Seed => active().any(|device| device.totp_seed().is_some()),
    };
    FactorKind::ALL.into_iter().filter(|kind| has(method(*kind).carrier)).collect()
}

/// Whether consent is asked for at each authorization, whatever was allowed before and whatever the operator has set: the
/// id of a public client is no proof, and any program on the person's device can receive a response that goes to a
/// loopback address or a private-use scheme (RFC 8252 §8.6).
fn is_asked_each_time(client: &Client, purpose: &Purpose) -> bool {
    let is_installed =
        |request: &AuthorizationRequest| request.return_address.redirect_uri.is_of_installed_app();
    client.is_public() && purpose.request().is_some_and(is_installed)
}

async fn consent(
    db: &impl Executor,
    person: PersonId,
    client: &Client,
    purpose: &Purpose,
) -> Result<Consent, Fault> {
    if is_asked_each_time(client, purpose) {
        return Ok(Consent::Needed);
    }
    if client.settings.consent == ConsentRule::Implied {
        return Ok(Consent::NotNeeded);
    }
    let remembered = consents::find(db, client.key, person).await?;
    let remembered = remembered.and_then(|scopes| ScopeSet::parse(&scopes).ok()).unwrap_or_default();
    Ok(if purpose.scopes_to_consent().is_subset(&remembered) { Consent::Given } else { Consent::Needed })
}
