//! File descriptors: each connection needs one, and the usual limit of 1,024 is too low for this server.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors for the database, the log, files and outgoing pushes.
const RESERVED_DESCRIPTORS: usize = 256;
/// The maximum number of connections when none is configured.
const DEFAULT_MAX_CONNECTIONS: usize = 20_000;

/// Raises the process's soft limit of open files as far as needed and allowed, and returns the maximum number
/// of connections. A configured number (`wanted`) is returned unchanged, with a warning if the system allows
/// fewer; for 0 it is as many as the system allows, up to [`DEFAULT_MAX_CONNECTIONS`].
pub(super) fn room_for(wanted: usize) -> usize {
    let most = if wanted == 0 { DEFAULT_MAX_CONNECTIONS } else { wanted };
    let needed = most.saturating_add(RESERVED_DESCRIPTORS);
    let allowed = raise_to(needed);
    if wanted == 0 {
        return within(allowed).min(most);
    }
    if allowed < needed {
        tracing::warn!(
            allowed,
            needed,
            "the system allows fewer open files than limits.connections needs; raise LimitNOFILE or ulimit -n"
        );
    }
    wanted
}

/// Raises the limit and returns the limit in force afterwards.
fn raise_to(needed: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current;
    let in_force = match raised(&limit, u64::try_from(needed).unwrap_or(u64::MAX)) {
        None => current,
        Some(raised) => {
            let hoped = raised.current;
            match setrlimit(Resource::Nofile, raised) {
                Ok(()) => hoped,
                Err(error) => {
                    tracing::warn!(%error, "cannot raise the limit of open files");
                    current
                }
            }
        }
    };
    in_force.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}

/// Returns the limit to set if the present one is too low.
fn raised(limit: &Rlimit, needed: u64) -> Option<Rlimit> {
    let current = limit.current.filter(|current| *current < needed)?;
    let allowed = limit.maximum.unwrap_or(u64::MAX).min(needed).max(current);
    Some(Rlimit { current: Some(allowed), maximum: limit.maximum })
}

/// Returns the number of connections that fit into a limit, at least one.
fn within(allowed: usize) -> usize {
    allowed.saturating_sub(RESERVED_DESCRIPTORS.min(allowed / 2)).max(1)
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

    #[test]
    fn connections_leave_descriptors_for_other_uses() {
        for (allowed, connections) in [(20_256, 20_000), (4_096, 3_840), (1_024, 768), (100, 50), (0, 1)] {
            assert_eq!(within(allowed), connections);
        }
    }

    #[test]
    fn a_configured_number_is_kept_and_the_default_fits_the_limit() {
        assert_eq!(room_for(7), 7);
        let derived = room_for(0);
        let limit = getrlimit(Resource::Nofile).current.map_or(usize::MAX, |limit| limit as usize);
        assert!((1..=DEFAULT_MAX_CONNECTIONS).contains(&derived) && derived < limit, "{derived} of {limit}");
    }
}
