//! Pairing a phone: the link and the code that begin it, the claim, the completion, the confirmation code.

mod claim;
mod code;
mod completion;
mod transport;

pub use claim::{AppInfo, AppKind, Claim, ClaimBy, ClaimRefusal};
pub use code::{
    ACTIVATION_CODE_SYMBOLS, CONFIRM_WITHIN_SECONDS, CONFIRMATION_DIGITS, ENROLLMENT_LIFETIME_SECONDS,
    MAX_CLAIM_FAILURES, MAX_CONFIRM_ATTEMPTS,
};
pub use code::{code_hash, confirmation_hash, is_confirmed, link, normalize_code, secret_hash, shown_code};
pub use completion::{ClaimedEnrollment, Completion, CompletionRefusal, device_name};
pub use transport::{Transport, endpoint_hash};
