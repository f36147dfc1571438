//! Letters: a folder of three templates each, `subject.txt`, `text.txt` and `html.html`. Only the last one is escaped.

use super::render::{RenderFault, write_escaped};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, value::Serde};
use rust_embed::RustEmbed;
use serde::Serialize;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "themes/letters"]
struct Templates;

/// A rendered letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterText {
    /// The subject, one line.
    pub subject: String,
    /// The letter as plain text, complete by itself.
    pub text: String,
    /// The letter as HTML.
    pub html: String,
}

/// A device was added to an account, or removed from it.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceLetter {
    /// Whether it was added.
    #[serde(skip)]
    pub was_added: bool,
    /// The name under which people know the server.
    pub server: String,
    /// The public URL of the server.
    pub url: String,
    /// The name of the device.
    pub device: String,
    /// The time in words.
    pub time: String,
}

/// The templates of one letter.
#[derive(Clone, Copy)]
struct Files {
    subject: &'static str,
    text: &'static str,
    html: &'static str,
}

macro_rules! files {
    ($folder:literal) => {
        Files {
            subject: concat!($folder, "/subject.txt"),
            text: concat!($folder, "/text.txt"),
            html: concat!($folder, "/html.html"),
        }
    };
}

const DEVICE_ADDED: Files = files!("device_added");
const DEVICE_REMOVED: Files = files!("device_removed");

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_loader(load);
    environment.set_formatter(write_escaped);
    environment
});

/// Renders a letter. A subject is one line whatever the values contain.
///
/// # Errors
/// Only for a mistake in a template.
pub fn render_letter(letter: &DeviceLetter) -> Result<LetterText, RenderFault> {
    let files = if letter.was_added { DEVICE_ADDED } else { DEVICE_REMOVED };
    Ok(LetterText {
        subject: one_line(&render(files.subject, letter)?),
        text: render(files.text, letter)?,
        html: render(files.html, letter)?,
    })
}

/// Replaces line breaks and control characters by single spaces.
fn one_line(text: &str) -> String {
    let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn render(template: &'static str, letter: &DeviceLetter) -> Result<String, RenderFault> {
    ENVIRONMENT
        .get_template(template)
        .and_then(|found| found.render(Serde(letter)))
        .map_err(|source| RenderFault { template, source })
}

fn load(name: &str) -> Result<Option<String>, Error> {
    let Some(file) = Templates::get(name) else { return Ok(None) };
    String::from_utf8(file.data.into_owned()).map(Some).map_err(|source| {
        Error::new(ErrorKind::CannotDeserialize, format!("{name} is not UTF-8")).with_source(source)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn letter(was_added: bool) -> DeviceLetter {
        let [server, url, device, time] =
            ["Northwind & Co", "https://id.example", "<b>Pixel</b>", "1 December 2026, 13:05 UTC"]
                .map(str::to_owned);
        DeviceLetter { was_added, server, url, device, time }
    }

    #[test]
    fn every_letter_has_three_files_and_is_rendered() {
        let mut folders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for file in Templates::iter() {
            let (folder, name) = file.split_once('/').expect("a folder for each letter");
            folders.entry(folder.to_owned()).or_default().insert(name.to_owned());
        }
        assert_eq!(folders.keys().collect::<Vec<_>>(), ["device_added", "device_removed"]);
        let three = BTreeSet::from(["html.html", "subject.txt", "text.txt"].map(str::to_owned));
        for (folder, files) in &folders {
            assert_eq!(files, &three, "{folder}");
            let written = render_letter(&letter(folder == "device_added")).unwrap();
            assert!(!written.subject.is_empty() && !written.subject.contains('\n'), "{written:?}");
            assert!(written.text.contains("<b>Pixel</b>") && written.text.contains("Northwind & Co"));
            assert!(written.html.contains("&lt;b&gt;Pixel&lt;/b&gt;"), "{}", written.html);
            assert!(!written.html.contains("<b>") && !written.html.contains("http://"));
            for text in [&written.text, &written.html] {
                for fact in ["https://id.example", "1 December 2026, 13:05 UTC", "help desk"] {
                    assert!(text.contains(fact), "{folder} {fact}: {text}");
                }
            }
        }
    }

    #[test]
    fn a_line_break_in_a_value_adds_no_line_to_a_subject() {
        assert_eq!(
            one_line("Ada's phone\r\nBcc: eve@example.com\u{85}\0x\n"),
            "Ada's phone Bcc: eve@example.com x"
        );
        assert_eq!(one_line("Änderung an Ihrem Konto\n"), "Änderung an Ihrem Konto");
    }
}
