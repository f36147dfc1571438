//! The standard claims and the scopes that request them (OpenID Connect Core §5.1, §5.4).

use super::Scope;

/// Each claim with the scope that requests it (OpenID Connect Core §5.4).
pub(super) const CLAIMS: [(&str, Scope); 19] = [
    ("name", Scope::Profile),
    ("given_name", Scope::Profile),
    ("family_name", Scope::Profile),
    ("middle_name", Scope::Profile),
    ("nickname", Scope::Profile),
    ("preferred_username", Scope::Profile),
    ("profile", Scope::Profile),
    ("picture", Scope::Profile),
    ("website", Scope::Profile),
    ("gender", Scope::Profile),
    ("birthdate", Scope::Profile),
    ("zoneinfo", Scope::Profile),
    ("locale", Scope::Profile),
    ("updated_at", Scope::Profile),
    ("email", Scope::Email),
    ("email_verified", Scope::Email),
    ("phone_number", Scope::Phone),
    ("phone_number_verified", Scope::Phone),
    ("address", Scope::Address),
];

/// Returns the scope that a claim belongs to.
pub(super) fn scope_of(name: &str) -> Option<Scope> {
    CLAIMS.into_iter().find(|(claim, _)| *claim == name).map(|(_, scope)| scope)
}
