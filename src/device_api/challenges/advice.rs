//! What is known about a challenge only while a device looks at it. It is not signed.

use crate::{
    app::App, device_api::received::Received, factors::push::details, storage::challenges::Challenge,
};

/// The browser's network is far from the phone's.
const FAR_FROM_PHONE: &str = "far_from_phone";

/// What a device that asks from there should be told beside the details.
pub fn advice(app: &App, challenge: &Challenge, received: &Received) -> Vec<&'static str> {
    let phone = received.source.address;
    let browser = details::address(&challenge.details);
    let is_far = browser.is_some_and(|browser| app.geoip.are_far_apart(browser, phone));
    is_far.then_some(FAR_FROM_PHONE).into_iter().collect()
}
