//! Secrets of commands: randomness, and files that only their owner can read.

use std::io::Write as _;
use std::path::Path;

use crate::cli::Failure;

/// 32 bytes from the operating system.
pub(in crate::cli) fn seed() -> Result<[u8; 32], Failure> {
    let mut seed = [0; 32];
    #[expect(clippy::disallowed_methods, reason = "the seed of all randomness that is handed down")]
    getrandom::fill(&mut seed).map_err(|error| format!("no randomness from the operating system: {error}"))?;
    Ok(seed)
}

/// Writes a new file that only the own user can read.
pub(in crate::cli) fn write_secret(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(file.sync_all()?)
}

/// Writes a file whole or not at all: first beside it, then in its place. One that is there already is never replaced.
pub(in crate::cli) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let at = |error: std::io::Error| format!("{}: {error}", path.display());
    let beside = path.with_added_extension("part");
    std::fs::File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(at)?;
    // A hard link, unlike a rename, fails where something is.
    let put = std::fs::hard_link(&beside, path).map_err(at);
    std::fs::remove_file(&beside).map_err(at)?;
    Ok(put?)
}
