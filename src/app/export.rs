//! A village's record as one file, in bounded memory: what is downloaded, and what `sunvote verify` reads.

use futures_util::stream::{self, BoxStream, StreamExt as _};

use crate::app::App;
use crate::app::error::AppError;
use crate::core::ids::VillageCode;
use crate::log::record::FIRST_LINE;
use crate::store::error::StoreError;

impl App {
    /// The record up to now, piece by piece: first line, entries as they are kept, an empty line, the checkpoint over
    /// exactly these entries.
    ///
    /// # Errors
    /// `NotFound` for a village without a record; within the stream, the store's: the file is then cut off, and says so by
    /// its missing checkpoint.
    pub async fn export(
        &self,
        village: VillageCode,
    ) -> Result<BoxStream<'static, Result<Vec<u8>, StoreError>>, AppError> {
        let live = self.lives().live(village).await?;
        let note = live.ledger.checkpoint(&live.key).to_string();
        Ok(self.export_under(village, live.ledger.frontier.size(), &note))
    }

    /// The first `size` entries of a record, under the checkpoint note that covers exactly these.
    #[must_use]
    pub fn export_under(
        &self,
        village: VillageCode,
        size: u64,
        note: &str,
    ) -> BoxStream<'static, Result<Vec<u8>, StoreError>> {
        let end = format!("\n{note}").into_bytes();
        let entries = self.db().entry_pages(village, 0, size).map(|page| {
            let mut lines = Vec::new();
            for entry in page? {
                lines.extend_from_slice(&entry.bytes);
                lines.push(b'\n');
            }
            Ok(lines)
        });
        let first = stream::iter([Ok(FIRST_LINE.to_vec())]);
        first.chain(entries).chain(stream::iter([Ok(end)])).boxed()
    }
}
