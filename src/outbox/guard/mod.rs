//! The outbound guard: the one place that opens connections to addresses which others have named.
//!
//! Never lets anyone choose a machine inside the operator's network, by address, by name, by redirect or by a name
//! that changes its mind: the address that was judged is the address that is connected to.
//! Spec: RFC 6890 and the IANA special-purpose registries; RFC 6454 (origins).
//! Called by: the carriers, and the device API when a subscription arrives.

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
