//! Reads a request's body completely before its handler runs, within a size and a time limit.

use super::fields::single;
use crate::{
    clock::{Clock, Timestamp},
    limits::{lifetimes::MAX_REQUEST_BODY_SECONDS, sizes::MAX_BODY_BYTES},
};
use futures_util::{StreamExt, future::Either, pin_mut};
use http::{StatusCode, header};
use poem::{Body, Request};
use std::time::Duration;

/// The limits of a request's body.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit {
    /// The maximum size, in bytes.
    pub size: usize,
    /// The maximum time to receive the body, counted from the end of the head.
    pub deadline: Duration,
}

impl Default for BodyLimit {
    fn default() -> Self {
        Self { size: MAX_BODY_BYTES, deadline: Duration::from_secs(MAX_REQUEST_BODY_SECONDS) }
    }
}

impl BodyLimit {
    /// Replaces the body by its bytes, or returns the status that refuses it: 400, 408 or 413.
    pub(super) async fn apply(self, request: &mut Request, clock: &dyn Clock) -> Result<(), StatusCode> {
        let body = request.take_body();
        if body.is_empty() {
            return Ok(());
        }
        let announced = single(request.headers(), header::CONTENT_LENGTH).text();
        let announced = announced.and_then(|length| length.parse::<usize>().ok());
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

/// Reads `body`, unless it has more than `limit` bytes.
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
    async fn a_body_is_read_up_to_the_limit_and_refused_beyond() {
        assert_eq!(applied(Body::from("1234")).await.unwrap(), b"1234");
        assert_eq!(applied(Body::from("12345")).await.unwrap_err(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(applied(Body::empty()).await.unwrap(), b"");
    }

    #[tokio::test]
    async fn a_body_that_does_not_arrive_is_refused_after_the_deadline() {
        let never = Body::from_bytes_stream(stream::pending::<Result<Vec<u8>, std::io::Error>>());
        assert_eq!(applied(never).await.unwrap_err(), StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn a_declared_length_over_the_limit_is_refused_at_once() {
        let never = Body::from_bytes_stream(stream::pending::<Result<Vec<u8>, std::io::Error>>());
        let mut request = Request::builder().header("content-length", "5").body(never);
        let refused = LIMIT.apply(&mut request, &SystemClock).await;
        assert_eq!(refused.unwrap_err(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
