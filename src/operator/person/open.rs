//! Opens the database for a command about one person.

use crate::{
    actions::people,
    cli::{Place, WhichPerson},
    directory::{Person, Pool},
    operator::{CommandError, opened::Opened},
};

/// The open database, with the pool of a command.
pub(super) struct InPool {
    /// The database.
    pub opened: Opened,
    /// The pool.
    pub pool: Pool,
}

impl InPool {
    /// Opens both.
    pub(super) async fn open(place: &Place) -> Result<Self, CommandError> {
        let opened = Opened::open(&place.common, &place.workspace).await?;
        let pool = opened.pool(&place.pool).await?;
        Ok(Self { opened, pool })
    }

    /// Finds a person of the pool.
    pub(super) async fn person(&self, username: &str) -> Result<Person, CommandError> {
        let found = people::find_by_username(&self.opened.app, &self.pool, username).await?;
        found.ok_or_else(|| {
            CommandError::new(format!("the pool {} has no person named {username}", self.pool.slug))
        })
    }
}

/// The open database, with the person of a command.
pub(super) async fn open(which: &WhichPerson) -> Result<(InPool, Person), CommandError> {
    let pool = InPool::open(&which.place).await?;
    let person = pool.person(&which.username).await?;
    Ok((pool, person))
}
