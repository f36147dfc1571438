//! Sign-out requested by a relying party (OpenID Connect RP-Initiated Logout 1.0).

use super::{
    EchoedValue, IdTokenHint, LanguageTag, Parameters, State, UnverifiedIdTokenHint,
    authorization_response::append_query,
};
use crate::directory::Client;
use ::entity::ids::BrowserSessionId;
use serde::{Deserialize, Serialize};

const KNOWN: &[&str] =
    &["client_id", "id_token_hint", "logout_hint", "post_logout_redirect_uri", "state", "ui_locales"];

/// The parameters of a sign-out request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndSessionRequest {
    /// An ID token of the person to sign out; a hint that does not verify is treated as absent.
    pub id_token_hint: Option<UnverifiedIdTokenHint>,
    /// The client that sends the request, unproven.
    pub client_id: Option<String>,
    /// The address to return to.
    pub post_logout_redirect_uri: Option<String>,
    /// The value to return to the client unchanged.
    pub state: Option<State>,
    /// The preferred languages of the pages, best first.
    pub ui_locales: Vec<LanguageTag>,
}

/// Why a sign-out request is answered by a page (status 400) and not by a redirect. Its values are
/// displayable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndSessionProblem {
    /// A parameter was sent twice.
    #[error("The application sent the parameter {0} more than once.")]
    RepeatedParameter(&'static str),
    /// A `state` that could not be returned unchanged.
    #[error(
        "The parameter state cannot be returned: expected at most 2048 bytes without control characters."
    )]
    StateUnusable,
    /// The hint was issued to another client.
    #[error("The application calls itself '{client_id}', but its id_token_hint was issued to another one.")]
    ClientDiffers {
        /// The `client_id` as received.
        client_id: EchoedValue,
    },
    /// Not equal, byte for byte, to a registered address of the client.
    #[error(
        "The address to return to, '{post_logout_redirect_uri}', is not registered for this application."
    )]
    RedirectUriNotRegistered {
        /// The address as received.
        post_logout_redirect_uri: EchoedValue,
    },
}

/// A destination outside this server. Only an exact match of a registered address of the client creates one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutReturn {
    uri: String,
    state: Option<State>,
}

impl LogoutReturn {
    /// Returns the `Location`, with the state if one was sent (§3).
    pub fn location(&self) -> String {
        let state = self.state.iter().map(|state| ("state", state.as_str().to_owned()));
        append_query(&self.uri, &state.collect::<Vec<_>>())
    }
}

/// Whether the person must confirm the sign-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Any site could have sent the browser to this endpoint.
    Needed,
    /// The hint was issued in the session of this browser, or no session exists.
    NotNeeded,
}

impl EndSessionRequest {
    /// Reads decoded names and values. Empty values count as absent.
    pub fn parse(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, EndSessionProblem> {
        let parameters = Parameters::collect(KNOWN, pairs);
        if let Some(name) = KNOWN.iter().find(|name| parameters.is_repeated(name)) {
            return Err(EndSessionProblem::RepeatedParameter(name));
        }
        let state = |state| State::parse(state).ok_or(EndSessionProblem::StateUnusable);
        let text = |name| parameters.get(name).map(str::to_owned);
        Ok(Self {
            id_token_hint: parameters.get("id_token_hint").and_then(UnverifiedIdTokenHint::parse),
            client_id: text("client_id"),
            post_logout_redirect_uri: text("post_logout_redirect_uri"),
            state: parameters.get("state").map(state).transpose()?,
            ui_locales: parameters.get("ui_locales").map(LanguageTag::parse_list).unwrap_or_default(),
        })
    }

    /// Returns the destination of the sign-out; `None` for a page of this server. `hint` is the verified
    /// hint, `client` the client that it was issued to. Without a hint the sender is unproven, so there is no
    /// redirect (§3).
    pub fn return_to(
        &self,
        hint: Option<&IdTokenHint>,
        client: Option<&Client>,
    ) -> Result<Option<LogoutReturn>, EndSessionProblem> {
        let Some(hint) = hint else { return Ok(None) };
        if let Some(client_id) = self.client_id.as_deref().filter(|client_id| *client_id != hint.client_id) {
            return Err(EndSessionProblem::ClientDiffers { client_id: EchoedValue::new(client_id) });
        }
        let Some(requested) = &self.post_logout_redirect_uri else { return Ok(None) };
        let client = client.filter(|client| client.client_id == hint.client_id);
        let unregistered = || EndSessionProblem::RedirectUriNotRegistered {
            post_logout_redirect_uri: EchoedValue::new(requested),
        };
        client.and_then(|client| self.registered_return(client)).map(Some).ok_or_else(unregistered)
    }

    /// Returns the link that the last page may offer when there is no redirect. `client` is the client that
    /// the request names, unproven; the person decides whether to follow the link.
    pub fn way_back(&self, client: &Client) -> Option<LogoutReturn> {
        let is_named = self.client_id.as_ref() == Some(&client.client_id);
        if is_named { self.registered_return(client) } else { None }
    }

    fn registered_return(&self, client: &Client) -> Option<LogoutReturn> {
        let requested = self.post_logout_redirect_uri.as_ref()?;
        let is_registered =
            !client.is_disabled && client.settings.post_logout_redirect_uris.contains(requested);
        is_registered.then(|| LogoutReturn { uri: requested.clone(), state: self.state.clone() })
    }
}

impl Confirmation {
    /// §2, §6: the person must confirm unless the hint was issued in the session that would end (`sid`). An ID token of
    /// another browser of the same person is no proof: it may have leaked, and its session is not this one.
    pub fn of(hinted: Option<BrowserSessionId>, signed_in: Option<BrowserSessionId>) -> Self {
        if signed_in.is_none() || hinted == signed_in { Self::NotNeeded } else { Self::Needed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{
        form_pairs,
        redirect_uri_corpus::HOSTILE,
        samples::{confidential_client, person},
    };

    const BYE: &str = "https://rp.example/bye";

    fn hint() -> IdTokenHint {
        IdTokenHint { client_id: "rp-1".to_owned(), subject: person().id, session_id: None }
    }

    fn request(query: &str) -> EndSessionRequest {
        EndSessionRequest::parse(form_pairs(query).unwrap()).unwrap()
    }

    fn return_to(
        request: &EndSessionRequest,
        hint: Option<&IdTokenHint>,
    ) -> Result<Option<String>, EndSessionProblem> {
        let destination = request.return_to(hint, Some(&confidential_client()));
        destination.map(|destination| destination.map(|destination| destination.location()))
    }

    #[test]
    fn a_registered_address_is_reached_with_the_state() {
        let request =
            request("post_logout_redirect_uri=https%3A%2F%2Frp.example%2Fbye&state=a-._~b&client_id=rp-1");
        assert_eq!(
            return_to(&request, Some(&hint())),
            Ok(Some("https://rp.example/bye?state=a-._~b".to_owned()))
        );
        let stateless = EndSessionRequest { state: None, ..request };
        assert_eq!(return_to(&stateless, Some(&hint())), Ok(Some("https://rp.example/bye".to_owned())));
    }

    #[test]
    fn a_request_without_a_verified_hint_is_not_redirected() {
        let request = request("post_logout_redirect_uri=https%3A%2F%2Frp.example%2Fbye&client_id=rp-1");
        assert_eq!(return_to(&request, None), Ok(None));
        assert!(matches!(return_to(&request, Some(&hint())), Ok(Some(_))));
    }

    #[test]
    fn a_request_without_a_hint_offers_a_link_only_to_a_registered_address_of_the_named_client() {
        let back = "post_logout_redirect_uri=https%3A%2F%2Frp.example%2Fbye&state=s";
        let way_back =
            |query: &str, client: &Client| request(query).way_back(client).map(|back| back.location());
        let named = format!("{back}&client_id=rp-1");
        let offered = way_back(&named, &confidential_client());
        assert_eq!(offered.as_deref(), Some("https://rp.example/bye?state=s"));
        let disabled = Client { is_disabled: true, ..confidential_client() };
        let elsewhere = "post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F&client_id=rp-1";
        for (query, client) in [
            (back, confidential_client()),
            (&format!("{back}&client_id=rp-2"), confidential_client()),
            (&named, disabled),
            (elsewhere, confidential_client()),
            ("client_id=rp-1", confidential_client()),
        ] {
            assert_eq!(way_back(query, &client), None, "{query}");
        }
    }

    #[test]
    fn a_sign_out_without_an_address_ends_on_a_page_of_the_server() {
        for query in ["", "state=x", "id_token_hint=a.b.c", "post_logout_redirect_uri="] {
            assert_eq!(return_to(&request(query), Some(&hint())), Ok(None), "{query}");
        }
    }

    #[test]
    fn an_address_that_is_not_registered_is_refused() {
        for uri in HOSTILE.iter().copied().chain([
            "https://rp.example/bye?x=1",
            "https://rp.example/bye/",
            "https://rp.example/bye#",
            "https://rp.example/cb",
            "HTTPS://rp.example/bye",
            "https://rp.example:443/bye",
        ]) {
            let request = EndSessionRequest { post_logout_redirect_uri: Some(uri.to_owned()), ..request("") };
            assert!(return_to(&request, Some(&hint())).is_err(), "{uri:?}");
        }
        let request = EndSessionRequest { post_logout_redirect_uri: Some(BYE.to_owned()), ..request("") };
        assert!(matches!(return_to(&request, Some(&hint())), Ok(Some(_))));
        let disabled = Client { is_disabled: true, ..confidential_client() };
        assert!(request.return_to(Some(&hint()), Some(&disabled)).is_err());
        let other = Client { client_id: "rp-2".to_owned(), ..confidential_client() };
        assert!(request.return_to(Some(&hint()), Some(&other)).is_err());
        assert!(request.return_to(Some(&hint()), None).is_err());
    }

    #[test]
    fn a_client_cannot_use_the_hint_of_another() {
        let client_differs = return_to(&request("client_id=rp-2"), Some(&hint()));
        assert!(matches!(client_differs, Err(EndSessionProblem::ClientDiffers { .. })));
        assert_eq!(return_to(&request("client_id=rp-1"), Some(&hint())), Ok(None));
    }

    #[test]
    fn repeated_parameters_and_an_unusable_state_are_refused() {
        let parse = |query: &str| EndSessionRequest::parse(form_pairs(query).unwrap());
        assert_eq!(parse("state=a&state=b"), Err(EndSessionProblem::RepeatedParameter("state")));
        assert_eq!(parse("state=%00"), Err(EndSessionProblem::StateUnusable));
        assert!(parse("state=a&unknown=b&unknown=c").is_ok());
    }

    #[test]
    fn the_person_must_confirm_unless_the_hint_was_issued_in_their_session() {
        let session = |text: &str| Some(text.parse::<BrowserSessionId>().unwrap());
        let (own, other) = (session("ses_AAAAAAAAAAAAAAAAAAAAAg"), session("ses_AAAAAAAAAAAAAAAAAAAABg"));
        assert_eq!(Confirmation::of(own, own), Confirmation::NotNeeded);
        assert_eq!(Confirmation::of(other, own), Confirmation::Needed);
        assert_eq!(Confirmation::of(None, own), Confirmation::Needed);
        assert_eq!(Confirmation::of(own, None), Confirmation::NotNeeded);
        assert_eq!(Confirmation::of(None, None), Confirmation::NotNeeded);
    }
}
