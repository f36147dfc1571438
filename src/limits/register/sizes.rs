//! The rows of sizes.

use super::row::{Limit, rows};
use crate::limits::sizes;

pub(super) fn sizes() -> Vec<Limit> {
    rows! { sizes;
        MAX_NAME_CHARS in "src/directory/naming.rs": "a sentence that names the limit";
        MAX_SLUG_BYTES in "src/directory/naming.rs": "a sentence that names the form; no workspace is looked up";
        MAX_USERNAME_CHARS in "src/actions/sign_in/steps/identify.rs": "the page asks for the name again";
        MIN_PASSWORD_ALONE_CHARS in "src/factors/password/rules.rs": "a sentence that names the limit";
        MIN_PASSWORD_WITH_SECOND_FACTOR_CHARS in "src/factors/password/rules.rs":
            "a sentence that names the limit";
        MAX_PASSWORD_CHARS in "src/factors/password/rules.rs": "a sentence that names the limit";
        MIN_DISTINCT_PASSWORD_CHARS in "src/factors/password/rules.rs":
            "the password is refused as too common";
        MIN_NAME_CHARS in "src/factors/password/rules.rs":
            "the password is refused because it contains a name";
        MAX_PASSWORD_ATTEMPT_BYTES in "src/factors/password/verify.rs":
            "the attempt fails like a wrong password";
        MAX_URL_BYTES in "src/http/head.rs": "414";
        MAX_HEADER_BYTES in "src/http/head.rs": "431";
        MAX_HEADER_COUNT in "src/http/head.rs": "431";
        MAX_BODY_BYTES in "src/http/body_limit.rs": "413";
        MAX_DEVICE_BODY_BYTES in "src/device_api/endpoint.rs": "413 `too_large`";
        MAX_USER_AGENT_CHARS in "src/http/user_agent.rs": "nothing; the rest is not stored";
        MAX_SEALED_REQUEST_IN_URL_BYTES in "src/actions/sign_in/sealed_request.rs", "src/themes/page.rs":
            "nothing; the page carries the request in a form";
        MAX_SEALED_REQUEST_BYTES in "src/actions/sign_in/sealed_request.rs":
            "`invalid_request` at the application";
        MAX_CLIENT_ID_BYTES in "src/app/tenant_directory.rs": "the client is unknown";
        MAX_CLIENT_ID_NAME_CHARS in "src/actions/clients.rs":
            "nothing; the client id is shorter than the name";
        MAX_CACHED_CLIENTS in "src/app/tenant_directory.rs":
            "nothing; clients are read from the database again";
        MAX_CACHED_WORKSPACES in "src/app/directory_cache.rs":
            "nothing; workspaces are read from the database again";
    }
}
