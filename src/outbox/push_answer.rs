use super::carrier::Delivery;
use http::header::RETRY_AFTER;
use url::Url;

/// Interprets a push service's response: RFC 8030 §5 and §7.3, and the statuses that services send in
/// practice.
pub(super) fn delivery(answer: &http::Response<Vec<u8>>, endpoint: &Url) -> Delivery {
    let reason = reason(answer, endpoint);
    match answer.status().as_u16() {
        // 201 by the RFC, 202 with a receipt, 200 from ntfy, 204 from services without a body.
        200..=299 => Delivery::Accepted,
        404 | 410 => Delivery::Gone(reason),
        // A wrong key, a wrong contact address or a dead subscription: Apple answers all with 403
        // BadJwtToken, others with 400 or 401.
        400 | 401 | 403 => Delivery::Suspect(reason),
        // 507: ntfy, when the topic has no subscriber yet.
        408 | 425 | 429 | 500..=599 => Delivery::Later { after_seconds: after_seconds(answer), reason },
        300..=399 => Delivery::Failed(format!("{reason}; redirects are not followed").into()),
        _ => Delivery::Failed(reason.into()),
    }
}

/// RFC 9110 §10.2.3: only seconds are read; a date leads to the default delay.
fn after_seconds(answer: &http::Response<Vec<u8>>) -> Option<i64> {
    let seconds: u32 = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(i64::from(seconds))
}

/// Shorter parts of an endpoint are words such as `push`, and no capability.
const SHORTEST_SECRET: usize = 6;

/// The status and the beginning of the body: enough to recognize the problem, too short to flood a log. Some
/// services repeat the requested URL, which is a capability, so its parts are removed.
fn reason(answer: &http::Response<Vec<u8>>, endpoint: &Url) -> String {
    let mut text = String::from_utf8_lossy(answer.body()).into_owned();
    let address = endpoint.as_str().split(['/', '?', '&', '=', '#']).skip(3);
    for part in address.filter(|part| part.len() >= SHORTEST_SECRET) {
        text = text.replace(part, "…");
    }
    let text: String = text.chars().filter(|symbol| !symbol.is_control()).take(200).collect();
    format!("the push service answered {} {text}", answer.status().as_u16()).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An endpoint whose path is a secret.
    fn endpoint() -> Url {
        Url::parse("https://push.example/fcm/send/capability-MARK?key=other-MARK").unwrap()
    }

    fn delivery(answer: &http::Response<Vec<u8>>) -> Delivery {
        super::delivery(answer, &endpoint())
    }

    #[test]
    fn an_endpoint_repeated_by_the_service_is_removed_from_the_reason() {
        let body = "The requested URL /fcm/send/capability-MARK?key=other-MARK was not found";
        let Delivery::Gone(reason) = delivery(&answer(404, None, body)) else { panic!("404 is final") };
        let expected = "the push service answered 404 The requested URL /fcm/send/…?key=… was not found";
        assert_eq!(reason, expected);
    }

    fn answer(status: u16, retry_after: Option<&str>, body: &str) -> http::Response<Vec<u8>> {
        let mut builder = http::Response::builder().status(status);
        if let Some(value) = retry_after {
            builder = builder.header(RETRY_AFTER, value);
        }
        builder.body(body.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn each_status_is_mapped_to_its_outcome() {
        let reason = |status: u16| format!("the push service answered {status}");
        for (status, expected) in [
            (200, Delivery::Accepted),
            (201, Delivery::Accepted),
            (202, Delivery::Accepted),
            (204, Delivery::Accepted),
            (404, Delivery::Gone(reason(404))),
            (410, Delivery::Gone(reason(410))),
            (400, Delivery::Suspect(reason(400))),
            (401, Delivery::Suspect(reason(401))),
            (403, Delivery::Suspect(reason(403))),
            (413, Delivery::Failed(reason(413).into())),
            (307, Delivery::Failed(format!("{}; redirects are not followed", reason(307)).into())),
            (429, Delivery::Later { after_seconds: None, reason: reason(429) }),
            (500, Delivery::Later { after_seconds: None, reason: reason(500) }),
            (503, Delivery::Later { after_seconds: None, reason: reason(503) }),
            (507, Delivery::Later { after_seconds: None, reason: reason(507) }),
        ] {
            assert_eq!(delivery(&answer(status, None, "")), expected, "{status}");
        }
    }

    #[test]
    fn a_retry_after_in_seconds_is_used_and_any_other_ignored() {
        for (value, expected) in
            [("5", Some(5)), (" 120 ", Some(120)), ("-1", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)]
        {
            let Delivery::Later { after_seconds, .. } = delivery(&answer(429, Some(value), "")) else {
                panic!("429 is not final");
            };
            assert_eq!(after_seconds, expected, "{value}");
        }
    }

    #[test]
    fn the_body_of_the_service_is_shortened_to_one_line() {
        let Delivery::Suspect(reason) =
            delivery(&answer(403, None, &format!("BadJwtToken\r\n{}", "x".repeat(999))))
        else {
            panic!("403 is a suspicion");
        };
        assert!(reason.starts_with("the push service answered 403 BadJwtTokenx"), "{reason}");
        assert!(reason.len() < 240 && !reason.contains('\n'));
    }
}
