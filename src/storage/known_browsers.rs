//! Browsers with which people have signed in: a record that outlives sessions, and proves nothing.

use super::{Executor, Fault, Transaction};
use crate::{
    clock::Timestamp,
    limits::lifetimes::{KNOWN_BROWSER_SECONDS, MAX_KNOWN_BROWSERS},
};
use ::entity::{
    ids::PersonId,
    known_browser::{ActiveModel, Column, Entity, Model},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

/// A browser with which a person has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownBrowser {
    /// SHA-256 of the cookie that identifies the browser.
    pub browser_hash: Vec<u8>,
    /// When a held factor was last proved in it; `None` when only a password ever was.
    pub held_at: Option<Timestamp>,
    /// The address of the last sign-in.
    pub address: String,
}

/// A finished sign-in.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn<'a> {
    /// The person.
    pub person: PersonId,
    /// SHA-256 of the cookie that identifies the browser.
    pub browser_hash: &'a [u8],
    /// Whether a held factor was proved.
    pub has_held_proof: bool,
    /// The address.
    pub address: &'a str,
}

/// Finds a browser of this person that was used within [`KNOWN_BROWSER_SECONDS`].
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    db: &impl Executor,
    person: PersonId,
    browser_hash: &[u8],
    now: Timestamp,
) -> Result<Option<KnownBrowser>, Fault> {
    let found = Entity::find_by_id((person, browser_hash.to_vec()));
    Ok(found.filter(is_remembered(now)).one(db.connection()).await?.map(from_row))
}

/// Lists the browsers of this person that were used within [`KNOWN_BROWSER_SECONDS`], last used first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &impl Executor, person: PersonId, now: Timestamp) -> Result<Vec<KnownBrowser>, Fault> {
    let known = Entity::find()
        .filter(Column::PersonId.eq(person).and(is_remembered(now)))
        .order_by_desc(Column::LastSeenAt)
        .limit(MAX_KNOWN_BROWSERS)
        .all(db.connection())
        .await?;
    Ok(known.into_iter().map(from_row).collect())
}

/// Remembers the browser of a finished sign-in, and forgets the person's oldest ones beyond [`MAX_KNOWN_BROWSERS`].
///
/// # Errors
/// When the database does not answer.
pub async fn remember(tx: &Transaction, signed_in: SignedIn<'_>, now: Timestamp) -> Result<(), Fault> {
    let row = ActiveModel {
        person_id: Set(signed_in.person),
        browser_hash: Set(signed_in.browser_hash.to_vec()),
        first_seen_at: Set(now),
        last_seen_at: Set(now),
        held_at: Set(signed_in.has_held_proof.then_some(now)),
        address: Set(signed_in.address.to_owned()),
    };
    let mut changed = vec![Column::LastSeenAt, Column::Address];
    changed.extend(signed_in.has_held_proof.then_some(Column::HeldAt));
    let again =
        OnConflict::columns([Column::PersonId, Column::BrowserHash]).update_columns(changed).to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(tx.connection()).await?;
    let surplus: Vec<Vec<u8>> = Entity::find()
        .select_only()
        .column(Column::BrowserHash)
        .filter(Column::PersonId.eq(signed_in.person))
        .order_by_desc(Column::LastSeenAt)
        .offset(MAX_KNOWN_BROWSERS)
        .limit(MAX_KNOWN_BROWSERS)
        .into_tuple()
        .all(tx.connection())
        .await?;
    if !surplus.is_empty() {
        let of_person = Column::PersonId.eq(signed_in.person);
        let surplus = of_person.and(Column::BrowserHash.is_in(surplus));
        Entity::delete_many().filter(surplus).exec(tx.connection()).await?;
    }
    Ok(())
}

/// Forgets every browser of a person, where one of them may be a stranger's: after a report, or with a new password.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_of_person(tx: &Transaction, person: PersonId) -> Result<(), Fault> {
    Entity::delete_many().filter(Column::PersonId.eq(person)).exec(tx.connection()).await?;
    Ok(())
}

/// Forgets one browser of a person, from which a sign-in was reported.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(tx: &Transaction, person: PersonId, browser_hash: &[u8]) -> Result<(), Fault> {
    let one = Column::PersonId.eq(person).and(Column::BrowserHash.eq(browser_hash));
    Entity::delete_many().filter(one).exec(tx.connection()).await?;
    Ok(())
}

fn is_remembered(now: Timestamp) -> Expr {
    Column::LastSeenAt.gt(now.plus_seconds(-KNOWN_BROWSER_SECONDS))
}

fn from_row(row: Model) -> KnownBrowser {
    KnownBrowser { browser_hash: row.browser_hash, held_at: row.held_at, address: row.address }
}
