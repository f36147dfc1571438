//! The rows of settings that are limits.

use super::row::{Limit, SetBy};
use crate::config::Config;

/// Returns the rows with the values of `config`.
pub(super) fn settings(config: &Config) -> Vec<Limit> {
    let limits = &config.limits;
    let setting = |name, value: u64, unit, enforced_in, caller_sees| Limit {
        name,
        value: value.to_string(),
        unit,
        set_by: SetBy::Setting(name),
        enforced_in,
        caller_sees,
    };
    vec![
        setting(
            "limits.connections",
            limits.connections as u64,
            "",
            &["src/http/server/listener.rs", "src/http/server/descriptors.rs"],
            "503 with `Retry-After`, then the connection is closed; 0 means as many as the system allows, up to 20000",
        ),
        setting(
            "limits.connections_per_source",
            limits.connections_per_source as u64,
            "",
            &["src/http/server/listener.rs"],
            "503 with `Retry-After`, then the connection is closed; proxies and this machine do not count",
        ),
        setting(
            "limits.journeys_per_source",
            limits.journeys_per_source as u64,
            "",
            &["src/storage/journeys.rs", "src/actions/sign_in/submission.rs"],
            "nothing; the oldest sign-in of the source without a proof ends, or 429 if all have one",
        ),
        setting(
            "limits.wrong_answers_per_source",
            u64::from(limits.wrong_answers_per_source),
            "",
            &["src/actions/password.rs", "src/actions/totp.rs", "src/app/bootstrap.rs"],
            "the page “too many requests” (429) until `WRONG_ANSWER_WINDOW_SECONDS` are over",
        ),
        setting(
            "limits.anonymous_writes_per_source",
            u64::from(limits.anonymous_writes_per_source),
            "",
            &["src/actions/action.rs", "src/app/bootstrap.rs"],
            "429, as a page or a problem, until `ANONYMOUS_WRITE_WINDOW_SECONDS` are over",
        ),
        setting(
            "password_hashing.concurrent",
            config.password_hashing.concurrent as u64,
            "",
            &["src/app/hashing.rs", "src/app/bootstrap.rs"],
            "the attempt waits for its turn; 0 means one for each processor",
        ),
        setting(
            "audit_retention_days",
            u64::from(config.audit_retention_days),
            "d",
            &["src/actions/expiry.rs"],
            "nothing; older audit events are deleted; 0 keeps all of them",
        ),
    ]
}
