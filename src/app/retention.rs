//! One run of the retention: marks overdue rows expired, then deletes old rows, in slices that alternate
//! between tables.

use super::{App, RequestContext};
use crate::{
    clock::Timestamp,
    storage::{
        Fault, challenges, enrollments,
        retention::{Progress, Task, Tasks, tasks},
    },
};
use std::collections::VecDeque;

/// Maximum number of overdue rows that one transaction marks. Each takes up to five statements, so the number
/// is lower than for deletions.
const AT_ONCE: u64 = 20;
/// Pause after each full slice, for other transactions: about as long as a slice takes.
const PAUSE_MILLISECONDS: i64 = 10;

/// Rows that are marked expired before they may be deleted.
#[derive(Clone, Copy, Debug)]
enum Overdue {
    Challenges,
    Enrollments,
}

/// The work on one table, or on a few that belong together.
struct Turn {
    overdue: Option<Overdue>,
    deletion: Task,
}

impl App {
    /// Marks rows expired that no request has marked, and deletes rows that can no longer change any
    /// response. Each slice is a transaction of its own; other transactions run between two slices. Several
    /// nodes may run it at once: each row is marked by one of them.
    ///
    /// # Errors
    /// When the database does not answer; finished slices stay committed.
    pub async fn sweep(&self) -> Result<(), Fault> {
        let context = self.worker_context().await?;
        let now = context.now;
        let days = i64::from(self.audit_retention_days);
        let audit_before = (days > 0).then(|| now.plus_seconds(-days * 24 * 3600));
        let mut turns = turns(tasks(&self.storage, now, audit_before).await?);
        while let Some(mut turn) = turns.pop_front() {
            if self.run_slice(&mut turn, &context).await? == Progress::MoreIsLeft {
                turns.push_back(turn);
                self.clock.sleep_until(Timestamp(self.now().0.saturating_add(PAUSE_MILLISECONDS))).await;
            }
        }
        Ok(())
    }

    async fn run_slice(&self, turn: &mut Turn, context: &RequestContext) -> Result<Progress, Fault> {
        if let Some(overdue) = turn.overdue {
            if self.mark_overdue(overdue, context).await? == Progress::MoreIsLeft {
                return Ok(Progress::MoreIsLeft);
            }
            turn.overdue = None;
        }
        turn.deletion.run(&self.storage).await
    }

    async fn mark_overdue(&self, overdue: Overdue, context: &RequestContext) -> Result<Progress, Fault> {
        let count = match overdue {
            Overdue::Challenges => {
                let ids = challenges::list_overdue(&self.storage, context.now, AT_ONCE).await?;
                let count = ids.len();
                if count > 0 {
                    let tx = self.storage.begin().await?;
                    self.expire_challenges(&tx, ids, context).await?;
                    tx.commit().await?;
                }
                count
            }
            Overdue::Enrollments => {
                let ids = enrollments::list_overdue(&self.storage, context.now, AT_ONCE).await?;
                let count = ids.len();
                if count > 0 {
                    let tx = self.storage.begin().await?;
                    self.expire_enrollments(&tx, enrollments::EnrollmentFilter::Ids(ids), context).await?;
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
