//! Linked households (联系户): each representative speaks for some, asks them before a vote and tells them its result. Which
//! households these are is the representative's alone to read; everyone else gets numbers.

use std::collections::{BTreeMap, BTreeSet};

use ulid::Ulid;

use crate::app::App;
use crate::app::error::AppError;
use crate::core::act::Kind;
use crate::core::clock::{DAY_MS, Date, Time};
use crate::core::ids::{MatterId, PersonId, VillageCode};
use crate::core::model::{Role, Stage};
use crate::core::privacy;
use crate::core::state::State;
use crate::core::state::matter::Matter;
use crate::store::error::StoreError;
use crate::store::households::{Household, LABEL, Talk, label_name};
use crate::store::vault::Place;

/// Most households of one representative: several times what the law's 5 to 15 households a representative come to.
pub const MOST: usize = 200;
/// Longest label, in characters.
pub const LONGEST: usize = 60;
/// Highest number of a villager group.
pub const MOST_GROUPS: u64 = 200;
/// Most households that ever stood on one list: who fills and empties it for ever fills the database.
const MOST_EVER: u64 = 2_000;
/// Households are told a result within so many days: a resolution is posted for up to 7 and objections to it are answered in 5,
/// so that what they say then is still heard.
pub const TELL_DAYS: i32 = 15;
/// After so many days nobody is reminded any more.
const REMIND_DAYS: i32 = 90;
/// Representatives looked at together for a role that has ended.
const PAGE: u64 = 200;

/// What a representative does with a household.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Asked for its opinion before the vote.
    Asked,
    /// Told of the result.
    Told,
}

impl What {
    /// Both, in their order.
    pub const ALL: [Self; 2] = [Self::Asked, Self::Told];

    /// Its code in table, form and texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Told => "told",
        }
    }

    /// What a form names.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.code() == code)
    }
}

/// A household as who speaks for it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Its id.
    pub id: Ulid,
    /// What it is called.
    pub label: String,
    /// Villager group.
    pub group: Option<u64>,
    /// When it was added.
    pub added: Time,
}

/// On which day each household was asked or told.
pub type Days = BTreeMap<Ulid, Date>;

/// Numbers of one matter: of all households, or of one representative's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Households.
    pub homes: u64,
    /// Of them, asked before the vote.
    pub asked: u64,
    /// Of them, told of the result.
    pub told: u64,
}

impl Sums {
    /// Whether anything was noted.
    #[must_use]
    pub fn any(self) -> bool {
        self.asked + self.told > 0
    }
}

/// What waits for a representative about a matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// The matter.
    pub matter: MatterId,
    /// What is to be done.
    pub what: What,
    /// Households that are left.
    pub left: usize,
    /// Until when; asking has to be done before the vote.
    pub until: Option<Time>,
}

/// When the last question of a matter's round was announced; nothing while one is to be decided.
#[must_use]
pub fn result(matter: &Matter) -> Option<Time> {
    let ballots = || (0..).zip(matter.settled.iter().flat_map(|plan| &plan.ballots));
    let decided = || ballots().all(|(n, ballot)| ballot.questions.iter().all(|q| matter.decided(n, &q.code).is_some()));
    let of_round = matter.results.iter().filter(|result| result.round == matter.round);
    of_round.map(|result| result.at.time).max().filter(|_| matter.stage() != Some(Stage::Ballot) || decided())
}

/// When whoever is not told of a result by then is told late.
#[must_use]
pub fn told_until(result: Time) -> Time {
    result.date().plus_days(TELL_DAYS + 1).start()
}

/// What representatives have to do about a matter now: ask while it is in consultation or called to a vote, then tell.
#[must_use]
pub fn due(state: &State, id: MatterId, matter: &Matter, now: Time) -> Option<What> {
    if let Some(result) = result(matter) {
        return (now.ms() - result.ms() <= i64::from(REMIND_DAYS) * DAY_MS).then_some(What::Told);
    }
    let called = || state.sessions.values().any(|session| session.is_live() && session.item(id).is_some());
    match matter.stage()? {
        Stage::Consultation => Some(What::Asked),
        // The first visit or joint meeting on record makes it consultation; households are asked before that.
        Stage::Proposal => matter.papers.paper(Kind::EnlargedMeetingRecorded).map(|_| What::Asked),
        Stage::Ballot => called().then_some(What::Asked),
        Stage::Suggestion | Stage::Filing | Stage::Supervision => None,
    }
}

/// Which households count for a matter: on a list until so long after the result, and not gone at the result.
fn base(matter: &Matter, now: Time) -> (Time, Time) {
    result(matter).map_or((now, now), |result| (told_until(result).plus_ms(-1).min(now), result))
}

/// Whether a household of a list counts for a matter: one that was added long after the vote does not.
#[must_use]
pub fn counts(matter: &Matter, home: &Home, now: Time) -> bool {
    home.added <= base(matter, now).0
}

/// The first and last day on which households can have been asked or told; nothing where it is too early for either.
#[must_use]
pub fn days(matter: &Matter, what: What, today: Date) -> Option<(Date, Date)> {
    let result = result(matter).map(Time::date);
    match what {
        What::Asked => {
            matter.proposal.as_ref()?;
            Some((matter.opened.time.date(), result.map_or(today, |day| day.min(today))))
        }
        What::Told => Some((result?, today)),
    }
}

/// Whether a person keeps a list. Nobody stands in for a representative: whose households these are is nobody else's to read.
#[must_use]
pub fn keeps(state: &State, person: PersonId, today: Date) -> bool {
    state.people.holds_own(person, Role::Representative, today)
}

fn invalid(field: &'static str, reason: &'static str) -> AppError {
    AppError::Invalid { field, reason }
}

/// What a household is called, as it may be kept: one line without private numbers.
fn label(words: &str) -> Result<&str, AppError> {
    let words = words.trim();
    if words.chars().count() > LONGEST {
        return Err(invalid("label", "household-long"));
    }
    privacy::check_name(words).map_err(|_| invalid("label", "household-label"))?;
    match privacy::find_private(words).first() {
        Some(_) => Err(invalid("label", "private-number")),
        None => Ok(words),
    }
}

fn group(group: Option<u64>) -> Result<Option<u64>, AppError> {
    let sound = group.is_none_or(|group| (1..=MOST_GROUPS).contains(&group));
    sound.then_some(group).ok_or_else(|| invalid("group", "household-group"))
}

impl App {
    async fn list_keeper(&self, village: VillageCode, person: PersonId) -> Result<(), AppError> {
        let live = self.lives().live(village).await?;
        let keeps = keeps(live.state(), person, self.now().date());
        keeps.then_some(()).ok_or(AppError::NotFound { what: "list" })
    }

    /// A representative's households, by group and label.
    ///
    /// # Errors
    /// `NotFound` for who is no representative; the store's.
    pub async fn households(&self, village: VillageCode, person: PersonId) -> Result<Vec<Home>, AppError> {
        self.list_keeper(village, person).await?;
        let (vault, prefix) = (self.vault(), format!("{person}/"));
        let read = self.db().read("households", |tx| {
            let prefix = prefix.clone();
            Box::pin(async move {
                let rows = tx.households_of(village, person, MOST_EVER).await?;
                Ok::<_, StoreError>((rows, tx.secrets(vault, LABEL, village, &prefix).await?))
            })
        });
        let (rows, secrets) = read.await?;
        let labels: BTreeMap<String, String> = secrets
            .into_iter()
            .map(|(name, secret)| (name, String::from_utf8_lossy(secret.expose()).into_owned()))
            .collect();
        let home = |row: Household| Home {
            id: row.household,
            label: labels.get(&label_name(person, row.household)).cloned().unwrap_or_default(),
            group: row.part,
            added: row.added,
        };
        let mut homes: Vec<Home> = rows.into_iter().filter(|row| row.gone.is_none()).map(home).collect();
        homes.sort_by_key(|home| (home.group.is_none(), home.group));
        Ok(homes)
    }

    /// Puts households on a list, one a line. What stands there under the same label and group stays as it is. How many.
    ///
    /// # Errors
    /// `Invalid` for a label that can't be kept or more than [`MOST`]; `NotFound` for who is no representative; the store's.
    pub async fn add_households(
        &self,
        village: VillageCode,
        person: PersonId,
        lines: &str,
        part: Option<u64>,
    ) -> Result<usize, AppError> {
        let part = group(part)?;
        let before = self.households(village, person).await?;
        let mut known: BTreeSet<String> =
            before.iter().filter(|home| home.group == part).map(|home| home.label.clone()).collect();
        let mut labels = Vec::new();
        for line in lines.lines().filter(|line| !line.trim().is_empty()) {
            let label = label(line)?;
            if known.insert(label.to_owned()) {
                labels.push(label);
            }
        }
        if labels.is_empty() && before.is_empty() {
            return Err(invalid("label", "household-label"));
        }
        if labels.len() > MOST {
            return Err(invalid("label", "household-many"));
        }
        let added = self.now();
        let first =
            Ulid::from_parts(u64::try_from(added.ms()).unwrap_or_default(), u128::from_be_bytes(self.random()) >> 1);
        let (mut rows, mut sealed) = (Vec::new(), Vec::new());
        for (id, label) in (first.0..).map(Ulid).zip(&labels) {
            rows.push(Household { village, household: id, person, part, added, gone: None });
            let name = label_name(person, id);
            sealed.push(self.vault().row(
                &Place { kind: LABEL, village, name: &name },
                label.as_bytes(),
                &mut self.rng(),
            )?);
        }
        let write = self.db().write("add_households", |tx| {
            let (rows, sealed) = (rows.clone(), sealed.clone());
            Box::pin(async move {
                let all = tx.households_of(village, person, MOST_EVER).await?;
                let live = all.iter().filter(|row| row.gone.is_none()).count();
                if live + rows.len() > MOST || (all.len() + rows.len()) as u64 > MOST_EVER {
                    return Err(invalid("label", "household-many"));
                }
                tx.insert_vault(&sealed.iter().collect::<Vec<_>>()).await?;
                tx.put_households(&rows).await?;
                Ok(rows.len())
            })
        });
        write.await
    }

    /// Changes what a household is called, and its group.
    ///
    /// # Errors
    /// `Invalid` for a label that can't be kept; `NotFound` for a household that is not on this person's list; the store's.
    pub async fn rename_household(
        &self,
        village: VillageCode,
        person: PersonId,
        id: Ulid,
        words: &str,
        part: Option<u64>,
    ) -> Result<(), AppError> {
        let (part, label) = (group(part)?, label(words)?);
        self.list_keeper(village, person).await?;
        let name = label_name(person, id);
        let sealed =
            self.vault().row(&Place { kind: LABEL, village, name: &name }, label.as_bytes(), &mut self.rng())?;
        let write = self.db().write("rename_household", |tx| {
            let sealed = sealed.clone();
            Box::pin(async move {
                let all = tx.households_of(village, person, MOST_EVER).await?;
                let own = all.into_iter().find(|row| row.household == id && row.gone.is_none());
                let own = own.ok_or(AppError::NotFound { what: "household" })?;
                tx.insert_vault(&[&sealed]).await?;
                tx.put_households(&[Household { part, ..own }]).await?;
                Ok(())
            })
        });
        write.await
    }

    /// Takes a household off a list: what it is called is erased; the numbers of matters voted on before stay as they are.
    ///
    /// # Errors
    /// `NotFound` for a household that is not on this person's list; the store's.
    pub async fn remove_household(&self, village: VillageCode, person: PersonId, id: Ulid) -> Result<(), AppError> {
        let now = self.now();
        let write = self.db().write("end_households", |tx| {
            Box::pin(async move { tx.end_households(village, person, Some(id), now).await })
        });
        match write.await.map_err(AppError::Store)? {
            0 => Err(AppError::NotFound { what: "household" }),
            _ => Ok(()),
        }
    }

    /// When a representative's households were asked about a matter, and told of its result.
    ///
    /// # Errors
    /// The store's.
    pub async fn talks(
        &self,
        village: VillageCode,
        person: PersonId,
        matter: (MatterId, u32),
    ) -> Result<BTreeMap<What, Days>, AppError> {
        let about = (matter.0, u64::from(matter.1));
        let talks = self.db().read("talks_of", |tx| Box::pin(tx.talks_of(village, person, about))).await?;
        let mut days: BTreeMap<What, Days> = BTreeMap::new();
        for talk in talks {
            if let Some(what) = What::parse(&talk.what) {
                days.entry(what).or_default().insert(talk.household, talk.held_on);
            }
        }
        Ok(days)
    }

    /// Notes that households of a representative were asked about a matter, or told of its result. How many new ones.
    ///
    /// # Errors
    /// `Invalid` where none of them is on the list and counts, or on a day on which it can't have been; `NotFound`; the store's.
    pub async fn note_talks(
        &self,
        village: VillageCode,
        person: PersonId,
        (id, what): (MatterId, What),
        held_on: Date,
        chosen: &[Ulid],
    ) -> Result<u64, AppError> {
        let now = self.now();
        let homes = self.households(village, person).await?;
        let live = self.lives().live(village).await?;
        let matter = live.state().matter(id).ok_or(AppError::NotFound { what: "matter" })?;
        let fits = days(matter, what, now.date()).is_some_and(|(first, last)| first <= held_on && held_on <= last);
        if !fits {
            return Err(invalid("held_on", if what == What::Asked { "household-asked" } else { "household-told" }));
        }
        let talk = |home: &Home| Talk {
            village,
            matter: id,
            round: matter.round.into(),
            what: what.code().to_owned(),
            household: home.id,
            held_on,
            noted: now,
        };
        let own = homes.iter().filter(|home| chosen.contains(&home.id) && counts(matter, home, now));
        let talks: Vec<Talk> = own.map(talk).collect();
        if talks.is_empty() {
            return Err(invalid("household", "household-none"));
        }
        let write = self.db().write("add_talks", |tx| {
            let talks = talks.clone();
            Box::pin(async move { tx.add_talks(&talks).await })
        });
        write.await.map_err(AppError::Store)
    }

    /// Takes such a note back.
    ///
    /// # Errors
    /// `NotFound` for a household that is not on this person's list, or where nothing is noted; the store's.
    pub async fn undo_talk(
        &self,
        village: VillageCode,
        person: PersonId,
        (id, what): (MatterId, What),
        household: Ulid,
    ) -> Result<(), AppError> {
        let missing = || AppError::NotFound { what: "note" };
        let own = self.households(village, person).await?;
        own.iter().find(|home| home.id == household).ok_or_else(missing)?;
        let live = self.lives().live(village).await?;
        let round = live.state().matter(id).ok_or_else(missing)?.round.into();
        let (held_on, noted) = (self.now().date(), self.now());
        let talk = Talk { village, matter: id, round, what: what.code().to_owned(), household, held_on, noted };
        let write = self.db().write("drop_talk", |tx| {
            let talk = talk.clone();
            Box::pin(async move { tx.drop_talk(&talk).await })
        });
        write.await.map_err(AppError::Store)?.then_some(()).ok_or_else(missing)
    }

    /// The numbers of all representatives about a matter; nothing where none of them noted anything.
    ///
    /// # Errors
    /// The store's.
    pub async fn households_about(
        &self,
        village: VillageCode,
        id: MatterId,
        matter: &Matter,
    ) -> Result<Option<Sums>, AppError> {
        let (base, about) = (base(matter, self.now()), (id, u64::from(matter.round)));
        let read = self.db().read("households_about", |tx| {
            Box::pin(async move {
                let asked = tx.count_talks(village, about, What::Asked.code(), base).await?;
                let told = tx.count_talks(village, about, What::Told.code(), base).await?;
                if asked.is_empty() && told.is_empty() {
                    return Ok(None);
                }
                Ok::<_, StoreError>(Some([tx.count_households(village, base.0, base.1).await?, asked, told]))
            })
        });
        let sums = read.await?.map(|counts| counts.map(|rows| rows.iter().map(|(_, n)| n).sum()));
        Ok(sums.map(|[homes, asked, told]| Sums { homes, asked, told }))
    }

    /// How many households each representative has, and of them asked and told about a matter; without one, only how many.
    ///
    /// # Errors
    /// The store's.
    pub async fn household_sums(
        &self,
        village: VillageCode,
        matter: Option<(MatterId, &Matter)>,
    ) -> Result<BTreeMap<PersonId, Sums>, AppError> {
        let now = self.now();
        let base = matter.map_or((now, now), |(_, matter)| base(matter, now));
        let about = matter.map(|(id, matter)| (id, u64::from(matter.round)));
        let read = self.db().read("household_sums", |tx| {
            Box::pin(async move {
                let homes = tx.count_households(village, base.0, base.1).await?;
                let Some(about) = about else { return Ok((homes, Vec::new(), Vec::new())) };
                let asked = tx.count_talks(village, about, What::Asked.code(), base).await?;
                Ok::<_, StoreError>((homes, asked, tx.count_talks(village, about, What::Told.code(), base).await?))
            })
        });
        let (homes, asked, told) = read.await?;
        let mut sums: BTreeMap<PersonId, Sums> = BTreeMap::new();
        for (person, n) in homes {
            sums.entry(person).or_default().homes = n;
        }
        for (person, n) in asked {
            sums.entry(person).or_default().asked = n;
        }
        for (person, n) in told {
            sums.entry(person).or_default().told = n;
        }
        Ok(sums)
    }

    /// What waits for a representative: households to be asked, and to be told.
    ///
    /// # Errors
    /// The store's.
    pub async fn households_waiting(&self, village: VillageCode, person: PersonId) -> Result<Vec<Waiting>, AppError> {
        let live = self.lives().live(village).await?;
        let (state, now) = (live.state(), self.now());
        if !keeps(state, person, now.date()) {
            return Ok(Vec::new());
        }
        let homes = self.households(village, person).await?;
        let mut waiting = Vec::new();
        for (id, matter) in state.matters.iter().filter(|_| !homes.is_empty()) {
            let Some(what) = due(state, *id, matter, now) else { continue };
            let days = self.talks(village, person, (*id, matter.round)).await?.remove(&what).unwrap_or_default();
            let left = homes.iter().filter(|home| counts(matter, home, now) && !days.contains_key(&home.id)).count();
            let until = result(matter).map(told_until);
            waiting.extend((left > 0).then_some(Waiting { matter: *id, what, left, until }));
        }
        Ok(waiting)
    }

    /// Erases what households are called of everyone who is a representative no longer: the list goes to nobody. How many.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep_households(&self) -> Result<u64, AppError> {
        let (mut ended, mut after, now) = (0, None, self.now());
        loop {
            let keepers = self.db().read("household_keepers", |tx| Box::pin(tx.household_keepers(after, PAGE))).await?;
            let Some(last) = keepers.last() else { return Ok(ended) };
            after = Some(*last);
            for (village, person) in keepers {
                let live = self.lives().live(village).await?;
                if keeps(live.state(), person, now.date()) {
                    continue;
                }
                let write = self.db().write("end_households", |tx| {
                    Box::pin(async move { tx.end_households(village, person, None, now).await })
                });
                ended += write.await.map_err(AppError::Store)?;
            }
        }
    }
}
