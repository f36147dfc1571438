use secrecy::SecretString;

/// The application's name, also registered as its client name.
pub const APPLICATION_NAME: &str = "Inkwell";

/// The relying party's registration and address.
#[derive(Clone, Debug)]
pub struct RelyingPartySettings {
    /// The provider's issuer identifier, compared as an exact string.
    pub issuer: String,
    /// The registered `client_id`.
    pub client_id: String,
    /// The client secret, sent by `client_secret_basic`.
    pub client_secret: SecretString,
    /// The application's origin without a trailing slash: `http://localhost:PORT`.
    pub base_url: String,
    /// The provider's name, for the sign-in button.
    pub provider_name: String,
}

impl RelyingPartySettings {
    /// Returns the redirect URI, which must be registered exactly like this.
    pub fn redirect_uri(&self) -> String {
        format!("{}/callback", self.base_url)
    }

    /// Returns the post-logout redirect URI, which must be registered exactly like this.
    pub fn post_logout_redirect_uri(&self) -> String {
        format!("{}/signed-out", self.base_url)
    }
}
