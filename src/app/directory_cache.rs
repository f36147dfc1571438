//! Finds the tenant of a request, a command or a stored row, and caches it with what its requests read. A change in one
//! workspace, on any node, drops what is cached of that one; a change by another process on the same SQLite file drops
//! everything, because nothing says what it was about.

use super::{
    Tenant,
    tenant::DEFAULT_WORKSPACE,
    tenant_directory::{Shared, TenantDirectory},
};
use crate::{
    clock::Clock,
    directory::{Workspace, is_slug},
    fault::Fault,
    http::{
        cookies::Cookies,
        urls::{PublicUrl, Urls},
    },
    keys::SealingKey,
    limits::sizes::MAX_CACHED_WORKSPACES,
    storage::{Freshness, Storage, workspaces},
};
use ::entity::ids::WorkspaceId;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, Weak},
};

#[derive(Default)]
struct KeptTenants {
    /// Incremented when something is dropped, so that a tenant read before the change is not stored after it.
    generation: u64,
    /// The version of the directory at which it was filled; see [`Storage::directory_version`].
    freshness: Option<Freshness>,
    by_slug: BTreeMap<String, Arc<Tenant>>,
}

struct Inner {
    shared: Arc<Shared>,
    public_url: PublicUrl,
    tenants: Mutex<KeptTenants>,
}

/// An in-memory cache of tenants with their pools, clients and keys. Clones share it.
#[derive(Clone)]
pub struct DirectoryCache(Arc<Inner>);

impl DirectoryCache {
    /// Creates an empty cache, which drops what changes from now on. `contact` is the contact address for push services
    /// (RFC 8292 §2.1, `sub`).
    pub fn new(
        storage: Storage,
        sealing: Arc<SealingKey>,
        clock: Arc<dyn Clock>,
        contact: String,
        public_url: PublicUrl,
    ) -> Self {
        let bus = storage.bus().clone();
        let shared = Arc::new(Shared { storage, sealing, clock, contact, kept: Mutex::default() });
        let inner = Arc::new(Inner { shared, public_url, tenants: Mutex::default() });
        let cache: Weak<Inner> = Arc::downgrade(&inner);
        bus.follow_directory(move |changed| match cache.upgrade() {
            Some(inner) => {
                inner.forget(changed);
                true
            }
            None => false,
        });
        Self(inner)
    }

    /// Returns the tenant that is served at the root. Each request begins with this function or with [`Self::find`], which
    /// notice what commands have changed since.
    ///
    /// # Errors
    /// When its workspace does not exist yet, or the database does not answer.
    pub async fn root(&self) -> Result<Arc<Tenant>, Fault> {
        let found = self.with_slug(DEFAULT_WORKSPACE).await?;
        found.ok_or_else(|| Fault::broken("the workspace `default` does not exist"))
    }

    /// Returns the tenant that is served at the root if it is cached: for pages that must not wait for the
    /// database.
    pub fn known_root(&self) -> Option<Arc<Tenant>> {
        self.look(DEFAULT_WORKSPACE).1
    }

    /// Finds the tenant with this slug.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn with_slug(&self, slug: &str) -> Result<Option<Arc<Tenant>>, Fault> {
        self.notice_changes();
        let (generation, kept) = self.look(slug);
        if kept.is_some() || !is_slug(slug) {
            return Ok(kept);
        }
        // Unknown slugs are not cached: each is looked up again and costs no memory.
        let found = workspaces::find_by_slug(&self.0.shared.storage, slug).await?;
        Ok(found.map(|workspace| self.keep(generation, workspace)))
    }

    /// Gets the tenant of a stored row, by the id of its workspace.
    ///
    /// # Errors
    /// When there is none, or the database does not answer.
    pub async fn with_id(&self, id: WorkspaceId) -> Result<Arc<Tenant>, Fault> {
        self.notice_changes();
        let (generation, kept) = self
            .look_for(|tenants| tenants.by_slug.values().find(|tenant| tenant.workspace.id == id).cloned());
        if let Some(tenant) = kept {
            return Ok(tenant);
        }
        let found = workspaces::find(&self.0.shared.storage, id).await?;
        let workspace = found.ok_or_else(|| Fault::broken(format!("workspace {id} is not there")))?;
        Ok(self.keep(generation, workspace))
    }

    /// Returns the clients, pools and keys of a workspace, by the id that a row of it has.
    pub fn of(&self, workspace: WorkspaceId) -> TenantDirectory {
        TenantDirectory::new(&self.0.shared, workspace)
    }

    /// Drops everything, because something has changed.
    pub fn forget(&self) {
        self.0.forget(None);
    }

    /// Drops everything if another process has changed something in the same SQLite file.
    fn notice_changes(&self) {
        let Some(freshness) = self.0.shared.storage.directory_version() else { return };
        if let Ok(mut tenants) = self.0.tenants.lock()
            && (tenants.freshness.replace(freshness) != Some(freshness) || freshness == Freshness::Changing)
        {
            self.0.drop_from(&mut tenants, None);
        }
    }

    fn keep(&self, generation: u64, workspace: Workspace) -> Arc<Tenant> {
        let tenant = Arc::new(self.tenant(workspace));
        if let Ok(mut tenants) = self.0.tenants.lock()
            && tenants.generation == generation
        {
            if tenants.by_slug.len() >= MAX_CACHED_WORKSPACES {
                tenants.by_slug.clear();
            }
            tenants.by_slug.insert(tenant.workspace.slug.clone(), Arc::clone(&tenant));
        }
        tenant
    }

    fn tenant(&self, workspace: Workspace) -> Tenant {
        let (public_url, is_https) = (&self.0.public_url, self.0.public_url.is_https());
        let (urls, cookies) = match workspace.slug.as_str() {
            DEFAULT_WORKSPACE => (Urls::root(public_url), Cookies::root(is_https)),
            slug => (Urls::of_workspace(public_url, slug), Cookies::of_workspace(is_https, workspace.id)),
        };
        let directory = self.of(workspace.id);
        Tenant { workspace: Arc::new(workspace), urls, cookies, directory, metadata: OnceLock::new() }
    }

    fn look(&self, slug: &str) -> (u64, Option<Arc<Tenant>>) {
        self.look_for(|tenants| tenants.by_slug.get(slug).cloned())
    }

    fn look_for<T>(&self, read: impl FnOnce(&KeptTenants) -> Option<T>) -> (u64, Option<T>) {
        match self.0.tenants.lock() {
            Ok(tenants) => (tenants.generation, read(&tenants)),
            Err(_) => (0, None),
        }
    }
}

impl Inner {
    /// Drops what is cached of one workspace; of all of them without an id.
    fn forget(&self, workspace: Option<WorkspaceId>) {
        if let Ok(mut tenants) = self.tenants.lock() {
            self.drop_from(&mut tenants, workspace);
        }
    }

    /// Does it while the tenants are locked, so that no request finds one part dropped and the other still there.
    fn drop_from(&self, tenants: &mut KeptTenants, workspace: Option<WorkspaceId>) {
        tenants.generation += 1;
        match workspace {
            Some(id) => tenants.by_slug.retain(|_, tenant| tenant.workspace.id != id),
            None => tenants.by_slug.clear(),
        }
        if let Ok(mut kept) = self.shared.kept.lock() {
            kept.forget(workspace);
        }
    }
}
