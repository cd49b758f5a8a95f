//! Who may open a document. A level says it for what stands on the record; what no entry names yet is its uploader's alone,
//! and theirs who are asked to sign it.

use crate::app::App;
use crate::app::error::AppError;
use crate::core::act::inquiry::Addressee;
use crate::core::clock::Date;
use crate::core::ids::{Digest, PersonId, VillageCode};
use crate::core::model::{Level, Role};
use crate::core::state::State;
use crate::core::statement::Statement;
use crate::log::entry::Entry;
use crate::store::documents::Document;
use crate::store::error::StoreError;
use crate::store::naming::NamingRow;
use crate::store::record::PAGE;

/// Most statements of one person looked through for a document that waits with them.
const MOST_SIGNED: u64 = 500;

/// What somebody is in one village.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reader {
    /// Who it is, where the village knows this person's key.
    pub person: Option<PersonId>,
    /// The roles held here, own or covered.
    pub roles: Vec<Role>,
}

impl Reader {
    /// A person of a village on a date.
    #[must_use]
    pub fn of(state: &State, person: PersonId, date: Date) -> Self {
        Self { person: Some(person), roles: roles(state, person, date) }
    }

    /// Whether a document of this level may be opened; `entered_by`: who signed the entry that first named it.
    #[must_use]
    pub fn may_read(&self, level: Level, entered_by: &[PersonId]) -> bool {
        let watches = |role: &Role| role.is_official() || *role == Role::SupervisionCommittee;
        let inspects = |role: &Role| Addressee::Discipline.roles().contains(role);
        let entered = || self.person.is_some_and(|person| entered_by.contains(&person));
        match level {
            Level::Public => true,
            Level::Village => !self.roles.is_empty(),
            Level::Officials => self.roles.iter().any(watches) || (entered() && !self.roles.is_empty()),
            Level::Discipline => self.roles.iter().any(inspects) || (entered() && !self.roles.is_empty()),
        }
    }
}

/// The roles that a person holds in a village on a date, own or covered.
#[must_use]
pub fn roles(state: &State, person: PersonId, date: Date) -> Vec<Role> {
    Role::ALL.iter().copied().filter(|role| state.people.holds(person, *role, date)).collect()
}

/// Who may read a document as its row says; the fewest where the row doesn't.
fn level(document: &Document) -> Level {
    document.level.parse().unwrap_or(Level::Discipline)
}

impl App {
    /// The first entry that names a document: no later one gives anybody a right to it. Entries that the tables don't have
    /// yet are read from the record's end.
    ///
    /// # Errors
    /// The store's.
    pub async fn named(&self, village: VillageCode, document: Digest) -> Result<Option<NamingRow>, AppError> {
        let read = self.db().read("named", |tx| {
            Box::pin(async move {
                if let Some(row) = tx.naming(village, document).await? {
                    return Ok::<_, AppError>(Some(row));
                }
                let mut from = tx.projected(village).await?;
                loop {
                    let page = tx.entries(village, from, PAGE).await?;
                    if page.is_empty() {
                        return Ok(None);
                    }
                    for stored in &page {
                        let entry =
                            Entry::parse(&stored.bytes).map_err(|error| StoreError::Damaged(error.to_string()))?;
                        let statement = Statement::parse(&entry.statement.payload)?;
                        let found = rows_of(&statement, stored.seq).into_iter().find(|row| row.commitment == document);
                        if found.is_some() {
                            return Ok(found);
                        }
                    }
                    from += page.len() as u64;
                }
            })
        });
        read.await
    }

    /// Whether a reader may open a document that is on hand.
    ///
    /// # Errors
    /// The store's.
    pub async fn may_open(&self, document: &Document, reader: &Reader) -> Result<bool, AppError> {
        match self.named(document.village, document.commitment).await? {
            Some(naming) => Ok(reader.may_read(level(document), &naming.signers())),
            None => self.may_prepare(document, reader).await,
        }
    }

    /// Whether a reader brought a document that no entry names yet, or is to sign what names it.
    async fn may_prepare(&self, document: &Document, reader: &Reader) -> Result<bool, AppError> {
        let Some(person) = reader.person else { return Ok(false) };
        if document.uploader == Some(person) {
            return Ok(true);
        }
        let (village, now) = (document.village, self.now());
        let read = self.db().read("half_signed_of", |tx| {
            Box::pin(async move { tx.half_signed_of(village, person, now, MOST_SIGNED).await })
        });
        let names = |payload: &[u8]| {
            Statement::parse(payload)
                .is_ok_and(|statement| statement.documents.iter().any(|doc| doc.sha256 == document.commitment))
        };
        Ok(read.await?.iter().any(|waiting| names(&waiting.payload)))
    }

    /// Refuses a document that an earlier entry names, unless all who sign may read it: naming it again would give it away.
    pub(in crate::app) async fn check_named_again(
        &self,
        statement: &Statement,
        document: &Document,
    ) -> Result<(), AppError> {
        let level = level(document);
        let named = match level {
            Level::Public => None,
            Level::Village | Level::Officials | Level::Discipline => {
                self.named(statement.village, document.commitment).await?
            }
        };
        let Some(naming) = named else { return Ok(()) };
        let live = self.lives().live(statement.village).await?;
        let (entered_by, date) = (naming.signers(), self.now().date());
        let may = |person| Reader::of(live.state(), person, date).may_read(level, &entered_by);
        if statement.by.iter().filter_map(|signer| signer.person).all(may) {
            Ok(())
        } else {
            Err(AppError::Invalid { field: "document", reason: "not-yours" })
        }
    }
}

/// What an entry names, for the table that answers who named a document first.
#[must_use]
pub fn rows_of(statement: &Statement, seq: u64) -> Vec<NamingRow> {
    let signers: Vec<PersonId> = statement.by.iter().filter_map(|signer| signer.person).collect();
    let row = |name| NamingRow::new(statement.village, name, seq, &signers);
    statement.documents.iter().map(|doc| row(doc.sha256)).collect()
}
