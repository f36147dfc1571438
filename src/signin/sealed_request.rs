//! An authorization request on its way through the browser, before anything is stored: sealed, so that nobody reads or
//! changes it, and bound to the browser that brought it.

use crate::{app::App, clock::Timestamp, protocol::AuthorizationRequest, storage::Fault};
use ::entity::ids::PersonId;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// What the seal is for: a value sealed for anything else does not open.
const PURPOSE: &str = "authorization_request";
/// The longest sealed request that fits in the URLs that proxies pass on, in bytes.
const MAX_SEALED_REQUEST_BYTES: usize = 6 * 1024;
/// What [`SealedRequest::seal_for`] may add to it.
const RESERVED_FOR_PERSON_BYTES: usize = 64;

/// An authorization request on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SealedRequest {
    /// The request.
    #[serde(rename = "q")]
    pub request: AuthorizationRequest,
    /// When the sign-in began.
    #[serde(rename = "t")]
    pub began_at: Timestamp,
    /// SHA-256 of the browser's cookie; `None` only between a cross-site POST and the GET that follows it, where the
    /// browser sends no cookie, and in the address by which a sign-in is begun again.
    #[serde(rename = "b", with = "base64_option", default, skip_serializing_if = "Option::is_none")]
    pub browser_hash: Option<Vec<u8>>,
    /// Whom the page was shown to that carries it, where the page asks for somebody's consent.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub shown_to: Option<PersonId>,
}

/// The request is longer than a URL may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl SealedRequest {
    /// As the value of `r`.
    pub(super) fn seal(&self, app: &App) -> Result<String, TooLong> {
        let plain = serde_json::to_vec(self).map_err(|_| TooLong)?;
        let sealed = app.sealing.requests().seal_text(PURPOSE, &plain);
        if sealed.len() > MAX_SEALED_REQUEST_BYTES { Err(TooLong) } else { Ok(sealed) }
    }

    /// As the value of `r` on a page that asks this person.
    pub(super) fn seal_for(mut self, app: &App, person: Option<PersonId>) -> Result<String, Fault> {
        self.shown_to = person;
        let plain = serde_json::to_vec(&self)
            .map_err(|error| Fault::because("a request cannot be written as JSON", error))?;
        Ok(app.sealing.requests().seal_text(PURPOSE, &plain))
    }

    /// Opens a value of `r`; `None` when it is none of ours.
    pub(super) fn open(app: &App, sealed: &str) -> Option<Self> {
        if sealed.len() > MAX_SEALED_REQUEST_BYTES + RESERVED_FOR_PERSON_BYTES {
            return None;
        }
        serde_json::from_slice(&app.sealing.requests().open_text(PURPOSE, sealed)?).ok()
    }

    /// Whether the browser with this cookie brought it.
    pub(super) fn is_of(&self, browser_hash: &[u8]) -> bool {
        self.browser_hash.as_deref().is_some_and(|bound| bool::from(bound.ct_eq(browser_hash)))
    }
}

mod base64_option {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes)),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| URL_SAFE_NO_PAD.decode(text).map_err(D::Error::custom)).transpose()
    }
}
