//! The seed of a test's database: two pools, four people, four applications.

use countersign::{
    clock::{Clock, Timestamp},
    directory::{
        Address, Client, ClientSettings, ConsentRule, Person, PkceRule, Pool, PoolPolicy, RefreshTokenRule,
        SecondFactorRule, SigningAlgorithm, StandardClaims,
    },
    entropy::Entropy,
    factors::{
        password::{HashParameters, Hasher, hash_password},
        totp::generate_seed,
    },
    keys::SealingKey,
    storage::{
        Storage,
        authenticators::{self, NewGenerator},
        clients, people, pools, workspaces,
    },
};
use entity::ids::{AuthenticatorId, ClientKey, PersonId, PoolId, WorkspaceId};
use sea_orm::prelude::Uuid;

/// The password of every person.
pub const PASSWORD: &str = "correct horse battery staple";
/// The secret of every confidential application.
pub const SECRET: &str = "s3cret_of-a-relying-party_0123456789abcdefgh";
/// The redirect URI of the applications.
pub const REDIRECT_URI: &str = "https://app.example.com/cb";
/// The second redirect URI of the applications.
pub const OTHER_REDIRECT_URI: &str = "https://app.example.com/other?kept=1";
/// The post-logout redirect URI of the applications.
pub const POST_LOGOUT_REDIRECT_URI: &str = "https://app.example.com/bye";

/// The ids of the seed's rows.
#[derive(Clone, Debug)]
pub struct Seed {
    pub workspace: WorkspaceId,
    /// Password, then a second factor at every sign-in.
    pub people: PoolId,
    /// Password alone, unless a request requires more.
    pub guests: PoolId,
    /// Of `people`, without any device.
    pub alice: PersonId,
    /// Of `people`, with a code generator.
    pub tom: PersonId,
    /// The secret of Tom's generator.
    pub tom_seed: Vec<u8>,
    /// Tom's generator.
    pub tom_generator: AuthenticatorId,
    /// Of `guests`.
    pub grace: PersonId,
    /// Of `guests`.
    pub gus: PersonId,
    /// Confidential, RS256, refresh tokens always, asks for consent: `app`.
    pub app: ClientKey,
    /// Another client with the same settings: `second_app`.
    pub second_app: ClientKey,
    /// Public, PKCE required: `public_app`.
    pub public_app: ClientKey,
    /// Confidential, ES256, consent implied, refresh tokens with `offline_access`: `quiet_app`.
    pub quiet_app: ClientKey,
}

impl Seed {
    /// Inserts the rows into an empty database.
    pub async fn sow(
        storage: &Storage,
        sealing: &SealingKey,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Self {
        let now = clock.now();
        let workspace = workspaces::find_by_slug(storage, "default").await.unwrap().expect("a workspace");
        let people = pools::find_by_slug(storage, workspace.id, "people").await.unwrap().expect("a pool");
        let id = |n: u128| Uuid::from_u128(0x5eed_0000_0000 + n);
        let seed = Self {
            workspace: workspace.id,
            people: people.id,
            guests: PoolId(id(3)),
            alice: PersonId(id(4)),
            tom: PersonId(id(5)),
            tom_seed: generate_seed(entropy).to_vec(),
            tom_generator: AuthenticatorId(id(6)),
            grace: PersonId(id(7)),
            gus: PersonId(id(8)),
            app: ClientKey(id(9)),
            second_app: ClientKey(id(10)),
            public_app: ClientKey(id(11)),
            quiet_app: ClientKey(id(12)),
        };
        seed.sow_guests(storage, now).await;
        seed.sow_people(storage, entropy, now).await;
        seed.sow_generator(storage, sealing, now).await;
        seed.sow_clients(storage, now).await;
        seed
    }

    async fn sow_guests(&self, storage: &Storage, now: Timestamp) {
        let tx = storage.begin().await.unwrap();
        let guests = Pool {
            id: self.guests,
            workspace_id: self.workspace,
            slug: "guests".to_owned(),
            display_name: "Guests".to_owned(),
            policy: PoolPolicy { second_factor: SecondFactorRule::WhenAsked, ..PoolPolicy::default() },
        };
        pools::insert_pool(&tx, &guests, now).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn sow_people(&self, storage: &Storage, entropy: &dyn Entropy, now: Timestamp) {
        let hash = hash_password(PASSWORD, entropy, &mut Hasher::new(HashParameters::MIN_COST)).unwrap();
        let tx = storage.begin().await.unwrap();
        for (id, pool_id, username) in [
            (self.alice, self.people, "alice"),
            (self.tom, self.people, "tom"),
            (self.grace, self.guests, "grace"),
            (self.gus, self.guests, "gus"),
        ] {
            let person = Person {
                id,
                workspace_id: self.workspace,
                pool_id,
                username: username.to_owned(),
                password_hash: Some(hash.clone()),
                claims: claims(username, now),
                is_disabled: false,
                push_muted_until: None,
                password_must_change_at: None,
            };
            assert!(people::insert_person(&tx, &person, now).await.unwrap());
        }
        tx.commit().await.unwrap();
    }

    async fn sow_generator(&self, storage: &Storage, sealing: &SealingKey, now: Timestamp) {
        let purpose = countersign::app::sealed_columns::totp_seed(self.tom_generator);
        let tx = storage.begin().await.unwrap();
        let generator = NewGenerator {
            id: self.tom_generator,
            workspace_id: self.workspace,
            person_id: self.tom,
            totp_seed: sealing.rows().seal(&purpose, &self.tom_seed),
            created_at: now,
        };
        authenticators::insert_generator(&tx, generator).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn sow_clients(&self, storage: &Storage, now: Timestamp) {
        let settings = ClientSettings {
            redirect_uris: vec![REDIRECT_URI.to_owned(), OTHER_REDIRECT_URI.to_owned()],
            post_logout_redirect_uris: vec![POST_LOGOUT_REDIRECT_URI.to_owned()],
            refresh_token: RefreshTokenRule::Always,
            ..ClientSettings::default()
        };
        let quiet = ClientSettings {
            consent: ConsentRule::Implied,
            refresh_token: RefreshTokenRule::OfflineAccess,
            id_token_signed_response_alg: SigningAlgorithm::ES256,
            ..settings.clone()
        };
        let public = ClientSettings { pkce: PkceRule::Required, ..settings.clone() };
        let tx = storage.begin().await.unwrap();
        for (key, client_id, is_public, settings) in [
            (self.app, "app", false, settings.clone()),
            (self.second_app, "second_app", false, settings),
            (self.public_app, "public_app", true, public),
            (self.quiet_app, "quiet_app", false, quiet),
        ] {
            let secret = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, SECRET.as_bytes());
            let client = Client {
                key,
                workspace_id: self.workspace,
                client_id: client_id.to_owned(),
                name: format!("Harbor {client_id}"),
                secret_hash: (!is_public).then(|| secret.as_ref().to_vec()),
                previous_secret: None,
                settings,
                pools: vec![self.people, self.guests],
                is_disabled: false,
            };
            clients::insert_client(&tx, &client, now).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}

/// A value for every standard claim.
fn claims(username: &str, now: Timestamp) -> StandardClaims {
    let text = |text: &str| Some(text.to_owned());
    StandardClaims {
        name: text("Ada Lovelace"),
        given_name: text("Ada"),
        family_name: text("Lovelace"),
        middle_name: text("King"),
        nickname: text("Countess"),
        preferred_username: text(username),
        profile: text("https://people.example.com/ada"),
        picture: text("https://people.example.com/ada.png"),
        website: text("https://ada.example.com/"),
        gender: text("female"),
        birthdate: text("1815-12-10"),
        zoneinfo: text("Europe/London"),
        locale: text("en-GB"),
        updated_at: Some(now.unix_seconds()),
        email: Some(format!("{username}@example.com")),
        email_verified: Some(true),
        phone_number: text("+442071234567"),
        phone_number_verified: Some(true),
        address: Some(Address {
            formatted: text("12 St James's Square\nLondon\nUnited Kingdom"),
            street_address: text("12 St James's Square"),
            locality: text("London"),
            region: text("England"),
            postal_code: text("SW1Y 4JH"),
            country: text("United Kingdom"),
        }),
    }
}
