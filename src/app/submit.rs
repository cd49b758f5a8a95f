//! A signed statement's way in: read, signatures checked, documents on hand, waiting for a second signer where one is
//! missing, and then through the lane.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::sequencer::Accepted;
use crate::app::tiles;
use crate::core::act::voting::BallotCast;
use crate::core::act::{Act, Kind};
use crate::core::clock::Time;
use crate::core::commit;
use crate::core::ids::{Digest, PersonId, VillageCode};
use crate::core::judge;
use crate::core::model::{Mode, OptionCode, Role};
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::state::{Position, State};
use crate::core::statement::Statement;
use crate::core::table;
use crate::log::dsse::{self, Envelope, Signature};
use crate::log::proof::ProofFile;
use crate::log::signed::{Signed, check_signature, statement_of};
use crate::log::sigset::Keyring;
use crate::store::district::LogOf;
use crate::store::half_signed::HalfSigned;
use crate::store::record::VaultRow;
use crate::store::vault::Place;

/// Kind of vault row that holds the opening of a ballot.
pub const OPENING: &str = "opening";

/// What travels beside a ballot, into the vault: what its commitment hides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BallotOpening {
    /// 32 random bytes of the voter's device.
    pub nonce: Digest,
    /// The choice.
    pub choice: OptionCode,
}

/// An opening as the vault keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::app) struct KeptOpening {
    pub revision: u32,
    pub nonce: Digest,
    pub choice: OptionCode,
}

/// Bytes of a kept opening before it is sealed, more than any takes.
const OPENING_BYTES: usize = 192;

impl KeptOpening {
    /// What is sealed: of one length for every choice, or a sealed row's length would tell how somebody votes.
    pub fn text(&self) -> Zeroizing<String> {
        let text = Zeroizing::new(serde_json::json!(self).to_string());
        Zeroizing::new(format!("{:<OPENING_BYTES$}", *text))
    }
}

/// What became of a submitted statement.
#[derive(Debug, Clone)]
pub enum Submitted {
    /// It is on record.
    Recorded(Accepted),
    /// It waits for these people's signatures.
    Waiting {
        /// Its id.
        statement: Digest,
        /// Who has not signed yet.
        waits_for: Vec<PersonId>,
    },
}

/// Most statements of one person that wait in a village for another signature.
pub const MOST_WAITING: u64 = 50;

impl App {
    /// Takes in a statement signed by all, or by some, of its signers. Sending the same again gives the same answer.
    ///
    /// # Errors
    /// `Rejected` with the rule; `Invalid`; `Overloaded`; the store's errors, after which nothing is acknowledged.
    pub async fn submit(
        &self,
        village: VillageCode,
        envelope: Envelope,
        opening: Option<BallotOpening>,
    ) -> Result<Submitted, AppError> {
        let (statement, id) = (statement_of(&envelope)?, envelope.id());
        ensure(statement.village == village, Rule::StatementVillage, village, statement.village)?;
        let outside = statement.by.iter().all(|signer| signer.role != Role::Log);
        ensure(outside, Rule::SignerRole, "people", "the log")?;
        let pae = envelope.pae();
        if let Some(signatures) = whole(&statement, &envelope) {
            let envelope = Envelope { signatures, ..envelope };
            return self.record_whole(Signed { envelope, statement, id, pae }, opening).await;
        }
        let envelope = self.with_earlier_signatures(village, id, &statement, envelope, &pae).await?;
        let missing = missing(&statement, &envelope);
        if missing.is_empty() {
            return self.record_whole(Signed { envelope, statement, id, pae }, opening).await;
        }
        let signed: Vec<PersonId> = persons(&statement).filter(|person| !missing.contains(person)).collect();
        let waiting = self.wait(&statement, id, &envelope, missing).await?;
        self.end_drafts(&statement, id, &signed).await?;
        Ok(waiting)
    }

    /// Adds a signature to a statement that waits; `None` where it doesn't wait any more.
    ///
    /// # Errors
    /// As [`App::submit`].
    pub async fn add_signature(
        &self,
        village: VillageCode,
        id: Digest,
        signature: Signature,
    ) -> Result<Option<Submitted>, AppError> {
        let now = self.now();
        let waiting = self.db().read("half_signed", |tx| Box::pin(tx.half_signed(village, id, now))).await?;
        let Some(HalfSigned { payload, .. }) = waiting else { return Ok(None) };
        let payload_type = dsse::STATEMENT_TYPE.to_owned();
        let envelope = Envelope { payload_type, payload, signatures: vec![signature] };
        let submitted = self.submit(village, envelope, None).await?;
        if let Submitted::Recorded(_) = &submitted {
            self.waits_no_more(village, id).await;
        }
        Ok(Some(submitted))
    }

    /// A statement is on record: whoever handed it in hears so, whether or not it is taken off the lists of what waits.
    async fn waits_no_more(&self, village: VillageCode, id: Digest) {
        told(village, self.db().write("drop_half_signed", |tx| Box::pin(tx.drop_half_signed(village, id))).await);
    }

    /// Puts a statement on record that bears a signature of each signer, once they have been checked.
    async fn record_whole(&self, signed: Signed, opening: Option<BallotOpening>) -> Result<Submitted, AppError> {
        let signed = self.checker().check(signed).await?;
        let (statement, id) = (signed.statement.clone(), signed.id);
        let accepted = self.record(signed, opening).await?;
        told(statement.village, self.end_drafts(&statement, id, &persons(&statement).collect::<Vec<_>>()).await);
        Ok(Submitted::Recorded(accepted))
    }

    /// Signatures that came before, with the new ones; every one of them good.
    async fn with_earlier_signatures(
        &self,
        village: VillageCode,
        id: Digest,
        statement: &Statement,
        envelope: Envelope,
        pae: &[u8],
    ) -> Result<Envelope, AppError> {
        let now = self.now();
        let mut all = envelope.signatures;
        if all.len() < statement.by.len() {
            let earlier = self.db().read("half_signed", |tx| Box::pin(tx.half_signed(village, id, now))).await?;
            if let Some(earlier) = earlier {
                let kept: Vec<KeptSignature> = serde_json::from_str(&earlier.signatures).unwrap_or_default();
                all.extend(kept.into_iter().filter_map(KeptSignature::read));
            }
        }
        let (mut signatures, mut keys) = (Vec::new(), Keyring::default());
        for signer in &statement.by {
            let keyid = dsse::keyid(&signer.key);
            if let Some(signature) = all.iter().find(|signature| signature.keyid == keyid) {
                check_signature(&mut keys, &signer.key, pae, signature)?;
                signatures.push(signature.clone());
            }
        }
        ensure(!signatures.is_empty(), Rule::StatementSignature, "a signature of a signer", "none")?;
        Ok(Envelope { signatures, ..envelope })
    }

    /// Keeps a statement that still needs signatures, after judging what can be judged now.
    async fn wait(
        &self,
        statement: &Statement,
        id: Digest,
        envelope: &Envelope,
        waits_for: Vec<PersonId>,
    ) -> Result<Submitted, AppError> {
        let live = self.lives().live(statement.village).await?;
        dry_run(live.state(), statement, id, self.now())?;
        self.check_documents(statement).await?;
        let signed_by = persons(statement).filter(|person| !waits_for.contains(person)).collect::<Vec<_>>();
        self.check_waiting(statement.village, id, &signed_by).await?;
        let signatures: Vec<KeptSignature> = envelope.signatures.iter().map(KeptSignature::of).collect();
        let waiting = HalfSigned {
            village: statement.village,
            statement: id,
            kind: statement.kind().code().to_owned(),
            payload: envelope.payload.clone(),
            signatures: serde_json::json!(signatures).to_string(),
            side: None,
            waits_for: waits_for.clone(),
            signed_by,
            created: self.now(),
            expires: lapses(live.state(), statement),
        };
        self.db()
            .write("put_half_signed", |tx| {
                let waiting = waiting.clone();
                Box::pin(async move { tx.put_half_signed(&waiting).await })
            })
            .await?;
        // The second signer's page at the hall's door shows it at once.
        self.growth().stir_in(statement.village);
        Ok(Submitted::Waiting { statement: id, waits_for })
    }

    /// Refuses one more statement of somebody for whom very many wait already.
    async fn check_waiting(&self, village: VillageCode, id: Digest, signed_by: &[PersonId]) -> Result<(), AppError> {
        let now = self.now();
        let known = self.db().read("half_signed", |tx| Box::pin(tx.half_signed(village, id, now))).await?;
        for person in signed_by.iter().copied().filter(|_| known.is_none()) {
            let read = self.db().read("half_signed_by", |tx| Box::pin(tx.half_signed_by(village, person, now)));
            if read.await? >= MOST_WAITING {
                return Err(AppError::Invalid { field: "statement", reason: "too-many-waiting" });
            }
        }
        Ok(())
    }

    /// Puts a fully signed statement on record.
    async fn record(&self, signed: Signed, opening: Option<BallotOpening>) -> Result<Accepted, AppError> {
        let (village, id) = (signed.statement.village, signed.id);
        let act = signed.statement.act.clone();
        self.check_documents(&signed.statement).await?;
        let secrets = match &act {
            Act::BallotCast(cast) => vec![self.seal_opening(&signed.statement, cast, opening).await?],
            _ if opening.is_some() => return Err(AppError::Invalid { field: "opening", reason: "not-a-ballot" }),
            _ => Vec::new(),
        };
        let two = signed.statement.by.len() > 1;
        let accepted = match self.append(signed, secrets).await {
            Ok(accepted) => accepted,
            // A copy of what is on record gets the answer that the first one got.
            Err(error) => self.recorded(village, id).await?.ok_or(error)?,
        };
        // One with a single signer never waited, unless it comes by `add_signature`.
        if two {
            self.waits_no_more(village, id).await;
        }
        told(village, self.follow_up(village, &act).await);
        Ok(accepted)
    }

    /// The receipt of a statement that is on record already.
    pub(in crate::app) async fn recorded(
        &self,
        village: VillageCode,
        id: Digest,
    ) -> Result<Option<Accepted>, AppError> {
        let found = self.db().read("by_statement", |tx| Box::pin(tx.by_statement_id(village, id))).await?;
        let Some(stored) = found else { return Ok(None) };
        let receipt = self.receipt(village, stored.seq).await?;
        let at = Position { seq: stored.seq, time: stored.time, leaf: stored.leaf };
        Ok(Some(Accepted { at, receipt, remarks: Vec::new() }))
    }

    /// The receipt of an entry: its proof to the newest checkpoint (PROTOCOL 7a).
    ///
    /// # Errors
    /// `NotFound` for an entry that isn't there; the store's.
    pub async fn receipt(&self, village: VillageCode, seq: u64) -> Result<Vec<u8>, AppError> {
        let live = self.lives().live(village).await?;
        let size = live.ledger.frontier.size();
        let read = self.db().read("receipt", |tx| {
            Box::pin(async move {
                let entry = tx.entry(village, seq).await?;
                Ok::<_, AppError>((entry, tiles::path(tx, LogOf::Village(village), seq, size).await?))
            })
        });
        let (entry, path) = read.await?;
        let (entry, path) = entry.zip(path).ok_or(AppError::NotFound { what: "entry" })?;
        let note = live.ledger.checkpoint(&live.key);
        Ok(ProofFile::receipt(entry.bytes, seq, path, note).to_string().into_bytes())
    }

    /// Checks the opening of a ballot against its commitment and seals it. A later revision takes the place of the
    /// earlier one's: superseded openings are destroyed.
    async fn seal_opening(
        &self,
        statement: &Statement,
        cast: &BallotCast,
        opening: Option<BallotOpening>,
    ) -> Result<VaultRow, AppError> {
        let opening = opening.ok_or(AppError::Invalid { field: "opening", reason: "missing" })?;
        let basis = statement.basis.ok_or(AppError::Invalid { field: "basis", reason: "missing" })?;
        let commitment = commit::choice(&basis, cast.voter, cast.revision, &opening.nonce, &opening.choice);
        ensure(commitment == cast.commitment, Rule::OpeningWrong, cast.commitment, commitment)?;
        let live = self.lives().live(statement.village).await?;
        let voting = statement.session.zip(statement.matter).zip(statement.question.as_ref());
        let voting = voting.and_then(|((session, matter), question)| {
            live.state().session(session).and_then(|session| session.voting_of(matter, question))
        });
        let listed =
            voting.is_some_and(|v| v.opening.mode == Mode::Named && v.opening.options.contains(&opening.choice));
        ensure(listed, Rule::OpeningWrong, "one of the options", "another choice")?;
        let name = opening_name(basis, cast.voter, cast.channel.code());
        let kept = KeptOpening { revision: cast.revision, nonce: opening.nonce, choice: opening.choice };
        let place = Place { kind: OPENING, village: statement.village, name: &name };
        Ok(self.vault().row(&place, kept.text().as_bytes(), &mut self.rng())?)
    }

    /// What a recorded statement brings about outside the record.
    async fn follow_up(&self, village: VillageCode, act: &Act) -> Result<(), AppError> {
        match act {
            Act::DocumentWithdrawn(act) => {
                let (name, now) = (act.document, self.now());
                self.db().write("withdraw", |tx| Box::pin(tx.withdraw_document(village, name, now))).await?;
                // Who was told of the entry may have looked before this was done.
                self.growth().stir_in(village);
            }
            Act::KeyRevoked(act) => {
                let key = act.key;
                self.db().write("end_sessions", |tx| Box::pin(tx.end_sessions_of_key(key))).await?;
            }
            Act::KeysEnrolled(act) => {
                let rows: Vec<_> = act.keys.iter().map(|row| (row.person, row.key)).collect();
                self.db()
                    .write("end_enrolments", |tx| {
                        let rows = rows.clone();
                        Box::pin(async move {
                            for (person, key) in rows {
                                tx.end_enrolments(village, person, key).await?;
                            }
                            Ok::<_, AppError>(())
                        })
                    })
                    .await?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Tells the operator what could not be done after a statement was put on record.
fn told<T>(village: VillageCode, done: Result<T, impl std::fmt::Display>) {
    if let Err(error) = done {
        tracing::warn!(%village, %error, "a statement is on record, and what follows from it outside the record was not done");
    }
}

/// The name of an opening's vault row.
pub(in crate::app) fn opening_name(basis: Digest, voter: u32, channel: &str) -> String {
    format!("{basis}/{voter:06}/{channel}")
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptSignature {
    keyid: Digest,
    sig: String,
}

/// Names of the keys that have signed a statement that waits.
#[must_use]
pub fn signed_keys(waiting: &HalfSigned) -> Vec<Digest> {
    let kept: Vec<KeptSignature> = serde_json::from_str(&waiting.signatures).unwrap_or_default();
    kept.into_iter().map(|signature| signature.keyid).collect()
}

impl KeptSignature {
    fn of(signature: &Signature) -> Self {
        Self { keyid: signature.keyid, sig: hex::encode(signature.sig) }
    }

    fn read(self) -> Option<Signature> {
        let mut sig = [0; 64];
        hex::decode_to_slice(&self.sig, &mut sig).ok()?;
        Some(Signature { keyid: self.keyid, sig })
    }
}

/// A signature of each signer, in the order of the signers; `None` while one is missing.
fn whole(statement: &Statement, envelope: &Envelope) -> Option<Vec<Signature>> {
    let of = |key| {
        let keyid = dsse::keyid(key);
        envelope.signatures.iter().find(|signature| signature.keyid == keyid).cloned()
    };
    statement.by.iter().map(|signer| of(&signer.key)).collect()
}

fn persons(statement: &Statement) -> impl Iterator<Item = PersonId> {
    statement.by.iter().filter_map(|signer| signer.person)
}

fn missing(statement: &Statement, envelope: &Envelope) -> Vec<PersonId> {
    let signed = |key| envelope.signatures.iter().any(|signature| signature.keyid == dsse::keyid(key));
    statement.by.iter().filter(|signer| !signed(&signer.key)).filter_map(|signer| signer.person).collect()
}

/// Judges a statement as if it were appended now, to tell early what would be refused later.
///
/// # Errors
/// The first rule that it breaks.
pub fn dry_run(state: &State, statement: &Statement, id: Digest, now: Time) -> Result<Vec<judge::Remark>, Rejection> {
    let at = Position { seq: state.last.seq + 1, time: now.max(state.last.time), leaf: id };
    judge::judge(state, statement, id, at).map(|change| change.remarks)
}

/// Until when signatures can be put under a statement: as long as it may travel, and papers that were handed out in a vote no longer than
/// its deliveries go on.
#[must_use]
pub fn lapses(state: &State, statement: &Statement) -> Time {
    let travelled = statement.at.plus_ms(table::travel_ms(table::row(statement.kind()).window));
    let handed_out = matches!(statement.kind(), Kind::PaperIssued | Kind::MobileBoxVisited);
    let vote = statement.session.zip(statement.matter).zip(statement.question.as_ref()).filter(|_| handed_out);
    let voting = vote.and_then(|((session, matter), question)| state.session(session)?.voting_of(matter, question));
    voting.map_or(travelled, |voting| travelled.min(voting.deliveries_end()))
}

#[cfg(test)]
mod tests {
    use super::{KeptOpening, OPENING_BYTES};
    use crate::core::ids::Digest;

    #[test]
    fn no_choice_is_told_by_the_length_of_what_is_sealed() {
        for choice in ["a", "for", "against", "abstain", "sixteen_letters_"] {
            for revision in [1, u32::MAX] {
                let kept = KeptOpening { revision, nonce: Digest([255; 32]), choice: choice.parse().expect("a code") };
                let text = kept.text();
                assert_eq!(text.len(), OPENING_BYTES, "{choice}");
                let read: KeptOpening = serde_json::from_str(&text).expect("what was kept");
                assert_eq!((read.revision, read.choice), (revision, kept.choice));
            }
        }
    }
}
