use super::*;
use crate::clock::Timestamp;
use crate::factors::push::{Transition, TransportTransition};
use crate::outbox::samples::{self, device};
use crate::outbox::terms::MAX_IN_FLIGHT;
use crate::outbox::{
    Delivery, DeviceFacts, EmailMessage, Envelope, Finished, Letter, PushMessage, QueueError, Transport,
};
use crate::storage::outbox::{LeasedRow, Recipient};
use ::entity::enums::{CarrierKind, OutboxState};
use ::entity::ids::{AuthenticatorId, OutboxId, PersonId};
use futures_util::future::BoxFuture;
use sea_orm::prelude::Uuid;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use tokio::sync::{oneshot, watch};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_000_000);
const KID: &str = "kid";

/// A clock that moves only when the test moves it.
struct TestClock(watch::Sender<Timestamp>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let mut time = self.0.subscribe();
        Box::pin(async move {
            let _ = time.wait_for(|now| *now >= at).await;
        })
    }
}

#[derive(Clone, Debug)]
struct Row {
    leased: LeasedRow,
    state: OutboxState,
    not_before: Timestamp,
    lease_until: Timestamp,
    error: Option<String>,
}

impl Row {
    fn due(&self) -> Timestamp {
        self.not_before.max(self.lease_until)
    }

    fn waits_for(&self, carrier: CarrierKind) -> bool {
        self.state == OutboxState::Queued
            && self.leased.recipient.as_ref().is_none_or(|recipient| recipient.carrier() == carrier)
    }
}

/// A queue in memory.
#[derive(Default)]
struct Table {
    rows: Mutex<BTreeMap<u128, Row>>,
    transports: Mutex<BTreeMap<AuthenticatorId, Transport>>,
    marks: Mutex<Vec<(AuthenticatorId, TransportTransition)>>,
    finished: Mutex<Vec<Finished>>,
    looks: Mutex<u32>,
}

#[async_trait::async_trait]
impl Queue for Table {
    async fn lease_due(
        &self,
        carrier: CarrierKind,
        (now, limit): (Timestamp, usize),
        lease_seconds: i64,
    ) -> Result<Vec<LeasedRow>, QueueError> {
        *self.looks.lock().unwrap() += 1;
        let mut rows = self.rows.lock().unwrap();
        let due = rows.values_mut().filter(|row| row.waits_for(carrier) && row.due() <= now);
        Ok(due
            .take(limit)
            .map(|row| {
                row.lease_until = now.plus_seconds(lease_seconds);
                row.leased.clone()
            })
            .collect())
    }

    async fn transport_for(&self, device: AuthenticatorId) -> Result<Option<Transport>, QueueError> {
        Ok(self.transports.lock().unwrap().get(&device).cloned())
    }

    async fn finish(&self, finished: Finished) -> Result<(), QueueError> {
        let mut rows = self.rows.lock().unwrap();
        let row = rows.get_mut(&finished.id.0.as_u128()).unwrap();
        assert_eq!(row.state, OutboxState::Queued, "a row is finished once");
        (row.state, row.error) = (finished.outcome.to(), finished.error.clone());
        if let (Some(Recipient::Device(device)), Some((_, learned))) =
            (&finished.recipient, finished.transport)
        {
            self.marks.lock().unwrap().push((*device, learned));
        }
        self.finished.lock().unwrap().push(finished);
        Ok(())
    }

    async fn retry(
        &self,
        (id, _): (OutboxId, CarrierKind),
        not_before: Timestamp,
        error: String,
    ) -> Result<(), QueueError> {
        let mut rows = self.rows.lock().unwrap();
        let row = rows.get_mut(&id.0.as_u128()).unwrap();
        row.leased.attempts += 1;
        (row.not_before, row.lease_until, row.error) = (not_before, Timestamp(0), Some(error));
        Ok(())
    }

    async fn next_due(&self, carrier: CarrierKind) -> Result<Option<Timestamp>, QueueError> {
        let rows = self.rows.lock().unwrap();
        Ok(rows.values().filter(|row| row.waits_for(carrier)).map(Row::due).min())
    }
}

/// Returns the scripted outcomes, then accepts; records the times of its calls.
#[derive(Default)]
struct Scripted {
    answers: Mutex<VecDeque<Delivery>>,
    carried_at: Mutex<Vec<i64>>,
}

/// A mail server that never answers.
struct Silent;

#[async_trait::async_trait]
impl Carrier for Silent {
    fn kind(&self) -> CarrierKind {
        CarrierKind::Smtp
    }

    fn host(&self, _: &Envelope) -> String {
        "smtp://mail.example:25".to_owned()
    }

    async fn send(&self, _: &Envelope, _: Timestamp) -> Delivery {
        std::future::pending().await
    }
}

#[async_trait::async_trait]
impl Carrier for Scripted {
    fn kind(&self) -> CarrierKind {
        CarrierKind::WebPush
    }

    fn host(&self, envelope: &Envelope) -> String {
        envelope.subscription().unwrap().address.origin()
    }

    async fn send(&self, _: &Envelope, now: Timestamp) -> Delivery {
        self.carried_at.lock().unwrap().push(now.seconds_since(NOW));
        self.answers.lock().unwrap().pop_front().unwrap_or(Delivery::Accepted)
    }
}

struct Fixture {
    table: Arc<Table>,
    carrier: Arc<Scripted>,
    clock: Arc<TestClock>,
    wake: Arc<Notify>,
    sealing_key: Arc<SealingKey>,
    stop: oneshot::Sender<()>,
    dispatcher: tokio::task::JoinHandle<()>,
}

impl Fixture {
    fn new(answers: impl IntoIterator<Item = Delivery>) -> Self {
        Self::with(answers, Carriers::default())
    }

    fn with(answers: impl IntoIterator<Item = Delivery>, others: Carriers) -> Self {
        let table = Arc::new(Table::default());
        let carrier =
            Arc::new(Scripted { answers: Mutex::new(answers.into_iter().collect()), ..Scripted::default() });
        let clock = Arc::new(TestClock(watch::Sender::new(NOW)));
        let wake = Arc::new(Notify::new());
        let sealing_key = Arc::new(SealingKey::from_bytes(&[5; 32]));
        let dispatcher = Dispatcher {
            queue: Arc::clone(&table) as Arc<dyn Queue>,
            carriers: others.with(Arc::clone(&carrier) as Arc<dyn Carrier>),
            sealing_key: Arc::clone(&sealing_key),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            wake: Arc::clone(&wake),
        };
        let (stop, stopped) = oneshot::channel();
        let dispatcher = tokio::spawn(dispatcher.run(async {
            let _ = stopped.await;
        }));
        Self { table, carrier, clock, wake, sealing_key, stop, dispatcher }
    }

    /// Gives `device` a transport.
    fn subscribe(&self, device: AuthenticatorId) {
        let subscription = samples::subscription(device);
        let address = subscription.address.seal(self.sealing_key.rows(), device);
        let transport = Transport { address, vapid_kid: KID.to_owned(), ctr: subscription.ctr };
        self.table.transports.lock().unwrap().insert(device, transport);
    }

    fn enqueue(&self, id: u128, device: AuthenticatorId, seconds_left: i64) {
        let message = PushMessage::test("https://idp.example/", device, NOW);
        let leased = LeasedRow {
            id: samples::row(id),
            workspace: None,
            recipient: Some(Recipient::Device(device)),
            payload: serde_json::to_value(message).unwrap(),
            attempts: 0,
            created_at: NOW,
            expires_at: NOW.plus_seconds(seconds_left),
        };
        self.insert(id, leased);
    }

    /// Queues a letter.
    fn enqueue_letter(&self, id: u128, seconds_left: i64) {
        let [server, url, device] = ["Northwind", "https://id.example", "Phone"].map(str::to_owned);
        let letter = Letter::DeviceAdded(DeviceFacts { server, url, device, at: NOW });
        let person = PersonId(Uuid::from_u128(1));
        let leased = LeasedRow {
            id: samples::row(id),
            workspace: None,
            recipient: Some(Recipient::Email { address: "ada@example.com".to_owned(), person }),
            payload: serde_json::to_value(EmailMessage { letter }).unwrap(),
            attempts: 0,
            created_at: NOW,
            expires_at: NOW.plus_seconds(seconds_left),
        };
        self.insert(id, leased);
    }

    fn insert(&self, id: u128, leased: LeasedRow) {
        let row = Row {
            leased,
            state: OutboxState::Queued,
            not_before: NOW,
            lease_until: Timestamp(0),
            error: None,
        };
        self.table.rows.lock().unwrap().insert(id, row);
        self.wake.notify_one();
    }

    /// Lets every task run that can.
    async fn run_tasks(&self) {
        for _ in 0..2000 {
            tokio::task::yield_now().await;
        }
    }

    /// Advances the clock by `seconds`, a quarter of a second at a time.
    async fn pass(&self, seconds: i64) {
        for _ in 0..seconds * 4 {
            self.clock.0.send_modify(|now| now.0 += 250);
            self.run_tasks().await;
        }
    }

    fn state(&self, id: u128) -> OutboxState {
        self.table.rows.lock().unwrap()[&id].state
    }

    fn error(&self, id: u128) -> String {
        self.table.rows.lock().unwrap()[&id].error.clone().unwrap_or_default()
    }

    fn carried_at(&self) -> Vec<i64> {
        self.carrier.carried_at.lock().unwrap().clone()
    }

    async fn close(self) {
        self.stop.send(()).unwrap();
        self.dispatcher.await.unwrap();
    }
}

fn busy() -> Delivery {
    Delivery::Later { after_seconds: None, reason: "503".to_owned() }
}

#[tokio::test]
async fn a_woken_dispatcher_sends_at_once() {
    let fixture = Fixture::new([]);
    fixture.subscribe(device(1));
    fixture.run_tasks().await;
    fixture.enqueue(1, device(1), 90);
    fixture.run_tasks().await;
    assert_eq!(fixture.state(1), OutboxState::Accepted);
    assert_eq!(fixture.carried_at(), [0]);
    assert_eq!(*fixture.table.marks.lock().unwrap(), [(device(1), TransportTransition::Accept)]);
    fixture.close().await;
}

#[tokio::test]
async fn a_busy_service_is_tried_four_times_and_then_the_row_fails() {
    let fixture = Fixture::new([busy(), busy(), busy(), busy()]);
    fixture.subscribe(device(1));
    fixture.enqueue(1, device(1), 90);
    fixture.pass(15).await;
    assert_eq!(fixture.carried_at(), [0, 1, 4, 12]);
    assert_eq!(fixture.state(1), OutboxState::Failed);
    assert!(fixture.error(1).contains("given up"), "{}", fixture.error(1));
    fixture.close().await;
}

#[tokio::test]
async fn a_service_that_recovers_gets_the_message() {
    let fixture = Fixture::new([busy(), busy()]);
    fixture.subscribe(device(1));
    fixture.enqueue(1, device(1), 90);
    fixture.pass(5).await;
    assert_eq!(fixture.carried_at(), [0, 1, 4]);
    assert_eq!(fixture.state(1), OutboxState::Accepted);
    fixture.close().await;
}

#[tokio::test]
async fn no_envelope_is_sent_after_its_expiry() {
    let fixture = Fixture::new([busy()]);
    fixture.subscribe(device(1));
    fixture.enqueue(1, device(1), 0);
    fixture.enqueue(2, device(1), 1);
    fixture.pass(5).await;
    assert_eq!(fixture.carried_at(), [0], "only the second, and only once");
    assert_eq!(fixture.state(1), OutboxState::Skipped);
    assert_eq!(fixture.state(2), OutboxState::Failed);
    assert!(fixture.error(2).contains("no time left"), "{}", fixture.error(2));
    fixture.close().await;
}

#[tokio::test]
async fn a_row_without_a_usable_transport_is_skipped() {
    let fixture = Fixture::new([]);
    fixture.subscribe(device(1));
    let sealed_for_another = fixture.table.transports.lock().unwrap()[&device(1)].clone();
    fixture.table.transports.lock().unwrap().insert(device(3), sealed_for_another);
    for number in 1..=3 {
        fixture.enqueue(number, device(number), 90);
    }
    fixture.run_tasks().await;
    assert_eq!(
        [1, 2, 3].map(|id| fixture.state(id)),
        [OutboxState::Accepted, OutboxState::Skipped, OutboxState::Skipped]
    );
    fixture.close().await;
}

#[tokio::test]
async fn a_refused_subscription_is_gone_only_when_another_device_is_accepted() {
    let refused = || Delivery::Suspect("403 BadJwtToken".to_owned());
    let fixture = Fixture::new([refused(), Delivery::Accepted, refused()]);
    for number in 1..=2 {
        fixture.subscribe(device(number));
    }
    for (row, to) in [(1, 1), (2, 2), (3, 1)] {
        fixture.enqueue(row, device(to), 90);
        fixture.run_tasks().await;
    }
    assert_eq!(
        *fixture.table.marks.lock().unwrap(),
        [
            (device(1), TransportTransition::Suspect),
            (device(2), TransportTransition::Accept),
            (device(1), TransportTransition::Lose),
        ]
    );
    assert_eq!(
        [1, 2, 3].map(|id| fixture.state(id)),
        [OutboxState::Failed, OutboxState::Accepted, OutboxState::Gone]
    );
    fixture.close().await;
}

#[tokio::test]
async fn a_host_that_keeps_failing_is_paused() {
    let fixture = Fixture::new(std::iter::repeat_n(busy(), 5));
    for number in 1..=6 {
        fixture.subscribe(device(number));
        fixture.enqueue(number, device(number), 90);
        fixture.run_tasks().await;
    }
    assert_eq!(fixture.carried_at().len(), 5, "the sixth is not even tried");
    fixture.pass(20).await;
    assert!((1..=6).all(|id| fixture.state(id) == OutboxState::Accepted));
    assert!(fixture.carried_at().iter().all(|at| *at == 0 || *at >= 5), "{:?}", fixture.carried_at());
    fixture.close().await;
}

#[tokio::test]
async fn an_idle_dispatcher_does_not_poll() {
    let fixture = Fixture::new([]);
    fixture.pass(60).await;
    assert_eq!(*fixture.table.looks.lock().unwrap(), 1);
    fixture.close().await;
}

#[tokio::test]
async fn rows_beyond_the_maximum_in_flight_are_sent_later() {
    let fixture = Fixture::new([]);
    fixture.subscribe(device(1));
    for number in 0..3 * MAX_IN_FLIGHT as u128 {
        fixture.enqueue(number, device(1), 90);
    }
    fixture.run_tasks().await;
    fixture.run_tasks().await;
    assert_eq!(fixture.carried_at().len(), 3 * MAX_IN_FLIGHT);
    fixture.close().await;
}

#[tokio::test]
async fn a_mail_server_that_does_not_answer_delays_no_push_message() {
    let fixture = Fixture::with([], Carriers::default().with(Arc::new(Silent)));
    fixture.subscribe(device(1));
    for number in 1000..1200 {
        fixture.enqueue_letter(number, 90);
    }
    fixture.run_tasks().await;
    fixture.enqueue(1, device(1), 90);
    fixture.run_tasks().await;
    assert_eq!(fixture.state(1), OutboxState::Accepted);
    assert_eq!(fixture.state(1000), OutboxState::Queued);
    fixture.dispatcher.abort();
}

#[tokio::test]
async fn a_letter_whose_time_is_over_has_failed_and_without_a_mail_server_none_is_touched() {
    for has_server in [true, false] {
        let others = Carriers::default();
        let others = if has_server { others.with(Arc::new(Silent)) } else { others };
        let fixture = Fixture::with([], others);
        fixture.enqueue_letter(1, 0);
        fixture.run_tasks().await;
        let finished = fixture.table.finished.lock().unwrap().clone();
        let words: Vec<_> = finished.iter().map(|row| (row.letter, row.code)).collect();
        match has_server {
            true => assert_eq!(words, [(Some("device_added"), "expired")]),
            false => assert_eq!(words, []),
        }
        let state = if has_server { OutboxState::Failed } else { OutboxState::Queued };
        assert_eq!(fixture.state(1), state);
        fixture.close().await;
    }
}
