//! What is noted at the door of a session beside the record: who was called by name and seen, whom a scribe helped, who
//! watched, which papers were spoiled and replaced, and where members meet who are elsewhere.
//!
//! None of it is on record: it decides nothing that the law asks about. It is evidence that stays with the village, and the
//! minutes, which two people sign, say what it comes to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::app::error::AppError;
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, PersonId, SessionId, VillageCode};
use crate::core::model::{Channel, QuestionCode};
use crate::core::privacy;
use crate::core::state::people::People;
use crate::core::state::session::Session;
use crate::store::door::DoorNote;
use crate::store::error::StoreError;
use crate::store::vault::Place;

/// Kind of vault row that holds who an observer is; named by session and note.
const OBSERVER: &str = "observer";
/// Kind of vault row that holds the link to a session's meeting; named by the session.
const MEETING: &str = "meeting";
/// Most notes of one session: several for each of 1,000 members.
const MOST_NOTES: u64 = 5_000;
/// Longest link, in bytes.
const LONGEST_LINK: usize = 500;

/// What a note says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Noted {
    /// A member who checked in by phone was called by name over the meeting's link, and seen.
    Called {
        /// Roster number.
        no: u32,
        /// Index of the entry that checked the member in: who leaves and comes back is called anew.
        since: u64,
    },
    /// A scribe writes for a voter who can't (代写人).
    Scribe {
        /// Roster number.
        no: u32,
    },
    /// Somebody watches without a vote (旁听、列席).
    Observer {
        /// Drawn by who noted it.
        id: Digest,
    },
    /// A paper ballot was spoiled, taken back and replaced: no second issue, since one voter has one paper.
    Spoiled {
        /// The matter.
        matter: MatterId,
        /// The question.
        question: QuestionCode,
        /// Drawn by who noted it.
        id: Digest,
    },
}

impl Noted {
    fn kind(&self) -> &'static str {
        match self {
            Self::Called { .. } => "called",
            Self::Scribe { .. } => "scribe",
            Self::Observer { .. } => "observer",
            Self::Spoiled { .. } => "spoiled",
        }
    }

    fn about(&self) -> String {
        match self {
            Self::Called { no, since } => format!("{no}/{since}"),
            Self::Scribe { no } => no.to_string(),
            Self::Observer { id } => id.to_string(),
            Self::Spoiled { matter, question, id } => format!("{matter}/{question}/{id}"),
        }
    }

    fn read(note: &DoorNote) -> Option<Self> {
        let mut parts = note.about.split('/');
        let mut part = || parts.next();
        Some(match note.kind.as_str() {
            "called" => Self::Called { no: part()?.parse().ok()?, since: part()?.parse().ok()? },
            "scribe" => Self::Scribe { no: part()?.parse().ok()? },
            "observer" => Self::Observer { id: part()?.parse().ok()? },
            "spoiled" => Self::Spoiled {
                matter: part()?.parse().ok()?,
                question: part()?.parse().ok()?,
                id: part()?.parse().ok()?,
            },
            _ => return None,
        })
    }
}

/// A note, with who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it says.
    pub noted: Noted,
    /// Who noted it and when, the first first.
    pub by: Vec<(PersonId, Time)>,
    /// Who an observer is.
    pub words: Option<String>,
}

impl Note {
    /// Whether two people noted it who are not near kin.
    #[must_use]
    pub fn is_by_two(&self, people: &People) -> bool {
        let apart = |(nth, (one, _)): (usize, &(PersonId, Time))| {
            self.by[nth + 1..].iter().any(|(other, _)| !people.are_kin(*one, *other))
        };
        self.by.iter().enumerate().any(apart)
    }
}

/// Everything that is noted of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Door {
    /// The notes, by what they say.
    pub notes: Vec<Note>,
    /// Where members meet who are elsewhere.
    pub link: Option<String>,
}

fn invalid(field: &'static str, reason: &'static str) -> AppError {
    AppError::Invalid { field, reason }
}

/// Whether a person may note this of a session.
fn check(session: &Session, noted: &Noted, person: PersonId) -> Result<(), AppError> {
    if !session.is_live() {
        return Err(invalid("session", "door-shut"));
    }
    match noted {
        Noted::Called { no, since } => {
            let there = session.attendance.get(no).filter(|member| member.there && member.since == *since);
            let remote = there.is_some_and(|member| member.channel == Channel::Online);
            if !remote {
                return Err(invalid("no", "door-not-online"));
            }
            if session.roster.get(no) == Some(&person) {
                return Err(invalid("no", "door-own"));
            }
        }
        Noted::Scribe { no } if !session.roster.contains_key(no) => return Err(invalid("no", "door-no-number")),
        Noted::Spoiled { matter, question, .. } => {
            let voting = session.voting_of(*matter, question);
            if voting.is_none_or(|voting| voting.paper_issued.is_empty()) {
                return Err(invalid("question", "door-no-paper"));
            }
        }
        Noted::Scribe { .. } | Noted::Observer { .. } => {}
    }
    Ok(())
}

/// Who an observer is, as it may be kept: a line without private numbers.
fn observer(words: Option<&str>) -> Result<&str, AppError> {
    let words = words.map(str::trim).filter(|words| !words.is_empty()).ok_or(invalid("words", "empty"))?;
    privacy::check_name(words).map_err(|_| invalid("words", "door-observer"))?;
    match privacy::find_private(words).first() {
        Some(_) => Err(invalid("words", "private-number")),
        None => Ok(words),
    }
}

/// Whether a text is a link that members may be sent to: encrypted, to a named host, without anybody's password before it.
fn is_link(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !br#""'<>\^`{|}"#.contains(&byte);
    let rest = text.strip_prefix("https://").filter(|_| text.len() <= LONGEST_LINK && text.bytes().all(plain));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    host.is_some_and(|host| host.contains('.') && !host.starts_with('.') && !host.contains('@'))
}

impl App {
    /// Everything that is noted of a session.
    ///
    /// # Errors
    /// The store's.
    pub async fn door(&self, village: VillageCode, session: SessionId) -> Result<Door, AppError> {
        let vault = self.vault();
        let prefix = format!("{session}/");
        let read = self.db().read("door", |tx| {
            let prefix = prefix.clone();
            Box::pin(async move {
                let rows = tx.door_notes(village, session, MOST_NOTES).await?;
                Ok::<_, StoreError>((rows, tx.secrets(vault, OBSERVER, village, &prefix).await?))
            })
        });
        let (rows, secrets) = read.await?;
        let words: BTreeMap<String, String> = secrets
            .into_iter()
            .map(|(name, secret)| (name, String::from_utf8_lossy(secret.expose()).into_owned()))
            .collect();
        let mut notes: BTreeMap<Noted, Note> = BTreeMap::new();
        for (row, noted) in rows.iter().filter_map(|row| Some((row, Noted::read(row)?))) {
            let words = || words.get(&format!("{prefix}{}", row.about)).cloned();
            let note = notes.entry(noted.clone()).or_insert_with(|| Note { noted, by: Vec::new(), words: words() });
            note.by.push((row.person, row.at));
        }
        Ok(Door { notes: notes.into_values().collect(), link: self.meeting_link(village, session).await? })
    }

    /// Notes something for a person; noting it again changes nothing. `words`: who an observer is.
    ///
    /// # Errors
    /// `NotFound` for no such session; `Invalid` for what can't be noted of it; the store's.
    pub async fn note_at_door(
        &self,
        village: VillageCode,
        session: SessionId,
        person: PersonId,
        noted: &Noted,
        words: Option<&str>,
    ) -> Result<(), AppError> {
        let live = self.lives().live(village).await?;
        check(live.state().session(session).ok_or(AppError::not_found("session"))?, noted, person)?;
        let note = row(village, session, person, noted, self.now());
        let secret = match noted {
            Noted::Observer { .. } => {
                let name = format!("{session}/{}", note.about);
                let place = Place { kind: OBSERVER, village, name: &name };
                Some(self.vault().row(&place, observer(words)?.as_bytes(), &mut self.rng())?)
            }
            _ => None,
        };
        let write = self.db().write("note_at_door", |tx| {
            let (note, secret) = (note.clone(), secret.clone());
            Box::pin(async move {
                if tx.door_notes(village, session, MOST_NOTES).await?.len() as u64 >= MOST_NOTES {
                    return Err(invalid("note", "too-many-waiting"));
                }
                // Who an observer is stays as it was first noted: whoever sees the same signs the same.
                if let Some(secret) = &secret {
                    tx.add_secret(secret).await?;
                }
                tx.put_door_note(&note).await?;
                Ok(())
            })
        });
        write.await?;
        self.growth().stir_in(village);
        Ok(())
    }

    /// Takes a person's own note back; without one nothing happens.
    ///
    /// # Errors
    /// `NotFound` for no such session; `Invalid` for one that has ended; the store's.
    pub async fn unnote_at_door(
        &self,
        village: VillageCode,
        session: SessionId,
        person: PersonId,
        noted: &Noted,
    ) -> Result<(), AppError> {
        let live = self.lives().live(village).await?;
        let known = live.state().session(session).ok_or(AppError::not_found("session"))?;
        if !known.is_live() {
            return Err(invalid("session", "door-shut"));
        }
        let note = row(village, session, person, noted, self.now());
        let write = self.db().write("unnote_at_door", |tx| {
            let note = note.clone();
            Box::pin(async move {
                tx.drop_door_note(&note).await?;
                let left = tx.door_notes(village, session, MOST_NOTES).await?;
                if note.kind == OBSERVER && !left.iter().any(|other| other.about == note.about) {
                    let name = format!("{session}/{}", note.about);
                    tx.destroy_secret(&Place { kind: OBSERVER, village, name: &name }).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        write.await?;
        self.growth().stir_in(village);
        Ok(())
    }

    /// The link to a session's meeting, for its members.
    ///
    /// # Errors
    /// The store's.
    pub async fn meeting_link(&self, village: VillageCode, session: SessionId) -> Result<Option<String>, AppError> {
        let (vault, name) = (self.vault(), session.to_string());
        let read = self.db().read("meeting_link", |tx| {
            let name = name.clone();
            Box::pin(async move { tx.secret(vault, &Place { kind: MEETING, village, name: &name }).await })
        });
        Ok(read.await?.map(|secret| String::from_utf8_lossy(secret.expose()).into_owned()))
    }

    /// Keeps the link to a session's meeting; an empty one takes it away.
    ///
    /// # Errors
    /// `Invalid` for what is no https link, or a session that has ended; `NotFound` for no such session; the store's.
    pub async fn set_meeting_link(&self, village: VillageCode, session: SessionId, link: &str) -> Result<(), AppError> {
        let live = self.lives().live(village).await?;
        let known = live.state().session(session).ok_or(AppError::not_found("session"))?;
        if !known.is_live() {
            return Err(invalid("session", "door-shut"));
        }
        let link = link.trim();
        if !link.is_empty() && !is_link(link) {
            return Err(invalid("link", "door-link"));
        }
        let name = session.to_string();
        let row = self.vault().row(&Place { kind: MEETING, village, name: &name }, link.as_bytes(), &mut self.rng())?;
        let write = self.db().write("set_meeting_link", |tx| {
            let (row, name, gone) = (row.clone(), name.clone(), link.is_empty());
            Box::pin(async move {
                if gone {
                    return tx.destroy_secret(&Place { kind: MEETING, village, name: &name }).await.map(|_| ());
                }
                tx.insert_vault(&[&row]).await
            })
        });
        Ok(write.await?)
    }
}

fn row(village: VillageCode, session: SessionId, person: PersonId, noted: &Noted, at: Time) -> DoorNote {
    DoorNote { village, session, kind: noted.kind().to_owned(), about: noted.about(), person, at }
}

#[cfg(test)]
mod tests {
    use super::is_link;

    #[test]
    fn a_meetings_link_is_encrypted_and_says_where_it_leads() {
        for good in ["https://meeting.example/j/123", "https://meeting.example/s/1?pwd=a_b-c#x", "https://a.b"] {
            assert!(is_link(good), "{good}");
        }
        let long = format!("https://a.b/{}", "x".repeat(500));
        for bad in [
            "http://meeting.example/j/1",
            "javascript:alert(1)",
            "https://",
            "https://hall",
            "https://.x",
            "https://meeting.example@evil.example/",
            "https://a.b/ c",
            "https://a.b/\"onclick",
            "https://a.b/村",
            &long,
        ] {
            assert!(!is_link(bad), "{bad}");
        }
    }
}
