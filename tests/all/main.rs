//! All tests of the house in one binary: one link serves all.
#![cfg(test)]

mod architecture;
mod openapi;
mod sizes;
mod specs;
mod stories;
mod support;
