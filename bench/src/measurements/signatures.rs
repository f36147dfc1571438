use super::Bench;
use crate::report::{Row, per_second};

/// The rates of signing and hashing alone on one core, which bound all other rates.
pub fn measure(bench: &Bench) -> Vec<Row> {
    let raw = bench.raw;
    let rates = [
        ("raw signature, RS256", raw.rs256),
        ("raw signature, ES256", raw.es256),
        ("raw signature, EdDSA", raw.eddsa),
        ("raw Argon2id, 19 MiB, 2 passes", raw.argon2id),
    ];
    let row =
        |(what, rate): (&str, f64)| Row { what: what.into(), measured: per_second(rate), ..Row::default() };
    rates.map(row).to_vec()
}
