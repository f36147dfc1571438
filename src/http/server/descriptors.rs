//! File descriptors: each connection is one, and the usual limit of 1,024 is less than this server holds.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// For the database, the log, files and the pushes on their way.
const BESIDE_CONNECTIONS: u64 = 256;

/// Raises the process's soft limit as far as needed and allowed, and says when that is too little.
pub(super) fn make_room_for(connections: usize) {
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(BESIDE_CONNECTIONS);
    let limit = getrlimit(Resource::Nofile);
    let Some(raised) = raised(&limit, needed) else { return };
    let allowed = raised.current.unwrap_or(u64::MAX);
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    } else if allowed < needed {
        tracing::warn!(
            allowed,
            needed,
            "the system allows fewer open files than limits.connections needs; raise LimitNOFILE or ulimit -n"
        );
    }
}

/// The limit to set, when the present one is too low.
fn raised(limit: &Rlimit, needed: u64) -> Option<Rlimit> {
    let current = limit.current.filter(|current| *current < needed)?;
    let allowed = limit.maximum.unwrap_or(u64::MAX).min(needed).max(current);
    Some(Rlimit { current: Some(allowed), maximum: limit.maximum })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_as_far_as_needed_and_allowed() {
        for (current, maximum, expected) in [
            (Some(1_024), Some(500_000), Some(20_256)),
            (Some(1_024), Some(4_096), Some(4_096)),
            (Some(1_024), None, Some(20_256)),
            (Some(50_000), Some(50_000), None),
            (None, None, None),
        ] {
            let raised = raised(&Rlimit { current, maximum }, 20_256);
            assert_eq!(raised.and_then(|limit| limit.current), expected);
        }
    }
}
