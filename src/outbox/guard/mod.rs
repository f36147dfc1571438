//! The outbound guard: the only code that connects to addresses chosen by others.
//!
//! Never lets anyone reach a machine inside the operator's network, whether by address, by name, by redirect
//! or by DNS rebinding: it connects to the address that it checked.
//! Spec: RFC 6890 and the IANA special-purpose registries; RFC 6454 (origins). Called by: the carriers, and
//! the device API when a subscription arrives.

mod client;
mod error;
mod origin;
mod public_address;
mod push_hosts;
mod refused_hosts;
mod resolver;

pub use client::Guard;
pub use error::{OutboundError, RefusedEndpoint};
pub use origin::Origin;
pub use public_address::is_public;
pub use push_hosts::PushHosts;
pub use resolver::{Lookup, SystemLookup};
