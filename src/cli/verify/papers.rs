//! The documents of a folder export, held against the record.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use crate::core::commit;
use crate::core::ids::Digest;
use crate::core::statement::Statement;
use crate::log::verify::Judge;
use crate::log::verify::papers::Papers;

/// Bytes of the salt in front of a document in a folder export.
const SALT_BYTES: usize = 32;
/// Ending of a file that holds the salt of the document beside it.
const SALT_ENDING: &str = ".salt";

/// What was found of a folder's documents.
#[derive(Debug, Default)]
pub(in crate::cli) struct Checked {
    /// Files looked at.
    pub count: u64,
    /// Files that are not what the record names, with the reason.
    pub wrong: Vec<(String, &'static str)>,
    /// Public documents that the record names and the folder lacks.
    pub absent: u64,
}

/// Each file is named by its commitment; the record must name it, with this size. It holds salt and bytes; or it has an ending and
/// holds the bytes alone, and the salt lies beside it in a file that ends with `.salt`, as in a package for the archive.
pub(in crate::cli) fn check<J: Judge<Act = Statement>>(folder: &Path, papers: &Papers<J>) -> io::Result<Checked> {
    let (mut checked, mut here) = (Checked::default(), BTreeSet::new());
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(SALT_ENDING) {
            continue;
        }
        let bytes = salted(folder, &name, std::fs::read(entry.path())?)?;
        checked.count += 1;
        match fault(&name, &bytes, papers) {
            Ok(commitment) => {
                here.insert(commitment);
            }
            Err(reason) => checked.wrong.push((name, reason)),
        }
    }
    checked.wrong.sort();
    checked.absent = papers.public().filter(|name| !here.contains(name)).count() as u64;
    Ok(checked)
}

/// A document's bytes with the salt in front, which lies in a file beside those that have an ending.
fn salted(folder: &Path, name: &str, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let Some((stem, _)) = name.split_once('.') else { return Ok(bytes) };
    match std::fs::read(folder.join(format!("{stem}{SALT_ENDING}"))) {
        Ok(salt) => Ok([salt, bytes].concat()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn fault<J: Judge<Act = Statement>>(name: &str, bytes: &[u8], papers: &Papers<J>) -> Result<Digest, &'static str> {
    let named: Option<Digest> = name.split('.').next().and_then(|stem| stem.parse().ok());
    let (salt, content) = bytes.split_first_chunk::<SALT_BYTES>().ok_or("not a document with its salt")?;
    let commitment = commit::document(salt, content);
    if named != Some(commitment) {
        return Err("not what its name commits to");
    }
    let doc = papers.named(&commitment).ok_or("the record does not name it")?;
    if doc.size == content.len() as u64 { Ok(commitment) } else { Err("of another size than the record says") }
}
