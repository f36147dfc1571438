//! Tokens of a client: `redeem_code` and `refresh` issue them, `issue` creates them for both, `revoke` ends
//! them, `live` reads them.
//!
//! The response of the token endpoint is built here and not by the interface, because it is stored with a
//! redeemed refresh token, to be repeated byte for byte.

mod error;
mod issue;
mod live;
mod redeem_code;
mod refresh;
mod revoke;

pub use error::TokenError;
pub use live::{Access, LiveToken, find_access, find_live};
pub use redeem_code::redeem_code;
pub use refresh::refresh;
pub use revoke::revoke;

use crate::{fault::Fault, protocol::ScopeSet};
use ::entity::ids::GrantId;

/// Reads the stored scopes of a grant or of one of its tokens. A text that cannot be read is not an empty set.
fn stored_scopes(text: &str, grant: &GrantId) -> Result<ScopeSet, Fault> {
    let broken = |_| Fault::broken(format!("the scopes of the grant {grant}, or of a token, cannot be read"));
    ScopeSet::parse(text).map_err(broken)
}
