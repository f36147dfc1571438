//! `countersign keys …`.

use super::{
    CommandError, confirmation::confirm, opened::Opened, opened::usage, print_part, print_result,
    times::shown,
};
use crate::{
    actions::keys::{self, Key, Purpose, State},
    cli::{KeysCommand, KeysList, KeysRetire, KeysRotate, PurposeOption},
};
use serde_json::{Value, json};
use std::pin::Pin;

/// Starts a command.
pub fn run(command: KeysCommand) -> Pin<Box<dyn Future<Output = Result<(), CommandError>>>> {
    match command {
        KeysCommand::List(options) => Box::pin(list(options)),
        KeysCommand::Rotate(options) => Box::pin(rotate(options)),
        KeysCommand::Retire(options) => Box::pin(retire(options)),
    }
}

async fn list(options: KeysList) -> Result<(), CommandError> {
    let opened = Opened::open(&options.common, &options.workspace).await?;
    for key in keys::list(&opened.app, &opened.context).await? {
        let line = if options.json { json_of(&key).to_string() } else { line_of(&key) };
        if !print_part(&format!("{line}\n")) {
            break;
        }
    }
    Ok(())
}

async fn rotate(options: KeysRotate) -> Result<(), CommandError> {
    let purposes = match (options.purpose, options.alg) {
        (Some(PurposeOption::IdToken), _) => vec![Purpose::IdToken],
        (Some(PurposeOption::Push), _) => vec![Purpose::Push],
        (None, None) => Purpose::ALL.to_vec(),
        (None, Some(_)) => return Err(usage("--alg: say --purpose, too: id-token or push")),
    };
    let opened = Opened::open(&options.list.common, &options.list.workspace).await?;
    let mut made = Vec::new();
    for purpose in purposes {
        made.extend(keys::rotate(&opened.app, &opened.context, purpose, options.alg).await?);
    }
    print_result(&if options.list.json {
        json!({ "keys": made.iter().map(json_of).collect::<Vec<_>>() }).to_string()
    } else {
        made.iter().map(line_of).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

async fn retire(options: KeysRetire) -> Result<(), CommandError> {
    let opened = Opened::open(&options.list.common, &options.list.workspace).await?;
    confirm(&format!("Delete the key {} for good?", options.kid), options.yes)?;
    let (key, lost) = keys::retire(&opened.app, &opened.context, &options.kid, options.force).await?;
    print_result(&if options.list.json {
        let mut result = json_of(&key);
        if let Some(members) = result.as_object_mut() {
            members.insert("state".to_owned(), "retired".into());
            members.insert("lost_subscriptions".to_owned(), lost.into());
        }
        result.to_string()
    } else {
        let phones = match lost {
            0 => String::new(),
            1 => " One phone gets no push until it is opened.".to_owned(),
            number => format!(" {number} phones get no push until they are opened."),
        };
        format!("The {} key {} is retired.{phones}", key.purpose.as_str(), key.kid)
    });
    Ok(())
}

fn line_of(key: &Key) -> String {
    let note = match key.state {
        State::Next(at) => format!("signs from {}", shown(at)),
        State::Active => String::new(),
        State::Replaced(until) => format!("needed until {}", shown(until)),
        State::Subscribed(devices) => format!("used by {devices} devices"),
    };
    let (purpose, state) = (key.purpose.as_str(), key.state.as_str());
    let line = format!(
        "{}  {purpose:<8}  {:<5}  {}  {state:<9}  {note}",
        key.kid,
        key.algorithm,
        shown(key.created_at)
    );
    line.trim_end().to_owned()
}

fn json_of(key: &Key) -> Value {
    let mut value = json!({
        "kid": key.kid,
        "purpose": key.purpose.as_str(),
        "algorithm": key.algorithm,
        "since": shown(key.created_at),
        "state": key.state.as_str(),
    });
    if let Some(members) = value.as_object_mut() {
        match key.state {
            State::Next(at) => members.insert("signs_from".to_owned(), shown(at).into()),
            State::Replaced(until) => members.insert("needed_until".to_owned(), shown(until).into()),
            State::Subscribed(devices) => members.insert("devices".to_owned(), devices.into()),
            State::Active => None,
        };
    }
    value
}
