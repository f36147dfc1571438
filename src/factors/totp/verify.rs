//! Verifies a TOTP code. Each step counts once (RFC 6238 §5.2): storage advances the last step and issues the
//! receipt.

use super::{CODE_DIGITS, PERIOD_SECONDS};
use crate::clock::Timestamp;
use crate::directory::FactorKind;
use crate::factors::proof::Candidate;
use ::entity::ids::PersonId;
use totp_rs::{Builder, Totp};

/// Steps accepted to either side of the current one (RFC 6238 §5.2, §6).
const MAX_CLOCK_SKEW_STEPS: i64 = 1;
/// Steps to either side in which a code is recognized, only to report that the clock is off.
const MAX_RECOGNIZED_SKEW_STEPS: i64 = 10;

/// A person's TOTP enrollment.
#[derive(Clone, Copy)]
pub struct TotpRecord<'a> {
    /// The owner.
    pub person: PersonId,
    /// The seed.
    pub seed: &'a [u8],
    /// The last used step.
    pub last_step: Option<i64>,
}

/// A correct code. Storage raises the last used step to `step`; only then may the candidate be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotpCandidate {
    /// The step to mark as used.
    pub step: i64,
    /// The proof, not confirmed yet.
    pub candidate: Candidate,
}

/// The reason for refusing a code; it displays as a sentence for the person. All but `Malformed` count as
/// failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotpRefusal {
    /// Not six digits.
    Malformed,
    /// Not the code of any recognized step.
    Wrong,
    /// The code is correct, but its step or a later one was used.
    AlreadyUsed,
    /// The code is correct for a step outside the accepted skew.
    ClockOff {
        /// Minutes by which the authenticator's clock is ahead, negative when behind, rounded away from zero.
        minutes: i64,
    },
}

impl std::fmt::Display for TotpRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed => f.write_str("Enter the six digits that the authenticator shows."),
            Self::Wrong => f.write_str("This code is not right. Enter the one that is shown now."),
            Self::AlreadyUsed => f.write_str("This code was used already. Wait for the next one."),
            Self::ClockOff { minutes } => {
                let (count, word) = (minutes.abs(), if *minutes > 0 { "fast" } else { "slow" });
                write!(
                    f,
                    "The clock of your authenticator is about {count} min {word}. Set it to automatic and try the next code."
                )
            }
        }
    }
}

/// Verifies `code` against the record at `now`.
pub fn verify(record: &TotpRecord<'_>, code: &str, now: Timestamp) -> Result<TotpCandidate, TotpRefusal> {
    let code = digits(code).ok_or(TotpRefusal::Malformed)?;
    let generator = generator(record.seed).ok_or(TotpRefusal::Wrong)?;
    let current = now.unix_seconds().div_euclid(PERIOD_SECONDS);
    // Every step is computed even after a match, for constant time; the nearest comes last, so that it wins.
    let matched = (0..=MAX_RECOGNIZED_SKEW_STEPS)
        .rev()
        .flat_map(|away| [current + away, current - away])
        .fold(None, |found, step| if shows(&generator, step, &code) { Some(step) } else { found })
        .ok_or(TotpRefusal::Wrong)?;
    if record.last_step.is_some_and(|last| matched <= last) {
        return Err(TotpRefusal::AlreadyUsed);
    }
    if (matched - current).abs() > MAX_CLOCK_SKEW_STEPS {
        return Err(TotpRefusal::ClockOff { minutes: minutes(matched - current) });
    }
    Ok(TotpCandidate { step: matched, candidate: Candidate::new(record.person, FactorKind::Totp, now) })
}

/// The six ASCII digits of a typed code, without the spaces that apps show between groups.
fn digits(code: &str) -> Option<String> {
    let code: String = code.chars().filter(|character| *character != ' ').take(8).collect();
    (code.len() == usize::from(CODE_DIGITS) && code.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
}

fn generator(seed: &[u8]) -> Option<Totp> {
    Builder::new()
        .with_secret(seed.to_vec())
        .with_account_name("account")
        .with_digits(CODE_DIGITS)
        .with_step_duration(PERIOD_SECONDS.unsigned_abs())
        .with_skew(0)
        .build()
        .ok()
}

/// Tells whether the generator shows `code` in `step`, in constant time.
fn shows(generator: &Totp, step: i64, code: &str) -> bool {
    u64::try_from(step.saturating_mul(PERIOD_SECONDS)).is_ok_and(|time| generator.check(code, time).is_some())
}

fn minutes(steps: i64) -> i64 {
    let seconds = steps * PERIOD_SECONDS;
    (seconds.abs() + 59) / 60 * seconds.signum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed of RFC 6238 appendix B.
    const SEED: &[u8] = b"12345678901234567890";

    fn record(last_step: Option<i64>) -> TotpRecord<'static> {
        TotpRecord { person: "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap(), seed: SEED, last_step }
    }

    fn check(last_step: Option<i64>, code: &str, seconds: i64) -> Result<i64, TotpRefusal> {
        verify(&record(last_step), code, Timestamp::from_unix_seconds(seconds)).map(|right| right.step)
    }

    fn code_at(seconds: i64) -> String {
        generator(SEED).unwrap().generate(seconds.unsigned_abs()).to_string()
    }

    #[test]
    fn the_test_vectors_of_the_rfc_verify() {
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            assert_eq!(check(None, code, seconds), Ok(seconds / 30));
        }
    }

    #[test]
    fn spaces_are_dropped_and_anything_but_six_ascii_digits_is_malformed() {
        assert_eq!(check(None, " 287 082 ", 59), Ok(1));
        for code in ["", "28708", "2870820", "２８７０８２", "28708a", "+87082", "287-082"] {
            assert_eq!(check(None, code, 59), Err(TotpRefusal::Malformed), "{code:?}");
        }
        assert_eq!(check(None, &"2".repeat(1_000_000), 59), Err(TotpRefusal::Malformed));
    }

    #[test]
    fn a_step_is_accepted_once_and_an_earlier_one_never_after_it() {
        let now = 1_800_000_000;
        let step = now / 30;
        assert_eq!(check(Some(step - 1), &code_at(now), now), Ok(step));
        assert_eq!(check(Some(step), &code_at(now), now), Err(TotpRefusal::AlreadyUsed));
        assert_eq!(check(Some(step), &code_at(now - 30), now), Err(TotpRefusal::AlreadyUsed));
        assert_eq!(check(Some(step), &code_at(now + 30), now), Ok(step + 1));
    }

    #[test]
    fn one_step_to_either_side_is_accepted_and_a_clock_further_off_is_reported() {
        let now = 1_800_000_000;
        for away in [-30, 0, 30] {
            assert_eq!(check(None, &code_at(now + away), now), Ok((now + away) / 30));
        }
        assert_eq!(check(None, &code_at(now + 60), now), Err(TotpRefusal::ClockOff { minutes: 1 }));
        assert_eq!(check(None, &code_at(now - 300), now), Err(TotpRefusal::ClockOff { minutes: -5 }));
        assert_eq!(check(None, &code_at(now - 330), now), Err(TotpRefusal::Wrong));
    }

    #[test]
    fn a_code_of_another_seed_is_wrong() {
        let other = TotpRecord { seed: b"09876543210987654321", ..record(None) };
        assert_eq!(
            verify(&other, &code_at(59), Timestamp::from_unix_seconds(59)).map(|right| right.step),
            Err(TotpRefusal::Wrong)
        );
    }
}
