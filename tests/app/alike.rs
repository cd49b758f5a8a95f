//! Pictures that stand in two matters: found among many others, in whatever order records are projected, and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use sunvote::app::App;
use sunvote::app::projection::rebuild;
use sunvote::core::act::matter::{EnlargedMeeting, Visits};
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::{MatterId, VillageCode};
use sunvote::core::model::{Category, Level, Media, Role};
use sunvote::core::statement::Header;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::{Founding, Scribe};
use sunvote::store::warnings::WarningRow;

use crate::bed::{derived, open};
use crate::sheets::{jpeg, sent_on, sheet};
use crate::village::load;

/// Matters of a village.
const MATTERS: u32 = 6;
/// Tables that pictures are kept in.
const TABLES: [&str; 3] = ["pictures", "pictures_again", "warnings"];

fn founded(code: &str, seed: u64) -> Scribe {
    let begins = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let code: VillageCode = code.parse().expect("a code");
    let mut scribe = Scribe::found(Founding::invented(code, "vote.example", begins, seed)).expect("founded");
    scribe.settle(&sunvote::log::scribe::people::Term::default()).expect("settled");
    scribe
}

/// A meeting whose minutes are a photographed sheet.
fn meet(scribe: &mut Scribe, matter: MatterId, photo: Vec<u8>) {
    let minutes = scribe.document(Level::Village, Media::Jpeg, photo);
    let act = EnlargedMeeting { attendees: vec![scribe.clerk()], nonvoting: 0, opinions: None, minutes };
    let header = Header::of(matter).held(scribe.now().date()).on(scribe.paper(matter, Kind::MatterProposed));
    scribe.act(&[scribe.hand(Role::Clerk)], header, Act::EnlargedMeetingRecorded(act)).expect("a meeting");
}

/// Household visits, each opinion a photographed sheet.
fn visit(scribe: &mut Scribe, matter: MatterId, photos: Vec<Vec<u8>>) {
    let opinions = photos.into_iter().map(|photo| scribe.document(Level::Public, Media::Jpeg, photo)).collect();
    let header = Header::of(matter).held(scribe.now().date()).on(scribe.paper(matter, Kind::MatterProposed));
    let act = Act::VisitsRecorded(Visits { households: 12, opinions });
    scribe.act(&[scribe.hand(Role::GridWorker)], header, act).expect("visits");
}

/// A matter with a sheet of a meeting and two of visits, each another one's than all others'.
fn matter(scribe: &mut Scribe, photos: [Vec<u8>; 3]) -> MatterId {
    let matter = scribe.wait_days(1).bring_to_proposal(&Draft::of(Category::M02)).expect("a proposal");
    let [sheet, one, other] = photos;
    meet(scribe.wait_days(1), matter, sheet);
    visit(scribe.wait_days(1), matter, vec![one, other]);
    matter
}

/// Villages with many different sheets, and some that stand twice.
struct Planted {
    villages: Vec<Scribe>,
    /// Matters that have a picture of another one.
    again: BTreeSet<(VillageCode, MatterId)>,
    matters: usize,
}

impl Planted {
    fn new() -> Self {
        let codes = ["331102001206", "331102001207", "331102002201", "330106001200"];
        let mut villages: Vec<Scribe> = codes.iter().zip(1..).map(|(code, seed)| founded(code, seed)).collect();
        let mut matters: BTreeMap<(usize, u32), MatterId> = BTreeMap::new();
        for (at, scribe) in (0_u32..).zip(&mut villages) {
            for nth in 0..MATTERS {
                let number = 1 + (at * MATTERS + nth) * 3;
                let fresh = |nth: u32| jpeg(&sheet(number + nth), 85);
                let photos = match (at, nth) {
                    // Planted: of another village, sent on; of the same village, byte for byte; of another township, sent on.
                    (1, 2) => [sent_on(1), fresh(1), fresh(2)],
                    (1, 5) => [fresh(0), fresh(1), jpeg(&sheet(1 + (MATTERS + 3) * 3), 85)],
                    (2, 4) => [fresh(0), sent_on(1 + 4 * 3 + 1), fresh(2)],
                    // No sign of anything: twice in one matter, blank paper in many, in another district.
                    (0, 5) => [fresh(0), fresh(1), sent_on(number + 1)],
                    (2, _) => [fresh(0), fresh(1), jpeg(&sheet(0).brighten(250), 85)],
                    (3, 1) => [sent_on(4), fresh(1), fresh(2)],
                    _ => [fresh(0), fresh(1), fresh(2)],
                };
                matters.insert((at as usize, nth), matter(scribe, photos));
            }
        }
        let again = [(0, 0), (1, 2), (1, 3), (1, 5), (0, 4), (2, 4)];
        let of = |key: (usize, u32)| (villages[key.0].state().village, matters[&key]);
        let again = again.into_iter().map(of).collect();
        Self { again, matters: matters.len(), villages }
    }

    /// Loads the villages in an order, each of which is projected then.
    async fn loaded(&self, folder: &std::path::Path, order: &[usize]) -> App {
        let app = open(folder, self.villages[0].now()).await;
        for at in order {
            load(&app, &self.villages[*at]).await;
        }
        app
    }
}

async fn tables(app: &App) -> BTreeMap<&'static str, Vec<String>> {
    derived(app).await.into_iter().filter(|(table, _)| TABLES.contains(table)).collect()
}

async fn warned(app: &App, planted: &Planted) -> BTreeSet<(VillageCode, MatterId)> {
    let mut warned = BTreeSet::new();
    for scribe in &planted.villages {
        let village = scribe.state().village;
        let read = app.db().read("warnings", |tx| Box::pin(async move { tx.warnings_of(village).await }));
        let rows: Vec<WarningRow> = read.await.expect("warnings");
        let again = rows.into_iter().filter(|row| row.rule == "picture_again");
        warned.extend(again.map(|row| (village, row.matter.expect("a matter"))));
    }
    warned
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_pairs_are_found_among_other_pictures_in_any_order_and_nothing_else() {
    let planted = Planted::new();
    let folder = tempfile::tempdir().expect("a folder");
    let app = planted.loaded(folder.path(), &[0, 1, 2, 3]).await;
    let found = warned(&app, &planted).await;
    let (missed, wrong) = (planted.again.difference(&found).count(), found.difference(&planted.again).count());
    println!(
        "of {} matters {} planted: found {}, missed {missed}, false {wrong}",
        planted.matters,
        planted.again.len(),
        found.len() - wrong
    );
    assert_eq!(found, planted.again);

    let before = tables(&app).await;
    assert_eq!(before["pictures_again"].len(), planted.again.len());
    for order in [[3, 2, 1, 0], [1, 3, 0, 2]] {
        let folder = tempfile::tempdir().expect("a folder");
        let other = planted.loaded(folder.path(), &order).await;
        assert_eq!(tables(&other).await, before, "{order:?}");
        other.stop().await;
    }
    for scribe in &planted.villages {
        let village = scribe.state().village;
        rebuild(app.db(), app.vault(), app.lives(), village).await.expect("made anew");
        assert_eq!(tables(&app).await, before, "{village}");
    }
    app.stop().await;
}
