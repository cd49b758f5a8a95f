//! Asks servers that are not trusted, in bounded time and space, without following them elsewhere: a server its witnesses, a
//! witness its server.

use std::time::Duration;

use ureq::Agent;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Its media type, if it names one.
    pub media_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No answer in time, or one that is too long.
    #[error("{url}: {error}")]
    Network {
        /// What was asked for.
        url: String,
        /// What happened.
        error: Box<ureq::Error>,
    },
    /// An answer with another status than 200.
    #[error("{url}: status {status}")]
    Status {
        /// What was asked for.
        url: String,
        /// The status.
        status: u16,
    },
    /// The program is ending.
    #[error("stopped")]
    Stopped,
}

/// Cheap to clone; keeps connections open.
#[derive(Debug, Clone)]
pub struct Client(Agent);

impl Client {
    /// A client that waits at most `patience` for each answer.
    #[must_use]
    pub fn new(patience: Duration) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(patience))
            .user_agent(concat!("sunvote/", env!("CARGO_PKG_VERSION")))
            .build();
        Self(agent.into())
    }

    /// Fetches an address whose answer has at most `limit` bytes.
    ///
    /// # Errors
    /// `Network` or `Stopped`.
    pub async fn get(&self, url: String, limit: u64) -> Result<Answer, FetchError> {
        let agent = self.0.clone();
        blocking(move || finish(agent.get(&url).header("accept", "*/*").call(), &url, limit)).await
    }

    /// The same where only status 200 will do.
    ///
    /// # Errors
    /// As [`get`](Self::get), or `Status`.
    pub async fn fetch(&self, url: String, limit: u64) -> Result<Vec<u8>, FetchError> {
        let answer = self.get(url.clone(), limit).await?;
        if answer.status == 200 { Ok(answer.body) } else { Err(FetchError::Status { url, status: answer.status }) }
    }

    /// Sends a body with headers of its own; the answer's status, without reading more of it. A redirect is an answer like any other.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn tell(
        &self,
        url: String,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    ) -> Result<u16, FetchError> {
        let agent = self.0.clone();
        let told = blocking(move || {
            let request = headers.iter().fold(agent.post(&url), |request, (name, value)| request.header(*name, value));
            let answer = request.send(&body[..]);
            let answer = answer.map_err(|error| FetchError::Network { url, error: Box::new(error) })?;
            Ok(Answer { status: answer.status().as_u16(), media_type: None, body: Vec::new() })
        });
        Ok(told.await?.status)
    }

    /// Sends a body; of the answer at most 64 KiB are read.
    ///
    /// # Errors
    /// `Network` or `Stopped`.
    pub async fn post(&self, url: String, media_type: &'static str, body: Vec<u8>) -> Result<Answer, FetchError> {
        self.post_for(url, media_type, body, 1 << 16).await
    }

    /// The same for an answer of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn post_for(
        &self,
        url: String,
        media_type: &'static str,
        body: Vec<u8>,
        limit: u64,
    ) -> Result<Answer, FetchError> {
        let agent = self.0.clone();
        blocking(move || finish(agent.post(&url).content_type(media_type).send(&body[..]), &url, limit)).await
    }
}

fn finish(
    called: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    url: &str,
    limit: u64,
) -> Result<Answer, FetchError> {
    let network = |error| FetchError::Network { url: url.to_owned(), error: Box::new(error) };
    let answer = called.map_err(network)?;
    let status = answer.status().as_u16();
    let media_type = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    // ureq wants room for one byte more than it may read: at its limit it can't tell that the body has ended.
    let body = answer.into_body().into_with_config().limit(limit.saturating_add(1)).read_to_vec().map_err(network)?;
    Ok(Answer { status, media_type, body })
}

async fn blocking(work: impl FnOnce() -> Result<Answer, FetchError> + Send + 'static) -> Result<Answer, FetchError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| FetchError::Stopped)?
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread::{JoinHandle, spawn};
    use std::time::Duration;

    use super::{Client, FetchError};

    /// Answers one request with so many bytes.
    fn serve_once(bytes: usize) -> (String, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}/", listener.local_addr().expect("an address"));
        let serving = spawn(move || {
            let (mut stream, _) = listener.accept().expect("a caller");
            assert!(stream.read(&mut [0; 4096]).expect("a request") > 0);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\nconnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).expect("a head");
            // Who asked may hang up before the end of what is too long.
            stream.write_all(&vec![7; bytes]).ok();
        });
        (address, serving)
    }

    #[tokio::test]
    async fn an_answer_may_have_all_bytes_that_it_is_allowed_and_no_more() {
        let client = Client::new(Duration::from_secs(30));
        for (bytes, fits) in [(0, true), (8_191, true), (8_192, true), (8_193, false), (100_000, false)] {
            let (address, serving) = serve_once(bytes);
            match client.fetch(address, 8_192).await {
                Ok(body) => assert!(fits && body.len() == bytes, "{bytes}"),
                Err(error) => assert!(!fits && matches!(error, FetchError::Network { .. }), "{bytes}: {error}"),
            }
            serving.join().expect("it served");
        }
    }
}
