//! Asks servers that are not trusted, in bounded time and space, without following them elsewhere: a server its witnesses, a
//! witness its server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use ureq::Agent;
use ureq::config::Config;
use ureq::http::{Request, Response, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

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
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(patience))
            .user_agent(concat!("sunvote/", env!("CARGO_PKG_VERSION")));
        Self(config.build().into())
    }

    /// The same for addresses that strangers name: it connects to nothing within the district's own network, whatever a name leads to.
    #[must_use]
    pub fn to_public(patience: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(patience))
            // A proxy would look names up itself.
            .proxy(None)
            .user_agent(concat!("sunvote/", env!("CARGO_PKG_VERSION")));
        Self(Agent::with_parts(config.build(), DefaultConnector::default(), PublicOnly::default()))
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

    /// Sends a request as another library has made it; of the answer at most `limit` bytes are read.
    ///
    /// # Errors
    /// `Network` or `Stopped`.
    pub async fn exchange(&self, request: Request<Vec<u8>>, limit: u64) -> Result<Response<Vec<u8>>, FetchError> {
        let agent = self.0.clone();
        let work = move || {
            let url = request.uri().to_string();
            // What has no body is sent without one.
            let called = if request.body().is_empty() { agent.run(request.map(|_| ())) } else { agent.run(request) };
            let network = |error| FetchError::Network { url, error: Box::new(error) };
            let (head, body) = match called {
                Ok(answer) => answer.into_parts(),
                Err(error) => return Err(network(error)),
            };
            let body = body.into_with_config().limit(limit.saturating_add(1)).read_to_vec().map_err(network)?;
            Ok(Response::from_parts(head, body))
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| FetchError::Stopped)?
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

/// Looks names up and leaves out addresses that are nobody's on the open network. What is left is what is connected to: a name that leads
/// elsewhere a moment later gains nothing.
#[derive(Debug, Default)]
struct PublicOnly(DefaultResolver);

impl Resolver for PublicOnly {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.0.resolve(uri, config, timeout)?;
        let mut public = self.empty();
        found.iter().filter(|address: &&SocketAddr| is_public(address.ip())).for_each(|address| public.push(*address));
        if public.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(public) }
    }
}

/// Whether an address is on the open network: not of this machine, a local network or set apart (IANA's registries of special-purpose
/// addresses, RFC 6890).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = address.is_unspecified()
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation();
    // This network, shared by a provider's customers, protocol assignments, benchmarks, reserved.
    let apart = match address.octets() {
        [0 | 240..=255, ..] | [192, 0, 0, _] | [192, 88, 99, _] => true,
        [100, second, ..] => (64..128).contains(&second),
        [198, second, ..] => (18..20).contains(&second),
        _ => false,
    };
    !special && !apart
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let parts = address.segments();
    // Global unicast is 2000::/3; of it, ways that hold an IPv4 address (6to4, Teredo) and documentation are left out.
    let [first, second, ..] = parts;
    let global = (0x2000..0x4000).contains(&first);
    global && first != 0x2002 && !(first == 0x2001 && (second < 0x200 || second == 0xdb8)) && first != 0x3fff
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

    use super::{Client, FetchError, is_public};

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

    #[test]
    fn only_addresses_of_the_open_network_are_public() {
        let at = |text: &str| is_public(text.parse().expect(text));
        for good in ["8.8.8.8", "114.114.114.114", "172.32.0.1", "100.63.255.255", "2400:3200::1", "::ffff:8.8.8.8"] {
            assert!(at(good), "{good}");
        }
        for bad in [
            "127.0.0.1",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "203.0.113.5",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "100::1",
            "::7f00:1",
        ] {
            assert!(!at(bad), "{bad}");
        }
    }

    /// Attack: an address that a stranger names leads into the district's own network. Nothing is connected to, whether it is a
    /// number or a name.
    #[tokio::test]
    async fn an_address_within_our_own_network_is_not_connected_to() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        listener.set_nonblocking(true).expect("a listener that doesn't wait");
        let client = Client::to_public(Duration::from_secs(30));
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "127.1"] {
            let told = client.tell(format!("http://{host}:{port}/push"), Vec::new(), b"x".to_vec()).await;
            assert!(matches!(told, Err(FetchError::Network { .. })), "{host}");
        }
        let called = listener.accept().map(|_| ()).map_err(|error| error.kind());
        assert_eq!(called, Err(std::io::ErrorKind::WouldBlock), "nobody called");
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
