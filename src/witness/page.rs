//! Fills the witness's page.

use crate::app::error::AppError;
use crate::app::forms::vouched::line as line_of;
use crate::core::act::Kind;
use crate::core::act::voting::VouchedBallot;
use crate::core::judge::witness::MAX_VOUCHED;
use crate::core::model::Role;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::Watch;
use crate::http::pages::witness::{AlarmLine, WaitingBallot, WaitingList, WaitingVote, WatchedVillage, WitnessPage};
use crate::store::error::StoreError;
use crate::store::witness::AlarmRow;
use crate::witness::Witness;
use crate::witness::alarm::Alarm;
use crate::witness::waiting::Waiting;

/// Most alarms shown.
const ALARMS: u64 = 50;
/// Most ballots handed on in an address, which must not become longer than servers and proxies take: 8 kB, and the log-in page
/// passes it on with its signs escaped.
const IN_ADDRESS: usize = 40;
/// Letters of an id that tell two matters apart.
const ID_TAIL: usize = 6;
/// Hex digits by which a ballot is named to people.
const SHORT_HEX: usize = 8;

impl Witness {
    /// What a reader's device pins here, and whom it tells what it was shown: this witness.
    #[must_use]
    pub fn watch(&self) -> Watch {
        let url = format!("{}/witness", self.settings().serve.public_origin);
        let witnesses = vec![(self.keys().consistency().to_string(), url)];
        Watch { district_keys: vec![self.settings().log.to_string()], witnesses }
    }

    /// Where it stands.
    ///
    /// # Errors
    /// The store's.
    pub async fn page(&self, c: Chrome) -> Result<WitnessPage, AppError> {
        let code = self.district();
        let read = self.db().read("witness_page", |tx| {
            Box::pin(async move {
                let district = tx.followed_district(code).await?;
                let head = tx.district(code).await?;
                Ok::<_, StoreError>((district, head, tx.all_followed().await?, tx.alarms(ALARMS).await?))
            })
        });
        let (district, head, followed, alarms) = read.await?;
        let waiting = self.waiting().await?;
        let villages: Vec<WatchedVillage> = followed
            .iter()
            .map(|one| WatchedVillage {
                code: one.village,
                listed: one.listed,
                lawful: one.lawful,
                stopped: one.stopped.is_some(),
            })
            .collect();
        Ok(WitnessPage {
            c,
            name: self.settings().name.clone(),
            log: self.settings().log.name().to_owned(),
            looked: district.map(|row| row.fetched),
            leaves: head.map_or(0, |head| head.size),
            lawful: villages.iter().filter(|one| one.lawful == one.listed && !one.stopped).count() as u64,
            entries: villages.iter().map(|one| one.lawful).sum(),
            waiting: waiting.iter().map(|one| self.waiting_vote(one)).collect(),
            villages,
            alarms: alarms.iter().filter_map(line).collect(),
            keys: [self.keys().consistency().to_string(), self.keys().lawful().to_string()],
        })
    }

    fn waiting_vote(&self, one: &Waiting) -> WaitingVote {
        let list = |rows: &[VouchedBallot]| {
            let lines: Vec<String> = rows.iter().map(line_of).collect();
            let filled = rows.len() <= IN_ADDRESS;
            let mut form = self.form(one);
            if filled {
                form.push_str(&format!("&ballots={}", lines.join("%0A").replace(' ', "+")));
            }
            WaitingList { ballots: rows.iter().map(ballot).collect(), text: lines.join("\n"), form, filled }
        };
        let (matter, question) = (one.matter.to_string(), one.question.as_str());
        WaitingVote {
            village: one.village,
            starts_at: one.starts_at,
            matter: matter[matter.len().saturating_sub(ID_TAIL)..].to_owned(),
            question: question.strip_prefix('q').unwrap_or(question).to_owned(),
            until: one.until,
            lists: one.ballots.chunks(MAX_VOUCHED).map(list).collect(),
            coming: one.coming as u64,
            late: one.late as u64,
        }
    }

    /// The form on the district's server. Whatever stands in it is judged and shown there again before anyone signs.
    fn form(&self, one: &Waiting) -> String {
        let Waiting { village, session, matter, question, .. } = one;
        let (server, kind, role) = (&self.settings().server, Kind::BallotVouched, Role::DisciplineInspector);
        format!("{server}/v/{village}/do/{kind}?role={role}&session={session}&matter={matter}&question={question}")
    }
}

fn ballot(row: &VouchedBallot) -> WaitingBallot {
    let VouchedBallot { statement, voter, revision, received_at } = *row;
    let ballot = statement.to_string().chars().take(SHORT_HEX).collect();
    WaitingBallot { voter, revision, received_at, ballot }
}

fn line(row: &AlarmRow) -> Option<AlarmLine> {
    let Alarm { origin, entry, expected, found, .. } = Alarm::of(row)?;
    let evidence = row.evidence.is_some();
    Some(AlarmLine { id: row.alarm, kind: row.kind.clone(), at: row.time, origin, entry, expected, found, evidence })
}
