//! A demo district: real village names, everything else invented. Each village's record is written by the scribe, entry by
//! entry through the judge, from its founding about ten months back to now; a seed and the present time fix every byte.

pub mod clock;
pub mod content;
mod course;
pub mod district;
mod hall;
pub mod load;
pub mod nation;
pub mod others;
mod people;
pub mod picture;
pub mod settle;
mod writer;

use ed25519_dalek::SigningKey;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};

use crate::app::demo::content::{Slots, Subject, content};
use crate::app::demo::course::{Course, Event, Periods, body_of};
use crate::app::demo::district::Part;
use crate::app::demo::writer::{Bundle, Item, Writer};
use crate::app::import::VillageRow;
use crate::core::clock::{DAY_MS, Time};
use crate::core::commit;
use crate::core::ids::VillageCode;
use crate::core::model::{Body, Category, Mode, Role};
use crate::core::reject::Rejection;
use crate::core::rules::{Profile, Recusal};
use crate::core::state::State;
use crate::log::scribe::people::{Someone, Term};
use crate::log::scribe::{Founding, Scribe};

/// The villages of Liandu: codes and names of the national statistics of 2023.
pub const LIANDU: &[u8] = include_bytes!("../../../demo/liandu_villages.csv");
/// Days between a village's founding and now.
const FOUNDED_DAYS: i64 = 305;
/// Days after its founding at which the first matter may begin.
const FIRST_DAYS: i64 = 4;

/// What the whole district shares.
#[derive(Debug, Clone)]
pub struct District {
    /// Fixes every key, id, salt and choice.
    pub seed: u64,
    /// Host and path before `/log/v/…`, without scheme.
    pub host: String,
    /// The present time: the last entries lie a little before it.
    pub now: Time,
    /// The district's root keys.
    pub roots: Vec<SigningKey>,
}

/// A village whose record was generated.
#[derive(Debug)]
pub struct Generated {
    /// The village.
    pub village: VillageRow,
    /// What it is in the demo.
    pub part: Part,
    /// Record, people, keys, documents and openings.
    pub scribe: Scribe,
    /// Courses that found no room in the village's ten months.
    pub left_out: usize,
}

impl Generated {
    /// What the record amounts to.
    #[must_use]
    pub fn state(&self) -> &State {
        self.scribe.state()
    }
}

/// Why a village could not be generated: the step and the rule it broke.
#[derive(Debug, thiserror::Error)]
#[error("village {village}, {step}: {rejection}")]
pub struct GenerateError {
    /// The village.
    pub village: VillageCode,
    /// The step.
    pub step: String,
    /// The refusal.
    pub rejection: Rejection,
}

/// Random numbers for one purpose: the same seed and purpose give the same numbers.
fn rng_for(seed: u64, purpose: &str) -> ChaCha20Rng {
    let material = commit::plain(format!("sunvote demo {seed} {purpose}").as_bytes());
    ChaCha20Rng::from_seed(material.0)
}

fn key(rng: &mut ChaCha20Rng) -> SigningKey {
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    SigningKey::from_bytes(&seed)
}

impl District {
    /// A district whose roots follow from the seed: a demo's roots are nobody's.
    #[must_use]
    pub fn new(seed: u64, host: &str, now: Time) -> Self {
        let mut rng = rng_for(seed, "roots");
        let roots = (0..3).map(|_| key(&mut rng)).collect();
        Self { seed, host: host.to_owned(), now, roots }
    }

    /// The village's record. `index` is its place in the district's list.
    ///
    /// # Errors
    /// The step that the judge refuses: a fault of this program, found by its tests.
    pub fn generate(&self, index: usize, village: &VillageRow) -> Result<Generated, GenerateError> {
        let part = district::part(index, &village.name);
        let courses = district::courses(index, part);
        let fault = |step: String| move |rejection: Rejection| GenerateError { village: village.code, step, rejection };
        let scribe = self.settle(index, village, &courses).map_err(fault("founding".to_owned()))?;
        let mut writer = self.writer(village, scribe);
        let (events, left_out) = self.plan(&courses, &mut writer);
        writer.bundles = courses.iter().map(|course| bundle(course, &mut writer)).collect();
        for event in &events {
            writer.step(event).map_err(|rejection| fault(format!("{:?} at {}", event.step, event.time))(rejection))?;
        }
        Ok(Generated { village: village.clone(), part, scribe: writer.scribe, left_out })
    }

    fn writer(&self, village: &VillageRow, scribe: Scribe) -> Writer {
        let rng = rng_for(self.seed, &format!("choices {}", village.code));
        let name = |id| scribe.someone(id).map_or_else(String::new, |someone: &Someone| someone.name.clone());
        let (year, _, _) = self.now.date().parts();
        let slots = Slots::default()
            .with("village", village.name.clone())
            .with("township", village.township_name.clone())
            .with("year", year.to_string())
            .with("chair", name(scribe.chair()))
            .with("secretary", name(scribe.secretary()))
            .with("clerk", name(scribe.clerk()));
        Writer { scribe, rng, slots, bundles: Vec::new() }
    }

    /// Founding, law, officials, term and delegations, all in the first days.
    fn settle(&self, index: usize, village: &VillageRow, courses: &[Course]) -> Result<Scribe, Rejection> {
        let mut rng = rng_for(self.seed, &format!("village {}", village.code));
        let time = self.now.plus_ms(-FOUNDED_DAYS * DAY_MS).date().start().plus_ms(9 * 3_600_000);
        let founding = Founding {
            village: village.code,
            host: self.host.clone(),
            time,
            seed: rng.next_u64(),
            roots: self.roots.clone(),
            clerk: Someone::invent(&mut rng),
            supervisor: Someone::invent(&mut rng),
        };
        let mut scribe = Scribe::found(founding)?;
        scribe.wait_minutes(30).adopt_defaults()?;
        if district::votes_in_secret(index, district::part(index, &village.name)) {
            scribe.adopt(secret_profile())?;
        }
        let officials = self.officials(village).map(|(someone, role)| (scribe.know(someone), role));
        scribe.wait_minutes(20).enrol_officials(&officials)?;
        let needs = |body| courses.iter().flat_map(|course| &course.subjects).any(|s| body_of(s.category) == body);
        let members = if needs(Body::MembersAssembly) { 36 } else { 0 };
        let term = Term { one_leader: !index.is_multiple_of(3), members, ..Term::default() };
        scribe.wait_days(1).open_term(&term)?;
        scribe.wait_minutes(40).record_delegations()?;
        Ok(scribe)
    }

    /// The township's officials and the district's inspector: the same persons in every village of theirs.
    fn officials(&self, village: &VillageRow) -> [(Someone, Role); 4] {
        let mut township = rng_for(self.seed, &format!("township {}", village.township));
        let mut district = rng_for(self.seed, &format!("district {}", village.code.district()));
        [
            (Someone::invent(&mut township), Role::TownshipDrafter),
            (Someone::invent(&mut township), Role::TownshipApprover),
            (Someone::invent(&mut township), Role::TownshipDisciplineOfficer),
            (Someone::invent(&mut district), Role::DisciplineInspector),
        ]
    }

    /// Every step of every course in order of time, and how many courses found no room.
    fn plan(&self, courses: &[Course], writer: &mut Writer) -> (Vec<Event>, usize) {
        let law = Periods::shipped();
        let earliest = self.now.plus_ms(-(FOUNDED_DAYS - FIRST_DAYS) * DAY_MS).date();
        let (mut all, mut left_out) = (Vec::new(), 0);
        for (index, course) in courses.iter().enumerate() {
            match course.events(index, earliest, self.now, &law, &mut writer.rng) {
                Some(events) => all.extend(events),
                None => left_out += 1,
            }
        }
        all.sort_by_key(|event| (event.time, event.course));
        (all, left_out)
    }
}

/// The matters of a course with their values.
fn bundle(course: &Course, writer: &mut Writer) -> Bundle {
    let items = course.subjects.iter().map(|subject| item(subject, writer)).collect();
    Bundle { items, session: None }
}

fn item(subject: &'static Subject, writer: &mut Writer) -> Item {
    let hamlets = &content().common.hamlets;
    let place = hamlets[writer.pick(hamlets.len())].clone();
    let [from, to, step] = subject.amount;
    let steps = u32::try_from((to - from) / step.max(1)).unwrap_or(0);
    let yuan = from + u64::from(writer.draw(steps + 1)) * step;
    let slots = writer.slots.clone().with("place", place).costing(yuan);
    let title = slots.fill(&subject.title);
    Item { subject, matter: None, elsewhere: None, slots: slots.with("title", title), slip: None }
}

/// Representatives decide on allowances by paper ballots in secret: a local choice, adopted as a profile of its own.
#[expect(
    clippy::expect_used,
    reason = "the shipped profiles have the representatives' assembly; a test of theirs says so"
)]
fn secret_profile() -> Profile {
    let shipped = crate::core::defaults::profiles();
    let usual = shipped.into_iter().find(|profile| profile.body == Body::RepresentativeAssembly);
    let code = "representative-assembly-secret".parse().expect("a profile code");
    Profile {
        code,
        version: 1,
        categories: vec![Category::M03],
        mode: Mode::PaperSecret,
        // Who would receive the allowance stays out of it: counted as there, not in the base.
        recusal: Recusal { allowed: true, in_quorum: true, in_base: false },
        ..usual.expect("a profile for representatives")
    }
}

#[cfg(test)]
mod tests;
