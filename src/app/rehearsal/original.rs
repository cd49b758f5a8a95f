//! What a rehearsal takes over from the real district, read and never written: the village's state, names, the texts that stand
//! on the session's agenda, calendars.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::import::VillageRow;
use crate::app::live::Live;
use crate::app::rehearsal::RehearsalError;
use crate::core::act::matter::RequiredBallot;
use crate::core::act::village::CalendarAdopted;
use crate::core::act::{Act, Kind};
use crate::core::ids::{Digest, PersonId, SessionId, VillageCode};
use crate::core::model::{Doc, Media, Stage};
use crate::core::state::State;
use crate::core::state::matter::{Matter, Proposal, Settled};
use crate::core::state::phase::Phase;
use crate::core::state::session::Session;

/// A text or file as it is on hand.
pub type Paper = (Media, Vec<u8>);

/// A village and one of its sessions, as they are now.
#[derive(Debug)]
pub struct Original {
    /// Codes and names of the village and its township.
    pub row: VillageRow,
    /// Names of people.
    pub names: BTreeMap<PersonId, String>,
    /// Calendars as they were adopted.
    pub calendars: Vec<CalendarAdopted>,
    live: Arc<Live>,
    session: Arc<Session>,
    papers: BTreeMap<Digest, Paper>,
}

/// A matter on the agenda, as it was settled.
#[derive(Debug, Clone, Copy)]
pub struct Tabled<'a> {
    /// What was proposed.
    pub proposal: &'a Proposal,
    /// The plan with its questions.
    pub settled: &'a Settled,
    /// Which of its ballots the session is for.
    pub ballot: u8,
}

impl Original {
    /// The village's state.
    #[must_use]
    pub fn state(&self) -> &State {
        self.live.state()
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The agenda, in order.
    #[must_use]
    pub fn agenda(&self) -> Vec<Tabled<'_>> {
        tabled(self.state(), &self.session).unwrap_or_default()
    }

    /// The bytes of a paper; an empty text where they are withdrawn.
    #[must_use]
    pub fn paper(&self, document: Digest) -> Paper {
        self.papers.get(&document).cloned().unwrap_or((Media::Text, Vec::new()))
    }

    /// The text of the session's notice, where it is one.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        let (media, bytes) = self.papers.get(&notice_of(&self.session)?)?;
        (*media == Media::Text).then(|| String::from_utf8_lossy(bytes).into_owned())
    }
}

fn notice_of(session: &Session) -> Option<Digest> {
    session.papers.paper(Kind::SessionConvened)?.documents.first().copied()
}

/// The matters of a session; nothing where one of them isn't before its ballot any more.
fn tabled<'a>(state: &'a State, session: &Session) -> Option<Vec<Tabled<'a>>> {
    let ahead = |matter: &&Matter| matter.stage() == Some(Stage::Ballot);
    let items = session.agenda.iter().map(|item| {
        let matter = state.matter(item.matter).filter(ahead)?;
        let (proposal, settled) = (matter.proposal.as_ref()?, matter.settled.as_ref()?);
        Some(Tabled { proposal, settled, ballot: item.ballot })
    });
    items.collect()
}

/// The documents of a ballot's questions.
fn docs(ballot: &RequiredBallot) -> impl Iterator<Item = &Doc> {
    ballot.questions.iter().flat_map(|question| std::iter::once(&question.title).chain(&question.labels))
}

impl App {
    /// Reads what a rehearsal of this session takes over.
    ///
    /// # Errors
    /// `NotFound`; `Begun`; `NotAhead` where there is nothing to rehearse; the store's.
    pub async fn original(&self, village: VillageCode, id: SessionId) -> Result<Original, RehearsalError> {
        let live = self.lives().live(village).await?;
        let session = live.state().sessions.get(&id).ok_or(AppError::NotFound { what: "session" })?;
        let session = Arc::clone(session);
        let phase = live.state().phase(&session, self.now());
        if phase.has_begun() {
            return Err(RehearsalError::Begun);
        }
        let called = tabled(live.state(), &session).filter(|_| phase == Phase::Called);
        let agenda = called.ok_or(RehearsalError::NotAhead)?;
        let mut wanted: Vec<Digest> = notice_of(&session).into_iter().collect();
        for item in &agenda {
            wanted.extend([item.proposal.title.sha256, item.settled.plan.sha256]);
            wanted.extend(item.settled.ballots.iter().flat_map(docs).map(|doc| doc.sha256));
        }
        let mut papers = BTreeMap::new();
        for name in wanted {
            if let (document, Some(content)) = self.document(village, name).await? {
                papers.insert(name, (document.media.parse().unwrap_or(Media::Text), content.bytes));
            }
        }
        let place = self.village_place(village).await?;
        let row = VillageRow {
            line: 1,
            code: village,
            name: place.name,
            township: place.township,
            township_name: place.township_name,
        };
        let told = self.told_of_kind(village, Kind::CalendarAdopted).await?;
        let calendars = told.into_iter().filter_map(|told| match told.statement.act {
            Act::CalendarAdopted(act) => Some(act),
            _ => None,
        });
        let (calendars, names) = (calendars.collect(), self.names(village).await?);
        Ok(Original { row, names, calendars, live, session, papers })
    }
}
