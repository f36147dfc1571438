//! Who was named in a sign-in, and how that is stored.

use crate::directory::{FactorKind, PoolPolicy};
use ::entity::ids::PersonId;
use serde::{Deserialize, Serialize};

/// Who was named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<Read>", into = "Option<Written>")]
pub enum Subject {
    /// Nobody yet.
    #[default]
    Unnamed,
    /// A name that does not exist.
    NoSuchPerson,
    /// This person; perhaps nothing is proved yet.
    Person(PersonId),
}

impl Subject {
    /// Returns the subject of a name: the person who has it, if it exists.
    pub fn named(person: Option<PersonId>) -> Self {
        person.map_or(Self::NoSuchPerson, Self::Person)
    }

    /// Returns the person; `None` while nobody is named, and for a name that does not exist.
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(person),
            Self::Unnamed | Self::NoSuchPerson => None,
        }
    }
}

/// The stored form: `null` while nobody is named.
#[derive(Deserialize)]
struct Read {
    person: Option<PersonId>,
}

/// What is written. Nodes of an older version do not read a subject without the members after the first one; like this
/// version, they judge by the facts of now and never by these values, which would admit nothing.
#[derive(Serialize)]
struct Written {
    person: Option<PersonId>,
    policy: PoolPolicy,
    kinds: [FactorKind; 0],
    may_enroll: bool,
    consent: &'static str,
}

impl From<Option<Read>> for Subject {
    fn from(stored: Option<Read>) -> Self {
        stored.map_or(Self::Unnamed, |stored| Self::named(stored.person))
    }
}

impl From<Subject> for Option<Written> {
    fn from(subject: Subject) -> Self {
        let written = |person| Written {
            person,
            policy: PoolPolicy::default(),
            kinds: [],
            may_enroll: false,
            consent: "needed",
        };
        match subject {
            Subject::Unnamed => None,
            Subject::NoSuchPerson | Subject::Person(_) => Some(written(subject.person())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ADA: &str = "per_AAAAAAAAAAAAAAAAAAAAAQ";

    #[test]
    fn a_subject_is_stored_in_the_form_that_older_versions_read_and_only_its_person_is_read() {
        let ada = Subject::Person(ADA.parse().unwrap());
        for (subject, person) in [(ada, json!(ADA)), (Subject::NoSuchPerson, json!(null))] {
            let stored = serde_json::to_value(subject).unwrap();
            let expected = json!({
                "person": person, "policy": PoolPolicy::default(), "kinds": [], "may_enroll": false,
                "consent": "needed",
            });
            assert_eq!(stored, expected);
            assert_eq!(serde_json::from_value::<Subject>(stored).unwrap(), subject);
            let other =
                json!({ "person": person, "policy": { "second_factor": "never" }, "kinds": ["palm"] });
            assert_eq!(serde_json::from_value::<Subject>(other).unwrap(), subject);
        }
        assert_eq!(serde_json::to_value(Subject::Unnamed).unwrap(), json!(null));
        assert_eq!(serde_json::from_value::<Subject>(json!(null)).unwrap(), Subject::Unnamed);
        assert!(serde_json::from_value::<Subject>(json!({ "person": "nobody" })).is_err());
    }
}
