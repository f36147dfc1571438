//! OpenID Connect Core §5.5: the effect of the `claims` parameter on the sign-in.

use crate::support::{
    seed::PASSWORD,
    sign_in::{Answer, give_password, grant_of, request, sign_in},
    test_app::TestApp,
};

#[tokio::test]
async fn individually_requested_claims_need_consent_and_are_stored() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let claims = r#"{"userinfo":{"name":{"essential":true},"x":{"value":"a\u0001b"}}}"#;
    let page = browser.go(&request("app", &[("claims", claims)])).await;
    let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
    assert_eq!(page.url.path(), "/consent", "{}", page.summary());
    let grant =
        grant_of(&test_app, &Answer::of(&browser.send(page.form("decision").press("allow")).await)).await;
    assert_eq!(grant.claims.expect("claims")["userinfo"]["name"]["is_essential"], true);
}

#[tokio::test]
async fn consent_is_asked_again_for_a_scope_or_claim_that_was_not_allowed_yet() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let name = ("claims", r#"{"userinfo":{"name":null}}"#);
    let email = ("scope", "openid email");
    for parameters in [&[] as &[_], &[email], &[name], &[email, name]] {
        let page = browser.go(&request("app", parameters)).await;
        if parameters.len() < 2 {
            assert_eq!(page.url.path(), "/consent", "{parameters:?}: {}", page.summary());
            Answer::of(&browser.send(page.form("decision").press("allow")).await).code();
        }
        Answer::of(&browser.go(&request("app", parameters)).await).code();
    }
}

#[tokio::test]
async fn a_requested_subject_is_the_only_one_accepted() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let (grace, gus) = (test_app.seed.grace, test_app.seed.gus);
    for member in ["id_token", "userinfo"] {
        let wanting = |person: String| format!(r#"{{"{member}":{{"sub":{{"value":"{person}"}}}}}}"#);
        let same = wanting(grace.to_string());
        Answer::of(&browser.go(&request("quiet_app", &[("claims", &same), ("prompt", "none")])).await).code();
        for other in [gus.to_string(), "ada".to_owned()] {
            let claims = wanting(other);
            let asked = [("claims", claims.as_str()), ("prompt", "none")];
            assert_eq!(
                Answer::of(&browser.go(&request("quiet_app", &asked)).await).error(),
                "login_required"
            );
        }
    }
    let beside = format!(r#"{{"id_token":{{"sub":null}},"userinfo":{{"sub":{{"value":"{gus}"}}}}}}"#);
    let asked = [("claims", beside.as_str()), ("prompt", "none")];
    assert_eq!(Answer::of(&browser.go(&request("quiet_app", &asked)).await).error(), "login_required");
}

#[tokio::test]
async fn any_of_several_requested_subjects_is_accepted() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let (grace, gus, alice) = (test_app.seed.grace, test_app.seed.gus, test_app.seed.alice);
    for (values, error) in
        [(vec![gus, grace], ""), (vec![grace, gus], ""), (vec![gus, alice], "login_required")]
    {
        let claims = serde_json::json!({"id_token": {"sub": {"values": values}}}).to_string();
        let asked = [("claims", claims.as_str()), ("prompt", "none")];
        assert_eq!(Answer::of(&browser.go(&request("quiet_app", &asked)).await).error(), error, "{claims}");
    }
}

#[tokio::test]
async fn an_unreachable_essential_acr_is_refused_and_a_voluntary_one_is_ignored() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let acr = |values: &str, is_essential: bool| {
        format!(r#"{{"id_token":{{"acr":{{"essential":{is_essential},"values":[{values}]}}}}}}"#)
    };
    let unreachable = acr(r#""urn:mace:gold""#, true);
    let answer = Answer::of(&browser.go(&request("quiet_app", &[("claims", &unreachable)])).await);
    assert_eq!(answer.error(), "unmet_authentication_requirements");
    for (values, is_essential) in [(r#""urn:mace:gold""#, false), (r#""urn:mace:gold","1fa""#, true)] {
        let claims = acr(values, is_essential);
        let answer = Answer::of(&browser.go(&request("quiet_app", &[("claims", &claims)])).await);
        assert_eq!(grant_of(&test_app, &answer).await.acr.as_deref(), Some("1fa"));
    }
}

#[tokio::test]
async fn a_malformed_claims_parameter_is_refused() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let deep = "[".repeat(1000);
    let wrong = [
        "nil",
        "[]",
        "\"x\"",
        r#"{"userinfo":3}"#,
        r#"{"userinfo":{"sub":{"value":3}}}"#,
        r#"{"userinfo":{"x":{"values":[{"y":"a\u0000"}]}}}"#,
        r#"{"id_token":{"\u0000":null}}"#,
        &deep,
    ];
    for claims in wrong {
        let answer = Answer::of(&browser.go(&request("app", &[("claims", claims)])).await);
        assert_eq!(answer.error(), "invalid_request", "{claims}");
    }
    let page = browser.go(&request("app", &[("claims", r#"{"userinfo":null,"other":3}"#)])).await;
    assert_eq!(page.url.path(), "/signin/identifier", "{}", page.summary());
}
