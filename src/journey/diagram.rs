//! Draws `journey.mermaid` from the code by walking all paths of a few sign-ins, and compares it with the
//! file.

use super::samples::{Enrolled, Journey, advance, device_added, identified, password_changed};
use super::{Authenticators, Consent, Demand, Event, LiveSession, Prompts, Step};
use crate::clock::Timestamp;
use crate::directory::FactorKind::{Password, Push, Totp};
use crate::directory::PoolPolicy;
use crate::factors::Proof;
use crate::protocol::acr::AcrRequest;
use std::collections::BTreeSet;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

fn alice(has_phone: bool, consent: Consent) -> Enrolled {
    let kinds = if has_phone { vec![Password, Push, Totp] } else { vec![Password] };
    Enrolled {
        person: "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().ok(),
        policy: PoolPolicy::default(),
        kinds,
        may_enroll: !has_phone,
        consent,
        must_change_password: false,
        authenticators: Authenticators::default(),
        client_acr: AcrRequest::Any,
    }
}

/// Alice, whose password must be changed.
fn exposed(has_phone: bool) -> Enrolled {
    Enrolled { must_change_password: true, ..alice(has_phone, Consent::Needed) }
}

fn starts() -> Vec<Journey> {
    let mut starts = Vec::new();
    for select_account in [false, true] {
        for proved in [None, Some(&[Password][..]), Some(&[Password, Push][..])] {
            for (has_phone, consent) in
                [(true, Consent::Given), (true, Consent::Needed), (false, Consent::Needed)]
            {
                let enrolled = alice(has_phone, consent);
                let person = enrolled.person.unwrap();
                let session = |kinds: &[_]| LiveSession {
                    id: "ses_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap(),
                    person,
                    proofs: kinds.iter().map(|kind| Proof::sample(person, *kind, NOW)).collect(),
                    auth_time: NOW,
                };
                let live = proved.map(|kinds| (session(kinds), enrolled));
                let prompts = Prompts { select_account, ..Prompts::default() };
                starts.push(Journey::begin(Demand { prompts, ..Demand::default() }, live, NOW));
            }
        }
    }
    starts.push(Journey::begin(Demand::default(), None, NOW).at_client("gold"));
    starts
}

fn events() -> Vec<(&'static str, Event)> {
    let proved = |kind| {
        ("Proved", Event::Proved(Proof::sample(alice(true, Consent::Given).person.unwrap(), kind, NOW)))
    };
    vec![
        ("Identified", identified(alice(true, Consent::Given))),
        ("Identified", identified(alice(true, Consent::Needed))),
        ("Identified", identified(alice(false, Consent::Needed))),
        ("Identified", identified(Enrolled::nobody(PoolPolicy::default()))),
        ("Identified", identified(exposed(true))),
        ("Identified", identified(exposed(false))),
        ("PasswordChanged", password_changed(alice(true, Consent::Given))),
        ("PasswordChanged", password_changed(alice(true, Consent::Needed))),
        ("PasswordChanged", password_changed(alice(false, Consent::Needed))),
        ("DeviceAdded", device_added(alice(true, Consent::Given))),
        ("DeviceAdded", device_added(alice(true, Consent::Needed))),
        proved(Password),
        proved(Push),
        proved(Totp),
        ("Denied", Event::Denied(Push)),
        ("Consented", Event::Consented),
        ("GaveUp", Event::GaveUp),
    ]
}

fn draw() -> String {
    let mut lines = BTreeSet::new();
    let mut open = starts();
    let mut seen = Vec::new();
    for start in &open {
        lines.insert(format!("    [*] --> {}", start.step(NOW).name()));
    }
    while let Some(journey) = open.pop() {
        if seen.contains(&journey) {
            continue;
        }
        let before = journey.step(NOW);
        for (name, event) in events() {
            let (next, step, _) = advance(journey.clone(), event, NOW);
            if step != before {
                lines.insert(format!("    {} --> {}: {name}", before.name(), step.name()));
            }
            open.push(next);
        }
        if matches!(before, Step::Satisfied(_) | Step::Refused(_)) {
            lines.insert(format!("    {} --> [*]", before.name()));
        }
        seen.push(journey);
    }
    let lines: Vec<_> = lines.into_iter().collect();
    format!(
        "%% Drawn from the code by src/journey/diagram.rs. Any step becomes Refused when its time is over;\n\
         %% Arrived changes nothing.\nstateDiagram-v2\n{}\n",
        lines.join("\n")
    )
}

#[test]
fn the_diagram_matches_the_code() {
    let drawn = draw();
    assert_eq!(drawn, include_str!("journey.mermaid"), "replace src/journey/journey.mermaid by:\n{drawn}");
}
