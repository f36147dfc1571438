//! One run of the retention: marks overdue rows expired, then deletes old rows, in slices that alternate
//! between tables.

use super::{Action, ActionError, Right, approvals, enrollment};
use crate::{
    app::{App, RequestContext},
    clock::Timestamp,
    storage::{
        challenges,
        enrollments::{self, EnrollmentFilter},
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

/// Marks rows expired that no request has marked, and deletes rows that can no longer change any response.
/// Each slice is a transaction of its own; other transactions run between two slices. Several nodes may run
/// it at once: each row is marked by one of them.
///
/// # Errors
/// [`ActionError::Forbidden`] for another actor than the server itself; a fault when the database does not
/// answer: finished slices stay committed.
pub async fn sweep(app: &App, context: &RequestContext) -> Result<(), ActionError> {
    Right::System.check(context.actor)?;
    let days = i64::from(app.audit_retention_days);
    let audit_before = (days > 0).then(|| context.now.plus_seconds(-days * 24 * 3600));
    let mut turns = turns(tasks(&app.storage, context.now, audit_before).await?);
    while let Some(mut turn) = turns.pop_front() {
        if run_slice(app, &mut turn, context).await? == Progress::MoreIsLeft {
            turns.push_back(turn);
            let pause_end = Timestamp(app.now().0.saturating_add(PAUSE_MILLISECONDS));
            tokio::select! {
                // Here only, so that no shutdown interrupts a transaction.
                () = app.shutdown.requested() => return Ok(()),
                () = app.clock.sleep_until(pause_end) => {}
            }
        }
    }
    Ok(())
}

async fn run_slice(app: &App, turn: &mut Turn, context: &RequestContext) -> Result<Progress, ActionError> {
    if let Some(overdue) = turn.overdue {
        if mark_overdue(app, overdue, context).await? == Progress::MoreIsLeft {
            return Ok(Progress::MoreIsLeft);
        }
        turn.overdue = None;
    }
    Ok(turn.deletion.run(&app.storage).await?)
}

async fn mark_overdue(
    app: &App,
    overdue: Overdue,
    context: &RequestContext,
) -> Result<Progress, ActionError> {
    let count = match overdue {
        Overdue::Challenges => {
            let ids = challenges::list_overdue(&app.storage, context.now, AT_ONCE).await?;
            let count = ids.len();
            if count > 0 {
                let action = Action::begin(app, context, Right::System).await?;
                approvals::expire(app, &action.tx, ids, context).await?;
                action.commit().await?;
            }
            count
        }
        Overdue::Enrollments => {
            let ids = enrollments::list_overdue(&app.storage, context.now, AT_ONCE).await?;
            let count = ids.len();
            if count > 0 {
                let action = Action::begin(app, context, Right::System).await?;
                enrollment::expire(app, &action.tx, EnrollmentFilter::Ids(ids), context).await?;
                action.commit().await?;
            }
            count
        }
    };
    Ok(if (count as u64) < AT_ONCE { Progress::Done } else { Progress::MoreIsLeft })
}

fn turns(tasks: Tasks) -> VecDeque<Turn> {
    let Tasks { challenges, enrollments, others } = tasks;
    let noted = [(Overdue::Challenges, challenges), (Overdue::Enrollments, enrollments)];
    let noted = noted.into_iter().map(|(overdue, deletion)| Turn { overdue: Some(overdue), deletion });
    noted.chain(others.into_iter().map(|deletion| Turn { overdue: None, deletion })).collect()
}
