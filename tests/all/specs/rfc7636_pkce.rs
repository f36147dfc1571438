//! PKCE at the token endpoint (RFC 7636 §4.5, §4.6).

use super::super::support::token_fixture::TokenFixture;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Requests a code with `challenge` and redeems it with `verifier`; the error is status and error code.
async fn redeemed(
    fixture: &TokenFixture,
    challenge: Option<&str>,
    verifier: Option<&str>,
) -> Result<(), (u16, String)> {
    let public = fixture.relying_party(&fixture.public);
    let ask = public.ask().await.without("code_challenge");
    let ask = challenge.map_or(ask.clone(), |challenge| ask.with("code_challenge", challenge));
    let code = fixture.code(&ask).await;
    let redirect_uri = "https://public.example/cb";
    let mut fields =
        vec![("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", redirect_uri)];
    fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
    let answer = public.token_request(&fields).await;
    answer.map(drop).map_err(|error| (error.status.as_u16(), error.error))
}

#[tokio::test]
async fn only_the_verifier_of_the_challenge_redeems_the_code() {
    let fixture = TokenFixture::new().await;
    assert_eq!(redeemed(&fixture, Some(CHALLENGE), Some(VERIFIER)).await, Ok(()));
    let invalid_grant = Err((400, "invalid_grant".to_owned()));
    for wrong in [None, Some(""), Some(CHALLENGE), Some(&*"a".repeat(43)), Some(&*VERIFIER.to_lowercase())] {
        assert_eq!(redeemed(&fixture, Some(CHALLENGE), wrong).await, invalid_grant, "{wrong:?}");
    }
    for malformed in [&VERIFIER[1..], &"a".repeat(129), &VERIFIER.replace('-', "+"), &format!("{VERIFIER}=")]
    {
        assert_eq!(redeemed(&fixture, Some(CHALLENGE), Some(malformed)).await, invalid_grant, "{malformed}");
    }
}

#[tokio::test]
async fn a_verifier_equal_to_the_challenge_is_refused() {
    let fixture = TokenFixture::new().await;
    let refused = redeemed(&fixture, Some(VERIFIER), Some(VERIFIER)).await;
    assert_eq!(refused, Err((400, "invalid_grant".to_owned())));
}

#[tokio::test]
async fn a_verifier_without_a_challenge_redeems_nothing() {
    let fixture = TokenFixture::new().await;
    assert_eq!(redeemed(&fixture, None, Some(VERIFIER)).await, Err((400, "invalid_grant".to_owned())));
    assert_eq!(redeemed(&fixture, None, None).await, Ok(()));
}
