//! The log: written to stderr as text or JSON, without delaying requests.
//!
//! Lines go through a bounded queue to one thread. When stderr is not read, the queue fills, and further
//! lines are dropped and counted instead of waiting.

use crate::config::{LogFormat, redacted};
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
use tracing::Level;
use tracing_subscriber::{
    EnvFilter, filter::filter_fn, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Maximum number of queued lines.
const MAX_QUEUED_LINES: usize = 4096;
/// Approximate maximum of bytes in one write.
const MAX_WRITE_BYTES: usize = 64 * 1024;
/// Pause of the log thread after each write.
const PAUSE_AFTER_WRITE: Duration = Duration::from_millis(5);

/// Filters library lines at `info` that do not help an operator; `log_level` may raise them again. The
/// connection pool reports each dead connection, while the change of the database's health is one line of
/// this program.
const DEFAULT_FILTER: &str = "sea_orm_migration=warn,sqlx::postgres::notice=warn,sqlx_core::pool=error";

/// Libraries whose lines at `debug` help to find connection problems and contain no content.
const UP_TO_DEBUG: [&str; 5] = ["hyper", "hyper_util", "h2", "reqwest", "rustls"];

/// Keeps the log running; dropping it writes the queued lines.
#[derive(Debug)]
pub struct LogGuard {
    queue: Queue,
    thread: Option<JoinHandle<()>>,
}

/// Starts the log. `level` is a list of `EnvFilter` directives; the error names the invalid part.
pub fn start_log(level: &str, format: LogFormat) -> Result<LogGuard, String> {
    let filter = EnvFilter::try_new(format!("{DEFAULT_FILTER},{level}")).map_err(|error| {
        format!(
            "log_level: `{}` cannot be parsed ({error}); use for example info, or info,countersign=debug",
            redacted(level)
        )
    })?;
    let (queue, lines) = Queue::new();
    let dropped = Arc::clone(&queue.dropped);
    let thread = std::thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || write(&lines, &dropped, &mut io::stderr()));
    let guard = LogGuard { queue: queue.clone(), thread: thread.ok() };
    let lines = tracing_subscriber::fmt::layer().with_writer(queue);
    let capped = filter_fn(|metadata| is_written(metadata.target(), *metadata.level()));
    let registry = tracing_subscriber::registry().with(filter).with(capped);
    let started = match format {
        LogFormat::Text => registry.with(lines.with_ansi(is_terminal())).try_init(),
        LogFormat::Json => {
            registry.with(lines.json().flatten_event(true).with_current_span(false)).try_init()
        }
    };
    started.map(|()| guard).map_err(|error| format!("the log cannot be started: {error}"))
}

/// Whether a line of `target` may be written at `level`, regardless of `log_level`. At more detailed levels
/// libraries print the database's address, statements with their values, headers and bodies.
fn is_written(target: &str, level: Level) -> bool {
    let library = target.split("::").next().unwrap_or_default();
    let most = match library {
        "countersign" => Level::TRACE,
        _ if UP_TO_DEBUG.contains(&library) => Level::DEBUG,
        _ => Level::INFO,
    };
    level <= most
}

/// Whether the output should have colors.
fn is_terminal() -> bool {
    io::IsTerminal::is_terminal(&io::stderr())
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// An entry of the queue.
enum Line {
    Text(Vec<u8>),
    End,
}

/// The sending end of the queue.
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

/// Runs the log thread: writes lines until the end and reports dropped ones. Pauses after each write, so that
/// under load one wake-up serves many lines: a wake-up for each line would cost a request more than the line
/// itself.
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
        pause();
    }
}

#[expect(clippy::disallowed_methods, reason = "the log's own thread; no request waits for it")]
fn pause() {
    std::thread::sleep(PAUSE_AFTER_WRITE);
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        // A full queue means that stderr is stuck: the process then ends without writing the rest.
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
    fn a_full_queue_drops_lines_and_reports_their_number_later() {
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
    fn libraries_are_capped_where_they_would_print_content() {
        for (target, most) in [
            ("countersign::access", Level::TRACE),
            ("hyper::proto::h1", Level::DEBUG),
            ("rustls", Level::DEBUG),
            ("sqlx::query", Level::INFO),
            ("sea_orm::driver::sqlx_postgres", Level::INFO),
            ("webauthn_rs_core::core", Level::INFO),
            ("a_library_of_tomorrow", Level::INFO),
        ] {
            for level in [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE] {
                assert_eq!(is_written(target, level), level <= most, "{target} {level}");
            }
        }
    }

    #[test]
    fn an_invalid_level_is_refused() {
        let refusal = start_log("countersign=loud", LogFormat::Text).unwrap_err();
        assert!(refusal.contains("`countersign=loud`"), "{refusal}");
    }
}
