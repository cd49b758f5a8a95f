//! Gives the program a mark of the law that it is built with (`SUNVOTE_LAW`), so that it never takes a state that was kept
//! by a program with another law for its own.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

const LAW: &str = "src/core";

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed={LAW}");
    let mut files = Vec::new();
    collect(Path::new(LAW), &mut files)?;
    files.sort();
    let mut hash = DefaultHasher::new();
    for file in files {
        file.hash(&mut hash);
        fs::read(&file)?.hash(&mut hash);
    }
    println!("cargo:rustc-env=SUNVOTE_LAW={:016x}", hash.finish());
    Ok(())
}
