use super::{Bench, Measurement, Prepared, discovery, introspection, jwks, refresh, userinfo};
use crate::load::counted_round;
use crate::report::per_second;
use crate::stopwatch::median;
use std::time::Duration;

/// The number of rounds of each build. They alternate, so that other activity of the machine affects both.
const ROUNDS: usize = 12;
const ROUND: Duration = Duration::from_millis(1000);

/// One endpoint at two builds.
pub struct Compared {
    what: &'static str,
    before: Cost,
    after: Cost,
}

/// The medians of the rounds of one build.
struct Cost {
    /// Responses per second.
    rate: f64,
    /// Microseconds of processor time of the server for each response.
    microseconds: f64,
}

/// Measures the wanted endpoints of two builds of the server in one run.
pub async fn run(before: &Bench, after: &Bench, wanted: &[Measurement]) -> anyhow::Result<Vec<Compared>> {
    let mut rows = Vec::new();
    for measurement in wanted {
        let (Some(mut old), Some(mut new)) =
            (prepare(before, *measurement).await?, prepare(after, *measurement).await?)
        else {
            continue;
        };
        let (mut old_rounds, mut new_rounds) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            old_rounds.push(round(&mut old.1).await?);
            new_rounds.push(round(&mut new.1).await?);
        }
        rows.push(Compared { what: old.0, before: Cost::of(&old_rounds), after: Cost::of(&new_rounds) });
    }
    Ok(rows)
}

/// The load on an endpoint; none for the other measurements.
async fn prepare(
    bench: &Bench,
    measurement: Measurement,
) -> anyhow::Result<Option<(&'static str, Prepared)>> {
    Ok(Some(match measurement {
        Measurement::Discovery => ("discovery", discovery::prepare(bench).await?),
        Measurement::Jwks => ("JWKS", jwks::prepare(bench).await?),
        Measurement::Userinfo => ("userinfo", userinfo::prepare(bench).await?),
        Measurement::Introspection => ("introspection", introspection::prepare(bench).await?),
        Measurement::Refresh => ("refresh, ES256, rotation, durable", refresh::prepare(bench).await?),
        _ => return Ok(None),
    }))
}

async fn round(side: &mut Prepared) -> anyhow::Result<Cost> {
    let process = &side.demo.process;
    let counted = counted_round(ROUND, &mut side.callers, || process.processor_time()).await?;
    let (began, ended) = counted.reading;
    let microseconds = ended.saturating_sub(began).as_secs_f64() * 1e6;
    Ok(Cost { rate: counted.rate, microseconds: microseconds / counted.answers.max(1) as f64 })
}

impl Cost {
    fn of(rounds: &[Self]) -> Self {
        Self {
            rate: median(rounds.iter().map(|round| round.rate).collect()),
            microseconds: median(rounds.iter().map(|round| round.microseconds).collect()),
        }
    }
}

/// The table in Markdown.
#[expect(clippy::print_stdout, reason = "the table is what the benchmark is for")]
pub fn print(rows: &[Compared]) {
    println!("| what | before | after | | processor time before | after | |");
    println!("|---|---|---|---|---|---|---|");
    for Compared { what, before, after } in rows {
        println!(
            "| {what} | {} | {} | {:+.1} % | {:.1} µs | {:.1} µs | {:+.1} % |",
            per_second(before.rate),
            per_second(after.rate),
            (after.rate / before.rate - 1.0) * 100.0,
            before.microseconds,
            after.microseconds,
            (after.microseconds / before.microseconds - 1.0) * 100.0,
        );
    }
}
