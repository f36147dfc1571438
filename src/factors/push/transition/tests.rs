use super::*;

#[test]
fn a_challenge_changes_only_as_the_table_allows() {
    use ChallengeState::*;
    let table = [
        (Pending, ChallengeTransition::Fetch, Delivered),
        (Pending, ChallengeTransition::Approve, Approved),
        (Delivered, ChallengeTransition::Approve, Approved),
        (Pending, ChallengeTransition::Mismatch, Denied),
        (Delivered, ChallengeTransition::Mismatch, Denied),
        (Pending, ChallengeTransition::Deny, Denied),
        (Delivered, ChallengeTransition::Deny, Denied),
        (Pending, ChallengeTransition::Report, Reported),
        (Delivered, ChallengeTransition::Report, Reported),
        (Approved, ChallengeTransition::Report, Reported),
        (Pending, ChallengeTransition::Supersede, Superseded),
        (Delivered, ChallengeTransition::Supersede, Superseded),
        (Pending, ChallengeTransition::Expire, Expired),
        (Delivered, ChallengeTransition::Expire, Expired),
        (Approved, ChallengeTransition::Consume, Consumed),
        (Approved, ChallengeTransition::Expire, Expired),
    ];
    for state in ChallengeState::ALL {
        for transition in ChallengeTransition::ALL {
            let expected = table.iter().find(|row| (row.0, row.1) == (state, *transition)).map(|row| row.2);
            assert_eq!(transition.apply(state), expected, "{state:?} {transition:?}");
        }
    }
}

#[test]
fn the_serialized_states_equal_their_names() {
    for state in ChallengeState::ALL {
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
    }
}

/// The states that may follow `state`.
fn followers<T: Transition>(state: T::State) -> Vec<T::State> {
    T::ALL.iter().filter_map(|transition| transition.apply(state)).collect()
}

#[test]
fn an_enrollment_advances_step_by_step_and_its_final_states_are_final() {
    use EnrollmentState::*;
    let followers = followers::<EnrollmentTransition>;
    assert!(followers(Offered).contains(&Claimed) && !followers(Offered).contains(&Completed));
    assert!(followers(Completed).contains(&Confirmed) && !followers(Confirmed).contains(&Failed));
    for end in [Confirmed, Cancelled, Expired, Failed] {
        assert_eq!(followers(end), [], "{end:?}");
    }
}

#[test]
fn a_revoked_device_stays_revoked() {
    let followers = followers::<DeviceTransition>;
    assert!(followers(AuthenticatorState::Suspended).contains(&AuthenticatorState::Active));
    assert_eq!(followers(AuthenticatorState::Revoked), []);
}

#[test]
fn a_delivery_is_finished_once() {
    for state in OutboxState::ALL {
        let is_waiting = [OutboxState::Queued, OutboxState::Waiting].contains(&state);
        assert_eq!(!followers::<OutboxTransition>(state).is_empty(), is_waiting, "{state:?}");
    }
}
