//! RFC 5321 (SMTP), RFC 3207 (STARTTLS): the carrier of letters against a mail server that fails in every way.

use crate::support::mail_server::{Failure, MailServer};
use ::entity::ids::OutboxId;
use countersign::clock::{Clock, SystemClock};
use countersign::config::{Config, Letters};
use countersign::entropy::{Entropy, SystemEntropy};
use countersign::outbox::{
    Address, Body, Carrier, Delivery, DeviceFacts, EmailMessage, Envelope, Letter, Smtp,
};
use std::time::Duration;

/// Long enough for an answer on loopback, and short for a server that never answers.
const PATIENCE: Duration = Duration::from_millis(1500);

fn letters(url: &str) -> Letters {
    let mut config = Config::default();
    config.smtp_url = Some(url.to_owned().into());
    config.mail.from = Some("Northwind <no-reply@example.com>".to_owned());
    config.letters().expect("a mail server").expect("one")
}

fn carrier(url: &str) -> Smtp {
    Smtp::new(&letters(url), "id.example").expect("a carrier").with_timeouts(PATIENCE, PATIENCE)
}

fn envelope(to: &str) -> Envelope {
    let (now, entropy): (_, &dyn Entropy) = (SystemClock.now(), &SystemEntropy);
    let [server, url, device] = ["Northwind", "https://id.example", "Ada's phone"].map(str::to_owned);
    let letter = Letter::DeviceAdded(DeviceFacts { server, url, device, at: now });
    Envelope {
        id: OutboxId(entropy.id(now)),
        workspace: None,
        address: Address::Email(to.to_owned()),
        body: Body::Email(EmailMessage { letter }),
        created_at: now,
        expires_at: now.plus_seconds(60),
    }
}

async fn send(carrier: &Smtp, envelope: &Envelope) -> String {
    match carrier.send(envelope, SystemClock.now()).await {
        Delivery::Accepted => "accepted".to_owned(),
        Delivery::Later { .. } => "later".to_owned(),
        Delivery::Failed(failure) => format!("failed {}", failure.code),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn a_letter_arrives_once_and_each_failure_of_a_server_is_understood() {
    for (failure, expected, arrived) in [
        (None, "accepted", 1),
        (Some(Failure::Silent), "later", 0),
        (Some(Failure::Greeting("421 busy")), "later", 0),
        (Some(Failure::Greeting("554 not for you")), "later", 0),
        (Some(Failure::Recipient("450 come again")), "later", 0),
        (Some(Failure::Recipient("550 no such user")), "failed refused", 0),
        (Some(Failure::Letter("452 no room")), "later", 0),
        (Some(Failure::Letter("554 spam")), "failed refused", 0),
        (Some(Failure::TakenWithoutAnswer), "later", 1),
        (Some(Failure::GoneAfterAnswer), "accepted", 1),
    ] {
        let server = MailServer::start().await;
        server.script(failure);
        let sent = envelope("ada@example.com");
        assert_eq!(send(&carrier(&server.url()), &sent).await, expected, "{failure:?}");
        let letters = server.letters();
        assert_eq!(letters.len(), arrived, "{failure:?}");
        for letter in letters {
            assert_eq!(letter.from, "no-reply@example.com");
            assert_eq!(letter.to, ["ada@example.com"]);
            assert!(
                letter.text.contains(&format!("Message-ID: <{}@example.com>", sent.id)),
                "{}",
                letter.text
            );
        }
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_later() {
    let server = MailServer::start().await;
    let url = server.url();
    let carrier = carrier(&url);
    assert_eq!(send(&carrier, &envelope("ada@example.com")).await, "accepted");
    let address = server.address;
    drop(server);
    // The port is free once its task has ended.
    let away = async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    away.await;
    assert_eq!(send(&carrier, &envelope("ada@example.com")).await, "later");
}

#[tokio::test]
async fn without_starttls_nothing_is_sent_unless_the_settings_allow_it() {
    let server = MailServer::start().await;
    for (parameter, expected) in
        [("?tls=required", "later"), ("?tls=opportunistic", "accepted"), ("", "accepted")]
    {
        let before = server.letters().len();
        let carrier = carrier(&format!("{}{parameter}", server.url()));
        assert_eq!(send(&carrier, &envelope("ada@example.com")).await, expected, "{parameter}");
        assert_eq!(server.letters().len() - before, usize::from(expected == "accepted"));
    }
}

#[tokio::test]
async fn an_unusable_address_reaches_no_server_and_one_that_needs_smtputf8_fails_without_it() {
    let server = MailServer::start().await;
    let carrier = carrier(&server.url());
    for to in ["ada", "ada@example.com\r\nBcc: eve@example.com", "ada@example.com,eve@example.com", ""] {
        assert_eq!(send(&carrier, &envelope(to)).await, "failed address", "{to:?}");
    }
    assert_eq!(server.connections(), 0);
    assert_eq!(send(&carrier, &envelope("änne@example.com")).await, "failed address");
    assert_eq!(send(&carrier, &envelope("ada@bücher.example")).await, "accepted");
    assert_eq!(server.letters()[0].to, ["ada@xn--bcher-kva.example"]);
}

#[tokio::test]
async fn an_answer_of_the_server_is_reported_without_the_address() {
    let server = MailServer::start().await;
    server.script([Failure::Recipient("550 5.1.1 <ada@example.com> is unknown")]);
    let delivery = carrier(&server.url()).send(&envelope("ada@example.com"), SystemClock.now()).await;
    let Delivery::Failed(failure) = delivery else { panic!("{delivery:?}") };
    assert!(failure.reason.contains("550") && failure.reason.contains("is unknown"), "{}", failure.reason);
    assert!(!failure.reason.contains("ada@example.com"), "{}", failure.reason);
}
