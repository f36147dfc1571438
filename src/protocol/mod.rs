//! What the specs say: requests, answers, rules, errors, as values.
//!
//! Never touches anything: no clock, no chance, no database, no network.
//! Spec: RFC 6749, 6750, 7009, 7636, 7662, 8414, 9207; OpenID Connect Core, Discovery, RP-Initiated Logout.
//! Called by: `journey`, `storage` and the faces.

pub mod acr;
pub mod amr;
