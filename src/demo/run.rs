//! `countersign demo`: a server on a temporary database, and a relying party that uses it.

use super::{
    addresses::{self, Addresses},
    announcement::{Announcement, Whereabouts},
    database::DemoDatabase,
    relying_party::{RelyingParty, RelyingPartySettings, routes},
    seed::{self, Seed},
};
use crate::{
    app::App,
    cli::{Demo, Exit, start_log},
    clock::{Clock, SystemClock},
    config::Config,
    entropy::{Entropy, SystemEntropy},
    http::server::{self, Listeners, ServerSettings},
    operator::{CommandError, RunningServer, listen_nearby, opening, print_notice, print_result},
    storage::{OpenMode, Storage},
};
use secrecy::ExposeSecret;
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

/// Maximum connections of the relying party; only a few browsers use the demo.
const MAX_CONNECTIONS: usize = 500;

/// Runs the demo until a shutdown signal.
///
/// When the demo cannot start.
pub async fn demo(options: Demo) -> Result<(), CommandError> {
    let mut config = Config::load(&options.sources())?;
    let _log = start_log(&config.log_level, config.log_format)
        .map_err(|sentence| CommandError::new(sentence).with(Exit::Configuration))?;
    let given = Addresses::given(&options)?;
    let listeners = nearby(config.listen).await?;
    config.listen = listeners.address();
    let next = config.listen.port().checked_add(1).unwrap_or_default();
    let beside = listen_nearby(SocketAddr::from((Ipv4Addr::LOCALHOST, next))).await?;
    let database = options.database.as_ref().map(|url| url.expose_secret());
    let place = DemoDatabase::choose(database).map_err(opening)?;
    let app = open(&config, &place).await?;
    let seed = seed::ensure_seed(&app).await.map_err(opening)?;
    let relying_party = settings(&config, &seed, beside.address().port());
    addresses::register(&app, &seed, &given, &Addresses::of(&relying_party)).await?;
    tracing::info!(addresses = %listeners, relying_party = %beside, "listening");
    let announcement = announcement(&config, &relying_party, &given, seed);
    let server = RunningServer::open(app, &config, listeners).await.map_err(opening)?;
    run_beside(server.app(), relying_party, beside)?;
    print_result(&if options.json { announcement.as_json() } else { announcement.as_text() });
    Ok(server.run_until_signal().await?)
}

/// Listens at the address or at another port nearby, and prints a notice about the other port.
async fn nearby(wanted: SocketAddr) -> Result<Listeners, CommandError> {
    let listeners = listen_nearby(wanted).await?;
    let taken = listeners.address();
    if wanted.port() != 0 && taken.port() != wanted.port() {
        print_notice(&format!(
            "{wanted} is in use by another program; this demo uses port {} instead",
            taken.port()
        ));
    }
    Ok(listeners)
}

async fn open(config: &Config, place: &DemoDatabase) -> Result<App, CommandError> {
    let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) =
        (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let storage = Storage::open_as(OpenMode::Server, &place.url, config.migrate).await.map_err(opening)?;
    let sealing = place.sealing_key(&storage, entropy.as_ref(), clock.now()).await.map_err(opening)?;
    App::with_storage(config, storage, sealing, clock, entropy).await.map_err(opening)
}

fn settings(config: &Config, seed: &Seed, port: u16) -> RelyingPartySettings {
    RelyingPartySettings {
        issuer: config.issuer(),
        client_id: seed.relying_party_client_id.clone(),
        client_secret: seed.relying_party_client_secret.clone().into(),
        base_url: format!("http://localhost:{port}"),
        provider_name: "Countersign".to_owned(),
    }
}

fn announcement(
    config: &Config,
    relying_party: &RelyingPartySettings,
    given: &Addresses,
    seed: Seed,
) -> Announcement {
    let whereabouts = Whereabouts {
        issuer: config.issuer(),
        relying_party: format!("{}/", relying_party.base_url),
        authenticator: config.authenticator_url(),
        redirect_uri: given.redirect_uris.first().cloned().unwrap_or_default(),
    };
    Announcement::new(whereabouts, seed)
}

/// Runs the relying party on its own port until the server shuts down.
fn run_beside(
    app: &Arc<App>,
    settings: RelyingPartySettings,
    listeners: Listeners,
) -> Result<(), CommandError> {
    let relying_party = RelyingParty::new(settings, Arc::clone(&app.clock), Arc::clone(&app.entropy))
        .map_err(|error| CommandError::new(format!("the demo's relying party cannot start: {error}")))?;
    let (shutdown, clock) = (app.shutdown.clone(), Arc::clone(&app.clock));
    tokio::spawn(async move {
        let settings = ServerSettings { connections: MAX_CONNECTIONS, ..ServerSettings::default() };
        server::serve(listeners, routes(relying_party), settings, clock, shutdown.requested()).await;
    });
    Ok(())
}
