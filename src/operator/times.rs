//! Times in the results and options of commands: RFC 3339, in UTC.

use super::{CommandError, opened::usage};
use crate::clock::Timestamp;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, format_description::well_known::Rfc3339};

/// Writes a time, to the second.
pub(super) fn shown(at: Timestamp) -> String {
    let time = OffsetDateTime::from_unix_timestamp(at.unix_seconds());
    let text = time.ok().and_then(|time| time.format(&Rfc3339).ok());
    text.unwrap_or_else(|| at.unix_seconds().to_string())
}

/// Reads the value of `option`: a day, or a time in UTC.
///
/// # Errors
/// When it is neither.
pub(super) fn parsed(option: &str, text: &str) -> Result<Timestamp, CommandError> {
    let refused = || {
        let expected = "2026-11-30, or 2026-11-30T12:00:00Z";
        usage(format!("{option}: expected a day or a time in UTC, such as {expected}"))
    };
    let (day, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let time = time.strip_suffix('Z').ok_or_else(refused)?;
    let ([year, month, day], [hour, minute, second]) =
        (numbers(day, '-').ok_or_else(refused)?, numbers(time, ':').ok_or_else(refused)?);
    let small = |number: u32| u8::try_from(number).ok();
    let date = || {
        let month = Month::try_from(small(month)?).ok()?;
        Date::from_calendar_date(i32::try_from(year).ok()?, month, small(day)?).ok()
    };
    let time = || Time::from_hms(small(hour)?, small(minute)?, small(second)?).ok();
    let at = date().zip(time()).map(|(date, time)| PrimitiveDateTime::new(date, time).assume_utc());
    Ok(Timestamp::from_unix_seconds(at.ok_or_else(refused)?.unix_timestamp()))
}

fn numbers(text: &str, separator: char) -> Option<[u32; 3]> {
    let parts: Option<Vec<u32>> = text
        .split(separator)
        .map(|part| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?)
        .collect();
    parts?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_shown() {
        for text in ["2026-11-30T12:00:00Z", "1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z"] {
            assert_eq!(shown(parsed("--since", text).unwrap()), text);
        }
        assert_eq!(shown(parsed("--since", "2026-11-30").unwrap()), "2026-11-30T00:00:00Z");
    }

    #[test]
    fn a_time_of_another_form_is_refused_with_the_expected_one() {
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-02-30",
            "2026-11-30T12:00",
            "2026-11-30T12:00:00+01:00",
            "+1-1-1",
        ] {
            let refusal = parsed("--since", text).unwrap_err();
            assert!(refusal.sentence.starts_with("--since: expected a day"), "{text}: {}", refusal.sentence);
        }
    }
}
