//! A token that a client asks about or gives back (RFC 7662 §2.1, RFC 7009 §2.1).

use super::{AccessToken, OAuthError, Parameters, RefreshToken};

/// The `token` of an introspection or revocation request. What it is, its prefix says; `token_type_hint` is ignored.
#[derive(Clone, Debug)]
pub enum PresentedToken {
    /// An access token's shape.
    Access(AccessToken),
    /// A refresh token's shape.
    Refresh(RefreshToken),
    /// No token of ours: inactive, and revoked as it is.
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
    fn a_token_is_known_by_its_shape_whatever_the_hint_says() {
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
