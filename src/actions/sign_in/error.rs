//! Why a sign-in cannot go on in this browser. `signin` shows a page for each.

use super::Completion;
use crate::{actions::ActionError, fault::Fault};

/// Why a sign-in cannot go on in this browser.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No sign-in with this handle was begun in this browser.
    #[error("no sign-in with this handle was begun in this browser")]
    Foreign,
    /// A newer version of the server has stored it in a form that this one must not read.
    #[error("a newer version of the server has stored the sign-in")]
    Unreadable,
    /// It is over: it was completed or stopped before.
    #[error("the sign-in is over")]
    Finished {
        /// The client's name.
        application: String,
    },
    /// It was not finished within its lifetime.
    #[error("the sign-in has expired")]
    Expired {
        /// The client's name.
        application: String,
        /// The address that begins it again, unless it would be too long.
        restart_url: Option<String>,
    },
    /// The session that it was built on has ended.
    #[error("the session has ended on which the sign-in was built")]
    SessionEnded {
        /// The client's name.
        application: String,
        /// The address that begins it again, unless it would be too long.
        restart_url: Option<String>,
    },
    /// The client is disabled.
    #[error("the client is disabled")]
    ClientDisabled,
    /// The `redirect_uri` of the request is no longer registered.
    #[error("the redirect URI is no longer registered")]
    AddressGone,
    /// The request demands what can never be; the client receives the error.
    #[error("the request demands a person who does not exist")]
    Rejected {
        /// The way to the client, with the error.
        completion: Box<Completion>,
    },
    /// The use case failed as any other may.
    #[error(transparent)]
    Action(#[from] ActionError),
}

impl From<Fault> for SignInError {
    fn from(fault: Fault) -> Self {
        Self::Action(fault.into())
    }
}
