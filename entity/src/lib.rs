//! The tables: row types, column enumerations ([`enums`]), typed ids and the instant. Never holds behavior: `storage`,
//! which alone reads the row types, converts rows into domain values.
//! Spec: none; the words are those of the RFCs that the domain modules cite.
//! Called by: `storage`; the enumerations, the ids and [`Timestamp`] by every module.

#![expect(
    missing_docs,
    reason = "a column is documented by the domain type that it fills, in the module that owns the rule"
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
pub mod enums;
pub mod grant;
pub mod ids;
pub mod journey;
pub mod outbox;
pub mod person;
pub mod pool;
pub mod refresh_token;
pub mod setting;
pub mod signing_key;
pub mod ticket;
pub mod timestamp;
pub mod transport;
pub mod workspace;

pub use timestamp::Timestamp;
