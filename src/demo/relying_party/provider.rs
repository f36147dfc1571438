use super::failure::{Failure, chain};
use super::http_client::HttpClient;
use super::identity::Identity;
use super::settings::RelyingPartySettings;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, ClientId, ClientSecret, EndSessionUrl, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, LogoutProviderMetadata, LogoutRequest, PostLogoutRedirectUrl, ProviderMetadata,
    RedirectUrl,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use url::Url;

/// The discovery metadata of RFC 9207 §3.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct IssuerIdentification {
    authorization_response_iss_parameter_supported: Option<bool>,
}
impl AdditionalProviderMetadata for IssuerIdentification {}

type Metadata = ProviderMetadata<
    LogoutProviderMetadata<IssuerIdentification>,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The OpenID Connect client with the endpoints of the discovery document.
pub type DiscoveredClient = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The discovered provider.
#[derive(Debug)]
pub struct Provider {
    /// The client for requests and for verifying tokens.
    pub client: DiscoveredClient,
    issuer: String,
    announces_issuer: bool,
    end_session_endpoint: Option<EndSessionUrl>,
    post_logout_redirect_uri: PostLogoutRedirectUrl,
}

impl Provider {
    /// Loads the discovery document and the keys.
    pub async fn discover(settings: &RelyingPartySettings, http: &HttpClient) -> Result<Self, Failure> {
        let failed = |reason| Failure::Discovery { issuer: settings.issuer.clone(), reason };
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|error| failed(chain(&error)))?;
        let metadata = Metadata::discover_async(issuer, http).await.map_err(|error| failed(chain(&error)))?;
        Self::described_by(metadata, settings).map_err(|error| failed(chain(&error)))
    }

    fn described_by(
        metadata: Metadata,
        settings: &RelyingPartySettings,
    ) -> Result<Self, openidconnect::url::ParseError> {
        let additional = metadata.additional_metadata().clone();
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(settings.client_id.clone()),
            Some(ClientSecret::new(settings.client_secret.expose_secret().to_owned())),
        )
        .set_redirect_uri(RedirectUrl::new(settings.redirect_uri())?);
        let issuer_identification = additional.additional_metadata;
        Ok(Self {
            client,
            issuer: settings.issuer.clone(),
            announces_issuer: issuer_identification.authorization_response_iss_parameter_supported
                == Some(true),
            end_session_endpoint: additional.end_session_endpoint,
            post_logout_redirect_uri: PostLogoutRedirectUrl::new(settings.post_logout_redirect_uri())?,
        })
    }

    /// Checks `iss` of an authorization response: it must be the issuer, and present if the provider
    /// announced it (RFC 9207 §2.4).
    pub fn check_issuer(&self, received: Option<&str>) -> Result<(), Failure> {
        let wrong = |received| Failure::WrongIssuer { expected: self.issuer.clone(), received };
        match received {
            Some(issuer) if issuer != self.issuer => Err(wrong(issuer.to_owned())),
            None if self.announces_issuer => Err(wrong("nothing".to_owned())),
            _ => Ok(()),
        }
    }

    /// Returns the URL for signing out at the provider; `None` if it has no `end_session_endpoint`.
    pub fn sign_out_url(&self, identity: &Identity) -> Option<Url> {
        let request = LogoutRequest::from(self.end_session_endpoint.clone()?)
            .set_id_token_hint(&identity.id_token)
            .set_client_id(self.client.client_id().clone())
            .set_post_logout_redirect_uri(self.post_logout_redirect_uri.clone());
        Some(request.http_get_url())
    }
}
