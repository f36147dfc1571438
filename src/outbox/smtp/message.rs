//! Makes the message of a letter (RFC 5322, RFC 2046): plain text with HTML beside it.

use crate::config::Sender;
use crate::outbox::carrier::Failure;
use crate::outbox::envelope::Envelope;
use crate::outbox::letter::EmailMessage;
use lettre::{
    Message,
    address::Envelope as SmtpEnvelope,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use std::time::{Duration, UNIX_EPOCH};
use url::Host;

/// Writes messages of one sender.
pub(super) struct Writer {
    from: Mailbox,
}

/// A message with its envelope.
pub(super) struct Written {
    pub(super) envelope: SmtpEnvelope,
    pub(super) text: Vec<u8>,
}

impl Writer {
    /// Returns `None` when the sender is no address.
    pub(super) fn new(from: &Sender) -> Option<Self> {
        Some(Self { from: Mailbox::new(from.name.clone(), address(&from.address)?) })
    }

    /// Writes a letter. It is the same at each attempt: id and date are those of the row.
    ///
    /// # Errors
    /// When the person's address is none.
    pub(super) fn write(
        &self,
        envelope: &Envelope,
        to: &str,
        message: &EmailMessage,
    ) -> Result<Written, Failure> {
        let unusable =
            Failure { code: "address", reason: "the person's email address cannot be used".to_owned() };
        let to = address(to).ok_or(unusable)?;
        let broken = |reason: String| Failure { code: "message", reason };
        let text = message.letter.render().map_err(|fault| broken(fault.in_words()))?;
        let sent_at = Duration::from_millis(u64::try_from(envelope.created_at.0).unwrap_or_default());
        let parts = MultiPart::alternative()
            .boundary(format!("countersign-{}", envelope.id))
            .singlepart(SinglePart::plain(text.text))
            .singlepart(SinglePart::html(text.html));
        // RFC 3834 §5: no program answers to it.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let written = Message::builder()
            .message_id(Some(format!("<{}@{}>", envelope.id, self.from.email.domain())))
            .date(UNIX_EPOCH + sent_at)
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(text.subject)
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .multipart(parts)
            .map_err(|error| broken(error.to_string()))?;
        Ok(Written { envelope: written.envelope().clone(), text: written.formatted() })
    }
}

/// Parses an address; an internationalized domain becomes its ASCII form (RFC 5890), so that only a local part in
/// another script needs SMTPUTF8 (RFC 6531).
fn address(text: &str) -> Option<lettre::Address> {
    let (local, domain) = text.rsplit_once('@')?;
    if text.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
        return None;
    }
    let Ok(Host::Domain(domain)) = Host::parse(domain) else { return None };
    lettre::Address::new(local, domain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::outbox::envelope::{Address, Body};
    use crate::outbox::letter::{DeviceFacts, Letter};
    use crate::outbox::samples;

    fn envelope() -> (Envelope, EmailMessage) {
        let at = Timestamp::from_unix_seconds(1_796_130_300);
        let [server, url, device] = ["Nørthwind", "https://id.example", "Ada's phone"].map(str::to_owned);
        let message = EmailMessage { letter: Letter::DeviceAdded(DeviceFacts { server, url, device, at }) };
        let envelope = Envelope {
            id: samples::row(7),
            workspace: None,
            address: Address::Email("ada@example.com".to_owned()),
            body: Body::Email(message.clone()),
            created_at: at,
            expires_at: at.plus_seconds(60),
        };
        (envelope, message)
    }

    fn writer() -> Writer {
        let from =
            Sender { name: Some("Nørthwind".to_owned()), address: "no-reply@bücher.example".to_owned() };
        Writer::new(&from).unwrap()
    }

    fn written(to: &str) -> Result<String, Failure> {
        let (envelope, message) = envelope();
        writer().write(&envelope, to, &message).map(|written| String::from_utf8(written.text).unwrap())
    }

    #[test]
    fn a_letter_has_the_headers_of_an_automatic_message() {
        let text = written("ada@example.com").unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        for line in [
            "Message-ID: <out_AAAAAAAAAAAAAAAAAAAABw@xn--bcher-kva.example>",
            "Date: Tue, 01 Dec 2026 13:05:00 +0000",
            "From: =?utf-8?b?TsO4cnRod2luZA==?= <no-reply@xn--bcher-kva.example>",
            "To: ada@example.com",
            "Subject: A device was added to your account",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ] {
            assert!(head.lines().any(|found| found == line), "{line}\n{head}");
        }
        assert!(head.contains("multipart/alternative"), "{head}");
        assert_eq!(written("ada@example.com").unwrap(), text, "the same at each attempt");
    }

    #[test]
    fn an_address_cannot_add_a_header_or_a_recipient() {
        for to in [
            "ada@example.com\r\nBcc: eve@example.com",
            "ada@example.com, eve@example.com",
            "ada@example.com>\nRCPT TO:<eve@example.com",
            "<ada@example.com>",
            "ada\u{0}@example.com",
            "ada@127.0.0.1",
            "ada",
            "",
        ] {
            assert_eq!(written(to).unwrap_err().code, "address", "{to:?}");
        }
        assert!(written("ada+phone@sub.example.com").is_ok());
    }

    #[test]
    fn an_internationalized_domain_is_written_in_ascii_and_a_local_part_is_not() {
        assert!(written("ada@bücher.example").unwrap().contains("To: ada@xn--bcher-kva.example\r\n"));
        assert!(!written("änne@example.com").unwrap().is_ascii(), "needs SMTPUTF8");
        assert!(written("ada@example.com").unwrap().is_ascii());
    }
}
