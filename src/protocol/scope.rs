//! Scopes, requested and granted (RFC 6749 §3.3, OpenID Connect Core §5.4, §11).

use super::{checked_text::is_nqchar, echoed_value::EchoedValue};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// A supported scope; the variants are in the order in which they are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// ID token and userinfo.
    OpenId,
    /// The fourteen profile claims.
    Profile,
    /// The email address.
    Email,
    /// The postal address.
    Address,
    /// The telephone number.
    Phone,
    /// A refresh token that outlives the browser session.
    OfflineAccess,
}

impl Scope {
    /// All scopes, in order.
    pub const ALL: [Self; 6] =
        [Self::OpenId, Self::Profile, Self::Email, Self::Address, Self::Phone, Self::OfflineAccess];

    /// Returns the name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Address => "address",
            Self::Phone => "phone",
            Self::OfflineAccess => "offline_access",
        }
    }

    /// Reads the name; `None` when it is unknown.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// A set of supported scopes, printed and stored as one text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScopeSet(BTreeSet<Scope>);

/// Why a text is not a set of scopes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeProblem {
    /// Characters that no scope has, or too many names or bytes.
    #[error("expected at most 64 names of printable ASCII separated by spaces")]
    Malformed,
    /// An unsupported name.
    #[error("the scope '{0}' is not supported")]
    Unknown(EchoedValue),
}

impl ScopeSet {
    /// Reads the scopes of a request. Unknown ones are left out (OpenID Connect Core §3.1.2.1), malformed
    /// ones refused.
    pub fn parse(text: &str) -> Result<Self, ScopeProblem> {
        Ok(names(text)?.into_iter().filter_map(Scope::parse).collect())
    }

    /// Reads scopes that must all be supported.
    pub fn parse_known(text: &str) -> Result<Self, ScopeProblem> {
        let known = |name| Scope::parse(name).ok_or_else(|| ScopeProblem::Unknown(EchoedValue::new(name)));
        names(text)?.into_iter().map(known).collect()
    }

    /// Whether `scope` is in the set.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every scope of the set is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Returns the union of both sets.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }

    /// Iterates over the scopes, in order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
}

fn names(text: &str) -> Result<Vec<&str>, ScopeProblem> {
    let names: Vec<&str> = text.split(' ').filter(|name| !name.is_empty()).take(65).collect();
    let is_well_formed = text.len() <= 2048 && names.len() <= 64 && names.iter().all(|name| is_nqchar(name));
    if is_well_formed { Ok(names) } else { Err(ScopeProblem::Malformed) }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{}", scope.as_str())?;
        }
        Ok(())
    }
}

impl TryFrom<String> for ScopeSet {
    type Error = ScopeProblem;
    fn try_from(text: String) -> Result<Self, ScopeProblem> {
        Self::parse_known(&text)
    }
}

impl From<ScopeSet> for String {
    fn from(scopes: ScopeSet) -> Self {
        scopes.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_repetition_and_unknown_scopes_do_not_matter() {
        let scopes = ScopeSet::parse(" email  openid unknown openid").unwrap();
        assert_eq!(scopes.to_string(), "openid email");
        assert!(ScopeSet::parse("unknown").unwrap().is_empty());
    }

    #[test]
    fn malformed_scopes_are_refused() {
        let many = "x ".repeat(10_000);
        for wrong in ["openid\temail", "openid \"email\"", "openid\n", "open\\id", "\u{e9}", "a\0", &many] {
            assert_eq!(ScopeSet::parse(wrong), Err(ScopeProblem::Malformed), "{wrong:?}");
        }
        assert!(ScopeSet::parse(&"x ".repeat(64)).is_ok());
    }

    #[test]
    fn stored_scopes_are_all_known() {
        let scopes = ScopeSet::parse("openid offline_access").unwrap();
        let stored = serde_json::to_string(&scopes).unwrap();
        assert_eq!(stored, "\"openid offline_access\"");
        assert_eq!(serde_json::from_str::<ScopeSet>(&stored).unwrap(), scopes);
        assert!(serde_json::from_str::<ScopeSet>("\"openid admin\"").is_err());
    }

    #[test]
    fn sets_are_compared_and_joined() {
        let small = ScopeSet::parse("openid").unwrap();
        let large = ScopeSet::parse("openid email").unwrap();
        assert!(small.is_subset(&large) && !large.is_subset(&small));
        assert_eq!(small.union(&large), large);
    }
}
