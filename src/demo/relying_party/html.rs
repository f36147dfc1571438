use std::fmt::Write;

/// A piece of a page. Text becomes one only by being escaped, so no claim can turn into markup.
#[derive(Clone, Debug, Default)]
pub struct Html(String);

impl Html {
    /// Text from anywhere.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self(escaped(text.as_ref()))
    }

    /// An element; its name and its attributes' names are ours, everything else is escaped.
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

    /// An element that holds nothing and is not closed: `meta`, `link`, `img`, `input`.
    pub fn opening(name: &'static str, attributes: &[(&'static str, &str)]) -> Self {
        let mut html = format!("<{name}");
        for (attribute, value) in attributes {
            let _ = write!(html, " {attribute}=\"{}\"", escaped(value));
        }
        html.push('>');
        Self(html)
    }

    /// An element that holds one text and has no attributes.
    pub fn simple(name: &'static str, text: impl AsRef<str>) -> Self {
        Self::element(name, &[], [Self::text(text)])
    }

    /// The whole document.
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
