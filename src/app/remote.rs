//! A log as somebody else shows it (c2sp.org/tlog-tiles), with bounds on everything.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::app::fetch::{Client, FetchError};
use crate::core::ids::Digest;
use crate::log::checkpoint::Checkpoint;
use crate::log::entry::MAX_ENTRY_BYTES;
use crate::log::tile::{
    TILE_WIDTH, TileId, TilePath, TileTree, bundle_entries, consistency_tiles, root_tiles, tile_hashes,
};
use crate::log::tree::{Frontier, ProofError, prove_prefix};
use crate::store::district::LogOf;

/// Largest checkpoint taken in, bytes.
const MAX_CHECKPOINT: u64 = 1 << 16;
/// Most leaves read at a time: their hashes, 128 MB of them, are kept until the root over them is checked. A district of 211
/// villages with 1,000 entries a year each has so many after twenty years; who begins to follow it then reads them at once.
const MOST_LEAVES: u64 = 1 << 22;

/// What is served is not what was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad(pub String);

/// Where a log is shown.
pub struct Remote<'a> {
    client: &'a Client,
    prefix: String,
}

impl<'a> Remote<'a> {
    /// One of the logs below `logs`, such as `https://vote.example/log`.
    #[must_use]
    pub fn new(client: &'a Client, logs: &str, log: LogOf) -> Self {
        let logs = logs.trim_end_matches('/');
        let prefix = match log {
            LogOf::District(district) => format!("{logs}/d/{district}"),
            LogOf::Village(village) => format!("{logs}/v/{village}"),
        };
        Self { client, prefix }
    }

    /// The address below the log's prefix.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.prefix)
    }

    /// The newest checkpoint's bytes.
    ///
    /// # Errors
    /// No answer.
    pub async fn checkpoint(&self) -> Result<Vec<u8>, FetchError> {
        self.client.fetch(self.url("checkpoint"), MAX_CHECKPOINT).await
    }

    /// A resource that may be partial: where only the full one is there any more, that.
    async fn partial(&self, path: impl Fn(u64) -> String, width: u64, limit: u64) -> Result<Vec<u8>, FetchError> {
        let answer = self.client.get(self.url(&path(width)), limit).await?;
        match answer.status {
            200 => Ok(answer.body),
            404 if width < TILE_WIDTH => self.client.fetch(self.url(&path(TILE_WIDTH)), limit).await,
            status => Err(FetchError::Status { url: self.url(&path(width)), status }),
        }
    }

    async fn tile(&self, id: TileId, size: u64) -> Result<Result<Vec<Digest>, Bad>, FetchError> {
        let width = id.width(size);
        let bytes = self.partial(|width| id.path(width), width, 256 * 32).await?;
        let wanted = usize::try_from(width).unwrap_or(usize::MAX);
        let hashes = tile_hashes(&bytes).filter(|hashes| hashes.len() >= wanted);
        Ok(hashes
            .map(|mut hashes| {
                hashes.truncate(wanted);
                hashes
            })
            .ok_or_else(|| Bad(format!("{} is no tile of {width} hashes", id.path(width)))))
    }

    /// The entries of a bundle as far as a log of `size` entries has them.
    ///
    /// # Errors
    /// No answer.
    pub async fn bundle(&self, index: u64, size: u64) -> Result<Result<Vec<Vec<u8>>, Bad>, FetchError> {
        let width = (TileId { level: 0, index }).width(size);
        let path = |width| format!("tile/entries/{}", TilePath { index, width });
        let limit = TILE_WIDTH * (MAX_ENTRY_BYTES as u64 + 2);
        let bytes = self.partial(path, width, limit).await?;
        let wanted = usize::try_from(width).unwrap_or(usize::MAX);
        let entries = bundle_entries(&bytes).filter(|entries| entries.len() >= wanted);
        Ok(match entries {
            Some(entries) => Ok(entries.into_iter().take(wanted).map(<[u8]>::to_vec).collect()),
            None => Err(Bad(format!("bundle {index} has not {width} entries"))),
        })
    }

    /// The leaf hashes from `first` up to the checkpoint's size, checked: with what came before they have its root.
    ///
    /// # Errors
    /// No answer.
    pub async fn leaf_hashes(
        &self,
        first: u64,
        before: &Frontier,
        checkpoint: &Checkpoint,
    ) -> Result<Result<Vec<Digest>, Bad>, FetchError> {
        let size = checkpoint.size;
        if size - first > MOST_LEAVES {
            return Ok(Err(Bad(format!("more than {MOST_LEAVES} entries at once"))));
        }
        let mut hashes = Vec::new();
        let mut index = first / TILE_WIDTH;
        while index * TILE_WIDTH < size {
            match self.tile(TileId { level: 0, index }, size).await? {
                Ok(tile) => hashes.extend(tile),
                Err(bad) => return Ok(Err(bad)),
            }
            index += 1;
        }
        hashes.drain(..usize::try_from(first % TILE_WIDTH).unwrap_or(0).min(hashes.len()));
        let mut frontier = before.clone();
        for leaf in &hashes {
            frontier.append(*leaf);
        }
        let fits = frontier.size() == size && frontier.root() == checkpoint.root;
        Ok(if fits { Ok(hashes) } else { Err(Bad("hashes that do not lead to the signed root".to_owned())) })
    }

    /// The hashes that show both roots of a log of `new` entries (see [`prove_prefix`]), from its tiles.
    ///
    /// # Errors
    /// No answer.
    pub async fn prefix(&self, old: u64, new: u64) -> Result<Result<Vec<Digest>, Bad>, FetchError> {
        if old == 0 || old >= new {
            return Ok(Ok(Vec::new()));
        }
        let mut wanted = consistency_tiles(old, new).unwrap_or_default();
        wanted.extend(root_tiles(old));
        let mut tiles = BTreeMap::new();
        for id in wanted {
            if let Entry::Vacant(free) = tiles.entry(id) {
                match self.tile(id, new).await? {
                    Ok(hashes) => drop(free.insert(hashes)),
                    Err(bad) => return Ok(Err(bad)),
                }
            }
        }
        let mut tree = TileTree::new(|id| tiles.get(&id).cloned().ok_or(ProofError::Range));
        let made = prove_prefix(&mut tree, old, new);
        Ok(made.map_err(|error| Bad(error.to_string())))
    }
}

impl std::fmt::Debug for Remote<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Remote({})", self.prefix)
    }
}
