//! Why a use case did nothing. Each kind of interface translates it once: `web` for HTTP, `operator` for the
//! command line.

use crate::{clock::Timestamp, fault::Fault, limits::rate_limit::RateLimited};

/// Why a use case did nothing.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// The actor does not have the right.
    #[error("the actor may not do this")]
    Forbidden,
    /// The object does not exist, or belongs to another tenant.
    #[error("it does not exist, or was removed")]
    NotFound,
    /// Values that were typed are not valid.
    #[error("{}", lines(.0))]
    Invalid(Vec<FieldProblem>),
    /// Too many attempts.
    #[error("too many attempts: wait {retry_after_seconds} s")]
    Limited {
        /// Seconds until the next attempt.
        retry_after_seconds: u32,
    },
    /// The queue of password hashes is full.
    #[error("too many passwords are being hashed")]
    Overloaded,
    /// The state of the database does not allow it.
    #[error("{0}")]
    Conflict(Conflict),
    /// An internal error.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<RateLimited> for ActionError {
    fn from(limited: RateLimited) -> Self {
        Self::Limited { retry_after_seconds: limited.retry_after_seconds }
    }
}

impl ActionError {
    /// Converts the error of a use case whose input comes from the program itself: then any error is a fault.
    pub fn into_fault(self) -> Fault {
        match self {
            Self::Fault(fault) => fault,
            error => Fault::broken(error.to_string()),
        }
    }
}

/// What is wrong with one typed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The name of the field.
    pub field: &'static str,
    /// The problem, as a sentence for the person who typed the value.
    pub sentence: String,
}

/// A state that does not allow a use case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The pool has a person with this name already.
    #[error("the pool {pool} has a person named {username} already")]
    UsernameTaken {
        /// The slug of the pool.
        pool: String,
        /// The name.
        username: String,
    },
    /// A device, perhaps another one, has this key.
    #[error("this key is enrolled already")]
    KeyInUse,
    /// The device has a credential for user verification.
    #[error("this device already has a credential; to replace a lost one, enroll again")]
    CredentialExists,
    /// A newer counter has set the transport.
    #[error("another transport was set with the same or a higher ctr")]
    StaleTransport,
    /// The device has no transport to which a message could be sent.
    #[error("the device has no working transport; set one first")]
    NoTransport,
    /// The set-up link was used, or has expired.
    #[error("the set-up link was used, or it is older than an hour")]
    SetupLinkUsed,
    /// The person needs no ticket: a phone can be added, or there is one.
    #[error("no ticket is needed: the person has a second factor, or may add the first one without a ticket")]
    TicketNotNeeded,
    /// The person has a password already, or may have none.
    #[error("the person has a password already, or is disabled")]
    HasPassword,
    /// A workspace has this slug already.
    #[error("there is a workspace named {0} already: choose another slug, or change it with `workspace set`")]
    SlugTaken(String),
    /// The purpose has no keys of this algorithm.
    #[error("push messages are signed with ES256 only; leave --alg out")]
    AlgorithmOfOtherPurpose,
    /// The key signs.
    #[error("the key is in use; run `countersign keys rotate` first")]
    KeyIsActive,
    /// There is no other key of this purpose and algorithm.
    #[error("it is the only key of its purpose and algorithm; run `countersign keys rotate` first")]
    KeyIsTheLast,
    /// ID tokens of the key are still used.
    #[error(
        "ID tokens that the key has signed are hints of sessions until {} in Unix time; wait until then, or add --force",
        until.unix_seconds()
    )]
    KeyNeeded {
        /// Until when.
        until: Timestamp,
    },
    /// Subscriptions for push messages need the key.
    #[error(
        "{devices} devices receive push messages by this key until their authenticator is opened; wait for them, or add \
         --force, which makes them wait for being opened"
    )]
    KeyHasSubscriptions {
        /// The number of devices.
        devices: u64,
    },
    /// The client is public.
    #[error("the client is public: it has no secret")]
    NoSecret,
}

/// One line per field.
fn lines(problems: &[FieldProblem]) -> String {
    let lines = problems.iter().map(|problem| format!("{}: {}", problem.field, problem.sentence));
    lines.collect::<Vec<_>>().join("\n")
}
