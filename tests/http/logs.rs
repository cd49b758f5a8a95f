//! The logs as everyone's software reads them: what is served adds up to the checkpoint, and is kept as long as it may be.

use reqwest::StatusCode;
use sunvote::app::publish::key_leaf;
use sunvote::core::ids::Digest;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::note::{Algorithm, Note, VerifierKey};
use sunvote::log::scribe::Scribe;
use sunvote::log::tile::{bundle_entries, tile_hashes};
use sunvote::log::tree::{self, leaf_hash};

use crate::harness::{Running, TestServer, header};
use crate::reading;

async fn serving() -> (Running, Scribe) {
    let (mut scribe, _) = reading::scribe();
    while scribe.state().size() < 300 {
        scribe.suggest("建议修缮公共晒场").expect("a suggestion");
    }
    let server = TestServer::new().at(scribe.now()).with_village(scribe.clone()).start().await;
    let log = VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &scribe.state().log_key).expect("a key");
    server.app.list_keys(vec![key_leaf(&log, scribe.roots()).expect("two roots")]).await.expect("listed");
    server.app.publish_due().await.expect("published");
    (server, scribe)
}

async fn bytes(server: &Running, path: &str) -> Vec<u8> {
    let answer = server.get(path).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    assert_eq!(header(&answer, "content-type"), "application/octet-stream");
    assert_eq!(header(&answer, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&answer, "access-control-allow-origin"), "*");
    answer.bytes().await.expect("a body").to_vec()
}

/// Everything below a log's prefix adds up to its checkpoint.
async fn adds_up(server: &Running, prefix: &str) -> Checkpoint {
    let answer = server.get(&format!("{prefix}/checkpoint")).await;
    assert_eq!(header(&answer, "cache-control"), "public, max-age=1");
    assert_eq!(header(&answer, "access-control-allow-origin"), "*");
    assert!(!header(&answer, "vary").contains("cookie"), "the same for every reader");
    let note = Note::parse(&answer.bytes().await.expect("a body")).expect("a note");
    let checkpoint = Checkpoint::parse(&note.text).expect("a checkpoint");
    let mut leaves: Vec<Digest> = Vec::new();
    for tile in 0..checkpoint.size.div_ceil(256) {
        let width = (checkpoint.size - tile * 256).min(256);
        let part = if width < 256 { format!(".p/{width}") } else { String::new() };
        let hashes = tile_hashes(&bytes(server, &format!("{prefix}/tile/0/{tile:03}{part}")).await).expect("hashes");
        let bundle = bytes(server, &format!("{prefix}/tile/entries/{tile:03}{part}")).await;
        let entries: Vec<Digest> = bundle_entries(&bundle).expect("a bundle").iter().map(|e| leaf_hash(e)).collect();
        assert_eq!(hashes, entries);
        if width == 256 {
            let above = bytes(server, &format!("{prefix}/tile/1/000.p/{}", tile + 1)).await;
            assert_eq!(above[above.len() - 32..], tree::root(&hashes).0);
        }
        leaves.extend(hashes);
    }
    assert_eq!(tree::root(&leaves), checkpoint.root);
    checkpoint
}

#[tokio::test]
async fn tiles_and_bundles_add_up_to_the_checkpoints() {
    let (server, scribe) = serving().await;
    let village = format!("/log/v/{}", scribe.state().village);
    let checkpoint = adds_up(&server, &village).await;
    assert_eq!((checkpoint.size, checkpoint.origin.as_str()), (300, scribe.state().origin.as_str()));
    let district = adds_up(&server, "/log/d/331102").await;
    assert_eq!(district.size, 2, "the village's key and checkpoint");
}

#[tokio::test]
async fn what_is_not_published_is_not_there() {
    let (server, scribe) = serving().await;
    let (village, beyond) = (format!("/log/v/{}", scribe.state().village), 300 - 256 + 1);
    for path in [
        format!("{village}/tile/0/000.p/0"),
        format!("{village}/tile/0/0"),
        format!("{village}/tile/0/001.p/{beyond}"),
        format!("{village}/tile/entries/001.p/{beyond}"),
        format!("{village}/tile/0/001"),
        format!("{village}/tile/2/000.p/1"),
        format!("{village}/tile/64/000"),
        format!("{village}/tile/x"),
        "/log/v/331102001999/checkpoint".to_owned(),
        "/log/d/331103/checkpoint".to_owned(),
        "/log/d/331103/tile/0/000.p/1".to_owned(),
    ] {
        assert_eq!(server.get(&path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    // What is partial stays there after it has grown.
    assert_eq!(bytes(&server, &format!("{village}/tile/0/000.p/7")).await.len(), 7 * 32);
}

#[tokio::test]
async fn cosignatures_of_strangers_are_not_kept() {
    let (server, scribe) = serving().await;
    let path = format!("/log/v/{}/cosignatures", scribe.state().village);
    for body in ["", "nonsense", &scribe.checkpoint().to_string()] {
        let answer =
            server.request(reqwest::Method::POST, &path).body(body.to_owned()).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}
