//! Authentication context class references: how strongly a person authenticated (OpenID Connect Core §2).

use serde::{Deserialize, Serialize};

/// A class of authentication; a greater class satisfies a request for a lesser one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Acr {
    /// One class of factor.
    #[serde(rename = "1fa")]
    OneFactor,
    /// Two classes of factor.
    #[serde(rename = "2fa")]
    TwoFactors,
}

impl Acr {
    /// All classes, weakest first: `acr_values_supported`.
    pub const ALL: [Self; 2] = [Self::OneFactor, Self::TwoFactors];

    /// Returns the value that relying parties see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneFactor => "1fa",
            Self::TwoFactors => "2fa",
        }
    }

    /// Reads `value`; `None` when it names no class that this server supports.
    pub fn parse(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|acr| acr.as_str() == value)
    }
}

/// The classes that a request asks for. Unsupported values are dropped, because no sign-in can reach them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "values")]
pub enum AcrRequest {
    /// No particular class.
    #[default]
    Any,
    /// Any of these is preferred, none is required (`acr_values`, or a voluntary `acr` claim: Core §5.5.1).
    Voluntary(Vec<Acr>),
    /// One of these is required (an essential `acr` claim: Core §5.5.1.1). An empty list cannot be satisfied.
    Essential(Vec<Acr>),
}

impl AcrRequest {
    /// Reads the `acr_values` parameter (Core §3.1.2.1): space-separated, unknown values ignored.
    pub fn voluntary(acr_values: &str) -> Self {
        match known(acr_values.split(' ')) {
            values if values.is_empty() => Self::Any,
            values => Self::Voluntary(values),
        }
    }

    /// Builds the request of an essential `acr` claim: one of `values`, unknown values dropped.
    pub fn essential<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Essential(known(values))
    }

    /// Returns the weakest listed class: any listed value satisfies the request. `None` without a list.
    pub fn least(&self) -> Option<Acr> {
        match self {
            Self::Any => None,
            Self::Voluntary(values) | Self::Essential(values) => values.iter().min().copied(),
        }
    }

    /// Whether a weaker authentication must be refused.
    pub fn is_essential(&self) -> bool {
        matches!(self, Self::Essential(_))
    }

    /// Whether no class that this server supports can satisfy it.
    pub fn is_impossible(&self) -> bool {
        matches!(self, Self::Essential(values) if values.is_empty())
    }

    /// Returns the class to report after `reached` was reached: an essential request is answered with a
    /// listed value.
    pub fn answer(&self, reached: Acr) -> Acr {
        match self {
            Self::Essential(values) => {
                values.iter().filter(|value| **value <= reached).max().copied().unwrap_or(reached)
            }
            Self::Any | Self::Voluntary(_) => reached,
        }
    }
}

fn known<'a>(values: impl IntoIterator<Item = &'a str>) -> Vec<Acr> {
    values.into_iter().filter_map(Acr::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_read_back_from_its_value() {
        for acr in Acr::ALL {
            assert_eq!(Acr::parse(acr.as_str()), Some(acr));
            assert_eq!(serde_json::to_value(acr).unwrap(), acr.as_str());
        }
        assert_eq!(Acr::parse("2FA"), None);
    }

    #[test]
    fn unknown_voluntary_values_are_ignored_and_any_listed_one_satisfies() {
        assert_eq!(AcrRequest::voluntary("urn:mace:gold  silver"), AcrRequest::Any);
        assert_eq!(AcrRequest::voluntary("gold 2fa 1fa").least(), Some(Acr::OneFactor));
        assert_eq!(AcrRequest::voluntary("2fa").least(), Some(Acr::TwoFactors));
    }

    #[test]
    fn an_essential_request_for_unknown_values_only_is_impossible() {
        assert!(AcrRequest::essential(["gold"]).is_impossible());
        assert!(!AcrRequest::essential(["gold", "2fa"]).is_impossible());
        assert!(!AcrRequest::voluntary("gold").is_impossible());
    }

    #[test]
    fn an_essential_request_is_answered_with_a_listed_value() {
        assert_eq!(AcrRequest::essential(["1fa"]).answer(Acr::TwoFactors), Acr::OneFactor);
        assert_eq!(AcrRequest::essential(["1fa", "2fa"]).answer(Acr::TwoFactors), Acr::TwoFactors);
        assert_eq!(AcrRequest::voluntary("1fa").answer(Acr::TwoFactors), Acr::TwoFactors);
    }
}
