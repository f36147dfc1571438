//! Panic messages on stderr: the location, and only constant texts of the program.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::Write,
    panic::PanicHookInfo,
};

/// Installs a panic hook that prints the location, and the message only if it is a constant in the source. A
/// message formatted at run time may contain the data being processed, such as a password.
pub fn install_panic_message() {
    std::panic::set_hook(Box::new(|info| {
        let mut text = in_words(info);
        // Captured only when `RUST_BACKTRACE` is set.
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            text = format!("{text}\n{backtrace}");
        }
        let _ = writeln!(std::io::stderr(), "{text}");
    }));
}

fn in_words(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    message(&place, info.payload().downcast_ref::<&'static str>().copied())
}

fn message(place: &str, words: Option<&str>) -> String {
    let words = words.unwrap_or("its message is left out, because it may repeat a secret");
    format!("countersign: a thread panicked at {place}: {words}; please report it with this line")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_message_is_printed_and_a_formatted_one_is_not() {
        use std::sync::{Arc, Mutex};
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&said);
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // Other tests panic as well.
            if std::thread::current().name() == Some("panics on purpose") {
                heard.lock().unwrap().push(in_words(info));
            }
        }));
        for secret in [None, Some("MARK")] {
            let thread = std::thread::Builder::new().name("panics on purpose".to_owned());
            let thread = thread.spawn(move || match secret {
                None => panic!("a message of the source"),
                Some(secret) => panic!("cannot read {secret}"),
            });
            assert!(thread.unwrap().join().is_err());
        }
        std::panic::set_hook(before);
        let said = said.lock().unwrap();
        let [plain, formatted] = said.as_slice() else { panic!("{said:?}") };
        assert!(plain.contains("src/cli/panic_message.rs:") && plain.contains("a message of the source"));
        assert!(formatted.contains("panic_message.rs:") && !formatted.contains("MARK"), "{formatted}");
    }
}
