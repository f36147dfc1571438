//! The questions that are asked of the database; the only room that knows there is one.
//!
//! Never decides: rules live in the heart, and what is single-use is taken here by one statement.
//! Spec: RFC 6749 §10.5 and RFC 9700 §4 for what is used once.
//! Called by: the faces and the outbox.
