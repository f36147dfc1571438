//! One file per measurement; here is the list, and what all of them share.

mod cleanup;
mod discovery;
mod introspection;
mod jwks;
mod memory;
mod password;
mod refresh;
mod signatures;
mod start;
mod userinfo;
mod waiting;

mod bench;

pub use bench::{Bench, Measurement, run};
