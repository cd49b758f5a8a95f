//! Documents that the record names by a salted commitment: the row, the sealed salt, the bytes beside the database.
//! Erasing salt and bytes leaves a commitment that nobody can tie to a text any more.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use rand_core::CryptoRng;

use crate::core::clock::Time;
use crate::core::ids::{Digest, PersonId, VillageCode};
use crate::core::looks::Looks;
use crate::store::db::Db;
use crate::store::error::StoreError;
use crate::store::objects::Objects;
use crate::store::sql::{Row, Value, opt, text, val};
use crate::store::tx::Tx;
use crate::store::vault::{Place, Vault};

/// A document as it comes in. The caller has checked that `commitment` is that of `salt` and bytes.
#[derive(Clone, Debug)]
pub struct NewDocument {
    /// Whose record may name it.
    pub village: VillageCode,
    /// Salted commitment: its name in the record.
    pub commitment: Digest,
    /// 32 random bytes.
    pub salt: [u8; 32],
    /// Media type as sniffed.
    pub media: String,
    /// Who may read it: `public`, `village` or `officials`.
    pub level: String,
    /// Until when it is shown; `None` for ever.
    pub display_end: Option<Time>,
    /// When it came in.
    pub stored: Time,
    /// Who brought it; nobody where it came with a record, or from somebody without a key.
    pub uploader: Option<PersonId>,
    /// How it looks, where it is a picture that is to be known again in another matter.
    pub looks: Option<Looks>,
}

/// What is known of a document without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Whose record may name it.
    pub village: VillageCode,
    /// Its name in the record.
    pub commitment: Digest,
    /// Media type.
    pub media: String,
    /// Number of bytes.
    pub size: u64,
    /// Who may read it.
    pub level: String,
    /// Until when it is shown.
    pub display_end: Option<Time>,
    /// When it was withdrawn.
    pub withdrawn: Option<Time>,
    /// When it came in.
    pub stored: Time,
    /// Who brought it; nobody where it came with a record, or from somebody without a key.
    pub uploader: Option<PersonId>,
    /// Whether salt and bytes were erased.
    pub erased: bool,
    salt: Option<Vec<u8>>,
    object_key: String,
}

/// A document's content: what a verifier needs to recompute the commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The salt.
    pub salt: [u8; 32],
    /// The bytes.
    pub bytes: Vec<u8>,
}

const COLUMNS: &str = "SELECT village, commitment, salt, media, size, level, display_end, withdrawn, object_key, stored, \
                       uploader FROM documents ";

/// A document with its salt sealed, on its way into the store.
#[derive(Clone, Debug)]
pub struct SealedDocument {
    document: NewDocument,
    salt: Vec<u8>,
    bytes: Vec<u8>,
}

impl SealedDocument {
    /// Seals the salt.
    ///
    /// # Errors
    /// See [`Vault::seal`].
    pub fn seal(
        vault: &Vault,
        rng: &mut impl CryptoRng,
        document: NewDocument,
        bytes: Vec<u8>,
    ) -> Result<Self, StoreError> {
        let name = document.commitment.to_string();
        let place = Place { kind: SALT, village: document.village, name: &name };
        let salt = vault.seal(&place, &document.salt, rng)?;
        Ok(Self { document, salt, bytes })
    }

    fn key(&self) -> String {
        format!("{}/{}", self.document.village, self.document.commitment)
    }

    fn values(&self) -> [Value; 11] {
        let document = &self.document;
        [
            val(document.village),
            val(document.commitment),
            val(self.salt.clone()),
            text(&document.media),
            val(self.bytes.len() as u64),
            text(&document.level),
            opt(document.display_end),
            opt::<Time>(None),
            text(&self.key()),
            val(document.stored),
            opt(document.uploader),
        ]
    }
}

/// How many documents' bytes are written side by side.
const SIDE_BY_SIDE: usize = 8;

impl Db {
    /// Keeps a document: first its bytes, synced, then the row that makes it exist. A failure in between leaves bytes that
    /// no row names and that the next try replaces. Putting the same document again changes nothing.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] above `limit` bytes, [`StoreError::Unavailable`].
    pub async fn put_document(
        &self,
        objects: &Objects,
        vault: &Vault,
        rng: &mut impl CryptoRng,
        document: &NewDocument,
        bytes: Vec<u8>,
        limit: usize,
    ) -> Result<(), StoreError> {
        let sealed = SealedDocument::seal(vault, rng, document.clone(), bytes)?;
        self.put_documents(objects, vec![sealed], limit).await
    }

    /// Keeps many documents as [`Db::put_document`] keeps one: all bytes first, then all rows in one transaction.
    ///
    /// # Errors
    /// As [`Db::put_document`]; no row is there then.
    pub async fn put_documents(
        &self,
        objects: &Objects,
        documents: Vec<SealedDocument>,
        limit: usize,
    ) -> Result<(), StoreError> {
        let rows: Vec<[Value; 11]> = documents.iter().map(SealedDocument::values).collect();
        let looks = documents.iter().filter_map(|sealed| {
            let NewDocument { village, commitment, looks, .. } = &sealed.document;
            looks.map(|looks| (*village, *commitment, looks))
        });
        let looks: &Vec<_> = &looks.collect();
        let puts = documents.into_iter().map(|document| async move {
            let key = document.key();
            objects.put(&key, document.bytes, limit).await
        });
        let puts = stream::iter(puts).buffer_unordered(SIDE_BY_SIDE).try_collect::<Vec<()>>();
        puts.await?;
        let columns = "INSERT INTO documents \
            (village, commitment, salt, media, size, level, display_end, withdrawn, object_key, stored, uploader)";
        let tail = "ON CONFLICT (village, commitment) DO NOTHING";
        self.write("put_documents", |tx| {
            let rows = rows.clone();
            Box::pin(async move {
                tx.insert(columns, tail, rows).await?;
                tx.put_looks(looks).await
            })
        })
        .await
    }

    /// Salt and bytes of a document; `None` if they were erased.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] above `limit` bytes, [`StoreError::Sealed`], [`StoreError::Damaged`] if bytes are missing.
    pub async fn document_content(
        &self,
        objects: &Objects,
        vault: &Vault,
        document: &Document,
        limit: usize,
    ) -> Result<Option<Content>, StoreError> {
        let Some(salt) = &document.salt else { return Ok(None) };
        let name = document.commitment.to_string();
        let secret = vault.open(&Place { kind: SALT, village: document.village, name: &name }, salt)?;
        let salt =
            secret.expose().try_into().map_err(|_| StoreError::Damaged("a salt of another length".to_owned()))?;
        let bytes = objects.fetch(&document.object_key, limit).await?;
        let bytes = bytes.ok_or_else(|| StoreError::Damaged(format!("the bytes of document {name} are missing")))?;
        Ok(Some(Content { salt, bytes }))
    }

    /// Erases bytes and salt of a document, and how it looks. Bytes go first: should the second step fail, the row still says that there is
    /// something to erase, and erasing again finishes it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn erase_document(&self, objects: &Objects, document: &Document) -> Result<(), StoreError> {
        objects.erase(&document.small_key()).await?;
        objects.erase(&document.object_key).await?;
        let sql = "UPDATE documents SET salt = NULL WHERE village = $1 AND commitment = $2";
        let (village, commitment) = (document.village, document.commitment);
        self.write("erase_document", |tx| {
            Box::pin(async move {
                tx.execute(sql, vec![val(village), val(commitment)]).await?;
                tx.forget_picture(village, commitment).await
            })
        })
        .await
    }
}

impl Db {
    /// Removes a document that no entry names, bytes first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn remove_document(&self, objects: &Objects, document: &Document) -> Result<(), StoreError> {
        self.erase_document(objects, document).await?;
        let (village, commitment) = (document.village, document.commitment);
        let sql = "DELETE FROM documents WHERE village = $1 AND commitment = $2";
        self.write("remove_document", |tx| {
            Box::pin(async move { tx.execute(sql, vec![val(village), val(commitment)]).await.map(|_| ()) })
        })
        .await
    }
}

impl Document {
    /// Where the bytes lie.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.object_key
    }

    /// Where a picture made small lies, once one was made.
    #[must_use]
    pub fn small_key(&self) -> String {
        format!("{}-small", self.object_key)
    }
}

/// The kind of secret that a document's salt is sealed as.
const SALT: &str = "salt";

impl Tx<'_> {
    /// What is known of a document.
    pub async fn document(&mut self, village: VillageCode, commitment: Digest) -> Result<Option<Document>, StoreError> {
        let sql = format!("{COLUMNS} WHERE village = $1 AND commitment = $2");
        let row = self.row(sqlx::AssertSqlSafe(sql), vec![val(village), val(commitment)]).await?;
        row.map(|row| read(&row)).transpose()
    }

    /// Documents of a village whose commitment comes after `after`, in order of commitment, at most `limit`.
    pub async fn documents(
        &mut self,
        village: VillageCode,
        after: Option<Digest>,
        limit: u64,
    ) -> Result<Vec<Document>, StoreError> {
        let sql = format!("{COLUMNS} WHERE village = $1 AND commitment > $2 ORDER BY commitment LIMIT $3");
        let after = after.map_or_else(|| val(Vec::new()), val);
        let rows = self.rows(sqlx::AssertSqlSafe(sql), vec![val(village), after, val(limit)]).await?;
        rows.iter().map(read).collect()
    }

    /// Documents not yet erased whose display ended at or before `now`, the longest ended first, at most `limit`.
    pub async fn documents_past_display(&mut self, now: Time, limit: u64) -> Result<Vec<Document>, StoreError> {
        let sql = format!("{COLUMNS} WHERE display_end <= $1 AND salt IS NOT NULL ORDER BY display_end LIMIT $2");
        let rows = self.rows(sqlx::AssertSqlSafe(sql), vec![val(now), val(limit)]).await?;
        rows.iter().map(read).collect()
    }

    /// Documents that came in before `time` and that no entry names, the oldest first, at most `limit`; only of villages
    /// whose tables are as far as their record.
    pub async fn documents_unnamed(&mut self, time: Time, limit: u64) -> Result<Vec<Document>, StoreError> {
        let sql = format!(
            "{COLUMNS} WHERE stored < $1 \
             AND NOT EXISTS (SELECT 1 FROM naming n \
                 WHERE n.village = documents.village AND n.commitment = documents.commitment) \
             AND EXISTS (SELECT 1 FROM villages v JOIN projection p ON p.village = v.village \
                 WHERE v.village = documents.village AND p.size >= v.size) \
             ORDER BY stored LIMIT $2"
        );
        let rows = self.rows(sqlx::AssertSqlSafe(sql), vec![val(time), val(limit)]).await?;
        rows.iter().map(read).collect()
    }

    /// Marks a document as withdrawn since `time`; `false` if it is unknown or was withdrawn before.
    pub async fn withdraw_document(
        &mut self,
        village: VillageCode,
        commitment: Digest,
        time: Time,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE documents SET withdrawn = $1 WHERE village = $2 AND commitment = $3 AND withdrawn IS NULL";
        Ok(self.execute(sql, vec![val(time), val(village), val(commitment)]).await? == 1)
    }
}

fn read(row: &Row) -> Result<Document, StoreError> {
    let salt: Option<Vec<u8>> = row.maybe("salt")?;
    Ok(Document {
        village: row.one("village")?,
        commitment: row.one("commitment")?,
        media: row.one("media")?,
        size: row.one("size")?,
        level: row.one("level")?,
        display_end: row.maybe("display_end")?,
        withdrawn: row.maybe("withdrawn")?,
        stored: row.one("stored")?,
        uploader: row.maybe("uploader")?,
        erased: salt.is_none(),
        salt,
        object_key: row.one("object_key")?,
    })
}
