//! Opens a session with the mail server: connection, greeting, TLS, authentication.
//!
//! A failure concerns the server and not one letter, so it is tried again, also after a 5xx answer, such as to a wrong
//! password: the operator can mend it before the letter expires.

use super::{Smtp, in_words};
use crate::config::SmtpTls;
use lettre::transport::smtp::{
    authentication::{Credentials, Mechanism},
    client::AsyncSmtpConnection,
};
use secrecy::ExposeSecret;

impl Smtp {
    /// Opens a session in which a letter may be sent.
    pub(super) async fn open_session(&self) -> Result<AsyncSmtpConnection, String> {
        let address = (self.server.host.as_str(), self.server.port);
        let implicit = (self.server.tls == SmtpTls::Implicit).then(|| self.tls.clone());
        let connection = AsyncSmtpConnection::connect_tokio1(
            address,
            Some(self.session_timeout),
            &self.hello,
            implicit,
            None,
        );
        let mut connection = connection
            .await
            .map_err(|error| format!("the mail server cannot be reached: {}", in_words(&error)))?;
        self.start_tls(&mut connection).await?;
        if let Some((user, password)) = &self.server.credentials {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            let answer = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
            answer.map_err(|error| {
                format!("the mail server refused user and password of smtp_url: {}", in_words(&error))
            })?;
        }
        Ok(connection)
    }

    /// Upgrades the connection where the settings want it (RFC 3207).
    async fn start_tls(&self, connection: &mut AsyncSmtpConnection) -> Result<(), String> {
        let is_wanted = match self.server.tls {
            SmtpTls::Implicit | SmtpTls::Off => false,
            SmtpTls::Opportunistic => connection.can_starttls(),
            SmtpTls::Required if connection.can_starttls() => true,
            SmtpTls::Required => {
                let _ = connection.quit().await;
                return Err(
                    "the mail server does not offer STARTTLS, and nothing is sent without; see smtp_url"
                        .to_owned(),
                );
            }
        };
        if !is_wanted {
            return Ok(());
        }
        let upgraded = connection.starttls(self.tls.clone(), &self.hello).await;
        upgraded.map_err(|error| format!("TLS with the mail server failed: {}", in_words(&error)))
    }
}
