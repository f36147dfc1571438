//! Tests of the step that follows from a demand and a list of events.

use super::super::samples::{Enrolled, Journey, advance, device_added, identified, password_changed};
use crate::audit::AuditEvent;
use crate::clock::Timestamp;
use crate::directory::FactorKind::{self, Password, Push, Totp};
use crate::directory::{PoolPolicy, SecondFactorRule};
use crate::factors::{Proof, push::WithdrawalReason};
use crate::journey::{
    Assurance, Authenticators, Consent, Demand, Effect, Event, LiveSession, Prompts, RequirementReason,
    SignInFailure, SilentError, Step,
};
use crate::limits::lifetimes::JOURNEY_LIFETIME_SECONDS;
use crate::protocol::acr::{Acr, AcrRequest};
use ::entity::ids::{BrowserSessionId, PersonId};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

fn alice() -> PersonId {
    "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap()
}

fn bob() -> PersonId {
    "per_AAAAAAAAAAAAAAAAAAAAAg".parse().unwrap()
}

fn session_id() -> BrowserSessionId {
    "ses_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap()
}

fn proof(kind: FactorKind, at: Timestamp) -> Proof {
    Proof::sample(alice(), kind, at)
}

fn person(policy: PoolPolicy, kinds: &[FactorKind]) -> Enrolled {
    let may_enroll = !kinds.iter().any(|kind| *kind != Password);
    Enrolled {
        person: Some(alice()),
        policy,
        kinds: kinds.to_vec(),
        may_enroll,
        consent: Consent::Given,
        must_change_password: false,
        authenticators: Authenticators::default(),
        client_acr: AcrRequest::Any,
    }
}

fn strict() -> PoolPolicy {
    PoolPolicy::default()
}

fn lax() -> PoolPolicy {
    PoolPolicy { second_factor: SecondFactorRule::WhenAsked, ..PoolPolicy::default() }
}

/// A session in which these factors were proved `ago` seconds before `NOW`.
fn live(enrolled: Enrolled, kinds: &[FactorKind], ago: i64) -> Option<(LiveSession, Enrolled)> {
    let at = NOW.plus_seconds(-ago);
    let proofs = kinds.iter().map(|kind| proof(*kind, at)).collect();
    Some((LiveSession { id: session_id(), person: alice(), proofs, auth_time: at }, enrolled))
}

fn walk(journey: Journey, events: impl IntoIterator<Item = Event>) -> (Journey, Step, Vec<Effect>) {
    let start = (journey.clone(), journey.step(NOW), Vec::new());
    events.into_iter().fold(start, |(journey, ..), event| advance(journey, event, NOW))
}

fn prove(kind: FactorKind, alternatives: &[FactorKind], reasons: &[RequirementReason]) -> Step {
    Step::Prove { kind, alternatives: alternatives.to_vec(), reasons: reasons.iter().copied().collect() }
}

fn enroll(kind: FactorKind, alternatives: &[FactorKind]) -> Step {
    Step::Enroll { kind, alternatives: alternatives.to_vec() }
}

fn satisfied(step: &Step) -> &Assurance {
    match step {
        Step::Satisfied(assurance) => assurance,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_password_and_then_an_approval_sign_in() {
    let journey = Journey::begin(Demand::default(), None, NOW);
    let (journey, step, effects) = walk(journey, [Event::Arrived]);
    assert_eq!((step, effects), (Step::Identify, vec![]));
    let known = person(strict(), &[Password, Push, Totp]);
    let (journey, step, _) = walk(journey, [identified(known)]);
    assert_eq!(step, prove(Password, &[], &[RequirementReason::NoSession]));
    let (journey, step, effects) = advance(journey, Event::Proved(proof(Password, NOW)), NOW);
    assert_eq!(step, prove(Push, &[Totp], &[RequirementReason::SecondFactor]));
    assert_eq!(effects, [Effect::ChallengeDevices]);
    let done = NOW.plus_seconds(30);
    let (_, step, effects) = advance(journey, Event::Proved(proof(Push, done)), done);
    let assurance = satisfied(&step);
    assert_eq!((assurance.person, assurance.acr, assurance.auth_time), (alice(), Acr::TwoFactors, done));
    assert_eq!(assurance.session, None);
    let succeeded = AuditEvent::SignInSucceeded {
        how: "proved",
        acr: "2fa",
        amr: vec!["pwd", "pop", "swk", "user", "mfa"],
    };
    assert_eq!(effects, [Effect::Audit(succeeded)]);
}

#[test]
fn an_unknown_name_sees_the_same_steps_and_never_succeeds() {
    let journey = Journey::begin(Demand::default(), None, NOW);
    let known = walk(journey.clone(), [identified(person(strict(), &[Password, Push]))]);
    let unknown = walk(journey, [identified(Enrolled::nobody(strict()))]);
    assert_eq!((known.1, known.2), (unknown.1.clone(), unknown.2.clone()));
    let journey = Journey::begin(Demand::default(), None, NOW);
    let without_password = walk(journey, [identified(person(strict(), &[Push]))]);
    assert_eq!((without_password.1, without_password.2), (unknown.1.clone(), unknown.2));
    let (_, step, _) =
        walk(unknown.0, [Event::Proved(proof(Password, NOW)), Event::Proved(proof(Push, NOW))]);
    assert_eq!(step, unknown.1);
}

#[test]
fn a_sufficient_session_continues_without_a_page_and_keeps_its_auth_time() {
    let enrolled = person(strict(), &[Password, Push]);
    let journey = Journey::begin(Demand::default(), live(enrolled, &[Password, Push], 3600), NOW);
    let (_, step, effects) = walk(journey, [Event::Arrived]);
    let assurance = satisfied(&step);
    assert_eq!(assurance.session, Some(session_id()));
    assert_eq!(assurance.auth_time, NOW.plus_seconds(-3600));
    assert_eq!(effects, []);
}

#[test]
fn step_up_asks_only_for_the_missing_factor_and_keeps_auth_time() {
    let demand = Demand { acr: AcrRequest::voluntary("2fa"), ..Demand::default() };
    let enrolled = person(lax(), &[Password, Push, Totp]);
    let journey = Journey::begin(demand, live(enrolled, &[Password], 3600), NOW);
    let (journey, step, effects) = walk(journey, [Event::Arrived]);
    assert_eq!(step, prove(Push, &[Totp], &[RequirementReason::Acr]));
    assert_eq!(effects, [], "a GET sends no challenge");
    let (_, step, effects) = walk(journey, [Event::Proved(proof(Totp, NOW))]);
    let assurance = satisfied(&step);
    assert_eq!((assurance.acr, assurance.auth_time), (Acr::TwoFactors, NOW.plus_seconds(-3600)));
    assert_eq!(assurance.session, None);
    assert!(effects.contains(&Effect::SupersedeChallenges(WithdrawalReason::OtherFactor)));
}

#[test]
fn a_device_is_added_after_the_proof_of_a_held_factor_in_this_sign_in() {
    let demand = Demand { adds_device: true, ..Demand::default() };
    let enrolled = person(lax(), &[Password, Push, Totp]);
    let journey = Journey::begin(demand, live(enrolled.clone(), &[Password, Push], 60), NOW);
    let (journey, step, _) = walk(journey, [Event::Arrived]);
    assert_eq!(
        step,
        prove(Push, &[], &[RequirementReason::Acr]),
        "neither the session's proof nor a code counts"
    );
    let (journey, step, effects) = walk(journey, [Event::Proved(proof(Push, NOW))]);
    assert_eq!((step, effects), (enroll(Push, &[]), vec![Effect::OfferEnrollment]));
    let (_, step, _) = walk(journey, [device_added(enrolled)]);
    assert!(matches!(step, Step::Satisfied(_)), "{step:?}");
}

#[test]
fn max_age_and_prompt_login_ask_for_every_required_factor_again() {
    let login = Prompts { login: true, ..Prompts::default() };
    let cases = [
        (Demand { max_age: Some(60), ..Demand::default() }, RequirementReason::MaxAge),
        (Demand { max_age: Some(0), ..Demand::default() }, RequirementReason::MaxAge),
        (Demand { prompts: login, ..Demand::default() }, RequirementReason::PromptLogin),
    ];
    for (demand, reason) in cases {
        let enrolled = person(strict(), &[Password, Push]);
        let journey = Journey::begin(demand, live(enrolled, &[Password, Push], 61), NOW);
        assert_eq!(journey.step(NOW), prove(Password, &[], &[reason]));
        let (journey, step, _) = walk(journey, [Event::Proved(proof(Password, NOW))]);
        assert_eq!(step, prove(Push, &[], &[RequirementReason::SecondFactor]));
        let (_, step, _) = walk(journey, [Event::Proved(proof(Push, NOW))]);
        assert_eq!(satisfied(&step).auth_time, NOW);
    }
}

#[test]
fn max_age_counts_from_the_completed_sign_in_and_not_from_the_password() {
    let enrolled = person(strict(), &[Password, Push]);
    let (mut session, enrolled) = live(enrolled, &[Password, Push], 70).unwrap();
    session.auth_time = NOW.plus_seconds(-60);
    let demand = Demand { max_age: Some(60), ..Demand::default() };
    let journey = Journey::begin(demand, Some((session, enrolled)), NOW);
    assert_eq!(satisfied(&journey.step(NOW)).auth_time, NOW.plus_seconds(-60));
}

#[test]
fn a_person_without_a_second_factor_enrolls_one_and_then_proves_it() {
    let journey = Journey::begin(Demand::default(), None, NOW);
    let (journey, step, _) =
        walk(journey, [identified(person(strict(), &[Password])), Event::Proved(proof(Password, NOW))]);
    assert_eq!(step, enroll(Push, &[Totp]));
    let (_, step, effects) = walk(journey, [device_added(person(strict(), &[Password, Push, Totp]))]);
    assert_eq!(step, prove(Push, &[Totp], &[RequirementReason::SecondFactor]));
    assert_eq!(effects, [Effect::ChallengeDevices]);
}

#[test]
fn enrollment_requires_a_first_factor_proved_within_five_minutes() {
    let demand = Demand { acr: AcrRequest::voluntary("2fa"), ..Demand::default() };
    let at = |ago| Journey::begin(demand.clone(), live(person(lax(), &[Password]), &[Password], ago), NOW);
    assert_eq!(at(300).step(NOW), enroll(Push, &[Totp]));
    assert_eq!(at(301).step(NOW), prove(Password, &[], &[RequirementReason::Enrollment]));
    let (_, step, _) = walk(at(301), [Event::Proved(proof(Password, NOW))]);
    assert_eq!(step, enroll(Push, &[Totp]));
    let without_codes = PoolPolicy { second_factors: vec![Push], ..lax() };
    let journey = Journey::begin(demand, live(person(without_codes, &[Password]), &[Password], 301), NOW);
    let (_, step, _) = walk(journey, [Event::Proved(proof(Totp, NOW))]);
    assert_eq!(step, prove(Password, &[], &[RequirementReason::Enrollment]), "a code is no first factor");
}

fn exposed(enrolled: Enrolled) -> Enrolled {
    Enrolled { must_change_password: true, ..enrolled }
}

#[test]
fn a_password_that_must_be_changed_is_changed_before_anything_is_given_for_it() {
    let fine = person(lax(), &[Password]);
    let journey = Journey::begin(Demand::default(), None, NOW);
    let (journey, step, _) =
        walk(journey, [identified(exposed(fine.clone())), Event::Proved(proof(Password, NOW))]);
    assert_eq!(step, Step::ChangePassword);
    let (ended, step, _) = walk(journey.clone(), [password_changed(exposed(fine.clone()))]);
    assert_eq!(step, Step::ChangePassword, "the fact decides, not the event");
    assert_eq!(walk(ended, [Event::GaveUp]).1, Step::Refused(SignInFailure::Cancelled));
    satisfied(&walk(journey, [password_changed(fine)]).1);
    let early = Journey::begin(Demand::default(), None, NOW);
    let (_, step, _) = walk(
        early,
        [
            identified(exposed(person(lax(), &[Password]))),
            password_changed(person(lax(), &[Password])),
            Event::Proved(proof(Password, NOW)),
        ],
    );
    assert_eq!(step, Step::ChangePassword, "a form sent early changes nothing");
}

#[test]
fn a_password_is_changed_after_a_held_factor_where_the_person_has_one() {
    let owner = exposed(person(lax(), &[Password, Push, Totp]));
    let journey = Journey::begin(Demand::default(), None, NOW);
    let (journey, step, effects) = walk(journey, [identified(owner), Event::Proved(proof(Password, NOW))]);
    assert_eq!(step, prove(Push, &[Totp], &[RequirementReason::PasswordChange]));
    assert_eq!(effects, [Effect::ChallengeDevices]);
    assert_eq!(walk(journey, [Event::Proved(proof(Push, NOW))]).1, Step::ChangePassword);

    let locked = exposed(Enrolled { may_enroll: false, ..person(lax(), &[Password]) });
    let only_password = PoolPolicy { second_factors: vec![], ..lax() };
    let cases = [
        (locked.clone(), Step::Refused(SignInFailure::Unmet), "a suspended phone protects the password"),
        (Enrolled { policy: only_password, ..locked }, Step::ChangePassword, "no held factor is admitted"),
        (exposed(person(strict(), &[Password])), Step::ChangePassword, "before a first phone is added"),
    ];
    for (enrolled, expected, why) in cases {
        let journey = Journey::begin(Demand::default(), None, NOW);
        let (_, step, _) = walk(journey, [identified(enrolled), Event::Proved(proof(Password, NOW))]);
        assert_eq!(step, expected, "{why}");
    }
}

#[test]
fn the_proofs_of_a_session_change_no_password_and_end_with_it() {
    let owner = exposed(person(lax(), &[Password, Push]));
    let journey = Journey::begin(Demand::default(), live(owner.clone(), &[Password, Push], 60), NOW);
    assert_eq!(journey.step(NOW), prove(Password, &[], &[RequirementReason::PasswordChange]));
    let silent = journey.silently(NOW).unwrap_err();
    assert_eq!(
        (silent.error, silent.reasons),
        (SilentError::LoginRequired, [RequirementReason::PasswordChange].into())
    );
    let (journey, step, _) = walk(journey, [Event::Proved(proof(Password, NOW))]);
    assert_eq!(step, prove(Push, &[], &[RequirementReason::PasswordChange]));
    let (journey, step, _) = walk(journey, [Event::Proved(proof(Push, NOW))]);
    assert_eq!(step, Step::ChangePassword);
    assert_eq!(journey.silently(NOW).unwrap_err().error, SilentError::InteractionRequired);
    let (journey, step, _) = walk(journey, [password_changed(person(lax(), &[Password, Push]))]);
    assert_eq!(satisfied(&step).session, None);
    assert_eq!(journey.facts.session(), None);

    let demand = Demand { adds_device: true, ..Demand::default() };
    let owner = exposed(person(lax(), &[Password, Push, Totp]));
    let journey = Journey::begin(demand, live(owner, &[Password], 60), NOW);
    let (_, step, _) = walk(journey, [Event::Proved(proof(Password, NOW))]);
    assert_eq!(step, prove(Push, &[], &[RequirementReason::PasswordChange]), "a code adds no device");
}

#[test]
fn a_sign_in_without_the_password_does_not_change_it() {
    let policy = PoolPolicy { first_factors: vec![Totp], second_factors: vec![], ..lax() };
    let owner = exposed(person(policy, &[Password, Totp]));
    let journey = Journey::begin(Demand::default(), None, NOW);
    satisfied(&walk(journey, [identified(owner), Event::Proved(proof(Totp, NOW))]).1);
}

#[test]
fn a_person_with_a_suspended_phone_may_not_enroll_another() {
    let locked = Enrolled { may_enroll: false, ..person(strict(), &[Password]) };
    let journey = Journey::begin(Demand::default(), None, NOW);
    let (_, step, _) = walk(journey, [identified(locked), Event::Proved(proof(Password, NOW))]);
    assert_eq!(step, Step::Refused(SignInFailure::Unmet));
}

#[test]
fn an_acr_out_of_reach_is_lower_when_voluntary_and_refused_when_essential() {
    let one_factor = PoolPolicy { second_factors: vec![], ..lax() };
    let at = |acr| {
        Journey::begin(
            Demand { acr, ..Demand::default() },
            live(person(one_factor.clone(), &[Password]), &[Password], 9),
            NOW,
        )
    };
    assert_eq!(satisfied(&at(AcrRequest::voluntary("2fa")).step(NOW)).acr, Acr::OneFactor);
    assert_eq!(at(AcrRequest::essential(["2fa"])).step(NOW), Step::Refused(SignInFailure::Unmet));
    assert_eq!(at(AcrRequest::essential(["gold"])).step(NOW), Step::Refused(SignInFailure::Unmet));
    assert_eq!(satisfied(&at(AcrRequest::essential(["gold", "1fa"])).step(NOW)).acr, Acr::OneFactor);
    assert_eq!(satisfied(&at(AcrRequest::voluntary("gold")).step(NOW)).acr, Acr::OneFactor);
}

#[test]
fn any_listed_acr_satisfies_and_an_essential_answer_is_a_listed_one() {
    let enrolled = || person(lax(), &[Password, Push]);
    let step = |acr, kinds: &[FactorKind]| {
        Journey::begin(Demand { acr, ..Demand::default() }, live(enrolled(), kinds, 9), NOW).step(NOW)
    };
    assert_eq!(satisfied(&step(AcrRequest::voluntary("2fa 1fa"), &[Password])).acr, Acr::OneFactor);
    assert_eq!(satisfied(&step(AcrRequest::essential(["1fa"]), &[Password, Push])).acr, Acr::OneFactor);
}

#[test]
fn two_possession_factors_count_as_one_factor() {
    let policy = PoolPolicy { first_factors: vec![Password, Totp], ..strict() };
    let journey = Journey::begin(Demand::default(), None, NOW);
    let held = [proof(Totp, NOW), proof(Push, NOW)].map(Event::Proved);
    let known = identified(person(policy, &[Password, Push, Totp]));
    let (journey, step, _) = walk(journey, [known].into_iter().chain(held));
    assert_eq!(step, prove(Password, &[], &[RequirementReason::SecondFactor]));
    satisfied(&walk(journey, [Event::Proved(proof(Password, NOW))]).1);
}

#[test]
fn the_preferred_second_factor_is_asked_for_first() {
    let policy = PoolPolicy { preferred: Some(Totp), ..strict() };
    let journey = Journey::begin(Demand::default(), None, NOW);
    let known = identified(person(policy, &[Password, Push, Totp]));
    let (_, step, effects) = walk(journey, [known, Event::Proved(proof(Password, NOW))]);
    assert_eq!(step, prove(Totp, &[Push], &[RequirementReason::SecondFactor]));
    assert_eq!(effects, []);
    assert!(step.asks_for(Push) && !step.asks_for(Password));
}

#[test]
fn consent_is_asked_for_last_and_only_if_it_is_missing() {
    let asking = Enrolled { consent: Consent::Needed, ..person(lax(), &[Password]) };
    let begin = |prompts, enrolled| {
        Journey::begin(Demand { prompts, ..Demand::default() }, live(enrolled, &[Password], 9), NOW)
    };
    let journey = begin(Prompts::default(), asking.clone());
    assert_eq!(journey.step(NOW), Step::Consent);
    let (_, step, _) = walk(journey, [Event::Consented]);
    assert_eq!(satisfied(&step).session, Some(session_id()));
    let prompt = Prompts { consent: true, ..Prompts::default() };
    assert_eq!(begin(prompt, person(lax(), &[Password])).step(NOW), Step::Consent);
    satisfied(&begin(Prompts::default(), person(lax(), &[Password])).step(NOW));
    let early = Journey::begin(Demand::default(), None, NOW);
    let (_, step, _) =
        walk(early, [Event::Consented, identified(asking), Event::Proved(proof(Password, NOW))]);
    assert_eq!(step, Step::Consent, "a form sent early changes nothing");
}

#[test]
fn another_account_discards_the_proofs_of_the_first() {
    let journey = Journey::begin(Demand::default(), None, NOW);
    let other = Enrolled { person: Some(bob()), ..person(strict(), &[Password, Push]) };
    let (journey, step, effects) = walk(
        journey,
        [
            identified(person(strict(), &[Password, Push])),
            Event::Proved(proof(Password, NOW)),
            identified(other),
        ],
    );
    assert_eq!(step, prove(Password, &[], &[RequirementReason::NoSession]));
    assert_eq!(effects, [Effect::SupersedeChallenges(WithdrawalReason::OtherPerson)]);
    let (_, step, _) = walk(journey, [Event::Proved(proof(Password, NOW)), Event::Proved(proof(Push, NOW))]);
    assert_eq!(
        step,
        prove(Password, &[], &[RequirementReason::NoSession]),
        "proofs of the first account do not count for the second"
    );
}

#[test]
fn select_account_asks_for_the_account_and_the_session_still_counts_for_the_same_person() {
    let demand =
        Demand { prompts: Prompts { select_account: true, ..Prompts::default() }, ..Demand::default() };
    let enrolled = person(strict(), &[Password, Push]);
    let journey = Journey::begin(demand, live(enrolled.clone(), &[Password, Push], 9), NOW);
    assert_eq!(journey.step(NOW), Step::Identify);
    let (_, step, _) = walk(journey, [identified(enrolled)]);
    satisfied(&step);
}

#[test]
fn a_request_that_names_another_person_does_not_use_this_session() {
    let demand = |subject| Demand { subjects: Some([subject].into()), ..Demand::default() };
    let enrolled = || person(lax(), &[Password]);
    let begin = |subject| Journey::begin(demand(subject), live(enrolled(), &[Password], 9), NOW);
    satisfied(&begin(alice()).step(NOW));
    let journey = begin(bob());
    assert_eq!(journey.step(NOW), Step::Identify);
    let (_, step, _) = walk(journey, [identified(enrolled())]);
    assert_eq!(step, Step::Refused(SignInFailure::OtherPerson));
}

#[test]
fn a_failed_sign_in_never_succeeds_later() {
    let known = identified(person(strict(), &[Password, Push]));
    let journey = walk(Journey::begin(Demand::default(), None, NOW), [known.clone()]).0;
    let at_push = walk(journey.clone(), [Event::Proved(proof(Password, NOW))]).0;
    let satisfied = walk(at_push.clone(), [Event::Proved(proof(Push, NOW))]).0;
    for (journey, event, refusal) in [
        (&journey, Event::GaveUp, SignInFailure::Cancelled),
        (&at_push, Event::GaveUp, SignInFailure::Cancelled),
        (&at_push, Event::Denied(Push), SignInFailure::Denied),
        (&satisfied, Event::GaveUp, SignInFailure::Cancelled),
    ] {
        let (ended, step, effects) = walk(journey.clone(), [event]);
        assert_eq!(step, Step::Refused(refusal));
        assert!(effects.contains(&Effect::Audit(AuditEvent::SignInRefused { reason: refusal.as_str() })));
        let again = [known.clone(), Event::Proved(proof(Password, NOW)), Event::Proved(proof(Push, NOW))];
        assert_eq!(walk(ended, again).1, Step::Refused(refusal));
    }
    assert_eq!(
        walk(journey.clone(), [Event::Denied(Push)]).1,
        journey.step(NOW),
        "no challenge was sent yet"
    );
    assert_ne!(
        journey.step(NOW.plus_seconds(JOURNEY_LIFETIME_SECONDS - 1)),
        Step::Refused(SignInFailure::TimedOut)
    );
    assert_eq!(
        journey.step(NOW.plus_seconds(JOURNEY_LIFETIME_SECONDS)),
        Step::Refused(SignInFailure::TimedOut)
    );
}

#[test]
fn prompt_none_reports_which_page_would_be_needed() {
    let two = || Demand { acr: AcrRequest::voluntary("2fa"), ..Demand::default() };
    let gold = Demand { acr: AcrRequest::essential(["gold"]), ..Demand::default() };
    let old = Demand { max_age: Some(5), ..Demand::default() };
    let asking = Enrolled { consent: Consent::Needed, ..person(lax(), &[Password]) };
    let with_push = person(lax(), &[Password, Push]);
    let with_none = person(lax(), &[Password]);
    let cases: [(Demand, Option<Enrolled>, SilentError, &[RequirementReason]); 6] = [
        (Demand::default(), None, SilentError::LoginRequired, &[RequirementReason::NoSession]),
        (old, Some(with_push.clone()), SilentError::LoginRequired, &[RequirementReason::MaxAge]),
        (two(), Some(with_push), SilentError::LoginRequired, &[RequirementReason::Acr]),
        (two(), Some(with_none.clone()), SilentError::InteractionRequired, &[RequirementReason::Enrollment]),
        (Demand::default(), Some(asking), SilentError::ConsentRequired, &[]),
        (
            gold,
            Some(with_none.clone()),
            SilentError::UnmetAuthenticationRequirements,
            &[RequirementReason::Acr],
        ),
    ];
    for (demand, enrolled, error, reasons) in cases {
        let journey = Journey::begin(demand, enrolled.and_then(|known| live(known, &[Password], 9)), NOW);
        let refusal = journey.silently(NOW).unwrap_err();
        assert_eq!((refusal.error, refusal.reasons), (error, reasons.iter().copied().collect()));
    }
    let journey = Journey::begin(Demand::default(), live(with_none, &[Password], 9), NOW);
    assert_eq!(journey.silently(NOW).map(|assurance| assurance.person), Ok(alice()));
}

#[test]
fn a_journey_survives_serialization() {
    let demand = Demand { acr: AcrRequest::voluntary("2fa"), max_age: Some(60), ..Demand::default() };
    let enrolled = person(strict(), &[Password, Push]);
    let journey = Journey::begin(demand, live(enrolled, &[Password], 9), NOW);
    let journey = walk(journey, [Event::Proved(proof(Push, NOW))]).0;
    let row = serde_json::to_value(&journey.facts).unwrap();
    assert_eq!(serde_json::from_value::<crate::journey::Journey>(row).unwrap(), journey.facts);
}

#[test]
fn a_journey_stores_no_policy_no_methods_and_no_demand_of_the_client() {
    let begin = |enrolled| {
        let journey = Journey::begin(Demand::default(), None, NOW).at_client("2fa");
        let journey = walk(journey, [identified(enrolled), Event::Proved(proof(Password, NOW))]).0;
        serde_json::to_value(journey.facts).unwrap()
    };
    let here = begin(person(strict(), &[Password, Push]));
    let policy = PoolPolicy { second_factors: vec![Totp], ..lax() };
    let there = Enrolled {
        may_enroll: true,
        consent: Consent::Needed,
        client_acr: AcrRequest::essential(["2fa"]),
        ..exposed(person(policy, &[Password]))
    };
    assert_eq!(here, begin(there), "what is true elsewhere leaves no trace");
}

#[test]
fn a_stored_journey_is_judged_by_what_is_true_when_it_is_read() {
    let journey = Journey::begin(Demand::default(), None, NOW);
    let known = person(lax(), &[Password]);
    let (journey, ..) = walk(journey, [identified(known.clone()), Event::Proved(proof(Password, NOW))]);
    let mut row = serde_json::to_value(&journey.facts).unwrap();
    // A node of an older version keeps a copy of what it has judged by.
    row["subject"]["policy"]["second_factor"] = "when_asked".into();
    row["subject"]["kinds"] = serde_json::json!(["password", "push", "palm"]);
    row["demand"]["client_acr"] = serde_json::json!({ "kind": "essential", "values": ["1fa"] });
    let read = Journey { facts: serde_json::from_value(row).unwrap(), ..journey };
    satisfied(&read.step(NOW));
    for stricter in [
        person(strict(), &[Password]),
        Enrolled { client_acr: AcrRequest::essential(["2fa"]), ..known.clone() },
    ] {
        assert_eq!(read.clone().while_true(stricter).step(NOW), enroll(Push, &[Totp]));
    }
    let only_codes = PoolPolicy { first_factors: vec![Totp], ..lax() };
    let removed = read.while_true(person(only_codes, &[Password, Totp])).step(NOW);
    assert_eq!(removed, prove(Totp, &[], &[RequirementReason::NoSession]), "a factor that is none any more");
}

#[test]
fn any_other_proof_withdraws_a_challenge_that_may_be_open() {
    let withdrawn = Effect::SupersedeChallenges(WithdrawalReason::OtherFactor);
    let withdraws = |journey: &Journey, kind| {
        advance(journey.clone(), Event::Proved(proof(kind, NOW)), NOW).2.contains(&withdrawn)
    };
    let known = person(strict(), &[Password, Push, Totp]);
    let named = walk(Journey::begin(Demand::default(), None, NOW), [identified(known.clone())]).0;
    assert!(!withdraws(&named, Password), "none was sent before the first proof");
    let asked = walk(named, [Event::Proved(proof(Password, NOW))]).0;
    assert!(withdraws(&asked, Totp) && withdraws(&asked, Password));
    assert!(!withdraws(&asked, Push), "the approval itself consumes it");

    let of_session = Journey::begin(Demand::default(), live(known, &[Password], 60), NOW);
    assert!(withdraws(&of_session, Totp) && withdraws(&of_session, Password));

    let policy = PoolPolicy { first_factors: vec![Push, Password], ..lax() };
    let first = person(policy, &[Password, Push]);
    let named = walk(Journey::begin(Demand::default(), None, NOW), [identified(first)]).0;
    assert_eq!(named.step(NOW), prove(Push, &[Password], &[RequirementReason::NoSession]));
    assert!(withdraws(&named, Password), "the phone was asked first");
}

/// The number of these proofs after which the sign-in succeeds; `None` if it never does.
fn proofs_until_success(enrolled: &Enrolled, demand: &Demand, kinds: &[FactorKind]) -> Option<usize> {
    let begun = Journey::begin(demand.clone(), None, NOW);
    let mut journey = walk(begun, [identified(enrolled.clone())]).0;
    for (count, kind) in kinds.iter().enumerate() {
        journey = walk(journey, [Event::Proved(proof(*kind, NOW))]).0;
        if matches!(journey.step(NOW), Step::Satisfied(_)) {
            return Some(count + 1);
        }
    }
    None
}

#[test]
fn a_stronger_requirement_never_ends_a_sign_in_with_fewer_proofs() {
    let lists: [&[FactorKind]; 5] = [&[Password], &[Push], &[Totp, Password], &[Password, Push, Totp], &[]];
    let sequences: [&[FactorKind]; 8] = [
        &[Password],
        &[Password, Push],
        &[Push, Password],
        &[Totp, Push, Password],
        &[Password, Totp],
        &[Push, Totp],
        &[Totp, Password, Push],
        &[Push, Password, Totp],
    ];
    // Whether pool, client and request each demand two factors: more of them never demand less.
    let sources = || (0..8).map(|bits| [bits & 1 > 0, bits & 2 > 0, bits & 4 > 0]);
    let mut later = 0;
    for (first, second) in lists[..4].iter().flat_map(|first| lists.iter().map(move |second| (first, second)))
    {
        let with = |[pool, client, request]: [bool; 3]| {
            let rule = if pool { SecondFactorRule::Always } else { SecondFactorRule::WhenAsked };
            let policy = PoolPolicy {
                first_factors: first.to_vec(),
                second_factors: second.to_vec(),
                second_factor: rule,
                ..PoolPolicy::default()
            };
            let acr = if request { AcrRequest::essential(["2fa"]) } else { AcrRequest::Any };
            let client_acr = if client { AcrRequest::essential(["2fa"]) } else { AcrRequest::Any };
            let enrolled = Enrolled { client_acr, ..person(policy, &[Password, Push, Totp]) };
            (enrolled, Demand { acr, ..Demand::default() })
        };
        for (weak, strong) in sources().flat_map(|weak| sources().map(move |strong| (weak, strong))) {
            if weak.iter().zip(&strong).any(|(weak, strong)| weak > strong) {
                continue;
            }
            for kinds in sequences {
                let until = |source| {
                    let (enrolled, demand) = with(source);
                    proofs_until_success(&enrolled, &demand, kinds)
                };
                let (weak_count, strong_count) = (until(weak), until(strong));
                if let Some(strong_count) = strong_count {
                    let weak_count = weak_count.expect("the weaker one succeeds, too");
                    assert!(weak_count <= strong_count, "{first:?} {second:?} {weak:?} {strong:?} {kinds:?}");
                    later += usize::from(weak_count < strong_count);
                }
            }
        }
    }
    assert!(later > 0, "some sign-ins do need more");
}
