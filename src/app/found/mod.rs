//! What district roots sign, before and after it goes to them: villages founded, law adopted, officials kept. The server
//! prepares the exact bytes; the roots sign them off line; what comes back goes the way of every other statement.

pub mod accept;
pub mod founding;
pub mod officials;
pub mod people;

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::import::Fault;
use crate::app::names::{NAME, SaltedName};
use crate::core::act::village::Founder;
use crate::core::act::{Act, Kind};
use crate::core::clock::Time;
use crate::core::commit;
use crate::core::ids::{Digest, PersonId, PublicKey, VillageCode};
use crate::core::model::{KeyKind, Role};
use crate::core::reject::Rejection;
use crate::core::state::{Position, State};
use crate::core::statement::{Header, Signer, Statement};
use crate::log::ceremony::{Item, Named};
use crate::log::ledger;
use crate::store::error::StoreError;
use crate::store::record::VaultRow;
use crate::store::vault::Place;

/// Why nothing was prepared or taken in.
#[derive(Debug, thiserror::Error)]
pub enum FoundError {
    /// A file's faults.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Faults(Vec<Fault>),
    /// Two different root keys sign.
    #[error("two different root keys must sign; give each with --root")]
    Roots,
    /// The law would refuse it.
    #[error("{kind} of {village}: {} (found {}, expected {})", .rejection.rule.code(), .rejection.found, .rejection.expected)]
    Refused {
        /// Whose record.
        village: VillageCode,
        /// What kind of statement.
        kind: Kind,
        /// The rule.
        rejection: Rejection,
    },
    /// A founding that is not the one prepared here last.
    #[error("the founding of {0} is not the one that was prepared last on this server")]
    NotPrepared(VillageCode),
    /// A signature is missing.
    #[error("{kind} of {village} still needs the signature of root {key}")]
    Missing {
        /// Whose record.
        village: VillageCode,
        /// What kind of statement.
        kind: Kind,
        /// Whose signature.
        key: PublicKey,
    },
    /// Nobody holds such a role.
    #[error("no such person with this role")]
    NoSuchOfficial,
    /// The application.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<StoreError> for FoundError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

/// A person about to be put on records, with what opens the commitment to the name.
#[derive(Debug, Clone)]
pub(in crate::app) struct NewPerson {
    id: PersonId,
    name: String,
    salt: [u8; 32],
}

impl NewPerson {
    pub(in crate::app) fn named(app: &App, name: &str) -> Self {
        Self { id: PersonId::from_bytes(app.random()), name: name.to_owned(), salt: app.random() }
    }

    pub(in crate::app) fn id(&self) -> PersonId {
        self.id
    }

    pub(in crate::app) fn commitment(&self) -> Digest {
        commit::person(&self.salt, &self.name)
    }

    fn founder(&self, role: Role, key: PublicKey) -> Founder {
        Founder { person: self.id, name: self.commitment(), role, key, key_kind: KeyKind::Device }
    }

    fn shown(&self) -> Named {
        Named { person: self.id, name: self.name.clone(), salt: Digest(self.salt) }
    }

    /// The row of the vault that keeps the name.
    pub(in crate::app) fn row(&self, app: &App, village: VillageCode) -> Result<VaultRow, StoreError> {
        let salted = SaltedName { name: self.name.clone(), salt: hex::encode(self.salt) };
        let secret = zeroize::Zeroizing::new(serde_json::json!(salted).to_string());
        let name = self.id.to_string();
        app.vault().row(&Place { kind: NAME, village, name: &name }, secret.as_bytes(), &mut app.rng())
    }
}

/// Those who hold the same key are one person.
#[derive(Debug, Default)]
struct Register(BTreeMap<PublicKey, NewPerson>);

impl Register {
    fn person(&mut self, app: &App, key: PublicKey, name: &str) -> NewPerson {
        self.0.entry(key).or_insert_with(|| NewPerson::named(app, name)).clone()
    }
}

/// One village's statements for the roots, each judged as if it were on record after those before it.
struct Draft<'a> {
    village: VillageCode,
    place: String,
    by: &'a [PublicKey; 2],
    at: Time,
    state: Option<State>,
    items: Vec<Item>,
}

impl Draft<'_> {
    fn add(&mut self, act: Act, people: Vec<Named>) -> Result<(), FoundError> {
        let (village, kind) = (self.village, act.kind());
        let refused = |rejection| FoundError::Refused { village, kind, rejection };
        let signer = |key: &PublicKey| Signer { person: None, role: Role::Root, key: *key };
        let by = self.by.iter().map(signer).collect();
        let statement = Statement::new(village, by, self.at, Header::default(), act);
        let json = |_| AppError::Invalid { field: "payload", reason: "json" };
        let payload = statement.to_payload().map_err(json)?;
        let item = Item::unsigned(payload, self.place.clone(), people).map_err(refused)?;
        try_on(&mut self.state, &item, self.at).map_err(refused)?;
        self.items.push(item);
        Ok(())
    }
}

/// Judges a statement of roots as if it were appended now, and applies it to the state that is tried on.
fn try_on(state: &mut Option<State>, item: &Item, now: Time) -> Result<(), Rejection> {
    let last = state.as_ref().map(|state| state.last);
    let (seq, time) = last.map_or((0, now), |last| (last.seq + 1, now.max(last.time)));
    let at = Position { seq, time, leaf: item.id() };
    ledger::replay(state, &item.statement, item.id(), at, None).map(|_| ())
}
