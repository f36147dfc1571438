//! Every rate limit, lockout, concurrency limit, size limit and lifetime, and the types that apply them.
//!
//! Never does I/O and never reads the clock. `register` lists all values, and `docs/limits.md` shows the list.
//! Spec: NIST SP 800-63B-4 §3.2.2, RFC 6585, RFC 9700; `docs/authenticator-protocol.md` §10.
//! Called by: every module that enforces a limit.

/// Concurrency limits: connections and event streams.
pub mod concurrency;
/// Lifetimes, deadlines and retention.
pub mod lifetimes;
/// Lockout and backoff: failures in a row delay the next attempt.
pub mod lockout;
/// The networks in which a source is counted.
pub mod networks;
/// Rate limits of push: challenges and notifications of a person.
pub mod push;
/// Rate limits: actions of one source in a window of time.
pub mod rate_limit;
/// The list of all limits, which `docs/limits.md` is made of.
pub mod register;
/// Size limits: names, passwords, headers, bodies and caches.
pub mod sizes;
