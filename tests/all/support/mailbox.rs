//! A mail server that keeps its messages (RFC 5321, only the commands for submission).

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A message as submitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Headers and body, lines ended by `\n`.
    pub text: String,
}

/// A mail server on loopback; it stops when it is dropped.
pub struct Mailbox {
    /// Its address.
    pub address: SocketAddr,
    letters: Arc<Mutex<Vec<Letter>>>,
    server: JoinHandle<()>,
}

impl Mailbox {
    /// Listens on a free port.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let letters = Arc::<Mutex<Vec<Letter>>>::default();
        let kept = letters.clone();
        let server = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, kept.clone()));
            }
        });
        Self { address, letters, server }
    }

    /// Removes and returns all messages so far.
    pub fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut self.letters.lock().expect("the lock is not poisoned"))
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(connection: TcpStream, letters: Arc<Mutex<Vec<Letter>>>) -> std::io::Result<()> {
    let (reader, mut writer) = connection.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut letter = Letter::default();
    writer.write_all(b"220 localhost\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let command = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match command.as_str() {
            "MAIL" => {
                letter = Letter { from: path_of(&line), ..Letter::default() };
                "250 ok"
            }
            "RCPT" => {
                letter.to.push(path_of(&line));
                "250 ok"
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    // RFC 5321 §4.5.2: a leading dot was doubled.
                    letter.text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    letter.text.push('\n');
                }
                letters.lock().expect("the lock is not poisoned").push(std::mem::take(&mut letter));
                "250 kept"
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
        let mailbox = Mailbox::open().await;
        let mut connection =
            BufReader::new(TcpStream::connect(mailbox.address).await.expect("it listens")).lines();
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
        let letter = Letter {
            from: "idp@example.com".to_owned(),
            to: vec!["alice@example.com".to_owned()],
            text: "Subject: Hi\n\n.dot\n".to_owned(),
        };
        assert_eq!(mailbox.take(), [letter]);
        assert_eq!(mailbox.take(), []);
    }
}
