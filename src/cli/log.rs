//! The log: to stderr, for people or machines, and never in a request's way.
//!
//! Lines go through a bounded queue to one thread. When stderr is not read, the queue fills and lines are dropped
//! and counted; nobody waits.

use crate::config::LogFormat;
use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt};

/// Lines that may wait.
const MAX_QUEUED_LINES: usize = 4096;
/// Bytes that are written at once, or a few more.
const MAX_WRITE_BYTES: usize = 64 * 1024;
/// How long the log rests after a write.
const PAUSE_AFTER_WRITE: Duration = Duration::from_millis(5);

/// Rooms of others that say at `info` what is of no use to an operator; `level` may turn them up again.
const DEFAULT_FILTER: &str = "sea_orm_migration=warn,sqlx::postgres::notice=warn";

/// Keeps the log going; dropping it writes what waits.
#[derive(Debug)]
pub struct LogGuard {
    queue: Queue,
    thread: Option<JoinHandle<()>>,
}

/// Starts the log. `level` is an `EnvFilter` directive; the error says which part of it is not understood.
pub fn start_log(level: &str, format: LogFormat) -> Result<LogGuard, String> {
    let filter = EnvFilter::try_new(format!("{DEFAULT_FILTER},{level}")).map_err(|error| {
        format!("log_level: `{level}` is not understood ({error}); write for example info, or info,countersign=debug")
    })?;
    let (queue, lines) = Queue::new();
    let dropped = Arc::clone(&queue.dropped);
    let thread = std::thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || write(&lines, &dropped, &mut io::stderr()));
    let guard = LogGuard { queue: queue.clone(), thread: thread.ok() };
    let lines = tracing_subscriber::fmt::layer().with_writer(queue);
    let registry = tracing_subscriber::registry().with(filter);
    let started = match format {
        LogFormat::Text => registry.with(lines.with_ansi(is_terminal())).try_init(),
        LogFormat::Json => {
            registry.with(lines.json().flatten_event(true).with_current_span(false)).try_init()
        }
    };
    started.map(|()| guard).map_err(|error| format!("the log cannot be started: {error}"))
}

/// Whether colors are wanted.
fn is_terminal() -> bool {
    io::IsTerminal::is_terminal(&io::stderr())
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// What waits for the thread.
enum Line {
    Text(Vec<u8>),
    End,
}

/// The near end of the queue.
#[derive(Clone, Debug)]
struct Queue {
    lines: SyncSender<Line>,
    dropped: Arc<AtomicU64>,
}

impl Queue {
    fn new() -> (Self, Receiver<Line>) {
        let (lines, received) = sync_channel(MAX_QUEUED_LINES);
        (Self { lines, dropped: Arc::default() }, received)
    }
}

impl Write for Queue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.lines.try_send(Line::Text(line.to_vec())).is_err() {
            self.dropped.fetch_add(1, Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Queue {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The thread: writes lines until the end, and says when some are missing. After each write it rests a moment, so that
/// under load it is woken for many lines at once: to wake it for each would cost a request more than its line does.
fn write(lines: &Receiver<Line>, dropped: &AtomicU64, out: &mut impl Write) {
    let mut text = Vec::new();
    while let Ok(first) = lines.recv() {
        let mut is_over = false;
        for line in std::iter::once(first).chain(lines.try_iter()) {
            match line {
                Line::Text(line) => text.extend_from_slice(&line),
                Line::End => {
                    is_over = true;
                    break;
                }
            }
            if text.len() >= MAX_WRITE_BYTES {
                break;
            }
        }
        let missing = dropped.swap(0, Relaxed);
        if missing > 0 {
            let _ = writeln!(out, "{missing} log lines were dropped: stderr was not read fast enough");
        }
        let _ = out.write_all(&text);
        text.clear();
        if is_over {
            return;
        }
        rest();
    }
}

#[expect(clippy::disallowed_methods, reason = "the log's own thread, whose rest nobody waits for")]
fn rest() {
    std::thread::sleep(PAUSE_AFTER_WRITE);
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        // Without room for the end, stderr is stuck: then the process ends without the rest.
        if self.queue.lines.try_send(Line::End).is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_drops_lines_and_says_so_later() {
        let (mut queue, lines) = Queue::new();
        for _ in 0..MAX_QUEUED_LINES + 3 {
            queue.write_all(b"line\n").unwrap();
        }
        let sender = queue.clone();
        let ending = std::thread::spawn(move || sender.lines.send(Line::End).is_ok());
        let mut out = Vec::new();
        write(&lines, &queue.dropped, &mut out);
        assert!(ending.join().unwrap());
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out.matches("line\n").count(), MAX_QUEUED_LINES);
        assert!(out.starts_with("3 log lines were dropped"), "{}", out.lines().next().unwrap());
    }

    #[test]
    fn a_level_that_is_no_level_is_refused() {
        let refusal = start_log("countersign=loud", LogFormat::Text).unwrap_err();
        assert!(refusal.contains("`countersign=loud`"), "{refusal}");
    }
}
