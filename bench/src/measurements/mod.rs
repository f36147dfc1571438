//! The list of measurements, one file each, and their shared code.

mod cleanup;
mod compare;
mod discovery;
mod flood;
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

pub use bench::{Bench, Measurement, Prepared, run};
