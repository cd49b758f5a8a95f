//! Ballots signed before the run, and how fast this machine checks such signatures when it does nothing else.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use rayon::prelude::*;

use crate::cli::Failure;
use crate::cli::bench::Rate;
use crate::cli::bench::drive::Request;
use crate::cli::bench::plan::{Plan, Village, Voter};
use crate::cli::secret::seed;
use crate::core::act::Act;
use crate::core::act::voting::BallotCast;
use crate::core::clock::Time;
use crate::core::commit;
use crate::core::ids::{Digest, PublicKey};
use crate::core::model::{Channel, OptionCode, Role};
use crate::core::statement::{Header, Signer, Statement};
use crate::log::dsse::{Envelope, STATEMENT_TYPE};

/// What every voter of a load test chooses; each question of its villages has this option.
const CHOICE: &str = "for";
/// Signatures in one batch when only their checking is measured.
const BATCH: usize = 1_024;
/// Most signatures whose checking is measured.
const MEASURED: usize = 16 * BATCH;
/// Runs of that measurement; the fastest counts.
const RUNS: usize = 3;

/// A ballot ready to be sent.
#[derive(Debug)]
pub(in crate::cli::bench) struct Ballot {
    /// Its village's place in the plan.
    pub village: usize,
    /// Id of its statement.
    pub id: Digest,
    /// The request.
    pub request: Request,
    signed: Option<RawSignature>,
}

/// A signature as `ed25519-dalek` takes it.
#[derive(Debug)]
struct RawSignature {
    key: VerifyingKey,
    message: Vec<u8>,
    signature: Signature,
}

struct Hand<'a> {
    village: (usize, &'a Village),
    voter: &'a Voter,
    key: SigningKey,
}

/// Signs `count` ballots, of one voter after another through all villages and then anew, with higher revisions. What is due
/// later bears a later time, or a long run's last ballots would be too old.
pub(in crate::cli::bench) fn ballots(plan: &Plan, count: usize, rate: Rate, now: Time) -> Result<Vec<Ballot>, Failure> {
    let hands = hands(plan)?;
    let seed = seed()?;
    let ballot = |index: usize| {
        let (hand, turn) = (&hands[index % hands.len()], index % hands.len());
        let revision = plan.revision + u32::try_from(index / hands.len())? + 1;
        let mut rng = ChaCha20Rng::from_seed(seed);
        rng.set_stream(index as u64);
        let mut nonce = [0; 32];
        rng.fill_bytes(&mut nonce);
        let at = now.plus_ms(due_ms(index, rate));
        sign(plan.listen, hand, turn, revision, Digest(nonce), at, index < MEASURED)
    };
    (0..count).into_par_iter().map(ballot).collect()
}

/// When the request at `index` is due, in milliseconds from the beginning.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a count below 2^52, hours at most")]
fn due_ms(index: usize, rate: Rate) -> i64 {
    match rate {
        Rate::Max => 0,
        Rate::Of(rate) => (index as f64 / rate * 1_000.0) as i64,
    }
}

/// How many revisions `count` ballots of all voters take.
pub(in crate::cli::bench) fn revisions(plan: &Plan, count: usize) -> Result<u32, Failure> {
    Ok(u32::try_from(count.div_ceil(plan.voters().max(1)))?)
}

/// Everyone who votes: the first voter of each village, then the second of each.
fn hands(plan: &Plan) -> Result<Vec<Hand<'_>>, Failure> {
    let most = plan.villages.iter().map(|village| village.voters.len()).max().unwrap_or(0);
    let mut hands = Vec::with_capacity(plan.voters());
    for nth in 0..most {
        for village in plan.villages.iter().enumerate() {
            if let Some(voter) = village.1.voters.get(nth) {
                hands.push(Hand { village, voter, key: voter.key()? });
            }
        }
    }
    if hands.is_empty() { Err("the load test has no voters".into()) } else { Ok(hands) }
}

fn sign(
    server: SocketAddr,
    hand: &Hand<'_>,
    turn: usize,
    revision: u32,
    nonce: Digest,
    at: Time,
    keep: bool,
) -> Result<Ballot, Failure> {
    let (place, village) = hand.village;
    let choice: OptionCode = CHOICE.parse().map_err(|_| "an option's code")?;
    let commitment = commit::choice(&village.basis, hand.voter.number, revision, &nonce, &choice);
    let (voter, channel, helper, terminal) = (hand.voter.number, Channel::Online, None, None);
    let act = BallotCast { voter, revision, channel, helper, terminal, commitment };
    let key = PublicKey(hand.key.verifying_key().to_bytes());
    let by = vec![Signer { person: Some(hand.voter.person), role: Role::Voter, key }];
    let question = Some(village.question.clone());
    let header = Header { session: Some(village.session), question, ..Header::of(village.matter) }.on(village.basis);
    let statement = Statement::new(village.code, by, at, header, Act::BallotCast(act));
    let envelope = Envelope::sign(STATEMENT_TYPE, statement.to_payload()?, &[&hand.key]);
    let id = envelope.id();
    let bytes = request(server, village, hand.voter, &envelope, &nonce, &choice);
    let signed = keep.then(|| envelope.signatures.first()).flatten().map(|signature| RawSignature {
        key: hand.key.verifying_key(),
        message: envelope.pae(),
        signature: Signature::from_bytes(&signature.sig),
    });
    Ok(Ballot { village: place, id, request: Request { bytes: bytes.into(), turn: Some(turn) }, signed })
}

/// The request as a phone's browser sends it.
fn request(
    server: SocketAddr,
    village: &Village,
    voter: &Voter,
    envelope: &Envelope,
    nonce: &Digest,
    choice: &OptionCode,
) -> Vec<u8> {
    let mut body = b"{\"envelope\":".to_vec();
    envelope.write_json(&mut body);
    body.extend_from_slice(format!(",\"opening\":{{\"nonce\":\"{nonce}\",\"choice\":\"{choice}\"}}}}").as_bytes());
    let Voter { token, csrf, .. } = voter;
    let mut bytes = format!(
        "POST /api/v1/villages/{}/statements HTTP/1.1\r\nhost: {server}\r\norigin: http://{server}\r\n\
         sec-fetch-site: same-origin\r\naccept: */*\r\naccept-encoding: gzip\r\naccept-language: zh-CN\r\n\
         user-agent: sunvote-bench\r\ncookie: sunvote={token}\r\nx-csrf: {csrf}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        village.code,
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(&body);
    bytes
}

/// Signatures a second that `ed25519-dalek`'s batch function checks on all processors, and nothing else: of the same ballots,
/// the fastest of three runs.
pub(in crate::cli::bench) fn raw_rate(ballots: &mut [Ballot]) -> Result<f64, Failure> {
    let signed: Vec<RawSignature> = ballots.iter_mut().filter_map(|ballot| ballot.signed.take()).collect();
    let mut fastest = Duration::MAX;
    for _ in 0..RUNS {
        #[expect(clippy::disallowed_methods, reason = "a measurement")]
        let begun = Instant::now();
        signed.par_chunks(BATCH).try_for_each(|batch| {
            let messages: Vec<&[u8]> = batch.iter().map(|one| one.message.as_slice()).collect();
            let signatures: Vec<Signature> = batch.iter().map(|one| one.signature).collect();
            let keys: Vec<VerifyingKey> = batch.iter().map(|one| one.key).collect();
            ed25519_dalek::verify_batch(&messages, &signatures, &keys)
        })?;
        fastest = fastest.min(begun.elapsed());
    }
    #[expect(clippy::cast_precision_loss, reason = "a count below 2^52")]
    let count = signed.len() as f64;
    Ok(count / fastest.as_secs_f64())
}
