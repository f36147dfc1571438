//! Signing keys and sealing keys: made, published, rotated, retired.
//!
//! Never knows what is signed or sealed, nor for whom.
//! Spec: RFC 7515, 7517, 7518, 7638, 8037; AES-256-GCM (NIST SP 800-38D).
//! Called by: the outbox and the faces.
