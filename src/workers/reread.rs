//! Makes up for lost notifications: while a request waits for a challenge, its version is read again
//! periodically.

use crate::{
    app::App,
    fault::Fault,
    storage::{Topic, challenges},
};
use ::entity::ids::ChallengeId;
use std::{collections::BTreeMap, sync::Arc};

/// Interval between two reads.
const REREAD_EVERY_SECONDS: i64 = 2;
/// Challenges in one query.
const REREAD_BATCH_SIZE: usize = 1_000;

/// Wakes the waiters of challenges that changed since the last read. Sleeps while there is no waiter.
pub(super) async fn reread(app: Arc<App>) {
    loop {
        app.storage.bus().challenge_waiter().await;
        let mut seen = BTreeMap::new();
        loop {
            app.clock.sleep_until(app.now().plus_seconds(REREAD_EVERY_SECONDS)).await;
            let waited = app.storage.bus().waited_challenges();
            if waited.is_empty() {
                break;
            }
            match look(&app, &waited, &seen).await {
                Ok(now_seen) => seen = now_seen,
                // The listener logs the outage once; the next read follows soon.
                Err(fault) => tracing::debug!(fault = fault.chain(), "challenges could not be read again"),
            }
        }
    }
}

/// Reads the versions of `waited` and wakes the waiters of every version that differs from `seen`. A
/// challenge that is read for the first time counts as changed, because its waiter may have read an older
/// version.
async fn look(
    app: &App,
    waited: &[ChallengeId],
    seen: &BTreeMap<ChallengeId, i64>,
) -> Result<BTreeMap<ChallengeId, i64>, Fault> {
    let mut versions = BTreeMap::new();
    for some in waited.chunks(REREAD_BATCH_SIZE) {
        versions.extend(challenges::list_versions(&app.storage, some.to_vec()).await?);
    }
    for (id, version) in &versions {
        if seen.get(id) != Some(version) {
            app.storage.bus().notify(Topic::Challenge(*id));
        }
    }
    Ok(versions)
}
