use std::time::{Duration, Instant};

/// Measures a duration; the benchmark's only clock.
#[derive(Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "a benchmark is about real time")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Waits in real time.
#[expect(clippy::disallowed_methods, reason = "a benchmark is about real time")]
pub async fn pause(wait: Duration) {
    tokio::time::sleep(wait).await;
}

/// The median, so that one disturbed round does not count.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
