//! The token request (RFC 6749 §4.1.3, §6).

use super::{
    AuthorizationCodeRequest, EchoedValue, OAuthError, OAuthReason, Parameters, RefreshTokenRequest,
};

/// A token request, by grant type.
#[derive(Clone, Debug)]
pub enum TokenRequest {
    /// `authorization_code`.
    AuthorizationCode(AuthorizationCodeRequest),
    /// `refresh_token`.
    RefreshToken(RefreshTokenRequest),
}

/// A grant type (RFC 6749 §1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantType {
    /// An authorization code.
    AuthorizationCode,
    /// A refresh token.
    RefreshToken,
}

impl GrantType {
    /// All supported grant types, in the order in which discovery lists them.
    pub const ALL: [Self; 2] = [Self::AuthorizationCode, Self::RefreshToken];

    /// Returns the name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
        }
    }
}

impl TokenRequest {
    /// Reads the form.
    pub fn parse(form: &Parameters) -> Result<Self, OAuthError> {
        let named = form.require("grant_type")?;
        match GrantType::ALL.into_iter().find(|grant_type| grant_type.as_str() == named) {
            Some(GrantType::AuthorizationCode) => {
                AuthorizationCodeRequest::parse(form).map(Self::AuthorizationCode)
            }
            Some(GrantType::RefreshToken) => RefreshTokenRequest::parse(form).map(Self::RefreshToken),
            None => Err(OAuthReason::UnsupportedGrantType(EchoedValue::new(named)).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ErrorCode, form_pairs};

    fn parse(form: &str) -> Result<TokenRequest, ErrorCode> {
        let form = Parameters::parse(form_pairs(form).unwrap());
        form.and_then(|form| TokenRequest::parse(&form)).map_err(|error| error.code())
    }

    fn code() -> String {
        format!("grant_type=authorization_code&code=cs_ac_{}", "c".repeat(43))
    }

    fn refresh() -> String {
        format!("grant_type=refresh_token&refresh_token=cs_rt_{}", "r".repeat(43))
    }

    #[test]
    fn a_code_is_redeemed_with_its_redirect_uri_and_verifier() {
        let form =
            format!("{}&redirect_uri=https%3A%2F%2Frp.example&code_verifier={}", code(), "v".repeat(43));
        let Ok(TokenRequest::AuthorizationCode(request)) = parse(&form) else { panic!("{form}") };
        assert_eq!(request.redirect_uri.as_deref(), Some("https://rp.example"));
        assert!(request.code_verifier.is_some());
        assert!(matches!(parse(&code()), Ok(TokenRequest::AuthorizationCode(_))));
    }

    #[test]
    fn a_refresh_token_is_redeemed_with_or_without_scopes() {
        let Ok(TokenRequest::RefreshToken(request)) = parse(&refresh()) else { panic!() };
        assert_eq!(request.scopes, None);
        let form = format!("{}&scope=email+openid", refresh());
        let Ok(TokenRequest::RefreshToken(request)) = parse(&form) else { panic!() };
        assert_eq!(request.scopes.unwrap().to_string(), "openid email");
    }

    #[test]
    fn malformed_requests_get_their_own_code() {
        for (form, code) in [
            (String::new(), ErrorCode::InvalidRequest),
            ("grant_type=".to_owned(), ErrorCode::InvalidRequest),
            (code().replace("grant_type=authorization_code&", ""), ErrorCode::InvalidRequest),
            ("grant_type=password&username=a&password=b".to_owned(), ErrorCode::UnsupportedGrantType),
            ("grant_type=client_credentials".to_owned(), ErrorCode::UnsupportedGrantType),
            ("grant_type=Authorization_Code&code=x".to_owned(), ErrorCode::UnsupportedGrantType),
            ("grant_type=authorization_code".to_owned(), ErrorCode::InvalidRequest),
            ("grant_type=authorization_code&code=x".to_owned(), ErrorCode::InvalidGrant),
            (code().replace("cs_ac_", "cs_rt_"), ErrorCode::InvalidGrant),
            (format!("{}&code=x", code()), ErrorCode::InvalidRequest),
            (format!("{}&grant_type=authorization_code", code()), ErrorCode::InvalidRequest),
            (format!("{}&code_verifier={}", code(), "v".repeat(42)), ErrorCode::InvalidGrant),
            (format!("{}&code_verifier={}", code(), "v".repeat(129)), ErrorCode::InvalidGrant),
            (format!("{}&code_verifier={}", code(), "%20".repeat(43)), ErrorCode::InvalidGrant),
            ("grant_type=refresh_token".to_owned(), ErrorCode::InvalidRequest),
            ("grant_type=refresh_token&refresh_token=x".to_owned(), ErrorCode::InvalidGrant),
            (format!("{}&scope=admin", refresh()), ErrorCode::InvalidScope),
            (format!("{}&scope=openid%09email", refresh()), ErrorCode::InvalidScope),
        ] {
            assert_eq!(parse(&form).map(|_| ()), Err(code), "{form}");
        }
    }
}
