//! The actors of the tests: browsers, phones, applications, push services. Each does only what a real one can
//! do.
//!
//! Never reaches into the server: actors know only responses and pages.
//! Spec: cited by each actor. Called by: `specs` and `stories`.

pub mod audit_log;
pub mod browser;
pub mod city_database;
pub mod command;
pub mod cookie_jar;
pub mod event_stream;
pub mod fixed_clock;
pub mod fixture;
pub mod fixture_keys;
pub mod form;
pub mod http_client;
pub mod id_token;
pub mod mail_server;
pub mod marked;
pub mod old_rows;
pub mod page;
pub mod phone;
pub mod phone_app;
pub mod process;
pub mod push_fixture;
pub mod push_service;
pub mod push_sign_in;
pub mod relying_party;
pub mod second_workspace;
pub mod seed;
pub mod seeded_entropy;
pub mod sign_in;
pub mod signing_key;
pub mod snapshot;
pub mod test_app;
pub mod test_database;
pub mod token_fixture;
