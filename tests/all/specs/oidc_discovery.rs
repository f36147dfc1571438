//! Discovery, the key set, and CORS (OpenID Connect Discovery, RFC 8414, RFC 7517).

use super::super::support::token_fixture::TokenFixture;
use ::entity::signing_key::KeyPurpose;
use countersign::actions::keys::{self, Purpose};
use countersign::directory::SigningAlgorithm;
use countersign::limits::lifetimes::KEY_PUBLISHED_BEFORE_USE_SECONDS;
use countersign::storage::signing_keys;
use jsonwebtoken::jwk::JwkSet;
use serde_json::Value;

const DISCOVERY: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn both_documents_are_the_same_bytes_and_name_existing_endpoints() {
    let fixture = TokenFixture::new().await;
    let document = fixture.send("GET", DISCOVERY, &[], "").await;
    let other = fixture.send("GET", "/.well-known/oauth-authorization-server", &[], "").await;
    assert_eq!(document.body(), other.body());
    assert_eq!(document.headers()["content-type"], "application/json");
    let metadata: Value = serde_json::from_slice(document.body()).unwrap();
    assert_eq!(metadata["issuer"], "http://localhost:8080");
    assert!(metadata["id_token_signing_alg_values_supported"].as_array().unwrap().contains(&"RS256".into()));
    for name in ["token", "userinfo", "introspection", "revocation"] {
        let address = metadata[format!("{name}_endpoint")].as_str().unwrap();
        let path = address.strip_prefix("http://localhost:8080").unwrap();
        assert_ne!(fixture.send("POST", path, &[], "").await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn the_document_does_not_depend_on_the_request_and_supports_conditional_requests() {
    let fixture = TokenFixture::new().await;
    let document = fixture.send("GET", DISCOVERY, &[], "").await;
    let forwarded = [("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example;proto=https")];
    assert_eq!(fixture.send("GET", DISCOVERY, &forwarded, "").await.body(), document.body());
    let tag = document.headers()["etag"].to_str().unwrap();
    assert_eq!(fixture.send("GET", DISCOVERY, &[("if-none-match", tag)], "").await.status(), 304);
    let head = fixture.send("HEAD", DISCOVERY, &[], "").await;
    assert_eq!((head.status().as_u16(), head.body().len()), (200, 0));
    assert_eq!(fixture.send("POST", DISCOVERY, &[], "").await.status(), 405);
}

#[tokio::test]
async fn a_replaced_key_stays_published_and_its_tokens_stay_valid() {
    let fixture = TokenFixture::new().await;
    let shop = fixture.relying_party(&fixture.es256);
    let before = fixture.tokens(&fixture.es256, "openid").await;
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let old = kid(&before.id_token);
    let context = fixture.app.command_context().await.unwrap();
    let algorithm = Some(SigningAlgorithm::ES256);
    let made = keys::rotate(&fixture.app, &context, Purpose::IdToken, algorithm).await.unwrap();
    fixture.app.directory.forget();
    let early = fixture.tokens(&fixture.es256, "openid").await;
    assert_eq!(kid(&early.id_token), old, "the new key is published first");
    assert!(shop.userinfo(&before).await.is_ok());
    fixture.clock.advance(KEY_PUBLISHED_BEFORE_USE_SECONDS);
    let after = fixture.tokens(&fixture.es256, "openid").await;
    assert_eq!(kid(&after.id_token), made[0].kid);
    let published = fixture.send("GET", "/.well-known/jwks.json", &[], "").await;
    assert_eq!(published.headers()["content-type"], "application/json");
    let keys: JwkSet = serde_json::from_slice(published.body()).unwrap();
    assert!(keys.find(&old).is_some() && keys.find(&kid(&after.id_token)).is_some());
    assert!(shop.userinfo(&after).await.is_ok());
    assert!(
        fixture.app.directory.root().await.unwrap().verified_hint(&before.id_token).await.unwrap().is_some()
    );
    let rows =
        signing_keys::list(&fixture.app.storage, fixture.seed.workspace, KeyPurpose::IdToken).await.unwrap();
    assert_eq!(keys.keys.len(), rows.len());
    let text = std::str::from_utf8(published.body()).unwrap();
    assert!(!text.contains("\"d\"") && !text.contains("\"p\""), "{text}");
}

#[tokio::test]
async fn public_documents_are_readable_from_any_origin() {
    let fixture = TokenFixture::new().await;
    for path in [DISCOVERY, "/.well-known/oauth-authorization-server", "/.well-known/jwks.json"] {
        let response = fixture.send("GET", path, &[("origin", "https://any.example")], "").await;
        assert_eq!(response.headers()["access-control-allow-origin"], "*", "{path}");
        assert_eq!(response.headers().get("access-control-allow-credentials"), None);
    }
}

#[tokio::test]
async fn client_endpoints_are_readable_from_registered_origins_only() {
    let fixture = TokenFixture::new().await;
    let preflight = async |path: &str, origin: &str| {
        let headers = [("origin", origin), ("access-control-request-method", "POST")];
        let response = fixture.send("OPTIONS", path, &headers, "").await;
        assert_eq!(response.status(), 204);
        response.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned())
    };
    for path in ["/token", "/userinfo", "/revoke"] {
        let registered = "https://public.example";
        assert_eq!(preflight(path, registered).await.as_deref(), Some(registered), "{path}");
        for stranger in
            ["https://evil.example", "null", "http://public.example", "https://public.example:8443"]
        {
            assert_eq!(preflight(path, stranger).await, None, "{path} {stranger}");
        }
    }
    let refusal = fixture.send("POST", "/token", &[("origin", "https://public.example")], "").await;
    assert_eq!(refusal.headers()["access-control-allow-origin"], "https://public.example");
    let introspection =
        fixture.send("POST", "/introspect", &[("origin", "https://public.example")], "").await;
    assert_eq!(introspection.headers().get("access-control-allow-origin"), None);
    fixture
        .configure(&fixture.public, |settings| {
            settings.redirect_uris = vec!["https://new.example/cb".to_owned()]
        })
        .await;
    assert_eq!(preflight("/token", "https://public.example").await, None);
    assert!(preflight("/token", "https://new.example").await.is_some());
}
