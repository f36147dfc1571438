//! Recognizes ID tokens of this server.

use super::App;
use crate::{fault::Fault, keys::verify_jws, protocol::IdTokenHint};

impl App {
    /// Returns a hint that this server has signed, also when it has expired; `None` for any other text. The
    /// caller checks its client (OpenID Connect Core §3.1.2.1).
    ///
    /// # Errors
    /// When the keys cannot be read.
    pub async fn verified_hint(&self, hint: &str) -> Result<Option<IdTokenHint>, Fault> {
        let keys = self.directory.keys().await?;
        let claims = verify_jws(&keys.ring, hint);
        Ok(claims.and_then(|claims| IdTokenHint::from_verified_claims(&claims, self.issuer())))
    }
}
