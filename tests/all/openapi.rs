//! Compares the OpenAPI documents in `openapi/` with those that the program writes.
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

/// Members whose description contains "null", in the order of the document, and whether they are nullable.
fn members_said_to_be_null(document: &serde_json::Value) -> Vec<(String, bool)> {
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let members =
        schemas.iter().filter_map(|(schema, object)| Some((schema, object["properties"].as_object()?)));
    let named = members
        .flat_map(|(schema, members)| members.iter().map(move |(name, member)| (schema, name, member)));
    named
        .filter(|(_, _, member)| {
            member["description"].as_str().is_some_and(|said| said.to_lowercase().contains("null"))
        })
        .map(|(schema, name, member)| (format!("{schema}.{name}"), member["nullable"] == true))
        .collect()
}

#[test]
fn a_member_that_may_be_null_is_nullable_in_the_document() {
    let document = serde_json::from_str(&countersign::device_api::document()).expect("JSON");
    let members = members_said_to_be_null(&document);
    assert!(members.iter().any(|(name, _)| name == "DeviceStatus.uv_credential"), "{members:?}");
    let strict: Vec<_> = members.into_iter().filter(|(_, is_nullable)| !is_nullable).collect();
    assert_eq!(strict, []);
}
