//! The district log (PROTOCOL 4): one log whose leaves are the keys and checkpoints of all villages, so that one small
//! checkpoint stands for all of them. Each leaf is the exact bytes of a signed note.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;

use crate::core::ids::{Digest, DistrictCode, PublicKey, VillageCode};
use crate::log::checkpoint::{Checkpoint, CheckpointError};
use crate::log::note::{Algorithm, Note, NoteError, NoteSignature, VerifierKey, VerifierKeyError};
use crate::log::text::sha256;

/// First line of a key leaf.
const KEY: &str = "sunvote/key/v1";
/// First line of a release leaf.
const RELEASE: &str = "sunvote/release/v1";
/// Longest leaf, bytes: what an entry bundle can carry.
pub const MAX_LEAF_BYTES: usize = 65_535;

/// Origin and key name of a district's log.
#[must_use]
pub fn origin(host: &str, district: DistrictCode) -> String {
    format!("{host}/log/d/{district}")
}

/// Host, and port where it isn't the usual one, of a village log's origin and the village; `None` for another shape.
#[must_use]
pub fn village_of(origin: &str) -> Option<(&str, VillageCode)> {
    let (host, code) = origin.rsplit_once("/log/v/")?;
    Some((host, code.parse().ok()?))
}

/// Host and district of a district log's origin; `None` for another shape.
#[must_use]
pub fn district_of(origin: &str) -> Option<(&str, DistrictCode)> {
    let (host, code) = origin.rsplit_once("/log/d/")?;
    Some((host, code.parse().ok()?))
}

/// Name under which root keys sign a district's key leaves.
#[must_use]
pub fn root_name(district_origin: &str) -> String {
    format!("{district_origin}/root")
}

/// The verifier key of a root of this district.
///
/// # Errors
/// The public key fails the key check.
pub fn root_key(district_origin: &str, root: &PublicKey) -> Result<VerifierKey, VerifierKeyError> {
    VerifierKey::new(&root_name(district_origin), Algorithm::Ed25519, root)
}

/// Text of the leaf that enters a log's key in the directory.
#[must_use]
pub fn key_text(log: &VerifierKey) -> String {
    format!("{KEY}\n{}\n{log}\n", log.name())
}

/// One root's signature under a key leaf's text.
#[must_use]
pub fn sign_key(district_origin: &str, text: &str, root: &SigningKey) -> NoteSignature {
    NoteSignature::sign(text, &root_name(district_origin), root)
}

/// What was released: each file's path with the SHA-256 of its bytes.
pub type Files = BTreeMap<String, Digest>;

/// Text of the leaf that tells which files a version of the client consists of.
#[must_use]
pub fn release_text(version: &str, files: &Files) -> String {
    let first = format!("{RELEASE}\n{version}\n");
    files.iter().fold(first, |text, (path, digest)| text + &format!("{digest} {path}\n"))
}

/// What a leaf says. Its signatures are not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// A log's key from here on.
    Key(VerifierKey),
    /// A village's checkpoint.
    Checkpoint(Checkpoint),
    /// The files of a version of the client.
    Release {
        /// Which version.
        version: String,
        /// Its files.
        files: Files,
    },
}

/// Why a leaf does not belong where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Neither key, checkpoint nor release.
    #[error("not a leaf of a district log: {0}")]
    Malformed(&'static str),
    /// A note that is none, or whose signatures don't hold.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// A checkpoint that is none.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A log of another host or district.
    #[error("{0} is no log of this district")]
    Foreign(String),
    /// Two different roots sign a key; anything else is a swap.
    #[error("the key of {0} is not signed by two of the district's roots and nobody else")]
    Roots(String),
    /// A checkpoint of a log that the directory doesn't list.
    #[error("the directory has no key of {0}")]
    Unlisted(String),
    /// A key or release that stood before: an old leaf entered again, to go back to what was replaced.
    #[error("the same key or release was entered before")]
    Repeated,
    /// More than the log's own signature.
    #[error("a checkpoint in the log carries exactly its log's signature")]
    Signatures,
    /// A size that is not above the one before.
    #[error("{origin} goes from {before} to {after} entries")]
    Size {
        /// Whose checkpoint.
        origin: String,
        /// Size in the leaf before.
        before: u64,
        /// Size in this leaf.
        after: u64,
    },
}

/// Takes a leaf apart. No signature is checked.
///
/// # Errors
/// `Malformed`, or the note's or checkpoint's error.
pub fn read(bytes: &[u8]) -> Result<(Says, Note), LeafError> {
    if bytes.len() > MAX_LEAF_BYTES {
        return Err(LeafError::Malformed("too long"));
    }
    let note = Note::parse(bytes)?;
    if note.to_string().as_bytes() != bytes {
        return Err(LeafError::Malformed("another spelling"));
    }
    let mut lines = note.text.split_inclusive('\n').map(|line| line.trim_end_matches('\n'));
    let says = match lines.next() {
        Some(KEY) => {
            let (origin, key) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
            let key = VerifierKey::parse(key).map_err(|_| LeafError::Malformed("verifier key"))?;
            if key.name() != origin || key.algorithm() != Algorithm::Ed25519 || lines.next().is_some() {
                return Err(LeafError::Malformed("key leaf"));
            }
            Says::Key(key)
        }
        Some(RELEASE) => release(lines)?,
        _ => Says::Checkpoint(Checkpoint::parse(&note.text)?),
    };
    Ok((says, note))
}

fn release<'a>(mut lines: impl Iterator<Item = &'a str>) -> Result<Says, LeafError> {
    let malformed = LeafError::Malformed("release leaf");
    let version = lines.next().filter(|version| !version.is_empty()).ok_or(malformed.clone())?.to_owned();
    let mut files = Files::new();
    for line in lines {
        let (digest, path) = line.split_once(' ').ok_or(malformed.clone())?;
        let digest: Digest = digest.parse().map_err(|_| malformed.clone())?;
        let rises = files.last_key_value().is_none_or(|(last, _)| last.as_str() < path);
        if !path.starts_with('/') || !rises {
            return Err(malformed);
        }
        files.insert(path.to_owned(), digest);
    }
    if files.is_empty() { Err(malformed) } else { Ok(Says::Release { version, files }) }
}

/// What a leaf says, whoever signed it and in which order.
#[must_use]
pub fn said(note: &Note) -> Digest {
    sha256(&[note.text.as_bytes()])
}

/// A log that the directory lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The log's key in force.
    pub key: VerifierKey,
    /// Size and root of its newest checkpoint.
    pub newest: Option<(u64, Digest)>,
}

/// Follows a district log leaf by leaf: which village logs there are, by which keys, and how far each has come. Whether two
/// checkpoints of one village are consistent is for whoever has that village's leaves.
#[derive(Debug, Clone)]
pub struct Directory {
    origin: String,
    roots: Vec<VerifierKey>,
    releaser: Option<VerifierKey>,
    logs: BTreeMap<VillageCode, Listed>,
    release: Option<(String, Files)>,
    stood: BTreeSet<Digest>,
}

impl Directory {
    /// An empty directory. `roots` are the district's root keys and `releaser` the key that signs releases, as the reader
    /// got them out of band; without a releaser, releases are passed over.
    ///
    /// # Errors
    /// A root key that fails the key check.
    pub fn new(origin: &str, roots: &[PublicKey], releaser: Option<VerifierKey>) -> Result<Self, VerifierKeyError> {
        let roots = roots.iter().map(|root| root_key(origin, root)).collect::<Result<_, _>>()?;
        let (logs, stood) = (BTreeMap::new(), BTreeSet::new());
        Ok(Self { origin: origin.to_owned(), roots, releaser, logs, release: None, stood })
    }

    /// Goes on from what was taken in before; `stood` are the leaves of keys and releases among it.
    pub fn resume<'a>(
        &mut self,
        logs: BTreeMap<VillageCode, Listed>,
        release: Option<(String, Files)>,
        stood: impl IntoIterator<Item = &'a [u8]>,
    ) {
        self.stood = stood.into_iter().filter_map(|leaf| Some(said(&Note::parse(leaf).ok()?))).collect();
        (self.logs, self.release) = (logs, release);
    }

    /// The listed logs.
    #[must_use]
    pub fn logs(&self) -> &BTreeMap<VillageCode, Listed> {
        &self.logs
    }

    /// The newest release: its version and files.
    #[must_use]
    pub fn release(&self) -> Option<&(String, Files)> {
        self.release.as_ref()
    }

    /// Judges the next leaf and takes it in.
    ///
    /// # Errors
    /// See [`LeafError`]; nothing is changed then.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Says, LeafError> {
        let (says, note) = read(bytes)?;
        match &says {
            Says::Key(key) => self.take_key(key, &note)?,
            Says::Checkpoint(checkpoint) => self.take_checkpoint(checkpoint, &note)?,
            Says::Release { version, files } => {
                if let Some(releaser) = &self.releaser {
                    note.verify(std::slice::from_ref(releaser))?;
                    self.say_once(&note)?;
                    self.release = Some((version.clone(), files.clone()));
                }
            }
        }
        Ok(says)
    }

    fn say_once(&mut self, note: &Note) -> Result<(), LeafError> {
        if self.stood.insert(said(note)) { Ok(()) } else { Err(LeafError::Repeated) }
    }

    fn village(&self, origin: &str) -> Result<VillageCode, LeafError> {
        let (host, district) = district_of(&self.origin).ok_or_else(|| LeafError::Foreign(self.origin.clone()))?;
        let village = village_of(origin).filter(|(its, village)| *its == host && village.district() == district);
        village.map(|(_, village)| village).ok_or_else(|| LeafError::Foreign(origin.to_owned()))
    }

    fn take_key(&mut self, key: &VerifierKey, note: &Note) -> Result<(), LeafError> {
        let village = self.village(key.name())?;
        let signed = note.verify(&self.roots).map_err(|_| LeafError::Roots(key.name().to_owned()))?;
        if signed.len() != 2 || note.signatures.len() != 2 {
            return Err(LeafError::Roots(key.name().to_owned()));
        }
        self.say_once(note)?;
        let newest = self.logs.get(&village).and_then(|listed| listed.newest);
        self.logs.insert(village, Listed { key: key.clone(), newest });
        Ok(())
    }

    fn take_checkpoint(&mut self, checkpoint: &Checkpoint, note: &Note) -> Result<(), LeafError> {
        let village = self.village(&checkpoint.origin)?;
        let unlisted = || LeafError::Unlisted(checkpoint.origin.clone());
        let listed = self.logs.get_mut(&village).ok_or_else(unlisted)?;
        Checkpoint::open(note, &listed.key)?;
        if note.signatures.len() != 1 {
            return Err(LeafError::Signatures);
        }
        let before = listed.newest.map_or(0, |(size, _)| size);
        if checkpoint.size <= before {
            return Err(LeafError::Size { origin: checkpoint.origin.clone(), before, after: checkpoint.size });
        }
        listed.newest = Some((checkpoint.size, checkpoint.root));
        Ok(())
    }
}
