//! `sunvote export --documents`, and `sunvote verify` of what it wrote.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::sunvote;

/// A demo that is being made or served; ended when dropped.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        // A test that failed must not leave a server behind.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Makes the demo's first village in `data`; the address under which it was made.
fn made_in(data: &Path) -> String {
    let mut command = sunvote();
    command.args(["demo", "--listen", "127.0.0.1:0", "--villages", "1", "--data"]).arg(data);
    let mut demo = Demo(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs"));
    let lines = BufReader::new(demo.0.stdout.take().expect("piped")).lines();
    let said = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("Sunvote demo: ").map(str::to_owned));
    said.expect("it says where").split(' ').next().expect("an address").to_owned()
}

#[test]
fn a_record_with_its_documents_is_exported_and_found_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    let origin = made_in(&data);
    let config = folder.path().join("config.toml");
    let text = format!("public_origin = \"{origin}\"\nlisten = \"127.0.0.1:0\"\ndata_dir = \"{}\"\n", data.display());
    std::fs::write(&config, text).expect("written");
    let mut export = sunvote();
    export.args(["export", "331102206201", "--documents", "--config"]).arg(&config).arg("--output").arg(&out);
    let output = export.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let verified = || {
        let output = sunvote().args(["verify", "--json"]).arg(&out).output().expect("it runs");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        (output.status.code(), json)
    };
    let (code, json) = verified();
    let count = std::fs::read_dir(out.join("documents")).expect("a folder").count() as u64;
    assert_eq!((code, json["verdict"].as_str(), json["documents"].as_u64()), (Some(0), Some("lawful"), Some(count)));
    assert!(count > 20, "{count} papers");
    assert_eq!(json["absent_documents"].as_u64(), Some(0));
    // One bit of one paper.
    let paper =
        std::fs::read_dir(out.join("documents")).expect("a folder").next().expect("a paper").expect("read").path();
    let mut bytes = std::fs::read(&paper).expect("read");
    *bytes.last_mut().expect("not empty") ^= 1;
    std::fs::write(&paper, bytes).expect("written");
    let (code, json) = verified();
    assert_eq!((code, json["verdict"].as_str()), (Some(1), Some("altered")), "{json}");
}
