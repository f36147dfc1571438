//! Size limits: the longest names, passwords, headers and bodies, and the sizes of caches.
//! Never measures anything; the register names the file that does.
//! Spec: NIST SP 800-63B-4 §3.1.1.2, RFC 9110 §15.5.14, §15.5.15, RFC 6585 §5.
//! Called by: `http`, `directory`, `factors`, `app` and the interfaces.

// Names and passwords

/// Characters of a username, display name or email address that is stored.
pub const MAX_NAME_CHARS: usize = 256;
/// Bytes of the slug of a workspace, its short name in addresses.
pub const MAX_SLUG_BYTES: usize = 63;
/// Characters of a username that is looked up at a sign-in.
pub const MAX_USERNAME_CHARS: usize = 256;
/// Characters of a new password that protects an account alone (NIST SP 800-63B-4 §3.1.1.2).
pub const MIN_PASSWORD_ALONE_CHARS: usize = 15;
/// Characters of a new password beside a second factor (NIST SP 800-63B-4 §3.1.1.2).
pub const MIN_PASSWORD_WITH_SECOND_FACTOR_CHARS: usize = 8;
/// Characters of a new password.
pub const MAX_PASSWORD_CHARS: usize = 128;
/// Different characters of a new password.
pub const MIN_DISTINCT_PASSWORD_CHARS: usize = 4;
/// Characters of a name that a new password must not contain; a shorter name occurs in good passwords by
/// chance.
pub const MIN_NAME_CHARS: usize = 4;
/// Bytes of the longest password, 128 characters of four bytes: a longer attempt is rejected before hashing,
/// for every account.
pub const MAX_PASSWORD_ATTEMPT_BYTES: usize = 512;

// HTTP

/// Bytes of path and query.
pub const MAX_URL_BYTES: usize = 8 * 1024;
/// Bytes of all header fields, names and values.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
/// Number of header fields.
pub const MAX_HEADER_COUNT: usize = 100;
/// Bytes of a request's body.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// Bytes of a device API call's body: with a WebAuthn registration, and without.
pub const MAX_DEVICE_BODY_BYTES: (usize, usize) = (16_384, 8_192);
/// Characters of a user agent that is stored.
pub const MAX_USER_AGENT_CHARS: usize = 256;

// Authorization requests

/// Bytes of a sealed request that an address carries; a longer one travels in a form.
pub const MAX_SEALED_REQUEST_IN_URL_BYTES: usize = 2 * 1024;
/// Bytes of a sealed request.
pub const MAX_SEALED_REQUEST_BYTES: usize = 32 * 1024;

// Clients

/// Bytes of a client id; longer client ids are rejected without a lookup.
pub const MAX_CLIENT_ID_BYTES: usize = 256;
/// Characters of a client's name that its generated client id begins with.
pub const MAX_CLIENT_ID_NAME_CHARS: usize = 24;
/// Number of clients of one workspace that are cached; beyond it the cache is emptied and read again.
pub const MAX_CACHED_CLIENTS: usize = 10_000;
/// Number of workspaces that are cached; beyond it the cache is emptied and read again.
pub const MAX_CACHED_WORKSPACES: usize = 1_000;
