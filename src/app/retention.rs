//! One round of the sweeper: what is over is noted first, and then forgotten.

use super::App;
use crate::{
    audit::AuditSource,
    storage::{
        Fault, challenges, enrollments,
        retention::{delete_audit_events_before, sweep},
    },
};

/// What one unit notes at most, so that nobody waits long behind it.
const AT_ONCE: u64 = 100;

impl App {
    /// Notes what is over although nobody was there to see it, and deletes what can no longer change any answer.
    /// Several nodes may do it at once: each row is noted by one of them.
    ///
    /// # Errors
    /// When the database does not answer; what was done before that stays done.
    pub async fn sweep(&self) -> Result<(), Fault> {
        let (now, nobody) = (self.now(), AuditSource::default());
        loop {
            let overdue = challenges::list_overdue(&self.storage, now, AT_ONCE).await?;
            if overdue.is_empty() {
                break;
            }
            let tx = self.storage.begin().await?;
            self.expire_challenges(&tx, overdue, &nobody, now).await?;
            tx.commit().await?;
        }
        loop {
            let overdue = enrollments::list_overdue(&self.storage, now, AT_ONCE).await?;
            if overdue.is_empty() {
                break;
            }
            let tx = self.storage.begin().await?;
            self.expire_enrollments(&tx, enrollments::EnrollmentFilter::Ids(overdue), &nobody, now).await?;
            tx.commit().await?;
        }
        if self.audit_retention_days > 0 {
            let before = now.plus_seconds(-i64::from(self.audit_retention_days) * 24 * 3600);
            delete_audit_events_before(&self.storage, before).await?;
        }
        sweep(&self.storage, now).await
    }
}
