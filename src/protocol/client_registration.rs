//! The rules for registering a client (OpenID Connect Registration §2).

use super::{RedirectUriProblem, acr::Acr, check_registrable};
use crate::directory::{ClientSettings, NamingProblem, TokenLifetime, check_text};

/// A value with which a client cannot be registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientProblem {
    /// No name, or white space only.
    #[error("a name that people will recognize is expected")]
    NameMissing,
    /// The name cannot be shown.
    #[error("{0}")]
    Name(NamingProblem),
    /// A redirect URI of a sign-in.
    #[error("{0}: {1}")]
    RedirectUri(String, RedirectUriProblem),
    /// A redirect URI of a sign-out.
    #[error("{0}: {1}")]
    PostLogoutRedirectUri(String, RedirectUriProblem),
    /// An assurance that this server does not know.
    #[error("the authentication context {0} is not supported")]
    RequiredAcr(String),
    /// A lifetime that is too short or too long.
    #[error("{} is {}; expected {} to {} seconds", .0.as_str(), .1, .0.range().start(), .0.range().end())]
    TokenLifetime(TokenLifetime, i64),
}

impl ClientProblem {
    /// Returns the name of the metadata.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::NameMissing | Self::Name(_) => "client_name",
            Self::RedirectUri(..) => "redirect_uris",
            Self::PostLogoutRedirectUri(..) => "post_logout_redirect_uris",
            Self::RequiredAcr(_) => "required_acr",
            Self::TokenLifetime(which, _) => which.as_str(),
        }
    }
}

/// Checks every value of a client, and returns the problems in the order of [`ClientProblem`].
pub fn client_problems(name: &str, settings: &ClientSettings, is_public: bool) -> Vec<ClientProblem> {
    let mut problems = Vec::new();
    if name.trim().is_empty() {
        problems.push(ClientProblem::NameMissing);
    } else {
        problems.extend(check_text(name).err().map(ClientProblem::Name));
    }
    let problem_of = |uri: &String| Some((uri.clone(), check_registrable(uri, is_public).err()?));
    let uris = settings.redirect_uris.iter().filter_map(problem_of);
    problems.extend(uris.map(|(uri, problem)| ClientProblem::RedirectUri(uri, problem)));
    let uris = settings.post_logout_redirect_uris.iter().filter_map(problem_of);
    problems.extend(uris.map(|(uri, problem)| ClientProblem::PostLogoutRedirectUri(uri, problem)));
    let unknown = settings.required_acr.iter().filter(|acr| Acr::parse(acr).is_none());
    problems.extend(unknown.cloned().map(ClientProblem::RequiredAcr));
    let seconds =
        TokenLifetime::ALL.into_iter().map(|which| (which, settings.token_lifetimes.seconds(which)));
    let out_of_range = seconds.filter(|(which, seconds)| !which.range().contains(seconds));
    problems.extend(out_of_range.map(|(which, seconds)| ClientProblem::TokenLifetime(which, seconds)));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(redirect_uri: &str) -> ClientSettings {
        ClientSettings { redirect_uris: vec![redirect_uri.to_owned()], ..ClientSettings::default() }
    }

    #[test]
    fn a_client_with_valid_values_has_no_problem() {
        let confidential = ClientSettings {
            post_logout_redirect_uris: vec!["https://w.example/".to_owned()],
            required_acr: Some("2fa".to_owned()),
            ..settings("https://w.example/cb")
        };
        assert_eq!(client_problems("Wiki", &confidential, false), []);
        assert_eq!(client_problems("Wiki", &settings("com.example.app:/cb"), true), []);
    }

    #[test]
    fn each_value_that_cannot_be_registered_is_named() {
        let (private, insecure) = ("com.example.app:/cb", "http://w.example/cb");
        let wrong = ClientSettings {
            post_logout_redirect_uris: vec![insecure.to_owned()],
            required_acr: Some("3fa".to_owned()),
            ..settings(private)
        };
        let expected = [
            ClientProblem::NameMissing,
            ClientProblem::RedirectUri(
                private.to_owned(),
                RedirectUriProblem::PrivateSchemeOfConfidentialClient,
            ),
            ClientProblem::PostLogoutRedirectUri(insecure.to_owned(), RedirectUriProblem::InsecureScheme),
            ClientProblem::RequiredAcr("3fa".to_owned()),
        ];
        assert_eq!(client_problems(" ", &wrong, false), expected);
        let unseen = client_problems("a\nb", &settings("https://w.example/cb"), false);
        assert_eq!(unseen, [ClientProblem::Name(NamingProblem::Unseen)]);
    }

    #[test]
    fn a_lifetime_is_registered_in_its_range_only() {
        for which in TokenLifetime::ALL {
            let problems = |seconds| {
                let mut settings = settings("https://w.example/cb");
                settings.token_lifetimes.set(which, seconds);
                client_problems("Wiki", &settings, false)
            };
            let (shortest, longest) = which.range().into_inner();
            assert_eq!((problems(shortest), problems(longest)), (vec![], vec![]), "{which:?}");
            for seconds in [shortest - 1, longest + 1] {
                assert_eq!(problems(seconds), [ClientProblem::TokenLifetime(which, seconds)]);
            }
        }
        let problem = ClientProblem::TokenLifetime(TokenLifetime::AccessTokenSeconds, 5);
        assert_eq!(problem.to_string(), "access_token_seconds is 5; expected 60 to 86400 seconds");
    }
}
