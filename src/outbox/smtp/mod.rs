//! Delivers letters to a mail server (RFC 5321, RFC 6409, RFC 8314).
//!
//! A letter may leave twice in one case: the server has taken it, and the connection broke before its answer arrived
//! (RFC 5321 §4.5.3.2.6), or this process died before it recorded the answer. Both have the same `Message-ID`.

mod message;
mod session;

use super::carrier::{Carrier, Delivery, Failure};
use super::envelope::{Address, Body, Envelope};
use crate::clock::Timestamp;
use crate::config::{Letters, SmtpServer};
use ::entity::enums::CarrierKind;
use lettre::transport::smtp::{
    client::{AsyncSmtpConnection, TlsParameters},
    extension::ClientId,
};
use message::Writer;
use std::net::IpAddr;
use std::time::Duration;

/// Seconds for the connection, the greeting, TLS and the authentication.
const MAX_SESSION_SECONDS: u64 = 30;
/// Seconds for the letter itself. The server answers after it has stored it, which RFC 5321 §4.5.3.2.6 lets it take
/// minutes for.
const MAX_TRANSACTION_SECONDS: u64 = 120;
/// Seconds for the end of the session, after the letter has been taken.
const MAX_QUIT_SECONDS: u64 = 5;
/// Seconds that one send may take; the lease of a row is longer.
pub(super) const MAX_SEND_SECONDS: i64 = (MAX_SESSION_SECONDS + MAX_TRANSACTION_SECONDS).cast_signed();
/// The maximum number of characters of a server's answer in an error.
const MAX_ANSWER_CHARS: usize = 200;

/// Delivers letters to one mail server.
pub struct Smtp {
    server: SmtpServer,
    writer: Writer,
    hello: ClientId,
    tls: TlsParameters,
    session_timeout: Duration,
    transaction_timeout: Duration,
}

/// Why letters cannot be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    /// The sender is no address for mail.
    #[error("mail.from: the address cannot be used as a sender")]
    Sender,
    /// TLS cannot be used.
    #[error("the certificates of this machine cannot be used for the mail server")]
    Tls(#[source] lettre::transport::smtp::Error),
}

impl Smtp {
    /// Creates a carrier that introduces itself to the server as `hello`, the host of the public URL.
    ///
    /// # Errors
    /// When the sender is no address, or the machine's certificates cannot be read.
    pub fn new(letters: &Letters, hello: &str) -> Result<Self, SmtpError> {
        let hello = match hello.trim_matches(['[', ']']).parse() {
            Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(hello.to_owned()),
        };
        Ok(Self {
            writer: Writer::new(&letters.from).ok_or(SmtpError::Sender)?,
            tls: TlsParameters::new(letters.server.host.clone()).map_err(SmtpError::Tls)?,
            server: letters.server.clone(),
            hello,
            session_timeout: Duration::from_secs(MAX_SESSION_SECONDS),
            transaction_timeout: Duration::from_secs(MAX_TRANSACTION_SECONDS),
        })
    }

    /// Waits only so long for the server.
    #[must_use]
    pub fn with_timeouts(mut self, session: Duration, transaction: Duration) -> Self {
        (self.session_timeout, self.transaction_timeout) = (session, transaction);
        self
    }

    async fn try_send(&self, envelope: &Envelope) -> Result<(), Delivery> {
        let (Address::Email(to), Body::Email(message)) = (&envelope.address, &envelope.body) else {
            return Err(Delivery::Failed("the row is no letter to an email address".into()));
        };
        let letter = self.writer.write(envelope, to, message).map_err(Delivery::Failed)?;
        let session = tokio::time::timeout(self.session_timeout, self.open_session()).await;
        let mut connection = match session {
            Ok(session) => session.map_err(later)?,
            Err(_) => return Err(later("the mail server did not answer in time".to_owned())),
        };
        let sent = connection.send(&letter.envelope, &letter.text);
        match tokio::time::timeout(self.transaction_timeout, sent).await {
            Ok(Ok(_)) => {
                // The letter has been taken, whatever the server answers now.
                tokio::spawn(quit(connection));
                Ok(())
            }
            Ok(Err(error)) => Err(understand(&error, to)),
            Err(_) => Err(later("the mail server did not answer to the letter in time".to_owned())),
        }
    }
}

#[async_trait::async_trait]
impl Carrier for Smtp {
    fn kind(&self) -> CarrierKind {
        CarrierKind::Smtp
    }

    fn host(&self, _: &Envelope) -> String {
        format!("smtp://{}:{}", self.server.host, self.server.port)
    }

    async fn send(&self, envelope: &Envelope, _: Timestamp) -> Delivery {
        self.try_send(envelope).await.err().unwrap_or(Delivery::Accepted)
    }
}

async fn quit(mut connection: AsyncSmtpConnection) {
    let _ = tokio::time::timeout(Duration::from_secs(MAX_QUIT_SECONDS), connection.quit()).await;
}

fn later(reason: String) -> Delivery {
    Delivery::Later { after_seconds: None, reason }
}

/// Classifies the failure of a letter (RFC 5321 §4.2.1): 5xx is final, everything else is tried again.
fn understand(error: &lettre::transport::smtp::Error, to: &str) -> Delivery {
    let answer = in_words(error).replace(to, "…");
    if error.is_permanent() {
        return Delivery::Failed(format!("the mail server refused the letter: {answer}").into());
    }
    if error.is_client() {
        let reason = format!("the mail server does not support the address: {answer}");
        return Delivery::Failed(Failure { code: "address", reason });
    }
    later(format!("the mail server did not take the letter: {answer}"))
}

/// Returns the words of a library's error, which contain the server's answer, on one line and not too long.
fn in_words(error: &lettre::transport::smtp::Error) -> String {
    let printable = |letter: char| if letter.is_control() { ' ' } else { letter };
    error.to_string().chars().map(printable).take(MAX_ANSWER_CHARS).collect()
}
