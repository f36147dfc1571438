use secrecy::SecretString;

/// What the relying party was registered with, and where it lives.
#[derive(Clone, Debug)]
pub struct RelyingPartySettings {
    /// The provider's issuer, compared character by character.
    pub issuer: String,
    /// The `client_id` that the provider gave out.
    pub client_id: String,
    /// The secret that goes with it, sent as `client_secret_basic`.
    pub client_secret: SecretString,
    /// Where browsers reach this application, without a slash at the end: `http://localhost:PORT`.
    pub base_url: String,
    /// What the provider calls itself, for the sign-in button.
    pub provider_name: String,
}

impl RelyingPartySettings {
    /// Where the provider sends the browser back to; to be registered with it, as it stands.
    pub fn redirect_uri(&self) -> String {
        format!("{}/callback", self.base_url)
    }

    /// Where the provider sends the browser after a sign-out; to be registered with it, as it stands.
    pub fn post_logout_redirect_uri(&self) -> String {
        format!("{}/signed-out", self.base_url)
    }
}
