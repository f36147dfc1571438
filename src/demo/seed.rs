//! Who and what is in a demo. What must be printed again at the next start is kept sealed in the database.

use super::{
    claims::{ADA, ALAN, Character, EDITH, GRACE},
    relying_party::APPLICATION_NAME,
};
use crate::{
    app::{App, FIRST_POOL, NewClient, sealed_columns},
    audit::AuditSource,
    clock::Timestamp,
    directory::{
        ClientSettings, ConsentRule, PkceRule, Pool, PoolPolicy, RefreshTokenRule, SecondFactorRule,
    },
    factors::totp::{generate_seed, otpauth_uri},
    storage::{Fault, Transaction, authenticators, pools, settings},
};
use ::entity::{
    authenticator::{AuthenticatorKind, AuthenticatorState, Model as Authenticator},
    ids::{AuthenticatorId, PersonId, PoolId, WorkspaceId},
};
use serde::{Deserialize, Serialize};

/// Where the seed is kept, sealed.
pub(super) const SETTING: &str = "demo.seed";
/// What it is sealed for.
const PURPOSE: &str = "demo seed";

/// What a demo was made with.
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

/// The seed of this database; sown when there is none. Of two demos that start at once, one sows.
pub(super) async fn ensure_seed(app: &App) -> Result<Seed, Fault> {
    if let Some(seed) = kept(app).await? {
        return Ok(seed);
    }
    match sow(app).await? {
        Some(seed) => Ok(seed),
        None => kept(app)
            .await?
            .ok_or_else(|| Fault::broken("another demo is being seeded here and did not finish")),
    }
}

async fn kept(app: &App) -> Result<Option<Seed>, Fault> {
    let Some(kept) = settings::find(&app.storage, SETTING).await? else { return Ok(None) };
    let opened = kept.as_str().and_then(|sealed| app.sealing.rows().open_text(PURPOSE, sealed));
    let seed = opened.and_then(|plain| serde_json::from_slice(&plain).ok());
    seed.map(Some).ok_or_else(|| Fault::broken("what this demo was seeded with cannot be read"))
}

/// A bed that is being sown.
struct Bed<'a> {
    app: &'a App,
    tx: Transaction,
    now: Timestamp,
    workspace: WorkspaceId,
    pools: Vec<PoolId>,
}

async fn sow(app: &App) -> Result<Option<Seed>, Fault> {
    let mut seed = Seed {
        password: password(app),
        totp_password: password(app),
        guest_password: password(app),
        second_guest_password: password(app),
        ..Seed::default()
    };
    // Hashed before the unit begins: it takes its time.
    let [ada, grace, alan, edith] = [
        app.hash_password(seed.password.clone()).await?,
        app.hash_password(seed.totp_password.clone()).await?,
        app.hash_password(seed.guest_password.clone()).await?,
        app.hash_password(seed.second_guest_password.clone()).await?,
    ];
    let workspace = app.directory.workspace().await?.id;
    let people = pools::find_by_slug(&app.storage, workspace, FIRST_POOL).await?;
    let people = people.ok_or_else(|| Fault::broken(format!("the pool {FIRST_POOL} is not there")))?;
    let now = app.now();
    let guests = guests(app, workspace, now);
    let tx = app.storage.begin().await?;
    // Holds the place: who comes second waits here, and then finds the seed.
    if !settings::insert_setting(&tx, SETTING, "".into(), now).await? {
        return Ok(None);
    }
    pools::insert_pool(&tx, &guests, now).await?;
    let bed = Bed { app, tx, now, workspace, pools: vec![people.id, guests.id] };
    bed.person(&people, &ADA, ada).await?;
    let grace = bed.person(&people, &GRACE, grace).await?;
    seed.totp_uri = bed.generator(grace).await?;
    bed.person(&guests, &ALAN, alan).await?;
    bed.person(&guests, &EDITH, edith).await?;
    bed.clients(&mut seed).await?;
    bed.keep(&seed).await?;
    Ok(Some(seed))
}

/// Four groups of four: 80 random bits, easily selected and typed.
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

impl Bed<'_> {
    async fn person(&self, pool: &Pool, character: &Character, hash: String) -> Result<PersonId, Fault> {
        let person = self.app.new_person(pool, character.username, hash, character.claims(), self.now);
        if self.app.add_person(&self.tx, &person, &AuditSource::default(), self.now).await? {
            Ok(person.id)
        } else {
            Err(Fault::broken(format!(
                "this database has a person named {} already and is no demo's: give the demo its own",
                character.username
            )))
        }
    }

    /// A generator of codes, as its `otpauth:` address.
    async fn generator(&self, person: PersonId) -> Result<String, Fault> {
        let (id, seed) =
            (AuthenticatorId(self.app.entropy.id(self.now)), generate_seed(self.app.entropy.as_ref()));
        let sealed = self.app.sealing.rows().seal(&sealed_columns::totp_seed(id), &seed);
        let generator = Authenticator {
            id,
            workspace_id: self.workspace,
            person_id: person,
            kind: AuthenticatorKind::Totp,
            state: AuthenticatorState::Active,
            name: "Code generator".to_owned(),
            platform: None,
            app: None,
            jwk: None,
            thumbprint: None,
            uv_credential: None,
            persisted: None,
            totp_seed: Some(sealed),
            totp_last_step: None,
            bad_signatures: 0,
            created_at: self.now,
            confirmed_at: Some(self.now),
            last_seen_at: None,
            ended_at: None,
        };
        authenticators::insert_authenticator(&self.tx, generator).await?;
        Ok(otpauth_uri("Countersign demo", GRACE.username, &seed))
    }

    async fn clients(&self, seed: &mut Seed) -> Result<(), Fault> {
        let always =
            || ClientSettings { refresh_token: RefreshTokenRule::Always, ..ClientSettings::default() };
        let public = ClientSettings { pkce: PkceRule::Required, ..always() };
        let ours = ClientSettings { consent: ConsentRule::Implied, ..always() };
        let (first, second, own) =
            (self.app.entropy.secret(), self.app.entropy.secret(), self.app.entropy.secret());
        seed.client_id = self.client("Demo client", always(), Some(&first)).await?;
        seed.second_client_id = self.client("Second demo client", always(), Some(&second)).await?;
        seed.public_client_id = self.client("Public demo client", public, None).await?;
        seed.relying_party_client_id = self.client(APPLICATION_NAME, ours, Some(&own)).await?;
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
        let added = self.app.add_client(&self.tx, new, &AuditSource::default(), self.now).await?;
        Ok(added.client_id)
    }

    /// Puts the seed in its place, and makes everything durable.
    async fn keep(self, seed: &Seed) -> Result<(), Fault> {
        let plain = serde_json::to_vec(seed).map_err(|error| Fault::because("the demo's seed", error))?;
        let sealed = self.app.sealing.rows().seal_text(PURPOSE, &plain);
        settings::take(&self.tx, SETTING).await?;
        settings::insert_setting(&self.tx, SETTING, sealed.into(), self.now).await?;
        self.tx.commit().await
    }
}
