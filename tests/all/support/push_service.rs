//! A push service on loopback (RFC 8030): strict like the real ones, and able to fail like them.

mod checks;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use checks::{Headers, Refusal};
use countersign::clock::{Clock, SystemClock, Timestamp};
use countersign::entropy::{Entropy, SystemEntropy};
use poem::listener::{Acceptor, TcpAcceptor};
use poem::{Body, Request, Response, Server, endpoint::make, http::StatusCode};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;
use web_push_native::p256::{SecretKey, elliptic_curve::sec1::ToEncodedPoint};

/// RFC 8030 §7.2.
const BODY_LIMIT: usize = 4096;

/// The service.
pub struct PushService {
    shared: Arc<Shared>,
    server: tokio::task::JoinHandle<()>,
}

struct Shared {
    origin: String,
    clock: Arc<dyn Clock>,
    mailboxes: Mutex<BTreeMap<String, Mailbox>>,
    /// Counts the handled requests.
    requests: watch::Sender<u64>,
}

/// A subscription, like the result of `pushManager.subscribe`.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The URL that messages are posted to.
    pub endpoint: String,
    /// The device's public key.
    pub p256dh: String,
    /// The secret shared with the sender.
    pub auth: String,
    id: String,
}

/// A message as a device receives it.
#[derive(Clone, Debug)]
pub struct Message {
    /// The decrypted text.
    pub content: Value,
    /// The `TTL`, in seconds.
    pub ttl: u32,
    /// The `Urgency`.
    pub urgency: Option<String>,
    /// The `Topic`: a newer message with the same one replaces it.
    pub topic: Option<String>,
    /// The length of the encrypted body.
    pub body_length: usize,
    expires_at: Timestamp,
}

/// A failure of the service.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A status and a body, and nothing is kept: 404, 410, 413, 500, 507 …
    Status(u16, &'static str),
    /// Apple's response to a dead subscription, and to a bad token.
    BadJwtToken,
    /// 429 with this `Retry-After`, in seconds.
    Busy(u32),
    /// The success response of ntfy: 200 and JSON. The message is kept.
    LikeNtfy,
    /// The message is kept, and the response takes this many milliseconds of the clock.
    Slow(i64),
    /// 307 to elsewhere.
    Redirect(String),
}

struct Mailbox {
    secret: SecretKey,
    auth: [u8; 16],
    vapid_key: String,
    waiting: Vec<Message>,
    script: VecDeque<Fault>,
    attempts: usize,
}

impl PushService {
    /// A service by the machine's clock.
    pub async fn start() -> Self {
        Self::start_at(Arc::new(SystemClock)).await
    }

    /// A service by the clock of a test.
    pub async fn start_at(clock: Arc<dyn Clock>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let shared =
            Arc::new(Shared { origin, clock, mailboxes: Mutex::default(), requests: watch::Sender::new(0) });
        let acceptor = TcpAcceptor::from_tokio(listener).unwrap();
        let server = tokio::spawn(serve(Arc::clone(&shared), acceptor));
        Self { shared, server }
    }

    /// The service's origin, for `allow_outbound`.
    pub fn origin(&self) -> &str {
        &self.shared.origin
    }

    /// A new device that subscribes with this VAPID key (87 characters of base64url).
    pub fn subscribe(&self, vapid_key: &str) -> Subscription {
        let entropy: &dyn Entropy = &SystemEntropy;
        let secret = SecretKey::from_slice(&entropy.bytes::<32>()).unwrap();
        let point = secret.public_key().to_encoded_point(false);
        let (auth, id) = (entropy.bytes::<16>(), entropy.nonce());
        let subscription = Subscription {
            endpoint: format!("{}/push/{id}", self.origin()),
            p256dh: URL_SAFE_NO_PAD.encode(point.as_bytes()),
            auth: URL_SAFE_NO_PAD.encode(auth),
            id: id.clone(),
        };
        let mailbox = Mailbox {
            secret,
            auth,
            vapid_key: vapid_key.to_owned(),
            waiting: Vec::new(),
            script: VecDeque::new(),
            attempts: 0,
        };
        self.shared.mailboxes().insert(id, mailbox);
        subscription
    }

    /// Wipes the device, so that its endpoint is gone.
    pub fn unsubscribe(&self, subscription: &Subscription) {
        self.shared.mailboxes().remove(&subscription.id);
    }

    /// Sets the failures of the next requests for this subscription, in this order; later requests succeed.
    pub fn script(&self, subscription: &Subscription, faults: impl IntoIterator<Item = Fault>) {
        self.shared.mailbox(subscription, |mailbox| mailbox.script.extend(faults));
    }

    /// The messages that wait for the device. A message replaces older ones with its topic; expired ones are
    /// gone.
    pub fn messages(&self, subscription: &Subscription) -> Vec<Message> {
        let now = self.shared.clock.now();
        self.shared.mailbox(subscription, |mailbox| {
            mailbox.waiting.retain(|message| message.expires_at > now);
            mailbox.waiting.clone()
        })
    }

    /// Delivers the waiting messages to the device.
    pub fn take(&self, subscription: &Subscription) -> Vec<Message> {
        let messages = self.messages(subscription);
        self.shared.mailbox(subscription, |mailbox| mailbox.waiting.clear());
        messages
    }

    /// The number of requests for this subscription, refused ones included.
    pub fn attempts(&self, subscription: &Subscription) -> usize {
        self.shared.mailbox(subscription, |mailbox| mailbox.attempts)
    }

    /// Waits for the device's next message and delivers it.
    pub async fn next_message(&self, subscription: &Subscription) -> Message {
        let mut requests = self.shared.requests.subscribe();
        loop {
            requests.mark_unchanged();
            if !self.messages(subscription).is_empty() {
                return self.shared.mailbox(subscription, |mailbox| mailbox.waiting.remove(0));
            }
            requests.changed().await.unwrap();
        }
    }
}

impl Drop for PushService {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn mailboxes(&self) -> MutexGuard<'_, BTreeMap<String, Mailbox>> {
        self.mailboxes.lock().unwrap()
    }

    fn mailbox<T>(&self, subscription: &Subscription, ask: impl FnOnce(&mut Mailbox) -> T) -> T {
        ask(self.mailboxes().get_mut(&subscription.id).expect("a subscription of this service"))
    }

    async fn receive(&self, mut request: Request) -> Response {
        let id = request.uri().path().trim_start_matches("/push/").to_owned();
        let body = request.take_body();
        let fault = match self.mailboxes().get_mut(&id) {
            None => return answer(410, "unsubscribed"),
            Some(mailbox) => {
                mailbox.attempts += 1;
                mailbox.script.pop_front()
            }
        };
        let mut kept = (201, "");
        match fault {
            Some(Fault::Status(status, body)) => return answer(status, body),
            Some(Fault::BadJwtToken) => return answer(403, r#"{"reason":"BadJwtToken"}"#),
            Some(Fault::Busy(seconds)) => {
                return Response::builder()
                    .status(StatusCode::TOO_MANY_REQUESTS)
                    .header("retry-after", seconds)
                    .finish();
            }
            Some(Fault::Redirect(to)) => {
                return Response::builder()
                    .status(StatusCode::TEMPORARY_REDIRECT)
                    .header("location", to)
                    .finish();
            }
            Some(Fault::Slow(milliseconds)) => {
                self.clock.sleep_until(Timestamp(self.clock.now().0 + milliseconds)).await;
            }
            Some(Fault::LikeNtfy) => kept = (200, r#"{"event":"message"}"#),
            None => {}
        }
        match self.keep(&id, &request, body).await {
            Ok(()) => answer(kept.0, kept.1),
            Err((status, reason)) => answer(status, reason),
        }
    }

    async fn keep(&self, id: &str, request: &Request, body: Body) -> Result<(), Refusal> {
        if request.method() != "POST" {
            return Err((405, "expected POST"));
        }
        let now = self.clock.now();
        let Headers { ttl, urgency, topic } = checks::headers(request.headers())?;
        let body =
            body.into_bytes_limit(BODY_LIMIT).await.map_err(|_| (413, "expected at most 4096 bytes"))?;
        let mut mailboxes = self.mailboxes();
        let mailbox = mailboxes.get_mut(id).ok_or((410, "unsubscribed"))?;
        checks::vapid(request.headers(), &self.origin, &mailbox.vapid_key, now)?;
        let plaintext = web_push_native::decrypt(body.to_vec(), &mailbox.secret, &mailbox.auth.into())
            .map_err(|_| (400, "the body is not encrypted for this subscription"))?;
        let content = serde_json::from_slice(&plaintext).map_err(|_| (400, "the device expected JSON"))?;
        mailbox.waiting.retain(|message| topic.is_none() || message.topic != topic);
        let expires_at = now.plus_seconds(ttl.into());
        mailbox.waiting.push(Message { content, ttl, urgency, topic, body_length: body.len(), expires_at });
        Ok(())
    }
}

async fn serve(shared: Arc<Shared>, acceptor: impl Acceptor + 'static) {
    let endpoint = make(move |request| {
        let shared = Arc::clone(&shared);
        async move {
            let answer = shared.receive(request).await;
            shared.requests.send_modify(|count| *count += 1);
            answer
        }
    });
    Server::new_with_acceptor(acceptor).run(endpoint).await.unwrap();
}

fn answer(status: u16, body: &'static str) -> Response {
    Response::builder().status(StatusCode::from_u16(status).unwrap()).body(body)
}
