//! The audit log: each event is written in the transaction of the change that it records.

use super::{
    Executor, Fault, Transaction, authenticators::Authenticator, challenges::Challenge,
    enrollments::Enrollment, grants::Grant, insert::insert, sessions::BrowserSession,
};
use crate::{
    audit::{AuditContext, AuditEvent, AuditTarget, Changes, Target, about},
    clock::Timestamp,
};
use ::entity::{
    audit_event::{Column, Entity, Model},
    ids::{AuditEventId, ClientKey, PersonId, WorkspaceId},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, Statement, sea_query::Expr,
};

pub use ::entity::audit_event::Model as AuditRow;

/// Writes one audit event.
///
/// # Errors
/// When the database does not answer; then the recorded change must not happen either.
pub async fn record(
    tx: &Transaction,
    id: AuditEventId,
    context: &AuditContext<'_>,
    event: &AuditEvent,
    about: &AuditTarget,
) -> Result<(), Fault> {
    let (detail, target) = (event.detail(), about.target());
    let row = Model {
        id,
        workspace_id: about.workspace().unwrap_or(context.workspace),
        at: context.at,
        code: event.code().to_owned(),
        person_id: about.person_id(),
        client_key: about.client_key(),
        authenticator_id: about.device_id(),
        journey_id: about.journey_id(),
        address: context.address.map(|address| address.to_string()),
        agent: context.agent.map(str::to_owned),
        request_id: context.request_id.map(str::to_owned),
        reason: detail.get("reason").and_then(|reason| reason.as_str()).map(str::to_owned),
        detail,
        actor_kind: Some(context.actor.kind().to_owned()),
        actor_id: context.actor.id(),
        via: Some(context.via.as_str().to_owned()),
        target_kind: target.map(|target| target.kind().to_owned()),
        target_id: target.map(Target::id),
        result: Some(event.result().as_str().to_owned()),
        changes: event.changes().map(Changes::to_value),
    };
    insert(tx, row).await
}

/// Describes an event about a device.
pub fn about_device(device: &Authenticator) -> AuditTarget {
    about(device.id()).of_workspace(device.workspace_id()).person(device.person_id())
}

/// Describes an event about a challenge, and the device that has answered it.
pub fn about_challenge(challenge: &Challenge) -> AuditTarget {
    about(challenge.id())
        .of_workspace(challenge.workspace_id())
        .person(challenge.person_id())
        .device(challenge.answered_by())
        .journey(challenge.journey_id())
}

/// Describes an event about an enrollment, and the device that has completed it.
pub fn about_enrollment(enrollment: &Enrollment) -> AuditTarget {
    about(enrollment.id())
        .of_workspace(enrollment.workspace_id())
        .person(enrollment.person_id())
        .device(enrollment.authenticator_id())
        .journey(enrollment.journey_id())
}

/// Describes an event about a grant.
pub fn about_grant(grant: &Grant) -> AuditTarget {
    about(grant.id).of_workspace(grant.workspace_id).person(grant.person_id).client(grant.client_key)
}

/// Describes an event about a browser's session.
pub fn about_session(session: &BrowserSession) -> AuditTarget {
    about(session.id).of_workspace(session.workspace_id).person(session.person_id)
}

/// Lists a person's audit events, newest first, at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn list_of_person(
    db: &impl Executor,
    workspace: WorkspaceId,
    person: PersonId,
    limit: u64,
) -> Result<Vec<AuditRow>, Fault> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(workspace).and(Column::PersonId.eq(person)))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db.connection())
        .await?)
}

/// Selects audit events.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Those about this person.
    pub person: Option<PersonId>,
    /// Those about this client.
    pub client: Option<ClientKey>,
    /// Those with this code.
    pub code: Option<String>,
    /// Those at or after this time.
    pub since: Option<Timestamp>,
    /// Those before this time.
    pub until: Option<Timestamp>,
}

/// The order of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditOrder {
    /// Newest first.
    NewestFirst,
    /// Oldest first.
    OldestFirst,
}

/// Lists a page of the workspace's events beyond the event `after`, at most `limit`. The order is that of the times,
/// and within one time that of the ids; the index of the times serves it, and for one person an index of theirs.
///
/// # Errors
/// When the database does not answer.
pub async fn list_page(
    db: &impl Executor,
    workspace: WorkspaceId,
    filter: &AuditFilter,
    order: AuditOrder,
    page: (Option<(Timestamp, AuditEventId)>, u64),
) -> Result<Vec<AuditRow>, Fault> {
    Ok(select_page(workspace, filter, order, page).all(db.connection()).await?)
}

/// Returns the statement of [`list_page`], for a look at its plan.
pub fn page_statement(
    db: &impl Executor,
    workspace: WorkspaceId,
    filter: &AuditFilter,
    order: AuditOrder,
    page: (Option<(Timestamp, AuditEventId)>, u64),
) -> Statement {
    select_page(workspace, filter, order, page).build(db.connection().get_database_backend())
}

fn select_page(
    workspace: WorkspaceId,
    filter: &AuditFilter,
    order: AuditOrder,
    (after, limit): (Option<(Timestamp, AuditEventId)>, u64),
) -> Select<Entity> {
    let is_newest_first = order == AuditOrder::NewestFirst;
    let key = Expr::tuple([Expr::col(Column::At), Expr::col(Column::Id)]);
    let beyond = after.map(|(at, id)| {
        let last = Expr::tuple([Expr::value(at), Expr::value(id)]);
        if is_newest_first { key.lt(last) } else { key.gt(last) }
    });
    let condition = Condition::all()
        .add(Column::WorkspaceId.eq(workspace))
        .add_option(beyond)
        .add_option(filter.person.map(|id| Column::PersonId.eq(id)))
        .add_option(filter.client.map(|key| Column::ClientKey.eq(key)))
        .add_option(filter.code.as_ref().map(|code| Column::Code.eq(code)))
        .add_option(filter.since.map(|since| Column::At.gte(since)))
        .add_option(filter.until.map(|until| Column::At.lt(until)));
    let page = Entity::find().filter(condition).limit(limit);
    match order {
        AuditOrder::NewestFirst => page.order_by_desc(Column::At).order_by_desc(Column::Id),
        AuditOrder::OldestFirst => page.order_by_asc(Column::At).order_by_asc(Column::Id),
    }
}

/// Finds the time of the workspace's event with this id.
///
/// # Errors
/// When the database does not answer.
pub async fn find_time(
    db: &impl Executor,
    workspace: WorkspaceId,
    id: AuditEventId,
) -> Result<Option<Timestamp>, Fault> {
    let found = Entity::find_by_id(id).filter(Column::WorkspaceId.eq(workspace));
    Ok(found.one(db.connection()).await?.map(|event| event.at))
}
