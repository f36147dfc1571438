//! Adds clients, and records that one has failed to authenticate. Each change that an operator makes to a client has a
//! file of its own below; `ending` ends its grants, for all of them.

mod change;
mod check;
mod delete;
mod ending;
mod find;
mod lock;
mod secret;
mod status;

pub use change::change;
pub use check::RESERVED_NAME;
pub use delete::delete;
pub use find::{find, list_page};
pub use secret::{Rotation, rotate_secret};
pub use status::{disable, enable};

use self::check::check;
use super::{Action, ActionError, Right};
use crate::{
    app::{App, RequestContext, Tenant},
    audit::{AuditEvent, AuditTarget, about},
    digest::sha256,
    directory::{Client, ClientSettings},
    entropy::Entropy,
    fault::Fault,
    http::urls::Path,
    limits::{rate_limit::CLIENT_FAILURE_EVENTS, sizes::MAX_CLIENT_ID_NAME_CHARS},
    storage::{attempts, clients},
};
use ::entity::ids::{ClientKey, PoolId};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A client to be added.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// The name shown to people.
    pub name: String,
    /// Its registered metadata.
    pub settings: ClientSettings,
    /// The pools whose people may sign in to it.
    pub pools: Vec<PoolId>,
    /// Its secret; `None` makes it a public client.
    pub secret: Option<String>,
}

impl NewClient {
    /// Checks every value and returns the problems.
    pub(super) fn check(&self, tenant: &Tenant) -> Result<(), ActionError> {
        check(tenant, &self.name, &self.settings, self.secret.is_none())
    }
}

/// Adds a client.
///
/// # Errors
/// [`ActionError::Invalid`] with every problem; a fault when the database does not answer.
pub async fn add(app: &App, context: &RequestContext, new: NewClient) -> Result<Client, ActionError> {
    new.check(&context.tenant)?;
    let action = Action::begin(app, context, Right::Host).await?;
    let client = insert(&action, new).await?;
    action.commit().await?;
    Ok(client)
}

/// Adds a client, whose values were checked, and the audit event.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(action: &Action<'_>, new: NewClient) -> Result<Client, Fault> {
    let now = action.context.now;
    let client = Client {
        key: ClientKey(action.app.entropy.id(now)),
        workspace_id: action.context.tenant.workspace.id,
        client_id: new_client_id(action.app.entropy.as_ref(), &new.name),
        name: new.name.trim().to_owned(),
        secret_hash: new.secret.map(|secret| sha256(secret).to_vec()),
        previous_secret: None,
        settings: new.settings,
        pools: new.pools,
        is_disabled: false,
    };
    clients::insert_client(&action.tx, &client, now).await?;
    action.audit(&AuditEvent::ClientAdded, about(client.key)).await?;
    Ok(client)
}

/// Records that a caller at `endpoint` did not authenticate as `client`, `None` for an unknown client id: once in
/// [`CLIENT_FAILURE_EVENTS`], whichever node is asked. `client_id_hash` is the SHA-256 of the client id.
///
/// # Errors
/// A fault when the database does not answer.
pub async fn record_failed_authentication(
    app: &App,
    context: &RequestContext,
    (client, client_id_hash): (Option<ClientKey>, [u8; 32]),
    endpoint: Path,
) -> Result<(), ActionError> {
    let event = AuditEvent::ClientAuthenticationFailed { endpoint: endpoint.as_str() };
    let action = Action::begin(app, context, Right::Anyone).await?;
    let key = format!("client_failure:{}", URL_SAFE_NO_PAD.encode(client_id_hash));
    let seconds = i64::from(CLIENT_FAILURE_EVENTS.window_seconds);
    if !attempts::open_window(&action.tx, &key, seconds, context.now).await? {
        return Ok(());
    }
    action.audit(&event, client.map_or(AuditTarget::unknown(), about)).await?;
    Ok(action.commit().await?)
}

/// Builds a `client_id` from the client's name, shortened, and 40 random bits: readable for people, and never
/// taken already.
fn new_client_id(entropy: &dyn Entropy, name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    let readable: String = words.join("-").chars().take(MAX_CLIENT_ID_NAME_CHARS).collect();
    let random = entropy.crockford(8).to_ascii_lowercase();
    if readable.is_empty() { random } else { format!("{}-{random}", readable.trim_end_matches('-')) }
}
