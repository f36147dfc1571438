//! The events of the audit log: stable dotted codes and typed details, without secrets and without text that
//! a person typed; who acted, by which interface, and on what. Never writes: `storage` inserts an event in the
//! transaction of the change that it records.
//! Spec: none; readers of the log may rely on the codes and on the members of each detail.
//! Called by: `journey` and the interfaces, which create events, and `storage`, which keeps them.

mod actor;
mod changes;
mod context;
mod event;
mod result;
mod target;

pub use actor::{Actor, Via};
pub use changes::Changes;
pub use context::AuditContext;
pub use event::AuditEvent;
pub use result::AuditResult;
pub use target::{AuditTarget, Target, about};
