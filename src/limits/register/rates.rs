//! The rows of rate limits, lockout, push and concurrency.

use super::row::{Limit, rows};
use crate::limits::{concurrency, lockout, networks, push, rate_limit};

pub(super) fn rate_limits() -> Vec<Limit> {
    rows! { rate_limit;
        CLIENT_AUTHENTICATION_FAILURES in "src/oidc/client.rs", "src/app/bootstrap.rs":
            "429 `temporarily_unavailable` with `Retry-After`, for this client id from this source";
        UNKNOWN_CLIENT_EVENTS in "src/oidc/client.rs", "src/app/bootstrap.rs":
            "nothing; the failure is answered without an audit event";
        CLIENT_FAILURE_EVENTS in "src/actions/clients.rs", "src/app/bootstrap.rs", "src/oidc/client.rs":
            "nothing; the failure is answered without an audit event";
        UNPROVEN_DEVICE_REQUESTS in "src/device_api/key.rs", "src/device_api/limits.rs":
            "429 `too_many_requests` instead of 401; `use_nonce` and `device_revoked` do not count";
        PROVEN_DEVICE_REQUESTS in "src/device_api/device_request.rs", "src/device_api/limits.rs":
            "429 `too_many_requests` with `Retry-After`";
        WRONG_ANSWER_WINDOW_SECONDS in "src/app/bootstrap.rs", "src/actions/password.rs", "src/actions/totp.rs",
            "src/actions/tickets/redeem.rs", "src/device_api/enrollments/claim.rs":
            "the page “too many requests” (429) or 429 `too_many_requests` until the window closes";
        ANONYMOUS_WRITE_WINDOW_SECONDS in "src/app/bootstrap.rs", "src/actions/action.rs":
            "429, as a page or a problem, until the window closes";
        MAX_REMEMBERED_SOURCES in "src/app/bootstrap.rs", "src/device_api/limits.rs":
            "nothing; the count of the oldest source is dropped";
        MAX_REMEMBERED_CLIENT_SOURCES in "src/app/bootstrap.rs":
            "nothing; the oldest count is dropped";
    }
}

pub(super) fn networks() -> Vec<Limit> {
    rows! { networks;
        WIDER_IPV6_NETWORKS in "src/limits/networks.rs", "src/limits/rate_limit.rs", "src/limits/concurrency.rs",
            "src/actions/password.rs", "src/storage/journeys.rs":
            "what the limit of the source shows";
    }
}

pub(super) fn lockouts() -> Vec<Limit> {
    rows! { lockout;
        PASSWORD_FROM_SOURCE in "src/actions/password.rs":
            "the password page names the wait; applies to one account from one source";
        PASSWORD_FROM_EVERYWHERE in "src/actions/password.rs":
            "the password page names the wait; a browser that has signed this person in before may try on";
        TOTP in "src/actions/totp.rs": "the code page names the wait";
        TOTP_LONG_TERM in "src/actions/totp.rs": "the code page names the wait";
        REPORTED_SOURCE_BLOCK_SECONDS in "src/actions/reported_source.rs":
            "the password page and the code page name the wait; no request is sent to the phone";
        TICKET in "src/actions/tickets/redeem.rs": "the enrollment page names the wait";
        MAX_BAD_SIGNATURES_PER_DAY in "src/actions/devices/suspend.rs":
            "the device is suspended: 403 `device_not_active`, audit event `device.suspended`";
        BAD_SIGNATURES in "src/storage/authenticators/counters.rs": "nothing; it is the window of the limit above";
        MAX_CONFIRM_ATTEMPTS in "src/storage/enrollments/steps.rs", "src/actions/enrollment/confirm.rs":
            "the page says how many attempts are left; at the limit the phone is not added";
        MAX_CLAIM_FAILURES in "src/storage/enrollments/steps.rs", "src/actions/enrollment/claim.rs":
            "404 `enrollment_unknown`; the enrollment has failed";
    }
}

pub(super) fn push() -> Vec<Limit> {
    rows! { push;
        RESEND_AFTER_SECONDS in "src/limits/push.rs": "the push page names the wait before the next request";
        MAX_OPEN_CHALLENGES in "src/limits/push.rs": "the push page says that other sign-ins are waiting";
        MAX_UNAPPROVED_PER_WINDOW in "src/limits/push.rs":
            "the push page names the wait before the next request";
        FREE_FAILURES in "src/limits/push.rs": "nothing up to the limit, then the wait of the next row";
        BACKOFF_SECONDS in "src/limits/push.rs": "the push page names the wait before the next request";
        FAILURE_WINDOW_SECONDS in "src/limits/push.rs": "nothing";
        MAX_WRONG_NUMBERS in "src/limits/push.rs": "the push page names the wait before the next request";
        MAX_DENIALS in "src/limits/push.rs": "the phone gets no notification for a while";
        REFUSAL_WINDOW_SECONDS in "src/limits/push.rs": "nothing";
        MISMATCH_PAUSE_SECONDS in "src/limits/push.rs":
            "the push page names the wait; other factors stay usable";
        MUTE_SECONDS in "src/limits/push.rs", "src/actions/approvals/effect.rs":
            "the phone gets no notification; the request waits in the authenticator";
        HISTORY_SECONDS in "src/actions/approvals/push_history.rs", "src/actions/approvals/history.rs",
            "src/actions/people/unlock.rs": "nothing";
        DEFAULT_DEVICES_PER_CHALLENGE in "src/actions/approvals/ask.rs", "src/directory/pool.rs":
            "the devices that were used last get the request" set by "fanout";
        DEFAULT_DEVICES_PER_PERSON in "src/actions/enrollment/room.rs", "src/directory/pool.rs":
            "the enrollment page offers no code" set by "devices";
        MAX_TEST_PUSHES in "src/actions/devices/transport.rs":
            "429 `too_many_requests` with `Retry-After`";
        TEST_PUSH_WINDOW_SECONDS in "src/actions/devices/transport.rs":
            "nothing; it is the window of the limit above";
        FAR_FROM_PHONE_KILOMETERS in "src/app/geoip.rs": "the phone shows the warning `far_from_phone`";
    }
}

pub(super) fn concurrency() -> Vec<Limit> {
    rows! { concurrency;
        MAX_STREAMS_PER_BROWSER in "src/signin/watch.rs", "src/routes.rs":
            "503 `too_many_streams`; the page polls at intervals instead";
        MAX_STREAMS_PER_PROCESS in "src/signin/watch.rs", "src/routes.rs":
            "503 `too_many_streams`; the page polls at intervals instead";
        MAX_STREAMS_PER_DEVICE in "src/device_api/limits.rs": "429 `too_many_requests` with `Retry-After: 1`";
        MAX_QUEUED_PER_SLOT in "src/app/hashing.rs": "the page “unavailable” (503) with `Retry-After: 1`";
        MAX_QUEUED_PER_SLOT_OF_SOURCE in "src/app/hashing.rs":
            "the page “unavailable” (503) with `Retry-After: 1`, for this source alone";
        RESERVED_QUEUE_PER_SLOT in "src/app/hashing.rs":
            "the page “unavailable” (503) with `Retry-After: 1`; known browsers may use the places";
    }
}
