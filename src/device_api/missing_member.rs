//! Names the member that a request of a device lacks, by the document of the interface: the library's own message names
//! the type and not the member.

use super::path_template::fits;
use serde_json::Value;

/// Returns the first member that the operation requires in its body and `body` does not have, such as `transport.kind`.
pub(super) fn find(document: &Value, (method, path): (&str, &str), body: &[u8]) -> Option<String> {
    let mut paths = document.get("paths")?.as_object()?.iter();
    let (_, operations) = paths.find(|(template, _)| fits(template, path))?;
    let operation = operations.get(method.to_ascii_lowercase())?;
    let content = operation.get("requestBody")?.get("content")?.as_object()?;
    let schema = content.values().next()?.get("schema")?;
    missing_in(document, schema, &serde_json::from_slice(body).ok()?)
}

fn missing_in(document: &Value, schema: &Value, body: &Value) -> Option<String> {
    let schema = match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => document.pointer(reference.strip_prefix('#')?)?,
        None => schema,
    };
    let members = body.as_object()?;
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let mut required = required.filter_map(Value::as_str);
    if let Some(missing) = required.find(|name| !members.contains_key(*name)) {
        return Some(missing.to_owned());
    }
    schema.get("properties")?.as_object()?.iter().find_map(|(name, schema)| {
        let inner = missing_in(document, schema, members.get(name)?)?;
        Some(format!("{name}.{inner}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_missing_member_is_named_with_its_path_and_a_whole_body_lacks_nothing() {
        let document = json!({
            "paths": {"/x/{id}": {"put": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/a"}}}}}}},
            "a": {"required": ["ctr", "inner"], "properties": {"ctr": {}, "inner": {"$ref": "#/b"}}},
            "b": {"required": ["kind"], "properties": {"kind": {}}},
        });
        for (body, expected) in [
            (json!({}), Some("ctr")),
            (json!({"ctr": 1}), Some("inner")),
            (json!({"ctr": 1, "inner": {}}), Some("inner.kind")),
            (json!({"ctr": "text", "inner": {"kind": "none"}}), None),
            (json!([]), None),
        ] {
            let missing = find(&document, ("PUT", "/x/7"), body.to_string().as_bytes());
            assert_eq!(missing.as_deref(), expected, "{body}");
        }
        assert_eq!(find(&document, ("POST", "/x/7"), b"{}"), None);
    }
}
