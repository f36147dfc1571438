use super::application::RelyingParty;
use super::failure::{Failure, chain};
use super::identity::{Claims, Identity};
use super::{authorization::PendingSignIn, provider::Provider};
use chrono::DateTime;
use openidconnect::core::{CoreIdToken, CoreIdTokenClaims, CoreTokenResponse};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, Nonce, NonceVerifier, OAuth2TokenResponse,
    SubjectIdentifier, TokenResponse,
};

impl RelyingParty {
    /// Redeems the code, verifies the tokens, and loads the userinfo claims.
    pub(super) async fn redeem(
        &self,
        provider: &Provider,
        code: String,
        pending: PendingSignIn,
    ) -> Result<Identity, Failure> {
        let tokens = provider
            .client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| Failure::TokenEndpoint(chain(&error)))?
            .set_pkce_verifier(pending.pkce_verifier)
            .request_async(&self.http)
            .await
            .map_err(|error| Failure::TokenEndpoint(chain(&error)))?;
        let id_token =
            tokens.id_token().cloned().ok_or_else(|| Failure::IdToken("there is none".to_owned()))?;
        let claims = self.verify(provider, &id_token, tokens.access_token(), &pending.nonce)?;
        let mut identity = Identity {
            id_token_claims: Claims::new(),
            user_info: Claims::new(),
            acr: None,
            amr: Vec::new(),
            auth_time: None,
            id_token: id_token.clone(),
            nonce: pending.nonce,
            access_token: tokens.access_token().clone(),
            refresh_token: tokens.refresh_token().cloned(),
            refreshed_at: None,
        };
        identity.describe(&claims);
        self.load_user_info(provider, &mut identity, claims.subject()).await?;
        Ok(identity)
    }

    /// Refreshes the tokens and reloads the userinfo claims.
    pub(super) async fn refresh(&self, provider: &Provider, identity: &mut Identity) -> Result<(), Failure> {
        let refresh_token = identity
            .refresh_token
            .clone()
            .ok_or_else(|| Failure::TokenEndpoint("the provider gave no refresh token".to_owned()))?;
        let tokens = provider
            .client
            .exchange_refresh_token(&refresh_token)
            .map_err(|error| Failure::TokenEndpoint(chain(&error)))?
            .request_async(&self.http)
            .await
            .map_err(|error| Failure::TokenEndpoint(chain(&error)))?;
        let subject = SubjectIdentifier::new(identity.claim("sub").unwrap_or_default().to_owned());
        self.take_refreshed_id_token(provider, identity, &tokens)?;
        identity.access_token = tokens.access_token().clone();
        // RFC 6749 §6: without a new refresh token, the old one stays valid.
        identity.refresh_token = tokens.refresh_token().cloned().or(Some(refresh_token));
        identity.refreshed_at = Some(self.clock.now());
        self.load_user_info(provider, identity, &subject).await
    }

    /// Verifies the optional new ID token: same subject, and the original nonce or none (OpenID Connect Core
    /// §12.2).
    fn take_refreshed_id_token(
        &self,
        provider: &Provider,
        identity: &mut Identity,
        tokens: &CoreTokenResponse,
    ) -> Result<(), Failure> {
        let Some(id_token) = tokens.id_token() else { return Ok(()) };
        let original = identity.nonce.clone();
        let same_or_none = move |nonce: Option<&Nonce>| match nonce {
            Some(nonce) if nonce.secret() != original.secret() => Err("another nonce".to_owned()),
            _ => Ok(()),
        };
        let claims = self.verify(provider, id_token, tokens.access_token(), same_or_none)?;
        if Some(claims.subject().as_str()) != identity.claim("sub") {
            return Err(Failure::IdToken("its subject differs from the one of the sign-in".to_owned()));
        }
        identity.id_token = id_token.clone();
        identity.describe(&claims);
        Ok(())
    }

    /// Verifies the ID token (OpenID Connect Core §3.1.3.7) and its `at_hash` (§3.1.3.8).
    fn verify(
        &self,
        provider: &Provider,
        id_token: &CoreIdToken,
        access_token: &AccessToken,
        nonce: impl NonceVerifier,
    ) -> Result<CoreIdTokenClaims, Failure> {
        let refused = |error: &dyn std::error::Error| Failure::IdToken(chain(error));
        let now = self.clock.now().0;
        let verifier = provider
            .client
            .id_token_verifier()
            .set_time_fn(move || DateTime::from_timestamp_millis(now).unwrap_or(DateTime::UNIX_EPOCH));
        let claims = id_token.claims(&verifier, nonce).map_err(|error| refused(&error))?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(|error| refused(&error))?;
            let key = id_token.signing_key(&verifier).map_err(|error| refused(&error))?;
            let actual =
                AccessTokenHash::from_token(access_token, algorithm, key).map_err(|error| refused(&error))?;
            if actual != *expected {
                return Err(Failure::IdToken("its “at_hash” belongs to another access token".to_owned()));
            }
        }
        Ok(claims.clone())
    }

    /// Loads the userinfo claims; their `sub` must be that of the ID token (OpenID Connect Core §5.3.2).
    async fn load_user_info(
        &self,
        provider: &Provider,
        identity: &mut Identity,
        subject: &SubjectIdentifier,
    ) -> Result<(), Failure> {
        let claims = provider
            .client
            .user_info(identity.access_token.clone(), Some(subject.clone()))
            .map_err(|error| Failure::UserInfo(chain(&error)))?
            .request_async(&self.http)
            .await
            .map_err(|error| Failure::UserInfo(chain(&error)))?;
        identity.describe_person(&claims);
        Ok(())
    }
}
