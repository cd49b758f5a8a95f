//! What a village's record amounts to, after its entries so far. Built only by applying judged changes.

pub mod again;
pub mod matter;
pub mod people;
pub mod phase;
pub mod recent;
pub mod session;
pub mod voting;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::core::act::Kind;
use crate::core::act::inquiry::{Addressee, Asked};
use crate::core::calendar::Calendar;
use crate::core::catalogue::{Catalogue, PaperKind, Subject};
use crate::core::clock::{Date, Time};
use crate::core::ids::{Digest, DistrictCode, MatterId, PersonId, PublicKey, SessionId, VillageCode};
use crate::core::model::{Body, Category};
use crate::core::rules::Profile;
use crate::core::state::matter::Matter;
use crate::core::state::people::People;
use crate::core::state::recent::Recent;
use crate::core::state::session::Session;

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Index in the log.
    pub seq: u64,
    /// Entry time.
    pub time: Time,
    /// Leaf hash of the entry. It names the entry wherever another depends on it.
    pub leaf: Digest,
}

/// An entry that other statements may rest on, with the documents it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// Where it stands.
    pub at: Position,
    /// Commitments of its documents.
    pub documents: Vec<Digest>,
    /// Who signed, in order; roots and the log leave none.
    pub signers: Vec<PersonId>,
    /// Date of the act, where it was off line.
    pub held_on: Option<Date>,
}

/// Papers in force: the latest of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Papers(BTreeMap<Kind, Paper>);

impl Papers {
    /// The paper of `kind` in force.
    #[must_use]
    pub fn paper(&self, kind: Kind) -> Option<&Paper> {
        self.0.get(&kind)
    }

    /// Puts a paper in force, in place of an earlier one of its kind.
    pub fn put(&mut self, kind: Kind, paper: Paper) {
        self.0.insert(kind, paper);
    }

    /// Takes out of force every paper for which `gone` holds.
    pub fn clear(&mut self, gone: impl Fn(Kind) -> bool) {
        self.0.retain(|kind, _| !gone(*kind));
    }

    /// Whether `leaf` is a paper in force of one of `kinds`.
    #[must_use]
    pub fn is_one_of(&self, leaf: Digest, kinds: &[Kind]) -> bool {
        kinds.iter().any(|kind| self.paper(*kind).is_some_and(|paper| paper.at.leaf == leaf))
    }

    /// Every paper in force with its kind.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, &Paper)> {
        self.0.iter().map(|(kind, paper)| (*kind, paper))
    }
}

/// Something that waits for an answer: an objection, a concern, opinions, a supplement, a dispute, an inquiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPoint {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub at: Position,
    /// How many answers it needs.
    pub answers: usize,
    /// What is asked of whom, where it is an interpellation or complaint.
    pub inquiry: Option<(Asked, Addressee)>,
}

/// Rules, profiles, calendar and delegations in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Law {
    /// Rules version.
    pub rules: u32,
    /// Profiles in order of adoption, named by the leaf hash of their adoption.
    pub profiles: Vec<(Digest, Profile)>,
    /// Holidays and exchanged working days.
    pub calendar: Calendar,
    /// Catalogues in order of adoption, which is that of their versions.
    pub catalogues: Vec<(Position, Catalogue)>,
    /// Until which day each subject was disclosed, and by which entry.
    pub disclosed: BTreeMap<Subject, (Position, Date)>,
    /// What assemblies delegated.
    pub delegations: Vec<Delegation>,
}

/// What an assembly delegated (授权).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// Leaf hash of the entry that put it on record.
    pub entry: Digest,
    /// Who may decide.
    pub to: Body,
    /// For which matters.
    pub categories: Vec<Category>,
    /// Last day.
    pub until: Date,
}

impl Law {
    /// The profile adopted by the entry `adoption`.
    #[must_use]
    pub fn profile(&self, adoption: Digest) -> Option<&Profile> {
        self.profiles.iter().find(|(leaf, _)| *leaf == adoption).map(|(_, profile)| profile)
    }

    /// The catalogue in force on `date`: the newest that has become effective, with where its adoption stands.
    #[must_use]
    pub fn catalogue(&self, date: Date) -> Option<&(Position, Catalogue)> {
        self.catalogues.iter().rev().find(|(_, catalogue)| catalogue.effective <= date)
    }

    /// The catalogue by whose rhythm is disclosed on `date`: the one in force, or the first that will be.
    #[must_use]
    pub fn disclosing(&self, date: Date) -> Option<&(Position, Catalogue)> {
        self.catalogue(date).or_else(|| self.catalogues.first())
    }

    /// The first day of a subject that is not disclosed, as it stands on `date`: the day after the last one that is, or the first under
    /// the catalogue. None where neither is.
    #[must_use]
    pub fn disclosure_begins(&self, subject: Subject, date: Date) -> Option<Date> {
        let after = self.disclosed.get(&subject).map(|(_, until)| until.plus_days(1));
        after.or_else(|| self.disclosing(date).map(|(at, catalogue)| at.time.date().max(catalogue.effective)))
    }

    /// Papers that a filing on `date` needs, in order.
    #[must_use]
    pub fn papers_needed(&self, category: Category, date: Date) -> &[PaperKind] {
        let entry = self.catalogue(date).and_then(|(_, catalogue)| catalogue.entry(category));
        entry.map_or(&[], |entry| &entry.papers)
    }

    /// The profiles in force on `date`: the newest of each code.
    pub fn in_force(&self, date: Date) -> impl Iterator<Item = &Profile> {
        self.profiles.iter().map(|(_, profile)| profile).filter(move |profile| self.is_in_force(profile, date))
    }

    fn is_in_force(&self, profile: &Profile, date: Date) -> bool {
        let same = |other: &&(Digest, Profile)| other.1.code == profile.code && other.1.effective <= date;
        let newest = self.profiles.iter().filter(same).map(|(_, other)| other.version).max();
        profile.effective <= date && newest == Some(profile.version)
    }

    /// The profile in force on `date` for a body, category and amount: the last one adopted whose version of its code is
    /// the newest in force.
    #[must_use]
    pub fn applicable(&self, body: Body, category: Category, fen: u64, date: Date) -> Option<(Digest, &Profile)> {
        self.profiles
            .iter()
            .rev()
            .find(|(_, p)| p.body == body && p.covers(category, fen) && self.is_in_force(p, date))
            .map(|(leaf, profile)| (*leaf, profile))
    }
}

/// A list that is arriving in parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arriving {
    /// What comes.
    pub kind: Kind,
    /// Parts that have come.
    pub got: u16,
    /// Parts in all.
    pub of: u16,
    /// What all parts say alike, as JSON.
    pub head: serde_json::Value,
    /// Their rows so far, as JSON, so that every kind of list waits in one place.
    pub rows: Vec<serde_json::Value>,
}

/// The last time anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Time of its entry.
    pub time: Time,
    /// Size of the district's log.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// When the witness cosigned.
    pub cosigned_at: Time,
}

/// A village's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The village.
    pub village: VillageCode,
    /// Its district.
    pub district: DistrictCode,
    /// Name of its log.
    pub origin: String,
    /// The log's own key.
    pub log_key: PublicKey,
    /// The district's root keys.
    pub roots: Vec<PublicKey>,
    /// The entry before.
    pub last: Position,
    /// The last time anchor.
    pub anchor: Option<Anchor>,
    /// The village that took over, where this one merged.
    pub merged_into: Option<VillageCode>,
    /// Rules in force.
    pub law: Arc<Law>,
    /// People, roles and keys.
    pub people: Arc<People>,
    /// Every matter.
    pub matters: BTreeMap<MatterId, Arc<Matter>>,
    /// Every session.
    pub sessions: BTreeMap<SessionId, Arc<Session>>,
    /// The list that is arriving, by the scope it belongs to (session or village) and kind.
    pub arriving: BTreeMap<String, Arriving>,
    /// Statement ids that could still be replayed within their window, with the time until which they must be known.
    pub recent: Recent,
}

impl State {
    /// The origin of the district's log (PROTOCOL 4): on the same host as the village's.
    #[must_use]
    pub fn district_origin(&self) -> String {
        let own = format!("/log/v/{}", self.village);
        let host = self.origin.strip_suffix(own.as_str()).unwrap_or(&self.origin);
        format!("{host}/log/d/{}", self.district)
    }

    /// The matter with this id.
    #[must_use]
    pub fn matter(&self, id: MatterId) -> Option<&Matter> {
        self.matters.get(&id).map(Arc::as_ref)
    }

    /// The session with this id.
    #[must_use]
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(&id).map(Arc::as_ref)
    }

    /// How many entries the record has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.last.seq + 1
    }

    /// Persons on the roster of `body` on `date`, in order of their ids; `group` where the body is a group's.
    #[must_use]
    pub fn body_members(&self, body: Body, group: Option<u16>, date: Date) -> BTreeSet<PersonId> {
        let people = self.people.persons.iter();
        people
            .filter(|(_, person)| group.is_none() || person.group == group)
            .filter(|(id, _)| body.roles().iter().any(|role| self.people.holds_own(**id, *role, date)))
            .map(|(id, _)| *id)
            .collect()
    }
}
