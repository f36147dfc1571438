//! What is read at every request, kept as parsed values and dropped when it changes on any node.

use super::{WorkspaceKeys, workspace_keys};
use crate::{
    clock::Clock,
    directory::{Client, Pool, Workspace},
    keys::SealingKey,
    limits::sizes::{MAX_CACHED_CLIENTS, MAX_CLIENT_ID_BYTES},
    storage::{Fault, Storage, Topic, clients, pools, workspaces},
};
use ::entity::ids::{ClientKey, PoolId, WorkspaceId};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

/// The short name of the workspace that is served at the root.
pub const DEFAULT_WORKSPACE: &str = "default";

#[derive(Default)]
struct Kept {
    /// Grows when everything is dropped: what was read before must not be kept after.
    generation: u64,
    workspace: Option<Arc<Workspace>>,
    keys: Option<Arc<WorkspaceKeys>>,
    clients: BTreeMap<(WorkspaceId, String), Arc<Client>>,
    clients_by_key: BTreeMap<ClientKey, Arc<Client>>,
    pools: BTreeMap<PoolId, Arc<Pool>>,
    client_origins: Option<Arc<BTreeSet<String>>>,
}

/// Workspaces, pools, clients and keys, in memory.
#[derive(Clone)]
pub struct DirectoryCache {
    storage: Storage,
    sealing: Arc<SealingKey>,
    clock: Arc<dyn Clock>,
    contact: String,
    kept: Arc<Mutex<Kept>>,
}

impl DirectoryCache {
    /// Nothing is read yet. `contact` is what push services are told (RFC 8292 `sub`).
    pub fn new(storage: Storage, sealing: Arc<SealingKey>, clock: Arc<dyn Clock>, contact: String) -> Self {
        Self { storage, sealing, clock, contact, kept: Arc::default() }
    }

    /// The workspace that is served at the root.
    ///
    /// # Errors
    /// When there is none yet, or the database does not answer.
    pub async fn workspace(&self) -> Result<Arc<Workspace>, Fault> {
        let (generation, kept) = self.look(|kept| kept.workspace.clone());
        if let Some(workspace) = kept {
            return Ok(workspace);
        }
        let found = workspaces::find_by_slug(&self.storage, DEFAULT_WORKSPACE).await?;
        let workspace = Arc::new(found.ok_or_else(|| Fault::broken("the workspace `default` is not there"))?);
        self.keep(generation, |kept| kept.workspace = Some(workspace.clone()));
        Ok(workspace)
    }

    /// The workspace that is served at the root, when it has been read: for pages that must not wait.
    pub fn known_workspace(&self) -> Option<Arc<Workspace>> {
        self.look(|kept| kept.workspace.clone()).1
    }

    /// The keys of the workspace that is served at the root; made when there are none.
    ///
    /// # Errors
    /// When they were sealed with another sealing key, or the database does not answer.
    pub async fn keys(&self) -> Result<Arc<WorkspaceKeys>, Fault> {
        let (generation, kept) = self.look(|kept| kept.keys.clone());
        if let Some(keys) = kept {
            return Ok(keys);
        }
        let workspace = self.workspace().await?;
        let now = self.clock.now();
        let keys =
            workspace_keys::load(&self.storage, &self.sealing, workspace.id, &self.contact, now).await?;
        let keys = Arc::new(keys);
        self.keep(generation, |kept| kept.keys = Some(keys.clone()));
        Ok(keys)
    }

    /// The client of this `client_id`. A name that nobody has is looked up each time, and costs no memory.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_client(&self, client_id: &str) -> Result<Option<Arc<Client>>, Fault> {
        if client_id.len() > MAX_CLIENT_ID_BYTES || client_id.contains(char::is_control) {
            return Ok(None);
        }
        let workspace = self.workspace().await?;
        let key = (workspace.id, client_id.to_owned());
        let (generation, kept) = self.look(|kept| kept.clients.get(&key).cloned());
        if kept.is_some() {
            return Ok(kept);
        }
        let Some(client) = clients::find(&self.storage, workspace.id, client_id).await? else {
            return Ok(None);
        };
        Ok(Some(self.keep_client(generation, client)))
    }

    /// Whether some client takes its answers at this origin (RFC 6454 §6.2), so that its scripts may read ours.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_client_origin(&self, origin: &str) -> Result<bool, Fault> {
        let (generation, kept) = self.look(|kept| kept.client_origins.clone());
        if let Some(origins) = kept {
            return Ok(origins.contains(origin));
        }
        let workspace = self.workspace().await?;
        let uris = clients::list_redirect_uris(&self.storage, workspace.id).await?;
        let origins: Arc<BTreeSet<String>> =
            Arc::new(uris.iter().filter_map(|uri| web_origin(uri)).collect());
        self.keep(generation, |kept| kept.client_origins = Some(origins.clone()));
        Ok(origins.contains(origin))
    }

    /// The client of this row.
    ///
    /// # Errors
    /// When there is none, or the database does not answer.
    pub async fn client(&self, key: ClientKey) -> Result<Arc<Client>, Fault> {
        let (generation, kept) = self.look(|kept| kept.clients_by_key.get(&key).cloned());
        if let Some(client) = kept {
            return Ok(client);
        }
        let client = clients::get(&self.storage, key).await?;
        Ok(self.keep_client(generation, client))
    }

    /// The pool of this id.
    ///
    /// # Errors
    /// When there is none, or the database does not answer.
    pub async fn pool(&self, id: PoolId) -> Result<Arc<Pool>, Fault> {
        let (generation, kept) = self.look(|kept| kept.pools.get(&id).cloned());
        if let Some(pool) = kept {
            return Ok(pool);
        }
        let pool = Arc::new(pools::get(&self.storage, id).await?);
        self.keep(generation, |kept| {
            kept.pools.insert(id, pool.clone());
        });
        Ok(pool)
    }

    /// Drops everything: it has changed.
    pub fn forget(&self) {
        if let Ok(mut kept) = self.kept.lock() {
            *kept = Kept { generation: kept.generation + 1, ..Kept::default() };
        }
    }

    /// Drops everything whenever some node changes something. Runs for as long as the house stands; what changed since
    /// this was called, or was read before, is not missed.
    pub fn follow_changes(self) -> impl Future<Output = ()> + Send + 'static {
        let mut waiter = self.storage.bus().wait(Topic::Directory);
        self.forget();
        async move {
            loop {
                waiter.changed().await;
                self.forget();
            }
        }
    }

    fn keep_client(&self, generation: u64, client: Client) -> Arc<Client> {
        let client = Arc::new(client);
        self.keep(generation, |kept| {
            if kept.clients.len() >= MAX_CACHED_CLIENTS {
                kept.clients.clear();
                kept.clients_by_key.clear();
            }
            kept.clients.insert((client.workspace_id, client.client_id.clone()), client.clone());
            kept.clients_by_key.insert(client.key, client.clone());
        });
        client
    }

    fn look<T>(&self, read: impl FnOnce(&Kept) -> Option<T>) -> (u64, Option<T>) {
        match self.kept.lock() {
            Ok(kept) => (kept.generation, read(&kept)),
            Err(_) => (0, None),
        }
    }

    fn keep(&self, generation: u64, write: impl FnOnce(&mut Kept)) {
        if let Ok(mut kept) = self.kept.lock()
            && kept.generation == generation
        {
            write(&mut kept);
        }
    }
}

/// The origin of a redirect URI that a browser's page may have; an application's own scheme has none.
fn web_origin(uri: &str) -> Option<String> {
    let uri = url::Url::parse(uri).ok().filter(|uri| matches!(uri.scheme(), "http" | "https"))?;
    Some(uri.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_have_an_origin() {
        for (uri, origin) in [
            ("https://app.example/cb?a=b", Some("https://app.example")),
            ("https://APP.example:443/cb", Some("https://app.example")),
            ("http://localhost:3000/cb", Some("http://localhost:3000")),
            ("com.example.app:/cb", None),
            ("not a URI", None),
        ] {
            assert_eq!(web_origin(uri).as_deref(), origin, "{uri}");
        }
    }
}
