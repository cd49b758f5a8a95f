//! people.csv: the result of an election, drafted as `term.opened` for clerk and supervision committee to sign. The
//! drafts wait among their tasks like any statement that lacks a signature.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::app::documents::{MAX_BYTES, admit};
use crate::app::error::AppError;
use crate::app::forms::draft::newest_key;
use crate::app::found::{FoundError, NewPerson};
use crate::app::import::{Fault, PersonRow, Reason, term};
use crate::app::names::NAME;
use crate::core::act::village::{TermOpened, TermRow};
use crate::core::act::{Act, Kind};
use crate::core::clock::{Date, Time};
use crate::core::commit;
use crate::core::ids::{Digest, PersonId, VillageCode};
use crate::core::judge::people::MAX_ROWS;
use crate::core::model::{Doc, Level, Media, Role};
use crate::core::reject::{Rejection, Rule};
use crate::core::state::{Position, State};
use crate::core::statement::{Header, Part, Signer, Statement};
use crate::core::table;
use crate::log::dsse;
use crate::log::ledger;
use crate::store::documents::{NewDocument, SealedDocument};
use crate::store::error::StoreError;
use crate::store::half_signed::HalfSigned;
use crate::store::record::VaultRow;
use crate::store::tx::Tx;
use crate::store::vault::Place;

/// Days of a term: five years.
const TERM_DAYS: i32 = 5 * 365;
/// Most drafts of one village looked through.
const MOST: u64 = 200;

/// What a term is about besides its people.
#[derive(Debug, Clone)]
pub struct TermPlan {
    /// First day; today if it isn't given.
    pub from: Option<Date>,
    /// Last day; five years later if it isn't given.
    pub until: Option<Date>,
    /// The election's result on paper: a scan, a photograph or a text.
    pub result: Vec<u8>,
}

/// What waits in a village to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The village.
    pub village: VillageCode,
    /// People of the term.
    pub people: usize,
    /// Until when it can be signed.
    pub expires: Time,
}

/// One village's draft, whole before anything is written.
struct Drafted {
    waiting: Waiting,
    parts: Vec<HalfSigned>,
    vault: Vec<VaultRow>,
    document: SealedDocument,
    /// Who is on the record.
    known: BTreeSet<PersonId>,
}

impl App {
    /// Drafts the opening of a term in each village of the file. A person on record keeps the id; names of new ones go to
    /// the vault. Drafts of an earlier file that nobody signed are replaced. All villages or none.
    ///
    /// # Errors
    /// `Faults` with the line; the store's.
    pub async fn prepare_terms(&self, rows: &[PersonRow], plan: &TermPlan) -> Result<Vec<Waiting>, FoundError> {
        let mut villages: BTreeMap<VillageCode, Vec<&PersonRow>> = BTreeMap::new();
        for row in rows {
            villages.entry(row.village).or_default().push(row);
        }
        let result = admit(Level::Village, plan.result.clone()).await?;
        let (mut drafted, mut faults) = (Vec::new(), Vec::new());
        for (village, rows) in villages {
            match self.draft_term(village, &rows, plan, &result).await {
                Ok(one) => drafted.push(one),
                Err(FoundError::Faults(more)) => faults.extend(more),
                Err(error) => return Err(error),
            }
        }
        if !faults.is_empty() {
            return Err(FoundError::Faults(faults));
        }
        let (mut papers, mut all) = (Vec::new(), Vec::new());
        for Drafted { waiting, parts, vault, document, known } in drafted {
            papers.push(document);
            all.push((waiting, parts, vault, known));
        }
        // Papers first: one that no statement names yet does no harm, a statement without its paper would.
        self.db().put_documents(self.objects(), papers, MAX_BYTES).await?;
        let (all, now) = (&all, self.now());
        let write = self.db().write("prepare_terms", |tx| {
            Box::pin(async move {
                for (waiting, parts, vault, known) in all {
                    drop_unsigned(tx, waiting.village, known, now).await?;
                    tx.insert_vault(&vault.iter().collect::<Vec<_>>()).await?;
                    for part in parts {
                        tx.put_half_signed(part).await?;
                    }
                }
                Ok::<(), AppError>(())
            })
        });
        write.await?;
        Ok(all.iter().map(|(waiting, ..)| waiting.clone()).collect())
    }

    async fn draft_term(
        &self,
        village: VillageCode,
        rows: &[&PersonRow],
        plan: &TermPlan,
        (media, bytes): &(Media, Vec<u8>),
    ) -> Result<Drafted, FoundError> {
        let first = rows.first().map_or(1, |row| row.line);
        let one = |reason| FoundError::Faults(vec![Fault { line: first, column: None, reason }]);
        let live = match self.lives().live(village).await {
            Err(AppError::NotFound { .. }) => return Err(one(Reason::NotFounded)),
            live => live?,
        };
        let (state, now) = (live.state(), self.now().max(live.state().last.time));
        let named = format!("{} ({village})", self.village_name(village).await?);
        let unfit = term::faults(&named, rows);
        if !unfit.is_empty() {
            return Err(FoundError::Faults(unfit));
        }
        let law = |rejection| one(Reason::Law { village: named.clone(), rejection });
        let names = self.names(village).await?;
        let (people, vault) = self.match_people(state, rows, &names)?;
        let salt = self.random();
        let commitment = commit::document(&salt, bytes);
        let result = Doc { sha256: commitment, size: bytes.len() as u64, media: *media, level: Level::Village };
        let from = plan.from.unwrap_or_else(|| now.date());
        let until = plan.until.unwrap_or_else(|| from.plus_days(TERM_DAYS));
        let term = TermOpened { term: state.people.term + 1, from, until, people, result };
        let by = two(state, now.date()).map_err(law)?;
        let parts = parts(state, &by, now, &term).map_err(law)?;
        let document = NewDocument {
            village,
            commitment,
            salt,
            media: media.code().to_owned(),
            level: Level::Village.code().to_owned(),
            display_end: None,
            stored: now,
            uploader: None,
            // The same result for all villages, and of no matter.
            looks: None,
        };
        let document = SealedDocument::seal(self.vault(), &mut self.rng(), document, bytes.clone())?;
        let known = state.people.persons.keys().copied().collect();
        let expires = parts.first().map_or(now, |part| part.expires);
        Ok(Drafted { waiting: Waiting { village, people: rows.len(), expires }, parts, vault, document, known })
    }

    /// The rows as people of the record: who is on it keeps id and commitment, the others are new.
    fn match_people(
        &self,
        state: &State,
        rows: &[&PersonRow],
        names: &BTreeMap<PersonId, String>,
    ) -> Result<(Vec<TermRow>, Vec<VaultRow>), FoundError> {
        let (mut people, mut vault, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            let Ok(known) = on_record(state, rows, names, row) else {
                faults.push(Fault { line: row.line, column: Some("name"), reason: Reason::Namesakes });
                continue;
            };
            let (person, name) = if let Some(known) = known {
                known
            } else {
                let new = NewPerson::named(self, &row.name);
                vault.push(new.row(self, row.village)?);
                (new.id(), new.commitment())
            };
            people.push(TermRow { person, name, roles: row.roles.clone(), group: row.group });
        }
        people.sort_by_key(|row| row.person);
        if faults.is_empty() { Ok((people, vault)) } else { Err(FoundError::Faults(faults)) }
    }
}

/// Drops what an earlier file drafted and nobody signed, with the names of people who so never came on record.
async fn drop_unsigned(
    tx: &mut Tx<'_>,
    village: VillageCode,
    known: &BTreeSet<PersonId>,
    now: Time,
) -> Result<(), StoreError> {
    let waiting = tx.half_signed_in(village, now, MOST).await?;
    for old in waiting.iter().filter(|old| old.kind == Kind::TermOpened.code() && old.signatures == "[]") {
        tx.drop_half_signed(village, old.statement).await?;
        let Ok(Statement { act: Act::TermOpened(act), .. }) = Statement::parse(&old.payload) else { continue };
        for row in act.people.iter().filter(|row| !known.contains(&row.person)) {
            tx.destroy_secret(&Place { kind: NAME, village, name: &row.person.to_string() }).await?;
        }
    }
    Ok(())
}

/// Who a row is on the record: the only one of the name, or the only one of name and group. `Err` when nobody can tell.
fn on_record(
    state: &State,
    rows: &[&PersonRow],
    names: &BTreeMap<PersonId, String>,
    row: &PersonRow,
) -> Result<Option<(PersonId, Digest)>, ()> {
    let people = &state.people;
    let villagers = people.persons.iter().filter(|(id, _)| !people.is_official(**id));
    let same: Vec<_> = villagers.filter(|(id, _)| names.get(id) == Some(&row.name)).collect();
    let alone = rows.iter().filter(|other| other.name == row.name).count() == 1;
    let fitting: Vec<_> = match same.as_slice() {
        [one] if alone => vec![*one],
        _ => same.into_iter().filter(|(_, person)| person.group == row.group).collect(),
    };
    match fitting.as_slice() {
        [] => Ok(None),
        [(id, person)] => Ok(Some((**id, person.name))),
        _ => Err(()),
    }
}

/// Clerk and supervision committee member with keys, no near kin.
fn two(state: &State, date: Date) -> Result<Vec<Signer>, Rejection> {
    let holders = |role: Role| {
        let with_key = move |person| newest_key(state, person).map(|key| Signer { person: Some(person), role, key });
        state.people.holders(role, date).filter_map(with_key).collect::<Vec<_>>()
    };
    let (clerks, committee) = (holders(Role::Clerk), holders(Role::SupervisionCommittee));
    let apart = |a: &Signer, b: &Signer| {
        let (Some(a), Some(b)) = (a.person, b.person) else { return false };
        a != b && !state.people.are_kin(a, b)
    };
    let pairs = clerks.iter().flat_map(|clerk| committee.iter().map(move |member| (clerk, member)));
    let pair = pairs.into_iter().find(|(clerk, member)| apart(clerk, member));
    let (clerk, member) = pair.ok_or_else(|| {
        Rejection::new(Rule::SignerCount, "a clerk and a supervision committee member with keys", "not both")
    })?;
    Ok(vec![clerk.clone(), member.clone()])
}

/// The statements of a term, at most 200 people each, judged one after another.
fn parts(state: &State, by: &[Signer], at: Time, term: &TermOpened) -> Result<Vec<HalfSigned>, Rejection> {
    let unwritable = |error: serde_json::Error| Rejection::new(Rule::StatementForm, "JSON", error);
    let (mut state, mut parts) = (Some(state.clone()), Vec::new());
    let of = u16::try_from(term.people.len().div_ceil(MAX_ROWS)).unwrap_or(u16::MAX);
    for (part, people) in (1..).zip(term.people.chunks(MAX_ROWS)) {
        let act = Act::TermOpened(TermOpened { people: people.to_vec(), ..term.clone() });
        let header = Header { part: Some(Part { part, of }), ..Header::default() };
        let village = state.as_ref().map(|state| state.village);
        let Some(village) = village else { break };
        let payload = Statement::new(village, by.to_vec(), at, header, act).to_payload().map_err(unwritable)?;
        let statement = Statement::parse(&payload)?;
        let id = dsse::statement_id(&dsse::pae(dsse::STATEMENT_TYPE, &payload));
        let seq = state.as_ref().map_or(0, |state| state.last.seq + 1);
        ledger::replay(&mut state, &statement, id, Position { seq, time: at, leaf: id }, None)?;
        parts.push(HalfSigned {
            village,
            statement: id,
            kind: Kind::TermOpened.code().to_owned(),
            payload,
            signatures: "[]".to_owned(),
            side: None,
            waits_for: by.iter().filter_map(|signer| signer.person).collect(),
            signed_by: Vec::new(),
            created: at,
            expires: at.plus_ms(table::travel_ms(table::row(Kind::TermOpened).window)),
        });
    }
    Ok(parts)
}
