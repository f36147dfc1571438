//! The audit log as tests read it: the details of one kind of event, or all events as lines for a snapshot.

use ::entity::{
    audit_event, authenticator, client,
    enums::AuthenticatorKind,
    ids::{AuditEventId, AuthenticatorId, JourneyId, PersonId},
    person,
};
use countersign::{app::App, clock::Timestamp, directory::BuiltInClient, storage::Executor};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The details of a person's events with this code, the oldest first.
pub async fn details_of(app: &App, person: PersonId, code: &str) -> Vec<Value> {
    let is_it = |event: &audit_event::Model| event.person_id == Some(person) && event.code == code;
    events(app).await.into_iter().filter(is_it).map(|event| event.detail).collect()
}

/// A reader of the log that shows each event once.
///
/// It writes `code subjects details`, one event a line. The subjects are the username, the `client_id`, the
/// device and the sign-in; the last two are numbered by their first event. Instants are shown as seconds
/// after the event. A line `… N seconds later` stands between events of different instants; the order within one
/// instant is that of the alphabet, because the log does not keep another.
#[derive(Default)]
pub struct AuditLog {
    seen: BTreeSet<AuditEventId>,
    devices: BTreeMap<AuthenticatorId, String>,
    sign_ins: BTreeMap<JourneyId, String>,
}

impl AuditLog {
    /// A reader that shows only events from now on.
    pub async fn from_now(app: &App) -> Self {
        let mut log = Self::default();
        log.news(app).await;
        log
    }

    /// The events since the last call.
    pub async fn news(&mut self, app: &App) -> String {
        let names = Names::of(app).await;
        let mut fresh: Vec<_> =
            events(app).await.into_iter().filter(|event| !self.seen.contains(&event.id)).collect();
        self.seen.extend(fresh.iter().map(|event| event.id));
        fresh.sort_by_key(|event| {
            let line = names.line(event);
            (event.at, line, event.authenticator_id, event.journey_id)
        });
        let (mut lines, mut last) = (Vec::new(), None);
        for event in &fresh {
            let since = last.map_or(0, |last| event.at.seconds_since(last));
            if since > 0 {
                lines.push(format!("… {since} {} later", if since == 1 { "second" } else { "seconds" }));
            }
            last = Some(event.at);
            let [code, subjects, detail] = names.line(event);
            let parts = [code, subjects, self.device(event, &names), self.sign_in(event), detail];
            lines.push(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "));
        }
        lines.join("\n")
    }

    fn device(&mut self, event: &audit_event::Model, names: &Names) -> String {
        let Some(id) = event.authenticator_id else { return String::new() };
        let number = self.devices.len() + 1;
        let kind = match names.devices.get(&id) {
            Some(AuthenticatorKind::Push) => "phone",
            Some(AuthenticatorKind::Totp) => "generator",
            None => "device",
        };
        self.devices.entry(id).or_insert_with(|| format!("{kind}#{number}")).clone()
    }

    fn sign_in(&mut self, event: &audit_event::Model) -> String {
        let Some(id) = event.journey_id else { return String::new() };
        let number = self.sign_ins.len() + 1;
        self.sign_ins.entry(id).or_insert_with(|| format!("sign-in#{number}")).clone()
    }
}

/// The names behind the ids of an event.
struct Names {
    people: BTreeMap<PersonId, String>,
    clients: BTreeMap<::entity::ids::ClientKey, String>,
    devices: BTreeMap<AuthenticatorId, AuthenticatorKind>,
}

/// The clients that have no row.
fn built_in() -> [(::entity::ids::ClientKey, String); 1] {
    [BuiltInClient::Account].map(|client| (client.key(), client.client_id().to_owned()))
}

impl Names {
    async fn of(app: &App) -> Self {
        let db = app.storage.connection();
        let people = person::Entity::find().all(db).await.expect("people");
        let clients = client::Entity::find().all(db).await.expect("clients");
        let devices = authenticator::Entity::find().all(db).await.expect("devices");
        Self {
            people: people.into_iter().map(|row| (row.id, row.username)).collect(),
            clients: clients.into_iter().map(|row| (row.id, row.client_id)).chain(built_in()).collect(),
            devices: devices.into_iter().map(|row| (row.id, row.kind)).collect(),
        }
    }

    /// Code, person and client, and details.
    fn line(&self, event: &audit_event::Model) -> [String; 3] {
        let person = event.person_id.map(|id| self.people.get(&id).map_or("deleted person", String::as_str));
        let client =
            event.client_key.map(|id| self.clients.get(&id).map_or("deleted client", String::as_str));
        let subjects: Vec<&str> = person.into_iter().chain(client).collect();
        [event.code.clone(), subjects.join(" "), details(event)]
    }
}

/// The details as JSON, with instants as seconds after the event; empty without details.
fn details(event: &audit_event::Model) -> String {
    let members = event.detail.as_object().expect("details are an object").iter();
    let shown: Map<String, Value> =
        members.map(|(name, value)| (name.clone(), shown(name, value, event.at))).collect();
    if shown.is_empty() { String::new() } else { Value::Object(shown).to_string() }
}

fn shown(name: &str, value: &Value, at: Timestamp) -> Value {
    match (name, value.as_i64()) {
        ("until" | "at", Some(instant)) => format!("{:+} s", instant - at.unix_seconds()).into(),
        _ => value.clone(),
    }
}

/// All events, in the order of their ids, which begin with the time.
async fn events(app: &App) -> Vec<audit_event::Model> {
    let found = audit_event::Entity::find().order_by_asc(audit_event::Column::Id);
    found.all(app.storage.connection()).await.expect("the audit log")
}
