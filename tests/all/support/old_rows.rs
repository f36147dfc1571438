//! Inserts hundreds of rows into the tables, as hours of use would.

use super::test_app::TestApp;
use ::entity::{
    access_token, audit_event, authorization_code, grant,
    ids::{AuditEventId, BrowserSessionId, GrantId, JourneyId},
    journey, refresh_token,
};
use countersign::{clock::Timestamp, storage::Executor};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

const DAY: i64 = 24 * 3600;

/// Inserts these rows into a table unchanged.
macro_rules! insert_all {
    ($test_app:expr, $table:ident, $rows:expr) => {
        for rows in $rows.collect::<Vec<$table::Model>>().chunks(500) {
            let rows = rows.iter().cloned().map(|row| row.into_active_model().reset_all());
            let inserting = $table::Entity::insert_many(rows);
            inserting.exec_without_returning($test_app.app.storage.connection()).await.expect("rows");
        }
    };
}
pub(crate) use insert_all;

/// Audit events, each `at`.
pub async fn add_audit_events(test_app: &TestApp, count: u64, at: Timestamp) {
    let rows = (0..count).map(|_| audit_event::Model {
        id: AuditEventId(test_app.app.entropy.id(at)),
        workspace_id: test_app.seed.workspace,
        at,
        code: "sign_in.completed".into(),
        person_id: None,
        client_key: None,
        authenticator_id: None,
        journey_id: None,
        address: None,
        agent: None,
        request_id: None,
        detail: serde_json::json!({}),
        actor_kind: None,
        actor_id: None,
        via: None,
        target_kind: None,
        target_id: None,
        result: None,
        reason: None,
        changes: None,
    });
    insert_all!(test_app, audit_event, rows);
}

/// Sign-ins that expired at `at`.
pub async fn add_journeys(test_app: &TestApp, count: u64, at: Timestamp) {
    let rows = (0..count).map(|_| journey::Model {
        id: JourneyId(test_app.app.entropy.id(at)),
        workspace_id: test_app.seed.workspace,
        person_id: None,
        browser_hash: vec![1; 32],
        version: 1,
        state: serde_json::json!({}),
        source: "192.0.2.1".into(),
        created_at: at,
        expires_at: at,
        closed_at: None,
        has_proof: false,
        source_56: None,
        source_48: None,
    });
    insert_all!(test_app, journey, rows);
}

/// A grant of Alice with `count` refresh tokens, of which the last one is valid until `idle_until`, and as
/// many access tokens that expired when they were issued.
pub async fn add_family(test_app: &TestApp, count: u64, idle_until: Timestamp) -> GrantId {
    let now = test_app.app.now();
    let id = GrantId(test_app.app.entropy.id(now));
    let row = grant::Model {
        id,
        workspace_id: test_app.seed.workspace,
        client_key: test_app.seed.quiet_app,
        person_id: test_app.seed.alice,
        session_id: Some(BrowserSessionId(test_app.app.entropy.id(now))),
        ends_with_session: false,
        scopes: "openid offline_access".into(),
        claims: None,
        auth_time: now,
        acr: None,
        amr: "pwd".into(),
        created_at: now,
        revoked_at: None,
        authenticator_id: None,
    };
    insert_all!(test_app, grant, std::iter::once(row.clone()));
    let code = authorization_code::Model {
        hash: test_app.app.entropy.bytes::<32>().to_vec(),
        grant_id: id,
        redirect_uri: "https://app.example.com/cb".into(),
        code_challenge: None,
        nonce: None,
        expires_at: now,
        redeemed_at: Some(now),
    };
    insert_all!(test_app, authorization_code, std::iter::once(code.clone()));
    let rows = (0..count).map(|number| refresh_token::Model {
        hash: test_app.app.entropy.bytes::<32>().to_vec(),
        grant_id: id,
        scopes: "openid offline_access".into(),
        issued_at: now,
        idle_until,
        absolute_until: now.plus_seconds(90 * DAY),
        redeemed_at: (number + 1 < count).then_some(now),
        answer_sealed: (number + 1 < count).then(|| vec![1; 100]),
        answer_until: (number + 1 < count).then_some(now),
    });
    insert_all!(test_app, refresh_token, rows);
    let rows = (0..count).map(|_| access_token::Model {
        hash: test_app.app.entropy.bytes::<32>().to_vec(),
        grant_id: id,
        scopes: "openid".into(),
        issued_at: now,
        expires_at: now,
        revoked_at: None,
    });
    insert_all!(test_app, access_token, rows);
    id
}
