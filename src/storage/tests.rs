//! Storage against a real SQLite file: single-use values are used once.

use super::{codes::Redemption, *};
use crate::{
    clock::Timestamp,
    directory::{Client, ClientSettings, Person, Pool, PoolPolicy, StandardClaims, Workspace},
    limits::lockout::TOTP,
};
use ::entity::ids::{ClientKey, GrantId, PersonId, PoolId, WorkspaceId};
use sea_orm::prelude::Uuid;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

pub(super) struct Seeded {
    pub(super) storage: Storage,
    client: ClientKey,
    pub(super) person: PersonId,
    pub(super) workspace: WorkspaceId,
    _folder: tempfile::TempDir,
}

pub(super) async fn seeded() -> Seeded {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::open(&format!("sqlite://{}/test.db", folder.path().display())).await.unwrap();
    let [workspace, pool, client, person] = [1, 2, 3, 4].map(Uuid::from_u128);
    let (workspace, pool) = (WorkspaceId(workspace), PoolId(pool));
    let (client, person) = (ClientKey(client), PersonId(person));
    let tx = storage.begin().await.unwrap();
    workspaces::insert_workspace(
        &tx,
        &Workspace { id: workspace, slug: "default".into(), display_name: "Test".into() },
        NOW,
    )
    .await
    .unwrap();
    let row = Pool {
        id: pool,
        workspace_id: workspace,
        slug: "people".into(),
        display_name: "People".into(),
        policy: PoolPolicy::default(),
    };
    pools::insert_pool(&tx, &row, NOW).await.unwrap();
    let row = Client {
        key: client,
        workspace_id: workspace,
        client_id: "app".into(),
        name: "App".into(),
        secret_hash: None,
        previous_secret: None,
        settings: ClientSettings::default(),
        pools: vec![pool],
        is_disabled: false,
    };
    clients::insert_client(&tx, &row, NOW).await.unwrap();
    let row = Person {
        id: person,
        workspace_id: workspace,
        pool_id: pool,
        username: "Ada".into(),
        password_hash: None,
        claims: StandardClaims::default(),
        is_disabled: false,
        push_muted_until: None,
        password_must_change_at: None,
    };
    assert!(people::insert_person(&tx, &row, NOW).await.unwrap());
    assert!(!people::insert_person(&tx, &row, NOW).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(clients::find(&storage, workspace, "app").await.unwrap().unwrap().pools, vec![pool]);
    assert_eq!(people::find_by_username(&storage, pool, " ADA ").await.unwrap().unwrap().id, person);
    Seeded { storage, client, person, workspace, _folder: folder }
}

async fn with_code(seeded: &Seeded) {
    let tx = seeded.storage.begin().await.unwrap();
    let grant = grants::Grant {
        id: GrantId(Uuid::from_u128(5)),
        workspace_id: seeded.workspace,
        client_key: seeded.client,
        person_id: seeded.person,
        session_id: None,
        ends_with_session: false,
        scopes: "openid".into(),
        claims: None,
        auth_time: NOW,
        acr: Some("1fa".into()),
        amr: "pwd".into(),
        created_at: NOW,
        revoked_at: None,
        authenticator_id: None,
    };
    grants::insert_grant(&tx, grant).await.unwrap();
    let code = codes::AuthorizationCodeRow {
        hash: vec![7; 32],
        grant_id: GrantId(Uuid::from_u128(5)),
        redirect_uri: "https://app.example/cb".into(),
        code_challenge: None,
        nonce: None,
        expires_at: NOW.plus_seconds(60),
        redeemed_at: None,
    };
    codes::insert_code(&tx, code).await.unwrap();
    let token = ::entity::access_token::Model {
        hash: vec![8; 32],
        grant_id: GrantId(Uuid::from_u128(5)),
        scopes: "openid".into(),
        issued_at: NOW,
        expires_at: NOW.plus_seconds(600),
        revoked_at: None,
    };
    access_tokens::insert_access_token(&tx, token).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_code_is_redeemed_at_most_once_and_a_second_redemption_revokes_its_grant() {
    let seeded = seeded().await;
    with_code(&seeded).await;
    assert!(
        access_tokens::find_live(&seeded.storage, seeded.workspace, &[8; 32], NOW).await.unwrap().is_some()
    );
    let mut won = 0;
    let mut again = 0;
    let tries = (0..8).map(|_| {
        let storage = seeded.storage.clone();
        tokio::spawn(async move {
            let tx = storage.begin().await.unwrap();
            let redemption = codes::redeem(&tx, &[7; 32], NOW).await.unwrap();
            tx.commit().await.unwrap();
            redemption
        })
    });
    for redemption in futures_util::future::join_all(tries).await {
        match redemption.unwrap() {
            Redemption::Won => won += 1,
            Redemption::Again => again += 1,
            Redemption::Unknown => panic!("the code is there"),
        }
    }
    assert_eq!((won, again), (1, 7));
    assert!(
        access_tokens::find_live(&seeded.storage, seeded.workspace, &[8; 32], NOW).await.unwrap().is_none()
    );
}

#[tokio::test]
async fn an_access_token_is_live_until_it_expires_or_its_person_is_disabled() {
    let seeded = seeded().await;
    with_code(&seeded).await;
    let live = async |now| {
        access_tokens::find_live(&seeded.storage, seeded.workspace, &[8; 32], now).await.unwrap().is_some()
    };
    assert!(live(NOW).await);
    assert!(!live(NOW.plus_seconds(600)).await);
    let tx = seeded.storage.begin().await.unwrap();
    people::save_disabled(&tx, seeded.person, Some(NOW)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!live(NOW).await);
    let tx = seeded.storage.begin().await.unwrap();
    people::save_disabled(&tx, seeded.person, None).await.unwrap();
    tx.commit().await.unwrap();
    assert!(live(NOW).await);
}

#[tokio::test]
async fn batched_lookups_each_get_their_own_token() {
    let seeded = seeded().await;
    with_code(&seeded).await;
    let lookups = (0..600_usize).map(|number| {
        let (storage, hash) = (seeded.storage.clone(), if number % 3 == 0 { [8; 32] } else { [9; 32] });
        let workspace = seeded.workspace;
        async move {
            let found = access_tokens::find_live(&storage, workspace, &hash, NOW).await.unwrap();
            found.map(|token| token.hash)
        }
    });
    let answers = futures_util::future::join_all(lookups).await;
    for (number, hash) in answers.into_iter().enumerate() {
        assert_eq!(hash, (number % 3 == 0).then(|| vec![8; 32]), "{number}");
    }
}

#[tokio::test]
async fn batched_lookups_all_fail_when_the_database_is_unavailable() {
    let seeded = seeded().await;
    seeded.storage.clone().close().await.unwrap();
    let lookups = (0..20).map(|_| access_tokens::find_live(&seeded.storage, seeded.workspace, &[8; 32], NOW));
    for answer in futures_util::future::join_all(lookups).await {
        let fault = answer.unwrap_err();
        assert!(fault.is_temporary(), "{}", fault.chain());
    }
}

#[tokio::test]
async fn concurrent_failures_are_all_counted_and_a_dropped_transaction_changes_nothing() {
    let seeded = seeded().await;
    let failures = (0..8).map(|_| {
        let storage = seeded.storage.clone();
        tokio::spawn(async move {
            let tx = storage.begin().await.unwrap();
            attempts::fail(&tx, "totp:x", &TOTP, NOW).await.unwrap();
            tx.commit().await.unwrap();
        })
    });
    for failure in futures_util::future::join_all(failures).await {
        failure.unwrap();
    }
    let tx = seeded.storage.begin().await.unwrap();
    attempts::fail(&tx, "totp:x", &TOTP, NOW).await.unwrap();
    drop(tx);
    let counted = attempts::find(&seeded.storage, "totp:x").await.unwrap().unwrap();
    assert_eq!(counted.failures, 8);
    let tx = seeded.storage.begin().await.unwrap();
    assert!(attempts::succeed(&tx, "totp:x", &TOTP, NOW).await.unwrap().is_none(), "blocked");
    let later = NOW.plus_seconds(3600);
    assert!(attempts::succeed(&tx, "totp:x", &TOTP, later).await.unwrap().is_some());
    tx.commit().await.unwrap();
    assert!(attempts::find(&seeded.storage, "totp:x").await.unwrap().is_none());
}

#[tokio::test]
async fn a_second_process_is_refused_the_same_file() {
    let seeded = seeded().await;
    let url = format!("sqlite://{}/test.db", seeded._folder.path().display());
    let refused = Storage::open(&url).await.err().unwrap();
    assert!(refused.chain().contains("another process"), "{}", refused.chain());
}
