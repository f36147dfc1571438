//! How long the codes and tokens of a client are valid.

use crate::limits::lifetimes::{
    ACCESS_TOKEN_LIFETIME_RANGE_SECONDS, ACCESS_TOKEN_LIFETIME_SECONDS,
    AUTHORIZATION_CODE_LIFETIME_RANGE_SECONDS, AUTHORIZATION_CODE_LIFETIME_SECONDS,
    ID_TOKEN_LIFETIME_RANGE_SECONDS, ID_TOKEN_LIFETIME_SECONDS, REFRESH_TOKEN_ABSOLUTE_RANGE_SECONDS,
    REFRESH_TOKEN_ABSOLUTE_SECONDS, REFRESH_TOKEN_IDLE_RANGE_SECONDS, REFRESH_TOKEN_IDLE_SECONDS,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// One lifetime that a client may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenLifetime {
    /// Of an access token, from its issue.
    AccessTokenSeconds,
    /// Of an ID token, from its issue.
    IdTokenSeconds,
    /// Of a refresh token that is not used, from its issue.
    RefreshTokenIdleSeconds,
    /// Of a refresh token and its successors, from the authorization.
    RefreshTokenAbsoluteSeconds,
    /// Of an authorization code, from the authorization.
    AuthorizationCodeSeconds,
}

impl TokenLifetime {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::AccessTokenSeconds,
        Self::IdTokenSeconds,
        Self::RefreshTokenIdleSeconds,
        Self::RefreshTokenAbsoluteSeconds,
        Self::AuthorizationCodeSeconds,
    ];

    /// Returns its name in settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessTokenSeconds => "access_token_seconds",
            Self::IdTokenSeconds => "id_token_seconds",
            Self::RefreshTokenIdleSeconds => "refresh_token_idle_seconds",
            Self::RefreshTokenAbsoluteSeconds => "refresh_token_absolute_seconds",
            Self::AuthorizationCodeSeconds => "authorization_code_seconds",
        }
    }

    /// Returns the seconds of a client that sets none.
    pub const fn default_seconds(self) -> i64 {
        match self {
            Self::AccessTokenSeconds => ACCESS_TOKEN_LIFETIME_SECONDS,
            Self::IdTokenSeconds => ID_TOKEN_LIFETIME_SECONDS,
            Self::RefreshTokenIdleSeconds => REFRESH_TOKEN_IDLE_SECONDS,
            Self::RefreshTokenAbsoluteSeconds => REFRESH_TOKEN_ABSOLUTE_SECONDS,
            Self::AuthorizationCodeSeconds => AUTHORIZATION_CODE_LIFETIME_SECONDS,
        }
    }

    /// Returns the seconds that a client may set.
    pub const fn range(self) -> RangeInclusive<i64> {
        match self {
            Self::AccessTokenSeconds => ACCESS_TOKEN_LIFETIME_RANGE_SECONDS,
            Self::IdTokenSeconds => ID_TOKEN_LIFETIME_RANGE_SECONDS,
            Self::RefreshTokenIdleSeconds => REFRESH_TOKEN_IDLE_RANGE_SECONDS,
            Self::RefreshTokenAbsoluteSeconds => REFRESH_TOKEN_ABSOLUTE_RANGE_SECONDS,
            Self::AuthorizationCodeSeconds => AUTHORIZATION_CODE_LIFETIME_RANGE_SECONDS,
        }
    }
}

/// The lifetimes of a client: those that differ from the defaults are kept and stored, so that a node of an older
/// version goes on to serve every other client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenLifetimes(BTreeMap<TokenLifetime, i64>);

impl TokenLifetimes {
    /// Returns the seconds of one lifetime.
    pub fn seconds(&self, which: TokenLifetime) -> i64 {
        self.0.get(&which).copied().unwrap_or(which.default_seconds())
    }

    /// Sets the seconds of one lifetime.
    pub fn set(&mut self, which: TokenLifetime, seconds: i64) {
        match seconds == which.default_seconds() {
            true => self.0.remove(&which),
            false => self.0.insert(which, seconds),
        };
    }

    /// Returns whether all of them are the defaults.
    pub fn is_default(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::ClientSettings;
    use serde_json::json;

    #[test]
    fn the_names_are_those_that_are_stored() {
        for which in TokenLifetime::ALL {
            assert_eq!(serde_json::to_value(which).unwrap(), which.as_str());
        }
    }

    #[test]
    fn a_lifetime_is_stored_only_where_it_differs_from_the_default() {
        let mut settings = ClientSettings::default();
        let stored = |settings: &ClientSettings| serde_json::to_value(settings).unwrap();
        assert_eq!(stored(&settings).get("token_lifetimes"), None);
        for which in TokenLifetime::ALL {
            settings.token_lifetimes.set(which, which.default_seconds());
            assert!(settings.token_lifetimes.is_default());
            assert_eq!(settings.token_lifetimes.seconds(which), which.default_seconds());
            settings.token_lifetimes.set(which, which.default_seconds() - 1);
            assert_eq!(settings.token_lifetimes.seconds(which), which.default_seconds() - 1);
            let document = stored(&settings);
            assert_eq!(document["token_lifetimes"], json!({ which.as_str(): which.default_seconds() - 1 }));
            assert_eq!(serde_json::from_value::<ClientSettings>(document).unwrap(), settings);
            settings.token_lifetimes.set(which, which.default_seconds());
        }
    }

    #[test]
    fn a_default_lies_in_its_range() {
        for which in TokenLifetime::ALL {
            assert!(which.range().contains(&which.default_seconds()), "{which:?}");
        }
    }
}
