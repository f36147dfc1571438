use super::*;
use crate::{
    clock::Timestamp,
    directory::{ClientSettings, FactorKind, PoolPolicy, StandardClaims},
    factors::Proof,
    protocol::ClaimsParameter,
};
use ::entity::ids::PersonId;
use serde::Deserialize;
use serde_json::json;

/// A document of a later version of the program.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Later {
    #[serde(default)]
    added: bool,
    parts: Vec<Part>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Part {
    name: String,
}

impl Stored for Later {
    const PLACE: &'static str = "later.document";
    const VERSION: u64 = 2;
    const UNKNOWN: Unknown = Unknown::FailClosed(&["/parts"]);
}

fn ada() -> PersonId {
    "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap()
}

/// What a newer version writes: the same document with one member more.
fn with<T: Stored>(document: &T, pointer: &str, value: Value) -> Value {
    let mut written = write(document).unwrap();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    written.pointer_mut(parent).unwrap()[member] = value;
    written
}

/// Whether a member that this version does not know changes nothing.
fn is_ignored<T: Stored + PartialEq>(document: &T, pointer: &str) -> bool {
    read::<T>(with(document, pointer, json!({"a": 1}))).is_ok_and(|read| read == *document)
}

#[test]
fn a_document_that_was_written_is_read_unchanged_and_has_no_version_while_it_is_the_first() {
    let policy = PoolPolicy::default();
    let written = write(&policy).unwrap();
    assert_eq!(written.get("v"), None, "nodes of the former version refuse the member");
    assert_eq!(read::<PoolPolicy>(written).unwrap(), policy);
    let later = Later { added: true, parts: vec![Part { name: "a".into() }] };
    let written = write(&later).unwrap();
    assert_eq!(written["v"], 2);
    assert_eq!(read::<Later>(written).unwrap(), later);
}

#[test]
fn a_document_of_an_earlier_version_is_read_and_one_of_a_later_version_is_not() {
    for (v, is_read) in [(json!(1), true), (json!(2), true), (json!(3), false), (json!("2"), false)] {
        let read = read::<Later>(json!({"v": v, "parts": []}));
        assert_eq!(read.is_ok(), is_read, "{v}");
        assert!(is_read || read == Err(Unreadable::Version), "{v}");
    }
    assert_eq!(read::<Later>(json!({"parts": []})), Ok(Later { added: false, parts: vec![] }));
}

#[test]
fn an_unknown_member_is_refused_inside_the_parts_that_fail_closed_and_named() {
    let document = |member: &str| json!({"parts": [{"name": "a"}, {"name": "b", member: 1}]});
    let refused = read::<Later>(document("limit")).unwrap_err();
    assert_eq!(refused, Unreadable::Member("/parts/1/limit".into()));
    assert!(refused.to_string().contains("newer version"), "{refused}");
    assert!(read::<Later>(json!({"parts": [{"name": "a"}], "note": 1})).is_ok());
}

#[test]
fn an_unknown_member_of_a_pools_policy_fails_closed() {
    let policy = PoolPolicy::default();
    for pointer in ["/passkeys", "/push/gesture"] {
        let newer = with(&policy, pointer, "required".into());
        let refused = read::<PoolPolicy>(newer.clone()).unwrap_err();
        assert_eq!(refused, Unreadable::Member(pointer.into()));
        let fault = read_or_refuse::<PoolPolicy>(&"pool_1", newer).unwrap_err();
        assert!(fault.is_temporary(), "a node of the newer version may answer");
        assert!(fault.chain().contains(pointer), "{}", fault.chain());
    }
    let unknown_factor = with(&policy, "/first_factors", json!(["palm"]));
    assert!(matches!(read::<PoolPolicy>(unknown_factor), Err(Unreadable::Shape(_))));
    assert_eq!(read::<PoolPolicy>(json!({})).unwrap(), policy, "each missing member has its default");
}

#[test]
fn an_unknown_member_of_a_clients_settings_fails_closed() {
    let settings = ClientSettings { required_acr: Some("2fa".into()), ..ClientSettings::default() };
    let newer = with(&settings, "/dpop_bound_access_tokens", true.into());
    assert_eq!(
        read::<ClientSettings>(newer).unwrap_err(),
        Unreadable::Member("/dpop_bound_access_tokens".into())
    );
    assert_eq!(read::<ClientSettings>(write(&settings).unwrap()).unwrap(), settings);
    assert_eq!(read::<ClientSettings>(json!({})).unwrap(), ClientSettings::default());
}

#[test]
fn an_unknown_member_of_a_persons_claims_is_ignored() {
    let claims = StandardClaims {
        name: Some("Ada".into()),
        address: Some(crate::directory::Address { country: Some("GB".into()), ..Default::default() }),
        ..StandardClaims::default()
    };
    assert!(is_ignored(&claims, "/pronouns") && is_ignored(&claims, "/address/planet"));
    assert_eq!(read::<StandardClaims>(json!({})).unwrap(), StandardClaims::default());
    assert_eq!(read_or_absent::<StandardClaims>(&"per_1", json!({"name": 7})), None);
}

#[test]
fn an_unknown_member_of_a_grants_claims_is_ignored() {
    let claims = ClaimsParameter::parse(r#"{"userinfo": {"email": {"essential": true}}}"#).unwrap();
    assert!(is_ignored(&claims, "/verified_claims") && is_ignored(&claims, "/userinfo/email/purpose"));
    assert_eq!(read::<ClaimsParameter>(json!({})).unwrap(), ClaimsParameter::default());
}

#[test]
fn a_session_keeps_the_proofs_that_this_version_knows() {
    let proof = |kind| Proof::sample(ada(), kind, Timestamp(7));
    let [password, push] = [proof(FactorKind::Password), proof(FactorKind::Push)];
    let stored = write_list(&[password.clone(), push.clone()]).unwrap();
    assert_eq!(read_list::<Proof>(&"ses_1", stored.clone()), [password.clone(), push.clone()]);
    let mut newer = stored.clone();
    newer[1]["place"] = "Paris".into();
    assert_eq!(read_list::<Proof>(&"ses_1", newer), [password.clone(), push.clone()]);
    for (member, value) in [("v", 2.into()), ("kind", "palm".into()), ("key", "cloud".into())] {
        let mut newer = stored.clone();
        newer[1][member] = value;
        let read = read_list::<Proof>(&"ses_1", newer);
        assert_eq!(read.as_slice(), std::slice::from_ref(&password), "{member}");
    }
    assert_eq!(read_list::<Proof>(&"ses_1", json!({"proofs": []})), [], "not a list");
}

#[test]
fn a_document_is_read_from_its_text_as_from_its_value() {
    let claims = StandardClaims { name: Some("Ada".to_owned()), ..StandardClaims::default() };
    let written = write(&claims).unwrap();
    for (member, value) in
        [("newer", json!({ "a": 1 })), ("v", json!(1)), ("v", json!(2)), ("name", json!(7))]
    {
        let mut document = written.clone();
        document[member] = value;
        let from_text = read_text::<StandardClaims>(&document.to_string());
        assert_eq!(from_text.as_ref().ok(), read(document.clone()).as_ref().ok(), "{document}");
        assert_eq!(from_text.is_ok(), member == "newer" || document["v"] == 1, "{document}");
    }
    let policy = write(&PoolPolicy::default()).unwrap();
    assert_eq!(read_text::<PoolPolicy>(&policy.to_string()).unwrap(), PoolPolicy::default());
    let unknown = with(&PoolPolicy::default(), "/newer", json!(1));
    assert!(read_text::<PoolPolicy>(&unknown.to_string()).is_err(), "a demand fails closed");
}
