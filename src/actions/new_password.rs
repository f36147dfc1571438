//! A password that a person chooses in place of the one that they had, or as their first.

use super::{ActionError, ending::Ending};
use crate::{
    app::{App, HashingFor, RequestContext},
    audit::{AuditEvent, AuditTarget},
    clock::Timestamp,
    directory::{Person, Pool, SecondFactorRule},
    factors::password::{
        NewPassword, PasswordProblem, PasswordRecord, Protects, check_new, hash_password, verify,
    },
    fault::{Cause, Fault},
    limits::lockout::BrowserFamiliarity,
    storage::people,
};
use ::entity::ids::{JourneyId, PersonId};
use std::fmt;

/// Why a new password is not taken; it displays as a sentence for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NewPasswordRefusal {
    /// Nothing was typed.
    Missing,
    /// It breaks a rule.
    Problem(PasswordProblem),
    /// It is the one that the person has.
    Unchanged,
    /// The repetition is another one.
    Different,
}

impl NewPasswordRefusal {
    /// Returns whether the refusal is about the repetition.
    pub(super) fn is_about_repetition(self) -> bool {
        self == Self::Different
    }
}

impl fmt::Display for NewPasswordRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("Enter a new password."),
            Self::Problem(problem) => problem.fmt(formatter),
            Self::Unchanged => formatter.write_str("This is the password that you have. Choose another one."),
            Self::Different => formatter.write_str("The two passwords are not the same. Type both again."),
        }
    }
}

/// A new password that was checked and hashed, and the hash that it replaces.
pub(super) struct Replacement {
    person: PersonId,
    verified: Option<String>,
    hash: String,
}

/// Checks the password that `person` has typed twice, and hashes it. Slow: call it before the transaction.
///
/// # Errors
/// [`ActionError::Overloaded`] when the queue of password hashes is full; a fault when the database does not
/// answer.
pub(super) async fn prepare(
    app: &App,
    context: &RequestContext,
    person: &Person,
    (password, again): (&str, &str),
) -> Result<Result<Replacement, NewPasswordRefusal>, ActionError> {
    let pool = app.directory.of(person.workspace_id).pool(person.pool_id).await?;
    if let Err(refusal) = check(&pool, &context.tenant.workspace.display_name, person, (password, again)) {
        return Ok(Err(refusal));
    }
    let (id, verified, password) = (person.id, person.password_hash.clone(), password.to_owned());
    let entropy = app.entropy.clone();
    // The person has proved a factor in this browser.
    let browser = HashingFor { source: context.rate_limit_prefix(), familiarity: BrowserFamiliarity::Known };
    let hashed = app.hashing.run(Some(browser), move |hasher| {
        let record = verified.as_deref().map(|hash| PasswordRecord { person: id, hash });
        if record.is_some() && verify(record, &password, hasher, Timestamp(0)).is_some() {
            return Ok(None);
        }
        let hash = hash_password(&password, entropy.as_ref(), hasher)?;
        Ok(Some(Replacement { person: id, verified, hash }))
    });
    let hashed = hashed.await.map_err(|_| ActionError::Overloaded)?;
    let hashed = hashed
        .map_err(|error: argon2::Error| Fault::because("the password cannot be hashed", Cause::of(&error)))?;
    Ok(hashed.ok_or(NewPasswordRefusal::Unchanged))
}

fn check(
    pool: &Pool,
    service: &str,
    person: &Person,
    (password, again): (&str, &str),
) -> Result<(), NewPasswordRefusal> {
    if password.is_empty() {
        return Err(NewPasswordRefusal::Missing);
    }
    let known = |claim: &'_ Option<String>| claim.clone().unwrap_or_default();
    let (name, email) = (known(&person.claims.name), known(&person.claims.email));
    let names = [&person.username, &name, &email, service, "countersign"];
    let new = NewPassword { password, protects: protects(pool), names: &names };
    check_new(&new).map_err(NewPasswordRefusal::Problem)?;
    if password == again { Ok(()) } else { Err(NewPasswordRefusal::Different) }
}

/// Returns whether the passwords of a pool protect its accounts alone.
pub(super) fn protects(pool: &Pool) -> Protects {
    match pool.policy.second_factor {
        SecondFactorRule::Always => Protects::WithSecondFactor,
        SecondFactorRule::WhenAsked => Protects::Alone,
    }
}

/// Replaces the password, ends what was given for the one before, but the sign-in `kept`, and writes the audit
/// event. The caller holds the person's row. `false` when the password was changed since it was checked: then
/// roll back.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn replace(
    ending: &Ending<'_>,
    replacement: &Replacement,
    kept: Option<JourneyId>,
    about: AuditTarget,
) -> Result<bool, Fault> {
    let Ending { app, tx, context } = *ending;
    let Replacement { person, verified, hash } = replacement;
    if !people::change_password(tx, *person, verified.as_deref(), hash, context.now).await? {
        return Ok(false);
    }
    ending.person(*person, kept).await?;
    app.audit(tx, context, &AuditEvent::PasswordChanged, about).await?;
    Ok(true)
}
