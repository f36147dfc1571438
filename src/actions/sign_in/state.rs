//! The stored state of a sign-in in progress: the journey, and what the pages need besides.

use super::{
    notice::Notice,
    purpose::{Purpose, normalize},
};
use crate::{
    clock::Timestamp,
    journey::Journey,
    storage::stored::{Stored, Unknown},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A sign-in in progress: its purpose, the journey, and what the next page says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignIn {
    /// What it is for.
    #[serde(flatten)]
    pub purpose: Purpose,
    /// The journey.
    pub journey: Journey,
    /// The username as typed, so that the form shows it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The sentence about the last answer for the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// Whether the sentence is about the repetition of a new password.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_notice_about_repetition: bool,
    /// End of the lockout that refused the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_until: Option<Timestamp>,
    /// Earliest time of the next push request, set when the last one was refused by a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_limited_until: Option<Timestamp>,
    /// Whether this browser has signed this person in before. A known browser is exempt from the lockout that
    /// counts attempts from everywhere.
    #[serde(default)]
    pub is_known_browser: bool,
}

impl SignIn {
    /// Clears the sentence and the lockout time of the last page.
    pub(super) fn forget_notice(&mut self) {
        self.notice = None;
        self.is_notice_about_repetition = false;
        self.blocked_until = None;
    }

    /// Keeps what the next page says.
    pub(super) fn note(&mut self, notice: Notice) {
        self.notice = Some(notice.to_string());
    }
}

impl Stored for SignIn {
    const PLACE: &'static str = "journey.state";
    const UNKNOWN: Unknown = Unknown::FailClosed(&["/request", "/purpose", "/journey/demand"]);

    fn normalize(document: &mut Value) {
        normalize(document, ("request", "purpose"));
        // A node of an older version keeps a copy of the client's setting here. It is not read, whatever it is.
        if let Some(copy) = document.pointer_mut("/journey/demand/client_acr") {
            *copy = json!({ "kind": "any" });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Timestamp, journey::Demand, storage::stored};

    fn stored_sign_in() -> Value {
        let journey = Journey::begin(Demand::default(), None, Timestamp(7));
        let address = json!({ "redirect_uri": "https://rp.example/cb", "response_mode": "query" });
        let client = "cli_AAAAAAAAAAAAAAAAAAAAAQ";
        json!({
            "request": { "client_key": client, "return_address": address, "scopes": "openid" },
            "journey": serde_json::to_value(journey).unwrap(),
            "username": "ada",
            "is_known_browser": true,
        })
    }

    #[test]
    fn both_shapes_of_an_authorization_request_are_read_and_the_old_one_is_written() {
        let old = stored_sign_in();
        let mut new = old.clone();
        let request = new.as_object_mut().unwrap().remove("request").unwrap();
        new["purpose"] = json!({ "kind": "authorize", "request": request });
        for document in [old.clone(), new.clone()] {
            let sign_in: SignIn = stored::read(document).unwrap();
            assert!(sign_in.purpose.request().is_some());
            assert_eq!(stored::write(&sign_in).unwrap(), old);
        }
        new["purpose"]["request"]["dpop_jkt"] = "thumbprint".into();
        let refused = stored::read::<SignIn>(new).unwrap_err();
        assert_eq!(refused, stored::Unreadable::Member("/request/dpop_jkt".into()));
    }

    #[test]
    fn other_kinds_are_written_without_a_request_so_that_older_versions_do_not_continue_them() {
        let mut document = stored_sign_in();
        document.as_object_mut().unwrap().remove("request");
        for purpose in [
            json!({ "kind": "account", "return_to": "/" }),
            json!({ "kind": "confirm", "action": "add_device", "person": "per_AAAAAAAAAAAAAAAAAAAAAQ" }),
        ] {
            document["purpose"] = purpose;
            let sign_in: SignIn = stored::read(document.clone()).unwrap();
            assert_eq!(stored::write(&sign_in).unwrap(), document);
            let mut newer = document.clone();
            newer["purpose"]["limit"] = 1.into();
            let refused = stored::read::<SignIn>(newer).unwrap_err();
            assert_eq!(refused, stored::Unreadable::Member("/purpose/limit".into()));
        }
    }

    #[test]
    fn an_unknown_member_of_the_demand_is_refused_and_one_of_the_facts_is_ignored() {
        let known: SignIn = stored::read(stored_sign_in()).unwrap();
        let mut newer = stored_sign_in();
        newer["journey"]["mood"] = "cheerful".into();
        newer["theme"] = "dark".into();
        let read: SignIn = stored::read(newer.clone()).unwrap();
        assert_eq!(stored::write(&read).unwrap(), stored::write(&known).unwrap());
        newer["journey"]["demand"]["network"] = "10.0.0.0/8".into();
        let refused = stored::read::<SignIn>(newer).unwrap_err();
        assert_eq!(refused, stored::Unreadable::Member("/journey/demand/network".into()));
    }

    #[test]
    fn a_copy_of_the_clients_setting_is_not_read_and_not_kept() {
        let known = stored_sign_in();
        let mut copied = known.clone();
        copied["journey"]["demand"]["client_acr"] = json!({ "kind": "essential", "values": ["2fa"] });
        let read: SignIn = stored::read(copied).unwrap();
        assert_eq!(stored::write(&read).unwrap(), known);
    }

    #[test]
    fn a_purpose_that_this_version_does_not_know_is_not_taken_for_an_authorization_request() {
        let mut newer = stored_sign_in();
        newer["purpose"] = json!({ "kind": "newer" });
        assert!(stored::read::<SignIn>(newer.clone()).is_err(), "even beside a request");
        newer.as_object_mut().unwrap().remove("request");
        assert!(stored::read::<SignIn>(newer).is_err());
    }
}
