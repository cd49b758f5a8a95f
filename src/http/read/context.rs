//! What the builders of pages share: one village's state, names and documents, seen by one reader at one moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::App;
use crate::app::accesses::Action;
use crate::app::live::Live;
use crate::app::views::library::{Library, Wanted};
use crate::core::clock::Time;
use crate::core::ids::{Digest, PersonId, VillageCode};
use crate::core::model::{Doc, Level, Media, Role};
use crate::core::state::State;
use crate::core::statement::Signer;
use crate::http::pages::parts::{self, Paper, PaperState, Place, Who};
use crate::http::problem::Problem;
use crate::http::read::frame::Visit;

/// One village seen by one reader.
#[derive(Debug)]
pub struct View<'a> {
    /// The reader.
    pub visit: &'a Visit,
    /// The village.
    pub place: Place,
    /// Its state and log.
    pub live: Arc<Live>,
    /// Names of its people.
    pub names: BTreeMap<PersonId, String>,
    /// Documents fetched for the page.
    pub library: Library,
    /// The present time.
    pub now: Time,
}

impl<'a> View<'a> {
    /// A village as it is now; documents are fetched with [`View::fetch`] once it is known which.
    ///
    /// # Errors
    /// `NotFound` for a village without a record; the store's.
    pub async fn of(app: &App, visit: &'a Visit, village: VillageCode) -> Result<Self, Problem> {
        let live = app.lives().live(village).await?;
        let place = app.village_place(village).await?.into();
        let names = app.names(village).await?;
        Ok(Self { visit, place, live, names, library: Library::default(), now: app.now() })
    }

    /// The same where nobody is named.
    ///
    /// # Errors
    /// As [`View::of`].
    pub async fn unnamed(app: &App, visit: &'a Visit, village: VillageCode) -> Result<Self, Problem> {
        let live = app.lives().live(village).await?;
        let place = app.village_place(village).await?.into();
        Ok(Self { visit, place, live, names: BTreeMap::new(), library: Library::default(), now: app.now() })
    }

    /// Fetches the documents that the page needs.
    ///
    /// # Errors
    /// The store's.
    pub async fn fetch(mut self, app: &App, wanted: &Wanted) -> Result<Self, Problem> {
        let village = self.village();
        let visit = self.visit;
        self.library = app.library(village, wanted, |level: Level| visit.may_read(village, level, &[])).await?;
        // What the whole village may read stands on its pages; words that are closed to it were opened by this reader.
        for name in self.library.closed_words() {
            app.note_access(village, visit.known(), Action::Document, &format!("d/{name}")).await?;
        }
        Ok(self)
    }

    /// The village's state.
    #[must_use]
    pub fn state(&self) -> &State {
        self.live.state()
    }

    /// The village.
    #[must_use]
    pub fn village(&self) -> VillageCode {
        self.place.code
    }

    /// An interface text without values.
    #[must_use]
    pub fn t(&self, key: &'static str) -> String {
        self.visit.c.t(key).to_string()
    }

    /// The words of a document; a word for why there are none.
    #[must_use]
    pub fn words(&self, name: Digest) -> String {
        match (self.library.text(name), self.library.known(name)) {
            (Some(text), _) => text.to_owned(),
            (None, Some(known)) if known.withdrawal.is_some() => self.t("text-withdrawn"),
            (None, Some(known)) if !self.visit.may_read(self.village(), known.level(), &[]) => self.t("text-closed"),
            (None, Some(known)) if known.media().is_some_and(|media| media != Media::Text) => self.t("text-photo"),
            (None, _) => self.t("text-missing"),
        }
    }

    /// A document in a list, called by an interface text.
    #[must_use]
    pub fn paper(&self, title: String, doc: &Doc, entered_by: &[PersonId]) -> Paper {
        let level = match doc.level {
            Level::Public => parts::Level::Public,
            Level::Village => parts::Level::Village,
            Level::Officials => parts::Level::Officials,
            Level::Discipline => parts::Level::Discipline,
        };
        let withdrawal = self.library.known(doc.sha256).and_then(|known| known.withdrawal.as_ref());
        let state = match withdrawal {
            Some(withdrawal) => PaperState::Withdrawn {
                at: withdrawal.at,
                reason: withdrawal
                    .reason
                    .map_or_else(String::new, |reason| self.visit.c.named("withdraw", reason.code()).to_string()),
                replacement: withdrawal.replacement,
            },
            None if self.visit.may_read(self.village(), doc.level, entered_by) => PaperState::Open,
            None => PaperState::Closed,
        };
        Paper { commitment: doc.sha256, title, media: doc.media.code().to_owned(), size: doc.size, level, state }
    }

    /// A person in a capacity, named where this reader may see the name: office holders to everyone, others to the village.
    #[must_use]
    pub fn who(&self, person: PersonId, role: Role) -> Who {
        let shown = is_office(role) || self.visit.belongs_to(self.village());
        let name = self.names.get(&person).filter(|_| shown).cloned();
        Who { name, role: role.code().to_owned() }
    }

    /// Everyone who signed; nobody for the log's own statements.
    #[must_use]
    pub fn signers(&self, by: &[Signer]) -> Vec<Who> {
        let people = by.iter().filter(|signer| signer.role != Role::Log);
        let who = |signer: &Signer| match signer.person {
            Some(person) => self.who(person, signer.role),
            None => Who { name: None, role: signer.role.code().to_owned() },
        };
        people.map(who).collect()
    }
}

/// Whether whoever acts in this role does so in an office that the village or the district gave.
#[must_use]
pub fn is_office(role: Role) -> bool {
    match role {
        Role::Caller
        | Role::Counter
        | Role::Scrutineer
        | Role::BoxScrutineer
        | Role::BranchSecretary
        | Role::Chair
        | Role::CommitteeMember
        | Role::Clerk
        | Role::GroupLeader
        | Role::GridWorker
        | Role::SupervisionCommittee
        | Role::TownshipDrafter
        | Role::TownshipApprover
        | Role::TownshipDisciplineOfficer
        | Role::DisciplineInspector
        | Role::DistrictAdmin => true,
        Role::Root
        | Role::Log
        | Role::Terminal
        | Role::Voter
        | Role::Holder
        | Role::Villager
        | Role::Representative
        | Role::MemberRepresentative
        | Role::Member
        | Role::HouseholdRepresentative => false,
    }
}

/// Whether browsers show it as a picture.
#[must_use]
pub fn is_picture(media: Media) -> bool {
    match media {
        Media::Jpeg | Media::Png | Media::Webp => true,
        Media::Text | Media::Pdf | Media::Heic | Media::Mp4 => false,
    }
}
