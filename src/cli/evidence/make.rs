//! `sunvote evidence make`: what a reader holds, a receipt or an earlier checkpoint, against the record as it is served now.

use std::io::BufRead;
use std::path::PathBuf;

use clap::Args;

use crate::cli::output::read;
use crate::cli::verify::source;
use crate::core::ids::Digest;
use crate::log::checkpoint::Checkpoint;
use crate::log::entry::leaf_hash;
use crate::log::evidence::Evidence;
use crate::log::note::{MAX_NOTE_BYTES, Note};
use crate::log::proof::{MAX_PROOF_BYTES, ProofFile};
use crate::log::record::{RecordError, RecordReader};
use crate::log::tree::{prove_prefix, root};

/// Make an evidence file from what you hold and the record as it is served now.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sunvote evidence make my-receipt.tlog-proof record.sunvote --out fraud.txt
  sunvote evidence make old-checkpoint.txt https://vote.liandu.example/v/331102001206 --out fraud.txt

Exit code:
  0  the two contradict each other, and the file is written; judge it with `sunvote evidence check`
  1  they don't
  2  something can't be read")]
pub(super) struct Make {
    /// Your receipt, or a checkpoint that you kept.
    held: PathBuf,
    /// The record's file, a folder with record.sunvote, or the address of the village's page.
    #[arg(value_name = "FILE|FOLDER|ADDRESS")]
    record: String,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// A record's leaves and its checkpoint.
struct Served {
    leaves: Vec<Digest>,
    note: Note,
}

impl Make {
    /// What there is to say, and whether a file was written.
    pub(super) fn run(&self) -> Result<(bool, String), String> {
        let held = self.held()?;
        let before = Checkpoint::parse(&held.text).map_err(|error| format!("{}: {error}", self.held.display()))?;
        let served = served(source::open(&self.record).map_err(|error| format!("{}: {error}", self.record))?.input)
            .map_err(|error| format!("{}: {error}", self.record))?;
        let now = Checkpoint::parse(&served.note.text).map_err(|error| format!("{}: {error}", self.record))?;
        if now.size != served.leaves.len() as u64 || now.root != root(&served.leaves) {
            return Err("the record's entries are not what its own checkpoint says: see `sunvote verify`".into());
        }
        if before.origin != now.origin {
            return Err(format!("what you hold is of {}, the record of {}", before.origin, now.origin));
        }
        let Some(first) = usize::try_from(before.size).ok().and_then(|size| served.leaves.get(..size)) else {
            let (old, new) = (before.size, now.size);
            return Ok((
                false,
                format!(
                    "The record has {new} entries; what you hold was signed over {old}. A record that was cut short \
                     proves nothing by itself: ask for the whole record, and keep what you hold.\n"
                ),
            ));
        };
        if root(first) == before.root {
            return Ok((false, "The record extends what you hold, as it should: there is nothing to prove.\n".into()));
        }
        let hashes = prove_prefix(&mut served.leaves.as_slice(), before.size, now.size).map_err(|e| e.to_string())?;
        let evidence = Evidence::new(held, served.note, hashes).map_err(|error| error.to_string())?;
        std::fs::write(&self.out, evidence.to_string()).map_err(|error| format!("{}: {error}", self.out.display()))?;
        let (file, origin) = (self.out.display(), evidence.origin());
        Ok((true, format!("Written to {file}. Judge it: sunvote evidence check {file} --key <the key of {origin}>\n")))
    }

    /// The checkpoint that the reader holds: of a receipt, or by itself.
    fn held(&self) -> Result<Note, String> {
        let name = self.held.display();
        let bytes =
            read(&self.held, MAX_PROOF_BYTES.max(MAX_NOTE_BYTES)).map_err(|error| format!("{name}: {error}"))?;
        if let Ok(proof) = ProofFile::parse(&bytes) {
            return Ok(proof.checkpoint);
        }
        Note::parse(&bytes).map_err(|error| format!("{name}: neither a receipt nor a checkpoint: {error}"))
    }
}

fn served(input: Box<dyn BufRead + Send>) -> Result<Served, RecordError> {
    let mut reader = RecordReader::new(input)?;
    let (mut leaves, mut line) = (Vec::new(), Vec::new());
    while reader.entry(&mut line)?.is_some() {
        leaves.push(leaf_hash(&line));
        line.clear();
    }
    let end = Note::parse(&reader.checkpoint()?);
    let note = end.map_err(|error| RecordError::Io(std::io::Error::other(error.to_string())))?;
    Ok(Served { leaves, note })
}
