//! Retention: deletes rows that can no longer change any response, as tasks that work slice by slice.
//!
//! Never deletes more than one slice in a transaction. Deletes children before their parents, because the
//! deletion of a parent would delete all its children in the same transaction (`ON DELETE CASCADE`).
//! Spec: none; `docs/operators.md` states the retention of every table, and a test compares them.
//! Called by: `actions::expiry`, once an hour.

use super::{
    Executor, Fault, Storage, challenges, enrollments,
    slices::Slice,
    walks::{Route, Walk},
};
use crate::{
    clock::Timestamp,
    limits::lifetimes::{
        AUTHORIZATION_CODE_RETENTION_SECONDS, CHALLENGE_RETENTION_SECONDS, FAILURE_COUNT_RETENTION_SECONDS,
        KEPT_ANSWER_COUNTERS, KNOWN_BROWSER_SECONDS, RETENTION_GRACE_SECONDS,
        REVOKED_DEVICE_RETENTION_SECONDS,
    },
};
use ::entity::{ids::WorkspaceId, workspace};
use sea_orm::{EntityTrait, QuerySelect, QueryTrait, Statement, Value};
use std::collections::VecDeque;

pub use super::slices::{Progress, SLICE_ROWS};

/// Deletes the stored response of a refresh when it may no longer be repeated. A stolen refresh token would
/// decrypt it.
const CLEAR_ANSWER: &str = "UPDATE refresh_token SET answer_sealed = NULL, answer_until = NULL";

/// Grants without any code or token that could still be used. A dead grant cannot come back; what is left of
/// it is deleted with it.
const DEAD_GRANTS: Route = Route {
    table: r#""grant""#,
    is_due: "w.created_at < {value}
        AND NOT EXISTS (SELECT 1 FROM access_token t WHERE t.grant_id = w.id AND t.expires_at >= {value})
        AND (w.revoked_at < {value} OR NOT EXISTS (SELECT 1 FROM refresh_token r
              WHERE r.grant_id = w.id AND r.redeemed_at IS NULL AND r.idle_until > {value}))",
    changes: &[
        ("DELETE FROM access_token", "access_token x WHERE x.grant_id IN ({ids})"),
        ("DELETE FROM refresh_token", "refresh_token x WHERE x.grant_id IN ({ids})"),
        ("DELETE FROM authorization_code", "authorization_code x WHERE x.grant_id IN ({ids})"),
        (r#"DELETE FROM "grant""#, r#""grant" x WHERE x.id IN ({ids})"#),
    ],
};

/// Expired sessions. What one gave is revoked first, so that no grant depends on a row that is gone.
const EXPIRED_SESSIONS: Route = Route {
    table: "browser_session",
    is_due: "w.expires_at < {value}",
    changes: &[
        (
            r#"UPDATE "grant" SET revoked_at =
                (SELECT s.expires_at FROM browser_session s WHERE s.id = "grant".session_id)"#,
            r#""grant" x WHERE x.session_id IN ({ids}) AND x.revoked_at IS NULL AND x.ends_with_session = TRUE"#,
        ),
        ("DELETE FROM browser_session", "browser_session x WHERE x.id IN ({ids})"),
    ],
};

/// Answer counters that are far behind the newest counter of their device.
const OLD_COUNTERS: Route = Route {
    table: "authenticator",
    is_due: "EXISTS (SELECT 1 FROM answer_counter c WHERE c.authenticator_id = w.id AND c.ctr <=
        (SELECT MAX(n.ctr) FROM answer_counter n WHERE n.authenticator_id = w.id) - {value})",
    changes: &[(
        "DELETE FROM answer_counter",
        "authenticator w JOIN answer_counter x ON x.authenticator_id = w.id AND x.ctr <=
            (SELECT MAX(n.ctr) FROM answer_counter n WHERE n.authenticator_id = w.id) - {value}
          WHERE w.id IN ({ids})",
    )],
};

#[derive(Clone, Debug)]
enum Step {
    Slice(Slice),
    Walk(Walk),
}

/// One retention task: steps that run one after another.
#[derive(Clone, Debug)]
pub struct Task(VecDeque<Step>);

impl Task {
    /// Runs one slice. Steps with less than a full slice continue immediately, each in its own transaction.
    ///
    /// # Errors
    /// When the database does not answer; rows deleted before that stay deleted.
    pub async fn run(&mut self, storage: &Storage) -> Result<Progress, Fault> {
        while let Some(step) = self.0.front_mut() {
            let progress = match step {
                Step::Slice(slice) => slice.run(storage).await?,
                Step::Walk(walk) => walk.run(storage).await?,
            };
            if progress == Progress::MoreIsLeft {
                return Ok(Progress::MoreIsLeft);
            }
            self.0.pop_front();
        }
        Ok(Progress::Done)
    }
}

/// Every task of one run. Tasks are independent: alternate between them, so that a long one does not delay
/// the others.
#[derive(Clone, Debug)]
pub struct Tasks {
    /// Deletes challenges and their devices: mark overdue challenges expired first.
    pub challenges: Task,
    /// Deletes enrollments: mark overdue enrollments expired first.
    pub enrollments: Task,
    /// The other tables.
    pub others: Vec<Task>,
}

/// Returns the tasks of a run at `now`. Audit events older than `audit_before` are deleted; `None` keeps all
/// of them.
///
/// # Errors
/// When the database does not answer.
pub async fn tasks(
    storage: &Storage,
    now: Timestamp,
    audit_before: Option<Timestamp>,
) -> Result<Tasks, Fault> {
    let over = now.plus_seconds(-RETENTION_GRACE_SECONDS);
    let challenges_before = now.plus_seconds(-CHALLENGE_RETENTION_SECONDS);
    let mut others = vec![
        task([delete(
            "DELETE FROM journey",
            "journey x WHERE x.expires_at < $1 ORDER BY x.expires_at",
            over,
        )]),
        task([Step::Walk(Walk::new(EXPIRED_SESSIONS, over.0))]),
        // The condition on the state is spelled as in the partial index.
        task([delete(
            "DELETE FROM outbox",
            "outbox x WHERE x.state <> 'queued' AND x.expires_at < $1 ORDER BY x.expires_at",
            over,
        )]),
        task([delete(
            "DELETE FROM attempt_counter",
            "attempt_counter x WHERE x.last_at < $1 ORDER BY x.last_at",
            now.plus_seconds(-FAILURE_COUNT_RETENTION_SECONDS),
        )]),
        task([delete("DELETE FROM ticket", "ticket x WHERE x.expires_at < $1 ORDER BY x.expires_at", over)]),
        task([delete(
            "DELETE FROM known_browser",
            "known_browser x WHERE x.last_seen_at < $1 ORDER BY x.last_seen_at",
            now.plus_seconds(-KNOWN_BROWSER_SECONDS),
        )]),
        task([Step::Walk(Walk::new(OLD_COUNTERS, KEPT_ANSWER_COUNTERS))]),
        revoked_devices(now),
    ];
    others.extend(tokens(now, over));
    if let Some(before) = audit_before {
        let workspaces = workspace::Entity::find().select_only().column(workspace::Column::Id);
        let workspaces: Vec<WorkspaceId> = workspaces.into_tuple().all(storage.connection()).await?;
        others.extend(workspaces.into_iter().map(|workspace| audit_events(workspace, before)));
    }
    let challenges = task([
        delete(
            "DELETE FROM challenge_device",
            "challenge c JOIN challenge_device x ON x.challenge_id = c.id
              WHERE c.created_at < $1 ORDER BY c.created_at",
            challenges_before,
        ),
        delete(
            "DELETE FROM challenge",
            "challenge x WHERE x.created_at < $1 ORDER BY x.created_at",
            challenges_before,
        ),
    ]);
    let enrollments = task([delete(
        "DELETE FROM enrollment",
        "enrollment x WHERE x.expires_at < $1 ORDER BY x.expires_at",
        challenges_before,
    )]);
    Ok(Tasks { challenges, enrollments, others })
}

fn tokens(now: Timestamp, over: Timestamp) -> [Task; 4] {
    let refreshed = "refresh_token x WHERE x.answer_until <= $1 ORDER BY x.answer_until";
    let expired = "access_token x WHERE x.expires_at < $1 ORDER BY x.expires_at";
    let codes = "authorization_code x WHERE x.expires_at < $1 ORDER BY x.expires_at";
    [
        task([delete(CLEAR_ANSWER, refreshed, now)]),
        task([delete("DELETE FROM access_token", expired, over)]),
        task([delete(
            "DELETE FROM authorization_code",
            codes,
            now.plus_seconds(-AUTHORIZATION_CODE_RETENTION_SECONDS),
        )]),
        task([Step::Walk(Walk::new(DEAD_GRANTS, over.0))]),
    ]
}

fn revoked_devices(now: Timestamp) -> Task {
    let before = now.plus_seconds(-REVOKED_DEVICE_RETENTION_SECONDS);
    let counters = "authenticator a JOIN answer_counter x ON x.authenticator_id = a.id
        WHERE a.ended_at < $1 ORDER BY a.ended_at";
    let challenges = "authenticator a JOIN challenge_device x ON x.authenticator_id = a.id
        WHERE a.ended_at < $1 ORDER BY a.ended_at";
    let devices = "authenticator x WHERE x.ended_at < $1 ORDER BY x.ended_at";
    task([
        delete("DELETE FROM answer_counter", counters, before),
        delete("DELETE FROM challenge_device", challenges, before),
        delete("DELETE FROM authenticator", devices, before),
    ])
}

/// Uses the index that serves the pages of the audit log: an index on the time alone would cost every event
/// an entry.
fn audit_events(workspace: WorkspaceId, before: Timestamp) -> Task {
    let rows = "audit_event x WHERE x.workspace_id = $1 AND x.at < $2 ORDER BY x.at";
    let values: Vec<Value> = vec![workspace.into(), before.into()];
    task([Step::Slice(Slice::new("DELETE FROM audit_event", rows, values))])
}

fn delete(change: &'static str, rows: &'static str, before: Timestamp) -> Step {
    Step::Slice(Slice::new(change, rows, vec![before.into()]))
}

fn task<const N: usize>(steps: [Step; N]) -> Task {
    Task(steps.into())
}

/// Returns every statement of a run at `now`, including the queries of overdue rows: a test asks the database
/// for their query plans.
///
/// # Errors
/// When the database does not answer.
pub async fn statements(storage: &Storage, now: Timestamp) -> Result<Vec<Statement>, Fault> {
    let backend = storage.backend();
    let Tasks { challenges, enrollments, others } = tasks(storage, now, Some(now)).await?;
    let steps = others.into_iter().chain([challenges, enrollments]).flat_map(|task| task.0);
    let mut statements: Vec<Statement> = steps
        .flat_map(|step| match step {
            Step::Slice(slice) => vec![slice.statement(backend)],
            Step::Walk(walk) => walk.statements(backend),
        })
        .collect();
    statements.push(challenges::overdue(now, 1).build(backend));
    statements.push(enrollments::overdue(now, 1).build(backend));
    Ok(statements)
}
