//! All integration tests in one binary, so that they are linked once.
#![cfg(test)]

mod architecture;
mod architecture_page;
mod equipment;
mod openapi;
mod sizes;
mod specs;
mod stories;
mod support;
mod words;
