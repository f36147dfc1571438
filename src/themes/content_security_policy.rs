//! The Content-Security-Policy of each page.

/// Where the answer to a page's form may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormTarget {
    /// It stays with us.
    Ourselves,
    /// It may end at a relying party: browsers apply `form-action` to every redirect after a POST, so it is left out.
    RelyingParty,
}

impl FormTarget {
    /// The `Content-Security-Policy` value for a page with such a form.
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
    fn only_pages_that_may_end_at_a_relying_party_leave_form_action_out() {
        assert!(FormTarget::Ourselves.content_security_policy().ends_with("; form-action 'self'"));
        assert!(!FormTarget::RelyingParty.content_security_policy().contains("form-action"));
    }

    #[test]
    fn nothing_inline_and_nothing_foreign_is_allowed() {
        for target in [FormTarget::Ourselves, FormTarget::RelyingParty] {
            let policy = target.content_security_policy();
            for directive in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
                assert!(policy.contains(directive), "{directive} in {policy}");
            }
            assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"));
        }
    }
}
