//! The package for the archive: the same for everybody, whole, and checked by the program itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::{Method, Response};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sunvote::core::act::Act;
use sunvote::core::act::matter::{SuggestionEntered, Text};
use sunvote::core::ids::{MatterId, SessionId};
use sunvote::core::model::{Level, Media, Role, Source};
use sunvote::core::statement::Header;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};

use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::told::{ASSEMBLY, at_ballot, serve};

pub const VILLAGERS_ONLY: &str = "只给本村看的意见";

/// A session whose minutes are signed, on a matter with one document that is for the village alone.
pub fn over() -> (Scribe, SessionId, MatterId) {
    let (mut scribe, matter) = at_ballot();
    let text = scribe.document(Level::Village, Media::Text, VILLAGERS_ONLY.as_bytes().to_vec());
    let hand = scribe.hand(Role::SupervisionCommittee);
    scribe.act(&[hand], Header::of(matter), Act::ConcernRaised(Text { text })).expect("a concern");
    scribe.answer_concern(matter, "已答复").expect("an answer");
    let session = scribe.gather(ASSEMBLY, &[matter], 45).expect("a session");
    scribe.hold(&Vote::on(session, matter, "q1").expect("a vote"), &[("for", 45)]).expect("a result");
    scribe.wait_minutes(10).sign_minutes(session).expect("minutes");
    (scribe, session, matter)
}

pub async fn ask(server: &Running, token: Option<&str>, path: &str) -> Response {
    let request = match token {
        Some(token) => server.request_as(token, Method::GET, path),
        None => server.request(Method::GET, path),
    };
    let request = request.header("accept", "text/html").header("accept-encoding", "gzip");
    request.send().await.expect("an answer")
}

pub async fn bytes(answer: Response) -> Vec<u8> {
    assert_eq!(header(&answer, "content-encoding"), "", "it is compressed where that helps");
    assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (200, "application/zip"));
    answer.bytes().await.expect("bytes").to_vec()
}

/// A package unpacked by another program.
pub struct Unpacked(tempfile::TempDir);

impl Unpacked {
    pub fn of(package: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("package.zip");
        std::fs::write(&file, package).expect("written");
        let tested = Command::new("unzip").arg("-t").arg(&file).output().expect("unzip");
        assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stdout));
        let unpacked = Command::new("unzip").arg("-q").arg(&file).arg("-d").arg(folder.path().join("out")).status();
        assert!(unpacked.expect("unzip").success());
        Self(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("out").join(name)
    }

    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect(name)
    }

    /// Every file by its path.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let root = self.path("");
        let mut files = BTreeMap::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&root).expect("below").to_string_lossy().into_owned();
                    files.insert(name, std::fs::read(&path).expect("a file"));
                }
            }
        }
        files
    }

    /// What `sunvote verify` says of it.
    pub fn verified(&self) -> (Option<i32>, Value) {
        let output = Command::new(env!("CARGO_BIN_EXE_sunvote")).args(["verify", "--json"]).arg(self.path("")).output();
        let output = output.expect("it runs");
        (output.status.code(), serde_json::from_slice(&output.stdout).expect("JSON"))
    }

    /// Everything that can be read in its papers.
    pub fn said(&self) -> String {
        let mut said = String::new();
        for (name, bytes) in self.files() {
            if Path::new(&name).extension().is_some_and(|ending| ending == "pdf") {
                let text = Command::new("pdftotext").arg("-raw").arg(self.path(&name)).arg("-").output();
                said.push_str(&String::from_utf8_lossy(&text.expect("poppler-utils").stdout));
            } else {
                said.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
        said.chars().filter(|char| !char.is_whitespace()).collect()
    }
}

#[tokio::test]
async fn a_sessions_package_is_whole_the_same_for_everybody_and_found_lawful() {
    let (scribe, session, _) = over();
    let names: Vec<String> =
        (0..9).map(|n| scribe.someone(scribe.representative(n)).expect("one").name.clone()).collect();
    let server = serve(scribe).await;
    let path = format!("/v/{VILLAGE}/s/{session}/package/file");
    let first = bytes(ask(&server, None, &path).await).await;
    for (reader, query) in [(None, ""), (Some("clerk"), ""), (Some("representative"), "?lang=en")] {
        let again = bytes(ask(&server, reader, &format!("{path}{query}")).await).await;
        assert!(again == first, "{reader:?}{query}: {} and {} bytes", again.len(), first.len());
    }
    let package = Unpacked::of(&first);
    let (code, json) = package.verified();
    let count =
        package.files().keys().filter(|name| name.starts_with("documents/") && !name.ends_with(".salt")).count();
    assert_eq!(
        (code, json["verdict"].as_str(), json["documents"].as_u64()),
        (Some(0), Some("lawful"), Some(count as u64))
    );
    assert!(count > 5, "{count} documents");
    let said = package.said();
    assert!(said.contains("会议记录") && said.contains("硬化村西机耕路"), "{said}");
    assert!(!said.contains(VILLAGERS_ONLY), "not what is for the village alone");
    let shown: Vec<_> = names.iter().filter(|name| said.contains(name.as_str())).collect();
    assert!(shown.len() <= 3, "only tellers are named: {shown:?}");
}

#[tokio::test]
async fn the_manifest_lists_every_file_and_says_in_both_languages_how_to_check() {
    let (scribe, session, _) = over();
    let as_of = scribe.state().last.time.to_string();
    let server = serve(scribe).await;
    let package =
        Unpacked::of(&bytes(ask(&server, None, &format!("/v/{VILLAGE}/s/{session}/package/file")).await).await);
    let manifest: Value = serde_json::from_str(&package.text("manifest.json")).expect("JSON");
    assert_eq!(manifest["as_of"].as_str(), Some(as_of.as_str()));
    let mut files = package.files();
    let [zh, en] = ["README.zh-CN.txt", "README.en.txt"].map(|name| package.text(name));
    assert!(zh.contains("sunvote verify .") && zh.contains("归档包") && en.contains("sunvote verify ."), "{zh}");
    for name in ["manifest.json", "README.zh-CN.txt", "README.en.txt"] {
        files.remove(name).expect(name);
    }
    let listed = manifest["files"].as_array().expect("a list");
    assert_eq!(listed.len(), files.len());
    for line in listed {
        let path = line["path"].as_str().expect("a path");
        let bytes = &files[path];
        let hash = hex::encode(Sha256::digest(bytes));
        assert_eq!((line["bytes"].as_u64(), line["sha256"].as_str()), (Some(bytes.len() as u64), Some(hash.as_str())));
        assert!(zh.contains(&hash) && en.contains(&hash) && zh.contains(line["zh"].as_str().expect("words")), "{path}");
    }
    for name in ["record.sunvote", "receipts/"] {
        assert!(files.keys().any(|path| path.starts_with(name)), "{name}");
    }
    assert!(
        files.keys().any(|path| path.starts_with("minutes-")) && files.keys().any(|path| path.starts_with("notices/"))
    );
    // One bit of one document.
    let document = files.keys().find(|name| name.ends_with(".txt")).expect("a document");
    let mut bytes = files[document].clone();
    bytes[0] ^= 1;
    std::fs::write(package.path(document), bytes).expect("written");
    let (code, json) = package.verified();
    assert_eq!((code, json["wrong_documents"].as_array().map(Vec::len)), (Some(1), Some(1)), "{json}");
    // Without its salt a document can't be told from another.
    let salt = document.replace(".txt", ".salt");
    std::fs::remove_file(package.path(&salt)).expect("removed");
    assert_eq!(package.verified().0, Some(1));
}

#[tokio::test]
async fn those_who_keep_papers_get_names_and_papers_of_the_village_and_others_do_not() {
    let (scribe, session, matter) = over();
    let names: Vec<String> =
        (0..9).map(|n| scribe.someone(scribe.representative(n)).expect("one").name.clone()).collect();
    let server = serve(scribe).await;
    for about in [format!("s/{session}"), format!("m/{matter}")] {
        let path = format!("/v/{VILLAGE}/{about}/package/file?named=true");
        for reader in [None, Some("representative"), Some("chair"), Some("clerk-331102001207")] {
            assert_eq!(ask(&server, reader, &path).await.status(), 403, "{reader:?}");
        }
        for reader in ["clerk", "supervision_committee"] {
            let package = Unpacked::of(&bytes(ask(&server, Some(reader), &path).await).await);
            assert_eq!(package.verified().0, Some(0));
            let said = package.said();
            assert!(names.iter().all(|name| said.contains(name.as_str())) && said.contains("送达登记表"), "{said}");
        }
    }
    let missing = format!("/v/{VILLAGE}/s/{}/package/file", SessionId::from_bytes([9; 16]));
    assert_eq!(ask(&server, None, &missing).await.status(), 404);
}

#[tokio::test]
async fn a_matters_package_has_its_sessions_and_its_documents_for_those_who_may_read_them() {
    let (mut scribe, matter) = at_ballot();
    let draft = scribe.document(Level::Village, Media::Text, VILLAGERS_ONLY.as_bytes().to_vec());
    let act = Act::SuggestionEntered(SuggestionEntered { text: draft, source: Source::Online });
    let hand = Hand::Person(scribe.representative(0), Role::Representative);
    let other = MatterId::from_bytes([3; 16]);
    scribe.act(&[hand], Header::of(other), act).expect("a suggestion");
    let session = scribe.gather(ASSEMBLY, &[matter], 29).expect("a session");
    scribe.fail(session).expect("no quorum");
    let server = serve(scribe).await;
    let of = |matter: MatterId, query: &str| format!("/v/{VILLAGE}/m/{matter}/package/file{query}");
    let package = Unpacked::of(&bytes(ask(&server, None, &of(matter, "")).await).await);
    assert!(package.files().contains_key(&format!("minutes-{session}.pdf")));
    assert!(package.said().contains("流会公告"), "the notice of the session without quorum");
    assert_eq!(package.verified().0, Some(0));
    for (token, query, there) in [(None, "", false), (Some("clerk"), "", false), (Some("clerk"), "?named=true", true)] {
        let package = Unpacked::of(&bytes(ask(&server, token, &of(other, query)).await).await);
        assert_eq!(package.said().contains(VILLAGERS_ONLY), there, "{token:?} {query}");
        assert_eq!(package.verified().0, Some(0));
    }
}

#[tokio::test]
async fn so_many_packages_are_made_at_once_and_a_place_is_free_when_one_ends() {
    let (scribe, session, _) = over();
    for (all, each, status) in [(9, 1, 429), (1, 9, 503)] {
        let few = move |config: &mut sunvote::config::Config| {
            (config.limits.packages, config.limits.packages_per_address) = (all, each);
        };
        let server = TestServer::new().with(few).at(scribe.now()).with_village(scribe.clone()).start().await;
        let path = format!("/v/{VILLAGE}/s/{session}/package/file");
        // Somebody is fetching one from the same address.
        let seat = server.state.packages().take([127, 0, 0, 1].into()).expect("a place");
        let refused = server.get(&path).await;
        assert_eq!((refused.status().as_u16(), header(&refused, "retry-after")), (status, "30"));
        drop(seat);
        assert!(!bytes(server.get(&path).await).await.is_empty());
        while server.state.packages().taken() > 0 {
            tokio::task::yield_now().await;
        }
    }
}
