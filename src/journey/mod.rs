//! The sign-in: a state machine and the policy that says what is owed.
//!
//! Never does anything: it says where we are, what to show and what must happen.
//! Spec: OpenID Connect Core §3.1.2, RFC 9470 (step-up), RFC 8176 (`amr`).
//! Called by: `storage`, which keeps it, and the `signin` face, which moves it.
