//! Responses as text for inline snapshots. A random value is replaced by its name after a check of its shape.

use super::{page::Page, phone::Problem, sign_in::Answer};
use http::Response;
use hyper::body::Bytes;
use serde_json::Value;
use std::collections::BTreeMap;

/// The headers that callers act on.
const HEADERS: [&str; 8] = [
    "allow",
    "cache-control",
    "content-type",
    "device-nonce",
    "pragma",
    "retry-after",
    "set-cookie",
    "www-authenticate",
];
/// The characters of 256 bits in base64url.
const SECRET_CHARS: usize = 43;
/// The characters of 128 bits in base64url.
const ID_CHARS: usize = 22;

/// The status, the headers that callers act on, and the body, indented if it is JSON.
pub fn response(response: &Response<Bytes>) -> String {
    let mut lines = vec![response.status().to_string()];
    for name in HEADERS {
        for value in response.headers().get_all(name) {
            let value = value.to_str().expect("a header of text");
            let value = if name == "device-nonce" { &secret(name, value, "") } else { value };
            lines.push(format!("{name}: {value}"));
        }
    }
    let request_id = response.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    match std::str::from_utf8(response.body()).expect("a body of text") {
        "" => {}
        body => lines.push(document(body, request_id)),
    }
    lines.join("\n")
}

/// The status, `error` and `error_description` of an OAuth error (RFC 6749 §5.2).
pub fn oauth_error(response: &Response<Bytes>) -> String {
    let body: Value = serde_json::from_slice(response.body()).expect("JSON");
    let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("no {name}: {body}"));
    let description = text("error_description");
    let is_plain = description.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E));
    assert!(is_plain, "RFC 6749 §5.2: {description:?}");
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(2), "only these two members: {body}");
    format!("{} {}: {description}", response.status().as_u16(), text("error"))
}

/// A problem document of the device API (RFC 9457).
pub fn problem(problem: &Problem) -> String {
    document(&problem.document.to_string(), None)
}

/// The authorization response on a page: how and where it is sent, and each parameter.
pub fn authorization_response(page: &Page) -> String {
    let answer = Answer::of(page);
    let mut address = answer.address;
    address.set_query(None);
    let how = if page.departure.is_some() { "redirect" } else { "form" };
    let mut lines = vec![format!("{} {how} to {address}", page.status)];
    for (name, value) in &answer.parameters {
        let value = if name == "code" { &secret(name, value, "cs_ac_") } else { value };
        lines.push(format!("{name}: {value}"));
    }
    lines.join("\n")
}

/// JSON with one member a line, sorted, and without random values; other text unchanged.
fn document(body: &str, request_id: Option<&str>) -> String {
    let Ok(members) = serde_json::from_str::<BTreeMap<String, Value>>(body) else { return body.to_owned() };
    let shown = members.iter().map(|(name, value)| {
        let value = match (name.as_str(), value.as_str()) {
            ("access_token", Some(token)) => secret(name, token, "cs_at_").into(),
            ("refresh_token", Some(token)) => secret(name, token, "cs_rt_").into(),
            ("id_token", Some(token)) => {
                jsonwebtoken::decode_header(token).expect("a JWS");
                "<id_token>".into()
            }
            ("request_id", Some(id)) => {
                assert!(id.len() == ID_CHARS && is_base64url(id), "not 128 bits in base64url: {id}");
                assert!(request_id.is_none_or(|header| header == id), "{id}, in the header {request_id:?}");
                "<request_id>".into()
            }
            _ => value.clone(),
        };
        (name, value)
    });
    serde_json::to_string_pretty(&shown.collect::<BTreeMap<_, _>>()).expect("JSON")
}

/// `<name>` for 256 random bits behind `prefix`; anything else fails.
fn secret(name: &str, value: &str, prefix: &str) -> String {
    let bits =
        value.strip_prefix(prefix).unwrap_or_else(|| panic!("{name} does not begin with {prefix}: {value}"));
    assert!(bits.len() == SECRET_CHARS && is_base64url(bits), "{name} is not 256 bits in base64url: {value}");
    format!("<{name}>")
}

fn is_base64url(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

mod tests {
    use super::*;

    fn tokens(access_token: &str) -> Response<Bytes> {
        let body = serde_json::json!({"access_token": access_token, "expires_in": 600}).to_string();
        Response::new(body.into())
    }

    fn fault(header: &str, member: &str) -> Response<Bytes> {
        let body = serde_json::json!({"request_id": member}).to_string();
        Response::builder().header("x-request-id", header).body(body.into()).expect("a response")
    }

    #[test]
    fn random_values_are_replaced_by_their_names() {
        let token = format!("cs_at_{}", "x".repeat(43));
        insta::assert_snapshot!(response(&tokens(&token)), @r#"
        200 OK
        {
          "access_token": "<access_token>",
          "expires_in": 600
        }
        "#);
        let id = "x".repeat(22);
        insta::assert_snapshot!(response(&fault(&id, &id)), @r#"
        200 OK
        {
          "request_id": "<request_id>"
        }
        "#);
    }

    #[test]
    #[should_panic(expected = "access_token is not 256 bits in base64url: cs_at_")]
    fn a_shorter_token_fails() {
        response(&tokens(&format!("cs_at_{}", "x".repeat(42))));
    }

    #[test]
    #[should_panic(expected = "access_token does not begin with cs_at_: cs_rt_")]
    fn a_token_of_another_kind_fails() {
        response(&tokens(&format!("cs_rt_{}", "x".repeat(43))));
    }

    #[test]
    #[should_panic(expected = "in the header")]
    fn a_request_id_that_is_not_that_of_the_header_fails() {
        response(&fault(&"x".repeat(22), &"y".repeat(22)));
    }
}
