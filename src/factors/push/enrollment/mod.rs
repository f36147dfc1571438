//! Pairing a phone: the link and the code that begin it, the claim, the completion, the confirmation code.

mod claim;
mod code;
mod completion;
mod transport;

pub use claim::{AppInfo, AppKind, Claim, ClaimBy, ClaimRefusal};
pub use code::{
    CLAIM_FAILURES, CODE_SYMBOLS, CONFIRM_ATTEMPTS, CONFIRM_WITHIN, CONFIRMATION_DIGITS, LIFETIME,
};
pub use code::{code_hash, confirmation_hash, is_confirmed, link, normalize_code, secret_hash, shown_code};
pub use completion::{ClaimedEnrollment, Completion, CompletionRefusal, device_name};
pub use transport::{Transport, endpoint_hash};
