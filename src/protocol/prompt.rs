//! `prompt`: the interaction that the client requires or forbids (OpenID Connect Core §3.1.2.1).

use super::echoed_value::EchoedValue;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One value of `prompt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Prompt {
    /// Show no page at all.
    None,
    /// Authenticate again.
    Login,
    /// Ask for consent, even if it was given before.
    Consent,
    /// Let the person choose an account.
    SelectAccount,
}

impl Prompt {
    /// All values, in the order in which discovery lists them.
    pub const ALL: [Self; 4] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount];

    /// Returns the name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
        }
    }
}

/// The `prompt` of a request: empty when absent; `none` is never combined with another value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PromptSet(BTreeSet<Prompt>);

/// Why a text is not a set of prompts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromptProblem {
    /// An unsupported value, `create` included, is refused (Initiating User Registration 1.0 §4.1).
    #[error("the prompt '{0}' is not supported")]
    Unknown(EchoedValue),
    /// `none` combined with another value.
    #[error("the prompt none cannot be combined with another value")]
    NoneWithOthers,
}

impl PromptSet {
    /// Reads values separated by spaces.
    pub fn parse(text: &str) -> Result<Self, PromptProblem> {
        let prompts = text.split(' ').filter(|name| !name.is_empty()).map(prompt);
        let prompts = prompts.collect::<Result<BTreeSet<_>, _>>()?;
        if prompts.contains(&Prompt::None) && prompts.len() > 1 {
            return Err(PromptProblem::NoneWithOthers);
        }
        Ok(Self(prompts))
    }

    /// Whether `prompt` is in the set.
    pub fn contains(&self, prompt: Prompt) -> bool {
        self.0.contains(&prompt)
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn prompt(name: &str) -> Result<Prompt, PromptProblem> {
    let known = Prompt::ALL.into_iter().find(|prompt| prompt.as_str() == name);
    known.ok_or_else(|| PromptProblem::Unknown(EchoedValue::new(name)))
}

impl TryFrom<String> for PromptSet {
    type Error = PromptProblem;
    fn try_from(text: String) -> Result<Self, PromptProblem> {
        Self::parse(&text)
    }
}

impl From<PromptSet> for String {
    fn from(prompts: PromptSet) -> Self {
        prompts.0.into_iter().map(Prompt::as_str).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_a_set() {
        let prompts = PromptSet::parse("consent login login").unwrap();
        assert!(prompts.contains(Prompt::Login) && prompts.contains(Prompt::Consent));
        assert!(!prompts.contains(Prompt::SelectAccount));
        assert!(PromptSet::parse("none").unwrap().contains(Prompt::None));
    }

    #[test]
    fn none_is_refused_beside_another_value() {
        for wrong in ["none login", "login none", "none consent select_account"] {
            assert_eq!(PromptSet::parse(wrong), Err(PromptProblem::NoneWithOthers), "{wrong}");
        }
    }

    #[test]
    fn unknown_prompts_are_refused() {
        for wrong in ["create", "LOGIN", "login,consent", "none\tlogin"] {
            assert!(matches!(PromptSet::parse(wrong), Err(PromptProblem::Unknown(_))), "{wrong}");
        }
    }

    #[test]
    fn prompts_are_stored_as_they_are_sent() {
        let prompts = PromptSet::parse("consent login").unwrap();
        let stored = serde_json::to_string(&prompts).unwrap();
        assert_eq!(stored, "\"login consent\"");
        assert_eq!(serde_json::from_str::<PromptSet>(&stored).unwrap(), prompts);
    }
}
