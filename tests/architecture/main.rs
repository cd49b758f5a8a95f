//! Rules of the code base that no compiler checks: which layer may use which, the size of files, reasons beside allowances,
//! migrations that are only added, links that resolve. Each checker is also shown a text it must reject.

mod attacks;
mod layers;
mod links;
mod migrations;
mod protocol;
mod source;

use std::path::{Path, PathBuf};

/// A text file of the project: its path from the root with `/`, and its content.
struct SourceFile {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files under `folders` of the root whose name ends in one of `endings`, in order; build and package folders left out.
fn files(folders: &[&str], endings: &[&str]) -> Vec<SourceFile> {
    let mut found = Vec::new();
    for folder in folders {
        let at = root().join(folder);
        if at.exists() {
            collect(&at, endings, &mut found);
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(at: &Path, endings: &[&str], found: &mut Vec<SourceFile>) {
    let name = at.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    if at.is_dir() {
        if !["node_modules", "dist", "verifier", "target"].contains(&name) {
            for entry in std::fs::read_dir(at).expect("a folder of the project can be listed") {
                collect(&entry.expect("a folder entry can be read").path(), endings, found);
            }
        }
    } else if endings.iter().any(|ending| name.ends_with(ending)) && at.is_file() {
        let path = at.strip_prefix(root()).expect("the file lies under the root").to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(at).expect("source files are UTF-8");
        found.push(SourceFile { path, text });
    }
}

/// Fails with one line per finding.
fn assert_none(findings: &[String]) {
    assert!(findings.is_empty(), "{} finding(s):\n{}", findings.len(), findings.join("\n"));
}
