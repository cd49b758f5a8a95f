//! Gives the program a mark of the law that it is built with (`SUNVOTE_LAW`), so that it never takes a state that was kept
//! by a program with another law for its own.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The law, and how statements and entries are read.
const LAW: [&str; 2] = ["src/core", "src/log"];

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
    // A new file among them is seen by no other way.
    println!("cargo:rerun-if-changed=migrations");
    let mut files = Vec::new();
    for folder in LAW {
        println!("cargo:rerun-if-changed={folder}");
        collect(Path::new(folder), &mut files)?;
    }
    files.sort();
    let mut hash = DefaultHasher::new();
    for file in files {
        file.hash(&mut hash);
        fs::read(&file)?.hash(&mut hash);
    }
    println!("cargo:rustc-env=SUNVOTE_LAW={:016x}", hash.finish());
    Ok(())
}
