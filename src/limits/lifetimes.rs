//! Lifetimes: how long sign-ins, sessions, codes, tokens, enrollments and stored rows last, and the deadlines
//! of HTTP.
//! Never enforces anything; the register names the file that does.
//! Spec: RFC 6749 §4.1.2, RFC 9700 §4.14, OpenID Connect Core §3.1.2.1; authenticator protocol §10.
//! Called by: every module that stores something with an end.

use std::{ops::RangeInclusive, time::Duration};

// Tokens

/// Seconds for which an access token is valid (RFC 6749 §5.1, `expires_in`).
pub const ACCESS_TOKEN_LIFETIME_SECONDS: i64 = 600;
/// What a client may set instead, in seconds. A token that was issued ends no sooner than it says, so that a day is the
/// most.
pub const ACCESS_TOKEN_LIFETIME_RANGE_SECONDS: RangeInclusive<i64> = 60..=24 * 3600;
/// Seconds for which an ID token is valid (OpenID Connect Core §2, `exp`).
pub const ID_TOKEN_LIFETIME_SECONDS: i64 = 600;
/// What a client may set instead, in seconds.
pub const ID_TOKEN_LIFETIME_RANGE_SECONDS: RangeInclusive<i64> = 60..=24 * 3600;
/// Seconds for which a refresh token is valid without use (RFC 9700 §4.14.2).
pub const REFRESH_TOKEN_IDLE_SECONDS: i64 = 30 * 24 * 3600;
/// What a client may set instead, in seconds.
pub const REFRESH_TOKEN_IDLE_RANGE_SECONDS: RangeInclusive<i64> = 300..=REFRESH_TOKEN_ABSOLUTE_SECONDS;
/// Seconds for which a refresh token and all its successors are valid, counted from the authorization.
pub const REFRESH_TOKEN_ABSOLUTE_SECONDS: i64 = 90 * 24 * 3600;
/// What a client may set instead, in seconds. The longest is that of [`AUTHORIZATION_CODE_RETENTION_SECONDS`].
pub const REFRESH_TOKEN_ABSOLUTE_RANGE_SECONDS: RangeInclusive<i64> = 300..=REFRESH_TOKEN_ABSOLUTE_SECONDS;
/// Seconds within which the response to a refresh is repeated, for a client that lost it.
pub const REFRESH_REPEAT_SECONDS: i64 = 10;
/// Seconds within which an authorization code is redeemed (RFC 6749 §4.1.2).
pub const AUTHORIZATION_CODE_LIFETIME_SECONDS: i64 = 60;
/// What a client may set instead, in seconds. RFC 6749 §4.1.2 recommends ten minutes at most.
pub const AUTHORIZATION_CODE_LIFETIME_RANGE_SECONDS: RangeInclusive<i64> = 10..=600;

// Sign-ins and sessions

/// Seconds that a sign-in may take.
pub const JOURNEY_LIFETIME_SECONDS: i64 = 15 * 60;
/// `Retry-After` in seconds when a source has as many sign-ins in progress as it may have.
pub const SIGN_INS_RETRY_SECONDS: u32 = 60;
/// Seconds before the sign-in began within which a first factor is fresh enough to enroll a second one.
pub const ENROLLMENT_FRESHNESS_SECONDS: i64 = 5 * 60;
/// Seconds without use after which a session ends.
pub const SESSION_IDLE_SECONDS: i64 = 12 * 3600;
/// Seconds after its sign-in at which a session ends in any case.
pub const SESSION_ABSOLUTE_SECONDS: i64 = 7 * 24 * 3600;
/// Seconds without a sign-in after which a browser is no longer known to its person.
pub const KNOWN_BROWSER_SECONDS: i64 = 180 * 24 * 3600;
/// Number of browsers that are known to one person; beyond it the one is forgotten that was not used for longest.
pub const MAX_KNOWN_BROWSERS: u64 = 50;
/// Lifetime of the cookie that tells browsers apart: a year. The cookie proves nothing.
pub const BROWSER_COOKIE_LIFETIME: Duration = Duration::from_secs(365 * 24 * 3600);
/// Seconds for which the setup link of the first start is valid.
pub const SETUP_LINK_LIFETIME_SECONDS: i64 = 3600;

/// Seconds for which a ticket is valid.
pub const TICKET_LIFETIME_SECONDS: i64 = 3600;
/// Seconds for which the link of an invitation is valid.
pub const INVITATION_LIFETIME_SECONDS: i64 = 72 * 3600;

// Phones

/// Seconds until a challenge expires, when the policy of the pool names no other.
pub const DEFAULT_CHALLENGE_LIFETIME_SECONDS: u16 = 90;
/// Seconds within which the browser must consume an approval.
pub const CONSUME_WITHIN_SECONDS: i64 = 60;
/// Seconds for which the link and the activation code of an enrollment are valid.
pub const ENROLLMENT_LIFETIME_SECONDS: i64 = 600;
/// Seconds to enter the confirmation code of an enrollment in the browser.
pub const CONFIRM_WITHIN_SECONDS: i64 = 300;
/// Seconds that a WebAuthn ceremony may take.
pub const CEREMONY_LIFETIME_SECONDS: i64 = 300;
/// Seconds for which a test push is delivered.
pub const TEST_PUSH_LIFETIME_SECONDS: i64 = 60;
/// Seconds for which the message that a device was removed is delivered.
pub const REMOVAL_MESSAGE_LIFETIME_SECONDS: i64 = 24 * 3600;
/// Seconds for which the push service keeps the message that another device was added or removed.
pub const DEVICE_NOTICE_LIFETIME_SECONDS: i64 = 24 * 3600;

/// Seconds for which a letter is tried: a mail server that is away for longer does not get it.
pub const LETTER_LIFETIME_SECONDS: i64 = 24 * 3600;

// Waiting pages and devices

/// Seconds after which an event stream ends; the browser opens the next one, a device with a fresh proof.
pub const EVENT_STREAM_SECONDS: i64 = 55;
/// Seconds between two comments that keep an event stream alive and reveal a dead one.
pub const HEARTBEAT_SECONDS: i64 = 15;
/// Seconds after which a long poll is answered without news.
pub const LONG_POLL_SECONDS: i64 = 25;
/// Seconds after which a browser may ask for an event stream again when no slot was free.
pub const STREAM_RETRY_SECONDS: u32 = 5;

// HTTP

/// Seconds for a request's head, from its first byte.
pub const MAX_REQUEST_HEAD_SECONDS: u64 = 5;
/// Seconds for a request's body, from the end of its head.
pub const MAX_REQUEST_BODY_SECONDS: u64 = 30;
/// Seconds for a handler.
pub const MAX_HANDLER_SECONDS: u64 = 10;
/// Seconds for the handler of a long poll; longer than [`LONG_POLL_SECONDS`].
pub const MAX_LONG_POLL_HANDLER_SECONDS: u64 = 35;
/// Seconds during which a peer may read nothing of a response.
pub const MAX_RESPONSE_STALL_SECONDS: u64 = 30;
/// Seconds for which a connection stays open without a request.
pub const MAX_IDLE_CONNECTION_SECONDS: u64 = 60;
/// Seconds for requests and tasks in flight at shutdown; a service manager kills the process soon after.
pub const MAX_SHUTDOWN_SECONDS: i64 = 10;
/// `Retry-After` in seconds when a fault is temporary, such as a database that does not answer.
pub const FAULT_RETRY_AFTER_SECONDS: u32 = 2;
/// The waiting time on an error page, in seconds, when the error names none.
pub const DEFAULT_RETRY_AFTER_SECONDS: u32 = 5;
/// `max-age` of the discovery documents, in seconds (RFC 9111 §5.2.2.1).
pub const DISCOVERY_MAX_AGE_SECONDS: u32 = 300;
/// `max-age` of the key set, in seconds: a new key signs only after every cached key set has expired. A
/// client that meets an unknown `kid` reads the key set again.
pub const JWKS_MAX_AGE_SECONDS: u32 = 300;
/// Seconds for which a signing key is published before it signs: twice [`JWKS_MAX_AGE_SECONDS`], because another node may
/// answer with the former key set until it has been notified.
pub const KEY_PUBLISHED_BEFORE_USE_SECONDS: i64 = 600;
/// Seconds for which a signing key stays published after it has signed: as long as a session may live, whose ID token is
/// its hint at the sign-out.
pub const KEY_NEEDED_AFTER_USE_SECONDS: i64 = SESSION_ABSOLUTE_SECONDS;

// Memory and stored rows

/// Milliseconds for which the memory of a password hash is kept for the next one.
pub const HASHER_KEEP_ALIVE_MILLISECONDS: i64 = 1_000;
/// Seconds for which expired rows are kept, so that a late repetition gets the error that fits.
pub const RETENTION_GRACE_SECONDS: i64 = 3600;
/// Seconds for which challenges and enrollments are kept: the limits of push look back a day.
pub const CHALLENGE_RETENTION_SECONDS: i64 = 2 * 24 * 3600;
/// Seconds for which failure counts are kept: the longest lockout looks back 30 days.
pub const FAILURE_COUNT_RETENTION_SECONDS: i64 = 31 * 24 * 3600;
/// Seconds for which redeemed codes are kept: a repeated code revokes what it gave for as long as that may
/// live.
pub const AUTHORIZATION_CODE_RETENTION_SECONDS: i64 = 90 * 24 * 3600;
/// Seconds for which revoked devices are kept, so that they are answered `device_revoked` and not
/// `device_unknown`.
pub const REVOKED_DEVICE_RETENTION_SECONDS: i64 = 90 * 24 * 3600;
/// Number of answers of a device for which its counters are kept: copies of a key are detected within so
/// many.
pub const KEPT_ANSWER_COUNTERS: i64 = 1_000;
