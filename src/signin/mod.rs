//! Answers people: the authorization endpoint, the steps of a sign-in, consent and sign-out.
//!
//! Never issues tokens; it ends in a code, an error at the relying party, or a page.
//! Spec: OpenID Connect Core §3.1.2, RP-Initiated Logout, RFC 9207.
//! Called by: `routes`.

/// The first person and the first client, by two short forms.
pub mod setup;
