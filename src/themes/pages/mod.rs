//! One file per page: its context, and a sample of each state.

pub(super) mod account;
pub(super) mod carry_on;
pub(super) mod consent;
pub(super) mod denied;
pub(super) mod enroll;
pub(super) mod error;
pub(super) mod form_post;
pub(super) mod home;
pub(super) mod identifier;
pub(super) mod invitation;
pub(super) mod new_password;
pub(super) mod password;
pub(super) mod push;
pub(super) mod reported;
pub(super) mod setup;
pub(super) mod setup_done;
pub(super) mod sign_out;
pub(super) mod signed_out;
pub(super) mod too_many_requests;
pub(super) mod totp;
pub(super) mod unavailable;
