//! Letters: what a row of the outbox says, and the message that is made of it when it is sent (RFC 5322).

use crate::clock::Timestamp;
use crate::storage::stored::Stored;
use crate::themes::{DeviceLetter, LetterText, RenderFault, render_letter};
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, macros::format_description};

/// The content of an outbox row that is sent by mail. The text is written when the row is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailMessage {
    /// The letter.
    pub letter: Letter,
}

impl Stored for EmailMessage {
    const PLACE: &'static str = "outbox.payload, by mail";
}

/// A letter with what it tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// A device was added to the account.
    DeviceAdded(DeviceFacts),
    /// A device was removed from the account.
    DeviceRemoved(DeviceFacts),
}

/// What a letter about a device tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceFacts {
    /// The name under which people know the server.
    pub server: String,
    /// The public URL of the server.
    pub url: String,
    /// The name of the device.
    pub device: String,
    /// The time of the change.
    pub at: Timestamp,
}

impl Letter {
    /// Returns the word of the letter, which is also the name of its folder in `themes/letters`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::DeviceAdded(_) => "device_added",
            Self::DeviceRemoved(_) => "device_removed",
        }
    }

    /// Writes the letter.
    ///
    /// # Errors
    /// Only for a mistake in a template.
    pub(super) fn render(&self) -> Result<LetterText, RenderFault> {
        let (Self::DeviceAdded(facts) | Self::DeviceRemoved(facts)) = self;
        render_letter(&DeviceLetter {
            was_added: matches!(self, Self::DeviceAdded(_)),
            server: facts.server.clone(),
            url: facts.url.clone(),
            device: facts.device.clone(),
            time: in_words(facts.at),
        })
    }
}

/// Writes an instant for people, such as `1 December 2026, 13:05 UTC`.
fn in_words(at: Timestamp) -> String {
    let format = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    let time = OffsetDateTime::from_unix_timestamp(at.unix_seconds());
    time.ok().and_then(|time| time.format(format).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::stored;
    use serde_json::json;

    fn letter() -> Letter {
        Letter::DeviceAdded(DeviceFacts {
            server: "Northwind".to_owned(),
            url: "https://id.example".to_owned(),
            device: "Ada's <Pixel>".to_owned(),
            at: Timestamp::from_unix_seconds(1_796_130_300),
        })
    }

    #[test]
    fn a_letter_tells_the_device_the_server_and_the_time() {
        let text = letter().render().unwrap();
        assert_eq!(text.subject, "A device was added to your account");
        for fact in ["Ada's <Pixel>", "Northwind", "https://id.example", "1 December 2026, 13:05 UTC"] {
            assert!(text.text.contains(fact), "{fact}: {}", text.text);
        }
        assert!(text.html.contains("Ada&#39;s &lt;Pixel&gt;"), "{}", text.html);
    }

    #[test]
    fn a_stored_letter_is_read_and_an_unknown_one_is_not() {
        let written = stored::write(&EmailMessage { letter: letter() }).unwrap();
        assert_eq!(written["letter"]["kind"], "device_added");
        let mut grown = written.clone();
        grown["letter"]["place"] = json!("Paris");
        assert_eq!(stored::read::<EmailMessage>(grown).unwrap(), EmailMessage { letter: letter() });
        let mut unknown = written;
        unknown["letter"]["kind"] = json!("device_painted");
        assert!(stored::read::<EmailMessage>(unknown).is_err());
    }
}
