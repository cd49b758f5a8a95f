//! Where a record comes from: a file, a folder with its documents, or an address.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// File of the record in a folder export.
const RECORD_FILE: &str = "record.sunvote";

/// A record about to be read.
pub(in crate::cli) struct Source {
    /// Its bytes.
    pub input: Box<dyn BufRead + Send>,
    /// How many, where that is known.
    pub bytes: Option<u64>,
    /// The folder of its documents, if there is one.
    pub documents: Option<PathBuf>,
    /// What the origin of its log must end with, where the reader asked for a certain village.
    pub expected: Option<String>,
}

/// Opens what the reader named.
pub(in crate::cli) fn open(named: &str) -> io::Result<Source> {
    if named.starts_with("https://") || named.starts_with("http://") {
        return open_address(named);
    }
    let path = Path::new(named);
    let folder = path.is_dir();
    let file = File::open(if folder { path.join(RECORD_FILE) } else { path.to_owned() })?;
    let bytes = Some(file.metadata()?.len());
    let documents = folder.then(|| path.join("documents")).filter(|documents| documents.is_dir());
    Ok(Source { input: Box::new(BufReader::new(file)), bytes, documents, expected: None })
}

#[cfg(feature = "net")]
fn open_address(named: &str) -> io::Result<Source> {
    let address = crate::cli::verify::fetch::Address::parse(named).map_err(io::Error::other)?;
    let (input, bytes) = address.fetch()?;
    let expected = Some(format!("/log/v/{}", address.village()));
    Ok(Source { input, bytes, documents: None, expected })
}

#[cfg(not(feature = "net"))]
fn open_address(_: &str) -> io::Result<Source> {
    Err(io::Error::other("this program was built without downloading; save the record and name the file"))
}
