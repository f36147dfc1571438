//! The house's actors: each can do only what it could do in life.

pub mod push_service;
