//! Which events the audit trail knows: types only.
