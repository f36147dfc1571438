//! The page of each factor, one row each: where it is, and how the pages of the others offer it. `arrival` shows it.

use crate::{directory::FactorKind, factors::method, http::urls::Path, journey::Step, themes::Choice};

/// Returns the path of the page of a factor.
pub(super) const fn path(kind: FactorKind) -> Path {
    match kind {
        FactorKind::Password => Path::SigninPassword,
        FactorKind::Push => Path::SigninPush,
        FactorKind::Totp => Path::SigninTotp,
    }
}

/// Returns the words by which the page of another factor offers this one.
const fn words(kind: FactorKind) -> &'static str {
    match kind {
        FactorKind::Password => "Enter your password",
        FactorKind::Push => "Approve on your phone",
        FactorKind::Totp => "Enter a code",
    }
}

/// Returns the other factors that a step accepts, for the page of the factor that is `shown`.
pub(super) fn choices(step: &Step, shown: FactorKind) -> Vec<Choice> {
    let choice = |kind| Choice { name: method(kind).segment, path: path(kind).as_str(), words: words(kind) };
    step.choices(shown).into_iter().map(choice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_factor_has_the_segment_of_its_row() {
        for kind in FactorKind::ALL {
            assert_eq!(path(kind).as_str(), format!("/signin/{}", method(kind).segment));
            if let Some(enroll) = method(kind).enroll {
                assert_eq!(Path::SigninEnroll.as_str(), format!("/signin/{enroll}"));
            }
        }
    }

    #[test]
    fn a_page_offers_the_other_factors_of_its_step_in_their_order() {
        let prove = |alternatives: &[FactorKind]| Step::Prove {
            kind: FactorKind::Push,
            alternatives: alternatives.to_vec(),
            reasons: Default::default(),
        };
        let names = |step: &Step, shown| -> Vec<&str> {
            choices(step, shown).into_iter().map(|choice| choice.name).collect()
        };
        let both = prove(&[FactorKind::Totp, FactorKind::Password]);
        assert_eq!(names(&both, FactorKind::Push), ["totp", "password"]);
        assert_eq!(names(&both, FactorKind::Totp), ["push", "password"]);
        assert_eq!(names(&prove(&[]), FactorKind::Push), Vec::<&str>::new());
        assert_eq!(names(&Step::Consent, FactorKind::Push), Vec::<&str>::new());
    }
}
