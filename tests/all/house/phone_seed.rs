//! A house with one person, as phones find it: what the browser does is done straight to the rows.

use super::{
    fixed_clock::FixedClock,
    phone::{Claim, Phone},
    seeded_entropy::SeededEntropy,
    test_database::TestDatabase,
    wire::Wire,
};
use ::entity::{
    challenge::{ChallengePurpose, ChallengeState},
    enrollment::EnrollmentState,
    ids::{AuthenticatorId, ChallengeId, EnrollmentId, JourneyId, PersonId, PoolId, WorkspaceId},
};
use countersign::{
    app::{Addresses, App, DirectoryCache, Hashing, Places, sealed_columns::code_key},
    clock::{Clock, Timestamp},
    directory::{Person, Pool, PoolPolicy, StandardClaims, Workspace},
    entropy::Entropy,
    factors::{
        password::HashParameters,
        push::{
            details::{Details, Kind},
            enrollment::{code_hash, link, secret_hash},
            number,
        },
    },
    http::{
        body_limit::BodyLimit,
        budgets::Budgets,
        error_body::PlainPage,
        manners::{Manners, Rules},
        security_headers::SecurityHeaders,
        source::TrustedProxies,
    },
    keys::SealingKey,
    outbox::guard::{Guard, PushHosts},
    routes::routes,
    storage::{Storage, challenges, enrollments, journeys, people, pools, workspaces},
};
use poem::EndpointExt;
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// The public URL, which is the authenticator's origin too.
pub const ORIGIN: &str = "http://localhost:8080";
/// Where the phones are, unless a test says otherwise.
pub const PHONES: &str = "198.51.100.9:5555";

/// A house with one person and no phone.
pub struct PhoneHouse {
    pub app: Arc<App>,
    pub clock: FixedClock,
    pub person: PersonId,
    workspace: WorkspaceId,
    _database: TestDatabase,
}

/// An enrollment as the browser shows it.
pub struct Offered {
    pub id: EnrollmentId,
    pub link: String,
    pub code: String,
}

impl PhoneHouse {
    /// With the policy that pools have.
    pub async fn new() -> Self {
        Self::with_policy(PoolPolicy::default()).await
    }

    /// With this policy.
    pub async fn with_policy(policy: PoolPolicy) -> Self {
        let database = TestDatabase::new().await;
        let clock = FixedClock::at_dawn();
        let app = app(&database, &clock).await;
        let (now, entropy) = (clock.now(), app.entropy.as_ref());
        let workspace = WorkspaceId(entropy.id(now));
        let (pool, person) = (PoolId(entropy.id(now)), PersonId(entropy.id(now)));
        let unit = app.storage.begin().await.unwrap();
        let row = Workspace { id: workspace, slug: "default".to_owned(), display_name: "Example".to_owned() };
        workspaces::insert_workspace(&unit, &row, now).await.unwrap();
        let row = Pool {
            id: pool,
            workspace_id: workspace,
            slug: "people".to_owned(),
            display_name: "People".to_owned(),
            policy,
        };
        pools::insert_pool(&unit, &row, now).await.unwrap();
        let row = Person {
            id: person,
            workspace_id: workspace,
            pool_id: pool,
            username: "alice@example.com".to_owned(),
            password_hash: None,
            claims: StandardClaims::default(),
            is_disabled: false,
            push_muted_until: None,
        };
        people::insert_person(&unit, &row, now).await.unwrap();
        unit.commit().await.unwrap();
        Self { app, clock, person, workspace, _database: database }
    }

    /// How a request from `peer` gets in.
    pub fn wire(&self, peer: &str) -> Wire {
        let manners = Manners::new(Rules {
            clock: self.app.clock.clone(),
            entropy: self.app.entropy.clone(),
            trusted_proxies: TrustedProxies::default(),
            security_headers: SecurityHeaders { is_https: false },
            body_limit: BodyLimit::default(),
            error_body: Arc::new(PlainPage),
        });
        let peer: SocketAddr = peer.parse().unwrap();
        // Each wire has a house of its own in front of the same rows, as two nodes have.
        Wire::in_process(routes(self.app.clone()).with(manners), peer)
    }

    /// A new phone on a wire.
    pub fn phone_on(&self, wire: &Wire) -> Phone {
        Phone::new(wire.clone(), self.clock.clone(), ORIGIN)
    }

    /// A new phone.
    pub fn phone(&self) -> Phone {
        self.phone_on(&self.wire(PHONES))
    }

    /// A pairing that has begun in the browser.
    pub async fn offer(&self) -> Offered {
        let (now, entropy) = (self.clock.now(), self.app.entropy.as_ref());
        let id = EnrollmentId(entropy.id(now));
        let (secret, code) = (entropy.secret(), entropy.crockford(10));
        let row = enrollments::Enrollment {
            id,
            workspace_id: self.workspace,
            person_id: self.person,
            journey_id: None,
            state: EnrollmentState::Offered,
            version: 1,
            secret_hash: secret_hash(&secret).to_vec(),
            code_hash: code_hash(&code_key(&self.app.sealing), &code),
            link_sealed: Vec::new(),
            thumbprint: None,
            nonce: None,
            ceremony: None,
            claim_failures: 0,
            authenticator_id: None,
            completion_digest: None,
            confirmation_hash: None,
            confirmation_sealed: None,
            confirm_failures: 0,
            confirm_by: None,
            created_at: now,
            expires_at: now.plus_seconds(600),
        };
        let unit = self.app.storage.begin().await.unwrap();
        enrollments::offer(&unit, row, now).await.unwrap();
        unit.commit().await.unwrap();
        Offered { id, link: link(&self.app.addresses.authenticator_url, id, &secret), code }
    }

    /// The person types the confirmation code.
    pub async fn confirm(&self, id: EnrollmentId) {
        let row = enrollments::find(&self.app.storage, id).await.unwrap().unwrap();
        let unit = self.app.storage.begin().await.unwrap();
        assert!(enrollments::confirm(&unit, &row, self.clock.now()).await.unwrap());
        unit.commit().await.unwrap();
    }

    /// Makes a phone someone's, to the end.
    pub async fn enroll(&self, phone: &mut Phone) -> AuthenticatorId {
        let offered = self.offer().await;
        let offer = phone.claim(&Claim::scan(&offered.link)).await.expect("an offer");
        phone.complete(&offer, &json!({"kind": "none"})).await.expect("a confirmation code");
        self.confirm(offered.id).await;
        device_of(phone)
    }

    /// An enrolled phone.
    pub async fn enrolled(&self) -> Phone {
        let mut phone = self.phone();
        self.enroll(&mut phone).await;
        phone
    }

    /// A sign-in in progress.
    pub async fn journey(&self) -> JourneyId {
        let now = self.clock.now();
        let journey = journeys::StoredJourney {
            id: JourneyId(self.app.entropy.id(now)),
            workspace_id: self.workspace,
            person_id: Some(self.person),
            browser_hash: vec![1; 32],
            version: 1,
            state: Value::Null,
            source: "192.0.2.7".to_owned(),
            expires_at: now.plus_seconds(900),
        };
        let unit = self.app.storage.begin().await.unwrap();
        journeys::insert_journey(&unit, &journey, now, 100).await.unwrap();
        unit.commit().await.unwrap();
        journey.id
    }

    /// Asks these devices; the browser shows `07`.
    pub async fn ask(&self, devices: &[&Phone]) -> String {
        self.ask_in(None, devices).await.to_string()
    }

    /// The same in a sign-in.
    pub async fn ask_in(&self, journey: Option<JourneyId>, devices: &[&Phone]) -> ChallengeId {
        let (now, entropy) = (self.clock.now(), self.app.entropy.as_ref());
        let id = ChallengeId(entropy.id(now));
        let details = Details {
            kind: Kind::SignIn,
            app: "Notes",
            account: "alice@example.com",
            when: now,
            address: "192.0.2.7",
            place: None,
            agent: "Firefox on Linux",
            flags: &[],
        };
        let row = challenges::Challenge {
            id,
            workspace_id: self.workspace,
            person_id: self.person,
            journey_id: journey,
            purpose: ChallengePurpose::SignIn,
            state: ChallengeState::Pending,
            version: 1,
            details: details.text(),
            number_hash: number::hash(&code_key(&self.app.sealing), id, "07"),
            number_sealed: Vec::new(),
            digits: 2,
            created_at: now,
            expires_at: now.plus_seconds(90),
            answered_by: None,
            answered_at: None,
            consume_by: None,
            reason: None,
            answer_digest: None,
            user_verified: None,
        };
        let targeted = devices.iter().map(|phone| challenges::ChallengeDevice {
            challenge_id: id,
            authenticator_id: device_of(phone),
            nonce: entropy.nonce(),
            delivered_at: None,
        });
        let unit = self.app.storage.begin().await.unwrap();
        challenges::insert_challenge(&unit, row, targeted.collect()).await.unwrap();
        unit.commit().await.unwrap();
        id
    }

    /// How often each event of the person is in the trail.
    pub async fn trail(&self, code: &str) -> usize {
        let lines =
            countersign::storage::audit::list_of_person(&self.app.storage, self.workspace, self.person, 500);
        lines.await.unwrap().iter().filter(|line| line.code == code).count()
    }

    /// The instant until which no phone of the person rings.
    pub async fn muted_until(&self) -> Option<Timestamp> {
        people::get(&self.app.storage, self.person).await.unwrap().push_muted_until
    }
}

/// The device that a phone is.
pub fn device_of(phone: &Phone) -> AuthenticatorId {
    phone.account.as_ref().expect("an enrolled phone").device_id.parse().expect("a device id")
}

async fn app(database: &TestDatabase, clock: &FixedClock) -> Arc<App> {
    let storage = Storage::open(database.url()).await.unwrap();
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::named("phones"));
    let sealing = Arc::new(SealingKey::ephemeral(entropy.as_ref()));
    let clock: Arc<dyn Clock> = Arc::new(clock.clone());
    let contact = "mailto:operator@example.com".to_owned();
    let directory = DirectoryCache::new(storage.clone(), sealing.clone(), clock.clone(), contact);
    Arc::new(App {
        addresses: Addresses {
            public_url: ORIGIN.to_owned(),
            authenticator_url: format!("{ORIGIN}/authenticator/"),
        },
        storage,
        clock,
        entropy,
        sealing,
        directory,
        hashing: Hashing::new(HashParameters { memory_kib: 8, passes: 1, lanes: 1 }, 1),
        budgets: Budgets::new(100, Duration::from_secs(600), 100),
        guard: Arc::new(Guard::new(Vec::new(), PushHosts::with(&[]).unwrap())),
        places: Places::default(),
        journeys_per_source: 100,
    })
}
