//! The net under lost notifications: while somebody waits for a challenge, its version is read again now and then.

use crate::{
    app::App,
    storage::{Fault, Topic, challenges},
};
use ::entity::ids::ChallengeId;
use std::{collections::BTreeMap, sync::Arc};

/// Between two looks.
const REREAD_EVERY_SECONDS: i64 = 2;
/// Challenges asked for by one question.
const REREAD_BATCH_SIZE: usize = 1_000;

/// Wakes those whose challenge moved since the last look. Sleeps while nobody waits.
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
                // The listening connection says so as well, once; the next look is soon.
                Err(fault) => tracing::debug!(fault = fault.chain(), "challenges could not be read again"),
            }
        }
    }
}

/// Reads the versions of `waited` and wakes whoever waits for one that is not as it was `seen`. One that is seen for
/// the first time counts as moved: what its waiter read may be older.
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
