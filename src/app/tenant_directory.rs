//! Caches the clients, pools and keys of each workspace, which every request reads. A change in one workspace drops what
//! is cached of that one, and of no other.

use super::{WorkspaceKeys, workspace_keys};
use crate::{
    clock::Clock,
    directory::{Client, Pool},
    fault::Fault,
    keys::{SealingKey, VapidKey},
    limits::sizes::{MAX_CACHED_CLIENTS, MAX_CACHED_WORKSPACES, MAX_CLIENT_ID_BYTES},
    storage::{Storage, clients, pools, signing_keys},
};
use ::entity::{
    ids::{ClientKey, PoolId, WorkspaceId},
    signing_key::KeyPurpose,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

/// The part that the directories of all tenants share.
pub(super) struct Shared {
    pub(super) storage: Storage,
    pub(super) sealing: Arc<SealingKey>,
    pub(super) clock: Arc<dyn Clock>,
    /// The contact address for push services (RFC 8292 §2.1, `sub`).
    pub(super) contact: String,
    pub(super) kept: Mutex<Kept>,
}

/// What is cached, by workspace.
#[derive(Default)]
pub(super) struct Kept {
    /// Incremented when something is dropped, so that values read before the change are not stored after it.
    generation: u64,
    workspaces: BTreeMap<WorkspaceId, KeptWorkspace>,
}

#[derive(Default)]
struct KeptWorkspace {
    keys: Option<Arc<WorkspaceKeys>>,
    clients: BTreeMap<String, Arc<Client>>,
    clients_by_key: BTreeMap<ClientKey, Arc<Client>>,
    pools: BTreeMap<PoolId, Arc<Pool>>,
    pool_ids: Option<Arc<Vec<PoolId>>>,
    client_origins: Option<Arc<BTreeSet<String>>>,
}

impl Kept {
    /// Drops what is cached of one workspace; of all of them without an id.
    pub(super) fn forget(&mut self, workspace: Option<WorkspaceId>) {
        self.generation += 1;
        match workspace {
            Some(id) => drop(self.workspaces.remove(&id)),
            None => self.workspaces.clear(),
        }
    }
}

/// The clients, pools and keys of one workspace, cached. Clones share the cache.
#[derive(Clone)]
pub struct TenantDirectory {
    shared: Arc<Shared>,
    workspace: WorkspaceId,
}

impl TenantDirectory {
    pub(super) fn new(shared: &Arc<Shared>, workspace: WorkspaceId) -> Self {
        Self { shared: Arc::clone(shared), workspace }
    }

    /// Returns the workspace's keys; creates missing ones.
    ///
    /// # Errors
    /// When they were sealed with another sealing key, or the database does not answer.
    pub async fn keys(&self) -> Result<Arc<WorkspaceKeys>, Fault> {
        let (generation, kept) = self.look(|kept| kept.keys.clone());
        if let Some(keys) = kept {
            return Ok(keys);
        }
        let Shared { storage, sealing, clock, contact, .. } = self.shared.as_ref();
        let keys = workspace_keys::load(storage, sealing, self.workspace, contact, clock.now()).await?;
        let keys = Arc::new(keys);
        self.keep(generation, |kept| kept.keys = Some(keys.clone()));
        Ok(keys)
    }

    /// Finds a key for push messages. A key that another node has just created is found, too, although this one has not
    /// been told of it yet.
    ///
    /// # Errors
    /// When the database does not answer, or the key was sealed with another sealing key.
    pub async fn find_vapid_key(&self, kid: &str) -> Result<Option<Arc<VapidKey>>, Fault> {
        if let Some(key) = self.keys().await?.vapid.find(kid) {
            return Ok(Some(Arc::clone(key)));
        }
        let row = signing_keys::find(&self.shared.storage, self.workspace, kid).await?;
        if row.is_none_or(|row| row.purpose != KeyPurpose::Vapid) {
            return Ok(None);
        }
        if let Ok(mut kept) = self.shared.kept.lock() {
            kept.forget(Some(self.workspace));
        }
        Ok(self.keys().await?.vapid.find(kid).cloned())
    }

    /// Finds the client with this `client_id`. Unknown ids are not cached: each is looked up again and costs
    /// no memory.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_client(&self, client_id: &str) -> Result<Option<Arc<Client>>, Fault> {
        if client_id.len() > MAX_CLIENT_ID_BYTES || client_id.contains(char::is_control) {
            return Ok(None);
        }
        let (generation, kept) = self.look(|kept| kept.clients.get(client_id).cloned());
        if kept.is_some() {
            return Ok(kept);
        }
        let found = clients::find(&self.shared.storage, self.workspace, client_id).await?;
        Ok(found.map(|client| self.keep_client(generation, client)))
    }

    /// Finds the workspace's client with this key; `None` when it was deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn client(&self, key: ClientKey) -> Result<Option<Arc<Client>>, Fault> {
        let (generation, kept) = self.look(|kept| kept.clients_by_key.get(&key).cloned());
        if kept.is_some() {
            return Ok(kept);
        }
        let found = clients::find_own(&self.shared.storage, self.workspace, key).await?;
        Ok(found.map(|client| self.keep_client(generation, client)))
    }

    /// Whether a client has a redirect URI at this origin (RFC 6454 §6.2): its scripts may then read
    /// responses of this tenant.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_client_origin(&self, origin: &str) -> Result<bool, Fault> {
        let (generation, kept) = self.look(|kept| kept.client_origins.clone());
        if let Some(origins) = kept {
            return Ok(origins.contains(origin));
        }
        let uris = clients::list_redirect_uris(&self.shared.storage, self.workspace).await?;
        let origins: Arc<BTreeSet<String>> =
            Arc::new(uris.iter().filter_map(|uri| web_origin(uri)).collect());
        self.keep(generation, |kept| kept.client_origins = Some(origins.clone()));
        Ok(origins.contains(origin))
    }

    /// Returns the workspace's pool with this id.
    ///
    /// # Errors
    /// When the workspace has none with this id, or the database does not answer.
    pub async fn pool(&self, id: PoolId) -> Result<Arc<Pool>, Fault> {
        let (generation, kept) = self.look(|kept| kept.pools.get(&id).cloned());
        if let Some(pool) = kept {
            return Ok(pool);
        }
        let found = pools::find_own(&self.shared.storage, self.workspace, id).await?;
        let pool = Arc::new(found.ok_or_else(|| Fault::broken(format!("pool {id} is not there")))?);
        self.keep(generation, |kept| {
            kept.pools.insert(id, pool.clone());
        });
        Ok(pool)
    }

    /// Returns the ids of every pool of the workspace.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pool_ids(&self) -> Result<Arc<Vec<PoolId>>, Fault> {
        let (generation, kept) = self.look(|kept| kept.pool_ids.clone());
        if let Some(ids) = kept {
            return Ok(ids);
        }
        let pools = pools::list(&self.shared.storage, self.workspace).await?;
        let ids = Arc::new(pools.iter().map(|pool| pool.id).collect::<Vec<_>>());
        self.keep(generation, |kept| kept.pool_ids = Some(ids.clone()));
        Ok(ids)
    }

    fn keep_client(&self, generation: u64, client: Client) -> Arc<Client> {
        let client = Arc::new(client);
        self.keep(generation, |kept| {
            if kept.clients.len() >= MAX_CACHED_CLIENTS {
                kept.clients.clear();
                kept.clients_by_key.clear();
            }
            kept.clients.insert(client.client_id.clone(), client.clone());
            kept.clients_by_key.insert(client.key, client.clone());
        });
        client
    }

    fn look<T>(&self, read: impl FnOnce(&KeptWorkspace) -> Option<T>) -> (u64, Option<T>) {
        match self.shared.kept.lock() {
            Ok(kept) => (kept.generation, kept.workspaces.get(&self.workspace).and_then(read)),
            Err(_) => (0, None),
        }
    }

    fn keep(&self, generation: u64, write: impl FnOnce(&mut KeptWorkspace)) {
        if let Ok(mut kept) = self.shared.kept.lock()
            && kept.generation == generation
        {
            if kept.workspaces.len() >= MAX_CACHED_WORKSPACES
                && !kept.workspaces.contains_key(&self.workspace)
            {
                kept.workspaces.clear();
            }
            write(kept.workspaces.entry(self.workspace).or_default());
        }
    }
}

/// Returns the web origin of a redirect URI; a custom URI scheme has none.
fn web_origin(uri: &str) -> Option<String> {
    let uri = url::Url::parse(uri).ok().filter(|uri| matches!(uri.scheme(), "http" | "https"))?;
    Some(uri.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_and_https_uris_have_an_origin() {
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
