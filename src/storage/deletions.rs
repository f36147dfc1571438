//! Deletes everything that belongs to one person or one client, slice by slice: a single DELETE of the parent would
//! delete all its children in one transaction (`ON DELETE CASCADE`), and every other write would wait.
//!
//! Audit events stay. Never deletes the parent itself, which the caller does last.
//! Spec: none. Called by: `actions`.

use super::{
    Executor, Fault, Storage,
    slices::{Progress, Slice},
};
use ::entity::{
    grant::{Column, Entity},
    ids::{ClientKey, GrantId, PersonId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value};
use std::collections::VecDeque;

/// Grants whose tokens are deleted before the next ones are looked for.
const GRANTS_AT_ONCE: u64 = 100;

/// The rows of some grants, children before their parents: the change, and the rows under the alias `x`. `{ids}` stands
/// for the grants.
const OF_GRANTS: [(&str, &str); 4] = [
    ("DELETE FROM access_token", "access_token x WHERE x.grant_id IN ({ids})"),
    ("DELETE FROM refresh_token", "refresh_token x WHERE x.grant_id IN ({ids})"),
    ("DELETE FROM authorization_code", "authorization_code x WHERE x.grant_id IN ({ids})"),
    (r#"DELETE FROM "grant""#, r#""grant" x WHERE x.id IN ({ids})"#),
];

/// The other rows of a person.
const OF_PERSON: [(&str, &str); 12] = [
    (
        "DELETE FROM challenge_device",
        "challenge c JOIN challenge_device x ON x.challenge_id = c.id WHERE c.person_id = $1",
    ),
    ("DELETE FROM challenge", "challenge x WHERE x.person_id = $1"),
    ("DELETE FROM enrollment", "enrollment x WHERE x.person_id = $1"),
    (
        "DELETE FROM answer_counter",
        "authenticator a JOIN answer_counter x ON x.authenticator_id = a.id WHERE a.person_id = $1",
    ),
    (
        "DELETE FROM challenge_device",
        "authenticator a JOIN challenge_device x ON x.authenticator_id = a.id WHERE a.person_id = $1",
    ),
    (
        "DELETE FROM transport",
        "authenticator a JOIN transport x ON x.authenticator_id = a.id WHERE a.person_id = $1",
    ),
    ("DELETE FROM authenticator", "authenticator x WHERE x.person_id = $1"),
    ("DELETE FROM journey", "journey x WHERE x.person_id = $1"),
    ("DELETE FROM browser_session", "browser_session x WHERE x.person_id = $1"),
    ("DELETE FROM consent", "consent x WHERE x.person_id = $1"),
    ("DELETE FROM ticket", "ticket x WHERE x.person_id = $1"),
    // Letters. The condition is spelled as in the partial index.
    ("DELETE FROM outbox", "outbox x WHERE x.person_id = $1 AND x.person_id IS NOT NULL"),
];

/// The other rows of a client.
const OF_CLIENT: [(&str, &str); 1] = [("DELETE FROM consent", "consent x WHERE x.client_key = $1")];

#[derive(Clone, Copy, Debug)]
enum Owner {
    Person(PersonId),
    Client(ClientKey),
}

/// A deletion in progress.
#[derive(Clone, Debug)]
pub struct Deletion {
    owner: Owner,
    has_grants: bool,
    slices: VecDeque<Slice>,
}

impl Deletion {
    /// Deletes everything of a person but the person.
    pub fn of_person(id: PersonId) -> Self {
        Self { owner: Owner::Person(id), has_grants: true, slices: VecDeque::new() }
    }

    /// Deletes everything of a client but the client and the list of its pools.
    pub fn of_client(key: ClientKey) -> Self {
        Self { owner: Owner::Client(key), has_grants: true, slices: VecDeque::new() }
    }

    /// Deletes at most one full slice. Kinds of rows with less continue immediately, each in its own transaction.
    ///
    /// # Errors
    /// When the database does not answer; rows deleted before that stay deleted.
    pub async fn run(&mut self, storage: &Storage) -> Result<Progress, Fault> {
        while let Some(slice) = self.slices.front() {
            if slice.run(storage).await? == Progress::MoreIsLeft {
                return Ok(Progress::MoreIsLeft);
            }
            self.slices.pop_front();
        }
        if !self.has_grants {
            return Ok(Progress::Done);
        }
        let grants = self.next_grants(storage).await?;
        self.has_grants = !grants.is_empty();
        self.slices = if self.has_grants { of_grants(&grants) } else { self.others() };
        Ok(Progress::MoreIsLeft)
    }

    async fn next_grants(&self, storage: &Storage) -> Result<Vec<GrantId>, Fault> {
        let owned = match self.owner {
            Owner::Person(id) => Column::PersonId.eq(id),
            Owner::Client(key) => Column::ClientKey.eq(key),
        };
        let found = Entity::find().select_only().column(Column::Id).filter(owned).order_by_asc(Column::Id);
        Ok(found.limit(GRANTS_AT_ONCE).into_tuple().all(storage.connection()).await?)
    }

    fn others(&self) -> VecDeque<Slice> {
        let (kinds, owner): (&[_], Value) = match self.owner {
            Owner::Person(id) => (&OF_PERSON, id.into()),
            Owner::Client(key) => (&OF_CLIENT, key.into()),
        };
        kinds.iter().map(|(change, rows)| Slice::new(change, *rows, vec![owner.clone()])).collect()
    }
}

fn of_grants(ids: &[GrantId]) -> VecDeque<Slice> {
    let places: Vec<String> = (1..=ids.len()).map(|place| format!("${place}")).collect();
    let values: Vec<Value> = ids.iter().map(|id| (*id).into()).collect();
    let rows = |text: &str| text.replace("{ids}", &places.join(", "));
    OF_GRANTS.iter().map(|(change, text)| Slice::new(change, rows(text), values.clone())).collect()
}
