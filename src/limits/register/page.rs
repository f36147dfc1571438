//! `docs/limits.md`: the register as tables.

use super::{
    row::{Limit, Section, SetBy},
    shown::seconds_in_words,
};
use std::fmt::Write;

const INTRODUCTION: &str = "# Limits

Every rate limit, lockout, concurrency limit, size limit and lifetime of the server, with its default. This
page is made of the register in `src/limits/register/`, and a test compares the two:
`COUNTERSIGN_TEST_REWRITE=1 cargo test --lib limits` writes it anew.

A *source* is an IPv4 address or an IPv6 /64. Rate limits and concurrency limits count in each process;
failures of one account, and the requests that its phones get, are counted in the database, for all
processes together. No lockout is permanent: each ends by itself. A rate-limited request is answered 429
with `Retry-After`, an overloaded server answers 503 with `Retry-After`. Constants of a specification or an
algorithm stand beside their use, not here.
";

/// Returns the page with these sections.
pub(super) fn write(sections: &[Section]) -> String {
    let mut text = INTRODUCTION.to_owned();
    for section in sections {
        write_section(&mut text, section);
    }
    text
}

fn write_section(text: &mut String, section: &Section) {
    let place = match section.module {
        "config" => "Set in the configuration, see [configuration.md](configuration.md).".to_owned(),
        module => format!("Defined in `src/limits/{module}.rs`."),
    };
    let _ = write!(text, "\n## {}\n\n{place}\n\n", section.heading);
    text.push_str("| limit | value | set by | enforced in | at the limit |\n|---|---|---|---|---|\n");
    for limit in &section.limits {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            limit.name,
            value_of(limit),
            set_by(limit.set_by),
            limit.enforced_in.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(", "),
            limit.caller_sees
        );
    }
}

/// The value with its unit, and seconds also in words.
fn value_of(limit: &Limit) -> String {
    let plain = format!("{} {}", limit.value, limit.unit);
    let seconds = limit.value.parse().ok().filter(|_| limit.unit == "s");
    match seconds.map(seconds_in_words) {
        Some(words) if words != plain => format!("{plain} ({words})"),
        _ => plain.trim_end().to_owned(),
    }
}

fn set_by(set_by: SetBy) -> String {
    match set_by {
        SetBy::Nothing => "–".to_owned(),
        SetBy::Setting(key) => format!("`{key}`"),
        SetBy::PushPolicy(member) => format!("`push.{member}` of a pool's policy"),
        SetBy::Client(setting) => format!("`{setting}` of a client"),
    }
}
