//! The sign-in of a person in a browser.
//!
//! [`begin`] begins one for a [`Purpose`], and [`submit`] is the entry for every form of its
//! pages: it loads the sign-in (`load`) with current facts (`facts`), establishes one new fact (`steps`), and
//! applies it (`apply`), which saves, continues, completes (`complete`) or fails the sign-in and runs its
//! effects (`effects`) in one write transaction. [`load()`] and [`find`] serve the pages.

mod apply;
mod begin;
mod client;
mod complete;
mod completion;
mod demand;
mod effects;
mod error;
mod facts;
mod input;
mod known_browser;
mod load;
mod loaded;
mod next;
mod notice;
mod overtaken;
mod person;
mod purpose;
mod sealed_request;
mod session;
mod state;
mod steps;
mod stop;
mod submission;
mod submit;
mod visit;

pub use begin::begin;
pub use client::client_of;
pub use complete::leave;
pub use completion::{Completion, Exit};
pub use error::SignInError;
pub use input::Input;
pub use load::{GivenHandle, Loaded, find, find_as_stored, load};
pub use loaded::{Handle, LoadedSignIn};
pub use next::{Next, StepPage};
pub use purpose::{AccountPath, PendingAction, Purpose};
pub use sealed_request::{SealedRequest, TooLong, fits_in_address, restart_request, restart_url};
pub use state::SignIn;
pub(super) use stop::stop;
pub use submit::submit;
pub use visit::{BrowserCookies, Visit};
