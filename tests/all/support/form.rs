//! A form that a person fills by label, or a script by field name.
//!
//! Spec: HTML, "constructing the entry list": order, checked boxes, the pressed button's own name and value.

use super::page::selector;
use http::Method;
use scraper::ElementRef;
use url::Url;

/// One field or button that may take part in the submission.
#[derive(Clone, Debug)]
struct Control {
    name: String,
    value: String,
    label: String,
    kind: Kind,
    may_be_changed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Hidden,
    Text,
    Choice { is_chosen: bool },
    Button,
}

/// A form on a page, with the values filled in so far.
#[derive(Clone, Debug)]
pub struct Form {
    /// GET or POST.
    pub method: Method,
    /// The URL that it is sent to.
    pub action: Url,
    /// The URL of its page.
    pub page: Url,
    controls: Vec<Control>,
}

/// The data that a browser sends for a form and a button.
#[derive(Clone, Debug)]
pub struct Submission {
    /// GET or POST.
    pub method: Method,
    /// The URL that it is sent to.
    pub action: Url,
    /// The URL of its page.
    pub page: Url,
    /// Names and values, in order.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// Reads a `<form>` of the page at `page`.
    pub fn read(form: ElementRef<'_>, page: &Url) -> Self {
        let method = form.attr("method").unwrap_or("get");
        let action = form.attr("action").filter(|action| !action.is_empty());
        let kinds = selector("input, select, textarea, button");
        let controls = form.select(&kinds);
        Self {
            method: if method.eq_ignore_ascii_case("post") { Method::POST } else { Method::GET },
            action: action.map_or_else(|| page.clone(), |action| page.join(action).expect("an address")),
            page: page.clone(),
            controls: controls.filter_map(|element| read_control(element, form)).collect(),
        }
    }

    /// Whether it has a field or a button of this label or name.
    pub fn has(&self, name: &str) -> bool {
        self.controls.iter().any(|control| control.answers_to(name))
    }

    /// The current value of the field `name`.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.controls.iter().find(|control| control.answers_to(name)).map(|control| control.value.as_str())
    }

    /// Types into the field of this label or name.
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        let outline = self.outline();
        let control =
            self.controls.iter_mut().find(|control| control.kind == Kind::Text && control.answers_to(name));
        let control = control.unwrap_or_else(|| panic!("no field {name:?} to type into; there is {outline}"));
        assert!(control.may_be_changed, "the field {name:?} is read-only");
        value.clone_into(&mut control.value);
        self
    }

    /// Sets the field `name` to a value that the page does not offer, for attacks.
    pub fn forge(mut self, name: &str, value: &str) -> Self {
        self.controls.retain(|control| control.name != name);
        let (name, value) = (name.to_owned(), value.to_owned());
        self.controls.push(Control {
            name,
            value,
            label: String::new(),
            kind: Kind::Hidden,
            may_be_changed: true,
        });
        self
    }

    /// Ticks the box, or picks the choice, of this label or name.
    pub fn choose(mut self, name: &str) -> Self {
        let outline = self.outline();
        let choices = self.controls.iter_mut().find(|each| {
            matches!(each.kind, Kind::Choice { .. }) && (each.answers_to(name) || each.value == name)
        });
        let choice = choices.unwrap_or_else(|| panic!("no choice {name:?}; there is {outline}"));
        choice.kind = Kind::Choice { is_chosen: true };
        self
    }

    /// Presses the button with this text, name or value.
    pub fn press(self, button: &str) -> Submission {
        let is_it =
            |each: &&Control| each.kind == Kind::Button && (each.answers_to(button) || each.value == button);
        let pressed = self.controls.iter().find(is_it);
        let pressed =
            pressed.unwrap_or_else(|| panic!("no button {button:?}; there is {}", self.outline())).clone();
        self.submission(Some(&pressed))
    }

    /// Submits without a button, as a script does.
    pub fn submit(self) -> Submission {
        self.submission(None)
    }

    /// Its URL and fields, for a failed assertion.
    pub fn outline(&self) -> String {
        let controls: Vec<String> = self
            .controls
            .iter()
            .map(|each| format!("{}={:?} ({})", each.name, each.value, each.label))
            .collect();
        format!("{} {}: {}", self.method, self.action.path(), controls.join(", "))
    }

    fn submission(self, pressed: Option<&Control>) -> Submission {
        let takes_part = |each: &&Control| match each.kind {
            Kind::Hidden | Kind::Text => true,
            Kind::Choice { is_chosen } => is_chosen,
            Kind::Button => false,
        };
        let fields = self.controls.iter().filter(takes_part).chain(pressed);
        let fields = fields.filter(|each| !each.name.is_empty());
        let fields = fields.map(|each| (each.name.clone(), each.value.clone())).collect();
        Submission { method: self.method, action: self.action, page: self.page, fields }
    }
}

impl Control {
    fn answers_to(&self, name: &str) -> bool {
        self.name == name || (!self.label.is_empty() && self.label == name)
    }
}

fn read_control(element: ElementRef<'_>, form: ElementRef<'_>) -> Option<Control> {
    if element.attr("disabled").is_some() {
        return None;
    }
    let attribute = |name| element.attr(name).unwrap_or_default().to_owned();
    let (kind, value) = match (element.value().name(), element.attr("type").unwrap_or_default()) {
        ("button", "button" | "reset") | ("input", "button" | "reset" | "image" | "file") => return None,
        ("button", _) | ("input", "submit") => (Kind::Button, attribute("value")),
        ("input", "hidden") => (Kind::Hidden, attribute("value")),
        ("input", "checkbox" | "radio") => {
            let value = element.attr("value").unwrap_or("on").to_owned();
            (Kind::Choice { is_chosen: element.attr("checked").is_some() }, value)
        }
        ("select", _) => (Kind::Text, chosen_option(element)),
        ("textarea", _) => (Kind::Text, element.text().collect()),
        _ => (Kind::Text, attribute("value")),
    };
    let may_be_changed = element.attr("readonly").is_none();
    Some(Control { name: attribute("name"), value, label: label_of(element, form), kind, may_be_changed })
}

fn chosen_option(select: ElementRef<'_>) -> String {
    let options: Vec<ElementRef<'_>> =
        select.descendent_elements().filter(|each| each.value().name() == "option").collect();
    let chosen = options.iter().find(|option| option.attr("selected").is_some()).or(options.first());
    chosen.map_or_else(String::new, |option| {
        option.attr("value").map_or_else(|| option.text().collect(), str::to_owned)
    })
}

/// The visible name of the control: a button's own text, `aria-label`, or its `<label>`.
fn label_of(element: ElementRef<'_>, form: ElementRef<'_>) -> String {
    let text =
        |of: ElementRef<'_>| of.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    if element.value().name() == "button" {
        return text(element);
    }
    if let Some(label) = element.attr("aria-label") {
        return label.to_owned();
    }
    if element.attr("type") == Some("submit") {
        return element.attr("value").unwrap_or("Submit").to_owned();
    }
    let around = element.ancestors().filter_map(ElementRef::wrap).find(|each| each.value().name() == "label");
    let beside = || {
        let id = element.attr("id")?;
        form.select(&selector("label")).find(|label| label.attr("for") == Some(id))
    };
    around.or_else(beside).map(text).unwrap_or_default()
}

mod tests {
    use super::*;
    use scraper::Html;

    fn form(html: &str) -> Form {
        let document = Html::parse_document(html);
        let form = document.select(&selector("form")).next().expect("a form");
        Form::read(form, &Url::parse("http://localhost:8080/signin/password?j=1").expect("a URL"))
    }

    const SIGN_IN: &str = "<form method=post>
        <input type=hidden name=j value=jrn_1>
        <label for=u>Username</label><input id=u name=username value=alice>
        <label>Password <input type=password name=password></label>
        <label><input type=checkbox name=remember> Remember me</label>
        <select name=lang><option value=en><option value=fr selected></select>
        <input name=off disabled><input name=fixed value=1 readonly>
        <button name=decision value=allow>Sign in</button>
        <button name=decision value=deny formnovalidate>Cancel</button>
        <button type=button name=show>Show</button></form>";

    #[test]
    fn a_form_sends_what_a_browser_sends() {
        let form = form(SIGN_IN);
        assert_eq!(form.value("Username"), Some("alice"));
        let sent = form.fill("Password", "secret").choose("Remember me").press("Sign in");
        assert_eq!((sent.method, sent.action.path()), (Method::POST, "/signin/password"));
        let fields: Vec<(&str, &str)> =
            sent.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected = [
            ("j", "jrn_1"),
            ("username", "alice"),
            ("password", "secret"),
            ("remember", "on"),
            ("lang", "fr"),
            ("fixed", "1"),
            ("decision", "allow"),
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn a_button_is_found_by_its_value_and_only_the_pressed_one_is_sent() {
        let sent = form(SIGN_IN).fill("username", "bob").forge("j", "jrn_2").press("deny");
        let decisions: Vec<&str> = sent
            .fields
            .iter()
            .filter(|(name, _)| name == "decision")
            .map(|(_, value)| value.as_str())
            .collect();
        assert_eq!(decisions, ["deny"]);
        assert!(sent.fields.contains(&("j".to_owned(), "jrn_2".to_owned())));
        assert!(!form(SIGN_IN).submit().fields.iter().any(|(name, _)| name == "decision"));
    }

    #[test]
    #[should_panic(expected = "no field \"Code\"")]
    fn a_field_that_is_not_there_cannot_be_filled() {
        form(SIGN_IN).fill("Code", "123456");
    }

    #[test]
    #[should_panic(expected = "read-only")]
    fn a_field_that_is_fixed_cannot_be_filled() {
        form(SIGN_IN).fill("fixed", "2");
    }
}
