//! The result of a navigation: a page, or the URL of another origin.

use super::form::Form;
use http::{HeaderMap, StatusCode};
use scraper::{ElementRef, Html, Selector};
use url::Url;

/// The last response of a navigation.
#[derive(Clone, Debug)]
pub struct Page {
    /// The URL of the page.
    pub url: Url,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The address outside of this origin that the answer redirects to, which the browser did not follow.
    pub departure: Option<Url>,
}

impl Page {
    /// A header's value; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The only form, or the first one that has a button, a field or a hidden field of this name.
    pub fn form(&self, name: &str) -> Form {
        let forms = self.forms();
        let names: Vec<String> = forms.iter().map(Form::outline).collect();
        let found = forms.into_iter().find(|form| form.has(name));
        found.unwrap_or_else(|| panic!("{}: no form with {name:?}; there are {names:#?}", self.summary()))
    }

    /// Every form, in order.
    pub fn forms(&self) -> Vec<Form> {
        let document = Html::parse_document(&self.text);
        document.select(&selector("form")).map(|form| Form::read(form, &self.url)).collect()
    }

    /// The text of the element with this id, without the space around it; `None` when there is no such
    /// element.
    pub fn text_of(&self, id: &str) -> Option<String> {
        self.first(&format!("#{id}"), |element| element.text().collect::<String>().trim().to_owned())
    }

    /// An attribute of the first element that `css` selects.
    pub fn attribute(&self, css: &str, attribute: &str) -> Option<String> {
        self.first(css, |element| element.attr(attribute).map(str::to_owned)).flatten()
    }

    /// The URL of the link with this text.
    pub fn link(&self, text: &str) -> Option<Url> {
        let document = Html::parse_document(&self.text);
        let links = selector("a[href]");
        let link = document.select(&links).find(|link| link.text().collect::<String>().trim() == text)?;
        self.url.join(link.attr("href")?).ok()
    }

    /// Status, address and title, for a failed assertion.
    pub fn summary(&self) -> String {
        let title = self.first("title", |title| title.text().collect::<String>()).unwrap_or_default();
        format!("{} {} {:?}", self.status, self.url, title.trim())
    }

    fn first<T>(&self, css: &str, read: impl Fn(ElementRef<'_>) -> T) -> Option<T> {
        Html::parse_document(&self.text).select(&selector(css)).next().map(read)
    }
}

/// A selector written by a test.
pub fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap_or_else(|error| panic!("{css}: {error}"))
}

mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        Page {
            url: Url::parse("http://localhost:8080/signin/push?j=1").expect("a URL"),
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            text: text.to_owned(),
            departure: None,
        }
    }

    #[test]
    fn page_texts_are_found_by_id_link_and_attribute() {
        let page = page(
            "<title> Approve </title><p id=number> 42 </p><p id=push-state data-state=pending></p>
             <a href='../help?x=1'>Help</a>",
        );
        assert_eq!(page.text_of("number").as_deref(), Some("42"));
        assert_eq!(page.text_of("nothing"), None);
        assert_eq!(page.attribute("#push-state", "data-state").as_deref(), Some("pending"));
        assert_eq!(page.link("Help").map(String::from).as_deref(), Some("http://localhost:8080/help?x=1"));
        assert_eq!(page.link("Elsewhere"), None);
        assert_eq!(page.summary(), "200 OK http://localhost:8080/signin/push?j=1 \"Approve\"");
        assert_eq!(page.header("content-type"), "");
    }

    #[test]
    fn the_form_that_has_the_button_is_chosen() {
        let page = page(
            "<form action=/a><input name=x><button name=decision value=deny>Cancel</button></form>
             <form action=/b><button>Send again</button></form>",
        );
        assert_eq!(page.forms().len(), 2);
        assert_eq!(page.form("Send again").action.path(), "/b");
        assert_eq!(page.form("decision").action.path(), "/a");
    }

    #[test]
    #[should_panic(expected = "no form with \"Allow\"")]
    fn a_missing_form_is_named_with_what_there_is() {
        page("<form><input name=x></form>").form("Allow");
    }
}
