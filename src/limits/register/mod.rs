//! The register: every limit with its value, its unit, what overrides it, where it is enforced and what a
//! caller sees.
//! Never enforces anything. `docs/limits.md` is made of it, and a test compares the two.
//! Spec: `docs/limits.md`. Called by: the tests; read by operators and auditors.

mod lifetimes;
mod page;
mod rates;
mod settings;
mod shown;
mod sizes;

pub use page::page;

use crate::config::Config;

/// One limit of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The name of the constant in `limits`, or the key of the setting.
    pub name: &'static str,
    /// The value, in words where it has several parts.
    pub value: String,
    /// The unit of the value, such as `s` or `bytes`; empty for a number of things.
    pub unit: &'static str,
    /// What overrides the value.
    pub set_by: SetBy,
    /// The files that apply it, from the root of the repository; the first one enforces it.
    pub enforced_in: &'static [&'static str],
    /// What a caller, a person or an operator sees at the limit.
    pub caller_sees: &'static str,
}

/// What overrides the value of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetBy {
    /// Nothing.
    Nothing,
    /// The setting with this key, see `docs/configuration.md`.
    Setting(&'static str),
    /// This member of a pool's push policy.
    PushPolicy(&'static str),
}

/// Limits under one heading of the page.
#[derive(Clone, Debug)]
pub struct Section {
    /// The heading.
    pub heading: &'static str,
    /// The module in `limits` that defines them; `config` for settings.
    pub module: &'static str,
    /// The limits.
    pub limits: Vec<Limit>,
}

/// Returns every limit, in the order of the page; settings have the values of `config`.
pub fn register(config: &Config) -> Vec<Section> {
    let section = |heading, module, limits| Section { heading, module, limits };
    vec![
        section("Settings", "config", settings::settings(config)),
        section("Rate limits", "rate_limit", rates::rate_limits()),
        section("Lockout and backoff", "lockout", rates::lockouts()),
        section("Push: challenges and notifications", "push", rates::push()),
        section("Concurrency", "concurrency", rates::concurrency()),
        section("Sizes", "sizes", sizes::sizes()),
        section("Lifetimes, deadlines and retention", "lifetimes", lifetimes::lifetimes()),
    ]
}

/// The rows of one module: `NAME in "file", "file": "what a caller sees";`, with `set by` and a member of a
/// pool's push policy where that overrides the value.
macro_rules! rows {
    ($module:ident; $($name:ident in $($file:literal),+: $sees:literal $(set by $member:literal)?;)+) => {
        vec![$($crate::limits::register::Limit {
            name: stringify!($name),
            value: $crate::limits::register::shown::Shown::shown(&$module::$name),
            unit: $crate::limits::register::shown::unit(stringify!($name)),
            set_by: $crate::limits::register::rows!(@set $($member)?),
            enforced_in: &[$($file),+],
            caller_sees: $sees,
        }),+]
    };
    (@set) => { $crate::limits::register::SetBy::Nothing };
    (@set $member:literal) => { $crate::limits::register::SetBy::PushPolicy($member) };
}
pub(in crate::limits) use rows;

#[cfg(test)]
mod tests;
