//! Caches the workspaces, clients, pools and keys that every request reads; a change on any node drops all of
//! them.

use super::{Tenant, WorkspaceKeys, workspace_keys};
use crate::{
    clock::Clock,
    directory::{Client, Pool, Workspace},
    fault::Fault,
    keys::SealingKey,
    limits::sizes::{MAX_CACHED_CLIENTS, MAX_CLIENT_ID_BYTES},
    storage::{Freshness, Storage, Topic, clients, pools, workspaces},
};
use ::entity::ids::{ClientKey, PoolId, WorkspaceId};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

/// The slug of the workspace that is served at the root.
pub const DEFAULT_WORKSPACE: &str = "default";

#[derive(Default)]
struct Kept {
    /// Incremented when everything is dropped, so that values read before the change are not stored after it.
    generation: u64,
    /// The version of the directory at which it was filled; see [`Storage::directory_version`].
    freshness: Option<Freshness>,
    tenant: Option<Arc<Tenant>>,
    keys: Option<Arc<WorkspaceKeys>>,
    clients: BTreeMap<(WorkspaceId, String), Arc<Client>>,
    clients_by_key: BTreeMap<ClientKey, Arc<Client>>,
    pools: BTreeMap<PoolId, Arc<Pool>>,
    pool_ids: Option<Arc<Vec<PoolId>>>,
    client_origins: Option<Arc<BTreeSet<String>>>,
}

/// An in-memory cache of workspaces, pools, clients and keys. Clones share it.
#[derive(Clone)]
pub struct DirectoryCache {
    storage: Storage,
    sealing: Arc<SealingKey>,
    clock: Arc<dyn Clock>,
    contact: String,
    issuer: String,
    kept: Arc<Mutex<Kept>>,
}

impl DirectoryCache {
    /// Creates an empty cache. `contact` is the contact address for push services (RFC 8292 §2.1, `sub`),
    /// `issuer` the issuer of the workspace that is served at the root.
    pub fn new(
        storage: Storage,
        sealing: Arc<SealingKey>,
        clock: Arc<dyn Clock>,
        contact: String,
        issuer: String,
    ) -> Self {
        Self { storage, sealing, clock, contact, issuer, kept: Arc::default() }
    }

    /// Returns the tenant that is served at the root.
    ///
    /// # Errors
    /// When its workspace does not exist yet, or the database does not answer.
    pub async fn tenant(&self) -> Result<Arc<Tenant>, Fault> {
        let (generation, kept) = self.look(|kept| kept.tenant.clone());
        if let Some(tenant) = kept {
            return Ok(tenant);
        }
        let found = workspaces::find_by_slug(&self.storage, DEFAULT_WORKSPACE).await?;
        let workspace =
            Arc::new(found.ok_or_else(|| Fault::broken("the workspace `default` does not exist"))?);
        let tenant = Arc::new(Tenant { workspace, issuer: self.issuer.clone() });
        self.keep(generation, |kept| kept.tenant = Some(tenant.clone()));
        Ok(tenant)
    }

    /// Returns the workspace that is served at the root.
    ///
    /// # Errors
    /// Those of [`Self::tenant`].
    pub async fn workspace(&self) -> Result<Arc<Workspace>, Fault> {
        Ok(self.tenant().await?.workspace.clone())
    }

    /// Returns the workspace that is served at the root if it is cached: for pages that must not wait for the
    /// database.
    pub fn known_workspace(&self) -> Option<Arc<Workspace>> {
        self.look(|kept| kept.tenant.clone()).1.map(|tenant| tenant.workspace.clone())
    }

    /// Returns the keys of the workspace that is served at the root; creates missing ones.
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

    /// Finds the client with this `client_id`. Unknown ids are not cached: each is looked up again and costs
    /// no memory.
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

    /// Whether a client has a redirect URI at this origin (RFC 6454 §6.2): its scripts may then read
    /// responses of this server.
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

    /// Finds the client with this key; `None` when it was deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn client(&self, key: ClientKey) -> Result<Option<Arc<Client>>, Fault> {
        let (generation, kept) = self.look(|kept| kept.clients_by_key.get(&key).cloned());
        if kept.is_some() {
            return Ok(kept);
        }
        let found = clients::find_by_key(&self.storage, key).await?;
        Ok(found.map(|client| self.keep_client(generation, client)))
    }

    /// Returns the pool with this id.
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

    /// Returns the ids of every pool of the workspace that is served at the root.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pool_ids(&self) -> Result<Arc<Vec<PoolId>>, Fault> {
        let (generation, kept) = self.look(|kept| kept.pool_ids.clone());
        if let Some(ids) = kept {
            return Ok(ids);
        }
        let workspace = self.workspace().await?;
        let pools = pools::list(&self.storage, workspace.id).await?;
        let ids = Arc::new(pools.iter().map(|pool| pool.id).collect::<Vec<_>>());
        self.keep(generation, |kept| kept.pool_ids = Some(ids.clone()));
        Ok(ids)
    }

    /// Drops everything if another process has changed something in the same SQLite file: at the beginning of each
    /// request.
    pub fn notice_changes(&self) {
        let Some(freshness) = self.storage.directory_version() else { return };
        if let Ok(mut kept) = self.kept.lock()
            && (kept.freshness != Some(freshness) || freshness == Freshness::Changing)
        {
            let generation = kept.generation + 1;
            *kept = Kept { generation, freshness: Some(freshness), ..Kept::default() };
        }
    }

    /// Drops everything, because something has changed.
    pub fn forget(&self) {
        if let Ok(mut kept) = self.kept.lock() {
            *kept = Kept { generation: kept.generation + 1, ..Kept::default() };
        }
    }

    /// Drops everything whenever a node announces a change. The future never resolves. Changes made after
    /// this call are not missed, and values cached before it are dropped.
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
