//! Builds every UPDATE of a state from the aggregate's table of transitions, so that each has its guard:
//! `UPDATE … SET state = to WHERE state IN (from)`. No other file of the module writes a state column.

use crate::{
    clock::Timestamp,
    factors::push::{
        ChallengeTransition, DeviceTransition, EnrollmentTransition, OutboxTransition, Transition,
        TransportTransition,
    },
};
use ::entity::{
    authenticator, challenge, enrollment,
    enums::{ChallengeState, EnrollmentState},
    outbox, transport,
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, UpdateMany, Value, sea_query::Expr};

#[cfg(test)]
mod tests;

/// A table with a column for the state.
pub(super) trait StateTable: EntityTrait {
    /// The allowed changes of the state.
    type Transition: Transition<State: Into<Value>>;

    /// The column of the state.
    const STATE: Self::Column;

    /// The column that counts the changes of the state, if there is one.
    const VERSION: Option<Self::Column> = None;
}

/// The state of a table.
pub(super) type StateOf<E> = <<E as StateTable>::Transition as Transition>::State;

/// When a state ends by itself. A stored state changes only when the clean-up runs; every other statement and
/// every reader considers the time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Deadline<C> {
    /// At the time of this column, which is never null.
    At(C),
    /// At the time of this column; where it is null, the state has ended.
    AtOrBefore(C),
    /// At the time of the first column; where it is null, at that of the second.
    AtOr(C, C),
}

impl<C: ColumnTrait> Deadline<C> {
    /// Returns the time; `value` reads a column.
    pub(super) fn of(self, value: impl Fn(C) -> Option<Timestamp>) -> Timestamp {
        let time = match self {
            Self::At(column) | Self::AtOrBefore(column) => value(column),
            Self::AtOr(column, other) => value(column).or_else(|| value(other)),
        };
        time.unwrap_or(Timestamp(0))
    }

    fn is_ahead(self, now: Timestamp) -> Expr {
        match self {
            Self::At(column) | Self::AtOrBefore(column) => column.gt(now),
            Self::AtOr(column, other) => column.gt(now).or(column.is_null().and(other.gt(now))),
        }
    }

    fn has_passed(self, now: Timestamp) -> Expr {
        match self {
            Self::At(column) => column.lte(now),
            Self::AtOrBefore(column) => column.is_null().or(column.lte(now)),
            Self::AtOr(column, other) => column.lte(now).or(column.is_null().and(other.lte(now))),
        }
    }
}

/// The states that end at the same time.
pub(super) type Deadlines<E> = &'static [(&'static [StateOf<E>], Deadline<<E as EntityTrait>::Column>)];

/// A table whose states end by themselves.
pub(super) trait Expiring: StateTable {
    /// The change after a deadline.
    const EXPIRE: Self::Transition;

    /// The deadline of every state that is not final.
    const DEADLINES: Deadlines<Self>;

    /// Returns the deadline of a state; `None` when it is final.
    fn deadline(state: StateOf<Self>) -> Option<Deadline<Self::Column>> {
        Self::DEADLINES.iter().find(|(states, _)| states.contains(&state)).map(|(_, deadline)| *deadline)
    }
}

/// The change of a table without deadlines; the caller adds which rows, and the other columns.
pub(super) fn change<E: StateTable>(transition: E::Transition) -> UpdateMany<E> {
    set::<E>(transition).filter(E::STATE.is_in(transition.from().iter().copied()))
}

/// The change of a table with deadlines: before the deadline of the state that it leaves, or, for an expiry,
/// after it. The caller adds which rows, and the other columns.
pub(super) fn change_at<E: Expiring>(transition: E::Transition, now: Timestamp) -> UpdateMany<E> {
    set::<E>(transition).filter(guard::<E>(transition, now))
}

/// The condition of [`change_at`], for statements that select the rows of a transition without making it.
pub(super) fn guard<E: Expiring>(transition: E::Transition, now: Timestamp) -> Expr {
    let is_expiry = transition.to() == E::EXPIRE.to();
    let mut either: Option<Expr> = None;
    for (states, deadline) in E::DEADLINES {
        let left = transition.from().iter().copied().filter(|state| states.contains(state));
        let left: Vec<StateOf<E>> = left.collect();
        if left.is_empty() {
            continue;
        }
        let is_timely = if is_expiry { deadline.has_passed(now) } else { deadline.is_ahead(now) };
        let condition = E::STATE.is_in(left).and(is_timely);
        either = Some(match either {
            Some(others) => others.or(condition),
            None => condition,
        });
    }
    either.unwrap_or_else(|| Expr::value(false))
}

fn set<E: StateTable>(transition: E::Transition) -> UpdateMany<E> {
    let update = E::update_many().col_expr(E::STATE, Expr::value(transition.to()));
    match E::VERSION {
        Some(version) => update.col_expr(version, Expr::col(version).add(1)),
        None => update,
    }
}

impl StateTable for challenge::Entity {
    type Transition = ChallengeTransition;
    const STATE: challenge::Column = challenge::Column::State;
    const VERSION: Option<challenge::Column> = Some(challenge::Column::Version);
}

impl Expiring for challenge::Entity {
    const EXPIRE: ChallengeTransition = ChallengeTransition::Expire;
    const DEADLINES: Deadlines<Self> = &[
        (&[ChallengeState::Pending, ChallengeState::Delivered], Deadline::At(challenge::Column::ExpiresAt)),
        // An approval without a time for its consumption has expired.
        (&[ChallengeState::Approved], Deadline::AtOrBefore(challenge::Column::ConsumeBy)),
    ];
}

impl StateTable for enrollment::Entity {
    type Transition = EnrollmentTransition;
    const STATE: enrollment::Column = enrollment::Column::State;
    const VERSION: Option<enrollment::Column> = Some(enrollment::Column::Version);
}

impl Expiring for enrollment::Entity {
    const EXPIRE: EnrollmentTransition = EnrollmentTransition::Expire;
    const DEADLINES: Deadlines<Self> = &[
        (&[EnrollmentState::Offered, EnrollmentState::Claimed], Deadline::At(enrollment::Column::ExpiresAt)),
        // A completed enrollment without a time for its confirmation expires with the offer.
        (
            &[EnrollmentState::Completed],
            Deadline::AtOr(enrollment::Column::ConfirmBy, enrollment::Column::ExpiresAt),
        ),
    ];
}

impl StateTable for authenticator::Entity {
    type Transition = DeviceTransition;
    const STATE: authenticator::Column = authenticator::Column::State;
}

impl StateTable for transport::Entity {
    type Transition = TransportTransition;
    const STATE: transport::Column = transport::Column::State;
}

impl StateTable for outbox::Entity {
    type Transition = OutboxTransition;
    const STATE: outbox::Column = outbox::Column::State;
}
