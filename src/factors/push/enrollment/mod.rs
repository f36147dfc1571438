//! Enrollment of a phone: link and activation code, claim, completion, confirmation code.
//! Never stores anything; the states are in `transition`.
//! Spec: authenticator protocol, version 1. Called by: `device_api`, `signin` and `storage`.

mod claim;
mod code;
mod completion;
mod transport;

pub use claim::{AppInfo, AppKind, Claim, ClaimBy, ClaimRefusal};
pub use code::{ACTIVATION_CODE_SYMBOLS, CONFIRMATION_DIGITS};
pub use code::{code_hash, confirmation_hash, is_confirmed, link, normalize_code, secret_hash, shown_code};
pub use completion::{ClaimedEnrollment, Completion, CompletionRefusal, device_name};
pub use transport::{Transport, endpoint_hash};
