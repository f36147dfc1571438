//! Seeds the demo's database with people, a pool and clients. The credentials are stored sealed, so that the
//! next start can print them again.

use super::{
    claims::{ADA, ALAN, Character, EDITH, GRACE},
    relying_party::APPLICATION_NAME,
};
use crate::{
    actions::{
        Action, ActionError, Right,
        clients::{self, NewClient},
        people,
    },
    app::{App, FIRST_POOL, sealed_columns},
    clock::Timestamp,
    directory::{
        ClientSettings, ConsentRule, PkceRule, Pool, PoolPolicy, RefreshTokenRule, SecondFactorRule,
    },
    factors::totp::{generate_seed, otpauth_uri},
    fault::Fault,
    storage::{
        authenticators::{self, NewGenerator},
        pools, settings,
    },
};
use ::entity::ids::{AuthenticatorId, PersonId, PoolId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// The setting that holds the sealed seed.
pub(super) const SETTING: &str = "demo.seed";
/// The purpose of the seal.
const PURPOSE: &str = "demo seed";

/// The credentials of a seeded demo.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Seed {
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) second_client_id: String,
    pub(super) second_client_secret: String,
    pub(super) public_client_id: String,
    pub(super) relying_party_client_id: String,
    pub(super) relying_party_client_secret: String,
    pub(super) password: String,
    pub(super) totp_password: String,
    pub(super) totp_uri: String,
    pub(super) guest_password: String,
    pub(super) second_guest_password: String,
}

/// Returns the seed of this database, and seeds it if there is none. Of two demos that start at once, one
/// seeds.
pub(super) async fn ensure_seed(app: &App) -> Result<Seed, Fault> {
    if let Some(seed) = kept(app).await? {
        return Ok(seed);
    }
    match seed_database(app).await? {
        Some(seed) => Ok(seed),
        None => kept(app)
            .await?
            .ok_or_else(|| Fault::broken("another demo began to seed this database and did not finish")),
    }
}

async fn kept(app: &App) -> Result<Option<Seed>, Fault> {
    let Some(kept) = settings::find(&app.storage, SETTING).await? else { return Ok(None) };
    let opened = kept.as_str().and_then(|sealed| app.sealing.rows().open_text(PURPOSE, sealed));
    let seed = opened.and_then(|plain| serde_json::from_slice(&plain).ok());
    seed.map(Some).ok_or_else(|| Fault::broken("the demo's stored seed cannot be read with this sealing key"))
}

/// The transaction that seeds the database.
struct Seeding<'a> {
    app: &'a App,
    action: Action<'a>,
    workspace_id: WorkspaceId,
    now: Timestamp,
    pools: Vec<PoolId>,
}

async fn seed_database(app: &App) -> Result<Option<Seed>, Fault> {
    let mut seed = Seed {
        password: password(app),
        totp_password: password(app),
        guest_password: password(app),
        second_guest_password: password(app),
        ..Seed::default()
    };
    // Hash before the transaction begins, because hashing is slow.
    let [ada, grace, alan, edith] = [
        app.hash_password(seed.password.clone()).await?,
        app.hash_password(seed.totp_password.clone()).await?,
        app.hash_password(seed.guest_password.clone()).await?,
        app.hash_password(seed.second_guest_password.clone()).await?,
    ];
    let context = app.command_context().await?;
    let (workspace, now) = (context.tenant.workspace.id, context.now);
    let first = pools::find_by_slug(&app.storage, workspace, FIRST_POOL).await?;
    let first = first.ok_or_else(|| Fault::broken(format!("the pool {FIRST_POOL} does not exist")))?;
    let guests = guests(app, workspace, now);
    let action = Action::begin(app, &context, Right::Host).await.map_err(ActionError::into_fault)?;
    // The insert is a lock: a second demo waits for it and then finds the seed.
    if !settings::insert_setting(action.transaction(), SETTING, "".into(), now).await? {
        return Ok(None);
    }
    pools::insert_pool(action.transaction(), &guests, now).await?;
    let pools = vec![first.id, guests.id];
    let seeding = Seeding { app, action, workspace_id: workspace, now, pools };
    seeding.person(&first, &ADA, ada).await?;
    let grace = seeding.person(&first, &GRACE, grace).await?;
    seed.totp_uri = seeding.generator(grace).await?;
    seeding.person(&guests, &ALAN, alan).await?;
    seeding.person(&guests, &EDITH, edith).await?;
    seeding.clients(&mut seed).await?;
    seeding.keep(&seed).await?;
    Ok(Some(seed))
}

/// Generates a password of four groups of four symbols: 80 random bits, easy to select and to type.
fn password(app: &App) -> String {
    let groups: Vec<String> = (0..4).map(|_| app.entropy.crockford(4).to_ascii_lowercase()).collect();
    groups.join("-")
}

fn guests(app: &App, workspace_id: WorkspaceId, now: Timestamp) -> Pool {
    Pool {
        id: PoolId(app.entropy.id(now)),
        workspace_id,
        slug: "guests".to_owned(),
        display_name: "Guests".to_owned(),
        policy: PoolPolicy { second_factor: SecondFactorRule::WhenAsked, ..PoolPolicy::default() },
    }
}

impl Seeding<'_> {
    async fn person(&self, pool: &Pool, character: &Character, hash: String) -> Result<PersonId, Fault> {
        let added =
            people::insert(&self.action, pool, character.username, Some(hash), character.claims()).await;
        added.map(|person| person.id).map_err(|error| match error {
            ActionError::Conflict(_) => Fault::broken(format!(
                "the database has a person named {} already and was not created by a demo: use another database",
                character.username
            )),
            error => error.into_fault(),
        })
    }

    /// Adds a TOTP authenticator and returns its `otpauth:` URI.
    async fn generator(&self, person: PersonId) -> Result<String, Fault> {
        let (id, seed) =
            (AuthenticatorId(self.app.entropy.id(self.now)), generate_seed(self.app.entropy.as_ref()));
        let sealed = self.app.sealing.rows().seal(&sealed_columns::totp_seed(id), &seed);
        let generator = NewGenerator {
            id,
            workspace_id: self.workspace_id,
            person_id: person,
            totp_seed: sealed,
            created_at: self.now,
        };
        authenticators::insert_generator(self.action.transaction(), generator).await?;
        Ok(otpauth_uri("Countersign demo", GRACE.username, &seed))
    }

    async fn clients(&self, seed: &mut Seed) -> Result<(), Fault> {
        let always =
            || ClientSettings { refresh_token: RefreshTokenRule::Always, ..ClientSettings::default() };
        let public = ClientSettings { pkce: PkceRule::Required, ..always() };
        let implied = ClientSettings { consent: ConsentRule::Implied, ..always() };
        let (first, second, own) =
            (self.app.entropy.secret(), self.app.entropy.secret(), self.app.entropy.secret());
        seed.client_id = self.client("Demo client", always(), Some(&first)).await?;
        seed.second_client_id = self.client("Second demo client", always(), Some(&second)).await?;
        seed.public_client_id = self.client("Public demo client", public, None).await?;
        seed.relying_party_client_id = self.client(APPLICATION_NAME, implied, Some(&own)).await?;
        (seed.client_secret, seed.second_client_secret, seed.relying_party_client_secret) =
            (first, second, own);
        Ok(())
    }

    async fn client(
        &self,
        name: &str,
        settings: ClientSettings,
        secret: Option<&str>,
    ) -> Result<String, Fault> {
        let new = NewClient {
            name: name.to_owned(),
            settings,
            pools: self.pools.clone(),
            secret: secret.map(str::to_owned),
        };
        Ok(clients::insert(&self.action, new).await?.client_id)
    }

    /// Stores the sealed seed and commits.
    async fn keep(self, seed: &Seed) -> Result<(), Fault> {
        let plain = serde_json::to_vec(seed)
            .map_err(|error| Fault::because("cannot serialize the demo's seed", error))?;
        let sealed = self.app.sealing.rows().seal_text(PURPOSE, &plain);
        let tx = self.action.transaction();
        settings::take(tx, SETTING).await?;
        settings::insert_setting(tx, SETTING, sealed.into(), self.now).await?;
        self.action.commit().await
    }
}
