//! Redeeming a code (RFC 6749 §4.1.3 and §5, OpenID Connect Core §3.1.3).

use super::super::support::{
    relying_party::{Ask, RelyingParty, Tokens},
    seed::SECRET,
    snapshot,
    token_fixture::{TokenFixture, basic},
};
use countersign::directory::{IdTokenClaims, RefreshTokenRule};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Barrier;

async fn asked(fixture: &TokenFixture) -> (RelyingParty, Ask, String) {
    let shop = fixture.relying_party(&fixture.shop);
    let ask = shop.ask().await;
    let code = fixture.code(&ask).await;
    (shop, ask, code)
}

async fn refused(shop: &RelyingParty, ask: &Ask, code: &str) -> (u16, String) {
    let error = shop.redeem(ask, code).await.expect_err("refused");
    (error.status.as_u16(), error.error)
}

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

#[tokio::test]
async fn a_code_gives_tokens_that_say_who_signed_in_and_how() {
    let fixture = TokenFixture::new().await;
    let (shop, ask, code) = asked(&fixture).await;
    let tokens = shop.redeem(&ask, &code).await.expect("tokens");
    assert_eq!(tokens.answer["expires_in"], 600);
    assert_eq!(tokens.answer["scope"], "openid profile email");
    assert_eq!(tokens.refresh_token, None, "offline_access was not granted");
    let claims = &tokens.claims;
    assert_eq!(claims["sub"], fixture.seed.alice.to_string());
    assert_eq!(
        (&claims["acr"], &claims["amr"]),
        (&json!("2fa"), &json!(["pwd", "pop", "swk", "user", "mfa"]))
    );
    assert_eq!(claims["iat"].as_i64().unwrap() - claims["auth_time"].as_i64().unwrap(), 30);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
    assert!(claims["sid"].as_str().unwrap().starts_with("ses_"));
    assert_eq!((&claims["email"], &claims["email_verified"]), (&json!("alice@example.com"), &json!(true)));
    assert_eq!(shop.userinfo(&tokens).await.unwrap()["name"], "Ada Lovelace");
}

#[tokio::test]
async fn the_response_is_json_that_is_not_cached_and_sets_no_cookie() {
    let fixture = TokenFixture::new().await;
    let form = "grant_type=authorization_code&code=x";
    let refusal = fixture.post("/token", &basic("shop", SECRET), form).await;
    let (shop, ask, code) = asked(&fixture).await;
    let ask = ask.without("code_challenge").without("nonce");
    let plain = fixture.code(&ask).await;
    let form = format!(
        "grant_type=authorization_code&code={plain}&redirect_uri=https%3A%2F%2Fshop.example%2Fcb&resource=x&resource=y"
    );
    let answer = fixture.post("/token", &basic("shop", SECRET), &form).await;
    insta::assert_snapshot!(snapshot::response(&refusal), @r#"
    400 Bad Request
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    {
      "error": "invalid_grant",
      "error_description": "the authorization code is unknown, expired, used, or was issued to another client; start a new authorization"
    }
    "#);
    insta::assert_snapshot!(snapshot::response(&answer), @r#"
    200 OK
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    {
      "access_token": "<access_token>",
      "expires_in": 600,
      "id_token": "<id_token>",
      "scope": "openid profile email",
      "token_type": "Bearer"
    }
    "#);
    assert!(shop.redeem(&shop.ask().await, &code).await.is_err(), "another request's verifier");
}

#[tokio::test]
async fn a_second_redemption_fails_and_ends_what_the_first_gave() {
    let fixture = TokenFixture::new().await;
    let (shop, ask, code) = asked(&fixture).await;
    let tokens = shop.redeem(&ask, &code).await.expect("tokens");
    assert!(shop.userinfo(&tokens).await.is_ok());
    fixture.clock.advance(30);
    assert_eq!(refused(&shop, &ask, &code).await, invalid_grant());
    assert_eq!(shop.userinfo(&tokens).await.unwrap_err().status, StatusCode::UNAUTHORIZED);
    fixture.clock.advance(3600);
    assert_eq!(refused(&shop, &ask, &code).await, invalid_grant());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_fifty_simultaneous_redemptions_wins_and_the_grant_ends() {
    let fixture = TokenFixture::new().await;
    let (shop, ask, code) = asked(&fixture).await;
    let barrier = Arc::new(Barrier::new(50));
    let tries = (0..50).map(|_| {
        let (shop, ask, code, barrier) = (shop.clone(), ask.clone(), code.clone(), barrier.clone());
        tokio::spawn(async move {
            barrier.wait().await;
            shop.redeem(&ask, &code).await
        })
    });
    let mut won: Vec<Tokens> = Vec::new();
    for outcome in futures_util::future::join_all(tries).await {
        match outcome.expect("no panic") {
            Ok(tokens) => won.push(tokens),
            Err(error) => assert_eq!((error.status.as_u16(), error.error), invalid_grant()),
        }
    }
    assert_eq!(won.len(), 1);
    assert!(shop.userinfo(&won[0]).await.is_err(), "a code that came again ends its grant");
}

#[tokio::test]
async fn a_code_used_by_another_client_is_refused_and_consumed() {
    let fixture = TokenFixture::new().await;
    let (shop, ask, code) = asked(&fixture).await;
    assert_eq!(refused(&fixture.relying_party(&fixture.second), &ask, &code).await, invalid_grant());
    assert_eq!(refused(&shop, &ask, &code).await, invalid_grant());
}

#[tokio::test]
async fn a_used_code_that_another_client_sends_ends_nothing() {
    let fixture = TokenFixture::new().await;
    let (shop, ask, code) = asked(&fixture).await;
    let tokens = shop.redeem(&ask, &code).await.expect("tokens");
    for other in [&fixture.second, &fixture.public] {
        assert_eq!(refused(&fixture.relying_party(other), &ask, &code).await, invalid_grant());
        assert!(shop.userinfo(&tokens).await.is_ok(), "{}", other.client_id);
    }
    assert_eq!(refused(&shop, &ask, &code).await, invalid_grant());
    assert!(shop.userinfo(&tokens).await.is_err(), "its own client ends the grant");
}

#[tokio::test]
async fn another_redirect_uri_is_refused_and_consumes_the_code() {
    let fixture = TokenFixture::new().await;
    let shop = fixture.relying_party(&fixture.shop);
    // Without PKCE, so that nothing but the redirect URI is wrong.
    let ask = shop.ask().await.without("code_challenge");
    let redeem = async |code: &str, redirect_uri: Option<&str>| {
        let mut fields = vec![("grant_type", "authorization_code"), ("code", code)];
        fields.extend(redirect_uri.map(|uri| ("redirect_uri", uri)));
        let answer = shop.token_request(&fields).await;
        answer.map(drop).map_err(|error| (error.status.as_u16(), error.error))
    };
    let right = Some("https://shop.example/cb");
    for wrong in [
        None,
        Some("https://SHOP.example/cb"),
        Some("https://shop.example/cb/"),
        Some("https://second.example/cb"),
    ] {
        let code = fixture.code(&ask).await;
        assert_eq!(redeem(&code, wrong).await, Err(invalid_grant()), "{wrong:?}");
        assert_eq!(redeem(&code, right).await, Err(invalid_grant()), "{wrong:?} consumed the code");
    }
    assert_eq!(redeem(&fixture.code(&ask).await, right).await, Ok(()));
}

#[tokio::test]
async fn a_code_ends_after_sixty_seconds() {
    let fixture = TokenFixture::new().await;
    let (shop, ask, code) = asked(&fixture).await;
    let (_, other_ask, other) = asked(&fixture).await;
    fixture.clock.advance(59);
    assert!(shop.redeem(&ask, &code).await.is_ok());
    fixture.clock.advance(1);
    assert_eq!(refused(&shop, &other_ask, &other).await, invalid_grant());
}

#[tokio::test]
async fn a_code_that_is_not_the_one_given_is_unknown() {
    let fixture = TokenFixture::new().await;
    let (shop, ask, code) = asked(&fixture).await;
    let flipped = format!("{}{}", &code[..code.len() - 1], if code.ends_with('A') { 'B' } else { 'A' });
    for wrong in [&code[..code.len() - 1], &format!("{code}A"), &flipped, &code.to_uppercase(), "%00", "x"] {
        assert_eq!(refused(&shop, &ask, wrong).await, invalid_grant(), "{wrong}");
    }
    assert!(shop.redeem(&ask, &code).await.is_ok());
}

#[tokio::test]
async fn a_code_of_a_disabled_person_is_refused() {
    let fixture = TokenFixture::new().await;
    let (shop, ask, code) = asked(&fixture).await;
    let bobs = fixture.code_of(fixture.seed.tom, &ask).await;
    fixture.disable_person(fixture.seed.alice).await;
    assert_eq!(refused(&shop, &ask, &code).await, invalid_grant());
    assert!(shop.redeem(&ask, &bobs).await.is_ok());
}

#[tokio::test]
async fn malformed_requests_are_refused_with_their_registered_codes() {
    let fixture = TokenFixture::new().await;
    let mut answers = Vec::new();
    for (path, form) in [
        ("/token", ""),
        ("/token", "code=x"),
        ("/token", "grant_type=authorization_code"),
        ("/token", "grant_type=refresh_token"),
        ("/token", "grant_type=authorization_code&code=x&code=x"),
        ("/token", "grant_type=authorization_code&code=x&redirect_uri=a&redirect_uri=b"),
        ("/token", "grant_type=%zz"),
        ("/token?client_secret=x", "grant_type=authorization_code&code=x"),
        ("/token?tenant=x", "grant_type=authorization_code&code=x"),
        ("/token", "grant_type=password&username=a&password=b"),
        ("/token", "grant_type=implicit"),
        ("/token", "grant_type=pass\"word%0A"),
        ("/token", "grant_type=authorization_code&code=x"),
    ] {
        let response = fixture.post(path, &basic("shop", SECRET), form).await;
        answers.push(format!("{path} with {form:?}\n  {}", snapshot::oauth_error(&response)));
    }
    insta::assert_snapshot!(answers.join("\n"), @r#"
    /token with ""
      400 invalid_request: the parameter grant_type is missing
    /token with "code=x"
      400 invalid_request: the parameter grant_type is missing
    /token with "grant_type=authorization_code"
      400 invalid_request: the parameter code is missing
    /token with "grant_type=refresh_token"
      400 invalid_request: the parameter refresh_token is missing
    /token with "grant_type=authorization_code&code=x&code=x"
      400 invalid_request: the parameter code was sent more than once; send it once
    /token with "grant_type=authorization_code&code=x&redirect_uri=a&redirect_uri=b"
      400 invalid_request: the parameter redirect_uri was sent more than once; send it once
    /token with "grant_type=%zz"
      400 invalid_request: the parameters are not well-formed; expected application/x-www-form-urlencoded text in UTF-8
    /token?client_secret=x with "grant_type=authorization_code&code=x"
      400 invalid_request: parameters were received in the query; send them in the body
    /token?tenant=x with "grant_type=authorization_code&code=x"
      400 invalid_grant: the authorization code is unknown, expired, used, or was issued to another client; start a new authorization
    /token with "grant_type=password&username=a&password=b"
      400 unsupported_grant_type: grant_type was received as 'password'; expected authorization_code or refresh_token
    /token with "grant_type=implicit"
      400 unsupported_grant_type: grant_type was received as 'implicit'; expected authorization_code or refresh_token
    /token with "grant_type=pass\"word%0A"
      400 unsupported_grant_type: grant_type was received as 'pass?word?'; expected authorization_code or refresh_token
    /token with "grant_type=authorization_code&code=x"
      400 invalid_grant: the authorization code is unknown, expired, used, or was issued to another client; start a new authorization
    "#);
}

#[tokio::test]
async fn each_refused_redemption_is_described() {
    // RFC 7636 appendix B.
    let (challenge, verifier) =
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    let uri = "redirect_uri=https%3A%2F%2Fshop.example%2Fcb";
    let right = format!("{uri}&code_verifier={verifier}");
    let fixture = TokenFixture::new().await;
    let ask = fixture.relying_party(&fixture.shop).ask().await.with("code_challenge", challenge);
    let mut answers = Vec::new();
    for (what, client_id, rest) in [
        ("another client", "second", right.as_str()),
        ("no redirect_uri", "shop", &format!("code_verifier={verifier}")),
        ("another redirect_uri", "shop", &right.replace("%2Fcb", "%2Fother")),
        ("no code_verifier", "shop", uri),
        ("another code_verifier", "shop", &format!("{uri}&code_verifier={challenge}")),
        ("after all of these", "shop", &right),
    ] {
        let code = fixture.code(&ask).await;
        let form = format!("grant_type=authorization_code&code={code}&{rest}");
        let first = fixture.post("/token", &basic(client_id, SECRET), &form).await;
        let second = fixture.post("/token", &basic("shop", SECRET), &form).await;
        let first =
            if first.status() == StatusCode::OK { "200".into() } else { snapshot::oauth_error(&first) };
        answers.push(format!("{what}\n  first:  {first}\n  second: {}", snapshot::oauth_error(&second)));
    }
    insta::assert_snapshot!(answers.join("\n"), @"
    another client
      first:  400 invalid_grant: the authorization code is unknown, expired, used, or was issued to another client; start a new authorization
      second: 400 invalid_grant: the authorization code is unknown, expired, used, or was issued to another client; start a new authorization
    no redirect_uri
      first:  400 invalid_grant: redirect_uri is missing; repeat the one of the authorization request
      second: 400 invalid_grant: the authorization code is unknown, expired, used, or was issued to another client; start a new authorization
    another redirect_uri
      first:  400 invalid_grant: redirect_uri was received as 'https://shop.example/other', which is not the one of the authorization request
      second: 400 invalid_grant: the authorization code is unknown, expired, used, or was issued to another client; start a new authorization
    no code_verifier
      first:  400 invalid_grant: code_verifier is missing; the authorization request carried a code_challenge
      second: 400 invalid_grant: the authorization code is unknown, expired, used, or was issued to another client; start a new authorization
    another code_verifier
      first:  400 invalid_grant: code_verifier does not match the code_challenge of the authorization request
      second: 400 invalid_grant: the authorization code is unknown, expired, used, or was issued to another client; start a new authorization
    after all of these
      first:  200
      second: 400 invalid_grant: the authorization code is unknown, expired, used, or was issued to another client; start a new authorization
    ");
}

#[tokio::test]
async fn neither_get_nor_json_reaches_the_token_endpoint() {
    let fixture = TokenFixture::new().await;
    let get = fixture.send("GET", "/token?grant_type=authorization_code", &[], "").await;
    assert_eq!(get.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(get.headers()["allow"], "POST, OPTIONS");
    assert_eq!(get.headers()["cache-control"], "no-store");
    let authorization = basic("shop", SECRET);
    let headers = [("content-type", "application/json"), ("authorization", authorization.as_str())];
    let response = fixture.send("POST", "/token", &headers, r#"{"grant_type":"authorization_code"}"#).await;
    let body: Value = serde_json::from_slice(response.body()).expect("JSON");
    assert_eq!((response.status().as_u16(), &body["error"]), (400, &json!("invalid_request")));
}

#[tokio::test]
async fn the_client_s_settings_say_how_it_is_answered() {
    let fixture = TokenFixture::new().await;
    let header = |tokens: &Tokens| jsonwebtoken::decode_header(&tokens.id_token).expect("a JWS").alg;
    let tokens = fixture.tokens(&fixture.shop, "openid email").await;
    assert_eq!(header(&tokens), jsonwebtoken::Algorithm::RS256);
    assert_eq!(header(&fixture.tokens(&fixture.es256, "openid").await), jsonwebtoken::Algorithm::ES256);
    fixture
        .configure(&fixture.shop, |settings| {
            settings.id_token_claims = IdTokenClaims::Strict;
            settings.refresh_token = RefreshTokenRule::Always;
        })
        .await;
    let strict = fixture.tokens(&fixture.shop, "openid email").await;
    assert_eq!((tokens.claims.get("email").is_some(), strict.claims.get("email")), (true, None));
    assert_eq!((tokens.refresh_token.is_some(), strict.refresh_token.is_some()), (false, true));
}

#[tokio::test]
async fn a_claim_asked_for_by_name_comes_where_it_was_asked_for() {
    let fixture = TokenFixture::new().await;
    fixture.configure(&fixture.shop, |settings| settings.id_token_claims = IdTokenClaims::Strict).await;
    let shop = fixture.relying_party(&fixture.shop);
    let claims = r#"{"userinfo":{"name":{"essential":true}},"id_token":{"email":null}}"#;
    let ask = shop.ask().await.with("scope", "openid").with("claims", claims);
    let code = fixture.code(&ask).await;
    let tokens = shop.redeem(&ask, &code).await.expect("tokens");
    assert_eq!((&tokens.claims["email"], tokens.claims.get("name")), (&json!("alice@example.com"), None));
    let userinfo = shop.userinfo(&tokens).await.unwrap();
    assert_eq!((&userinfo["name"], userinfo.get("email")), (&json!("Ada Lovelace"), None));
}

#[tokio::test]
async fn without_openid_there_is_no_id_token() {
    let fixture = TokenFixture::new().await;
    let answer = fixture.tokens_without_openid().await;
    assert_eq!((answer.get("id_token"), &answer["scope"]), (None, &json!("profile")));
}
