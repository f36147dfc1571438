//! A server with one person, for tests of the device API: the browser's part is written directly to the
//! database.

use super::{
    audit_log::details_of,
    city_database::City,
    fixed_clock::FixedClock,
    http_client::HttpClient,
    phone::{Claim, Phone},
    test_app::{HOME, TestApp},
};
use ::entity::ids::{AuthenticatorId, ChallengeId, EnrollmentId, JourneyId, PersonId, PoolId, WorkspaceId};
use countersign::{
    app::{App, sealed_columns::code_key},
    clock::{Clock, Timestamp},
    directory::{Person, Pool, PoolPolicy, PushPolicy, StandardClaims},
    factors::push::{
        details::{Binding, Details, Kind},
        enrollment::{code_hash, link, secret_hash},
        number, qr,
    },
    storage::{
        authenticators::Entitlement, challenges, enrollments, journeys, people, pools, stored::Stored,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// The address of the phones, unless a test sets another.
pub const PHONES: &str = "198.51.100.1";
/// The nonce in the QR code of a challenge.
pub const QR: &str = "ICEiIyQlJicoKSorLC0uLw";

/// The state of a sign-in that no page reads.
#[derive(Serialize, Deserialize)]
pub struct AnyState;

impl Stored for AnyState {
    const PLACE: &'static str = "journey.state";
}

/// A server with a person who has no phone yet.
pub struct PhoneApp {
    pub app: Arc<App>,
    pub clock: FixedClock,
    pub person: PersonId,
    may_scan: bool,
    workspace: WorkspaceId,
    test_app: TestApp,
}

/// An enrollment as shown by the browser.
pub struct Offered {
    pub id: EnrollmentId,
    pub link: String,
    pub code: String,
}

impl PhoneApp {
    /// Starts it with the default policy of pools.
    pub async fn new() -> Self {
        Self::with_policy(PoolPolicy::default()).await
    }

    /// Starts it with this policy of phones, and the other defaults.
    pub async fn with_push(push: PushPolicy) -> Self {
        Self::with_policy(PoolPolicy { push, ..PoolPolicy::default() }).await
    }

    /// Starts it with this policy.
    pub async fn with_policy(policy: PoolPolicy) -> Self {
        Self::in_test_app(TestApp::new().await, policy).await
    }

    /// Starts it with a GeoIP database.
    pub async fn with_cities(cities: &[City]) -> Self {
        Self::in_test_app(TestApp::with_cities(cities).await, PoolPolicy::default()).await
    }

    async fn in_test_app(test_app: TestApp, policy: PoolPolicy) -> Self {
        let (app, clock, workspace) = (test_app.app.clone(), test_app.clock.clone(), test_app.seed.workspace);
        let (now, entropy) = (clock.now(), app.entropy.as_ref());
        let may_scan = policy.push.qr;
        let (pool, person) = (PoolId(entropy.id(now)), PersonId(entropy.id(now)));
        let tx = app.storage.begin().await.unwrap();
        let row = Pool {
            id: pool,
            workspace_id: workspace,
            slug: "phones".to_owned(),
            display_name: "Phones".to_owned(),
            policy,
        };
        pools::insert_pool(&tx, &row, now).await.unwrap();
        let row = Person {
            id: person,
            workspace_id: workspace,
            pool_id: pool,
            username: "alice@example.com".to_owned(),
            password_hash: None,
            claims: StandardClaims::default(),
            is_disabled: false,
            push_muted_until: None,
            password_must_change_at: None,
        };
        people::insert_person(&tx, &row, now).await.unwrap();
        tx.commit().await.unwrap();
        Self { app, clock, person, may_scan, workspace, test_app }
    }

    /// An HTTP client at this address. Each client has a node of its own on the same database.
    pub fn http_client(&self, address: &str) -> HttpClient {
        self.test_app.http_client_from(address)
    }

    /// A new phone that uses this HTTP client.
    pub fn phone_on(&self, http_client: &HttpClient) -> Phone {
        Phone::new(http_client.clone(), self.clock.clone(), HOME)
    }

    /// A new phone.
    pub fn phone(&self) -> Phone {
        self.test_app.phone()
    }

    /// Starts an enrollment in the browser.
    pub async fn offer(&self) -> Offered {
        let (now, entropy) = (self.clock.now(), self.app.entropy.as_ref());
        let id = EnrollmentId(entropy.id(now));
        let (secret, code) = (entropy.secret(), entropy.crockford(10));
        let new = enrollments::NewEnrollment {
            id,
            workspace_id: self.workspace,
            person_id: self.person,
            journey_id: None,
            secret_hash: secret_hash(&secret).to_vec(),
            code_hash: code_hash(&code_key(&self.app.sealing), &code),
            link_sealed: Vec::new(),
            created_at: now,
            expires_at: now.plus_seconds(600),
        };
        let tx = self.app.storage.begin().await.unwrap();
        enrollments::insert_enrollment(&tx, new).await.unwrap();
        tx.commit().await.unwrap();
        Offered { id, link: link(&self.app.addresses.authenticator_url, id, &secret, ""), code }
    }

    /// Types the confirmation code, in a sign-in that another device of the person has approved.
    pub async fn confirm(&self, id: EnrollmentId) {
        let row = enrollments::find(&self.app.storage, id).await.unwrap().unwrap();
        let tx = self.app.storage.begin().await.unwrap();
        assert!(
            enrollments::confirm(&tx, &row, Entitlement::ProvedBySecondFactor, self.clock.now())
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
    }

    /// Enrolls a phone.
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

    /// Starts a sign-in.
    pub async fn journey(&self) -> JourneyId {
        let now = self.clock.now();
        let journey = journeys::StoredJourney {
            id: JourneyId(self.app.entropy.id(now)),
            workspace_id: self.workspace,
            person_id: Some(self.person),
            browser_hash: vec![1; 32],
            has_proof: true,
            version: 1,
            state: AnyState,
            source: "192.0.2.7/32".parse().expect("a network"),
            expires_at: now.plus_seconds(900),
        };
        let tx = self.app.storage.begin().await.unwrap();
        assert!(journeys::insert_journey(&tx, &journey, now, 100).await.unwrap());
        tx.commit().await.unwrap();
        journey.id
    }

    /// Sends a challenge to these devices; the browser shows `07`, and a QR code with the challenge and
    /// [`QR`].
    pub async fn ask(&self, devices: &[&Phone]) -> String {
        self.ask_in(None, devices).await.to_string()
    }

    /// Sends a challenge of this sign-in to these devices.
    pub async fn ask_in(&self, journey: Option<JourneyId>, devices: &[&Phone]) -> ChallengeId {
        let (now, entropy) = (self.clock.now(), self.app.entropy.as_ref());
        let id = ChallengeId(entropy.id(now));
        let may_scan = self.may_scan;
        let details = Details {
            kind: Kind::SignIn,
            app: "Notes",
            account: "alice@example.com",
            when: now,
            address: "192.0.2.7",
            place: None,
            agent: "Firefox on Linux",
            flags: &[],
            binding: if may_scan { &[Binding::Number, Binding::Qr] } else { &[Binding::Number] },
        };
        let new = challenges::NewChallenge {
            id,
            workspace_id: self.workspace,
            person_id: self.person,
            journey_id: journey,
            is_from_known_browser: false,
            details: details.text(),
            number_hash: number::hash(&code_key(&self.app.sealing), id, "07"),
            number_sealed: Vec::new(),
            digits: 2,
            qr: may_scan.then(|| (qr::hash(&code_key(&self.app.sealing), id, QR), Vec::new())),
            created_at: now,
            expires_at: now.plus_seconds(90),
        };
        let targeted = devices.iter().map(|phone| (device_of(phone), entropy.nonce()));
        let tx = self.app.storage.begin().await.unwrap();
        challenges::insert_challenge(&tx, new, targeted.collect()).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Counts the audit events of the person by code.
    pub async fn count_events(&self, code: &str) -> usize {
        self.details_of(code).await.len()
    }

    /// The details of the audit events of the person with this code, the oldest first.
    pub async fn details_of(&self, code: &str) -> Vec<Value> {
        details_of(&self.app, self.person, code).await
    }

    /// The instant until which the phones of the person are muted.
    pub async fn muted_until(&self) -> Option<Timestamp> {
        people::get(&self.app.storage, self.person).await.unwrap().push_muted_until
    }
}

/// The device id of a phone.
pub fn device_of(phone: &Phone) -> AuthenticatorId {
    phone.account.as_ref().expect("an enrolled phone").device_id.parse().expect("a device id")
}
