use super::*;
use crate::storage::{
    challenges::{self, Challenge},
    enrollments::{self, Enrollment},
    insert::insert,
    tests::seeded,
};
use ::entity::ids::{ChallengeId, EnrollmentId};
use sea_orm::{DbBackend, Iterable, QueryTrait, prelude::Uuid};
use std::fmt::Write;

/// The time in the printed statements, which change the rows of person 7.
const NOW: Timestamp = Timestamp(1000);

/// The statement on SQLite, and that on PostgreSQL if it is another.
fn sql<E: EntityTrait>(update: &UpdateMany<E>) -> String {
    let of = |backend| update.build(backend).to_string();
    let (sqlite, postgres) = (of(DbBackend::Sqlite), of(DbBackend::Postgres));
    if sqlite == postgres {
        format!("  {sqlite}\n")
    } else {
        format!("  SQLite: {sqlite}\n  PostgreSQL: {postgres}\n")
    }
}

/// Each transition: its name, the states before and after it, and its statement.
fn print<E: StateTable>(statement: impl Fn(E::Transition) -> UpdateMany<E>) -> String {
    let mut text = String::new();
    for transition in E::Transition::ALL {
        let (from, to) = (transition.from(), transition.to());
        let words = |states: &[StateOf<E>]| {
            states.iter().map(|state| format!("{state:?}")).collect::<Vec<_>>().join(" | ")
        };
        writeln!(text, "{transition:?}: {} => {}", words(from), words(&[to])).expect("a line");
        text.push_str(&sql(&statement(*transition)));
    }
    text
}

#[test]
fn the_state_of_a_challenge_changes_by_these_statements() {
    insta::assert_snapshot!(print::<challenge::Entity>(|change| {
        change_at(change, NOW).filter(challenge::Column::PersonId.eq(7))
    }));
}

#[test]
fn the_state_of_an_enrollment_changes_by_these_statements() {
    insta::assert_snapshot!(print::<enrollment::Entity>(|change| {
        change_at(change, NOW).filter(enrollment::Column::PersonId.eq(7))
    }));
}

#[test]
fn the_states_of_devices_transports_and_deliveries_change_by_these_statements() {
    let devices = print::<authenticator::Entity>(change);
    let (transports, deliveries) = (print::<transport::Entity>(change), print::<outbox::Entity>(change));
    insta::assert_snapshot!([devices, transports, deliveries].join("\n"));
}

/// The states that have a deadline are those that the expiry leaves.
fn assert_deadlines<E: Expiring>(states: impl Iterator<Item = StateOf<E>>) {
    for state in states {
        let groups = E::DEADLINES.iter().filter(|(states, _)| states.contains(&state)).count();
        assert_eq!(groups, usize::from(E::EXPIRE.from().contains(&state)), "{state:?}");
    }
}

#[test]
fn a_state_has_a_deadline_unless_it_is_final() {
    assert_deadlines::<challenge::Entity>(ChallengeState::iter());
    assert_deadlines::<enrollment::Entity>(EnrollmentState::iter());
}

/// Times around those of the rows.
const TIMES: [Timestamp; 6] =
    [Timestamp(950), Timestamp(999), Timestamp(1000), Timestamp(1999), Timestamp(2000), Timestamp(9000)];

#[tokio::test]
async fn the_database_says_of_the_same_challenges_as_the_program_that_they_have_expired() {
    let seeded = seeded().await;
    let tx = seeded.storage.begin().await.unwrap();
    let mut rows = Vec::new();
    for state in ChallengeState::iter() {
        for consume_by in [None, Some(Timestamp(2000))] {
            let id = ChallengeId(Uuid::from_u128(100 + rows.len() as u128));
            let row = challenges::sample(state, consume_by);
            let (workspace_id, person_id) = (seeded.workspace, seeded.person);
            let row = challenge::Model { id, workspace_id, person_id, ..row.0 };
            insert(&tx, row.clone()).await.unwrap();
            rows.push(Challenge(row));
        }
    }
    for now in TIMES {
        let mut overdue = challenges::list_overdue(&tx, now, 100).await.unwrap();
        overdue.sort();
        let has_expired = |row: &&Challenge| row.state_at(now) != row.stored_state();
        assert_eq!(
            overdue,
            rows.iter().filter(has_expired).map(|row| row.id()).collect::<Vec<_>>(),
            "{now:?}"
        );
    }
    let marked =
        challenges::expire(&tx, rows.iter().map(|row| row.id()).collect(), Timestamp(999)).await.unwrap();
    let [approval] = marked.try_into().expect("only the approval without a time");
    assert_eq!((approval.stored_state(), approval.consume_by()), (ChallengeState::Expired, None));
}

#[tokio::test]
async fn the_database_says_of_the_same_enrollments_as_the_program_that_they_have_expired() {
    let seeded = seeded().await;
    let tx = seeded.storage.begin().await.unwrap();
    let mut rows = Vec::new();
    for state in EnrollmentState::iter() {
        for confirm_by in [None, Some(Timestamp(2000))] {
            let id = EnrollmentId(Uuid::from_u128(100 + rows.len() as u128));
            let row = enrollments::sample(state, confirm_by);
            let (workspace_id, person_id) = (seeded.workspace, seeded.person);
            let row = enrollment::Model { id, workspace_id, person_id, ..row.0 };
            insert(&tx, row.clone()).await.unwrap();
            rows.push(Enrollment(row));
        }
    }
    for now in TIMES {
        let mut overdue = enrollments::list_overdue(&tx, now, 100).await.unwrap();
        overdue.sort();
        let has_expired = |row: &&Enrollment| row.state_at(now) != row.stored_state();
        assert_eq!(
            overdue,
            rows.iter().filter(has_expired).map(|row| row.id()).collect::<Vec<_>>(),
            "{now:?}"
        );
    }
}
