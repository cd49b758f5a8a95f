//! The way to a rehearsed session, gone again by the law in invented days before now: founding, rules, people, each matter from
//! its suggestion to its filing, the call. Every key is drawn here and is nobody's; the scribe signs with them.

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;
use rand_chacha::ChaCha20Rng;
use rand_core::Rng as _;

use crate::app::rehearsal::original::{Original, Tabled};
use crate::core::act::matter::{Advice, PlanSettled, Proposed, Question, RequiredBallot, Visits};
use crate::core::act::session::Convened;
use crate::core::act::village::{DelegationRecorded, KinDeclared, RoleCovered, TermRow};
use crate::core::act::{Act, Kind};
use crate::core::clock::{DAY_MS, Date, MINUTE_MS, Time};
use crate::core::ids::{Digest, MatterId, PersonId, SessionId};
use crate::core::model::{Body, Doc, Level, Role};
use crate::core::reject::Rejection;
use crate::core::statement::Header;
use crate::log::scribe::people::Someone;
use crate::log::scribe::{Founding, Hand, Scribe};

/// Days for all steps that have no period of their own.
const STEPS_DAYS: i64 = 40;
/// A session begins at a full five minutes.
const BEGINS_MS: i64 = 5 * MINUTE_MS;
/// The roster is fixed so long before the session: when its door opens.
const DOOR_MINUTES: i64 = 120;
/// Two roots sign.
const ROOTS: &[Hand] = &[Hand::Root(0), Hand::Root(1)];

/// What was written.
#[derive(Debug)]
pub struct Written {
    /// The village's record with everyone's invented keys.
    pub scribe: Scribe,
    /// The session in it.
    pub session: SessionId,
}

/// Writes the record of the rehearsal, up to a session whose door is open at `now`. `host`: what its log is named after.
///
/// # Errors
/// What the judge refuses, such as a step whose office is vacant.
pub fn write(original: &Original, host: &str, now: Time, rng: &mut ChaCha20Rng) -> Result<Written, Rejection> {
    let script = Script { original, now, people: People::of(original, now.date(), rng) };
    let mut scribe = script.found(host, rng)?;
    script.rule(&mut scribe)?;
    script.populate(&mut scribe)?;
    let matters = script.settle(&mut scribe)?;
    script.file(&mut scribe, &matters)?;
    let session = script.convene(&mut scribe, &matters)?;
    script.relate(&mut scribe)?;
    Ok(Written { scribe, session })
}

/// The people of the real village in their offices of today, with keys drawn for the rehearsal.
struct People {
    /// Everyone with a role in the village, in order of their ids.
    villagers: Vec<(Someone, Vec<Role>, Option<u16>)>,
    /// Officials of township and district.
    officials: Vec<(Someone, Role)>,
    clerk: PersonId,
    supervisor: PersonId,
}

impl People {
    fn of(original: &Original, today: Date, rng: &mut ChaCha20Rng) -> Self {
        let people = &original.state().people;
        let (mut villagers, mut officials) = (Vec::new(), Vec::new());
        for (id, person) in &people.persons {
            let name = original.names.get(id).cloned().unwrap_or_default();
            // The id stays: roster numbers go by it, and are to be the real ones.
            let someone = Someone { id: *id, ..Someone::named(rng, name) };
            let held = |role: &Role| people.holds_own(*id, *role, today);
            let mut roles: Vec<Role> =
                Role::ALL.iter().copied().filter(|role| role.is_village()).filter(held).collect();
            roles.sort_unstable();
            if !roles.is_empty() {
                villagers.push((someone.clone(), roles, person.group));
            }
            for role in Role::ALL.iter().copied().filter(|role| role.is_official()).filter(held) {
                officials.push((someone.clone(), role));
            }
        }
        let first = |role: Role, fits: &dyn Fn(PersonId) -> bool| {
            let holders = || people.holders(role, today);
            // An id of nobody where the office is vacant: the judge says so.
            holders().find(|id| fits(*id)).or_else(|| holders().next()).unwrap_or_else(|| PersonId::from_bytes([0; 16]))
        };
        let clerk = first(Role::Clerk, &|_| true);
        let supervisor = first(Role::SupervisionCommittee, &|id| !people.are_kin(clerk, id));
        Self { villagers, officials, clerk, supervisor }
    }

    fn someone(&self, id: PersonId, rng: &mut ChaCha20Rng) -> Someone {
        let found = self.villagers.iter().find(|(someone, ..)| someone.id == id);
        found.map_or_else(|| Someone::invent(rng), |(someone, ..)| someone.clone())
    }
}

struct Script<'a> {
    original: &'a Original,
    now: Time,
    people: People,
}

impl Script<'_> {
    /// Founds the village so long ago that every period on the way to the session is over.
    fn found(&self, host: &str, rng: &mut ChaCha20Rng) -> Result<Scribe, Rejection> {
        let profiles = &self.original.state().law.profiles;
        let longest = |days: &dyn Fn(&crate::core::rules::Profile) -> u16| profiles.iter().map(|(_, p)| days(p)).max();
        let periods = longest(&|p| p.plan_notice.days).unwrap_or(0) + longest(&|p| p.session_notice.days).unwrap_or(0);
        // Twice: periods may count in working days.
        let days = STEPS_DAYS + 2 * i64::from(periods);
        let roots = (0..2).map(|_| key(rng)).collect();
        Scribe::found(Founding {
            village: self.original.row.code,
            host: host.to_owned(),
            time: self.now.plus_ms(-days * DAY_MS).date().start().plus_ms(9 * 60 * MINUTE_MS),
            seed: rng.next_u64(),
            roots,
            clerk: self.people.someone(self.people.clerk, rng),
            supervisor: self.people.someone(self.people.supervisor, rng),
        })
    }

    /// The calendars and the profiles that are in force today, in force here from the beginning.
    fn rule(&self, scribe: &mut Scribe) -> Result<(), Rejection> {
        for calendar in &self.original.calendars {
            scribe.act(ROOTS, Header::default(), Act::CalendarAdopted(calendar.clone()))?;
        }
        let (begun, today) = (scribe.now().date(), self.now.date());
        let in_force = self.original.state().law.profiles.iter().filter(|(_, profile)| profile.effective <= today);
        for (_, profile) in in_force {
            let mut profile = profile.clone();
            profile.effective = profile.effective.min(begun);
            scribe.adopt(profile)?;
        }
        Ok(())
    }

    /// Officials, the term with everyone in today's offices, keys, delegations.
    fn populate(&self, scribe: &mut Scribe) -> Result<(), Rejection> {
        self.appoint(scribe)?;
        let mut rows: Vec<TermRow> = Vec::new();
        for (someone, roles, group) in &self.people.villagers {
            let id = scribe.know(someone.clone());
            rows.push(scribe.term_row(id, roles, *group));
        }
        let term = self.original.state().people.term.max(1);
        let from = scribe.wait_minutes(20).now().date();
        scribe.open_term_with(term, from, rows.clone())?;
        for row in rows.iter().rev() {
            for role in &row.roles {
                scribe.prefer(*role, row.person);
            }
        }
        scribe.prefer(Role::Clerk, self.people.clerk);
        scribe.prefer(Role::SupervisionCommittee, self.people.supervisor);
        scribe.enrol_keys(&rows.iter().map(|row| row.person).collect::<Vec<_>>())?;
        for delegation in &self.original.state().law.delegations {
            let from = match delegation.to {
                Body::MembersRepresentatives => Body::MembersAssembly,
                _ => Body::VillagersAssembly,
            };
            let (to, categories, until) = (delegation.to, delegation.categories.clone(), delegation.until);
            if until < self.now.date() {
                continue;
            }
            let act = DelegationRecorded { from, to, categories, until, text: scribe.text("授权决定") };
            scribe.act(&scribe.two(), Header::default(), Act::DelegationRecorded(act))?;
        }
        Ok(())
    }

    /// The officials of today; a reviewer and an approver who are two are invented where there are none.
    fn appoint(&self, scribe: &mut Scribe) -> Result<(), Rejection> {
        let mut officials: Vec<(PersonId, Role)> = Vec::new();
        for (someone, role) in &self.people.officials {
            officials.push((scribe.know(someone.clone()), *role));
        }
        let of = |role: Role| -> BTreeSet<PersonId> {
            officials.iter().filter(|(_, held)| *held == role).map(|(id, _)| *id).collect()
        };
        let (drafters, approvers) = (of(Role::TownshipDrafter), of(Role::TownshipApprover));
        let pair = drafters.iter().find_map(|one| Some((*one, *approvers.iter().find(|other| *other != one)?)));
        let (drafter, approver) = pair.unwrap_or_else(|| (scribe.invent(), scribe.invent()));
        if pair.is_none() {
            officials.extend([(drafter, Role::TownshipDrafter), (approver, Role::TownshipApprover)]);
        }
        scribe.wait_minutes(20).enrol_officials(&officials)?;
        scribe.prefer(Role::TownshipDrafter, drafter);
        scribe.prefer(Role::TownshipApprover, approver);
        Ok(())
    }

    /// Every matter of the agenda from its suggestion to its posted plan.
    fn settle(&self, scribe: &mut Scribe) -> Result<Vec<MatterId>, Rejection> {
        let agenda = self.original.agenda();
        scribe.wait_days(1);
        let mut matters = Vec::new();
        for item in &agenda {
            let title = String::from_utf8_lossy(&self.original.paper(item.proposal.title.sha256).1).into_owned();
            matters.push(scribe.suggest(&title)?);
        }
        scribe.wait_days(1);
        for (item, matter) in agenda.iter().zip(&matters) {
            self.propose(scribe, *matter, item)?;
        }
        for matter in &matters {
            scribe.wait_minutes(1).enlarged_meeting(*matter)?;
        }
        scribe.wait_days(1);
        for matter in &matters {
            let visits = Act::VisitsRecorded(Visits { households: 1, opinions: Vec::new() });
            let header = Header::of(*matter).held(scribe.now().date()).on(scribe.paper(*matter, Kind::MatterProposed));
            scribe.act(&[scribe.hand(Role::Clerk)], header, visits)?;
            scribe.wait_minutes(1).joint_meeting(*matter)?;
        }
        for (item, matter) in agenda.iter().zip(&matters) {
            self.settle_one(scribe.wait_minutes(1), *matter, item)?;
            scribe.post_plan(*matter)?;
        }
        Ok(matters)
    }

    fn propose(&self, scribe: &mut Scribe, matter: MatterId, item: &Tabled<'_>) -> Result<(), Rejection> {
        let basis = scribe.paper(matter, Kind::SuggestionEntered);
        let act = Proposed {
            category: item.proposal.category,
            title: self.copied(scribe, &item.proposal.title),
            plan: self.copied(scribe, &item.settled.plan),
            amount_fen: item.settled.amount_fen,
            answers: vec![basis],
        };
        let by = [scribe.hand(Role::BranchSecretary)];
        scribe.act(&by, Header::of(matter).on(basis), Act::MatterProposed(act)).map(|_| ())
    }

    fn settle_one(&self, scribe: &mut Scribe, matter: MatterId, item: &Tabled<'_>) -> Result<(), Rejection> {
        let mut ballots = Vec::new();
        for ballot in &item.settled.ballots {
            let (category, amount) = (item.proposal.category, item.settled.amount_fen);
            let profile = scribe.state().law.applicable(ballot.body, category, amount, scribe.now().date());
            // No profile: a leaf of nothing, which the judge refuses.
            let profile = profile.map_or(Digest([0; 32]), |(leaf, _)| leaf);
            let questions = ballot.questions.iter().map(|question| self.question(scribe, question)).collect();
            ballots.push(RequiredBallot { body: ballot.body, profile, group: ballot.group, questions });
        }
        let plan = self.copied(scribe, &item.settled.plan);
        let act = Act::PlanSettled(PlanSettled { plan, amount_fen: item.settled.amount_fen, ballots });
        let header = Header::of(matter).on(scribe.paper(matter, Kind::JointMeetingRecorded));
        scribe.act(&[scribe.hand(Role::Clerk)], header, act).map(|_| ())
    }

    fn question(&self, scribe: &mut Scribe, question: &Question) -> Question {
        let title = self.copied(scribe, &question.title);
        let labels = question.labels.iter().map(|label| self.copied(scribe, label)).collect();
        Question { title, labels, ..question.clone() }
    }

    /// A paper of the real village under a salt of its own, so that its commitment here is another.
    fn copied(&self, scribe: &mut Scribe, doc: &Doc) -> Doc {
        let (media, bytes) = self.original.paper(doc.sha256);
        scribe.document(Level::Public, media, bytes)
    }

    /// The plans' notices pass; the township reviews and files.
    fn file(&self, scribe: &mut Scribe, matters: &[MatterId]) -> Result<(), Rejection> {
        let ends = matters.iter().map(|matter| scribe.plan_notice_ends(*matter)).max().unwrap_or(scribe.now());
        scribe.at(ends).wait_minutes(9 * 60);
        for matter in matters {
            scribe.submit_filing(*matter)?;
        }
        scribe.wait_days(1);
        for matter in matters {
            scribe.review(*matter, Advice::File)?;
        }
        scribe.wait_days(1);
        for matter in matters {
            scribe.file(*matter)?;
        }
        Ok(())
    }

    /// Calls the session for the next five minutes, and fixes its roster when the door opens.
    fn convene(&self, scribe: &mut Scribe, matters: &[MatterId]) -> Result<SessionId, Rejection> {
        let (real, agenda) = (self.original.session(), self.original.agenda());
        let starts_at = self.now.plus_ms(BEGINS_MS - self.now.ms().rem_euclid(BEGINS_MS));
        let notice = self.original.notice().unwrap_or_default();
        let notice = scribe.text(&format!("【演练：不算数，不入档】\n{notice}"));
        let agenda = agenda.iter().zip(matters).map(|(item, matter)| scribe.item(*matter, item.ballot)).collect();
        let (body, group, channels) = (real.body, real.group, real.channels.clone());
        let session = scribe.wait_minutes(30).new_session();
        let act = Act::SessionConvened(Convened { body, group, starts_at, agenda, notice, channels });
        scribe.act(&[scribe.hand(Role::Chair)], Header::at(session), act)?;
        scribe.at(starts_at).wait_minutes(-DOOR_MINUTES).fix_roster(session)?;
        Ok(session)
    }

    /// Who stands in for whom, and who is near kin: at last, so that no step before was kept from being signed.
    fn relate(&self, scribe: &mut Scribe) -> Result<(), Rejection> {
        let (people, today) = (&self.original.state().people, self.now.date());
        scribe.at(self.now);
        let known = |scribe: &Scribe, id: PersonId| scribe.state().people.persons.contains_key(&id);
        for cover in people.covers.iter().filter(|cover| cover.from <= today && today <= cover.until) {
            let (holder, role, person, until) = (cover.holder, cover.role, cover.person, cover.until);
            let act = RoleCovered { holder, role, person, from: today, until, reason: scribe.text("代办") };
            let by = [scribe.hand(Role::BranchSecretary), scribe.hand(Role::SupervisionCommittee)];
            if known(scribe, person) {
                scribe.act(&by, Header::default(), Act::RoleCovered(act))?;
            }
        }
        let two = [self.people.clerk, self.people.supervisor];
        let mut kin: Vec<_> = people.kin.keys().copied().collect();
        // Once the two who sign are kin themselves they can't sign another pair.
        kin.sort_by_key(|(a, b)| two.contains(a) && two.contains(b));
        for (a, b) in kin {
            if known(scribe, a) && known(scribe, b) {
                let act = Act::KinDeclared(KinDeclared { persons: vec![a, b] });
                scribe.act(&scribe.two(), Header::default(), act)?;
            }
        }
        Ok(())
    }
}

fn key(rng: &mut ChaCha20Rng) -> SigningKey {
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    SigningKey::from_bytes(&seed)
}
