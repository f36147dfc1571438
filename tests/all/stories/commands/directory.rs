//! Commands for the workspace and its pools, and what the running server makes of them.

use crate::support::{
    command::Commands,
    seed::PASSWORD,
    sign_in::{give_password, request},
    test_app::TestApp,
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_display_name_is_on_the_next_page_and_is_recorded() {
    let test_app = TestApp::new().await;
    let commands = Commands::beside(&test_app);
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    assert!(page.text.contains("Countersign"), "{}", page.text);
    let set = ["workspace", "set", "--display-name", "Northwind Traders"];
    assert_eq!(commands.json(&set)["changed"], json!(["display_name"]));
    assert_eq!(commands.json(&set)["changed"], json!([]));
    let shown = commands.json(&["workspace", "show"]);
    assert_eq!(
        (&shown["workspace"], &shown["display_name"]),
        (&json!("default"), &json!("Northwind Traders"))
    );
    assert_eq!(commands.done(&["workspace", "list", "--json"]).json_lines().len(), 1);
    let page = test_app.browser().go("/").await;
    assert!(page.text.contains("Northwind Traders"), "{}", page.text);
    for (arguments, code) in [
        (&["workspace", "set"][..], 2),
        (&["workspace", "set", "--display-name", " "], 2),
        (&["workspace", "show", "cellar"], 1),
    ] {
        assert_eq!(commands.run(arguments, "").code, Some(code), "{arguments:?}");
    }
    let events = commands.done(&["audit", "list", "--code", "workspace.changed", "--json"]).json_lines();
    let expected = json!({ "display_name": { "before": "Countersign", "after": "Northwind Traders" } });
    assert_eq!((events.len(), &events[0]["changes"]), (1, &expected));
    assert_eq!(events[0]["target"]["kind"], "workspace");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_policy_decides_in_the_running_server_at_once() {
    let test_app = TestApp::new().await;
    let commands = Commands::beside(&test_app);
    let next = async || {
        let mut browser = test_app.browser();
        let page = browser.go(&request("quiet_app", &[])).await;
        let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
        page.departure.map_or(page.url.path().to_owned(), |url| url.host_str().expect("a host").to_owned())
    };
    assert_eq!(next().await, "app.example.com");
    let set = |more: &[&str]| commands.json(&[&["pool", "set", "guests"][..], more].concat());
    assert_eq!(set(&["--second-factor", "always"])["changed"], json!(["second_factor"]));
    assert_eq!(next().await, "/signin/enroll");
    assert_eq!(set(&["--second-factor", "when_asked"])["changed"], json!(["second_factor"]));
    assert_eq!(next().await, "app.example.com");
    set(&["--first-device", "ticket", "--user-verification", "required", "--display-name", "Visitors"]);
    let shown = commands.json(&["pool", "show", "guests"]);
    assert_eq!(
        (&shown["first_device"], &shown["user_verification"], &shown["display_name"]),
        (&json!("ticket"), &json!("required"), &json!("Visitors"))
    );
    assert_eq!(commands.done(&["pool", "list", "--json"]).json_lines().len(), 2);
    let refused = commands.run(&["pool", "set", "--first-device", "sometimes"], "");
    assert_eq!(refused.code, Some(2));
    assert!(refused.errors.contains("first_factor or ticket"), "{refused:?}");
}
