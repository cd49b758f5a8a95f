//! The vault: secrets that the record needs later (openings, names, salts, log keys), sealed with XChaCha20-Poly1305
//! (draft-irtf-cfrg-xchacha-03) under one key that is given at opening and kept apart from the database.

use std::fmt;

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use hmac::{Hmac, Mac as _};
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::core::ids::{Digest, VillageCode};
use crate::store::error::StoreError;
use crate::store::record::VaultRow;
use crate::store::sql::{beyond, bytes, latest, text, val};
use crate::store::tx::Tx;

/// Bytes of the random nonce in front of each sealed value.
const NONCE: usize = 24;

/// Seals and opens. Cannot be printed; the key is wiped when dropped.
#[derive(Clone)]
pub struct Vault {
    cipher: XChaCha20Poly1305,
    mark: Digest,
    blinding: Zeroizing<[u8; 32]>,
}

/// An opened secret: cannot be printed, wiped when dropped.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Vault {
    /// A vault with a key of 32 random bytes.
    #[must_use]
    pub fn new(key: &Zeroizing<[u8; 32]>) -> Self {
        let mark = Digest(Sha256::new().chain_update("sunvote/vault-key/v1\n").chain_update(**key).finalize().into());
        let blinding = Sha256::new().chain_update("sunvote/blinding-key/v1\n").chain_update(**key).finalize().into();
        Self { cipher: XChaCha20Poly1305::new((&**key).into()), mark, blinding: Zeroizing::new(blinding) }
    }

    /// What tells vault keys apart and says nothing else about them: their hash.
    #[must_use]
    pub fn mark(&self) -> Digest {
        self.mark
    }

    /// What a name of somebody elsewhere is kept as (HMAC-SHA-256): the same for the same name, and without the vault's key nobody
    /// finds the name by trying.
    #[must_use]
    pub fn blinded(&self, name: &str) -> Digest {
        // HMAC takes keys of every length.
        let mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&*self.blinding).ok();
        Digest(mac.map_or([0; 32], |mac| mac.chain_update(name).finalize().into_bytes().into()))
    }

    /// Seals `secret` so that it opens only under the same place: a row moved or renamed no longer opens.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if the secret is longer than the cipher allows (256 GiB).
    pub fn seal(&self, place: &Place<'_>, secret: &[u8], rng: &mut impl CryptoRng) -> Result<Vec<u8>, StoreError> {
        self.sealed(&place.encoded(), secret, rng)
    }

    /// Seals what is sent to another server that has the same key. It opens under the same subject only, and never as a row.
    ///
    /// # Errors
    /// See [`Vault::seal`].
    pub fn seal_message(&self, subject: &str, message: &[u8], rng: &mut impl CryptoRng) -> Result<Vec<u8>, StoreError> {
        self.sealed(&about(subject), message, rng)
    }

    fn sealed(&self, context: &[u8], secret: &[u8], rng: &mut impl CryptoRng) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        let payload = Payload { msg: secret, aad: context };
        let sealed = self.cipher.encrypt(&nonce.into(), payload).map_err(|_| StoreError::Sealed)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what [`Vault::seal`] sealed for the same place.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] for another key, another place or changed bytes.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Secret, StoreError> {
        self.opened(&place.encoded(), sealed)
    }

    /// Opens what [`Vault::seal_message`] sealed under the same subject.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] for another key, another subject or changed bytes.
    pub fn open_message(&self, subject: &str, sealed: &[u8]) -> Result<Secret, StoreError> {
        self.opened(&about(subject), sealed)
    }

    fn opened(&self, context: &[u8], sealed: &[u8]) -> Result<Secret, StoreError> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(StoreError::Sealed)?;
        let payload = Payload { msg: sealed, aad: context };
        let secret = self.cipher.decrypt(nonce.into(), payload).map_err(|_| StoreError::Sealed)?;
        Ok(Secret(Zeroizing::new(secret)))
    }

    /// Seals a secret into the row that keeps it.
    ///
    /// # Errors
    /// See [`Vault::seal`].
    pub fn row(&self, place: &Place<'_>, secret: &[u8], rng: &mut impl CryptoRng) -> Result<VaultRow, StoreError> {
        let ciphertext = self.seal(place, secret, rng)?;
        Ok(VaultRow { kind: place.kind.to_owned(), village: place.village, name: place.name.to_owned(), ciphertext })
    }
}

/// What a message is bound to: no place of a row begins so.
fn about(subject: &str) -> Vec<u8> {
    format!("sunvote/message/v1\0{subject}").into_bytes()
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Secret {
    /// The bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a secret is and whose: part of what is sealed.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// What sort of secret: `opening`, `name`, `salt`, `log-key` …
    pub kind: &'a str,
    /// Whose record it belongs to.
    pub village: VillageCode,
    /// Its name among those of its kind and village.
    pub name: &'a str,
}

impl Place<'_> {
    fn encoded(&self) -> Vec<u8> {
        // A zero byte occurs in none of the parts, so no two places share an encoding.
        format!("sunvote/vault/v1\0{}\0{}\0{}", self.kind, self.village, self.name).into_bytes()
    }
}

impl Tx<'_> {
    /// Keeps sealed secrets; one of the same place takes the place of the former.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn insert_vault(&mut self, rows: &[&VaultRow]) -> Result<(), StoreError> {
        let rows = latest(rows, |row| (&row.kind, row.village, &row.name));
        let rows: Vec<_> = rows
            .iter()
            .map(|row| [text(&row.kind), val(row.village), text(&row.name), bytes(&row.ciphertext)])
            .collect();
        let columns = "INSERT INTO vault (kind, village, name, ciphertext)";
        let tail = "ON CONFLICT (kind, village, name) DO UPDATE SET ciphertext = excluded.ciphertext";
        self.insert(columns, tail, rows).await.map(|_| ())
    }

    /// Keeps a sealed secret unless there is one of the same place already; whether it was kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_secret(&mut self, row: &VaultRow) -> Result<bool, StoreError> {
        let values = [text(&row.kind), val(row.village), text(&row.name), bytes(&row.ciphertext)];
        let columns = "INSERT INTO vault (kind, village, name, ciphertext)";
        Ok(self.insert(columns, "ON CONFLICT DO NOTHING", [values]).await? == 1)
    }

    /// Opens one secret; `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] when it does not open with this vault.
    pub async fn secret(&mut self, vault: &Vault, place: &Place<'_>) -> Result<Option<Secret>, StoreError> {
        let sql = "SELECT ciphertext FROM vault WHERE kind = $1 AND village = $2 AND name = $3";
        let row = self.row(sql, vec![text(place.kind), val(place.village), text(place.name)]).await?;
        row.map(|row| vault.open(place, &row.one::<Vec<u8>>("ciphertext")?)).transpose()
    }

    /// Opens all secrets of a kind whose name begins with `prefix`, in order of name.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] when one does not open with this vault.
    pub async fn secrets(
        &mut self,
        vault: &Vault,
        kind: &str,
        village: VillageCode,
        prefix: &str,
    ) -> Result<Vec<(String, Secret)>, StoreError> {
        let sql = "SELECT name, ciphertext FROM vault WHERE kind = $1 AND village = $2 AND name >= $3 AND name < $4 \
                   ORDER BY name";
        let rows = self.rows(sql, vec![text(kind), val(village), text(prefix), beyond(prefix)]).await?;
        rows.iter()
            .map(|row| {
                let name: String = row.one("name")?;
                let secret = vault.open(&Place { kind, village, name: &name }, &row.one::<Vec<u8>>("ciphertext")?)?;
                Ok((name, secret))
            })
            .collect()
    }

    /// Destroys a secret; `false` if there was none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn destroy_secret(&mut self, place: &Place<'_>) -> Result<bool, StoreError> {
        let sql = "DELETE FROM vault WHERE kind = $1 AND village = $2 AND name = $3";
        let values = vec![text(place.kind), val(place.village), text(place.name)];
        Ok(self.execute(sql, values).await? > 0)
    }
}
