//! The templates and their engine.

use super::{Page, asset_url, duration::in_words};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, escape_formatter,
    value::Serde,
};
use rust_embed::RustEmbed;
use std::sync::LazyLock;
use thiserror::Error;

#[derive(RustEmbed)]
#[folder = "themes/default/pages"]
struct Templates;

/// A page that could not be rendered: always a mistake in a template, never caused by a person's input.
#[derive(Debug, Error)]
#[error("the template {template} could not be rendered")]
pub struct RenderFault {
    pub(super) template: &'static str,
    pub(super) source: Error,
}

impl RenderFault {
    /// Returns the kind of error and its place in the template, without any value of the page.
    pub fn in_words(&self) -> String {
        let line = self.source.line().map(|line| format!(" in line {line}")).unwrap_or_default();
        format!("{self}: {:?}{line}", self.source.kind())
    }
}

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_loader(load);
    environment.set_formatter(write_escaped);
    environment.add_function("asset_url", |name: &str| {
        asset_url(name)
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("there is no asset {name}")))
    });
    environment.add_filter("in_words", in_words);
    environment
});

/// Renders the page as HTML.
pub fn render<P: Page>(page: &P) -> Result<String, RenderFault> {
    ENVIRONMENT
        .get_template(P::TEMPLATE)
        .and_then(|template| template.render(Serde(page)))
        .map_err(|source| RenderFault { template: P::TEMPLATE, source })
}

fn load(name: &str) -> Result<Option<String>, Error> {
    let Some(file) = Templates::get(name) else { return Ok(None) };
    String::from_utf8(file.data.into_owned()).map(Some).map_err(|source| {
        Error::new(ErrorKind::CannotDeserialize, format!("{name} is not UTF-8")).with_source(source)
    })
}

/// Escapes only the five characters that HTML requires, so that addresses stay readable in the page's source;
/// minijinja would also escape slashes.
pub(super) fn write_escaped(output: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match (state.auto_escape(), value.as_str()) {
        (AutoEscape::Html, Some(text)) if !value.is_safe() => Ok(output.write_str(&escaped(text))?),
        _ => escape_formatter(output, state, value),
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::{ErrorPage, FormTarget};
    use super::*;
    use serde::Serialize;

    #[test]
    fn input_of_a_person_is_escaped() {
        let (_, mut page) = ErrorPage::samples().swap_remove(0);
        page.message = "<script>alert('1')</script>\"&".to_owned();
        let html = render(&page).unwrap();
        assert!(html.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"), "{html}");
        assert!(!html.contains("<script>alert"));
    }

    #[test]
    fn a_context_without_a_needed_value_is_a_fault_that_names_the_template() {
        #[derive(Serialize)]
        struct Empty {}
        impl Page for Empty {
            const TEMPLATE: &'static str = "identifier.html";
            const FORM_TARGET: FormTarget = FormTarget::Ourselves;
            fn samples() -> Vec<(&'static str, Self)> {
                Vec::new()
            }
        }
        let fault = render(&Empty {}).unwrap_err();
        assert_eq!(fault.to_string(), "the template identifier.html could not be rendered");
    }
}
