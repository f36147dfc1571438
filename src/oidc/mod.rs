//! Answers machines: token, userinfo, introspection, revocation, discovery, keys.
//!
//! Never draws a page.
//! Spec: RFC 6749, 6750, 7009, 7662, 8414; OpenID Connect Core and Discovery.
//! Called by: `routes`.
