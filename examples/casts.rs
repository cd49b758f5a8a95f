//! Casts prepared ballots all at once and says of each, on a line of its own, that it was acknowledged: to be killed while
//! it does (tests/app/kill.rs). Arguments: folder of the store, file of ballots, time, village.

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use sunvote::app::submit::{BallotOpening, Submitted};
use sunvote::app::{App, Parts};
use sunvote::core::clock::{Clock, Time};
use sunvote::core::ids::VillageCode;
use sunvote::log::dsse::Envelope;
use sunvote::store::db::{Db, Options};
use sunvote::store::objects::Objects;
use sunvote::store::vault::Vault;
use zeroize::Zeroizing;

struct Standing(Time);

impl Clock for Standing {
    fn now(&self) -> Time {
        self.0
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("four arguments");
    let (folder, list) = (PathBuf::from(next()?), next()?);
    let (now, village): (Time, VillageCode) = (next()?.parse()?, next()?.parse()?);
    let db = Db::open(&format!("sqlite:{}", folder.join("test.sqlite").display()), Options::default()).await?;
    let app = App::start(Parts {
        db,
        vault: Vault::new(&Zeroizing::new([1; 32])),
        objects: Objects::folder(&folder.join("documents"))?,
        clock: Arc::new(Standing(now)),
        seed: [3; 32],
    });
    let mut tasks = Vec::new();
    for line in std::fs::read_to_string(list)?.lines() {
        let mut parts = line.split('\t');
        let mut part = || parts.next().ok_or("three parts");
        let envelope = Envelope::from_json(part()?.as_bytes())?;
        let opening = BallotOpening { nonce: part()?.parse()?, choice: part()?.parse()? };
        let app = app.clone();
        tasks.push(tokio::spawn(async move {
            if let Ok(Submitted::Recorded(accepted)) = app.submit(village, envelope, Some(opening)).await {
                let mut out = std::io::stdout().lock();
                // Whoever listens may have killed this process already.
                let _ = writeln!(out, "{} {}", accepted.at.seq, accepted.at.leaf).and_then(|()| out.flush());
            }
        }));
    }
    // Publishes all the while, far more often than a server: a kill meets every step of it.
    let publishing = tokio::spawn({
        let app = app.clone();
        async move { while app.publish_due().await.is_ok() {} }
    });
    for task in tasks {
        task.await?;
    }
    publishing.abort();
    app.stop().await;
    Ok(())
}
