//! `countersign person show`.

use super::open::open;
use crate::{
    actions::{
        ActionError,
        devices::Authenticator,
        people::{self, PersonRecord, PersonView},
    },
    cli::WhichPerson,
    clock::Timestamp,
    directory::Pool,
    operator::{CommandError, print_result, times::shown},
};
use serde_json::{Value, json};

/// Shows a person: state, devices, sessions, lockouts.
///
/// # Errors
/// When there is no such person, or the database cannot be used.
pub(super) async fn show(which: WhichPerson) -> Result<(), CommandError> {
    let (within, person) = open(&which).await?;
    let (app, context) = (&within.opened.app, &within.opened.context);
    let view = people::view(app, &context.tenant, person.id, context.now).await?;
    let view = view.ok_or(ActionError::NotFound)?;
    print_result(&match which.place.json {
        true => whole_json(&view, &within.pool).to_string(),
        false => text(&view, &within.pool, context.now),
    });
    Ok(())
}

/// Writes a person as JSON.
pub(super) fn json_of(record: &PersonRecord, pool: &Pool) -> Value {
    let (person, time) = (&record.person, |at: Option<Timestamp>| at.map(shown));
    json!({
        "sub": person.id,
        "username": person.username,
        "pool": pool.slug,
        "name": person.claims.name,
        "email": person.claims.email,
        "state": if person.is_disabled { "disabled" } else { "active" },
        "created_at": shown(record.created_at),
        "disabled_at": time(record.disabled_at),
        "password_set_at": time(record.password_set_at),
        "password_must_change_at": time(record.password_must_change_at),
        "needs_ticket_since": time(record.needs_ticket_since),
        "push_muted_until": time(person.push_muted_until),
    })
}

fn whole_json(view: &PersonView, pool: &Pool) -> Value {
    let device = |device: &Authenticator| {
        json!({
            "id": device.id(),
            "kind": device.kind().as_str(),
            "name": device.name(),
            "state": device.state().as_str(),
            "created_at": shown(device.created_at()),
        })
    };
    let lock = |(kind, until): &(String, Timestamp)| json!({ "kind": kind, "until": shown(*until) });
    let mut result = json_of(&view.record, pool);
    if let Some(members) = result.as_object_mut() {
        members.insert("devices".to_owned(), view.devices.iter().map(device).collect());
        members.insert("sessions".to_owned(), view.sessions.into());
        members.insert("locks".to_owned(), view.locks.iter().map(lock).collect());
    }
    result
}

fn text(view: &PersonView, pool: &Pool, now: Timestamp) -> String {
    let (record, person) = (&view.record, &view.record.person);
    let state = match record.disabled_at {
        Some(at) => format!("disabled since {}", shown(at)),
        None => "active".to_owned(),
    };
    let mut lines = vec![
        format!("Username   {}", person.username),
        format!("Pool       {}", pool.slug),
        format!("Subject    {}", person.id),
        format!("State      {state}"),
        format!("Added      {}", shown(record.created_at)),
    ];
    let mut add = |label: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("{label:<11}{value}")));
    };
    add("Name", person.claims.name.clone());
    add("Email", person.claims.email.clone());
    let password = match (record.password_set_at, record.password_must_change_at) {
        (None, _) => "none".to_owned(),
        (Some(at), None) => format!("set {}", shown(at)),
        (Some(at), Some(_)) => format!("set {}; must be changed at the next sign-in", shown(at)),
    };
    add("Password", Some(password));
    add("Sessions", Some(view.sessions.to_string()));
    for device in &view.devices {
        let (id, kind) = (device.id(), device.kind().as_str());
        add("Device", Some(format!("{id}  {kind}  {}  {}", device.state().as_str(), device.name())));
    }
    for (kind, until) in &view.locks {
        add("Locked", Some(format!("{kind} until {}", shown(*until))));
    }
    add(
        "Muted",
        person.push_muted_until.filter(|until| *until > now).map(|at| format!("until {}", shown(at))),
    );
    add(
        "Ticket",
        record.needs_ticket_since.map(|at| format!("needed for the next phone, since {}", shown(at))),
    );
    lines.join("\n")
}
