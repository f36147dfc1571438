//! What a sign-in is for: it decides what the sign-in demands, and what happens at its end.
//!
//! The console of administrators, and sign-ins for which another screen waits (CIBA, the device grant), get
//! their variants with their first user.

use crate::{
    directory::BuiltInClient,
    http::urls::Path,
    protocol::{AuthorizationRequest, ScopeSet},
};
use ::entity::ids::{ClientKey, PersonId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a sign-in is for.
///
/// An authorization request is stored as the member `request`, as every version of the server has done, so that
/// a node of an older one goes on with it. Any other kind is stored as `purpose`: an older node finds no
/// `request`, and does not continue the sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Members", into = "Members")]
pub enum Purpose {
    /// An application's authorization request: it ends in a code, or in an error for the application.
    Authorize(Box<AuthorizationRequest>),
    /// The person's own account at this server: it ends in a session, without a grant or a code.
    Account {
        /// The page to go to at the end.
        return_to: AccountPath,
    },
    /// One action that the person confirms by proving a held factor, and that is then done once.
    Confirm(PendingAction),
}

/// An action that waits for its confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum PendingAction {
    /// Add a device to the account of this person, who keeps those that they have.
    AddDevice {
        /// The person.
        person: PersonId,
    },
}

impl PendingAction {
    /// Returns the word in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AddDevice { .. } => "add_device",
        }
    }
}

/// A page of a person's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountPath {
    /// The front page.
    #[serde(rename = "/")]
    Home,
}

impl AccountPath {
    /// Returns the path.
    pub const fn path(self) -> Path {
        match self {
            Self::Home => Path::Home,
        }
    }
}

/// The members in which a sign-in stores its purpose: exactly one of them.
#[derive(Serialize, Deserialize)]
pub(super) struct Members {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Box<AuthorizationRequest>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Kind>,
}

/// The kinds that are stored as `purpose`.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Kind {
    Account { return_to: AccountPath },
    Confirm(PendingAction),
}

/// A sign-in has no purpose, or two.
#[derive(Debug, thiserror::Error)]
#[error("expected exactly one purpose")]
pub(super) struct NotOnePurpose;

impl TryFrom<Members> for Purpose {
    type Error = NotOnePurpose;

    fn try_from(members: Members) -> Result<Self, NotOnePurpose> {
        match (members.request, members.purpose) {
            (Some(request), None) => Ok(Self::Authorize(request)),
            (None, Some(Kind::Account { return_to })) => Ok(Self::Account { return_to }),
            (None, Some(Kind::Confirm(action))) => Ok(Self::Confirm(action)),
            _ => Err(NotOnePurpose),
        }
    }
}

impl From<Purpose> for Members {
    fn from(purpose: Purpose) -> Self {
        let kind = match purpose {
            Purpose::Authorize(request) => return Self { request: Some(request), purpose: None },
            Purpose::Account { return_to } => Kind::Account { return_to },
            Purpose::Confirm(action) => Kind::Confirm(action),
        };
        Self { request: None, purpose: Some(kind) }
    }
}

impl Purpose {
    /// Returns the authorization request, if it is one.
    pub fn request(&self) -> Option<&AuthorizationRequest> {
        match self {
            Self::Authorize(request) => Some(request),
            Self::Account { .. } | Self::Confirm(_) => None,
        }
    }

    /// Returns the key of the client for which it is.
    pub fn client_key(&self) -> ClientKey {
        self.request().map_or(BuiltInClient::Account.key(), |request| request.client_key)
    }

    /// Returns the username with which the sign-in begins.
    pub(super) fn username(&self) -> Option<String> {
        self.request()?.login_hint.as_ref().map(|hint| hint.as_str().to_owned())
    }

    /// Returns the scopes that consent must cover: the requested ones, and those of individually requested
    /// claims.
    pub fn scopes_to_consent(&self) -> ScopeSet {
        match self {
            Self::Authorize(request) => request.scopes.union(&request.claims.scopes()),
            Self::Account { .. } | Self::Confirm(_) => ScopeSet::default(),
        }
    }
}

/// Writes an authorization request as the member `request`, where a newer version has written it as the member
/// `purpose` with the kind `authorize`.
pub(super) fn normalize(document: &mut Value, (request, purpose): (&str, &str)) {
    let Some(members) = document.as_object_mut() else { return };
    if members.get(purpose).is_none_or(|purpose| purpose["kind"] != "authorize") {
        return;
    }
    if let Some(Value::Object(mut newer)) = members.remove(purpose)
        && let Some(value) = newer.remove("request")
    {
        members.insert(request.to_owned(), value);
    }
}
