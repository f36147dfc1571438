//! Tests of the application against a fake provider that can misbehave.

mod provider;
mod visit;

mod after_sign_in;
mod sign_in;
