//! JSON documents that one version of the program writes and another one reads.
//!
//! While a server is upgraded, nodes of two versions share one database. A document therefore only grows: a
//! later member has a default, so that older rows are read, and older nodes meet members that they do not
//! know. Each document has one of two rules for these, [`Unknown`]: a *fact* ignores them, because a fact that
//! is left out can only lower what a sign-in is worth; a *demand* fails closed, because a demand that is left
//! out would admit more. A member that restricts a fact raises [`Stored::VERSION`], which is written as `v`
//! from 2 on; a document of a later version is not read.
//!
//! | document | type | unknown member | if it cannot be read |
//! |---|---|---|---|
//! | `pool.policy` | `PoolPolicy` | fails closed | 503 for the pool |
//! | `client.settings` | `ClientSettings` | fails closed | 503 for the client; its origins get no CORS headers |
//! | `journey.state` | `SignIn` | fails closed in `request`, `purpose` and `journey.demand`, else ignored | the sign-in begins again |
//! | `r` in addresses of a sign-in | `SealedRequest` | fails closed in the request, else ignored | as a value of another server |
//! | `browser_session.proofs` | list of `Proof` | ignored | the proof is left out, and is asked for again |
//! | `person.claims` | `StandardClaims` | ignored | no claims |
//! | `grant.claims` | `ClaimsParameter` | ignored | no claim was requested individually |
//! | `enrollment.ceremony` | `Ceremony` | ignored | 503 for the device |
//! | `authenticator.app` | `AppInfo` | ignored | written only |
//! | `authenticator.jwk` | `DeviceKey::from_stored` | ignored | the device is unknown |
//! | `authenticator.uv_credential` | `UvCredential`, in the form of its library | as the library decides | a fault |
//! | `outbox.payload` | `PushMessage` | ignored | the message is skipped |
//! | `outbox.payload` of a letter | `EmailMessage` | ignored | another node is given time, until the letter expires |
//! | `transport.address`, sealed | the subscription in `WebPushAddress` | ignored | the message is skipped |
//! | `setting.value` of `setup_link` | the link's hash and expiry | ignored | the link is not valid |
//! | `setting.value` of `readiness` | a number of writes | ignored | counted from zero |
//! | `setting.value` of `directory.version` | a number of changes | is a number | counted from zero |
//! | `refresh_token.answer_sealed` | the response, repeated as it is | ignored | the answer counts as not received |
//! | `signing_key.public_jwk` | published as it is | published | published |
//! | `audit_event.detail`, `audit_event.changes` | never read by a rule | shown | shown |
//! | `challenge.details` | the exact text that is shown and signed; the address is read | ignored | no address is known |
//! | sealed values of the sign-out page, the set-up form, a redeemed invitation and a credential's ceremony | live minutes | ignored | as expired |

mod documents;
#[cfg(test)]
mod tests;

use super::{Cause, Fault};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{collections::BTreeSet, fmt::Display, sync::Mutex};

/// The member that holds a document's version.
const VERSION_MEMBER: &str = "v";
/// The number of unreadable documents that are remembered as logged.
const MAX_REPORTED_COUNT: usize = 1000;

/// How a member is read that this version does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Facts: it is ignored.
    Ignore,
    /// Demands: inside one of these parts, named by JSON Pointers (RFC 6901; `""` is the whole document), it
    /// makes the document unreadable. Every member of these parts must be serialized when it is not empty.
    FailClosed(&'static [&'static str]),
}

/// A document that is stored as JSON. The [module](self) lists all of them.
pub trait Stored: Serialize + DeserializeOwned {
    /// The place, such as `table.column`, for the log.
    const PLACE: &'static str;
    /// The version that this program writes, and the last that it reads. A document without `v` has version 1.
    const VERSION: u64 = 1;
    /// The rule for unknown members.
    const UNKNOWN: Unknown = Unknown::Ignore;

    /// Converts a document of another known shape to the one that this program writes.
    fn normalize(_document: &mut Value) {}
}

/// Why a document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Its version is later than the last that this program reads.
    #[error("it was written by a newer version of Countersign, in a form that this one does not know")]
    Version,
    /// It has a member that this program does not know and must not ignore.
    #[error("it was written by a newer version of Countersign: this one does not know its member `{0}`")]
    Member(String),
    /// It does not have the expected shape.
    #[error("it was written by a newer version of Countersign, or is damaged: {0}")]
    Shape(Cause),
}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self::Shape(error.into())
    }
}

/// It names members, and contains no stored value.
impl From<Unreadable> for Cause {
    fn from(unreadable: Unreadable) -> Self {
        Self::of(&unreadable)
    }
}

/// Converts a document for its column.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn write<T: Stored>(document: &T) -> Result<Value, Fault> {
    let mut written = serde_json::to_value(document)
        .map_err(|error| Fault::because(format!("{} cannot be written as JSON", T::PLACE), error))?;
    if T::VERSION > 1
        && let Some(members) = written.as_object_mut()
    {
        members.insert(VERSION_MEMBER.into(), T::VERSION.into());
    }
    Ok(written)
}

/// Converts a list of documents for its column.
///
/// # Errors
/// When one cannot be written as JSON.
pub fn write_list<T: Stored>(documents: &[T]) -> Result<Value, Fault> {
    documents.iter().map(write).collect()
}

/// Reads a document by its rule.
///
/// # Errors
/// When a newer version wrote what must not be ignored, or the document is damaged.
pub fn read<T: Stored>(mut document: Value) -> Result<T, Unreadable> {
    let version = document.as_object_mut().and_then(|members| members.remove(VERSION_MEMBER));
    check_version::<T>(version.as_ref())?;
    T::normalize(&mut document);
    let Unknown::FailClosed(parts) = T::UNKNOWN else { return Ok(serde_json::from_value(document)?) };
    let read = T::deserialize(&document)?;
    let known = serde_json::to_value(&read)?;
    for part in parts {
        let stored = document.pointer(part).unwrap_or_default();
        if let Some(member) = unknown_member(stored, known.pointer(part).unwrap_or_default()) {
            return Err(Unreadable::Member(format!("{part}{member}")));
        }
    }
    Ok(read)
}

/// Reads a fact from its JSON text, without building a tree of values.
///
/// # Errors
/// Those of [`read`].
fn read_text<T: Stored>(text: &str) -> Result<T, Unreadable> {
    /// The version of a document.
    #[derive(Deserialize)]
    struct Version {
        v: Option<Value>,
    }
    if T::UNKNOWN != Unknown::Ignore {
        return read(serde_json::from_str(text)?);
    }
    // Any other text has no such member, and is read once only.
    if text.contains(r#""v""#) {
        let version: Version = serde_json::from_str(text)?;
        check_version::<T>(version.v.as_ref())?;
    }
    Ok(serde_json::from_str(text)?)
}

fn check_version<T: Stored>(version: Option<&Value>) -> Result<(), Unreadable> {
    match version.is_some_and(|version| version.as_u64().is_none_or(|version| version > T::VERSION)) {
        true => Err(Unreadable::Version),
        false => Ok(()),
    }
}

/// Reads a document from its JSON text like [`read_or_absent`].
pub fn read_text_or_absent<T: Stored>(row: &impl Display, text: &str) -> Option<T> {
    read_text(text).map_err(|why| report(&name::<T>(row), &why)).ok()
}

/// Reads a document that counts as absent when it cannot be read. `row` identifies its row in the log.
pub fn read_or_absent<T: Stored>(row: &impl Display, document: Value) -> Option<T> {
    read(document).map_err(|why| report(&name::<T>(row), &why)).ok()
}

/// Reads a list of documents; those that cannot be read are left out.
pub fn read_list<T: Stored>(row: &impl Display, list: Value) -> Vec<T> {
    match list {
        Value::Array(documents) => {
            documents.into_iter().filter_map(|document| read_or_absent(row, document)).collect()
        }
        other => read_or_absent(row, other).into_iter().collect(),
    }
}

/// Reads a document without which the request cannot be answered.
///
/// # Errors
/// A temporary fault when it cannot be read: a node of the newer version may answer the next attempt.
pub fn read_or_refuse<T: Stored>(row: &impl Display, document: Value) -> Result<T, Fault> {
    read(document).map_err(|why| {
        let name = name::<T>(row);
        report(&name, &why);
        Fault::away(format!("{name} cannot be read"), why)
    })
}

/// Returns the JSON Pointer of a member of `stored` that is missing in `known`, the same value as this
/// program would write it.
fn unknown_member(stored: &Value, known: &Value) -> Option<String> {
    match (stored, known) {
        (Value::Object(stored), Value::Object(known)) => stored.iter().find_map(|(name, value)| {
            let below = match known.get(name) {
                Some(known) => unknown_member(value, known)?,
                None => String::new(),
            };
            Some(format!("/{name}{below}"))
        }),
        (Value::Array(stored), Value::Array(known)) => {
            (0..).zip(stored.iter().zip(known)).find_map(|(at, (stored, known)): (usize, _)| {
                unknown_member(stored, known).map(|below| format!("/{at}{below}"))
            })
        }
        _ => None,
    }
}

fn name<T: Stored>(row: &impl Display) -> String {
    format!("{} of {row}", T::PLACE)
}

/// Logs an unreadable document, once per document.
fn report(name: &str, why: &Unreadable) {
    static REPORTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let is_new = REPORTED.lock().is_ok_and(|mut reported| {
        if reported.len() >= MAX_REPORTED_COUNT {
            reported.clear();
        }
        reported.insert(name.to_owned())
    });
    if is_new {
        tracing::warn!("{name} cannot be read: {why}; if an upgrade is under way, finish it");
    }
}
