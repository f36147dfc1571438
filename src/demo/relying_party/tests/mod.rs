//! The application against a provider that can be told to lie.

mod provider;
mod visit;

mod after_sign_in;
mod sign_in;
