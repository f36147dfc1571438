//! The known parameters of an endpoint, each at most once (RFC 6749 §3.1, §3.2).

use super::{OAuthError, OAuthReason, form_pairs};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// The parameters of the token, introspection, revocation and userinfo endpoints.
const MACHINE: &[&str] = &[
    "access_token",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "grant_type",
    "redirect_uri",
    "refresh_token",
    "scope",
    "token",
    "token_type_hint",
];

/// Known parameters by name. Unknown parameters and empty values are ignored.
#[derive(Clone, Default)]
pub struct Parameters {
    values: BTreeMap<&'static str, String>,
    repeated: BTreeSet<&'static str>,
}

impl Parameters {
    /// Reads the parameters of a form sent by a client; a repeated parameter refuses the request.
    pub fn parse(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, OAuthError> {
        let parameters = Self::collect(MACHINE, pairs);
        parameters.refuse_repeated()?;
        Ok(parameters)
    }

    /// Refuses a query that holds a known parameter, because URLs are logged (RFC 6749 §2.3.1, §3.2).
    pub fn refuse_in_address(query: Option<&str>) -> Result<(), OAuthError> {
        let pairs = form_pairs(query.unwrap_or_default()).map_err(|_| OAuthReason::FormMalformed)?;
        let is_known = pairs.iter().any(|(name, _)| MACHINE.contains(&name.as_str()));
        if is_known { Err(OAuthReason::ParametersInAddress.into()) } else { Ok(()) }
    }

    /// Collects the `known` parameters. A repeated one has no value and is recorded as repeated.
    pub(super) fn collect(known: &[&'static str], pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut parameters = Self::default();
        let mut seen = BTreeSet::new();
        for (name, value) in pairs {
            let Some(name) = known.iter().copied().find(|known| *known == name) else { continue };
            if !seen.insert(name) {
                parameters.repeated.insert(name);
                parameters.values.remove(name);
            } else if !value.is_empty() {
                parameters.values.insert(name, value);
            }
        }
        parameters
    }

    /// Returns the value of `name` if it was sent exactly once and is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Returns the value of `name`, or the error for a missing parameter.
    pub(super) fn require(&self, name: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or(OAuthReason::MissingParameter(name).into())
    }

    /// Whether `name` was sent more than once.
    pub(super) fn is_repeated(&self, name: &str) -> bool {
        self.repeated.contains(name)
    }

    /// RFC 6749 §3.1: a parameter is sent at most once.
    pub(super) fn refuse_repeated(&self) -> Result<(), OAuthError> {
        self.repeated.first().map_or(Ok(()), |name| Err(OAuthReason::RepeatedParameter(name).into()))
    }
}

/// Shows the names only: values may be secrets.
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode;

    #[test]
    fn a_request_with_a_repeated_known_parameter_is_refused_and_with_an_unknown_one_is_not() {
        let parse = |text| Parameters::parse(form_pairs(text).unwrap());
        assert!(parse("code=a&resource=x&resource=y").is_ok());
        for wrong in
            ["code=a&code=b", "code=a&code=a", "code=&code=a", "code=a&code=", "code=a&code=b&code=c"]
        {
            assert_eq!(parse(wrong).unwrap_err().code(), ErrorCode::InvalidRequest, "{wrong}");
        }
    }

    #[test]
    fn a_request_with_a_known_parameter_in_the_address_is_refused_and_with_an_unknown_one_is_not() {
        for fine in [None, Some(""), Some("tenant=a&trace=b")] {
            assert_eq!(Parameters::refuse_in_address(fine), Ok(()), "{fine:?}");
        }
        for wrong in ["client_secret=x", "a=b&code=", "cod%65=x", "%zz"] {
            let refused = Parameters::refuse_in_address(Some(wrong)).unwrap_err();
            assert_eq!(refused.code(), ErrorCode::InvalidRequest, "{wrong}");
        }
    }

    #[test]
    fn an_empty_value_counts_as_absent() {
        let parameters = Parameters::parse(form_pairs("code=&scope=openid").unwrap()).unwrap();
        assert_eq!(parameters.get("code"), None);
        assert_eq!(parameters.get("scope"), Some("openid"));
    }

    #[test]
    fn debug_output_shows_no_values() {
        let parameters = Parameters::parse(form_pairs("client_secret=hush").unwrap()).unwrap();
        assert_eq!(format!("{parameters:?}"), "{\"client_secret\"}");
    }
}
