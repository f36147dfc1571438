//! Which passwords a person may have.

use crate::{
    actions::FieldProblem,
    directory::{Pool, SecondFactorRule},
    factors::password::{NewPassword, Protects, check_new},
};

/// Checks a new password of a person of `pool`, whose names, and those of the service, it must not contain.
pub(in crate::actions) fn password_problem(
    pool: &Pool,
    names: &[&str],
    password: &str,
) -> Option<FieldProblem> {
    let protects = match pool.policy.second_factor {
        SecondFactorRule::Always => Protects::WithSecondFactor,
        SecondFactorRule::WhenAsked => Protects::Alone,
    };
    let names = [names, &["countersign"]].concat();
    let problem = check_new(&NewPassword { password, protects, names: &names }).err()?;
    Some(FieldProblem { field: "password", sentence: problem.to_string() })
}
