//! A server with its background tasks hears of the change of a command, which is another process, at once: by a
//! notification on PostgreSQL, by the version of the directory on SQLite.

use crate::support::{command::Commands, token_fixture::TokenFixture};
use countersign::workers::Workers;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_refuses_a_client_that_a_command_has_disabled() {
    let fixture = TokenFixture::new().await;
    let workers = Workers::start(&fixture.app).await.expect("the background tasks");
    let tokens = fixture.tokens(&fixture.shop, "openid offline_access").await;
    let (shop, commands) = (fixture.relying_party(&fixture.shop), Commands::beside(&fixture));
    for (verb, is_refused) in [("disable", true), ("enable", false), ("disable", true)] {
        commands.done(&["client", verb, "shop", "--yes"][..if verb == "enable" { 3 } else { 4 }]);
        let hears = async {
            while shop.introspect(&tokens.access_token).await.is_err() != is_refused {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), hears).await.expect(verb);
    }
    fixture.app.shutdown.request();
    workers.finished().await;
}

/// The version counts the changes of workspaces, pools and clients, and nothing else: a server that forgot its caches at
/// every sign-in would read all of them again at every request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_change_of_the_directory_counts_its_version_up() {
    let fixture = TokenFixture::new().await;
    let version = || fixture.app.storage.directory_version();
    let before = version();
    let tokens = fixture.tokens(&fixture.shop, "openid offline_access").await;
    fixture.relying_party(&fixture.shop).refresh(&tokens).await.expect("new tokens");
    let commands = Commands::beside(&fixture);
    commands.done(&["person", "sign-out", "alice", "--yes"]);
    assert_eq!(version(), before);
    commands.done(&["client", "set", "shop", "--name", "Shop"]);
    // PostgreSQL notifies instead.
    assert_eq!(version() != before, before.is_some());
}
