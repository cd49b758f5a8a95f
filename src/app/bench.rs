//! Villages for a load test: invented people, lawful records, a vote open in each, and everyone logged in. They belong to
//! a district that no real one can be ([`PREFIX`]).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use rayon::prelude::*;

use crate::app::demo::load::{LoadError, Loaded, Ready, seal, write};
use crate::app::import::VillageRow;
use crate::app::live::Lives;
use crate::core::act::{Act, Kind};
use crate::core::clock::{DAY_MS, MINUTE_MS, Time};
use crate::core::commit;
use crate::core::ids::{Digest, PersonId, PublicKey, VillageCode};
use crate::core::model::{Body, Category, Role};
use crate::core::reject::{Rejection, Rule};
use crate::core::statement::Header;
use crate::log::scribe::matter::Draft;
use crate::log::scribe::people::{Someone, Term};
use crate::log::scribe::voting::Vote;
use crate::log::scribe::{Founding, Scribe};
use crate::store::db::Db;
use crate::store::error::StoreError;
use crate::store::objects::Objects;
use crate::store::sessions::LoginSession;
use crate::store::vault::Vault;

/// First digits of every village of a load test: no province of GB/T 2260 begins with 99.
pub const PREFIX: &str = "990001";
/// Most villages.
pub const MOST_VILLAGES: usize = 20_000;
/// Most voters in a village.
pub const MOST_VOTERS: usize = 2_000;
/// How long before its vote a village was founded.
const FOUNDED_MS: i64 = 90 * DAY_MS;
/// How long before the vote its session is called.
const CALLED_MS: i64 = 20 * DAY_MS;
/// How long the votes stay open.
const OPEN_MS: i64 = 2 * DAY_MS;
/// How long everyone stays logged in.
const SESSION_MS: i64 = 2 * DAY_MS;
/// Villages in one transaction.
const AT_ONCE: usize = 24;

/// What is made.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// How many villages.
    pub villages: usize,
    /// Voters in each.
    pub voters: usize,
    /// Host and port before `/log/v/…`, without scheme.
    pub host: String,
    /// The present time: the votes open now.
    pub now: Time,
    /// Fixes every key, id, salt and token: 32 bytes from the operating system.
    pub seed: [u8; 32],
}

/// A voter with the own key and log-in.
#[derive(Debug, Clone)]
pub struct Voter {
    /// Roster number.
    pub number: u32,
    /// Who.
    pub person: PersonId,
    /// Signs the ballots.
    pub key: SigningKey,
    /// Cookie of the session.
    pub token: String,
    /// What requests that change something send back.
    pub csrf: [u8; 32],
}

/// A village whose vote is open.
#[derive(Debug, Clone)]
pub struct Village {
    /// Its code.
    pub code: VillageCode,
    /// The vote.
    pub vote: Vote,
    /// Leaf hash of the opening, which ballots rest on.
    pub basis: Digest,
    /// When the vote closes.
    pub closes_at: Time,
    /// Key of its log.
    pub log_key: PublicKey,
    /// Who votes.
    pub voters: Vec<Voter>,
}

/// The roots that found the villages of a seed.
#[must_use]
pub fn roots(seed: [u8; 32]) -> Vec<SigningKey> {
    let mut rng = ChaCha20Rng::from_seed(seed);
    (0..3).map(|_| key(&mut rng)).collect()
}

/// Code of the village at `index`: townships of a hundred villages each.
///
/// # Errors
/// For more than [`MOST_VILLAGES`].
fn code(index: usize) -> Result<VillageCode, Rejection> {
    let text = format!("{PREFIX}{:03}{:03}", 1 + index / 100, 1 + index % 100);
    text.parse().map_err(|_| Rejection::new(Rule::StatementVillage, "an index below 20,000", index))
}

fn key(rng: &mut ChaCha20Rng) -> SigningKey {
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    SigningKey::from_bytes(&seed)
}

/// Makes the villages and puts them into an empty store, some at a time; `told` hears how many are there.
///
/// # Errors
/// What the judge refuses, which is a fault of this program; the store's.
pub async fn make(
    db: &Db,
    vault: &Vault,
    objects: &Objects,
    wanted: &Wanted,
    mut told: impl FnMut(usize),
) -> Result<Vec<Village>, LoadError> {
    let mut made = Vec::with_capacity(wanted.villages);
    let lives = Lives::new(db.clone(), vault.clone());
    let mut loaded = Loaded::default();
    while made.len() < wanted.villages {
        let some: Vec<usize> = (made.len()..wanted.villages).take(AT_ONCE).collect();
        let (wanted, vault) = (wanted.clone(), vault.clone());
        let work = tokio::task::spawn_blocking(move || {
            some.into_par_iter().map(|index| village(&wanted, &vault, index)).collect::<Result<Vec<_>, LoadError>>()
        });
        let written = work.await.map_err(|panicked| StoreError::Damaged(panicked.to_string()))??;
        let (villages, ready): (Vec<_>, Vec<_>) = written.into_iter().unzip();
        write(db, objects, &lives, ready, &mut loaded).await?;
        let sessions: Vec<LoginSession> = villages.iter().flat_map(sessions).collect();
        let keep = &sessions;
        db.write("bench_sessions", |tx| Box::pin(async move { tx.add_sessions(keep).await })).await?;
        made.extend(villages.into_iter().map(|(village, _)| village));
        told(made.len());
    }
    Ok(made)
}

fn sessions((village, now): &(Village, Time)) -> Vec<LoginSession> {
    let session = |voter: &Voter| LoginSession {
        token_hash: commit::plain(voter.token.as_bytes()),
        village: Some(village.code),
        person: voter.person,
        public_key: PublicKey(voter.key.verifying_key().to_bytes()),
        csrf: voter.csrf,
        created: *now,
        expires: now.plus_ms(SESSION_MS),
        account: None,
        paired: false,
    };
    village.voters.iter().map(session).collect()
}

fn village(wanted: &Wanted, vault: &Vault, index: usize) -> Result<((Village, Time), Ready), LoadError> {
    let mut rng = ChaCha20Rng::from_seed(wanted.seed);
    // A stream of its own: no two villages share a key, and the roots have the first.
    rng.set_stream(index as u64 + 1);
    let row = row(index).map_err(|rejection| refused(&rejection))?;
    let (scribe, vote) = open_vote(wanted, row.code, &mut rng).map_err(|rejection| refused(&rejection))?;
    let voting = scribe.voting(&vote).ok_or_else(|| StoreError::Damaged("a vote did not open".to_owned()))?;
    let voters = voting.present.iter().map(|number| {
        let person = scribe.voter(vote.session, *number);
        let someone = scribe.someone(person).ok_or_else(|| StoreError::Damaged("a voter without key".to_owned()))?;
        let (mut token, mut csrf) = ([0; 32], [0; 32]);
        rng.fill_bytes(&mut token);
        rng.fill_bytes(&mut csrf);
        let token = BASE64_URL_SAFE_NO_PAD.encode(token);
        Ok(Voter { number: *number, person, key: someone.key.clone(), token, csrf })
    });
    let voters = voters.collect::<Result<Vec<_>, StoreError>>()?;
    let village = Village {
        code: row.code,
        basis: scribe.vote_paper(&vote, Kind::VotingOpened),
        closes_at: voting.opening.closes_at,
        log_key: PublicKey(scribe.log_key().verifying_key().to_bytes()),
        vote,
        voters,
    };
    let ready = seal(&row, &scribe, vault, &mut rng)?;
    Ok(((village, wanted.now), ready))
}

fn refused(rejection: &Rejection) -> StoreError {
    StoreError::Damaged(format!("the judge refused a village of the load test: {rejection}"))
}

fn row(index: usize) -> Result<VillageRow, Rejection> {
    let code = code(index)?;
    let (township, name) = (code.township(), format!("压测第{}村", index + 1));
    Ok(VillageRow { line: index as u64 + 1, code, name, township, township_name: "压测乡".to_owned() })
}

/// A village from its founding to a vote that opens now, with so many representatives, all of them there.
fn open_vote(wanted: &Wanted, village: VillageCode, rng: &mut ChaCha20Rng) -> Result<(Scribe, Vote), Rejection> {
    let founding = Founding {
        village,
        host: wanted.host.clone(),
        time: wanted.now.plus_ms(-FOUNDED_MS),
        seed: rng.next_u64(),
        roots: roots(wanted.seed),
        clerk: Someone::invent(rng),
        supervisor: Someone::invent(rng),
    };
    let mut scribe = Scribe::found(founding)?;
    scribe.settle(&Term { representatives: wanted.voters, ..Term::default() })?;
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02))?;
    let starts_at = wanted.now.plus_ms(-5 * MINUTE_MS);
    let called = scribe.now().max(wanted.now.plus_ms(-CALLED_MS));
    let agenda = vec![scribe.item(matter, 0)];
    let session = scribe.at(called).convene_at(Body::RepresentativeAssembly, agenda, starts_at)?;
    scribe.at(starts_at).wait_minutes(-120).fix_roster(session)?;
    let present: Vec<u32> = (1..=u32::try_from(wanted.voters).unwrap_or(u32::MAX)).collect();
    scribe.wait_minutes(60).sign_in(session, &present, &[])?;
    scribe.at(starts_at).name_tellers(session)?;
    let vote = Vote::on(session, matter, "q1")?;
    scribe.at(wanted.now);
    let mut opening = scribe.opening_of(&vote)?;
    opening.closes_at = wanted.now.plus_ms(OPEN_MS);
    let question = Some(vote.question.clone());
    let header = Header { session: Some(session), question, ..Header::of(matter) }.on(scribe.roster(session));
    scribe.act(&[scribe.hand(Role::Chair)], header, Act::VotingOpened(opening))?;
    Ok((scribe, vote))
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::{Wanted, village};
    use crate::store::vault::Vault;

    #[test]
    fn a_village_is_made_at_any_hour_and_season() {
        let vault = Vault::new(&Zeroizing::new([7; 32]));
        for now in ["2026-11-22T14:00:00.000Z", "2026-10-04T18:30:00.000Z", "2027-02-09T23:59:00.000Z"] {
            let now = now.parse().expect("a time");
            let wanted = Wanted { villages: 1, voters: 45, host: "127.0.0.1:7400".to_owned(), now, seed: [1; 32] };
            let ((made, _), _) = village(&wanted, &vault, 0).expect("lawful");
            assert_eq!((made.voters.len(), made.code.to_string().as_str()), (45, "990001001001"));
            assert!(made.closes_at > now);
        }
    }
}
