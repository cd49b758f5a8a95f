//! Printing answers.

use std::io::{self, Write as _};

/// Writes the answer. A reader that heard enough (`| head`) may close the pipe: that is no error.
pub(in crate::cli) fn say(answer: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(answer.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
