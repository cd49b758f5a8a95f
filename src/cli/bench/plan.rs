//! The file that marks a folder as a load test's, with all that casting needs: villages, voters, keys, log-ins.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use crate::app::bench;
use crate::cli::Failure;
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, PersonId, PublicKey, SessionId, VillageCode};
use crate::core::model::QuestionCode;
use crate::log::note::{Algorithm, VerifierKey};

/// Its name in the folder.
const FILE: &str = "bench.json";

/// All that a load test needs to know.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cli::bench) struct Plan {
    /// When the villages were made.
    pub made: Time,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Root keys that founded the villages.
    pub roots: Vec<PublicKey>,
    /// Revisions that earlier runs may have used up.
    pub revision: u32,
    /// The villages.
    pub villages: Vec<Village>,
}

/// A village whose vote is open.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cli::bench) struct Village {
    /// Its code.
    pub code: VillageCode,
    /// The session.
    pub session: SessionId,
    /// The matter.
    pub matter: MatterId,
    /// The question.
    pub question: QuestionCode,
    /// The opening, which ballots rest on.
    pub basis: Digest,
    /// When the vote closes.
    pub closes_at: Time,
    /// Key of its log.
    pub log_key: PublicKey,
    /// Who votes.
    pub voters: Vec<Voter>,
}

/// A voter with the own key and log-in.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cli::bench) struct Voter {
    /// Roster number.
    pub number: u32,
    /// Who.
    pub person: PersonId,
    /// Seed of the signing key, hex: an invented person's.
    key: String,
    /// Cookie of the session.
    pub token: String,
    /// What requests that change something send back, hex.
    pub csrf: String,
}

impl Voter {
    /// Signs the ballots.
    pub(in crate::cli::bench) fn key(&self) -> Result<SigningKey, Failure> {
        let mut seed = [0; 32];
        hex::decode_to_slice(&self.key, &mut seed)?;
        Ok(SigningKey::from_bytes(&seed))
    }
}

impl From<bench::Village> for Village {
    fn from(made: bench::Village) -> Self {
        let voter = |voter: bench::Voter| Voter {
            number: voter.number,
            person: voter.person,
            key: hex::encode(voter.key.to_bytes()),
            token: voter.token,
            csrf: hex::encode(voter.csrf),
        };
        Self {
            code: made.code,
            session: made.vote.session,
            matter: made.vote.matter,
            question: made.vote.question,
            basis: made.basis,
            closes_at: made.closes_at,
            log_key: made.log_key,
            voters: made.voters.into_iter().map(voter).collect(),
        }
    }
}

impl Plan {
    /// Where it lies.
    pub(in crate::cli::bench) fn path(folder: &Path) -> PathBuf {
        folder.join(FILE)
    }

    /// Reads it.
    pub(in crate::cli::bench) fn load(folder: &Path) -> Result<Self, Failure> {
        let path = Self::path(folder);
        let none = |error| {
            format!("{}: {error}; a load test works only in a folder that `sunvote bench prepare` made", path.display())
        };
        let file = File::open(&path).map_err(none)?;
        serde_json::from_reader(BufReader::new(file)).map_err(|error| format!("{}: {error}", path.display()).into())
    }

    /// Writes it in place of the one before, readable by the own user only: it holds keys.
    pub(in crate::cli::bench) fn save(&self, folder: &Path) -> Result<(), Failure> {
        let (path, beside) = (Self::path(folder), folder.join("bench.part"));
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = BufWriter::new(options.open(&beside)?);
        serde_json::to_writer(&mut out, self)?;
        out.flush()?;
        Ok(std::fs::rename(&beside, &path)?)
    }

    /// How many voters in all villages.
    pub(in crate::cli::bench) fn voters(&self) -> usize {
        self.villages.iter().map(|village| village.voters.len()).sum()
    }

    /// The key by which a village's receipts are judged.
    pub(in crate::cli::bench) fn verifier(&self, village: &Village) -> Result<VerifierKey, Failure> {
        let origin = format!("{}/log/v/{}", self.listen, village.code);
        Ok(VerifierKey::new(&origin, Algorithm::Ed25519, &village.log_key)?)
    }
}
