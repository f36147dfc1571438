//! The redirect URIs of the demo's clients: those of your own application, and those of the relying party, which moves
//! when its port is taken. What an earlier start, or another demo on the same database, has registered stays.

use super::{
    relying_party::RelyingPartySettings,
    seed::{SETTING, Seed},
};
use crate::{
    app::App,
    cli::{Demo, Exit},
    operator::CommandError,
    protocol::check_registrable,
    storage::{Fault, Transaction, clients, settings},
};

/// What is registered when nothing is given: where most frameworks' examples run.
const REDIRECT_URIS: [&str; 2] = ["http://localhost:3000/callback", "http://127.0.0.1:3000/callback"];
const POST_LOGOUT_REDIRECT_URIS: [&str; 2] = ["http://localhost:3000/", "http://127.0.0.1:3000/"];

/// Addresses of one application.
#[derive(Clone, Debug, Default)]
pub(super) struct Addresses {
    pub(super) redirect_uris: Vec<String>,
    pub(super) post_logout_redirect_uris: Vec<String>,
}

impl Addresses {
    /// Those that were given, or the usual ones.
    pub(super) fn given(options: &Demo) -> Result<Self, CommandError> {
        let redirects = options.redirect_uri.iter().map(|uri| ("--redirect-uri", uri));
        let returns = options.post_logout_redirect_uri.iter().map(|uri| ("--post-logout-redirect-uri", uri));
        for (option, uri) in redirects.chain(returns) {
            check_registrable(uri, true).map_err(|problem| {
                CommandError::new(format!("{option} `{uri}`: {problem}")).with(Exit::Usage)
            })?;
        }
        let or_usual = |given: &[String], usual: [&str; 2]| match given {
            [] => usual.map(str::to_owned).to_vec(),
            given => given.to_vec(),
        };
        Ok(Self {
            redirect_uris: or_usual(&options.redirect_uri, REDIRECT_URIS),
            post_logout_redirect_uris: or_usual(&options.post_logout_redirect_uri, POST_LOGOUT_REDIRECT_URIS),
        })
    }

    /// Those of the relying party.
    pub(super) fn of(relying_party: &RelyingPartySettings) -> Self {
        Self {
            redirect_uris: vec![relying_party.redirect_uri()],
            post_logout_redirect_uris: vec![relying_party.post_logout_redirect_uri()],
        }
    }
}

/// Registers `given` with the three clients for your own application, and `own` with the relying party's.
pub(super) async fn register(
    app: &App,
    seed: &Seed,
    given: &Addresses,
    own: &Addresses,
) -> Result<(), Fault> {
    let tx = app.storage.begin().await?;
    // Two demos that start at once add one after the other.
    settings::hold(&tx, SETTING).await?;
    for client_id in [&seed.client_id, &seed.second_client_id, &seed.public_client_id] {
        add(app, &tx, client_id, given).await?;
    }
    add(app, &tx, &seed.relying_party_client_id, own).await?;
    tx.commit().await
}

async fn add(app: &App, tx: &Transaction, client_id: &str, more: &Addresses) -> Result<(), Fault> {
    let workspace = app.directory.workspace().await?.id;
    let client = clients::find(tx, workspace, client_id).await?;
    let client =
        client.ok_or_else(|| Fault::broken(format!("the demo's client {client_id} is not there")))?;
    let is_public = client.is_public();
    let mut settings = client.settings;
    add_absent(&mut settings.redirect_uris, &more.redirect_uris, is_public);
    add_absent(&mut settings.post_logout_redirect_uris, &more.post_logout_redirect_uris, is_public);
    clients::save_settings(tx, client.key, &settings).await
}

/// An app's own scheme is for the public client alone.
fn add_absent(registered: &mut Vec<String>, more: &[String], is_public: bool) {
    for uri in more {
        if !registered.contains(uri) && check_registrable(uri, is_public).is_ok() {
            registered.push(uri.clone());
        }
    }
}
