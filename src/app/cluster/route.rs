//! A statement's way to the server that writes its village's record.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use tokio::time::timeout;

use crate::app::App;
use crate::app::cluster::Cluster;
use crate::app::cluster::peers::{Draw, Failed};
use crate::app::cluster::view::Place;
use crate::app::cluster::wire::{Ask, Asked, Head, Outcome, Unsealed};
use crate::app::error::AppError;
use crate::app::sequencer::Accepted;
use crate::core::reject::Rule;
use crate::log::signed::Signed;
use crate::store::record::VaultRow;

/// Longest that a statement waits for a lane to be written by somebody: longer than a lease, so that the death of a server
/// is not noticed by those who vote.
const LONGEST: Duration = Duration::from_secs(15);
/// How long it is waited for a server that can't be reached before it is tried again.
const AGAIN: Duration = Duration::from_millis(500);

impl App {
    /// Appends a statement whose signatures have been checked, with the secrets that must be as durable as it, wherever its
    /// village's record is written.
    ///
    /// # Errors
    /// As [`Lane::append`](crate::app::sequencer::Lane::append); `Elsewhere` where nobody could be found in time who writes
    /// the record, or `Unsure` where it had been sent to somebody.
    pub(in crate::app) async fn append(&self, signed: Signed, secrets: Vec<VaultRow>) -> Result<Accepted, AppError> {
        match self.cluster() {
            None => self.lane().append(signed, secrets).await,
            Some(cluster) => self.bring(cluster, signed, secrets, false).await,
        }
    }

    /// Begins a village's record with its founding, wherever it is to be written.
    ///
    /// # Errors
    /// As [`App::append`].
    pub(in crate::app) async fn found(&self, signed: Signed) -> Result<Accepted, AppError> {
        match self.cluster() {
            None => self.lane().found(signed).await,
            Some(cluster) => self.bring(cluster, signed, Vec::new(), true).await,
        }
    }

    async fn bring(
        &self,
        cluster: &Cluster,
        signed: Signed,
        secrets: Vec<VaultRow>,
        founds: bool,
    ) -> Result<Accepted, AppError> {
        let (village, id) = (signed.statement.village, signed.id);
        let mut unsure = false;
        let bring = async {
            loop {
                let place = cluster.place(village);
                let done = match &place {
                    Place::Here if founds => self.lane().found(signed.clone()).await,
                    Place::Here => self.lane().append(signed.clone(), secrets.clone()).await,
                    Place::There(address) => {
                        let ask = Ask::new(&signed, &secrets, founds);
                        let asked = cluster.peers().ask(address, ask, &self.draw(cluster)).await;
                        unsure |= matches!(asked, Err(Failed::Unreached));
                        asked.map_err(AppError::from).and_then(Into::into)
                    }
                    Place::Nobody => Err(AppError::Elsewhere),
                };
                match done {
                    Err(AppError::Elsewhere) => match cluster.moved(village, &place, AGAIN).await {
                        Err(AppError::Overloaded) if unsure => return Err(AppError::Unsure),
                        moved => moved?,
                    },
                    done => return done,
                }
            }
        };
        match timeout(LONGEST, bring).await {
            // A server that died may have put it on record before.
            Ok(Err(AppError::Rejected(refusal))) if unsure && refusal.rule == Rule::StatementReplayed => {
                self.recorded(village, id).await?.ok_or(AppError::Rejected(refusal))
            }
            Ok(done) => done,
            Err(_) if unsure => Err(AppError::Unsure),
            Err(_) => Err(AppError::Elsewhere),
        }
    }

    fn draw(&self, cluster: &Cluster) -> Draw {
        let (app, cluster) = (self.clone(), cluster.clone());
        Arc::new(move || (cluster.database_time(), app.random()))
    }

    /// Takes statements that another server sent for lanes of this one, and answers it.
    ///
    /// # Errors
    /// [`Unsealed`] for anything but a fresh message of a server that has the same vault key; nothing is done then.
    pub async fn take_forwarded(&self, body: &[u8]) -> Result<Vec<u8>, Unsealed> {
        let cluster = self.cluster().ok_or(Unsealed)?;
        let (head, asks) = Head::open(self.vault(), cluster.database_time(), body)?;
        let outcomes = join_all(asks.into_iter().map(|ask| self.take_one(ask))).await;
        let mut rng = ChaCha20Rng::from_seed(self.random());
        Ok(head.answer(self.vault(), &outcomes, &mut rng)?)
    }

    async fn take_one(&self, ask: Ask) -> Outcome {
        let Asked { signed, secrets, founds } = match ask.read() {
            Ok(asked) => asked,
            Err(error) => return Err(error).into(),
        };
        if founds { self.lane().found(signed).await.into() } else { self.lane().append(signed, secrets).await.into() }
    }
}
