//! Answers people: the authorization endpoint, the steps of a sign-in, consent and sign-out.
//!
//! Never issues tokens; it ends in a code, an error at the relying party, or a page.
//! Spec: OpenID Connect Core §3.1.2, RP-Initiated Logout, RFC 9207.
//! Called by: `routes`.
//!
//! `authorize` begins. Each step has a file: `identifier`, `password`, `totp`, `push`, `enroll`, `consent`. A step
//! loads its `loaded`, finds out one new fact, and hands it to `apply_event`, which is the one place where a sign-in is
//! saved, moved on, finished or given up. `visit` is what a browser's request brings; `page` is how it is answered.
//! While a phone is waited for, the page asks `events`; `watch` tells what changes.

pub mod authorize;
pub mod consent;
pub mod enroll;
pub mod events;
mod facts;
pub mod home;
pub mod identifier;
pub mod password;
pub mod push;
pub mod setup;
pub mod signout;
pub mod totp;

mod demand;
mod finish;
mod form;
mod limits;
mod load;
mod page;
mod person;
mod sealed_request;
mod settle;
mod sign_in;
mod visit;
mod watch;
