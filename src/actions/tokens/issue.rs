//! The tokens of a token response (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
//!
//! Tokens are created, signed and serialized before a transaction opens; the transaction only inserts.

use crate::{
    app::{App, Tenant},
    clock::Timestamp,
    directory::{Client, Person, TokenLifetime},
    fault::Fault,
    protocol::{AccessToken, IdTokenInput, Nonce, RefreshToken, Scope, ScopeSet, id_token, id_token_claims},
    storage::{
        Transaction,
        access_tokens::{self, AccessTokenRow},
        grants::{self, Grant},
        refresh_tokens::{self, RefreshTokenRow},
    },
};
use serde::Serialize;

/// The tokens to issue and the grant that they belong to.
pub(super) struct Issue<'a> {
    pub(super) tenant: &'a Tenant,
    /// The client.
    pub(super) client: &'a Client,
    pub(super) grant: &'a Grant,
    pub(super) person: &'a Person,
    /// The scopes of the access token.
    pub(super) scopes: &'a ScopeSet,
    /// The nonce to return in the ID token; `None` at a refresh (Core §12.2).
    pub(super) nonce: Option<&'a Nonce>,
    /// The terms of a refresh token; `None` issues none.
    pub(super) refresh: Option<RefreshTerms>,
}

/// The terms of a refresh token.
pub(super) struct RefreshTerms {
    pub(super) scopes: ScopeSet,
    pub(super) absolute_until: Timestamp,
}

/// Prepared tokens: the response and the rows that must be committed before it is sent.
pub(super) struct Issued {
    /// The JSON of the response.
    pub(super) body: Vec<u8>,
    access: AccessTokenRow,
    refresh: Option<RefreshTokenRow>,
}

/// The response, with its members in the order of RFC 6749 §5.1.
#[derive(Serialize)]
struct Answer<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

impl Issued {
    /// Inserts the rows of the tokens.
    pub(super) async fn insert(self, tx: &Transaction) -> Result<(), Fault> {
        access_tokens::insert_access_token(tx, self.access).await?;
        match self.refresh {
            Some(refresh) => refresh_tokens::insert_refresh_token(tx, refresh).await,
            None => Ok(()),
        }
    }
}

impl Issue<'_> {
    /// Creates and signs the tokens; nothing is stored yet.
    pub(super) async fn prepare(self, app: &App, now: Timestamp) -> Result<Issued, Fault> {
        let access_token = AccessToken::random(app.entropy.as_ref());
        let refresh_token = self.refresh.as_ref().map(|_| RefreshToken::random(app.entropy.as_ref()));
        let id_token = match self.scopes.contains(Scope::OpenId) {
            true => Some(self.id_token(now, &access_token).await?),
            false => None,
        };
        let answer = Answer {
            access_token: access_token.reveal(),
            token_type: "Bearer",
            expires_in: self.seconds(TokenLifetime::AccessTokenSeconds),
            refresh_token: refresh_token.as_ref().map(RefreshToken::reveal),
            scope: self.scopes.to_string(),
            id_token,
        };
        let body = serde_json::to_vec(&answer)
            .map_err(|error| Fault::because("cannot serialize a token response", error))?;
        let access = AccessTokenRow {
            hash: access_token.hash().as_bytes().to_vec(),
            grant_id: self.grant.id,
            scopes: self.scopes.to_string(),
            issued_at: now,
            expires_at: now.plus_seconds(self.seconds(TokenLifetime::AccessTokenSeconds)),
            revoked_at: None,
        };
        let refresh = refresh_token.zip(self.refresh.as_ref());
        let idle_until = now.plus_seconds(self.seconds(TokenLifetime::RefreshTokenIdleSeconds));
        let refresh = refresh.map(|(token, terms)| terms.row(&token, self.grant, now, idle_until));
        Ok(Issued { body, access, refresh })
    }

    /// Returns a lifetime of the client's codes and tokens, as its settings say now.
    fn seconds(&self, which: TokenLifetime) -> i64 {
        self.client.settings.token_lifetimes.seconds(which)
    }

    /// Builds the ID token, signed with the algorithm that the client chose.
    async fn id_token(&self, now: Timestamp, access_token: &AccessToken) -> Result<String, Fault> {
        let settings = &self.client.settings;
        let amr: Vec<&str> = self.grant.amr.split(' ').filter(|method| !method.is_empty()).collect();
        let claims = id_token_claims(
            self.person,
            self.scopes,
            &grants::requested_claims(self.grant),
            settings.id_token_claims,
        );
        let claims = id_token(IdTokenInput {
            issuer: self.tenant.issuer(),
            subject: self.person.id,
            client_id: &self.client.client_id,
            issued_at: now,
            expires_at: now.plus_seconds(self.seconds(TokenLifetime::IdTokenSeconds)),
            auth_time: self.grant.auth_time,
            acr: self.grant.acr.as_deref(),
            amr: &amr,
            nonce: self.nonce,
            session_id: self.grant.session_id,
            access_token,
            algorithm: settings.id_token_signed_response_alg,
            claims,
        });
        let keys = self.tenant.keys().await?;
        let key = keys.ring.current(settings.id_token_signed_response_alg, now);
        let key = key.ok_or_else(|| {
            Fault::broken(format!(
                "no current signing key for {}",
                settings.id_token_signed_response_alg.as_str()
            ))
        })?;
        key.sign_jws(None, &claims).map_err(|error| Fault::because("cannot sign an ID token", error))
    }
}

/// Returns when all refresh tokens of a grant end, counted from the authorization, as the client's settings say now.
pub(super) fn refresh_end(client: &Client, grant: &Grant) -> Timestamp {
    let seconds = client.settings.token_lifetimes.seconds(TokenLifetime::RefreshTokenAbsoluteSeconds);
    grant.created_at.plus_seconds(seconds)
}

impl RefreshTerms {
    fn row(
        &self,
        token: &RefreshToken,
        grant: &Grant,
        now: Timestamp,
        idle_until: Timestamp,
    ) -> RefreshTokenRow {
        RefreshTokenRow {
            hash: token.hash().as_bytes().to_vec(),
            grant_id: grant.id,
            scopes: self.scopes.to_string(),
            issued_at: now,
            idle_until: idle_until.min(self.absolute_until),
            absolute_until: self.absolute_until,
            redeemed_at: None,
            answer_sealed: None,
            answer_until: None,
        }
    }
}
