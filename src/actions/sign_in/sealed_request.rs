//! Carries an authorization request through the browser before anything is stored: sealed, so that it can be
//! neither read nor changed, and bound to the browser that sent it.

use super::purpose::{Purpose, normalize};
use crate::{
    app::{App, Tenant},
    clock::Timestamp,
    fault::Fault,
    http::urls::Path,
    limits::sizes::{MAX_SEALED_REQUEST_BYTES, MAX_SEALED_REQUEST_IN_URL_BYTES},
    storage::stored::{self, Stored, Unknown},
};
use ::entity::ids::PersonId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use subtle::ConstantTimeEq;

/// Purpose of the seal: a value sealed for another purpose does not open.
const PURPOSE: &str = "authorization_request";
/// Bytes by which [`SealedRequest::seal_for`] may exceed [`MAX_SEALED_REQUEST_BYTES`].
const RESERVED_FOR_PERSON_BYTES: usize = 64;

/// An authorization request that is not stored yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SealedRequest {
    /// What the sign-in is for.
    #[serde(flatten, with = "short_members")]
    pub purpose: Purpose,
    /// When the sign-in began.
    #[serde(rename = "t")]
    pub began_at: Timestamp,
    /// SHA-256 of the browser's cookie. `None` only between a cross-site POST and the GET that follows it,
    /// where the browser sends no cookie, and in the address that begins a sign-in again.
    #[serde(rename = "b", with = "base64_option", default, skip_serializing_if = "Option::is_none")]
    pub browser_hash: Option<Vec<u8>>,
    /// The person for whom the page was made, if the page asks for that person's consent.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub shown_to: Option<PersonId>,
}

impl Stored for SealedRequest {
    const PLACE: &'static str = "the sealed request of a sign-in";
    const UNKNOWN: Unknown = Unknown::FailClosed(&["/q", "/u"]);

    fn normalize(document: &mut Value) {
        normalize(document, ("q", "u"));
    }
}

/// The request is longer than a page may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl SealedRequest {
    /// Seals the request as the value of `r`.
    ///
    /// # Errors
    /// When the sealed text is longer than [`MAX_SEALED_REQUEST_BYTES`].
    pub fn seal(&self, app: &App, tenant: &Tenant) -> Result<String, TooLong> {
        let plain = stored::write(self).map_err(|_| TooLong)?.to_string();
        let sealed = app.sealing.requests().seal_text(&tenant.seal_purpose(PURPOSE), plain.as_bytes());
        if sealed.len() > MAX_SEALED_REQUEST_BYTES { Err(TooLong) } else { Ok(sealed) }
    }

    /// Seals the request as the value of `r` on a page that asks this person.
    ///
    /// # Errors
    /// When the request cannot be written as JSON.
    pub(super) fn seal_for(
        mut self,
        app: &App,
        tenant: &Tenant,
        person: Option<PersonId>,
    ) -> Result<String, Fault> {
        self.shown_to = person;
        let plain = stored::write(&self)?.to_string();
        Ok(app.sealing.requests().seal_text(&tenant.seal_purpose(PURPOSE), plain.as_bytes()))
    }

    /// Opens a value of `r`; `None` when this server did not seal it for this tenant.
    pub fn open(app: &App, tenant: &Tenant, sealed: &str) -> Option<Self> {
        if sealed.len() > MAX_SEALED_REQUEST_BYTES + RESERVED_FOR_PERSON_BYTES {
            return None;
        }
        let opened = app.sealing.requests().open_text(&tenant.seal_purpose(PURPOSE), sealed)?;
        stored::read(serde_json::from_slice(&opened).ok()?).ok()
    }

    /// Returns whether the request is bound to the browser with this cookie hash. Compares in constant time.
    pub(super) fn is_of(&self, browser_hash: &[u8]) -> bool {
        self.browser_hash.as_deref().is_some_and(|bound| bool::from(bound.ct_eq(browser_hash)))
    }
}

/// Returns whether an address may carry this value of `r`: proxies and their logs do not take every length.
pub fn fits_in_address(sealed: &str) -> bool {
    sealed.len() <= MAX_SEALED_REQUEST_IN_URL_BYTES
}

/// Returns the address that begins the same sign-in again, without its proofs; `None` when its request is too
/// long for an address: then [`restart_request`] returns it.
pub fn restart_url(app: &App, tenant: &Tenant, purpose: &Purpose, now: Timestamp) -> Option<String> {
    match purpose {
        Purpose::Authorize(_) => {}
        Purpose::Account { .. } => return Some(tenant.urls.local(Path::Signin)),
        Purpose::Confirm(_) => return Some(tenant.urls.local(Path::Home)),
    }
    let sealed = restart_request(app, tenant, purpose, now).filter(|sealed| fits_in_address(sealed))?;
    Some(tenant.urls.with(Path::Authorize, [("r", sealed.as_str())]))
}

/// Returns the value of `r` that begins the same sign-in again in any browser, without its proofs, when it is posted to
/// the authorization endpoint.
pub fn restart_request(app: &App, tenant: &Tenant, purpose: &Purpose, now: Timestamp) -> Option<String> {
    let sealed =
        SealedRequest { purpose: purpose.clone(), began_at: now, browser_hash: None, shown_to: None };
    sealed.seal(app, tenant).ok()
}

/// The members of the purpose, with short names, because the text travels in URLs.
mod short_members {
    use super::super::purpose::{Kind, Members, Purpose};
    use crate::protocol::AuthorizationRequest;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[derive(Serialize, Deserialize)]
    struct ShortMembers {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        q: Option<Box<AuthorizationRequest>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        u: Option<Kind>,
    }

    pub(super) fn serialize<S: Serializer>(purpose: &Purpose, serializer: S) -> Result<S::Ok, S::Error> {
        let Members { request, purpose } = purpose.clone().into();
        ShortMembers { q: request, u: purpose }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Purpose, D::Error> {
        let ShortMembers { q, u } = ShortMembers::deserialize(deserializer)?;
        Members { request: q, purpose: u }.try_into().map_err(D::Error::custom)
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_with_a_demand_of_a_newer_version_is_not_opened() {
        let address = json!({ "redirect_uri": "https://rp.example/cb", "response_mode": "query" });
        let client = "cli_AAAAAAAAAAAAAAAAAAAAAQ";
        let mut document = json!({
            "q": { "client_key": client, "return_address": address, "scopes": "openid", "max_age": 60 },
            "t": 7,
            "newer": 1,
        });
        let sealed: SealedRequest = stored::read(document.clone()).unwrap();
        assert_eq!(sealed.began_at, Timestamp(7));
        document["q"]["dpop_jkt"] = "thumbprint".into();
        let refused = stored::read::<SealedRequest>(document).unwrap_err();
        assert_eq!(refused, stored::Unreadable::Member("/q/dpop_jkt".into()));
    }

    #[test]
    fn both_shapes_of_a_sealed_authorization_request_are_read_and_the_old_one_is_written() {
        let address = json!({ "redirect_uri": "https://rp.example/cb", "response_mode": "query" });
        let client = "cli_AAAAAAAAAAAAAAAAAAAAAQ";
        let request = json!({ "client_key": client, "return_address": address, "scopes": "openid" });
        let old = json!({ "q": request, "t": 7 });
        let new = json!({ "u": { "kind": "authorize", "request": request }, "t": 7 });
        for document in [old.clone(), new.clone()] {
            let sealed: SealedRequest = stored::read(document).unwrap();
            assert_eq!(stored::write(&sealed).unwrap(), old);
        }
        let mut demanding = new;
        demanding["u"]["request"]["dpop_jkt"] = "thumbprint".into();
        let refused = stored::read::<SealedRequest>(demanding).unwrap_err();
        assert_eq!(refused, stored::Unreadable::Member("/q/dpop_jkt".into()));
        let unknown = json!({ "u": { "kind": "newer" }, "t": 7 });
        assert!(stored::read::<SealedRequest>(unknown).is_err());
    }
}
