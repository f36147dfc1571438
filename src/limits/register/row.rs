//! One row of the register, and the macro that writes rows.

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
    /// This lifetime in the settings of a client.
    Client(&'static str),
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

/// The rows of one module: `NAME in "file", "file": "what a caller sees";`, with `set by` and a member of a
/// pool's push policy, or `of client` and a lifetime of a client's settings, where that overrides the value.
macro_rules! rows {
    ($module:ident; $($name:ident in $($file:literal),+: $sees:literal
        $(set by $member:literal)? $(of client $setting:literal)?;)+) => {
        vec![$($crate::limits::register::row::Limit {
            name: stringify!($name),
            value: $crate::limits::register::shown::Shown::shown(&$module::$name),
            unit: $crate::limits::register::shown::unit(stringify!($name)),
            set_by: $crate::limits::register::row::rows!(@set $($member)? $(client $setting)?),
            enforced_in: &[$($file),+],
            caller_sees: $sees,
        }),+]
    };
    (@set) => { $crate::limits::register::row::SetBy::Nothing };
    (@set client $setting:literal) => { $crate::limits::register::row::SetBy::Client($setting) };
    (@set $member:literal) => { $crate::limits::register::row::SetBy::PushPolicy($member) };
}
pub(in crate::limits) use rows;
