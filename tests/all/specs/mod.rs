//! What the specs promise, one file for each.

mod rfc8030_web_push;
