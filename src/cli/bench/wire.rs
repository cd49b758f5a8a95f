//! One kept connection and its requests. Requests are bytes made beforehand and of an answer only status and body are
//! wanted, so a whole HTTP client would take a good part of the processors that are to be measured; heads are read by the
//! parser that the server itself uses.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Most header lines of an answer.
const HEADERS: usize = 48;
/// Longest head of an answer, bytes.
const LONGEST_HEAD: usize = 16 * 1024;
/// Longest body of an answer, bytes.
const LONGEST_BODY: usize = 32 * 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli::bench) enum Fault {
    /// No connection could be made.
    Connect,
    /// The connection was cut.
    Cut,
    /// None came in time.
    Late,
    /// What came is no HTTP answer.
    Malformed,
}

impl Fault {
    /// A word for people and programs.
    pub(in crate::cli::bench) fn code(self) -> &'static str {
        match self {
            Self::Connect => "no-connection",
            Self::Cut => "cut",
            Self::Late => "no-answer",
            Self::Malformed => "malformed",
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli::bench) struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Whether it says when to come back.
    pub retry_after: bool,
    /// Its body, as it was sent.
    pub body: Box<[u8]>,
}

/// A connection that is kept, and made anew when it was lost.
#[derive(Debug)]
pub(in crate::cli::bench) struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    read: Vec<u8>,
}

/// How the end of a body is known.
enum Length {
    Bytes(usize),
    Chunks,
}

struct Head {
    status: u16,
    length: Length,
    /// Bytes of the head.
    end: usize,
    keep: bool,
    retry_after: bool,
}

impl Connection {
    /// Not connected yet.
    pub(in crate::cli::bench) fn to(address: SocketAddr) -> Self {
        Self { address, stream: None, read: Vec::with_capacity(8 * 1024) }
    }

    /// Connects, if it isn't.
    pub(in crate::cli::bench) async fn open(&mut self) -> Result<(), Fault> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.address).await.map_err(|_| Fault::Connect)?;
            stream.set_nodelay(true).map_err(|_| Fault::Connect)?;
            self.stream = Some(stream);
        }
        Ok(())
    }

    /// Sends a request and waits for its answer. After a fault the next one makes a new connection.
    pub(in crate::cli::bench) async fn exchange(&mut self, request: &[u8]) -> Result<Answer, Fault> {
        self.open().await?;
        // Taken out: an exchange that is given up leaves no half-read connection behind.
        let mut stream = self.stream.take().ok_or(Fault::Connect)?;
        self.read.clear();
        stream.write_all(request).await.map_err(|_| Fault::Cut)?;
        let (answer, keep) = self.answer(&mut stream).await?;
        if keep {
            self.stream = Some(stream);
        }
        Ok(answer)
    }

    async fn answer(&mut self, stream: &mut TcpStream) -> Result<(Answer, bool), Fault> {
        let head = loop {
            if let Some(head) = head(&self.read)? {
                break head;
            }
            if self.read.len() > LONGEST_HEAD {
                return Err(Fault::Malformed);
            }
            more(stream, &mut self.read).await?;
        };
        let body = match head.length {
            Length::Bytes(length) => {
                while self.read.len() < head.end + length {
                    more(stream, &mut self.read).await?;
                }
                self.read[head.end..head.end + length].into()
            }
            Length::Chunks => loop {
                if let Some(body) = chunks(&self.read[head.end..])? {
                    break body;
                }
                if self.read.len() > LONGEST_BODY {
                    return Err(Fault::Malformed);
                }
                more(stream, &mut self.read).await?;
            },
        };
        Ok((Answer { status: head.status, retry_after: head.retry_after, body }, head.keep))
    }
}

async fn more(stream: &mut TcpStream, read: &mut Vec<u8>) -> Result<(), Fault> {
    match stream.read_buf(read).await {
        Ok(1..) => Ok(()),
        Ok(0) | Err(_) => Err(Fault::Cut),
    }
}

/// The head, once all of it is there.
fn head(read: &[u8]) -> Result<Option<Head>, Fault> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(end) = response.parse(read).map_err(|_| Fault::Malformed)? else {
        return Ok(None);
    };
    let value = |name: &str| {
        let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        header.map(|header| std::str::from_utf8(header.value).unwrap_or_default().trim().to_ascii_lowercase())
    };
    let length = match (value("transfer-encoding").as_deref(), value("content-length")) {
        (Some("chunked"), _) => Length::Chunks,
        (None, Some(length)) => {
            let length = length.parse().ok().filter(|length| *length <= LONGEST_BODY);
            Length::Bytes(length.ok_or(Fault::Malformed)?)
        }
        _ => return Err(Fault::Malformed),
    };
    let keep = value("connection").as_deref() != Some("close");
    let status = response.code.ok_or(Fault::Malformed)?;
    Ok(Some(Head { status, length, end, keep, retry_after: value("retry-after").is_some() }))
}

/// A body sent in chunks (RFC 9112 section 7.1), once all of it is there; trailers are passed over.
fn chunks(mut read: &[u8]) -> Result<Option<Box<[u8]>>, Fault> {
    let mut body = Vec::new();
    loop {
        let (start, size) = match httparse::parse_chunk_size(read).map_err(|_| Fault::Malformed)? {
            httparse::Status::Complete(size) => size,
            httparse::Status::Partial => return Ok(None),
        };
        let size = usize::try_from(size).ok().filter(|size| *size <= LONGEST_BODY).ok_or(Fault::Malformed)?;
        if size == 0 {
            let end = read[start..].windows(2).any(|pair| pair == b"\r\n");
            return Ok(end.then(|| body.into()));
        }
        let Some(chunk) = read.get(start..start + size) else { return Ok(None) };
        let Some(rest) = read.get(start + size + 2..) else { return Ok(None) };
        body.extend_from_slice(chunk);
        read = rest;
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::{Answer, Connection, Fault};

    /// Answers each request with the next of these pieces, byte by byte.
    async fn served(answers: Vec<&'static [u8]>) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            let mut answers = answers.into_iter();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4];
                while stream.read_exact(&mut request).await.is_ok() {
                    let Some(answer) = answers.next() else { return };
                    for byte in answer {
                        stream.write_all(&[*byte]).await.expect("written");
                        stream.flush().await.expect("flushed");
                    }
                    if answer.is_empty() {
                        break;
                    }
                }
            }
        });
        address
    }

    fn answer(status: u16, retry_after: bool, body: &[u8]) -> Result<Answer, Fault> {
        Ok(Answer { status, retry_after, body: body.into() })
    }

    #[tokio::test]
    async fn answers_are_read_however_they_are_cut() {
        let address = served(vec![
            b"HTTP/1.1 201 Created\r\ncontent-length: 5\r\n\r\nhello",
            b"HTTP/1.1 503 x\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
            b"",
            b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx",
            b"nonsense\r\n\r\n",
        ])
        .await;
        let mut connection = Connection::to(address);
        assert_eq!(connection.exchange(b"ask1").await, answer(201, false, b"hello"));
        assert_eq!(connection.exchange(b"ask2").await, answer(503, true, b""));
        assert_eq!(connection.exchange(b"ask3").await, answer(200, false, b"abc0123456789"));
        assert_eq!(connection.exchange(b"ask4").await, Err(Fault::Cut));
        assert_eq!(connection.exchange(b"ask5").await, answer(200, false, b"x"), "on a new connection");
        assert!(connection.stream.is_none(), "the server said that it closes it");
        assert_eq!(connection.exchange(b"ask6").await, Err(Fault::Malformed));
    }
}
