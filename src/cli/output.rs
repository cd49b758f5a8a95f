//! Reading what is to be judged, and printing answers.

use std::io::{self, Read as _, Write as _};
use std::path::Path;

/// Writes the answer. A reader that heard enough (`| head`) may close the pipe: that is no error.
pub(in crate::cli) fn say(answer: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(answer.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// A file's bytes, or more than `most` of them if it is longer.
pub(in crate::cli) fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
