use super::Bench;
use crate::report::Row;
use crate::stopwatch::pause;
use std::time::Duration;

/// The goal, in MB.
const GOAL: f64 = 40.0;

/// Memory in RAM three seconds after the server was ready, with its demo application in the same process.
pub async fn measure(bench: &Bench) -> anyhow::Result<Row> {
    let demo = bench.demo()?;
    pause(Duration::from_secs(3)).await;
    let megabytes = demo.process.memory_kib("VmRSS")? as f64 * 1024.0 / 1e6;
    Ok(Row {
        what: "idle memory (RSS)".to_owned(),
        measured: format!("{megabytes:.1} MB"),
        goal: format!("{GOAL:.0} MB"),
        is_reached: Some(megabytes <= GOAL),
        ..Row::default()
    })
}
