//! Signatures of statements on their way in, checked together: what came while the last batch was checked is the next
//! one. On threads of their own, beside the database and the network.

use std::time::Duration;

use rayon::prelude::*;
use tokio::sync::oneshot;

use crate::app::error::AppError;
use crate::app::fair::{self, Refused};
use crate::core::ids::PublicKey;
use crate::core::reject::{Rejection, Rule};
use crate::log::signed::Signed;
use crate::log::sigset::{Item, Key, KeyFault, Keyring, verify_batch};

/// Most statements that wait to be checked; more are refused with "try again".
const QUEUE: usize = 4_096;
/// Most of them that are one village's.
const QUEUE_EACH: usize = QUEUE / 4;
/// Most statements in one batch.
const BATCH: usize = 1_024;
/// Signatures that one thread checks together.
const TOGETHER: usize = 256;
/// Checked keys that are kept before the older half is let go, so that each is judged once: 250 bytes each.
const KEYS: usize = 50_000;

/// A batch of so many is followed by a pause, in which the next one gathers: signatures cost less together.
const BUSY: usize = 16;
/// That pause: little beside a commit.
const PAUSE: Duration = Duration::from_millis(4);

struct Job {
    signed: Signed,
    reply: oneshot::Sender<Result<Signed, AppError>>,
}

/// The way to the threads that check. Ends with the last use of it.
#[derive(Debug)]
pub struct Checker(fair::Sender<Job>);

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("id", &self.signed.id).finish_non_exhaustive()
    }
}

impl Checker {
    /// Starts checking. Must be called within a Tokio runtime.
    #[must_use]
    pub fn start() -> Self {
        let (sender, queue) = fair::channel(QUEUE, QUEUE_EACH);
        tokio::spawn(run(queue));
        Self(sender)
    }

    /// Gives the statement back if every signature under it is good, by the signature set (PROTOCOL 9).
    ///
    /// # Errors
    /// `statement.signature`; `Overloaded` when too many wait; `Stopping`.
    pub async fn check(&self, signed: Signed) -> Result<Signed, AppError> {
        let (reply, answer) = oneshot::channel();
        let village = signed.statement.village;
        self.0.try_send(village, Job { signed, reply }).map_err(|refused| match refused {
            Refused::Full(_) => AppError::Overloaded,
            Refused::Closed(_) => AppError::Stopping,
        })?;
        answer.await.map_err(|_| AppError::Stopping)?
    }
}

async fn run(mut queue: fair::Receiver<Job>) {
    let (mut jobs, mut keys) = (Vec::with_capacity(BATCH), Keys::default());
    while queue.recv_many(&mut jobs, BATCH).await > 0 {
        let batch = std::mem::take(&mut jobs);
        let busy = batch.len() >= BUSY;
        let checked = tokio::task::spawn_blocking(move || {
            answer(batch, &mut keys);
            keys
        });
        // After a panic, whose batch is answered by its dropped replies, keys are judged anew.
        keys = checked.await.unwrap_or_default();
        if busy {
            pause().await;
        }
    }
}

/// Lets a batch gather under load.
#[expect(clippy::disallowed_methods, reason = "paces the work under load; decides nothing")]
pub(in crate::app) async fn pause() {
    tokio::time::sleep(PAUSE).await;
}

/// Checks a batch and answers each.
fn answer(batch: Vec<Job>, keys: &mut Keys) {
    let verdicts = verdicts(&batch.iter().map(|job| &job.signed).collect::<Vec<_>>(), keys);
    for (Job { signed, reply }, verdict) in batch.into_iter().zip(verdicts) {
        // Whoever asked has gone; there is nobody to tell.
        let _ = reply.send(verdict.map(|()| signed).map_err(AppError::from));
    }
}

/// A verdict for each statement: one with a bad signature, or under an unsound key, is refused alone.
fn verdicts(batch: &[&Signed], keys: &mut Keys) -> Vec<Result<(), Rejection>> {
    let bad = |expected: &str, fault: &dyn std::fmt::Display| Rejection::new(Rule::StatementSignature, expected, fault);
    let mut verdicts: Vec<Result<(), Rejection>> = vec![Ok(()); batch.len()];
    let mut sound: Vec<(usize, Key, &[u8], &[u8; 64])> = Vec::with_capacity(batch.len());
    for (place, signed) in batch.iter().enumerate() {
        for (signer, signature) in signed.statement.by.iter().zip(&signed.envelope.signatures) {
            match keys.get(&signer.key) {
                Ok(key) => sound.push((place, key, &signed.pae, &signature.sig)),
                Err(fault) => verdicts[place] = Err(bad("a sound key", &fault)),
            }
        }
    }
    let faults = sound.par_chunks(TOGETHER).flat_map_iter(|some| {
        let items = some.iter().map(|(_, key, message, signature)| Item { key, message, signature });
        let faults = verify_batch(&items.collect::<Vec<_>>()).err().unwrap_or_default();
        faults.into_iter().filter_map(|(nth, fault)| some.get(nth).map(|one| (one.0, fault)))
    });
    for (place, fault) in faults.collect::<Vec<_>>() {
        verdicts[place] = Err(bad("a good signature", &fault));
    }
    verdicts
}

/// Checked keys in two generations: when the newer is full it becomes the older, so memory stays bounded and keys in use
/// stay.
#[derive(Debug, Default)]
struct Keys {
    newer: Keyring,
    older: Keyring,
}

impl Keys {
    fn get(&mut self, public: &PublicKey) -> Result<Key, KeyFault> {
        if self.newer.len() >= KEYS / 2 {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.get_beside(&self.older, public)
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::{Keys, verdicts};
    use crate::core::act::Act;
    use crate::core::act::voting::BallotCast;
    use crate::core::ids::{Digest, MatterId, PersonId, PublicKey, SessionId};
    use crate::core::model::{Channel, Role};
    use crate::core::statement::{Header, Signer, Statement};
    use crate::log::dsse::{Envelope, STATEMENT_TYPE};
    use crate::log::signed::Signed;

    fn ballot(voter: u8) -> Signed {
        let key = SigningKey::from_bytes(&[voter; 32]);
        let public = PublicKey(key.verifying_key().to_bytes());
        let by = vec![Signer { person: Some(PersonId::from_bytes([voter; 16])), role: Role::Voter, key: public }];
        let cast = BallotCast {
            voter: voter.into(),
            revision: 1,
            channel: Channel::Online,
            helper: None,
            terminal: None,
            commitment: Digest([voter; 32]),
        };
        let question = Some("q1".parse().expect("a code"));
        let session = Some(SessionId::from_bytes([1; 16]));
        let header = Header { session, question, ..Header::of(MatterId::from_bytes([2; 16])) }.on(Digest([3; 32]));
        let village = "331102206201".parse().expect("a code");
        let at = "2026-11-22T12:00:00.000Z".parse().expect("a time");
        let statement = Statement::new(village, by, at, header, Act::BallotCast(cast));
        let payload = statement.to_payload().expect("a ballot");
        Signed::read(Envelope::sign(STATEMENT_TYPE, payload, &[&key])).expect("well-formed")
    }

    #[test]
    fn a_bad_signature_refuses_itself_alone() {
        let mut ballots: Vec<Signed> = (1..=9).map(ballot).collect();
        ballots[4].envelope.signatures[0].sig[2] ^= 1;
        // A point of small order, for which anyone could sign.
        ballots[7].statement.by[0].key = PublicKey([0; 32]);
        let verdicts = verdicts(&ballots.iter().collect::<Vec<_>>(), &mut Keys::default());
        let refused: Vec<usize> = (0..9).filter(|place| verdicts[*place].is_err()).collect();
        assert_eq!(refused, [4, 7]);
        let rules = refused.iter().map(|place| verdicts[*place].as_ref().expect_err("refused").rule.code());
        assert_eq!(rules.collect::<Vec<_>>(), ["statement.signature"; 2]);
    }
}
