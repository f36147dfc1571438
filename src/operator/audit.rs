//! `countersign audit …`.

use super::{
    CommandError,
    lists::print_pages,
    opened::{Opened, usage},
    times::{parsed, shown},
};
use crate::{
    actions::{
        audit_log::{self, AuditFilter, AuditOrder, AuditRow},
        clients, people,
    },
    cli::{AuditCommand, AuditList, AuditSelection},
};
use ::entity::ids::{AuditEventId, ClientKey, PersonId};
use serde_json::{Value, json};
use std::pin::Pin;

/// Starts a command.
pub fn run(command: AuditCommand) -> Pin<Box<dyn Future<Output = Result<(), CommandError>>>> {
    match command {
        AuditCommand::List(options) => Box::pin(list(options)),
        AuditCommand::Export(selection) => Box::pin(export(selection)),
    }
}

/// Lists events, newest first.
async fn list(options: AuditList) -> Result<(), CommandError> {
    let (opened, filter) = open(&options.selection).await?;
    let first = match &options.after {
        Some(text) => Some(place_of(&opened, text).await?),
        None => None,
    };
    let read = async |last: Option<&AuditRow>, limit: u64| {
        let after = last.map(|last| (last.at, last.id)).or(first);
        let (tenant, order) = (&opened.context.tenant, AuditOrder::NewestFirst);
        Ok(audit_log::list_page(&opened.app, tenant, &filter, order, (after, limit)).await?)
    };
    print_pages(Some(options.limit), read, |event| match options.json {
        true => json_of(event).to_string(),
        false => line(event),
    })
    .await
}

/// Prints all selected events, oldest first.
async fn export(selection: AuditSelection) -> Result<(), CommandError> {
    let (opened, filter) = open(&selection).await?;
    let read = async |last: Option<&AuditRow>, limit: u64| {
        let after = last.map(|last| (last.at, last.id));
        let (tenant, order) = (&opened.context.tenant, AuditOrder::OldestFirst);
        Ok(audit_log::list_page(&opened.app, tenant, &filter, order, (after, limit)).await?)
    };
    print_pages(None, read, |event| json_of(event).to_string()).await
}

/// Opens the database, and reads which events the options select.
async fn open(selection: &AuditSelection) -> Result<(Opened, AuditFilter), CommandError> {
    let time = |option, text: &Option<String>| text.as_deref().map(|text| parsed(option, text)).transpose();
    let (since, until) = (time("--since", &selection.since)?, time("--until", &selection.until)?);
    let opened = Opened::open(&selection.common, &selection.workspace).await?;
    let person = match &selection.person {
        Some(name) => Some(person_of(&opened, &selection.pool, name).await?),
        None => None,
    };
    let client = match &selection.client {
        Some(name) => Some(client_of(&opened, name).await?),
        None => None,
    };
    let filter = AuditFilter { person, client, code: selection.code.clone(), since, until };
    Ok((opened, filter))
}

/// Finds a person by name, or takes an id: a deleted person has events, too.
async fn person_of(opened: &Opened, pool: &str, name: &str) -> Result<PersonId, CommandError> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let pool = opened.pool(pool).await?;
    let found = people::find_by_username(&opened.app, &pool, name).await?;
    found.map(|person| person.id).ok_or_else(|| {
        let sentence = format!("--person: the pool {} has no person named {name}", pool.slug);
        CommandError::new(format!("{sentence}; a deleted person is named by an id, per_…"))
    })
}

async fn client_of(opened: &Opened, name: &str) -> Result<ClientKey, CommandError> {
    if let Ok(key) = name.parse() {
        return Ok(key);
    }
    let found = clients::find(&opened.app, &opened.context.tenant, name).await?;
    found.map(|client| client.key).ok_or_else(|| {
        CommandError::new(format!("--client: there is no application with the client id {name}"))
    })
}

async fn place_of(
    opened: &Opened,
    text: &str,
) -> Result<(crate::clock::Timestamp, AuditEventId), CommandError> {
    let id: AuditEventId = text.parse().map_err(|error| usage(format!("--after: {error}")))?;
    let at = audit_log::find_time(&opened.app, &opened.context.tenant, id).await?;
    let at = at.ok_or_else(|| CommandError::new(format!("--after: there is no event {id}")))?;
    Ok((at, id))
}

fn line(event: &AuditRow) -> String {
    let actor = event.actor_kind.as_deref().unwrap_or("-");
    let target = event.target_id.as_deref().unwrap_or("-");
    let detail = if event.detail.as_object().is_some_and(|detail| !detail.is_empty()) {
        event.detail.to_string()
    } else {
        String::new()
    };
    let line =
        format!("{}  {:<28}  {actor:<9}  {target}  {}  {detail}", shown(event.at), event.code, event.id);
    line.trim_end().to_owned()
}

fn json_of(event: &AuditRow) -> Value {
    json!({
        "id": event.id,
        "at": shown(event.at),
        "code": event.code,
        "result": event.result,
        "reason": event.reason,
        "actor": { "kind": event.actor_kind, "id": event.actor_id },
        "via": event.via,
        "target": { "kind": event.target_kind, "id": event.target_id },
        "person": event.person_id,
        "client": event.client_key,
        "device": event.authenticator_id,
        "sign_in": event.journey_id,
        "address": event.address,
        "agent": event.agent,
        "request_id": event.request_id,
        "detail": event.detail,
        "changes": event.changes,
    })
}
