//! The clients that are part of this server: constants, not rows, so that policies and the audit log treat a
//! sign-in to this server like one to an application.

use super::{Client, ClientSettings, ConsentRule};
use ::entity::ids::{ClientKey, PoolId, WorkspaceId};

/// A client that is part of this server. No authorization request can name it, because it has no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuiltInClient {
    /// The pages of a person's own account.
    Account,
}

impl BuiltInClient {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::Account];

    /// Returns the key in the audit log.
    pub const fn key(self) -> ClientKey {
        match self {
            Self::Account => ClientKey::built_in(1),
        }
    }

    /// Returns the name in place of a `client_id`.
    pub const fn client_id(self) -> &'static str {
        match self {
            Self::Account => "countersign-account",
        }
    }

    /// Returns the client of a workspace, named `name`, for the people of `pools`. It asks for no consent,
    /// because it passes nothing on.
    pub fn client(self, workspace_id: WorkspaceId, name: String, pools: Vec<PoolId>) -> Client {
        Client {
            key: self.key(),
            workspace_id,
            client_id: self.client_id().to_owned(),
            name,
            secret_hash: None,
            previous_secret: None,
            settings: ClientSettings { consent: ConsentRule::Implied, ..ClientSettings::default() },
            pools,
            is_disabled: false,
        }
    }
}

/// Whether a client of this name would look like one of this server, whose workspace is shown as `display_name`: it has
/// the id of a built-in client, or its name with or without an addition. Case and white space do not matter.
pub fn is_reserved_name(name: &str, display_name: &str) -> bool {
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let name = folded(name);
    let is_shown = |service: &str| {
        let rest = name.strip_prefix(&folded(&format!("{service} account")));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
    };
    BuiltInClient::ALL.iter().any(|client| name == client.client_id())
        || is_shown(display_name)
        || is_shown("Countersign")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_like_that_of_a_built_in_client_is_reserved_and_others_are_not() {
        for name in [
            "countersign-account",
            "Northwind account",
            "  northwind   ACCOUNT ",
            "Northwind account (add a phone)",
            "Countersign account",
        ] {
            assert!(is_reserved_name(name, "Northwind"), "{name}");
        }
        for name in ["Northwind", "Northwind accounts", "Northwind accounting", "My account", "Wiki"] {
            assert!(!is_reserved_name(name, "Northwind"), "{name}");
        }
    }
}
