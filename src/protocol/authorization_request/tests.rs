//! The rules as tables: a valid request with one parameter changed, and the expected result.

use super::*;
use crate::directory::{Client, PkceRule};
use crate::protocol::{
    AuthorizationCode, ErrorCode, OAuthReason, Prompt, ResponseMode,
    redirect_uri_corpus::HOSTILE,
    samples::{ISSUER, REDIRECT_URI, confidential_client, public_client},
};
use proptest::prelude::*;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

type Pairs = Vec<(String, String)>;

fn good() -> Pairs {
    pairs(&[
        ("client_id", "rp-1"),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", "openid email"),
        ("state", "s"),
    ])
}

fn pairs(pairs: &[(&str, &str)]) -> Pairs {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The valid request with one parameter changed, added, or (with `""`) removed.
fn with(name: &str, value: &str) -> Pairs {
    let mut request: Pairs = good().into_iter().filter(|(other, _)| other != name).collect();
    request.push((name.to_owned(), value.to_owned()));
    request
}

fn address(request: Pairs, client: &Client) -> Result<AddressedAuthorizationRequest, Unaddressable> {
    RawAuthorizationRequest::parse(request).address(Some(client))
}

fn check_for(request: Pairs, client: &Client) -> Result<AuthorizationRequest, ErrorCode> {
    address(request, client).unwrap().check().map_err(|error| error.code())
}

fn check(request: Pairs) -> Result<AuthorizationRequest, ErrorCode> {
    check_for(request, &confidential_client())
}

#[test]
fn a_plain_request_of_a_confidential_client_passes() {
    let request = check(good()).unwrap();
    assert_eq!(request.scopes.to_string(), "openid email");
    assert_eq!(request.return_address.redirect_uri.as_str(), REDIRECT_URI);
    assert_eq!(request.client_key, confidential_client().key);
    assert!(request.nonce.is_none() && request.code_challenge.is_none() && request.prompt.is_empty());
}

#[test]
fn the_order_of_parameters_does_not_matter_and_unknown_ones_are_ignored() {
    let mut reversed: Pairs = good().into_iter().rev().collect();
    reversed.extend(pairs(&[("extra", "1"), ("extra", "2"), ("", "x")]));
    assert_eq!(check(reversed), check(good()));
}

#[test]
fn a_request_without_a_known_client_and_a_registered_address_is_not_addressed() {
    let client = confidential_client();
    let disabled = Client { is_disabled: true, ..confidential_client() };
    let unknown = || Unaddressable::ClientUnknown { client_id: crate::protocol::EchoedValue::new("rp-1") };
    let addressed = |request, client| RawAuthorizationRequest::parse(request).address(client).map(|_| ());
    assert_eq!(addressed(good(), Some(&client)), Ok(()));
    assert_eq!(addressed(good(), None), Err(unknown()));
    assert_eq!(addressed(good(), Some(&disabled)), Err(unknown()));
    assert_eq!(addressed(with("client_id", ""), Some(&client)), Err(Unaddressable::ClientIdMissing));
    assert!(matches!(
        addressed(with("client_id", "rp-2"), Some(&client)),
        Err(Unaddressable::ClientUnknown { .. })
    ));
    assert_eq!(addressed(with("redirect_uri", ""), Some(&client)), Err(Unaddressable::RedirectUriMissing));
    let twice = |name, value| [good(), pairs(&[(name, value)])].concat();
    assert_eq!(addressed(twice("client_id", "rp-1"), Some(&client)), Err(Unaddressable::ClientIdRepeated));
    assert_eq!(
        addressed(twice("redirect_uri", REDIRECT_URI), Some(&client)),
        Err(Unaddressable::RedirectUriRepeated)
    );
}

#[test]
fn no_hostile_redirect_uri_is_addressed() {
    for uri in HOSTILE.iter().filter(|uri| !uri.is_empty()) {
        let refused = address(with("redirect_uri", uri), &confidential_client()).map(|_| ());
        assert!(matches!(refused, Err(Unaddressable::RedirectUriNotRegistered { .. })), "{uri:?}");
    }
}

#[test]
fn a_state_that_cannot_be_returned_is_refused_at_the_application_without_it() {
    for unusable in [&"x".repeat(2049), "a\0b", "a\nb"] {
        let addressed = address(with("state", unusable), &confidential_client()).unwrap();
        let error = addressed.check().unwrap_err();
        assert_eq!(error.reason(), &OAuthReason::UnusableParameter("state", 2048));
        assert!(!addressed.refuse(&error, ISSUER).location().contains("state="));
    }
    assert!(check(with("state", &"x".repeat(2048))).is_ok());
    assert!(check(with("state", "")).unwrap().return_address.state.is_none());
}

#[test]
fn each_rule_answers_with_its_own_code() {
    for (name, value, code) in [
        ("response_type", "", ErrorCode::InvalidRequest),
        ("response_type", "token", ErrorCode::UnsupportedResponseType),
        ("response_type", "id_token", ErrorCode::UnsupportedResponseType),
        ("response_type", "code id_token", ErrorCode::UnsupportedResponseType),
        ("response_type", "code code", ErrorCode::UnsupportedResponseType),
        ("response_type", "Code", ErrorCode::UnsupportedResponseType),
        ("response_type", "none", ErrorCode::UnsupportedResponseType),
        ("response_mode", "fragment", ErrorCode::InvalidRequest),
        ("response_mode", "web_message", ErrorCode::InvalidRequest),
        ("response_mode", "QUERY", ErrorCode::InvalidRequest),
        ("request", "e30.e30.", ErrorCode::RequestNotSupported),
        ("request_uri", "https://rp.example/request", ErrorCode::RequestUriNotSupported),
        ("registration", "{}", ErrorCode::RegistrationNotSupported),
        ("scope", "", ErrorCode::InvalidScope),
        ("scope", "unknown", ErrorCode::InvalidScope),
        ("scope", "openid\temail", ErrorCode::InvalidScope),
        ("scope", "openid \"x\"", ErrorCode::InvalidScope),
        ("scope", "openid\r\nX-Header: x", ErrorCode::InvalidScope),
        ("nonce", &"n".repeat(2049), ErrorCode::InvalidRequest),
        ("nonce", "n\0", ErrorCode::InvalidRequest),
        ("prompt", "none login", ErrorCode::InvalidRequest),
        ("prompt", "create", ErrorCode::InvalidRequest),
        ("max_age", "-1", ErrorCode::InvalidRequest),
        ("max_age", "abc", ErrorCode::InvalidRequest),
        ("max_age", "99999999999", ErrorCode::InvalidRequest),
        ("acr_values", "2fa \"", ErrorCode::InvalidRequest),
        ("acr_values", &"a ".repeat(513), ErrorCode::InvalidRequest),
        ("claims", "{", ErrorCode::InvalidRequest),
        ("claims", "[]", ErrorCode::InvalidRequest),
        ("claims", &"[".repeat(1_000_000), ErrorCode::InvalidRequest),
        ("login_hint", &"a".repeat(513), ErrorCode::InvalidRequest),
        ("id_token_hint", &"a".repeat(8193), ErrorCode::InvalidRequest),
        ("code_challenge", "short", ErrorCode::InvalidRequest),
        ("code_challenge", CHALLENGE, ErrorCode::InvalidRequest),
        ("code_challenge_method", "S256", ErrorCode::InvalidRequest),
    ] {
        assert_eq!(check(with(name, value)).map(|_| ()), Err(code), "{name}={value:.40}");
    }
}

#[test]
fn each_rule_accepts_the_right_values() {
    for (name, value) in [
        ("response_mode", "query"),
        ("response_mode", "form_post"),
        ("response_mode", ""),
        ("request", ""),
        ("scope", "email openid unknown"),
        ("scope", "profile"),
        ("scope", "openid "),
        ("nonce", "\u{1F600}"),
        ("prompt", ""),
        ("prompt", "none"),
        ("prompt", "login consent"),
        ("prompt", "select_account"),
        ("max_age", "0"),
        ("max_age", "15000"),
        ("acr_values", "2fa 1fa urn:unknown"),
        ("claims", r#"{"userinfo":{"name":{"essential":true}}}"#),
        ("display", "page"),
        ("display", "hologram"),
        ("ui_locales", "se"),
        ("ui_locales", "<script>"),
        ("claims_locales", "se"),
        ("login_hint", "ada@example.com"),
        ("id_token_hint", "a.b.c"),
        ("code_challenge_method", ""),
    ] {
        assert!(check(with(name, value)).is_ok(), "{name}={value}");
    }
}

#[test]
fn a_request_object_is_refused_even_when_no_other_parameter_was_sent() {
    for (name, code) in
        [("request", ErrorCode::RequestNotSupported), ("request_uri", ErrorCode::RequestUriNotSupported)]
    {
        let bare = pairs(&[("client_id", "rp-1"), ("redirect_uri", REDIRECT_URI), (name, "x")]);
        assert_eq!(check(bare).map(|_| ()), Err(code));
        let twice = [good(), pairs(&[(name, "x"), (name, "y")])].concat();
        assert_eq!(check(twice).map(|_| ()), Err(code));
    }
}

#[test]
fn a_repeated_parameter_is_refused_and_the_error_is_sent_by_redirect() {
    for name in
        ["response_type", "scope", "state", "nonce", "prompt", "response_mode", "claims", "code_challenge"]
    {
        let request = [good(), pairs(&[(name, "code"), (name, "code")])].concat();
        let addressed = address(request, &confidential_client()).unwrap();
        let error = addressed.check().unwrap_err();
        assert_eq!(error.reason(), &OAuthReason::RepeatedParameter(name));
        let location = addressed.refuse(&error, ISSUER).location();
        assert!(location.starts_with("https://rp.example/cb?tenant=1&error=invalid_request&"), "{location}");
        assert!(location.ends_with("&iss=https%3A%2F%2Fid.example#"), "{location}");
        // A repeated state is ambiguous, so none is returned.
        assert_eq!(location.contains("&state=s&"), name != "state", "{location}");
    }
}

#[test]
fn pkce_is_required_of_public_clients_and_where_settings_say_so() {
    let mut strict = confidential_client();
    strict.settings.pkce = PkceRule::Required;
    let mut with_challenge = with("code_challenge", CHALLENGE);
    with_challenge.extend(pairs(&[("code_challenge_method", "S256")]));
    let mut plain = with("code_challenge", CHALLENGE);
    plain.extend(pairs(&[("code_challenge_method", "plain")]));
    for client in [public_client(), strict] {
        assert_eq!(check_for(good(), &client).map(|_| ()), Err(ErrorCode::InvalidRequest));
        assert_eq!(check_for(plain.clone(), &client).map(|_| ()), Err(ErrorCode::InvalidRequest));
        assert!(check_for(with_challenge.clone(), &client).unwrap().code_challenge.is_some());
    }
    assert!(check(with_challenge).unwrap().code_challenge.is_some());
    assert_eq!(check(plain).map(|_| ()), Err(ErrorCode::InvalidRequest));
}

#[test]
fn errors_are_posted_when_form_post_was_requested() {
    let mut request = with("response_mode", "form_post");
    request.retain(|(name, _)| name != "response_type");
    request.extend(pairs(&[("response_type", "id_token")]));
    let addressed = address(request, &confidential_client()).unwrap();
    let answer = addressed.refuse(&addressed.check().unwrap_err(), ISSUER);
    assert_eq!(answer.response_mode(), ResponseMode::FormPost);
    assert_eq!(answer.form_fields()[0], ("error", "unsupported_response_type".to_owned()));
}

#[test]
fn a_fragment_is_for_public_clients_and_other_clients_get_the_error_in_the_query() {
    let mut request = with("response_mode", "fragment");
    request.extend(pairs(&[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]));
    let open = address(request.clone(), &public_client()).unwrap().check().unwrap();
    assert_eq!(open.return_address.response_mode, ResponseMode::Fragment);
    let closed = address(request, &confidential_client()).unwrap();
    let error = closed.check().unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidRequest);
    assert_eq!(closed.refuse(&error, ISSUER).response_mode(), ResponseMode::Query);
}

#[test]
fn a_success_carries_code_state_and_issuer() {
    let code = AuthorizationCode::parse(&format!("cs_ac_{}", "c".repeat(43))).unwrap();
    let location = check(good()).unwrap().succeed(&code, ISSUER).location();
    let expected = format!("{REDIRECT_URI}&code={}&state=s&iss=https%3A%2F%2Fid.example#", code.reveal());
    assert_eq!(location, expected);
}

#[test]
fn a_request_is_stored_short_and_read_back_the_same() {
    let stored = serde_json::to_string(&check(good()).unwrap()).unwrap();
    assert_eq!(
        stored,
        "{\"client_key\":\"cli_AAAAAAAAAAAAAAAAAAAAAQ\",\"return_address\":{\"redirect_uri\":\
         \"https://rp.example/cb?tenant=1\",\"response_mode\":\"query\",\"state\":\"s\"},\"scopes\":\"openid email\"}"
    );
    let mut full = good();
    full.extend(pairs(&[
        ("nonce", "n"),
        ("prompt", "consent login"),
        ("max_age", "5"),
        ("acr_values", "2fa 1fa"),
        ("display", "popup"),
        ("claims", r#"{"id_token":{"acr":{"essential":true,"values":["2fa"]},"email":null}}"#),
        ("login_hint", "ada"),
        ("id_token_hint", "a.b.c"),
        ("ui_locales", "fr de"),
        ("claims_locales", "fr"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("response_mode", "form_post"),
    ]));
    let full = check(full).unwrap();
    assert!(full.prompt.contains(Prompt::Login) && full.acr().unwrap().is_essential);
    let stored = serde_json::to_string(&full).unwrap();
    assert_eq!(serde_json::from_str::<AuthorizationRequest>(&stored).unwrap(), full);
}

#[test]
fn acr_values_are_voluntary_and_the_claims_parameter_takes_precedence() {
    let voluntary = check(with("acr_values", "2fa 1fa")).unwrap().acr().unwrap();
    assert!(!voluntary.is_essential);
    assert_eq!(voluntary.values.len(), 2);
    assert_eq!(check(good()).unwrap().acr(), None);
    let mut both = with("acr_values", "1fa");
    both.extend(pairs(&[("claims", r#"{"id_token":{"acr":{"essential":true,"value":"2fa"}}}"#)]));
    let essential = check(both).unwrap().acr().unwrap();
    assert_eq!((essential.is_essential, essential.values[0].as_str()), (true, "2fa"));
}

proptest! {
    #[test]
    fn no_request_makes_the_rules_panic(values in proptest::collection::vec(("[a-z_]{0,12}", any::<String>()), 0..8)) {
        let mut request = good();
        request.extend(values);
        if let Ok(addressed) = address(request, &public_client()) {
            let _ = addressed.check();
        }
    }

    #[test]
    fn errors_about_any_value_contain_only_safe_characters(index in 0..21_usize, value in any::<String>()) {
        let names = [
            "acr_values", "claims", "claims_locales", "code_challenge", "code_challenge_method", "display", "id_token_hint",
            "login_hint", "max_age", "nonce", "prompt", "registration", "request", "request_uri", "response_mode",
            "response_type", "scope", "state", "ui_locales", "x", "y",
        ];
        let Ok(addressed) = address(with(names[index], &value), &public_client()) else { return Ok(()) };
        let Err(error) = addressed.check() else { return Ok(()) };
        let is_allowed = |byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        prop_assert!(error.description().bytes().all(is_allowed));
        prop_assert!(addressed.refuse(&error, ISSUER).location().bytes().all(|byte| byte.is_ascii_graphic()));
    }
}
