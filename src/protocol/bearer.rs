//! The presentation of an access token and the challenge that answers a missing or bad one (RFC 6750 §2, §3).

use super::{AccessToken, OAuthError, OAuthReason, Parameters, form_pairs};

/// Reads the access token of a request from its single `Authorization` header or from its form body; never
/// from two places (§2), of which `query` may be one (§3.1), and never from the query alone.
pub fn bearer_token(
    authorization: &[&str],
    form: Option<&Parameters>,
    query: Option<&str>,
) -> Result<AccessToken, OAuthError> {
    let in_body = form.and_then(|form| form.get("access_token"));
    let in_query = form_pairs(query.unwrap_or_default())
        .is_ok_and(|pairs| pairs.iter().any(|(name, _)| name == "access_token"));
    let in_header = match authorization {
        [] => None,
        [header] => credentials(header),
        _ => return Err(OAuthReason::SeveralAuthorizationHeaders.into()),
    };
    let token = match (in_header, in_body) {
        (Some(_), Some(_)) => return Err(OAuthReason::SeveralAccessTokens.into()),
        (Some(_), None) | (None, Some(_)) if in_query => return Err(OAuthReason::SeveralAccessTokens.into()),
        (None, None) => return Err(OAuthReason::AccessTokenMissing.into()),
        (Some(token), None) | (None, Some(token)) => token,
    };
    AccessToken::parse(token).ok_or(OAuthReason::AccessTokenUnusable.into())
}

/// Returns the credentials after the scheme `Bearer`, compared without case (RFC 9110 §11.1); `None` for
/// other schemes.
fn credentials(header: &str) -> Option<&str> {
    let (scheme, credentials) = header.split_once(' ').unwrap_or((header, ""));
    scheme.eq_ignore_ascii_case("Bearer").then(|| credentials.trim_matches(' '))
}

/// Builds the `WWW-Authenticate` header of a refusal (§3). Without a token, only the scheme is sent (§3.1).
pub fn bearer_challenge(error: &OAuthError, issuer: &str) -> String {
    let realm = format!("Bearer realm=\"{issuer}\"");
    let scope = match error.reason() {
        OAuthReason::AccessTokenMissing => return realm,
        OAuthReason::OpenidScopeMissing => ", scope=\"openid\"",
        _ => "",
    };
    let code = error.code().as_str();
    format!("{realm}, error=\"{code}\", error_description=\"{}\"{scope}", error.description())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::samples::ISSUER;

    fn token() -> String {
        format!("cs_at_{}", "t".repeat(43))
    }

    fn read(authorization: &[&str], body: Option<&str>) -> Result<String, OAuthReason> {
        read_with(authorization, body, None)
    }

    fn read_with(
        authorization: &[&str],
        body: Option<&str>,
        query: Option<&str>,
    ) -> Result<String, OAuthReason> {
        let form = body.map(|body| Parameters::parse(form_pairs(body).unwrap()).unwrap());
        let token = bearer_token(authorization, form.as_ref(), query);
        token.map(|token| token.reveal().to_owned()).map_err(|error| error.reason().clone())
    }

    #[test]
    fn a_token_comes_in_the_header_or_in_the_body() {
        for scheme in ["Bearer", "bearer", "BEARER", "Bearer "] {
            assert_eq!(read(&[&format!("{scheme} {}", token())], None), Ok(token()), "{scheme}");
        }
        assert_eq!(read(&[], Some(&format!("access_token={}", token()))), Ok(token()));
    }

    #[test]
    fn two_tokens_are_refused_even_when_they_are_equal() {
        let header = format!("Bearer {}", token());
        let body = format!("access_token={}", token());
        assert_eq!(read(&[&header], Some(&body)), Err(OAuthReason::SeveralAccessTokens));
        assert_eq!(read(&[&header, &header], None), Err(OAuthReason::SeveralAuthorizationHeaders));
        assert_eq!(read(&["Basic eDp5", &header], None), Err(OAuthReason::SeveralAuthorizationHeaders));
    }

    #[test]
    fn a_token_in_the_query_is_refused_beside_another_and_ignored_alone() {
        let header = format!("Bearer {}", token());
        let body = format!("access_token={}", token());
        for query in [&body, "access_token=", "x=1&access%5Ftoken=y"] {
            let several = Err(OAuthReason::SeveralAccessTokens);
            assert_eq!(read_with(&[&header], None, Some(query)), several, "{query}");
            assert_eq!(read_with(&[], Some(&body), Some(query)), several, "{query}");
            assert_eq!(read_with(&[], None, Some(query)), Err(OAuthReason::AccessTokenMissing), "{query}");
        }
        assert_eq!(read_with(&[&header], None, Some("access_tokens=x&trace=%ff")), Ok(token()));
    }

    #[test]
    fn a_string_that_is_no_token_of_this_server_is_refused() {
        for missing in ["Basic eDp5", "", "DPoP x"] {
            assert_eq!(read(&[missing], None), Err(OAuthReason::AccessTokenMissing), "{missing}");
        }
        for wrong in
            ["Bearer", "Bearer x", &format!("Bearer {}x", token()), &format!("Bearer {}, x", token())]
        {
            assert_eq!(read(&[wrong], None), Err(OAuthReason::AccessTokenUnusable), "{wrong}");
        }
        assert_eq!(read(&[], Some("access_token=")), Err(OAuthReason::AccessTokenMissing));
    }

    #[test]
    fn a_challenge_names_the_error_unless_no_token_was_sent() {
        let challenge = |reason: OAuthReason| bearer_challenge(&reason.into(), ISSUER);
        assert_eq!(challenge(OAuthReason::AccessTokenMissing), "Bearer realm=\"https://id.example\"");
        assert_eq!(
            challenge(OAuthReason::OpenidScopeMissing),
            "Bearer realm=\"https://id.example\", error=\"insufficient_scope\", \
             error_description=\"the access token was granted without the scope openid\", scope=\"openid\""
        );
    }
}
