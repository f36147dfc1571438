//! The context of everything that one request, command or run of a background task causes.

use super::Tenant;
use crate::{
    audit::{Actor, AuditContext, Via},
    clock::Timestamp,
    http::{
        request_id::RequestId,
        source::{Source, rate_limit_prefix},
        user_agent::UserAgent,
    },
};
use ipnet::IpNet;
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

/// Who acts, by which interface, from where and when. Data only: `web` builds it from an HTTP request, the
/// application for a command or a background task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestContext {
    /// The tenant.
    pub tenant: Arc<Tenant>,
    /// Who acts.
    pub actor: Actor,
    /// By which interface.
    pub via: Via,
    /// Where the request comes from; `None` for a command and a background task.
    pub source: Option<Source>,
    /// The user agent.
    pub agent: UserAgent,
    /// The id of the request.
    pub request_id: RequestId,
    /// The time of everything that the request causes.
    pub now: Timestamp,
}

impl RequestContext {
    /// Builds the context of work that no HTTP request caused.
    pub fn without_request(tenant: Arc<Tenant>, actor: Actor, via: Via, now: Timestamp) -> Self {
        let (agent, request_id) = (UserAgent::default(), RequestId::default());
        Self { tenant, actor, via, source: None, agent, request_id, now }
    }

    /// Returns the same context with another actor: the one whom a proof or credential in the request has
    /// shown.
    #[must_use]
    pub fn by(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }

    /// Returns the address that the request comes from; the unspecified one when no request caused the work.
    pub fn address(&self) -> IpAddr {
        self.source.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |source| source.address)
    }

    /// Returns the network that rate limits count.
    pub fn rate_limit_prefix(&self) -> IpNet {
        rate_limit_prefix(self.address())
    }

    /// Returns the circumstances that an audit event records.
    pub fn audit(&self) -> AuditContext<'_> {
        AuditContext {
            workspace: self.tenant.workspace.id,
            actor: self.actor,
            via: self.via,
            address: self.source.map(|source| source.address),
            agent: self.agent.non_empty(),
            request_id: Some(self.request_id.as_str()).filter(|id| !id.is_empty()),
            at: self.now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::DirectoryCache,
        clock::SystemClock,
        directory::Workspace,
        http::urls::PublicUrl,
        keys::SealingKey,
        storage::{Storage, workspaces},
    };
    use ::entity::ids::{PersonId, WorkspaceId};
    use sea_orm::prelude::Uuid;

    /// A tenant of an empty database, and the folder that holds it.
    async fn tenant() -> (Arc<Tenant>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/context.db", folder.path().display());
        let storage = Storage::open(&url).await.unwrap();
        let sealing = Arc::new(SealingKey::from_bytes(&[1; 32]));
        let public_url = PublicUrl::new("https://id.example");
        let id = WorkspaceId(Uuid::from_u128(1));
        let workspace = Workspace { id, slug: "default".to_owned(), display_name: "Northwind".to_owned() };
        let tx = storage.begin().await.unwrap();
        workspaces::insert_workspace(&tx, &workspace, Timestamp(1)).await.unwrap();
        tx.commit().await.unwrap();
        let contact = "mailto:operator@id.example".to_owned();
        let cache = DirectoryCache::new(storage, sealing, Arc::new(SystemClock), contact, public_url);
        (cache.root().await.unwrap(), folder)
    }

    async fn command() -> (RequestContext, tempfile::TempDir) {
        let (tenant, folder) = tenant().await;
        (RequestContext::without_request(tenant, Actor::Host, Via::Cli, Timestamp(5000)), folder)
    }

    #[tokio::test]
    async fn an_event_of_a_command_has_an_actor_and_no_source() {
        let (command, _folder) = command().await;
        let expected = AuditContext {
            workspace: command.tenant.workspace.id,
            actor: Actor::Host,
            via: Via::Cli,
            address: None,
            agent: None,
            request_id: None,
            at: Timestamp(5000),
        };
        assert_eq!(command.audit(), expected);
        assert_eq!(command.rate_limit_prefix().to_string(), "0.0.0.0/32");
    }

    #[tokio::test]
    async fn an_event_of_a_request_has_its_source_and_user_agent() {
        let (command, _folder) = command().await;
        let source = Source { address: [192, 0, 2, 7].into(), is_proxied: true };
        let agent = UserAgent::new("curl/8");
        let request = RequestContext { source: Some(source), agent, via: Via::Device, ..command };
        let audit = request.audit();
        assert_eq!((audit.address, audit.agent), (Some(source.address), Some("curl/8")));
        assert_eq!(request.rate_limit_prefix().to_string(), "192.0.2.7/32");
    }

    #[tokio::test]
    async fn another_actor_changes_nothing_else() {
        let (command, _folder) = command().await;
        let person = Actor::Person(PersonId(Uuid::from_u128(2)));
        assert_eq!(command.by(person), RequestContext { actor: person, ..command.clone() });
    }
}
