//! Reads and adds people. Each change that an operator makes to a person has a file of its own below; `ending` ends
//! everything that a person was given, for all of them.

mod delete;
mod ending;
mod lock;
mod password_rule;
mod records;
mod remove_device;
mod reset;
mod set_password;
mod status;
mod unlock;

pub use delete::delete;
pub(super) use lock::lock;
pub use records::{PersonRecord, PersonView, list_page, view};
pub use remove_device::remove_device;
pub use reset::{Reset, reset_factors, reset_push};
pub use set_password::set_password;
pub use status::{disable, enable, sign_out};
pub use unlock::{Unlocked, unlock};

use self::password_rule::password_problem;
use super::{
    Action, ActionError, Conflict, FieldProblem, Right,
    tickets::{self, Ticket},
};
use crate::{
    app::{App, RequestContext, Tenant},
    audit::{AuditEvent, about},
    directory::{FirstDeviceRule, Person, Pool, StandardClaims, check_email, check_text, check_username},
    fault::Fault,
    storage::people,
};
use ::entity::ids::PersonId;

/// Returns the tenant's person with this id.
///
/// # Errors
/// When there is none, or the database does not answer.
pub async fn get(app: &App, tenant: &Tenant, id: PersonId) -> Result<Person, Fault> {
    let found = people::find(&app.storage, id).await?;
    let own = found.filter(|person| person.workspace_id == tenant.workspace.id);
    own.ok_or_else(|| Fault::broken(format!("person {id} is not there")))
}

/// Finds the person of `pool` with this name, including a disabled one. Case is ignored.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_username(app: &App, pool: &Pool, username: &str) -> Result<Option<Person>, Fault> {
    people::find_by_username(&app.storage, pool.id, username).await
}

/// A person to be added, with values as they were typed.
#[derive(Clone, Copy, Debug)]
pub struct NewPerson<'a> {
    /// The name to sign in with.
    pub username: &'a str,
    /// The full name; may be empty.
    pub name: &'a str,
    /// The e-mail address; may be empty.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
}

impl NewPerson<'_> {
    /// Checks every field and returns the problems. `service` is a name that the password must not contain.
    pub fn problems(&self, pool: &Pool, service: &str) -> Vec<FieldProblem> {
        let mut problems = self.problems_but_password();
        let names = [self.username, self.name, self.email, service];
        problems.extend(password_problem(pool, &names, self.password));
        problems
    }

    /// Checks every field but the password.
    pub(super) fn problems_but_password(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let mut note = |field, result: Result<(), String>| {
            problems.extend(result.err().map(|sentence| FieldProblem { field, sentence }));
        };
        note("username", check_username(self.username).map_err(|problem| problem.to_string()));
        note("name", check_text(self.name).map_err(|problem| problem.to_string()));
        if !self.email.is_empty() {
            note("email", check_email(self.email).map_err(|problem| problem.to_string()));
        }
        problems
    }

    /// Returns the standard claims that applications may receive.
    pub fn claims(&self) -> StandardClaims {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        StandardClaims {
            name: given(self.name),
            preferred_username: given(self.username),
            email: given(self.email),
            email_verified: given(self.email).map(|_| false),
            ..StandardClaims::default()
        }
    }
}

/// Adds a person to `pool`, who can sign in with the password. Returns the ticket for the first device as well, where
/// the pool requires one.
///
/// # Errors
/// [`ActionError::Invalid`] with the problem of each field; [`Conflict::UsernameTaken`]; a fault when the
/// queue of password hashes is full or the database does not answer.
pub async fn add(
    app: &App,
    context: &RequestContext,
    pool: &Pool,
    new: &NewPerson<'_>,
) -> Result<(Person, Option<Ticket>), ActionError> {
    let problems = new.problems(pool, &context.tenant.workspace.display_name);
    if !problems.is_empty() {
        return Err(ActionError::Invalid(problems));
    }
    // Hash before the transaction begins, because hashing is slow.
    let hash = app.hash_password(new.password.to_owned()).await?;
    let action = Action::begin(app, context, Right::Host).await?;
    let person = insert(&action, pool, new.username, Some(hash), new.claims()).await?;
    let ticket = first_ticket(&action, pool, person.id).await?;
    action.commit().await?;
    Ok((person, ticket))
}

/// Makes the ticket for the first device of a new person, where the pool requires one.
pub(super) async fn first_ticket(
    action: &Action<'_>,
    pool: &Pool,
    person: PersonId,
) -> Result<Option<Ticket>, Fault> {
    match pool.policy.first_device {
        FirstDeviceRule::Ticket => tickets::create(action, person).await.map(Some),
        FirstDeviceRule::FirstFactor => Ok(None),
    }
}

/// Adds a person, whose values were checked, and the audit event.
///
/// # Errors
/// [`Conflict::UsernameTaken`]; a fault when the database does not answer.
pub async fn insert(
    action: &Action<'_>,
    pool: &Pool,
    username: &str,
    password_hash: Option<String>,
    claims: StandardClaims,
) -> Result<Person, ActionError> {
    let now = action.context.now;
    let person = Person {
        id: PersonId(action.app.entropy.id(now)),
        workspace_id: pool.workspace_id,
        pool_id: pool.id,
        username: username.trim().to_owned(),
        password_hash,
        claims: StandardClaims { updated_at: Some(now.unix_seconds()), ..claims },
        is_disabled: false,
        push_muted_until: None,
        password_must_change_at: None,
    };
    if !people::insert_person(&action.tx, &person, now).await? {
        let taken = Conflict::UsernameTaken { pool: pool.slug.clone(), username: person.username };
        return Err(ActionError::Conflict(taken));
    }
    action.audit(&AuditEvent::PersonAdded, about(person.id)).await?;
    Ok(person)
}
