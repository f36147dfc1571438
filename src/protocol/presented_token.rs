//! The token in an introspection or revocation request (RFC 7662 §2.1, RFC 7009 §2.1).

use super::{AccessToken, OAuthError, Parameters, RefreshToken};

/// The `token` of an introspection or revocation request. Its prefix decides its type, never
/// `token_type_hint`.
#[derive(Clone, Debug)]
pub enum PresentedToken {
    /// A well-formed access token.
    Access(AccessToken),
    /// A well-formed refresh token.
    Refresh(RefreshToken),
    /// Any other text: reported as inactive, and a revocation succeeds without effect.
    Unknown,
}

impl PresentedToken {
    /// Reads the form.
    pub fn parse(form: &Parameters) -> Result<Self, OAuthError> {
        let token = form.require("token")?;
        let access = AccessToken::parse(token).map(Self::Access);
        Ok(access.or_else(|| RefreshToken::parse(token).map(Self::Refresh)).unwrap_or(Self::Unknown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ErrorCode, form_pairs};

    #[test]
    fn a_token_is_recognized_by_its_prefix_regardless_of_the_hint() {
        let parse =
            |form: String| PresentedToken::parse(&Parameters::parse(form_pairs(&form).unwrap()).unwrap());
        let secret = "x".repeat(43);
        let access = parse(format!("token=cs_at_{secret}&token_type_hint=refresh_token"));
        assert!(matches!(access, Ok(PresentedToken::Access(_))));
        assert!(matches!(parse(format!("token=cs_rt_{secret}")), Ok(PresentedToken::Refresh(_))));
        for unknown in
            [format!("token=cs_ac_{secret}"), format!("token=cs_at_{secret}x"), "token=%00".to_owned()]
        {
            assert!(matches!(parse(unknown), Ok(PresentedToken::Unknown)));
        }
        assert_eq!(parse("token=".to_owned()).unwrap_err().code(), ErrorCode::InvalidRequest);
    }
}
