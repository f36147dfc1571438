use std::fmt::Write;

/// A fragment of HTML. Every text is escaped, so that no claim becomes markup.
#[derive(Clone, Debug, Default)]
pub struct Html(String);

impl Html {
    /// Creates a fragment from untrusted text.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self(escaped(text.as_ref()))
    }

    /// Creates an element; names of element and attributes are constants, everything else is escaped.
    pub fn element(
        name: &'static str,
        attributes: &[(&'static str, &str)],
        children: impl IntoIterator<Item = Html>,
    ) -> Self {
        let mut html = Self::opening(name, attributes);
        html.0.extend(children.into_iter().map(|child| child.0));
        let _ = write!(html.0, "</{name}>");
        html
    }

    /// Creates a void element without a closing tag: `meta`, `link`, `img`, `input`.
    pub fn opening(name: &'static str, attributes: &[(&'static str, &str)]) -> Self {
        let mut html = format!("<{name}");
        for (attribute, value) in attributes {
            let _ = write!(html, " {attribute}=\"{}\"", escaped(value));
        }
        html.push('>');
        Self(html)
    }

    /// Creates an element with one text and without attributes.
    pub fn simple(name: &'static str, text: impl AsRef<str>) -> Self {
        Self::element(name, &[], [Self::text(text)])
    }

    /// Returns the complete document.
    pub fn into_document(self) -> String {
        format!("<!doctype html>\n{}\n", self.0)
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attribute_values_never_become_markup() {
        let html = Html::element("a", &[("title", "\"'<&>")], [Html::text("<script>&\"'")]);
        assert_eq!(html.0, "<a title=\"&quot;&#39;&lt;&amp;&gt;\">&lt;script&gt;&amp;&quot;&#39;</a>");
    }

    #[test]
    fn elements_nest_in_order() {
        let list = Html::element("ul", &[], [Html::simple("li", "one"), Html::simple("li", "two")]);
        assert_eq!(list.0, "<ul><li>one</li><li>two</li></ul>");
    }
}
