//! What is wired once.
