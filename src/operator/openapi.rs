//! `countersign openapi`.

use super::{CommandError, print_result};
use crate::device_api;

/// Prints the OpenAPI document of the device API, as in `openapi/device.json`.
///
/// # Errors
/// Never fails: the document is built without a database.
pub fn openapi() -> Result<(), CommandError> {
    print_result(device_api::document().trim_end());
    Ok(())
}
