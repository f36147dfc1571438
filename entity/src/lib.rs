//! What the tables look like: shapes, column enumerations, typed ids and the instant.
//!
//! Never holds behavior: rows become domain values in the `storage` room, which alone reads these types.
//! Spec: none; the words are those of the RFCs that the domain rooms cite.
//! Called by: `storage`; the ids and [`Timestamp`] by everyone.

#![expect(
    missing_docs,
    reason = "a column is documented by the domain type that it fills, in the room that owns the rule"
)]

pub mod access_token;
pub mod answer_counter;
pub mod attempt_counter;
pub mod audit_event;
pub mod authenticator;
pub mod authorization_code;
pub mod browser_session;
pub mod challenge;
pub mod challenge_device;
pub mod client;
pub mod client_pool;
pub mod consent;
pub mod enrollment;
pub mod grant;
pub mod ids;
pub mod journey;
pub mod outbox;
pub mod person;
pub mod pool;
pub mod refresh_token;
pub mod setting;
pub mod signing_key;
pub mod timestamp;
pub mod transport;
pub mod workspace;

pub use timestamp::Timestamp;
