//! The keys of the tests' servers, from `fixtures/keys/`, so that no test waits for the generation of an RSA
//! key. `stories::first_keys` starts servers without them.

use super::test_app::SEALING_KEY;
use ::entity::signing_key::KeyPurpose;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign::{
    app::{App, sealed_columns},
    clock::{Clock, SystemClock},
    config::Config,
    directory::SigningAlgorithm,
    entropy::SystemEntropy,
    keys::{SealingKey, SigningKey},
    storage::{
        Storage, settings,
        signing_keys::{self, SigningKeyRow},
    },
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    sync::{Arc, LazyLock},
};

/// A private key for each purpose and algorithm, as PKCS#8 documents.
const FILES: [(KeyPurpose, SigningAlgorithm, &[u8]); 4] = [
    (KeyPurpose::IdToken, SigningAlgorithm::RS256, include_bytes!("../fixtures/keys/rs256.der")),
    (KeyPurpose::IdToken, SigningAlgorithm::ES256, include_bytes!("../fixtures/keys/es256.der")),
    (KeyPurpose::IdToken, SigningAlgorithm::EdDsa, include_bytes!("../fixtures/keys/eddsa.der")),
    (KeyPurpose::Vapid, SigningAlgorithm::ES256, include_bytes!("../fixtures/keys/vapid.der")),
];

static KEYS: LazyLock<Vec<(KeyPurpose, SigningKey)>> = LazyLock::new(|| {
    let read = |algorithm, der| SigningKey::from_pkcs8(algorithm, der).expect("a key of this algorithm");
    FILES.iter().map(|(purpose, algorithm, der)| (*purpose, read(*algorithm, der))).collect()
});

/// Prepares a server on an empty database with the keys; fails if the server generated another one.
pub async fn prepare(app: &App) {
    insert(app).await;
    app.prepare().await.expect("the keys are read");
    let root = app.directory.root().await.expect("the first workspace");
    let keys = root.keys().await.expect("the keys are cached");
    assert_published(&serde_json::from_str(keys.ring.jwks()).expect("JSON"));
    assert_eq!(BTreeSet::from([keys.vapid.current().kid()]), kids(KeyPurpose::Vapid));
}

/// Inserts the keys into the empty database of a demo that has not started yet, and its sealing key where the
/// demo looks for it.
pub async fn insert_for_demo(database: &str) {
    let storage = Storage::open(database).await.expect("the database opens");
    let sealing = SealingKey::from_bytes(&SEALING_KEY);
    let secret = URL_SAFE_NO_PAD.encode(SEALING_KEY);
    match database.strip_prefix("sqlite://") {
        Some(path) => {
            let path = path.split('?').next().unwrap_or(path);
            let file =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(format!("{path}.key"));
            file.and_then(|mut file| file.write_all(secret.as_bytes())).expect("a key file");
        }
        None => {
            let tx = storage.begin().await.expect("a transaction");
            let secret = Value::String(secret);
            settings::insert_setting(&tx, "demo.sealing_key", secret, SystemClock.now())
                .await
                .expect("a setting");
            tx.commit().await.expect("committed");
        }
    }
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let app = App::with_storage(&Config::default(), storage.clone(), sealing, clock, entropy).await;
    insert(&app.expect("the server starts")).await;
    storage.close().await.expect("the database closes");
}

/// Fails unless a server publishes exactly these keys in its JWK set.
pub fn assert_published(jwks: &Value) {
    let published = jwks["keys"].as_array().into_iter().flatten().filter_map(|key| key["kid"].as_str());
    let published: BTreeSet<&str> = published.collect();
    assert_eq!(
        published,
        kids(KeyPurpose::IdToken),
        "left: the server's keys; right: tests/all/fixtures/keys. Only tests of key generation may generate keys"
    );
}

fn kids(purpose: KeyPurpose) -> BTreeSet<&'static str> {
    KEYS.iter().filter(|key| key.0 == purpose).map(|(_, key)| key.kid()).collect()
}

async fn insert(app: &App) {
    let workspace = app.directory.root().await.expect("the first workspace").workspace.clone();
    let tx = app.storage.begin().await.expect("a transaction");
    for ((purpose, algorithm, der), (_, key)) in FILES.iter().zip(KEYS.iter()) {
        let row = SigningKeyRow {
            kid: key.kid().to_owned(),
            workspace_id: workspace.id,
            purpose: *purpose,
            algorithm: algorithm.as_str().to_owned(),
            private_sealed: app.sealing.rows().seal(&sealed_columns::signing_key(key.kid()), der),
            public_jwk: key.public_jwk().clone(),
            created_at: app.now(),
            retired_at: None,
            signs_from: None,
        };
        signing_keys::insert_key(&tx, row).await.expect("a key");
    }
    tx.commit().await.expect("committed");
}

mod tests {
    use super::*;
    use crate::{
        architecture::{read, rust_files},
        support::test_app::TestApp,
    };

    /// Files that start servers without the keys of the fixture, and why.
    const OTHERS: [&str; 2] = [
        // Its tests are about the creation of keys.
        "tests/all/stories/first_keys.rs",
        // A database of an earlier version has its own keys.
        "tests/all/support/fixture.rs",
    ];

    #[tokio::test]
    async fn a_test_app_publishes_the_keys_of_the_fixture_and_has_no_other() {
        let test_app = TestApp::new().await;
        assert_published(&test_app.relying_party("app").jwks().await);
        for purpose in [KeyPurpose::IdToken, KeyPurpose::Vapid] {
            let rows = signing_keys::list(&test_app.app.storage, test_app.seed.workspace, purpose).await;
            let rows = rows.expect("the keys");
            assert_eq!(rows.iter().map(|row| row.kid.as_str()).collect::<BTreeSet<_>>(), kids(purpose));
        }
    }

    #[test]
    fn only_tests_of_key_creation_start_a_server_without_the_keys_of_the_fixture() {
        let start = ["App::with", "_storage("].concat();
        let starters = rust_files("tests/all").into_iter().filter(|file| read(file).contains(&start));
        let without: Vec<String> = starters.filter(|file| !read(file).contains("prepare(&app)")).collect();
        assert_eq!(
            without, OTHERS,
            "left: files that start a server and do not call `fixture_keys::prepare`"
        );
    }
}
