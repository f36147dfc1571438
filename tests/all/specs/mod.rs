//! What the specs promise, one file for each.

mod authenticator_protocol;
mod rfc8030_web_push;
