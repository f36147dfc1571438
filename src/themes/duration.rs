//! Formats waiting times for people.

/// Formats seconds as `40 seconds`, `2 minutes` or `1 hour`, rounded up so that waiting that long is enough.
pub fn in_words(seconds: u64) -> String {
    match seconds {
        0..=90 => counted(seconds.max(1), "second"),
        91..=5400 => counted(seconds.div_ceil(60), "minute"),
        _ => counted(seconds.div_ceil(3600), "hour"),
    }
}

fn counted(number: u64, unit: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_time_is_rounded_up() {
        for (seconds, words) in [
            (0, "1 second"),
            (1, "1 second"),
            (40, "40 seconds"),
            (90, "90 seconds"),
            (91, "2 minutes"),
            (121, "3 minutes"),
            (5400, "90 minutes"),
            (5401, "2 hours"),
        ] {
            assert_eq!(in_words(seconds), words);
        }
    }
}
