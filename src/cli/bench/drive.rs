//! Sends prepared requests at a pace. At a fixed rate the loop is open: each request is due at a fixed moment, and its
//! latency is counted from that moment, also when it had to wait for a connection. A server that stalls is so charged with
//! all that fell due meanwhile, not with the one request that it held up (coordinated omission).

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep_until, timeout};

use crate::cli::Failure;
use crate::cli::bench::machine::Server;
use crate::cli::bench::wire::{Answer, Connection, Fault};
use crate::cli::bench::{Pace, Rate};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the server's memory is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A request made beforehand.
#[derive(Debug, Clone)]
pub(in crate::cli::bench) struct Request {
    /// Head and body as they are sent.
    pub bytes: Arc<[u8]>,
    /// Requests with the same number are sent one after another, each when the one before was answered: a voter's ballots.
    pub turn: Option<usize>,
}

/// What became of a request.
#[derive(Debug)]
pub(in crate::cli::bench) struct Outcome {
    /// Its place among the requests.
    pub index: usize,
    /// From when it was due until the answer was there; at `max`, from when it was sent.
    pub took: Duration,
    /// From the beginning of the run until the answer was there.
    pub at: Duration,
    /// The answer.
    pub answer: Result<Answer, Fault>,
}

/// A run.
#[derive(Debug)]
pub(in crate::cli::bench) struct Driven {
    /// In order of the answers.
    pub outcomes: Vec<Outcome>,
    /// From when the first request was due to the last answer.
    pub took: Duration,
    /// The server's memory, bytes, once a second; none where it can't be known.
    pub memory: Vec<u64>,
}

struct Shared {
    requests: Vec<RefCell<Option<Request>>>,
    next: Cell<usize>,
    turns: Vec<Mutex<()>>,
    rate: Rate,
    begun: Cell<Instant>,
    until: Cell<Option<Instant>>,
    outcomes: RefCell<Vec<Outcome>>,
}

/// Sends all requests; ends when each was answered or failed.
///
/// # Errors
/// When no connection can be made.
pub(in crate::cli::bench) fn drive(
    address: SocketAddr,
    requests: Vec<Request>,
    pace: &Pace,
    server: Option<&Server>,
) -> Result<Driven, Failure> {
    // One thread: the client's share of the processors stays small, and known.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let turns = requests.iter().filter_map(|request| request.turn).max().map_or(0, |most| most + 1);
    let outcomes = RefCell::new(Vec::with_capacity(requests.len()));
    let shared = Rc::new(Shared {
        requests: requests.into_iter().map(|request| RefCell::new(Some(request))).collect(),
        next: Cell::new(0),
        turns: (0..turns).map(|_| Mutex::new(())).collect(),
        rate: pace.rate,
        begun: Cell::new(now()),
        until: Cell::new(None),
        outcomes,
    });
    let local = LocalSet::new();
    let (took, memory) = local.block_on(&runtime, run(address, &shared, pace, server))?;
    drop(local);
    Ok(Driven { outcomes: shared.outcomes.take(), took, memory })
}

async fn run(
    address: SocketAddr,
    shared: &Rc<Shared>,
    pace: &Pace,
    server: Option<&Server>,
) -> Result<(Duration, Vec<u64>), Failure> {
    let mut connections: Vec<Connection> = (0..pace.connections).map(|_| Connection::to(address)).collect();
    for connection in &mut connections {
        connection.open().await.map_err(|_| format!("nobody answers at {address}"))?;
    }
    shared.begun.set(now());
    if pace.rate == Rate::Max {
        shared.until.set(Some(now() + Duration::from_secs(pace.seconds.into())));
    }
    let workers: Vec<_> = connections
        .into_iter()
        .map(|connection| tokio::task::spawn_local(work(connection, Rc::clone(shared))))
        .collect();
    let mut memory = Vec::new();
    let mut look = tokio::time::interval(LOOK_EVERY);
    let ended = async {
        for worker in workers {
            worker.await?;
        }
        Ok::<_, tokio::task::JoinError>(())
    };
    tokio::pin!(ended);
    loop {
        tokio::select! {
            done = &mut ended => {
                done?;
                break;
            }
            _ = look.tick() => memory.extend(server.and_then(Server::memory)),
        }
    }
    Ok((shared.begun.get().elapsed(), memory))
}

async fn work(mut connection: Connection, shared: Rc<Shared>) {
    while let Some((index, request)) = shared.take() {
        let due = match shared.rate {
            Rate::Max => None,
            Rate::Of(rate) => {
                #[expect(clippy::cast_precision_loss, reason = "a count below 2^52")]
                let due = shared.begun.get() + Duration::from_secs_f64(index as f64 / rate);
                wait_until(due).await;
                Some(due)
            }
        };
        let _turn = match request.turn.and_then(|turn| shared.turns.get(turn)) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        let due = due.unwrap_or_else(now);
        let answer = timeout(PATIENCE, connection.exchange(&request.bytes)).await.unwrap_or(Err(Fault::Late));
        let (took, at) = (due.elapsed(), shared.begun.get().elapsed());
        shared.outcomes.borrow_mut().push(Outcome { index, took, at, answer });
    }
}

impl Shared {
    fn take(&self) -> Option<(usize, Request)> {
        if self.until.get().is_some_and(|until| until <= now()) {
            return None;
        }
        let index = self.next.get();
        self.next.set(index + 1);
        // Taken out, so that its memory is free once it is answered.
        self.requests.get(index)?.take().map(|request| (index, request))
    }
}

#[expect(clippy::disallowed_methods, reason = "a load generator measures durations; it decides nothing about votes")]
fn now() -> Instant {
    Instant::now()
}

async fn wait_until(due: Instant) {
    sleep_until(due).await;
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::time::Duration;

    use super::{Driven, Request, drive};
    use crate::cli::bench::{Pace, Rate};

    fn pace(rate: Rate, connections: u32) -> Pace {
        Pace { rate, seconds: 10, count: None, connections, running: true }
    }

    fn requests(count: usize, turn: Option<usize>) -> Vec<Request> {
        (0..count).map(|_| Request { bytes: Arc::from(*b"ask!"), turn }).collect()
    }

    /// A server that holds the first answer back until so many more bytes have come, or nothing more comes.
    fn stalled(first_waits: Duration) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut request = [0; 4];
            let mut waits = Some(first_waits);
            while stream.read_exact(&mut request).is_ok() {
                if let Some(waits) = waits.take() {
                    // Nothing is ever sent on it: this ends when the time is over.
                    let (_sender, nothing) = std::sync::mpsc::channel::<()>();
                    let _ = nothing.recv_timeout(waits);
                }
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").expect("written");
            }
        });
        address
    }

    #[test]
    fn what_fell_due_while_the_server_stalled_is_charged_with_the_wait() {
        let address = stalled(Duration::from_millis(300));
        let Driven { outcomes, .. } =
            drive(address, requests(20, None), &pace(Rate::Of(100.0), 1), None).expect("driven");
        assert_eq!(outcomes.len(), 20);
        for outcome in &outcomes {
            let due = Duration::from_millis(10) * u32::try_from(outcome.index).expect("small");
            assert!(outcome.took + due >= Duration::from_millis(300), "{outcome:?}");
        }
    }

    #[test]
    fn at_max_only_the_request_that_was_held_up_is_slow() {
        let address = stalled(Duration::from_millis(300));
        let Driven { outcomes, .. } = drive(address, requests(20, Some(0)), &pace(Rate::Max, 1), None).expect("driven");
        let slow = outcomes.iter().filter(|outcome| outcome.took >= Duration::from_millis(300)).count();
        assert_eq!((outcomes.len(), slow), (20, 1));
    }
}
