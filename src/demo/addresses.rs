//! Registers the redirect URIs of the demo's clients: those of your own application and those of the relying
//! party (its port changes when taken). URIs registered by an earlier start or another demo stay.

use super::{
    relying_party::RelyingPartySettings,
    seed::{SETTING, Seed},
};
use crate::{
    app::App,
    cli::{Demo, Exit},
    fault::Fault,
    operator::CommandError,
    protocol::check_registrable,
    storage::{Transaction, clients, settings},
};

/// The default redirect URIs, which the examples of most frameworks use.
const REDIRECT_URIS: [&str; 2] = ["http://localhost:3000/callback", "http://127.0.0.1:3000/callback"];
const POST_LOGOUT_REDIRECT_URIS: [&str; 2] = ["http://localhost:3000/", "http://127.0.0.1:3000/"];

/// The redirect URIs of one application.
#[derive(Clone, Debug, Default)]
pub(super) struct Addresses {
    pub(super) redirect_uris: Vec<String>,
    pub(super) post_logout_redirect_uris: Vec<String>,
}

impl Addresses {
    /// Reads the options, or uses the defaults; fails for a URI that cannot be registered.
    pub(super) fn given(options: &Demo) -> Result<Self, CommandError> {
        let redirects = options.redirect_uri.iter().map(|uri| ("--redirect-uri", uri));
        let returns = options.post_logout_redirect_uri.iter().map(|uri| ("--post-logout-redirect-uri", uri));
        for (option, uri) in redirects.chain(returns) {
            check_registrable(uri, true).map_err(|problem| {
                CommandError::new(format!("{option} `{uri}`: {problem}")).with(Exit::Usage)
            })?;
        }
        let or_default = |given: &[String], default: [&str; 2]| match given {
            [] => default.map(str::to_owned).to_vec(),
            given => given.to_vec(),
        };
        Ok(Self {
            redirect_uris: or_default(&options.redirect_uri, REDIRECT_URIS),
            post_logout_redirect_uris: or_default(
                &options.post_logout_redirect_uri,
                POST_LOGOUT_REDIRECT_URIS,
            ),
        })
    }

    /// Returns the redirect URIs of the demo's relying party.
    pub(super) fn of(relying_party: &RelyingPartySettings) -> Self {
        Self {
            redirect_uris: vec![relying_party.redirect_uri()],
            post_logout_redirect_uris: vec![relying_party.post_logout_redirect_uri()],
        }
    }
}

/// Registers `given` for the three clients of your own application, and `own` for the relying party's client.
pub(super) async fn register(
    app: &App,
    seed: &Seed,
    given: &Addresses,
    own: &Addresses,
) -> Result<(), Fault> {
    let tx = app.storage.begin().await?;
    // The lock serializes two demos that start at the same time.
    settings::hold(&tx, SETTING).await?;
    for client_id in [&seed.client_id, &seed.second_client_id, &seed.public_client_id] {
        add(app, &tx, client_id, given).await?;
    }
    add(app, &tx, &seed.relying_party_client_id, own).await?;
    tx.commit().await
}

async fn add(app: &App, tx: &Transaction, client_id: &str, more: &Addresses) -> Result<(), Fault> {
    let workspace = app.directory.root().await?.workspace.id;
    let client = clients::find(tx, workspace, client_id).await?;
    let client =
        client.ok_or_else(|| Fault::broken(format!("the demo's client {client_id} does not exist")))?;
    let is_public = client.is_public();
    let mut settings = client.settings;
    add_absent(&mut settings.redirect_uris, &more.redirect_uris, is_public);
    add_absent(&mut settings.post_logout_redirect_uris, &more.post_logout_redirect_uris, is_public);
    clients::save_settings(tx, client.key, &settings).await
}

/// Adds the missing URIs. Only a public client may register a private-use scheme (RFC 8252 §7.1).
fn add_absent(registered: &mut Vec<String>, more: &[String], is_public: bool) {
    for uri in more {
        if !registered.contains(uri) && check_registrable(uri, is_public).is_ok() {
            registered.push(uri.clone());
        }
    }
}
