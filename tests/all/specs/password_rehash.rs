//! A hash of another cost is replaced at the next sign-in, and never overwrites a newer password.

use crate::support::{
    seed::PASSWORD,
    seeded_entropy::SeededEntropy,
    sign_in::{Answer, give_password, request},
    test_app::TestApp,
};
use ::entity::person;
use countersign::{
    clock::{Clock, Timestamp},
    entropy::{Entropy, SystemEntropy},
    factors::password::{HashParameters, Hasher, hash_password},
    storage::{Executor, people},
};
use sea_orm::EntityTrait;
use std::{
    sync::{Arc, Mutex, mpsc},
    thread::{self, ThreadId},
};
use tokio::sync::mpsc as asynchronous;

/// Entropy that stops the hashing thread at each salt, once armed: after the old hash was verified, before
/// the new one is saved. Requests run on the test's own thread and draw freely.
struct SaltGate {
    source: SeededEntropy,
    requests: ThreadId,
    gate: Mutex<Option<Gate>>,
}

struct Gate {
    reached: asynchronous::UnboundedSender<()>,
    opened: mpsc::Receiver<()>,
}

impl SaltGate {
    fn new() -> Arc<Self> {
        let source = SeededEntropy::named("salt gate");
        Arc::new(Self { source, requests: thread::current().id(), gate: Mutex::default() })
    }

    /// Stops at the next salt; the receiver resolves when it is reached, the sender releases it.
    fn arm(&self) -> (asynchronous::UnboundedReceiver<()>, mpsc::Sender<()>) {
        let (reached, arrival) = asynchronous::unbounded_channel();
        let (open, opened) = mpsc::channel();
        *self.gate.lock().unwrap() = Some(Gate { reached, opened });
        (arrival, open)
    }
}

impl Entropy for SaltGate {
    fn fill(&self, bytes: &mut [u8]) {
        let is_hashing = thread::current().id() != self.requests;
        let gate = if is_hashing { self.gate.lock().unwrap().take() } else { None };
        if let Some(gate) = gate {
            gate.reached.send(()).expect("the test waits");
            gate.opened.recv().expect("the test lets it go on");
        }
        self.source.fill(bytes);
    }
}

fn hash(password: &str, memory_kib: u32) -> String {
    let parameters = HashParameters { memory_kib, ..HashParameters::MIN_COST };
    hash_password(password, &SystemEntropy, &mut Hasher::new(parameters)).unwrap()
}

async fn set_password(test_app: &TestApp, hash: &str) {
    let tx = test_app.app.storage.begin().await.unwrap();
    people::save_password(&tx, test_app.seed.grace, hash, test_app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// The stored hash, and when the password was set.
async fn stored(test_app: &TestApp) -> (String, Option<Timestamp>) {
    let row = person::Entity::find_by_id(test_app.seed.grace).one(test_app.app.storage.connection()).await;
    let row = row.unwrap().unwrap();
    (row.password_hash.unwrap(), row.password_set_at)
}

async fn sign_in(test_app: &TestApp) -> bool {
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    Answer::seek(&give_password(&mut browser, &page, "grace", PASSWORD).await).is_some()
}

#[tokio::test]
async fn a_rehash_does_not_overwrite_a_password_changed_at_the_same_time() {
    let gate = SaltGate::new();
    let test_app = TestApp::drawing_from(gate.clone()).await;
    set_password(&test_app, &hash(PASSWORD, 16)).await;
    let changed = hash("a password of today", 8);
    let (mut reached, open) = gate.arm();
    let change = async {
        reached.recv().await.expect("the password is verified, and its new hash is made");
        set_password(&test_app, &changed).await;
        open.send(()).expect("the hashing thread waits");
    };
    tokio::join!(sign_in(&test_app), change);
    assert_eq!(stored(&test_app).await.0, changed);
    test_app.clock.advance(24 * 3600);
    assert!(!sign_in(&test_app).await, "the old password is over");
}

#[tokio::test]
async fn a_rehash_is_kept_where_the_password_was_not_changed() {
    let gate = SaltGate::new();
    let test_app = TestApp::drawing_from(gate.clone()).await;
    let outdated = hash(PASSWORD, 16);
    set_password(&test_app, &outdated).await;
    let (_, set_at) = stored(&test_app).await;
    test_app.clock.advance(60);
    let (mut reached, open) = gate.arm();
    let go_on = async {
        reached.recv().await.expect("a new hash is made");
        open.send(()).expect("the hashing thread waits");
    };
    let (is_signed_in, ()) = tokio::join!(sign_in(&test_app), go_on);
    assert!(is_signed_in);
    let (rehashed, still_set_at) = stored(&test_app).await;
    assert_ne!(rehashed, outdated);
    assert!(rehashed.contains("m=8,"), "{rehashed}");
    assert_eq!(still_set_at, set_at, "the password is the same");
    assert!(sign_in(&test_app).await, "the new hash is of the same password");
}
