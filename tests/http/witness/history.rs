//! A server that asks its witnesses whether its history is theirs, and witnesses that are away, forgetful, or busy meanwhile.

use axum::Router;
use axum::routing::get;
use reqwest::Method;
use sqlx::Connection as _;
use sunvote::app::App;
use sunvote::app::error::AppError;
use sunvote::app::fetch::Client;
use sunvote::app::publish::history::Fault;
use sunvote::app::publish::key_leaf;
use sunvote::core::clock::DAY_MS;
use sunvote::core::ids::{Digest, DistrictCode};
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::note::{Algorithm, Note, VerifierKey};
use sunvote::log::policy::Policy;
use sunvote::store::district::{Cosignature, LogOf};
use sunvote::store::error::StoreError;

use super::forger::{DISTRICT, Forger, founded, roots};
use super::rig::keys;
use crate::harness::{Running, TestServer, VILLAGE};

fn code() -> DistrictCode {
    "331102".parse().unwrap()
}

fn leaf_of(village: &str) -> Vec<u8> {
    let scribe = founded(village);
    let log = VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &scribe.state().log_key).unwrap();
    key_leaf(&log, &roots()).unwrap()
}

/// A server whose district's log has begun, and that asks one witness at this address.
async fn asking(base: &str) -> Running {
    let scribe = founded("331102001206");
    let server = TestServer::new().at(scribe.now()).with_village(scribe).start().await;
    server.app.list_keys(vec![leaf_of("331102001206")]).await.unwrap();
    let policy = format!("witness w {} {base}/witness\nquorum w\n", keys().consistency());
    let policy = Policy::parse(policy.as_bytes()).unwrap();
    server.app.name_witnesses(policy, Client::new(std::time::Duration::from_secs(10)));
    server
}

async fn restored(app: &App) {
    let marked = app.db().write("restored", |tx| Box::pin(tx.mark_restored(code(), true))).await;
    marked.map_err(|error: StoreError| error).unwrap();
}

async fn is_restored(app: &App) -> bool {
    let head = app.db().read("district", |tx| Box::pin(tx.district(code()))).await;
    head.map_err(|error: StoreError| error).unwrap().unwrap().restored
}

#[tokio::test]
async fn a_restored_server_asks_again_until_its_witness_is_back() {
    let witness = Forger::start().await;
    let server = asking(&witness.base).await;
    restored(&server.app).await;
    witness.fall_silent();
    let doubt = server.app.confirm_history().await.unwrap().expect("nobody has confirmed");
    assert_eq!(doubt.fault, Fault::Unconfirmed);
    server.app.confirm_again().await.unwrap();
    assert!(server.app.history().is_in_doubt(), "still nobody");
    witness.speak();
    server.app.confirm_again().await.unwrap();
    assert_eq!(server.app.history().doubt(), None);
    assert!(!is_restored(&server.app).await);
}

/// By the restored database itself it cosigned this log: that it knows nothing of it now confirms nothing.
#[tokio::test]
async fn a_witness_that_has_forgotten_the_log_confirms_no_backup() {
    let witness = Forger::start().await;
    let server = asking(&witness.base).await;
    let row = Cosignature {
        origin: DISTRICT.to_owned(),
        size: 1,
        key: keys().consistency().to_string(),
        time: server.app.now(),
        line: "as it was".to_owned(),
    };
    let row = &row;
    let kept = server.app.db().write("cosigned", |tx| Box::pin(tx.put_cosignatures(std::slice::from_ref(row)))).await;
    kept.map_err(|error: StoreError| error).unwrap();
    assert_eq!(server.app.confirm_history().await.unwrap(), None, "it speaks against nothing");
    restored(&server.app).await;
    let doubt = server.app.confirm_history().await.unwrap().expect("nobody has confirmed");
    assert_eq!(doubt.fault, Fault::Unconfirmed);
}

/// A witness that answers as if it held another history makes the server ask all of them, again and again if it likes; what
/// is published and cosigned just then must not look like a history that this server lacks.
#[tokio::test]
async fn what_is_cosigned_while_witnesses_are_asked_is_no_other_history() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = asking(&format!("http://{}", listener.local_addr().unwrap())).await;
    let app = server.app.clone();
    let answer = move || {
        let app = app.clone();
        async move {
            app.list_keys(vec![leaf_of("331102001207")]).await.unwrap();
            app.db()
                .read("newest", |tx| Box::pin(tx.newest_district_checkpoint(code())))
                .await
                .map_err(|error: StoreError| error)
                .unwrap()
                .unwrap()
                .note
        }
    };
    let router = Router::new().route("/witness/{origin}/checkpoint", get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    assert_eq!(server.app.confirm_history().await.unwrap(), None);
}

/// Commands over the data ask nobody: after a restore they sign nothing before a server has asked.
#[tokio::test]
async fn nothing_signs_over_a_restored_database_before_witnesses_were_asked() {
    let scribe = founded("331102001206");
    let server = TestServer::new().at(scribe.now()).with_village(scribe).start().await;
    let app = &server.app;
    app.list_keys(vec![leaf_of("331102001206")]).await.unwrap();
    app.doubt_restored().await.unwrap();
    assert_eq!(app.history().doubt(), None);
    restored(app).await;
    app.doubt_restored().await.unwrap();
    assert!(matches!(app.list_keys(vec![leaf_of("331102001207")]).await, Err(AppError::InDoubt(_))));
    assert!(matches!(app.add_release(code(), b"any".to_vec()).await, Err(AppError::InDoubt(_))));
    let before = app.served_checkpoint(LogOf::District(code())).await.unwrap();
    app.publish_due().await.unwrap();
    assert_eq!(app.served_checkpoint(LogOf::District(code())).await.unwrap(), before);
    // Where no witness is named nobody could know better: the server goes on from it.
    assert_eq!(app.confirm_history().await.unwrap(), None);
    assert!(!is_restored(app).await);
    assert_eq!(app.list_keys(vec![leaf_of("331102001207")]).await.unwrap(), 1);
}

/// The record's page says when a witness confirmed last. Whoever posts its old cosignature again makes that no later.
#[tokio::test]
async fn an_old_cosignature_that_comes_again_is_no_news() {
    let scribe = founded("331102001206");
    let (village, size, note) = (scribe.state().village, scribe.state().size(), scribe.checkpoint());
    let now = scribe.now().plus_ms(30 * 86_400_000);
    let server = TestServer::new().at(now).with_village(scribe.clone()).start().await;
    let bytes = note.to_string().into_bytes();
    let bytes = &bytes;
    let signed = server.app.db().write("checkpoint", |tx| Box::pin(tx.put_checkpoint(village, size, bytes))).await;
    signed.map_err(|error: StoreError| error).unwrap();
    server.app.list_keys(vec![leaf_of("331102001206")]).await.unwrap();
    server.app.publish_due().await.unwrap();
    server.app.name_lawful(Policy::parse(format!("witness l {}\nquorum l\n", keys().lawful()).as_bytes()).unwrap());
    let days = |days: i64| scribe.now().plus_ms(days * 86_400_000);
    let confirmed = async |day: i64| {
        let line = keys().cosign_lawful(&note.text, days(day).ms().unsigned_abs() / 1_000);
        let cosigned = Note { text: note.text.clone(), signatures: vec![note.signatures[0].clone(), line] };
        server.app.take_cosigned(village, cosigned.to_string().as_bytes()).await.unwrap();
        server.app.standings(village).await.unwrap()[0].at
    };
    assert_eq!(confirmed(2).await, Some(days(2)), "as it was signed, whenever it comes");
    assert_eq!(confirmed(9).await, Some(days(9)));
    assert_eq!(confirmed(2).await, Some(days(9)));
    // Nor is one of another history of that size kept, whoever signed it.
    let other = Checkpoint::new(&scribe.state().origin, size, Digest([1; 32])).sign(scribe.log_key());
    let line = keys().cosign_lawful(&other.text, days(12).ms().unsigned_abs() / 1_000);
    let other = Note { signatures: vec![other.signatures[0].clone(), line], ..other };
    assert!(server.app.take_cosigned(village, other.to_string().as_bytes()).await.is_err());
}

/// What somebody's desk says above all warnings.
async fn desk(server: &Running, role: &str) -> String {
    let answer = server.request_as(&format!("{role}-331102"), Method::GET, "/desk").send().await.unwrap();
    assert_eq!(answer.status(), 200, "{role}");
    answer.text().await.unwrap()
}

const SILENT: &str = "见证方w没有回应";

#[tokio::test]
async fn a_witness_that_lacks_what_was_published_a_day_ago_stands_on_the_inspectors_desk() {
    let witness = Forger::start().await;
    let server = asking(&witness.base).await;
    let published = server.app.now();
    server.clock.set(published.plus_ms(DAY_MS - 1));
    assert!(!desk(&server, "discipline_inspector").await.contains(SILENT));
    server.clock.set(published.plus_ms(DAY_MS));
    for role in ["discipline_inspector", "district_admin"] {
        let desk = desk(&server, role).await;
        assert!(desk.contains(SILENT) && desk.contains("一次也没有见证过"), "{desk}");
        assert!(desk.contains(&format!("href=\"{}/witness\"", witness.base)), "{desk}");
    }
    assert!(!desk(&server, "township_approver").await.contains(SILENT), "it is the district's");
    let cosigned = |size: u64| Cosignature {
        origin: DISTRICT.to_owned(),
        size,
        key: keys().consistency().to_string(),
        time: published,
        line: "as it was".to_owned(),
    };
    let row = &cosigned(1);
    let kept = server.app.db().write("cosigned", |tx| Box::pin(tx.put_cosignatures(std::slice::from_ref(row)))).await;
    kept.map_err(|error: StoreError| error).unwrap();
    assert!(!desk(&server, "discipline_inspector").await.contains(SILENT), "nothing was published since");
    server.app.list_keys(vec![leaf_of("331102001207")]).await.unwrap();
    assert!(!desk(&server, "discipline_inspector").await.contains(SILENT), "it has a day for what is new");
    server.clock.set(published.plus_ms(2 * DAY_MS));
    let desk = desk(&server, "discipline_inspector").await;
    assert!(desk.contains(SILENT) && desk.contains("上一次见证是"), "{desk}");
}

#[tokio::test]
async fn doubt_about_the_history_stands_on_the_inspectors_desk() {
    let witness = Forger::start().await;
    let server = asking(&witness.base).await;
    let doubted = "本服务器的记录前后可能对不上";
    assert!(!desk(&server, "discipline_inspector").await.contains(doubted));
    restored(&server.app).await;
    witness.fall_silent();
    server.app.confirm_history().await.unwrap().expect("nobody has confirmed");
    let told = desk(&server, "discipline_inspector").await;
    assert!(told.contains(doubted) && told.contains("确认它是最新一份的见证方还不够"), "{told}");
    assert!(!desk(&server, "township_approver").await.contains(doubted));
    let elsewhere = server.request_as("discipline_inspector-330106", Method::GET, "/desk").send().await.unwrap();
    assert!(!elsewhere.text().await.unwrap().contains(doubted), "another district's inspector");
}

#[tokio::test]
async fn a_record_that_a_check_found_altered_stands_on_the_inspectors_desk() {
    let scribe = crate::told::village();
    let server = TestServer::new().at(scribe.now()).with_village(scribe).start().await;
    let altered = "的记录被改动过";
    assert_eq!(server.get(&format!("/v/{VILLAGE}")).await.status(), 200);
    assert!(!desk(&server, "discipline_inspector").await.contains(altered), "nobody has checked it");
    // Behind the server's back: an entry in another's place.
    let url = format!("sqlite:{}", server.folder.path().join("test.sqlite").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let sql = "UPDATE entries SET bytes = (SELECT o.bytes FROM entries o WHERE o.village = entries.village AND o.seq = 4) \
               WHERE seq = 5";
    assert_eq!(sqlx::query(sql).execute(&mut connection).await.unwrap().rows_affected(), 1);
    assert_eq!(server.get(&format!("/check?village={VILLAGE}")).await.status(), 200);
    let told = desk(&server, "discipline_inspector").await;
    assert!(told.contains(altered) && told.contains(&format!("href=\"/check?village={VILLAGE}\"")), "{told}");
}
