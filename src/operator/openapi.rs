//! `countersign openapi`.

use super::{CommandError, print_result};
use crate::device_api;

/// Prints the device API's document, as `openapi/device.json` holds it.
///
/// # Errors
/// None: the document is written without a database.
pub fn openapi() -> Result<(), CommandError> {
    print_result(device_api::document().trim_end());
    Ok(())
}
