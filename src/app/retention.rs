//! One round of the clean-up: notes what is over, then deletes it, in slices that take turns.

use super::App;
use crate::{
    audit::AuditSource,
    clock::Timestamp,
    storage::{
        Fault, challenges, enrollments,
        retention::{Progress, Task, Tasks, tasks},
    },
};
use std::collections::VecDeque;

/// Overdue rows that one transaction notes at most. Each takes up to five statements, so fewer than of deletions.
const AT_ONCE: u64 = 20;
/// How long the clean-up leaves the database to others after each full slice: about as long as a slice takes.
const PAUSE_MILLISECONDS: i64 = 10;

/// What is noted as over before it may be deleted.
#[derive(Clone, Copy, Debug)]
enum Overdue {
    Challenges,
    Enrollments,
}

/// One table, or a few that belong together.
struct Turn {
    overdue: Option<Overdue>,
    deletion: Task,
}

impl App {
    /// Notes what is over although no request saw it, and deletes what can no longer change any answer. Each slice is
    /// a transaction of its own; while more is left, others write between two slices. Several nodes may do it at once:
    /// each row is noted by one of them.
    ///
    /// # Errors
    /// When the database does not answer; what was done before that stays done.
    pub async fn sweep(&self) -> Result<(), Fault> {
        let now = self.now();
        let days = i64::from(self.audit_retention_days);
        let audit_before = (days > 0).then(|| now.plus_seconds(-days * 24 * 3600));
        let mut turns = turns(tasks(&self.storage, now, audit_before).await?);
        while let Some(mut turn) = turns.pop_front() {
            if self.take(&mut turn, now).await? == Progress::MoreIsLeft {
                turns.push_back(turn);
                self.clock.sleep_until(Timestamp(self.now().0.saturating_add(PAUSE_MILLISECONDS))).await;
            }
        }
        Ok(())
    }

    async fn take(&self, turn: &mut Turn, now: Timestamp) -> Result<Progress, Fault> {
        if let Some(overdue) = turn.overdue {
            if self.note_overdue(overdue, now).await? == Progress::MoreIsLeft {
                return Ok(Progress::MoreIsLeft);
            }
            turn.overdue = None;
        }
        turn.deletion.run(&self.storage).await
    }

    async fn note_overdue(&self, overdue: Overdue, now: Timestamp) -> Result<Progress, Fault> {
        let source = AuditSource::default();
        let count = match overdue {
            Overdue::Challenges => {
                let ids = challenges::list_overdue(&self.storage, now, AT_ONCE).await?;
                let count = ids.len();
                if count > 0 {
                    let tx = self.storage.begin().await?;
                    self.expire_challenges(&tx, ids, &source, now).await?;
                    tx.commit().await?;
                }
                count
            }
            Overdue::Enrollments => {
                let ids = enrollments::list_overdue(&self.storage, now, AT_ONCE).await?;
                let count = ids.len();
                if count > 0 {
                    let tx = self.storage.begin().await?;
                    self.expire_enrollments(&tx, enrollments::EnrollmentFilter::Ids(ids), &source, now)
                        .await?;
                    tx.commit().await?;
                }
                count
            }
        };
        Ok(if (count as u64) < AT_ONCE { Progress::Done } else { Progress::MoreIsLeft })
    }
}

fn turns(tasks: Tasks) -> VecDeque<Turn> {
    let Tasks { challenges, enrollments, others } = tasks;
    let noted = [(Overdue::Challenges, challenges), (Overdue::Enrollments, enrollments)];
    let noted = noted.into_iter().map(|(overdue, deletion)| Turn { overdue: Some(overdue), deletion });
    noted.chain(others.into_iter().map(|deletion| Turn { overdue: None, deletion })).collect()
}
