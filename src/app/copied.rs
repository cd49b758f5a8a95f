//! What is left to do when a record has been copied into another database: derived tables, and, if wished, judging it all.

use std::io::{self, BufReader, Read};

use futures_util::TryStreamExt as _;
use tokio::sync::mpsc;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::live::LOG_KEY;
use crate::app::projection;
use crate::core::ids::VillageCode;
use crate::log::verify::law::Law;
use crate::log::verify::{Options, Report, verify};
use crate::store::db::Db;
use crate::store::error::StoreError;
use crate::store::record::PAGE;
use crate::store::vault::{Place, Vault};

/// Pieces of a record that wait to be judged.
const AHEAD: usize = 4;

/// Whether this key opens the vault; true where nothing is sealed.
///
/// # Errors
/// The store's.
pub async fn opens(db: &Db, vault: &Vault) -> Result<bool, StoreError> {
    let opened = db.read("vault_opens", |tx| {
        Box::pin(async move {
            let Some(first) = tx.heads(None, 1).await?.into_iter().next() else { return Ok(true) };
            let place = Place { kind: LOG_KEY, village: first.village, name: "current" };
            tx.secret(vault, &place).await.map(|_| true)
        })
    });
    match opened.await {
        Err(StoreError::Sealed) => Ok(false),
        opened => opened,
    }
}

impl App {
    /// Makes the derived tables of every village that has none yet, and calls `done` after each.
    ///
    /// # Errors
    /// The first village's that can't be projected; called again, it goes on there.
    pub async fn project_copied(&self, mut done: impl FnMut(VillageCode)) -> Result<(), AppError> {
        let mut after = None;
        loop {
            let behind = self.db().read("unprojected", |tx| Box::pin(tx.unprojected(after, PAGE)));
            let behind = behind.await.map_err(AppError::Store)?;
            let Some(last) = behind.last() else { return Ok(()) };
            after = Some(*last);
            for village in behind {
                projection::project(self.db(), self.vault(), self.lives(), village).await?;
                self.lives().forget(village);
                done(village);
            }
        }
    }

    /// Judges a village's whole record under its newest kept checkpoint, in bounded memory.
    ///
    /// # Errors
    /// `NotFound` for a village without a record or checkpoint; the store's.
    pub async fn verify_copied(&self, village: VillageCode) -> Result<Report, AppError> {
        let newest = self.db().read("newest", |tx| Box::pin(tx.newest_checkpoint(village)));
        let (size, note) = newest.await.map_err(AppError::Store)?.ok_or_else(|| AppError::not_found("checkpoint"))?;
        let mut pieces = self.export_under(village, size, &String::from_utf8_lossy(&note));
        let (sender, receiver) = mpsc::channel(AHEAD);
        let judging = tokio::task::spawn_blocking(move || {
            let record = BufReader::new(Pieces { receiver, piece: Vec::new(), at: 0 });
            verify(record, &mut Law::new(None), &Options::default(), |_| {})
        });
        while let Some(piece) = pieces.try_next().await? {
            if sender.send(piece).await.is_err() {
                // The judge has read enough.
                break;
            }
        }
        drop(sender);
        judging.await.map_err(|_| AppError::Stopping)
    }
}

/// Pieces of a record as one input.
struct Pieces {
    receiver: mpsc::Receiver<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() {
            let Some(piece) = self.receiver.blocking_recv() else { return Ok(0) };
            (self.piece, self.at) = (piece, 0);
        }
        let count = into.len().min(self.piece.len() - self.at);
        into[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
