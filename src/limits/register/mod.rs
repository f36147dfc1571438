//! The register: every limit with its value, its unit, what overrides it, where it is enforced and what a
//! caller sees.
//! Never enforces anything. `docs/limits.md` is made of it, and a test compares the two.
//! Spec: `docs/limits.md`. Called by: the tests; read by operators and auditors.

mod lifetimes;
mod page;
mod rates;
mod row;
mod settings;
mod shown;
mod sizes;

pub use row::{Limit, Section, SetBy};

use crate::config::Config;

/// Returns every limit, in the order of the page; settings have the values of `config`.
pub fn register(config: &Config) -> Vec<Section> {
    let section = |heading, module, limits| Section { heading, module, limits };
    vec![
        section("Settings", "config", settings::settings(config)),
        section("Rate limits", "rate_limit", rates::rate_limits()),
        section("Networks in which an IPv6 source is counted", "networks", rates::networks()),
        section("Lockout and backoff", "lockout", rates::lockouts()),
        section("Push: challenges and notifications", "push", rates::push()),
        section("Concurrency", "concurrency", rates::concurrency()),
        section("Sizes", "sizes", sizes::sizes()),
        section("Lifetimes, deadlines and retention", "lifetimes", lifetimes::lifetimes()),
    ]
}

/// Returns `docs/limits.md`, with the defaults of the settings.
pub fn page() -> String {
    page::write(&register(&Config::default()))
}

#[cfg(test)]
mod tests;
