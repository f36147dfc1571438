//! Reads and adds people, and resets their factors.

use super::{Action, ActionError, Conflict, FieldProblem, Right, approvals, devices, sessions};
use crate::{
    app::{App, RequestContext, Tenant},
    audit::{AuditEvent, about},
    directory::{Person, Pool, SecondFactorRule, StandardClaims, check_email, check_text, check_username},
    factors::{
        password::{NewPassword, Protects, check_new},
        push::WithdrawalReason,
    },
    fault::Fault,
    storage::{authenticators, challenges::ChallengeFilter, people},
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
        let mut problems = Vec::new();
        let mut note = |field, result: Result<(), String>| {
            problems.extend(result.err().map(|sentence| FieldProblem { field, sentence }));
        };
        note("username", check_username(self.username).map_err(|problem| problem.to_string()));
        note("name", check_text(self.name).map_err(|problem| problem.to_string()));
        if !self.email.is_empty() {
            note("email", check_email(self.email).map_err(|problem| problem.to_string()));
        }
        let protects = match pool.policy.second_factor {
            SecondFactorRule::Always => Protects::WithSecondFactor,
            SecondFactorRule::WhenAsked => Protects::Alone,
        };
        let names = [self.username, self.name, self.email, service, "countersign"];
        let password = NewPassword { password: self.password, protects, names: &names };
        note("password", check_new(&password).map_err(|problem| problem.to_string()));
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

/// Adds a person to `pool`, who can sign in with the password.
///
/// # Errors
/// [`ActionError::Invalid`] with the problem of each field; [`Conflict::UsernameTaken`]; a fault when the
/// queue of password hashes is full or the database does not answer.
pub async fn add(
    app: &App,
    context: &RequestContext,
    pool: &Pool,
    new: &NewPerson<'_>,
) -> Result<Person, ActionError> {
    let problems = new.problems(pool, &context.tenant.workspace.display_name);
    if !problems.is_empty() {
        return Err(ActionError::Invalid(problems));
    }
    // Hash before the transaction begins, because hashing is slow.
    let hash = app.hash_password(new.password.to_owned()).await?;
    let action = Action::begin(app, context, Right::Host).await?;
    let person = insert(&action, pool, new.username, hash, new.claims()).await?;
    action.commit().await?;
    Ok(person)
}

/// Adds a person, whose values were checked, and the audit event.
///
/// # Errors
/// [`Conflict::UsernameTaken`]; a fault when the database does not answer.
pub async fn insert(
    action: &Action<'_>,
    pool: &Pool,
    username: &str,
    password_hash: String,
    claims: StandardClaims,
) -> Result<Person, ActionError> {
    let now = action.context.now;
    let person = Person {
        id: PersonId(action.app.entropy.id(now)),
        workspace_id: pool.workspace_id,
        pool_id: pool.id,
        username: username.trim().to_owned(),
        password_hash: Some(password_hash),
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

/// Removes every authenticator of a person except the password, so that the next sign-in leads to enrollment,
/// and ends their sessions, sign-ins in progress and all tokens, including offline ones. Returns the number of
/// removed authenticators.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such person; a fault when the database does not answer.
pub async fn reset_factors(
    app: &App,
    context: &RequestContext,
    person: PersonId,
) -> Result<usize, ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    let found = people::lock(&action.tx, person).await?;
    if found.is_none_or(|found| found.workspace_id != context.tenant.workspace.id) {
        return Err(ActionError::NotFound);
    }
    let devices = authenticators::list_not_revoked(&action.tx, person).await?;
    for device in &devices {
        devices::revoke(&action, device).await?;
    }
    approvals::withdraw(
        app,
        &action.tx,
        ChallengeFilter::Person(person),
        WithdrawalReason::DeviceRemoved,
        context,
    )
    .await?;
    sessions::end_all(&action, person).await?;
    action.audit(&AuditEvent::PersonFactorsReset, about(person)).await?;
    action.commit().await?;
    Ok(devices.len())
}
