//! A mail server that keeps its messages, or fails as it is told (RFC 5321, only the commands for submission). The part
//! `mail` of `tests/run` tries the same letters with a mail server of others.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// The longest time until a letter arrives on a loaded machine.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// A message as submitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Headers and body, lines ended by `\n`.
    pub text: String,
}

/// A failure of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The connection is accepted, and nothing else ever happens.
    Silent,
    /// This line instead of a greeting.
    Greeting(&'static str),
    /// This answer to the recipient.
    Recipient(&'static str),
    /// This answer to the letter.
    Letter(&'static str),
    /// The letter is kept, and the connection ends without an answer.
    TakenWithoutAnswer,
    /// The letter is kept and acknowledged, and the connection ends before the client takes its leave.
    GoneAfterAnswer,
}

/// A mail server on loopback; it stops when it is dropped.
pub struct MailServer {
    /// Its address.
    pub address: SocketAddr,
    kept: Arc<Kept>,
    server: JoinHandle<()>,
}

struct Kept {
    letters: watch::Sender<Vec<Received>>,
    script: Mutex<VecDeque<Failure>>,
    connections: watch::Sender<usize>,
}

impl MailServer {
    /// Listens on a free port.
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().expect("an address")).await
    }

    /// Listens at this address.
    pub async fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (letters, connections) = (watch::Sender::new(Vec::new()), watch::Sender::new(0));
        let kept = Arc::new(Kept { letters, script: Mutex::default(), connections });
        let shared = kept.clone();
        let server = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                shared.connections.send_modify(|count| *count += 1);
                let failure = shared.script.lock().expect("not poisoned").pop_front();
                tokio::spawn(serve(connection, shared.clone(), failure));
            }
        });
        Self { address, kept, server }
    }

    /// The setting that names it.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Lets the next connections fail, one after the other.
    pub fn script(&self, failures: impl IntoIterator<Item = Failure>) {
        self.kept.script.lock().expect("not poisoned").extend(failures);
    }

    /// All letters so far.
    pub fn letters(&self) -> Vec<Received> {
        self.kept.letters.borrow().clone()
    }

    /// Waits until it has kept `count` letters, and returns them.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let mut letters = self.kept.letters.subscribe();
        let arrived = letters.wait_for(|letters| letters.len() >= count);
        let arrived = tokio::time::timeout(LONGEST_WAIT, arrived).await.expect("letters in time");
        arrived.expect("the server is there").clone()
    }

    /// Waits until `count` connections have begun.
    pub async fn wait_for_connections(&self, count: usize) {
        let mut connections = self.kept.connections.subscribe();
        let begun = connections.wait_for(|begun| *begun >= count);
        tokio::time::timeout(LONGEST_WAIT, begun).await.expect("in time").expect("the server is there");
    }

    /// How many connections have begun.
    pub fn connections(&self) -> usize {
        *self.kept.connections.borrow()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(connection: TcpStream, kept: Arc<Kept>, failure: Option<Failure>) -> std::io::Result<()> {
    let (reader, mut writer) = connection.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut letter = Received::default();
    let greeting = match failure {
        Some(Failure::Silent) => return std::future::pending().await,
        Some(Failure::Greeting(line)) => line,
        _ => "220 localhost",
    };
    writer.write_all(format!("{greeting}\r\n").as_bytes()).await?;
    while let Some(line) = lines.next_line().await? {
        let command = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match command.as_str() {
            "MAIL" => {
                letter = Received { from: path_of(&line), ..Received::default() };
                "250 ok"
            }
            "RCPT" => {
                letter.to.push(path_of(&line));
                if let Some(Failure::Recipient(answer)) = failure { answer } else { "250 ok" }
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    // RFC 5321 §4.5.2: a leading dot was doubled.
                    letter.text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    letter.text.push('\n');
                }
                if let Some(Failure::Letter(answer)) = failure {
                    answer
                } else {
                    kept.letters.send_modify(|letters| letters.push(std::mem::take(&mut letter)));
                    match failure {
                        Some(Failure::TakenWithoutAnswer) => return Ok(()),
                        Some(Failure::GoneAfterAnswer) => return writer.write_all(b"250 kept\r\n").await,
                        _ => "250 kept",
                    }
                }
            }
            "EHLO" | "HELO" | "RSET" | "NOOP" => "250 localhost",
            "QUIT" => return writer.write_all(b"221 goodbye\r\n").await,
            _ => "502 not here",
        };
        writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

fn path_of(line: &str) -> String {
    let path = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    path.map_or_else(String::new, |(path, _)| path.to_owned())
}

mod tests {
    use super::*;

    #[tokio::test]
    async fn a_letter_is_kept_with_its_envelope() {
        let server = MailServer::start().await;
        let mut connection =
            BufReader::new(TcpStream::connect(server.address).await.expect("it listens")).lines();
        let mut expect = async |command: &str, code: &str| {
            connection.get_mut().write_all(command.as_bytes()).await.expect("sent");
            let answer = connection.next_line().await.expect("read").expect("an answer");
            assert!(answer.starts_with(code), "{command:?} is answered {answer:?}");
        };
        expect("", "220").await;
        expect("EHLO there\r\n", "250").await;
        expect("VRFY alice\r\n", "502").await;
        expect("MAIL FROM:<idp@example.com>\r\n", "250").await;
        expect("RCPT TO:<alice@example.com>\r\n", "250").await;
        expect("DATA\r\n", "354").await;
        expect("Subject: Hi\r\n\r\n..dot\r\n.\r\n", "250").await;
        expect("QUIT\r\n", "221").await;
        let letter = Received {
            from: "idp@example.com".to_owned(),
            to: vec!["alice@example.com".to_owned()],
            text: "Subject: Hi\n\n.dot\n".to_owned(),
        };
        assert_eq!(server.letters(), [letter]);
    }
}
