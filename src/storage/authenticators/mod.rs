//! Authenticators that people have enrolled: devices and generators of codes.

mod authenticator;
mod changes;
mod counters;
mod queries;
mod states;

pub use authenticator::{Authenticator, NewDevice, NewGenerator, insert_device, insert_generator};
pub use changes::{add_uv_credential, rename, replace_key, save_persisted, save_uv_credential, touch};
pub use counters::{Counter, count_bad_signature, note_counter, take_totp_step};
pub use queries::{
    find, find_by_thumbprint, list_active, list_active_or_suspended, list_not_revoked, list_usable_once,
};
pub use states::{Entitlement, revoke, revoke_and_notify, suspend};
pub(super) use states::{activate, is_entitled};
