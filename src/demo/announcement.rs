//! The text that the demo prints when it is ready.

use super::{
    claims::{ADA, ALAN, EDITH, GRACE},
    seed::Seed,
};
use serde::Serialize;

/// The addresses and credentials of the demo; the member names are a stable interface for scripts.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Announcement {
    issuer: String,
    relying_party: String,
    authenticator: String,
    client_id: String,
    client_secret: String,
    redirect_uri: String,
    second_client_id: String,
    second_client_secret: String,
    public_client_id: String,
    username: &'static str,
    password: String,
    totp_username: &'static str,
    totp_password: String,
    totp_uri: String,
    guest_username: &'static str,
    guest_password: String,
    second_guest_username: &'static str,
    second_guest_password: String,
    pid: u32,
}

/// The addresses of the demo.
pub(super) struct Whereabouts {
    pub(super) issuer: String,
    pub(super) relying_party: String,
    pub(super) authenticator: String,
    pub(super) redirect_uri: String,
}

impl Announcement {
    /// Creates the announcement from addresses and seed.
    pub(super) fn new(whereabouts: Whereabouts, seed: Seed) -> Self {
        Self {
            issuer: whereabouts.issuer,
            relying_party: whereabouts.relying_party,
            authenticator: whereabouts.authenticator,
            redirect_uri: whereabouts.redirect_uri,
            client_id: seed.client_id,
            client_secret: seed.client_secret,
            second_client_id: seed.second_client_id,
            second_client_secret: seed.second_client_secret,
            public_client_id: seed.public_client_id,
            username: ADA.username,
            password: seed.password,
            totp_username: GRACE.username,
            totp_password: seed.totp_password,
            totp_uri: seed.totp_uri,
            guest_username: ALAN.username,
            guest_password: seed.guest_password,
            second_guest_username: EDITH.username,
            second_guest_password: seed.second_guest_password,
            pid: std::process::id(),
        }
    }

    /// Formats as one line of JSON, for scripts.
    pub(super) fn as_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Formats as text, for people.
    pub(super) fn as_text(&self) -> String {
        let person =
            |username: &str, password: &str, about: &str| format!("    {username:<6} {password}   {about}\n");
        let people = [
            person(self.username, &self.password, "password, then the phone: the first sign-in adds it"),
            person(self.totp_username, &self.totp_password, "password, then a code from the address below"),
            person(self.guest_username, &self.guest_password, "a guest: the password alone"),
            person(self.second_guest_username, &self.second_guest_password, "another guest"),
        ]
        .concat();
        format!(
            "\nThe demo is ready. Click here, and sign in:\n\n    {relying_party}\n\n\
             as one of these people:\n\n{people}\n\
             The phone can be a second browser profile, or a second browser:\n\n    {authenticator}\n\n\
             Codes of {totp_username}, for any authenticator app:\n\n    {totp_uri}\n\n\
             Your own application:\n\n    \
             issuer         {issuer}\n    \
             client_id      {client_id}\n    \
             client_secret  {client_secret}\n    \
             redirect_uri   {redirect_uri}\n    \
             public client  {public_client_id}\n\n\
             Ctrl-C ends it.\n",
            relying_party = self.relying_party,
            authenticator = self.authenticator,
            totp_username = self.totp_username,
            totp_uri = self.totp_uri,
            issuer = self.issuer,
            client_id = self.client_id,
            client_secret = self.client_secret,
            redirect_uri = self.redirect_uri,
            public_client_id = self.public_client_id,
        )
    }
}
