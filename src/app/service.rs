//! Before a session: the register of service (送达登记), and whose key works.
//!
//! A member is reached who was told in person, by whichever of the ways below. A loudspeaker and the notice board are no such
//! way: nobody can say who heard them.

use std::collections::BTreeMap;

use ulid::Ulid;

use crate::app::App;
use crate::app::cards::{is_revoked, is_spent};
use crate::app::error::AppError;
use crate::core::clock::{Date, MINUTE_MS, Time};
use crate::core::ids::{PersonId, PublicKey, SessionId, VillageCode};
use crate::core::model::KeyKind;
use crate::core::state::State;
use crate::core::state::session::Session;
use crate::store::cards::Card;
use crate::store::error::StoreError;
use crate::store::service::{Duty, KeyTest, ServiceNote};

/// Most notes of one session that are read: several for each of 2,000 members.
const MOST_NOTES: u64 = 20_000;
/// Most cards of a village that are looked at, the newest.
const MOST_CARDS: u64 = 10_000;
/// Most members noted at once: a villagers' assembly.
pub const MOST_AT_ONCE: usize = 2_000;
/// Longest note of who has a duty, in characters.
pub const MOST_WORDS: usize = 80;
/// What is to be done at a session besides what `tellers.named` puts on record.
pub const DUTIES: [&str; 3] = ["door", "terminals", "mobile_box"];

/// By which way a member was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// A phone call.
    Phone,
    /// A message from the clerk's own phone: SMS or WeChat.
    Message,
    /// At home.
    Visit,
    /// The notice was handed over.
    Handed,
    /// The member said so, signed in with the own key.
    Own,
}

impl Way {
    /// The ways that a clerk can note.
    pub const NOTED: [Self; 4] = [Self::Phone, Self::Message, Self::Visit, Self::Handed];

    /// Its code in table, form and texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Message => "message",
            Self::Visit => "visit",
            Self::Handed => "handed",
            Self::Own => "own",
        }
    }

    /// The way that a clerk's form names.
    #[must_use]
    pub fn noted(code: &str) -> Option<Self> {
        Self::NOTED.into_iter().find(|way| way.code() == code)
    }
}

/// Whether a member's key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Readiness {
    /// No key on record.
    NoKey,
    /// A card was made; its key is not on record yet.
    Waiting,
    /// The only keys are cards that were tried too often.
    Locked,
    /// A key is on record, but was not used since the session was called.
    Untested,
    /// A key was used since, last at this time, and is of this kind.
    Ready(Time, KeyKind),
}

impl Readiness {
    /// Its code in texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoKey => "no-key",
            Self::Waiting => "waiting",
            Self::Locked => "locked",
            Self::Untested => "untested",
            Self::Ready(..) => "ready",
        }
    }

    /// Whether a key was used since the call.
    #[must_use]
    pub fn is_ready(self) -> bool {
        matches!(self, Self::Ready(..))
    }
}

/// A member of the body that is convened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Number on the roster; before it is fixed, the one it would have today.
    pub no: u32,
    /// Who.
    pub person: PersonId,
    /// Villager group.
    pub group: Option<u16>,
    /// What was noted, oldest first, taken back or not.
    pub notes: Vec<ServiceNote>,
    /// Whether the key works.
    pub readiness: Readiness,
}

impl Member {
    /// What stands of the notes, oldest first.
    pub fn standing(&self) -> impl Iterator<Item = &ServiceNote> {
        self.notes.iter().filter(|note| note.undone.is_none())
    }

    /// Whether the member was told.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.standing().next().is_some()
    }

    /// Whether the member confirmed it.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.standing().any(|note| note.confirmed)
    }
}

/// The register of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    /// The members, by number.
    pub members: Vec<Member>,
    /// Who does what, besides the tellers.
    pub duties: Vec<Duty>,
}

impl Register {
    /// Members for whom something holds.
    #[must_use]
    pub fn count(&self, holds: impl Fn(&Member) -> bool) -> usize {
        self.members.iter().filter(|member| holds(member)).count()
    }

    /// The member who is this person.
    #[must_use]
    pub fn member(&self, person: PersonId) -> Option<&Member> {
        self.members.iter().find(|member| member.person == person)
    }
}

/// The members who are due: by the roster, or before it is fixed by today's offices.
#[must_use]
pub fn members(state: &State, session: &Session, today: Date) -> Vec<(u32, PersonId)> {
    if session.roster.is_empty() {
        let members = state.body_members(session.body, session.group, today);
        return (1..).zip(members).collect();
    }
    session.roster.iter().map(|(no, person)| (*no, *person)).collect()
}

/// Whether a person's key works, by the keys on record, the cards that were made and the log-ins since the call.
fn readiness(state: &State, person: PersonId, cards: &[&Card], tests: &BTreeMap<PublicKey, Time>) -> Readiness {
    let own = state.people.keys.iter().filter(|(_, key)| key.person == person && !key.revoked);
    let spent = |key: &PublicKey| cards.iter().any(|card| card.public_key == Some(*key) && is_spent(card));
    let (closed, open): (Vec<_>, Vec<_>) = own.partition(|(key, _)| spent(key));
    let last = open.iter().filter_map(|(key, kept)| Some((*tests.get(*key)?, kept.kind))).max();
    let waits = || cards.iter().any(|card| !is_spent(card) && !is_revoked(card, state));
    match (last, open.is_empty(), closed.is_empty()) {
        (Some((time, kind)), ..) => Readiness::Ready(time, kind),
        (None, false, _) => Readiness::Untested,
        (None, true, _) if waits() => Readiness::Waiting,
        (None, true, false) => Readiness::Locked,
        (None, true, true) => Readiness::NoKey,
    }
}

impl App {
    /// The register of a session.
    ///
    /// # Errors
    /// `NotFound` for a village or session that isn't there; the store's.
    pub async fn register(&self, village: VillageCode, id: SessionId) -> Result<Register, AppError> {
        let live = self.lives().live(village).await?;
        let state = live.state();
        let session = state.session(id).ok_or(AppError::NotFound { what: "session" })?;
        let read = self.db().read("register", |tx| {
            Box::pin(async move {
                let notes = tx.service_notes(village, id, MOST_NOTES).await?;
                let (tests, duties) = (tx.key_tests(village, id).await?, tx.duties(village, id).await?);
                Ok::<_, StoreError>((notes, tests, duties, tx.cards(village, MOST_CARDS).await?))
            })
        });
        let (notes, tests, duties, cards) = read.await?;
        let tests: BTreeMap<PublicKey, Time> = tests.iter().map(|test| (test.public_key, test.tested)).collect();
        let mut cards_of: BTreeMap<PersonId, Vec<&Card>> = BTreeMap::new();
        for card in &cards {
            if let Some(person) = card.person {
                cards_of.entry(person).or_default().push(card);
            }
        }
        let mut notes_of: BTreeMap<PersonId, Vec<ServiceNote>> = BTreeMap::new();
        for note in notes {
            notes_of.entry(note.person).or_default().push(note);
        }
        let member = |(no, person): (u32, PersonId)| Member {
            no,
            person,
            group: state.people.persons.get(&person).and_then(|person| person.group),
            notes: notes_of.remove(&person).unwrap_or_default(),
            readiness: readiness(state, person, cards_of.get(&person).map_or(&[][..], Vec::as_slice), &tests),
        };
        let members = members(state, session, self.now().date()).into_iter().map(member).collect();
        Ok(Register { members, duties })
    }

    /// Notes that members were told; all under one batch, which is returned. People who are not members are passed over.
    ///
    /// # Errors
    /// `Invalid` where none of them is a member, too many are named, or the time lies ahead or before the call; `NotFound`; the store's.
    pub async fn note_service(
        &self,
        (village, id): (VillageCode, SessionId),
        people: &[PersonId],
        (how, confirmed): (Way, bool),
        told: Time,
        by: PersonId,
    ) -> Result<Ulid, AppError> {
        let live = self.lives().live(village).await?;
        let session = live.state().session(id).ok_or(AppError::NotFound { what: "session" })?;
        let noted = self.now();
        // A form has minutes, not seconds.
        if told > noted || told.plus_ms(MINUTE_MS) <= session.convened.time {
            return Err(AppError::Invalid { field: "told", reason: "service-time" });
        }
        let members = members(live.state(), session, noted.date());
        let chosen = members.iter().map(|(_, person)| *person).filter(|person| people.contains(person));
        let batch = Ulid::from_bytes(self.random());
        let note = |person| ServiceNote {
            village,
            session: id,
            batch,
            person,
            how: how.code().to_owned(),
            confirmed,
            told,
            noted_by: by,
            noted,
            undone: None,
            undone_by: None,
        };
        let notes: Vec<ServiceNote> = chosen.map(note).collect();
        if notes.is_empty() || people.len() > MOST_AT_ONCE {
            return Err(AppError::Invalid { field: "person", reason: "service-nobody" });
        }
        let write = self.db().write("add_service_notes", |tx| {
            let notes = notes.clone();
            Box::pin(async move { tx.add_service_notes(&notes).await })
        });
        let _: u64 = write.await.map_err(AppError::Store)?;
        Ok(batch)
    }

    /// Takes a batch of notes back, or one person's part of it. What a member confirmed alone stays with the member.
    ///
    /// # Errors
    /// `NotFound` where nothing of it stands; the store's.
    pub async fn undo_service(
        &self,
        (village, id, batch): (VillageCode, SessionId, Ulid),
        person: Option<PersonId>,
        by: PersonId,
    ) -> Result<u64, AppError> {
        let now = self.now();
        let write = self.db().write("undo_service_notes", |tx| {
            Box::pin(async move {
                let notes = tx.service_notes(village, id, MOST_NOTES).await?;
                let own = |note: &ServiceNote| note.batch == batch && note.how == Way::Own.code() && note.person != by;
                if notes.iter().any(own) {
                    return Ok(0);
                }
                tx.undo_service_notes((village, id, batch), person, (by, now)).await
            })
        });
        match write.await.map_err(AppError::Store)? {
            0 => Err(AppError::NotFound { what: "note" }),
            undone => Ok(undone),
        }
    }

    /// Notes that a person logged in with a key, for every session to come of which the person is a member.
    ///
    /// # Errors
    /// The store's.
    pub async fn note_key_test(
        &self,
        village: VillageCode,
        person: PersonId,
        public_key: PublicKey,
    ) -> Result<(), AppError> {
        let live = self.lives().live(village).await?;
        let (state, tested) = (live.state(), self.now());
        let ahead = state.sessions.iter().filter(|(_, session)| session.is_live() && tested < session.opens_until());
        let due =
            |session: &Session| members(state, session, tested.date()).iter().any(|(_, member)| *member == person);
        let tests: Vec<KeyTest> = ahead
            .filter(|(_, session)| due(session))
            .map(|(id, _)| KeyTest { village, session: *id, public_key, tested })
            .collect();
        if tests.is_empty() {
            return Ok(());
        }
        let write = self.db().write("put_key_tests", |tx| {
            let tests = tests.clone();
            Box::pin(async move { tx.put_key_tests(&tests).await })
        });
        let _: u64 = write.await.map_err(AppError::Store)?;
        Ok(())
    }

    /// Keeps who does what at a session, in the clerk's words; an empty text says nobody.
    ///
    /// # Errors
    /// `Invalid` for a duty that isn't one of [`DUTIES`], or a text too long; `NotFound`; the store's.
    pub async fn note_duties(
        &self,
        village: VillageCode,
        id: SessionId,
        given: &[(String, String)],
        by: PersonId,
    ) -> Result<(), AppError> {
        let live = self.lives().live(village).await?;
        live.state().session(id).ok_or(AppError::NotFound { what: "session" })?;
        let noted = self.now();
        let sound = |(duty, who): &(String, String)| {
            let plain = who.chars().count() <= MOST_WORDS && !who.chars().any(char::is_control);
            DUTIES.contains(&duty.as_str()) && plain
        };
        if !given.iter().all(sound) {
            return Err(AppError::Invalid { field: "who", reason: "too-long" });
        }
        let duty = |(duty, who): &(String, String)| Duty {
            village,
            session: id,
            duty: duty.clone(),
            who: who.trim().to_owned(),
            noted_by: by,
            noted,
        };
        let duties: Vec<Duty> = given.iter().map(duty).collect();
        let write = self.db().write("put_duties", |tx| {
            let duties = duties.clone();
            Box::pin(async move { tx.put_duties(&duties).await })
        });
        let _: u64 = write.await.map_err(AppError::Store)?;
        Ok(())
    }
}
