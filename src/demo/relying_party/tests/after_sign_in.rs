//! Tests of step-up (RFC 9470 §4), refresh (OpenID Connect Core §12) and RP-Initiated Logout §2.

use super::provider::APPLICATION;
use super::visit::Visit;
use poem::http::StatusCode;
use url::Url;

#[tokio::test]
async fn notes_start_a_sign_in_and_then_open() {
    let mut visit = Visit::begin().await;
    assert_eq!(visit.sign_in_by("/notes").await.location.as_deref(), Some("/notes"));
    assert!(visit.get("/notes").await.body.contains("The binder calls back"));
}

#[tokio::test]
async fn reports_request_the_stronger_sign_in_and_open_once_it_is_reached() {
    let mut visit = Visit::begin().await;
    visit.sign_in_by("/login").await;
    let request = visit.leave_by("/reports").await;
    assert_eq!(request["acr_values"], "2fa");
    visit.provider.story().acr = "2fa";
    assert_eq!(visit.sign_in_by("/reports").await.location.as_deref(), Some("/reports?asked"));
    assert!(visit.get("/reports?asked").await.body.contains("Notebooks sold"));
    assert!(visit.get("/reports").await.body.contains("Notebooks sold"));
}

#[tokio::test]
async fn reports_stay_closed_after_a_weaker_sign_in() {
    let mut visit = Visit::begin().await;
    assert_eq!(visit.sign_in_by("/reports").await.location.as_deref(), Some("/reports?asked"));
    let seen = visit.get("/reports?asked").await.body;
    assert!(seen.contains("Reports stay closed") && seen.contains("<code>1fa</code>"), "{seen}");
    assert!(!seen.contains("Notebooks sold"));
}

#[tokio::test]
async fn a_refresh_updates_tokens_and_claims() {
    let mut visit = Visit::begin().await;
    visit.sign_in_by("/login").await;
    visit.provider.story().name = "Ada King";
    for _ in 0..2 {
        let seen = visit.post_from(APPLICATION, "/refresh").await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
    }
    let home = visit.get("/").await.body;
    assert!(home.contains("Hello, Ada King") && home.contains("refreshed 15 January 2027"), "{home}");
}

#[tokio::test]
async fn a_refused_refresh_shows_the_error_and_ends_the_session() {
    let mut visit = Visit::begin().await;
    visit.sign_in_by("/login").await;
    visit.provider.story().refuses_refresh = true;
    let seen = visit.post_from(APPLICATION, "/refresh").await;
    assert_eq!(seen.status, StatusCode::BAD_GATEWAY);
    assert!(seen.body.contains("invalid_grant"), "{}", seen.body);
    assert!(visit.get("/").await.body.contains("Sign in with Fake"));
}

#[tokio::test]
async fn a_sign_out_ends_the_session_and_continues_at_the_provider() {
    let mut visit = Visit::begin().await;
    visit.sign_in_by("/login").await;
    let seen = visit.post_from(APPLICATION, "/logout").await;
    let url = Url::parse(&seen.location.unwrap()).unwrap();
    assert_eq!(url.path(), "/signout");
    let parameters: std::collections::BTreeMap<_, _> = url.query_pairs().collect();
    assert_eq!(parameters["post_logout_redirect_uri"], format!("{APPLICATION}/signed-out"));
    assert_eq!(parameters["id_token_hint"].split('.').count(), 3);
    assert!(visit.get("/").await.body.contains("Sign in with Fake"));
    assert!(visit.get("/signed-out").await.body.contains("has forgotten you"));
}

#[tokio::test]
async fn a_form_from_another_origin_is_refused() {
    let mut visit = Visit::begin().await;
    visit.sign_in_by("/login").await;
    for path in ["/logout", "/refresh"] {
        let seen = visit.post_from("http://localhost:1", path).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path}");
    }
    let home = visit.get("/").await.body;
    assert!(home.contains("Hello, Ada") && home.contains("from the sign-in"), "{home}");
}
