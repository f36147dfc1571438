//! The documents of the machine-readable faces are what the program writes.
//!
//! `COUNTERSIGN_TEST_REWRITE=1` writes them anew.

use std::{fs, path::Path};

#[test]
fn the_device_document_is_what_the_program_writes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/device.json");
    let document = countersign::device_api::document();
    if std::env::var_os("COUNTERSIGN_TEST_REWRITE").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder openapi");
        fs::write(&path, &document).expect("openapi/device.json");
    }
    let kept = fs::read_to_string(&path).expect("openapi/device.json is there");
    assert!(kept == document, "openapi/device.json is old: run this with COUNTERSIGN_TEST_REWRITE=1");
}
