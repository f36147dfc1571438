//! Tokens of a client: `redeem_code` and `refresh` issue them, `issue` creates them for both, `revoke` ends
//! them.
//!
//! The response of the token endpoint is built here and not by the interface, because it is stored with a
//! redeemed refresh token, to be repeated byte for byte.

mod error;
mod issue;
mod redeem_code;
mod refresh;
mod revoke;

pub use error::TokenError;
pub use redeem_code::redeem_code;
pub use refresh::refresh;
pub use revoke::revoke;
