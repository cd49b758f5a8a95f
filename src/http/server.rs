//! The listening server: plain or TLS, with bounded waits, stopping without cutting anyone off.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::TokioTimer;

use crate::app::desks::Desks;
use crate::app::growth::Growth;
use crate::config::ConfigError;
use crate::http::router::router;
use crate::http::state::AppState;

/// Why the server can't run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address can't be listened on: in use, or not this machine's.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Certificate or key can't be used.
    #[error("certificate or key: {0}")]
    Certificate(std::io::Error),
    /// Settings that contradict each other.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The server ended with an error.
    #[error("the server ended: {0}")]
    Ended(std::io::Error),
}

/// A server that holds its address and is ready to run.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    handle: Handle<SocketAddr>,
}

impl Server {
    /// Takes the address. From here on connections wait to be answered.
    ///
    /// # Errors
    /// [`ServerError::Listen`].
    pub fn bind(address: SocketAddr) -> Result<Self, ServerError> {
        let fail = |source| ServerError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(fail)?;
        listener.set_nonblocking(true).map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        Ok(Self { listener, address, handle: Handle::new() })
    }

    /// The address it holds; with port 0 the system chose the port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets others end the server.
    #[must_use]
    pub fn stopper(&self, state: &AppState) -> Stopper {
        let patience = Duration::from_secs(state.limits().shutdown_seconds);
        let (growth, desks) = (state.app().growth().clone(), state.app().desks().clone());
        Stopper { handle: self.handle.clone(), patience, growth, desks }
    }

    /// Answers until it is stopped.
    ///
    /// # Errors
    /// The certificate can't be used, or the listener failed.
    pub async fn run(self, state: AppState) -> Result<(), ServerError> {
        let whole = router(state.clone());
        self.run_router(whole, &state).await
    }

    /// The same with another router: for tests of what surrounds the handlers.
    ///
    /// # Errors
    /// As [`Server::run`].
    pub async fn run_router(self, router: Router, state: &AppState) -> Result<(), ServerError> {
        let tls = state.config().tls.clone();
        let idle = Duration::from_secs(state.limits().idle_seconds);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        match (tls.certificate, tls.key) {
            (Some(certificate), Some(key)) => {
                // The provider is chosen once per process; a second call changes nothing.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let tls = RustlsConfig::from_pem_file(certificate, key).await.map_err(ServerError::Certificate)?;
                let server = axum_server::from_tcp_rustls(self.listener, tls).map_err(ServerError::Ended)?;
                let mut server = server.handle(self.handle);
                server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(idle);
                server.serve(service).await.map_err(ServerError::Ended)
            }
            (Some(_), None) | (None, Some(_)) => Err(ConfigError::Tls.into()),
            (None, None) => {
                let server = axum_server::from_tcp(self.listener).map_err(ServerError::Ended)?;
                let mut server = server.handle(self.handle);
                server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(idle);
                server.serve(service).await.map_err(ServerError::Ended)
            }
        }
    }
}

/// Ends a server from elsewhere.
#[derive(Debug, Clone)]
pub struct Stopper {
    handle: Handle<SocketAddr>,
    patience: Duration,
    growth: Growth,
    desks: Desks,
}

impl Stopper {
    /// Takes no more connections, ends those that only listen, lets requests under way end, and cuts off what hasn't after the
    /// configured wait.
    pub fn stop(&self) {
        self.growth.close();
        self.desks.close();
        self.handle.graceful_shutdown(Some(self.patience));
    }
}
