//! A request's body, read whole before a handler sees it: so much, in so much time.

use crate::clock::{Clock, Timestamp};
use futures_util::{StreamExt, future::Either, pin_mut};
use http::{StatusCode, header};
use poem::{Body, Request};
use std::time::Duration;

/// How large a body may be, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit {
    /// In bytes.
    pub size: usize,
    /// From the end of the head.
    pub deadline: Duration,
}

impl Default for BodyLimit {
    fn default() -> Self {
        Self { size: 64 * 1024, deadline: Duration::from_secs(30) }
    }
}

impl BodyLimit {
    /// Replaces the body by what was read of it, or says with which status it is refused.
    pub(super) async fn apply(self, request: &mut Request, clock: &dyn Clock) -> Result<(), StatusCode> {
        let body = request.take_body();
        if body.is_empty() {
            return Ok(());
        }
        let announced =
            request.header(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
        if announced.is_some_and(|length| length > self.size) {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let wait = i64::try_from(self.deadline.as_millis()).unwrap_or(i64::MAX);
        let deadline = clock.sleep_until(Timestamp(clock.now().0.saturating_add(wait)));
        let body = read(body, self.size);
        pin_mut!(body);
        let bytes = match futures_util::future::select(body, deadline).await {
            Either::Left((bytes, _)) => bytes?,
            Either::Right(_) => return Err(StatusCode::REQUEST_TIMEOUT),
        };
        request.set_body(bytes);
        Ok(())
    }
}

/// The bytes of `body`, unless they are more than `limit`.
async fn read(body: Body, limit: usize) -> Result<Vec<u8>, StatusCode> {
    let mut stream = body.into_bytes_stream();
    let mut bytes = Vec::new();
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| StatusCode::BAD_REQUEST)?;
        if bytes.len() + part.len() > limit {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use futures_util::stream;

    const LIMIT: BodyLimit = BodyLimit { size: 4, deadline: Duration::from_millis(30) };

    async fn applied(body: Body) -> Result<Vec<u8>, StatusCode> {
        let mut request = Request::builder().body(body);
        LIMIT.apply(&mut request, &SystemClock).await?;
        Ok(request.take_body().into_vec().await.unwrap())
    }

    #[tokio::test]
    async fn a_body_is_whole_up_to_the_limit_and_refused_beyond() {
        assert_eq!(applied(Body::from("1234")).await.unwrap(), b"1234");
        assert_eq!(applied(Body::from("12345")).await.unwrap_err(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(applied(Body::empty()).await.unwrap(), b"");
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_given_up() {
        let never = Body::from_bytes_stream(stream::pending::<Result<Vec<u8>, std::io::Error>>());
        assert_eq!(applied(never).await.unwrap_err(), StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn an_announced_length_is_enough_to_refuse() {
        let never = Body::from_bytes_stream(stream::pending::<Result<Vec<u8>, std::io::Error>>());
        let mut request = Request::builder().header("content-length", "5").body(never);
        let refused = LIMIT.apply(&mut request, &SystemClock).await;
        assert_eq!(refused.unwrap_err(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
