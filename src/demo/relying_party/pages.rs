use super::authorization::STRONGER_ACR;
use super::html::Html;
use super::identity::{Claims, Identity};
use super::layout::{actions, button_form, button_link, card, page};
use super::settings::{APPLICATION_NAME, RelyingPartySettings};
use crate::clock::Timestamp;
use chrono::{DateTime, Utc};
use poem::Response;
use serde_json::Value;

/// The first page without a session.
pub fn welcome(settings: &RelyingPartySettings) -> Response {
    let lead = "Notes and figures for a small team. This is an ordinary application: it has no password field, \
                and sends you to your provider to sign in.";
    let sign_in = format!("Sign in with {}", settings.provider_name);
    let steps = [
        "Your browser goes to the provider with a standard OpenID Connect request.",
        "You prove there who you are, with a password and, when asked, on your phone.",
        "You come back with a code. This application trades it for tokens, and verifies them.",
    ];
    page(
        None,
        &format!("Welcome to {APPLICATION_NAME}"),
        [
            lead_text(lead),
            actions([button_link("/login", "button primary", &sign_in)]),
            card("What happens", [Html::element("ol", &[], steps.map(|step| Html::simple("li", step)))]),
            card(
                "Two pages",
                [facts([
                    ("Notes", Html::text("open for anyone who is signed in")),
                    ("Reports", Html::text("ask for two kinds of proof, and only for the missing one")),
                ])],
            ),
        ],
    )
}

/// The first page with a session: the identity and all its claims.
pub fn account(settings: &RelyingPartySettings, identity: &Identity) -> Response {
    let open_reports = match identity.acr.as_deref() {
        Some(STRONGER_ACR) => "Open reports",
        _ => "Open reports (needs the stronger sign-in)",
    };
    let mut buttons = vec![button_link("/reports", "button primary", open_reports)];
    if identity.refresh_token.is_some() {
        buttons.push(button_form("/refresh", "button", "Refresh tokens"));
    }
    buttons.push(button_form("/logout", "button", "Sign out"));
    page(
        Some(identity),
        &format!("Hello, {}", identity.name()),
        [
            lead_text(&format!("{} says it is you, and its signature holds.", settings.provider_name)),
            actions(buttons),
            card(
                "How you signed in",
                [facts([
                    ("acr", code_or(identity.acr.as_deref(), "not said")),
                    ("amr", words(&identity.amr)),
                    ("auth_time", Html::text(identity.auth_time.map_or("not said".into(), |at| moment(&at)))),
                    ("tokens", Html::text(token_age(identity.refreshed_at))),
                ])],
            ),
            card("What the userinfo endpoint says", [claims_table(&identity.user_info)]),
            card("What the ID token says", [claims_table(&identity.id_token_claims)]),
        ],
    )
}

/// The notes.
pub fn notes(identity: &Identity) -> Response {
    let notes = [
        ("Monday", "Order ink. The blue one is nearly empty, and nobody likes the green."),
        ("Tuesday", "The binder calls back about the spring catalog: ask for thread, not glue."),
        ("Thursday", "Reading evening at seven. Chairs from the cellar, tea from upstairs."),
    ];
    let cards = notes.map(|(day, text)| card(day, [Html::simple("p", text)]));
    let lead = "Three notes, open to anyone who is signed in.";
    page(Some(identity), "Notes", [lead_text(lead)].into_iter().chain(cards))
}

/// The reports, after the stronger sign-in.
pub fn reports(identity: &Identity) -> Response {
    page(
        Some(identity),
        "Reports",
        [
            lead_text("You see these because you proved who you are in two ways."),
            card(
                "This quarter",
                [facts([
                    ("Notebooks sold", Html::text("1,204")),
                    ("Ink, in liters", Html::text("38.5")),
                    ("Pages written", Html::text("a great many")),
                ])],
            ),
            card(
                "Why you may read this page",
                [facts([
                    ("asked for", Html::simple("code", STRONGER_ACR)),
                    ("reached", code_or(identity.acr.as_deref(), "not said")),
                    ("by", words(&identity.amr)),
                ])],
            ),
        ],
    )
}

/// The page without the reports: the requested and the reached `acr`.
pub fn reports_withheld(identity: &Identity) -> Response {
    page(
        Some(identity),
        "Reports stay closed",
        [
            lead_text("The provider signed you in, but not as strongly as the reports ask for."),
            card(
                "What came back",
                [facts([
                    ("asked for", Html::simple("code", STRONGER_ACR)),
                    ("reached", code_or(identity.acr.as_deref(), "not said")),
                    ("by", words(&identity.amr)),
                ])],
            ),
            actions([
                button_link("/login?to=reports", "button primary", "Try again"),
                button_link("/notes", "button", "Read the notes instead"),
            ]),
        ],
    )
}

/// The page after a sign-out.
pub fn signed_out() -> Response {
    page(
        None,
        "Signed out",
        [
            lead_text(&format!("{APPLICATION_NAME} has forgotten you. Until next time.")),
            actions([
                button_link("/login", "button primary", "Sign in again"),
                button_link("/", "button", "First page"),
            ]),
        ],
    )
}

/// Renders the first paragraph of a page.
pub fn lead_text(text: &str) -> Html {
    Html::element("p", &[("class", "lead")], [Html::text(text)])
}

/// Renders pairs of a name and a value as a list.
pub fn facts<'a>(facts: impl IntoIterator<Item = (&'a str, Html)>) -> Html {
    let rows = facts.into_iter().map(|(name, fact)| {
        Html::element("div", &[], [Html::simple("dt", name), Html::element("dd", &[], [fact])])
    });
    Html::element("dl", &[], rows)
}

fn claims_table(claims: &Claims) -> Html {
    let row = |(name, value): (&String, &Value)| {
        let name = Html::element("th", &[("scope", "row")], [Html::text(name)]);
        Html::element("tr", &[], [name, Html::simple("td", claim_text(value))])
    };
    let body = Html::element("tbody", &[], claims.iter().map(row));
    Html::element("table", &[], [body])
}

/// Formats a claim: a string as it is, an object as indented JSON, anything else as JSON.
fn claim_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(_) => format!("{value:#}"),
        other => other.to_string(),
    }
}

fn words(words: &[String]) -> Html {
    if words.is_empty() {
        return Html::text("not said");
    }
    let words = words.iter().map(|word| Html::element("li", &[], [Html::simple("code", word)]));
    Html::element("ul", &[("class", "words")], words)
}

fn code_or(text: Option<&str>, otherwise: &str) -> Html {
    text.map_or_else(|| Html::text(otherwise), |text| Html::simple("code", text))
}

fn moment(at: &DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M:%S UTC").to_string()
}

fn token_age(refreshed_at: Option<Timestamp>) -> String {
    match refreshed_at.and_then(|at| DateTime::from_timestamp_millis(at.0)) {
        Some(at) => format!("refreshed {}", moment(&at)),
        None => "from the sign-in".to_owned(),
    }
}
