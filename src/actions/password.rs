//! One attempt to prove a password: verified outside any transaction, because hashing is slow, and counted
//! inside one. An unknown name takes the same time and the same statements as a known one.

use super::{ActionError, reported_source};
use crate::{
    app::{App, HashingFor, RequestContext},
    audit::{AuditEvent, AuditTarget},
    clock::Timestamp,
    directory::Person,
    factors::{
        Candidate, Proof,
        password::{PasswordRecord, hash_password, needs_rehash, verify as verify_password},
    },
    fault::Fault,
    limits::{
        lockout::{
            BackoffPolicy, BrowserFamiliarity, FailureCount, PASSWORD_FROM_EVERYWHERE, PASSWORD_FROM_SOURCE,
            may_try_password,
        },
        networks::Counted,
        rate_limit::Reservation,
    },
    storage::{Transaction, attempts, people},
};
use ::entity::ids::PersonId;
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// One attempt.
pub(super) struct Attempt<'a> {
    /// The person who was named; `None` for a name that does not exist.
    pub person: Option<PersonId>,
    /// The name as it was typed. Attempts for a name that does not exist are counted by it.
    pub username: &'a str,
    /// Whether this browser has signed the person in before.
    pub familiarity: BrowserFamiliarity,
    /// The password.
    pub password: &'a str,
}

/// A verified attempt that is not counted yet.
pub(super) struct Verified<'a> {
    keys: Keys,
    familiarity: BrowserFamiliarity,
    /// Its place among the wrong answers of its source.
    reserved: Reservation<'a>,
    /// `None` when the password is wrong.
    right: Option<Right>,
}

/// A password that is right for the hash that was read before the transaction.
struct Right {
    candidate: Candidate,
    person: PersonId,
    hash: String,
    /// The new hash, when `hash` has another cost than new ones.
    rehashed: Option<String>,
}

/// What became of an attempt.
pub(super) enum Outcome {
    /// The password is right.
    Proved(Proof),
    /// Name and password do not match. The failure is counted, and may have caused a lockout until then.
    Wrong {
        /// End of the lockout.
        blocked_until: Option<Timestamp>,
    },
    /// The hash was replaced after the password was verified against it: roll back, and verify it again.
    Replaced,
    /// A lockout refuses the attempt, whether or not the password is right: roll back, and record it by
    /// [`record_blocked`].
    Blocked {
        /// End of the lockout.
        until: Timestamp,
    },
}

/// Verifies an attempt at the same cost whether the person exists or not. The inner error is the end of a
/// lockout, during which nothing is verified.
///
/// # Errors
/// [`ActionError::Limited`] after too many wrong answers from this source; [`ActionError::Overloaded`] when
/// the queue of password hashes is full; a fault when the database does not answer.
pub(super) async fn verify<'a>(
    app: &'a App,
    context: &RequestContext,
    attempt: &Attempt<'_>,
) -> Result<Result<Verified<'a>, Timestamp>, ActionError> {
    let now = context.now;
    let reserved = app.budgets.reserve(context.rate_limit_prefix(), now)?;
    let (keys, familiarity) = (Keys::of(app, context, attempt), attempt.familiarity);
    let mut of_source = Vec::new();
    for (key, _) in &keys.source {
        of_source.extend(attempts::find(&app.storage, key).await?);
    }
    let of_all = attempts::find(&app.storage, &keys.everywhere).await?;
    let of_report = reported_source::check(&app.storage, &keys.reported, now).await?;
    if let Err(until) = may_try_password(of_source, of_all, familiarity, now).and(of_report) {
        return Ok(Err(until));
    }
    // Look up a random id for an unknown name, so that timing does not reveal whether it exists.
    let id = attempt.person.unwrap_or_else(|| PersonId(app.entropy.id(now)));
    let person = people::find(&app.storage, id).await?.filter(|person| !person.is_disabled);
    let browser = HashingFor { source: context.rate_limit_prefix(), familiarity };
    let right = check(app, browser, person, attempt.password.to_owned(), now).await?;
    Ok(Ok(Verified { keys, familiarity, reserved, right }))
}

async fn check(
    app: &App,
    browser: HashingFor,
    person: Option<Person>,
    password: String,
    now: Timestamp,
) -> Result<Option<Right>, ActionError> {
    let entropy = app.entropy.clone();
    let checked = app.hashing.run(Some(browser), move |hasher| {
        let record = person.as_ref().and_then(|person| {
            person.password_hash.as_deref().map(|hash| PasswordRecord { person: person.id, hash })
        });
        let (candidate, record) = (verify_password(record, &password, hasher, now)?, record?);
        let is_outdated = needs_rehash(record.hash, hasher.parameters());
        let rehashed = is_outdated.then(|| hash_password(&password, entropy.as_ref(), hasher).ok()).flatten();
        Some(Right { candidate, person: record.person, hash: record.hash.to_owned(), rehashed })
    });
    checked.await.map_err(|_| ActionError::Overloaded)
}

/// Counts a verified attempt. Its actor is that of `context`, and its audit event is about `about`.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn count(
    app: &App,
    tx: &Transaction,
    context: &RequestContext,
    verified: Verified<'_>,
    about: AuditTarget,
) -> Result<Outcome, Fault> {
    let (keys, now) = (&verified.keys, context.now);
    // Read under lock: other attempts may have caused a lockout while this one was checked. The answer must
    // then not reveal whether this password was right.
    let mut of_source = Vec::new();
    for (key, _) in &keys.source {
        of_source.extend(attempts::find_locked(tx, key).await?);
    }
    let of_all = attempts::find_locked(tx, &keys.everywhere).await?;
    let of_report = reported_source::check(tx, &keys.reported, now).await?;
    if let Err(until) = may_try_password(of_source, of_all, verified.familiarity, now).and(of_report) {
        return Ok(Outcome::Blocked { until });
    }
    // After the counters, in the order of every other transaction that takes both.
    if let Some(right) = &verified.right
        && !is_current(tx, right).await?
    {
        return Ok(Outcome::Replaced);
    }
    let is_known = verified.familiarity == BrowserFamiliarity::Known;
    let Some(Right { candidate, person, hash, rehashed }) = verified.right else {
        verified.reserved.keep();
        let mut of_source: Vec<FailureCount> = Vec::new();
        for (key, policy) in &keys.source {
            of_source.push(attempts::fail(tx, key, policy, now).await?);
        }
        let of_all = attempts::fail(tx, &keys.everywhere, &PASSWORD_FROM_EVERYWHERE, now).await?;
        app.audit(tx, context, &AuditEvent::PasswordWrong, about).await?;
        let of_all = of_all.blocked_until.filter(|_| !is_known);
        let of_source = of_source.iter().filter_map(|count| count.blocked_until).max();
        return Ok(Outcome::Wrong { blocked_until: of_source.max(of_all) });
    };
    // The lockout from everywhere does not apply to a known browser. Its success does not end that lockout:
    // the failures were those of other browsers.
    if !is_known {
        attempts::succeed(tx, &keys.everywhere, &PASSWORD_FROM_EVERYWHERE, now).await?;
    }
    let mut receipt = None;
    for (key, policy) in &keys.source {
        receipt = attempts::succeed(tx, key, policy, now).await?;
        if receipt.is_none() {
            break;
        }
    }
    let Some(receipt) = receipt else { return Ok(Outcome::Blocked { until: now.plus_seconds(1) }) };
    if let Some(rehashed) = rehashed {
        people::save_rehash(tx, person, &hash, &rehashed).await?;
    }
    Ok(Outcome::Proved(candidate.confirm(receipt)))
}

/// Returns whether the person still has the hash against which the password was verified.
async fn is_current(tx: &Transaction, right: &Right) -> Result<bool, Fault> {
    let person = people::lock(tx, right.person).await?;
    Ok(person.is_some_and(|person| person.password_hash.as_deref() == Some(right.hash.as_str())))
}

/// Records an attempt that a lockout refused. It counts against its source like a wrong password, because each
/// refusal writes an audit event.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn record_blocked(
    app: &App,
    tx: &Transaction,
    context: &RequestContext,
    until: Timestamp,
    about: AuditTarget,
) -> Result<(), Fault> {
    app.budgets.count(context.rate_limit_prefix(), context.now);
    app.audit(tx, context, &AuditEvent::PasswordBlocked { until: until.unix_seconds() }, about).await
}

/// The keys under which attempts are counted, for a name that does not exist as for one that does.
struct Keys {
    /// One for each network of the source, with its policy.
    source: Vec<(String, BackoffPolicy)>,
    everywhere: String,
    reported: String,
}

impl Keys {
    fn of(app: &App, context: &RequestContext, attempt: &Attempt<'_>) -> Self {
        let subject = match attempt.person {
            Some(person) => person.to_string(),
            None => {
                let name = people::username_key(attempt.username);
                // Failures in one workspace must not lock the name in another, where it may be a person's: the lock would
                // tell that it is none. At the root it is the name alone, as in earlier versions.
                let tenant = &context.tenant;
                let workspace = (!tenant.is_root()).then(|| tenant.workspace.id.0);
                let mut parts = vec![b"username".as_slice(), name.as_bytes()];
                parts.extend(workspace.as_ref().map(|id| id.as_bytes().as_slice()));
                URL_SAFE_NO_PAD.encode(app.sealing.code_pepper().tag(&parts))
            }
        };
        let reported = reported_source::key(&subject, context.rate_limit_prefix());
        let networks = context.rate_limit_prefix().levels().into_iter().flatten();
        let source = networks.map(|(network, factor)| {
            let place = URL_SAFE_NO_PAD.encode(digest(&SHA256, network.to_string().as_bytes()));
            (format!("password:{subject}:{place}"), PASSWORD_FROM_SOURCE.times(factor))
        });
        let mut source: Vec<_> = source.collect();
        // The order in which they are locked, as in every other transaction that takes several.
        source.sort_by(|(first, _), (second, _)| first.cmp(second));
        Self { reported, source, everywhere: format!("password:{subject}") }
    }
}
