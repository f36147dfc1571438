//! The keys of a server: generated at its first start, once for all nodes, and kept at a restart.

use crate::support::{
    fixed_clock::FixedClock, seeded_entropy::SeededEntropy, test_app::SEALING_KEY,
    test_database::TestDatabase,
};
use ::entity::signing_key::KeyPurpose;
use countersign::{
    app::App,
    config::Config,
    keys::SealingKey,
    storage::{Storage, signing_keys},
};
use std::{collections::BTreeSet, sync::Arc};
use tokio::sync::Barrier;

/// A node on this database, without keys in its memory.
async fn node(storage: &Storage) -> Arc<App> {
    let (clock, entropy) = (Arc::new(FixedClock::at_dawn()), Arc::new(SeededEntropy::named("first keys")));
    let sealing = SealingKey::from_bytes(&SEALING_KEY);
    let app = App::with_storage(&Config::default(), storage.clone(), sealing, clock, entropy).await;
    Arc::new(app.expect("the server starts"))
}

/// The JWK set and the public key for push messages, as the node serves them.
async fn served(app: &App) -> (String, String) {
    let keys = app.directory.root().await.expect("a tenant").keys().await.expect("the keys");
    (keys.ring.jwks().to_owned(), keys.vapid.current().public_key().to_owned())
}

/// Purpose, algorithm and id of each stored key.
async fn stored(app: &App) -> BTreeSet<(String, String, String)> {
    let workspace = &app.directory.root().await.expect("the first workspace").workspace;
    let mut found = BTreeSet::new();
    for purpose in [KeyPurpose::IdToken, KeyPurpose::Vapid] {
        for row in signing_keys::list(&app.storage, workspace.id, purpose).await.expect("the keys") {
            found.insert((format!("{purpose:?}"), row.algorithm, row.kid));
        }
    }
    found
}

#[tokio::test]
async fn a_first_start_generates_a_key_for_each_use_and_a_restart_keeps_them() {
    let database = TestDatabase::new().await;
    let storage = Storage::open(database.url()).await.expect("the database opens");
    let first = node(&storage).await;
    assert!(stored(&first).await.is_empty());
    first.prepare().await.expect("the keys are generated");
    let keys = stored(&first).await;
    let uses: Vec<(&str, &str)> =
        keys.iter().map(|(purpose, algorithm, _)| (purpose.as_str(), algorithm.as_str())).collect();
    assert_eq!(uses, [("IdToken", "ES256"), ("IdToken", "EdDSA"), ("IdToken", "RS256"), ("Vapid", "ES256")]);
    let restarted = node(&storage).await;
    restarted.prepare().await.expect("the keys are read");
    assert_eq!(stored(&restarted).await, keys);
    assert_eq!(served(&restarted).await, served(&first).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_generate_one_set_of_keys() {
    let database = TestDatabase::new().await;
    let storage = Storage::open(database.url()).await.expect("the database opens");
    let nodes = [node(&storage).await, node(&storage).await];
    let barrier = Arc::new(Barrier::new(nodes.len()));
    let starts = nodes.clone().map(|node| {
        let barrier = Arc::clone(&barrier);
        tokio::spawn(async move {
            barrier.wait().await;
            node.prepare().await
        })
    });
    for start in starts {
        start.await.expect("no panic").expect("the keys are there");
    }
    assert_eq!(stored(&nodes[0]).await.len(), 4);
    assert_eq!(served(&nodes[0]).await, served(&nodes[1]).await);
}
