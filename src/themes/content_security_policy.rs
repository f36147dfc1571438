//! The `Content-Security-Policy` of each page (CSP Level 3).

/// The possible destination after a page's form is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormTarget {
    /// This server only.
    Ourselves,
    /// A relying party: browsers apply `form-action` to every redirect after a POST, so the policy omits it.
    RelyingParty,
}

impl FormTarget {
    /// Returns the `Content-Security-Policy` value for a page with such a form.
    pub const fn content_security_policy(self) -> &'static str {
        match self {
            Self::Ourselves => {
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                 connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
            }
            Self::RelyingParty => {
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                 connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_that_may_lead_to_a_relying_party_omit_form_action() {
        assert!(FormTarget::Ourselves.content_security_policy().ends_with("; form-action 'self'"));
        assert!(!FormTarget::RelyingParty.content_security_policy().contains("form-action"));
    }

    #[test]
    fn the_policy_forbids_inline_and_foreign_content() {
        for target in [FormTarget::Ourselves, FormTarget::RelyingParty] {
            let policy = target.content_security_policy();
            for directive in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
                assert!(policy.contains(directive), "{directive} in {policy}");
            }
            assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"));
            for (name, sources) in policy.split("; ").filter_map(|directive| directive.split_once(' ')) {
                let allowed: &[&str] =
                    if name == "img-src" { &["'self'", "data:"] } else { &["'self'", "'none'"] };
                let is_allowed = |source: &str| allowed.contains(&source);
                assert!(sources.split(' ').all(is_allowed), "{name} {sources}");
            }
        }
    }
}
