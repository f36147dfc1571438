use super::html::Html;
use super::identity::Identity;
use super::settings::APPLICATION_NAME;
use poem::{IntoResponse, Response};

/// The path of the style sheet.
pub const STYLE: &str = "/assets/style.css";
/// The path of the icon.
pub const ICON: &str = "/assets/icon.svg";

/// Renders a page: navigation bar with the identity, heading, and content.
pub fn page(who: Option<&Identity>, title: &str, content: impl IntoIterator<Item = Html>) -> Response {
    let heading = Html::simple("h1", title);
    let main = Html::element("main", &[], [heading].into_iter().chain(content));
    let body = Html::element("body", &[], [bar(who), main, footer()]);
    let document = Html::element("html", &[("lang", "en")], [head(title), body]).into_document();
    document.with_content_type("text/html; charset=utf-8").into_response()
}

fn head(title: &str) -> Html {
    let metas = [
        Html::opening("meta", &[("charset", "utf-8")]),
        Html::opening("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]),
        Html::opening("meta", &[("name", "color-scheme"), ("content", "light dark")]),
        Html::simple("title", format!("{title} · {APPLICATION_NAME}")),
        Html::opening("link", &[("rel", "stylesheet"), ("href", STYLE)]),
        Html::opening("link", &[("rel", "icon"), ("type", "image/svg+xml"), ("href", ICON)]),
    ];
    Html::element("head", &[], metas)
}

fn bar(who: Option<&Identity>) -> Html {
    let icon = Html::opening("img", &[("src", ICON), ("alt", ""), ("width", "28"), ("height", "28")]);
    let brand =
        Html::element("a", &[("class", "brand"), ("href", "/")], [icon, Html::text(APPLICATION_NAME)]);
    let mut links = vec![link("/notes", "Notes"), link("/reports", "Reports")];
    if let Some(identity) = who {
        links.push(Html::element("a", &[("class", "who"), ("href", "/")], [Html::text(identity.name())]));
    }
    let navigation = Html::element("nav", &[("aria-label", "Pages")], links);
    let row = Html::element("div", &[("class", "row")], [brand, navigation]);
    Html::element("header", &[], [row])
}

fn footer() -> Html {
    let text = format!(
        "{APPLICATION_NAME} is a demonstration. It keeps no passwords: its provider says who you are, and it checks."
    );
    Html::element("footer", &[], [Html::simple("p", text)])
}

/// Renders a link.
pub fn link(href: &str, text: &str) -> Html {
    Html::element("a", &[("href", href)], [Html::text(text)])
}

/// Renders a link in the style of a button.
pub fn button_link(href: &str, class: &str, text: &str) -> Html {
    Html::element("a", &[("class", class), ("href", href)], [Html::text(text)])
}

/// Renders a form with one button and no fields.
pub fn button_form(action: &str, class: &str, text: &str) -> Html {
    let button = Html::element("button", &[("class", class), ("type", "submit")], [Html::text(text)]);
    Html::element("form", &[("method", "post"), ("action", action)], [button])
}

/// Renders a row of buttons.
pub fn actions(buttons: impl IntoIterator<Item = Html>) -> Html {
    Html::element("div", &[("class", "actions")], buttons)
}

/// Renders a section with a heading.
pub fn card(title: &str, content: impl IntoIterator<Item = Html>) -> Html {
    let heading = Html::simple("h2", title);
    Html::element("section", &[("class", "card")], [heading].into_iter().chain(content))
}
