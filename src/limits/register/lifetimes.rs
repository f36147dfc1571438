//! The rows of lifetimes, deadlines and retention.

use super::row::{Limit, rows};
use crate::limits::lifetimes;

pub(super) fn lifetimes() -> Vec<Limit> {
    let mut limits = tokens_and_sessions();
    limits.extend(phones());
    limits.extend(http());
    limits.extend(retention());
    limits
}

fn tokens_and_sessions() -> Vec<Limit> {
    rows! { lifetimes;
        ACCESS_TOKEN_LIFETIME_SECONDS in "src/directory/token_lifetimes.rs", "src/actions/tokens/issue.rs":
            "401 `invalid_token`; `expires_in` announces it" of client "access_token_seconds";
        ACCESS_TOKEN_LIFETIME_RANGE_SECONDS in "src/directory/token_lifetimes.rs": "the operator's command is refused";
        ID_TOKEN_LIFETIME_SECONDS in "src/directory/token_lifetimes.rs", "src/actions/tokens/issue.rs":
            "`exp` of the ID token" of client "id_token_seconds";
        ID_TOKEN_LIFETIME_RANGE_SECONDS in "src/directory/token_lifetimes.rs": "the operator's command is refused";
        REFRESH_TOKEN_IDLE_SECONDS in "src/directory/token_lifetimes.rs", "src/actions/tokens/refresh.rs":
            "400 `invalid_grant`" of client "refresh_token_idle_seconds";
        REFRESH_TOKEN_IDLE_RANGE_SECONDS in "src/directory/token_lifetimes.rs": "the operator's command is refused";
        REFRESH_TOKEN_ABSOLUTE_SECONDS in "src/directory/token_lifetimes.rs", "src/actions/tokens/refresh.rs":
            "400 `invalid_grant`" of client "refresh_token_absolute_seconds";
        REFRESH_TOKEN_ABSOLUTE_RANGE_SECONDS in "src/directory/token_lifetimes.rs": "the operator's command is refused";
        REFRESH_REPEAT_SECONDS in "src/actions/tokens/refresh.rs":
            "400 `invalid_grant`, and the grant is revoked: a later repetition counts as reuse";
        AUTHORIZATION_CODE_LIFETIME_SECONDS in "src/directory/token_lifetimes.rs", "src/actions/sign_in/complete/authorize.rs":
            "400 `invalid_grant`" of client "authorization_code_seconds";
        AUTHORIZATION_CODE_LIFETIME_RANGE_SECONDS in "src/directory/token_lifetimes.rs": "the operator's command is refused";
        JOURNEY_LIFETIME_SECONDS in "src/journey/state.rs", "src/actions/sign_in/load.rs", "src/signin/invitation.rs":
            "the page “This sign-in has ended” (410) with a button that begins again";
        SIGN_INS_RETRY_SECONDS in "src/actions/sign_in/submission.rs":
            "`Retry-After` of the page “too many requests” (429)";
        ENROLLMENT_FRESHNESS_SECONDS in "src/journey/state.rs":
            "the first factor is asked for again before an enrollment";
        SESSION_IDLE_SECONDS in "src/storage/liveness.rs", "src/storage/live_access_tokens.rs": "the person signs in again";
        SESSION_ABSOLUTE_SECONDS in "src/actions/sign_in/session.rs": "the person signs in again";
        KNOWN_BROWSER_SECONDS in "src/storage/known_browsers.rs", "src/storage/retention.rs":
            "the browser counts as a new one";
        MAX_KNOWN_BROWSERS in "src/storage/known_browsers.rs": "the browser counts as a new one";
        BROWSER_COOKIE_LIFETIME in "src/web/browser.rs": "the browser counts as a new one";
        SETUP_LINK_LIFETIME_SECONDS in "src/app/setup_link.rs":
            "the setup link is refused; a restart prints a new one";
        TICKET_LIFETIME_SECONDS in "src/actions/tickets/create.rs":
            "the enrollment page says that the code is not right, was used, or is too old";
        INVITATION_LIFETIME_SECONDS in "src/actions/invitations.rs":
            "the page says that the invitation does not work (410)";
    }
}

fn phones() -> Vec<Limit> {
    rows! { lifetimes;
        DEFAULT_CHALLENGE_LIFETIME_SECONDS in "src/actions/approvals/ask.rs", "src/directory/pool.rs":
            "410 `challenge_expired` at the device; the page offers a new request" set by "lifetime_seconds";
        CONSUME_WITHIN_SECONDS in "src/actions/approvals/effect.rs":
            "the approval is void; the page offers a new request";
        ENROLLMENT_LIFETIME_SECONDS in "src/actions/enrollment/offer.rs":
            "410 `enrollment_expired`; the page offers a new code";
        CONFIRM_WITHIN_SECONDS in "src/device_api/enrollments/completion.rs":
            "the phone is not added; the page offers a new code";
        CEREMONY_LIFETIME_SECONDS in "src/device_api/uv_credential.rs": "the ceremony has to begin again";
        TEST_PUSH_LIFETIME_SECONDS in "src/actions/devices/transport.rs":
            "nothing; the message is dropped";
        DEVICE_NOTICE_LIFETIME_SECONDS in "src/actions/devices/announce.rs":
            "a phone that is off for longer is not told of the other device";
        LETTER_LIFETIME_SECONDS in "src/actions/letters.rs":
            "the letter is not sent, and `letter.failed` is audited with the reason `expired`";
        REMOVAL_MESSAGE_LIFETIME_SECONDS in "src/actions/devices/remove.rs":
            "nothing; the device gets `device_revoked` at its next request";
    }
}

fn http() -> Vec<Limit> {
    rows! { lifetimes;
        EVENT_STREAM_SECONDS in "src/signin/watch.rs", "src/device_api/events.rs":
            "the stream ends; the client opens the next one";
        HEARTBEAT_SECONDS in "src/signin/watch.rs", "src/device_api/events.rs":
            "a comment in the event stream";
        LONG_POLL_SECONDS in "src/signin/watch.rs": "204; the page polls again";
        STREAM_RETRY_SECONDS in "src/signin/watch.rs": "`Retry-After` of `too_many_streams`";
        MAX_REQUEST_HEAD_SECONDS in "src/http/server/settings.rs": "the connection is closed";
        MAX_REQUEST_BODY_SECONDS in "src/http/body_limit.rs": "408";
        MAX_HANDLER_SECONDS in "src/http/time_limit.rs":
            "503 with `Retry-After`; nothing uncommitted is kept";
        MAX_LONG_POLL_HANDLER_SECONDS in "src/http/time_limit.rs": "503 with `Retry-After`";
        MAX_RESPONSE_STALL_SECONDS in "src/http/server/settings.rs": "the connection is closed";
        MAX_IDLE_CONNECTION_SECONDS in "src/http/server/settings.rs": "the connection is closed";
        MAX_SHUTDOWN_SECONDS in "src/operator/server.rs", "src/http/server/listener.rs":
            "requests in flight are dropped; a second signal does it at once";
        FAULT_RETRY_AFTER_SECONDS in "src/http/fault.rs": "`Retry-After` of a 503";
        DEFAULT_RETRY_AFTER_SECONDS in "src/web/error_page.rs": "the waiting time on an error page";
        DISCOVERY_MAX_AGE_SECONDS in "src/oidc/discovery.rs": "`max-age` in `Cache-Control`";
        JWKS_MAX_AGE_SECONDS in "src/app/workspace_keys.rs": "`max-age` in `Cache-Control`";
        KEY_PUBLISHED_BEFORE_USE_SECONDS in "src/actions/keys/rotate.rs": "the key before signs until then";
        KEY_NEEDED_AFTER_USE_SECONDS in "src/actions/keys/state.rs":
            "`keys retire` refuses the key until then, unless it is forced";
    }
}

fn retention() -> Vec<Limit> {
    rows! { lifetimes;
        HASHER_KEEP_ALIVE_MILLISECONDS in "src/app/hashing.rs": "nothing; memory goes back to the system";
        RETENTION_GRACE_SECONDS in "src/storage/retention.rs": "nothing; expired rows are deleted";
        CHALLENGE_RETENTION_SECONDS in "src/storage/retention.rs":
            "404 `challenge_unknown`, `enrollment_unknown`";
        FAILURE_COUNT_RETENTION_SECONDS in "src/storage/retention.rs": "nothing";
        AUTHORIZATION_CODE_RETENTION_SECONDS in "src/storage/retention.rs":
            "400 `invalid_grant`, without a revocation";
        REVOKED_DEVICE_RETENTION_SECONDS in "src/storage/retention.rs":
            "`device_unknown` instead of `device_revoked`";
        KEPT_ANSWER_COUNTERS in "src/storage/retention.rs": "nothing; older counters are deleted";
    }
}
