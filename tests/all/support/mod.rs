//! The actors of the stories. Each can only do what it could do in life.
//!
//! Never reaches into the server: what an actor knows, it was told or it read on a page.
//! Spec: those that each actor cites. Called by: `specs` and `stories`.

pub mod browser;
pub mod city_database;
pub mod cookie_jar;
pub mod event_stream;
pub mod fixed_clock;
pub mod form;
pub mod http_client;
pub mod id_token;
pub mod mailbox;
pub mod page;
pub mod phone;
pub mod phone_app;
pub mod process;
pub mod push_fixture;
pub mod push_service;
pub mod push_sign_in;
pub mod relying_party;
pub mod seed;
pub mod seeded_entropy;
pub mod sign_in;
pub mod signing_key;
pub mod test_app;
pub mod test_database;
pub mod token_fixture;
