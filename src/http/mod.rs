//! Manners that all faces share: the server's loop, headers, cookies, addresses, budgets, error pages.
//!
//! Never knows what a request is for.
//! Spec: RFC 9110, 9112, 6265bis, 9457; Fetch metadata.
//! Called by: every face and `app`.
