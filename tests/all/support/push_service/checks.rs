//! The checks of a push service on requests of an application server.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign::clock::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use poem::http::HeaderMap;
use serde::Deserialize;

/// RFC 8030 §5.2: Mozilla's service keeps nothing for longer than thirty days.
const LONGEST_TTL: u32 = 2_592_000;

/// A refusal: status and body.
pub type Refusal = (u16, &'static str);

/// The headers of a valid message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    pub ttl: u32,
    pub urgency: Option<String>,
    pub topic: Option<String>,
}

/// RFC 8030 §5 and RFC 8291 §4.
pub fn headers(headers: &HeaderMap) -> Result<Headers, Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let ttl = text("ttl").and_then(|ttl| ttl.parse().ok()).filter(|ttl| *ttl <= LONGEST_TTL);
    let ttl = ttl.ok_or((400, "expected a TTL of 0 to 2592000 seconds"))?;
    let topic = text("topic");
    let is_topic = |topic: &String| {
        (1..=32).contains(&topic.len())
            && topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if topic.as_ref().is_some_and(|topic| !is_topic(topic)) {
        return Err((400, "expected a Topic of 1 to 32 characters of base64url"));
    }
    let urgency = text("urgency");
    if urgency.as_deref().is_some_and(|urgency| !["very-low", "low", "normal", "high"].contains(&urgency)) {
        return Err((400, "expected an Urgency of RFC 8030 §5.3"));
    }
    if text("content-encoding").as_deref() != Some("aes128gcm") {
        return Err((415, "expected Content-Encoding: aes128gcm"));
    }
    Ok(Headers { ttl, urgency, topic })
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    exp: i64,
    sub: Option<String>,
}

/// RFC 8292 §2 to §4: the token names the sender and this service, is not expired, and is signed by the
/// subscription's key.
pub fn vapid(headers: &HeaderMap, origin: &str, subscribed: &str, now: Timestamp) -> Result<(), Refusal> {
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok());
    let parameters =
        authorization.and_then(|value| value.strip_prefix("vapid ")).ok_or((401, "expected VAPID"))?;
    let parameter = |name: &str| {
        parameters.split(',').find_map(|part| part.trim().strip_prefix(name)).ok_or((401, "expected t and k"))
    };
    let (token, key) = (parameter("t=")?, parameter("k=")?);
    if key != subscribed {
        return Err((403, "the subscription was made with another key"));
    }
    let point = URL_SAFE_NO_PAD.decode(key).map_err(|_| (401, "expected k to be base64url"))?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let read = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_ec_der(&point), &validation);
    let claims = read.map_err(|_| (403, "the signature does not fit the key"))?.claims;
    let is_from_somebody = |sub: &str| sub.starts_with("mailto:") || sub.starts_with("https://");
    let seconds_left = claims.exp - now.unix_seconds();
    match () {
        () if claims.aud != origin => Err((403, "the token is for another service")),
        () if seconds_left <= 0 => Err((403, "the token has expired")),
        () if seconds_left > 24 * 3600 => Err((403, "the token is good for more than a day")),
        () if !claims.sub.as_deref().is_some_and(is_from_somebody) => Err((403, "expected a contact")),
        () => Ok(()),
    }
}
