//! Check it yourself, and help.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Query, State};
use axum::response::Response;
use futures_util::TryStreamExt as _;
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::app::App;
use crate::core::clock::Time;
use crate::core::ids::{DistrictCode, VillageCode};
use crate::core::state::State as Village;
use crate::http::pages::account::{DisputePage, HelpPage, MyBallotsPage, SettingsPage};
use crate::http::pages::parts::Watch;
use crate::http::pages::record::{CheckPage, Counted, Finding, Report, Verdict};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{Visit, page};
use crate::http::read::record::log_key;
use crate::http::state::AppState;
use crate::log::verify::law::Law;
use crate::log::verify::{self, Options};

/// Reports kept: one for each village and size, so that a record is verified once however many ask.
const KEPT: usize = 300;
/// Findings shown.
const FINDINGS: usize = 50;
/// Records verified at the same time: the rest of the server needs the processors too.
const AT_ONCE: usize = 1;

/// Reports by village and size.
static REPORTS: Mutex<BTreeMap<(VillageCode, u64), Arc<Report>>> = Mutex::new(BTreeMap::new());
static RUNNING: Semaphore = Semaphore::const_new(AT_ONCE);

/// Which village.
#[derive(Debug, Deserialize)]
pub struct Asked {
    village: Option<VillageCode>,
}

/// `GET /check?village=`.
///
/// # Errors
/// There is no such village; the store can't be read now.
pub async fn check(
    State(state): State<AppState>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let Some(village) = asked.village else {
        let watch = watch(state.app(), None).await?;
        return page(&CheckPage { c: visit.c, place: None, report: None, log_key: None, watch, at_witness: false });
    };
    let app = state.app();
    let live = app.lives().live(village).await?;
    let report = report(app, village, live.ledger.frontier.size()).await?;
    let place = app.village_place(village).await?.into();
    let log_key = Some(log_key(&live)?);
    let (report, watch) = (Some((*report).clone()), watch(app, Some(village.district())).await?);
    page(&CheckPage { c: visit.c, place: Some(place), report, log_key, watch, at_witness: false })
}

/// What a reader's device pins, of one district or of all, and whom it tells what it was shown.
async fn watch(app: &App, district: Option<DistrictCode>) -> Result<Watch, Problem> {
    let keys = match district {
        Some(district) => app.district_verifier(district).await?.into_iter().collect(),
        None => app.district_verifiers().await?,
    };
    let district_keys = keys.iter().map(ToString::to_string).collect();
    let witnesses = app.reachable_witnesses().into_iter().map(|one| (one.key.to_string(), one.url)).collect();
    Ok(Watch { district_keys, witnesses })
}

/// What verifying a village's record finds, kept by its size.
///
/// # Errors
/// The store's.
pub async fn report(app: &App, village: VillageCode, size: u64) -> Result<Arc<Report>, Problem> {
    let kept = |size: u64| REPORTS.lock().unwrap_or_else(PoisonError::into_inner).get(&(village, size)).cloned();
    if let Some(report) = kept(size) {
        return Ok(report);
    }
    let _turn = RUNNING.acquire().await.map_err(|_| Problem::new(Code::Unavailable))?;
    if let Some(report) = kept(size) {
        return Ok(report);
    }
    let file: Vec<u8> = app.export(village).await?.try_concat().await?;
    let now = app.now();
    let made = tokio::task::spawn_blocking(move || verified(&file, now)).await;
    let report = Arc::new(made.map_err(|_| Problem::new(Code::Internal))?);
    let mut reports = REPORTS.lock().unwrap_or_else(PoisonError::into_inner);
    reports.retain(|(other, _), _| *other != village);
    if reports.len() >= KEPT {
        reports.pop_first();
    }
    reports.insert((village, size), Arc::clone(&report));
    Ok(report)
}

/// Villages of a district whose record was found altered or lacking when it was checked here last, in order.
#[must_use]
pub fn failed(district: DistrictCode) -> Vec<(VillageCode, Verdict)> {
    let reports = REPORTS.lock().unwrap_or_else(PoisonError::into_inner);
    let of_district = reports.iter().filter(|((village, _), _)| village.district() == district);
    let verdicts = of_district.map(|((village, _), report)| (*village, report.verdict));
    verdicts.filter(|(_, verdict)| matches!(verdict, Verdict::Altered | Verdict::Lacking)).collect()
}

/// Verifies a record file as a stranger would, with the record's own roots.
fn verified(file: &[u8], now: Time) -> Report {
    let mut law = Law::new(None);
    let options = Options { most_findings: FINDINGS, ..Options::default() };
    let found = verify::verify(Cursor::new(file), &mut law, &options, |_| {});
    let finding = |finding: &verify::Finding| Finding {
        seq: finding.seq,
        rule: finding.rule.to_owned(),
        expected: finding.expected.clone(),
        found: finding.found.clone(),
    };
    Report {
        verdict: match found.verdict() {
            verify::Verdict::Lawful => Verdict::Complete,
            verify::Verdict::Procedure => Verdict::Lacking,
            verify::Verdict::Altered => Verdict::Altered,
            // No roots are named here, so none are others.
            verify::Verdict::CouldNotCheck | verify::Verdict::OtherRoots => Verdict::Unknown,
        },
        at: now,
        entries: found.entries,
        signatures: found.signatures,
        ballots: law.state().map(ballots).unwrap_or_default(),
        remarks: found.remarked.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect(),
        documents: 0,
        withdrawn: 0,
        witnesses: Vec::new(),
        findings: found.findings.iter().map(finding).collect(),
    }
}

/// Ballots behind every announced result, a voter's once a question: on devices, and on paper.
fn ballots(state: &Village) -> Counted {
    let votings = state.sessions.values().flat_map(|session| session.votings.values());
    votings.filter_map(|voting| Some((voting, voting.result.as_ref()?))).fold(
        Counted::default(),
        |sum, (voting, result)| {
            let paper = u64::from(voting.paper_count.as_ref().map_or(0, |count| count.in_box));
            let device = u64::from(result.voted).saturating_sub(paper);
            Counted { device: sum.device + device, paper: sum.paper + paper }
        },
    )
}

/// `GET /help`.
///
/// # Errors
/// Never in practice.
pub async fn help(visit: Visit) -> Result<Response, Problem> {
    page(&HelpPage { c: visit.c })
}

/// `GET /dispute`.
///
/// # Errors
/// Never in practice.
pub async fn dispute(State(state): State<AppState>, visit: Visit) -> Result<Response, Problem> {
    page(&DisputePage { c: visit.c, vouching: state.app().vouching() })
}

/// `GET /my-ballots`. What it shows is on the device alone.
///
/// # Errors
/// The store can't be read now.
pub async fn my_ballots(State(state): State<AppState>, visit: Visit) -> Result<Response, Problem> {
    page(&MyBallotsPage { c: visit.c, watch: watch(state.app(), None).await? })
}

/// `GET /settings`.
///
/// # Errors
/// Never in practice.
pub async fn settings(visit: Visit) -> Result<Response, Problem> {
    page(&SettingsPage { c: visit.c })
}
