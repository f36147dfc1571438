//! Cross-site request forgery (CSRF): every form that acts with a browser's cookies is refused when another site
//! sends it, even with those cookies and with the token of this browser (Fetch Metadata, RFC 6454; ASVS 3.5).

use crate::support::{
    browser::Browser,
    form::Submission,
    page::Page,
    seed::PASSWORD,
    sign_in::{Answer, request},
    test_app::{HOME, TestApp},
};
use countersign::http::urls::Path;
use http::{Method, StatusCode};
use url::Url;

/// The URLs whose forms act with a browser's cookies. The others take no POST, authenticate the sender
/// themselves, or, like the authorization endpoint, are meant for forms of other sites.
const FORMS: [Path; 12] = [
    Path::SigninIdentifier,
    Path::Signin,
    Path::SigninPassword,
    Path::SigninNewPassword,
    Path::SigninInvitation,
    Path::SigninPush,
    Path::SigninPushSend,
    Path::SigninTotp,
    Path::SigninEnroll,
    Path::Consent,
    Path::Signout,
    Path::Setup,
];

/// `Sec-Fetch-Site` and `Origin` of forms that this server's pages did not send.
const FOREIGN: [(Option<&str>, &str); 6] = [
    (Some("cross-site"), HOME),
    (Some("same-site"), HOME),
    (Some("cross-site"), "https://evil.example"),
    (Some("same-origin"), "https://evil.example"),
    (None, "https://evil.example"),
    (None, "null"),
];

/// A form for `path` with this token and no other field.
fn form(path: Path, token: &str) -> Submission {
    let address = Url::parse(HOME).and_then(|home| home.join(path.as_str())).expect("a URL");
    let fields = vec![("csrf".to_owned(), token.to_owned())];
    Submission { method: Method::POST, action: address.clone(), page: address, fields }
}

/// A browser that has begun a sign-in, and the token of its forms.
async fn browser_with_token(test_app: &TestApp) -> (Browser, String) {
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let token = page.attribute("input[name=csrf]", "value").expect("a token");
    (browser, token)
}

fn is_refused_as_foreign(page: &Page) -> bool {
    page.status == StatusCode::BAD_REQUEST && page.text.contains("This form was sent from another ")
}

#[tokio::test]
async fn every_form_is_refused_when_another_site_sends_it_with_the_cookie_and_the_token() {
    let test_app = TestApp::new().await;
    let (mut browser, token) = browser_with_token(&test_app).await;
    for (site, origin) in FOREIGN {
        let mut refused = Vec::new();
        for path in Path::ALL {
            let page = browser.send_for(site, origin, form(*path, &token)).await;
            refused.extend(is_refused_as_foreign(&page).then_some(*path));
        }
        refused.sort();
        let mut forms = FORMS;
        forms.sort();
        assert_eq!(refused, forms, "{site:?} {origin}");
    }
    for path in FORMS {
        let page = browser.send_for(Some("same-origin"), HOME, form(path, &token)).await;
        assert!(!is_refused_as_foreign(&page), "{path:?}: {}", page.summary());
    }
}

#[tokio::test]
async fn every_form_needs_the_token_of_its_own_browser() {
    let test_app = TestApp::new().await;
    let (_, other) = browser_with_token(&test_app).await;
    let (mut browser, own) = browser_with_token(&test_app).await;
    let is_refused = |page: &Page| {
        page.status == StatusCode::BAD_REQUEST && page.text.contains("was not made for this browser")
    };
    for path in FORMS {
        for token in ["", "AAAA", "not base64!", &other] {
            let page = browser.send_for(Some("same-origin"), HOME, form(path, token)).await;
            assert!(is_refused(&page), "{path:?} with the token {token:?}: {}", page.summary());
        }
        let page = browser.send_for(Some("same-origin"), HOME, form(path, &own)).await;
        assert!(!is_refused(&page), "{path:?} with its own token: {}", page.summary());
    }
}

#[tokio::test]
async fn a_complete_form_signs_in_from_its_own_page_only() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let own = page.form("username").fill("username", "grace").forge("password", PASSWORD).submit();
    for (site, origin) in FOREIGN {
        let refused = browser.send_for(site, origin, own.clone()).await;
        assert!(is_refused_as_foreign(&refused), "{site:?} {origin}: {}", refused.summary());
        assert_eq!(browser.cookies.value("countersign_session"), None, "{site:?} {origin}");
    }
    Answer::of(&browser.send(own).await).code();
}
