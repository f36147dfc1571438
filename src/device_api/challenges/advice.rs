//! Computes warnings that are known only when a device fetches a challenge. They are not signed.

use crate::{
    app::{App, RequestContext},
    factors::push::details,
    storage::challenges::Challenge,
};

/// Warning: the browser's network is far from the phone's.
const FAR_FROM_PHONE: &str = "far_from_phone";

/// Returns the warnings for a device that sends this request.
pub fn advice(app: &App, challenge: &Challenge, context: &RequestContext) -> Vec<&'static str> {
    let phone = context.address();
    let browser = details::address(challenge.details());
    let is_far = browser.is_some_and(|browser| app.geoip.are_far_apart(browser, phone));
    is_far.then_some(FAR_FROM_PHONE).into_iter().collect()
}
