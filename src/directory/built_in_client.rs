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
            settings: ClientSettings { consent: ConsentRule::Implied, ..ClientSettings::default() },
            pools,
            is_disabled: false,
        }
    }
}
