//! Tests of the checks of OpenID Connect Core §3.1.2.7 and §3.1.3.7 and RFC 9207 §2.4 by the relying party.

use super::provider::{APPLICATION, Lie};
use super::visit::Visit;
use poem::http::StatusCode;

#[tokio::test]
async fn a_sign_in_completes_and_shows_the_identity() {
    let mut visit = Visit::begin().await;
    assert!(visit.get("/").await.body.contains("Sign in with Fake"));
    let back = visit.sign_in_by("/login").await;
    assert_eq!((back.status, back.location.as_deref()), (StatusCode::SEE_OTHER, Some("/")), "{}", back.body);
    let home = visit.get("/").await.body;
    assert!(home.contains("Hello, Ada &lt;b&gt;Lovelace&lt;/b&gt;"), "{home}");
    for shown in [
        "ada@example.com",
        "per_ada",
        "<code>1fa</code>",
        "<code>pwd</code>",
        "15 January 2027, 07:59:00 UTC",
    ] {
        assert!(home.contains(shown), "{shown} is not in {home}");
    }
}

#[tokio::test]
async fn the_request_carries_state_nonce_and_a_hashed_verifier() {
    let mut visit = Visit::begin().await;
    let request = visit.leave_by("/login").await;
    assert_eq!(request["response_type"], "code");
    assert_eq!(request["scope"], "openid profile email address phone");
    assert_eq!(request["redirect_uri"], format!("{APPLICATION}/callback"));
    assert_eq!(request["code_challenge_method"], "S256");
    assert!(request["state"].len() >= 22 && request["nonce"].len() >= 22);
    assert!(!request.contains_key("acr_values"));
}

#[tokio::test]
async fn an_invalid_id_token_is_refused_with_its_reason() {
    for (lie, reason) in [
        (Lie::None, None),
        (Lie::Nonce, Some("Invalid nonce")),
        (Lie::Issuer, Some("Invalid issuer")),
        (Lie::Audience, Some("Invalid audiences")),
        (Lie::Key, Some("Signature verification failed")),
        (Lie::Expired, Some("Expired")),
        (Lie::AccessTokenHash, Some("belongs to another access token")),
        (Lie::NoIdToken, Some("there is none")),
        (Lie::AnotherPersonAtUserInfo, Some("userinfo endpoint did not answer as it should")),
    ] {
        let mut visit = Visit::begin().await;
        visit.provider.story().lie = lie;
        let back = visit.sign_in_by("/login").await;
        let is_signed_in = visit.get("/").await.body.contains("Hello, Ada");
        match reason {
            None => assert!(is_signed_in, "{}", back.body),
            Some(reason) => {
                assert_eq!(back.status, StatusCode::BAD_GATEWAY, "{lie:?}");
                assert!(back.body.contains(reason), "{lie:?}: {}", back.body);
                assert!(!is_signed_in, "{lie:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_response_with_another_issuer_or_none_is_refused() {
    for (iss, is_accepted) in [(Some("expected"), true), (Some("http://evil.example"), false), (None, false)]
    {
        let mut visit = Visit::begin().await;
        let request = visit.leave_by("/login").await;
        let (state, issuer) = (request["state"].clone(), visit.provider.issuer.clone());
        let code = visit.provider.approve(request);
        let mut parameters = vec![("state", state.as_str()), ("code", code.as_str())];
        parameters.extend(iss.map(|iss| ("iss", if iss == "expected" { issuer.as_str() } else { iss })));
        let back = visit.come_back(&parameters).await;
        assert_eq!(back.status == StatusCode::SEE_OTHER, is_accepted, "{iss:?}: {}", back.body);
        assert_eq!(back.body.contains("should name the issuer"), !is_accepted);
    }
}

#[tokio::test]
async fn a_response_is_accepted_once_and_only_in_the_browser_that_asked() {
    let mut visit = Visit::begin().await;
    let issuer = visit.provider.issuer.clone();
    let request = visit.leave_by("/login").await;
    let state = request["state"].clone();
    let code = visit.provider.approve(request);
    let answer = [("state", state.as_str()), ("code", code.as_str()), ("iss", issuer.as_str())];

    let mut stranger = visit.another_browser();
    stranger.leave_by("/login").await;
    assert_eq!(stranger.come_back(&answer).await.status, StatusCode::BAD_REQUEST);
    let made_up = [("state", "made-up"), ("code", code.as_str()), ("iss", issuer.as_str())];
    let refused = visit.come_back(&made_up).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.body.contains("belongs to no sign-in"), "{}", refused.body);
    assert_eq!(visit.come_back(&answer).await.status, StatusCode::SEE_OTHER);
    assert_eq!(visit.come_back(&answer).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_error_is_shown_with_its_description_and_only_in_the_browser_that_asked() {
    let mut visit = Visit::begin().await;
    let issuer = visit.provider.issuer.clone();
    let state = visit.leave_by("/login").await["state"].clone();
    let answer = [
        ("state", state.as_str()),
        ("error", "access_denied"),
        ("error_description", "<i>No</i>, she said"),
        ("iss", issuer.as_str()),
    ];
    let unasked = visit.another_browser().come_back(&answer).await;
    assert_eq!(unasked.status, StatusCode::BAD_REQUEST);
    assert!(!unasked.body.contains("she said"));
    let seen = visit.come_back(&answer).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    assert!(seen.body.contains("The sign-in was called off"), "{}", seen.body);
    assert!(seen.body.contains("<code>access_denied</code>"));
    assert!(seen.body.contains("&lt;i&gt;No&lt;/i&gt;, she said"));
}

#[tokio::test]
async fn a_provider_that_was_down_is_discovered_once_it_is_up() {
    let mut visit = Visit::begin().await;
    visit.provider.story().is_down = true;
    let down = visit.get("/login").await;
    assert_eq!(down.status, StatusCode::BAD_GATEWAY);
    assert!(
        down.body.contains("The provider cannot be reached") && down.body.contains("503"),
        "{}",
        down.body
    );
    visit.provider.story().is_down = false;
    assert_eq!(visit.sign_in_by("/login").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn every_response_has_the_policy_and_no_page_violates_it() {
    let mut visit = Visit::begin().await;
    for path in ["/", "/signed-out", "/nowhere", "/callback", "/assets/style.css", "/assets/icon.svg"] {
        let seen = visit.get(path).await;
        assert!(seen.policy.starts_with("default-src 'none'; style-src 'self'; img-src 'self'"), "{path}");
        assert!(!seen.body.contains("<script") && !seen.body.contains("style="), "{path}: {}", seen.body);
    }
    assert_eq!(visit.get("/nowhere").await.status, StatusCode::NOT_FOUND);
}
