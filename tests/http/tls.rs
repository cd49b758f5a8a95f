//! The server's own TLS: a certificate of its own, and nothing in the clear.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::harness::{Running, TestServer};

const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// A server with a certificate for `localhost`, which is given too.
async fn server(folder: &Path) -> (Running, CertificateDer<'static>) {
    let made = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let CertifiedKey { cert, signing_key } = made;
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, cert.pem()).expect("written");
    std::fs::write(&key, signing_key.serialize_pem()).expect("written");
    let server = TestServer::new().with(|config| {
        config.public_origin = "https://vote.example".parse().expect("an origin");
        config.tls.certificate = Some(certificate);
        config.tls.key = Some(key);
    });
    (server.start().await, cert.der().clone())
}

fn address(server: &Running) -> SocketAddr {
    server.base.trim_start_matches("http://").parse().expect("an address")
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<String> {
    stream.write_all(REQUEST).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// A connection of a client that trusts `known` alone.
async fn secured(server: &Running, known: CertificateDer<'static>) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(known).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("versions").with_root_certificates(roots).with_no_client_auth();
    let plain = TcpStream::connect(address(server)).await?;
    let name = ServerName::try_from("localhost").expect("a name");
    ask(TlsConnector::from(Arc::new(config)).connect(name, plain).await?).await
}

#[tokio::test]
async fn pages_come_over_the_servers_own_certificate_and_not_in_the_clear() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, certificate) = server(folder.path()).await;
    let answer = secured(&server, certificate).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.to_ascii_lowercase().contains("strict-transport-security: max-age="), "{answer}");
    let clear = TcpStream::connect(address(&server)).await.expect("a connection");
    let clear = ask(clear).await.unwrap_or_default();
    assert!(!clear.contains("HTTP/1.1 200"), "{clear}");
}

#[tokio::test]
async fn a_client_that_trusts_another_certificate_turns_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, _) = server(folder.path()).await;
    let other = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    assert!(secured(&server, other.cert.der().clone()).await.is_err());
}
