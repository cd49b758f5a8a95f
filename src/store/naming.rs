//! Derived: which entry named a document first, and who signed it.

use crate::core::ids::{Digest, PersonId, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{table_row, val};
use crate::store::tx::Tx;

table_row! {
/// The first entry that names a document.
"naming" pub struct NamingRow {
    /// Whose record.
    pub village: VillageCode,
    /// The document.
    pub commitment: Digest,
    /// Index of the entry.
    pub seq: u64,
    /// Who signed it, as a JSON list; roots and the log leave none.
    pub persons: String,
}
}

impl NamingRow {
    /// An entry that names a document.
    #[must_use]
    pub fn new(village: VillageCode, commitment: Digest, seq: u64, signers: &[PersonId]) -> Self {
        Self { village, commitment, seq, persons: serde_json::json!(signers).to_string() }
    }

    /// Who signed the entry.
    #[must_use]
    pub fn signers(&self) -> Vec<PersonId> {
        serde_json::from_str(&self.persons).unwrap_or_default()
    }
}

impl Tx<'_> {
    /// Adds what entries name, given in the order of the record: a document that was named before keeps its first entry.
    pub async fn put_naming(&mut self, rows: &[NamingRow]) -> Result<(), StoreError> {
        self.put(rows, "ON CONFLICT (village, commitment) DO NOTHING").await.map(|_| ())
    }

    /// The first entry that names a document, as far as the tables are.
    pub async fn naming(&mut self, village: VillageCode, commitment: Digest) -> Result<Option<NamingRow>, StoreError> {
        self.first("WHERE village = $1 AND commitment = $2", vec![val(village), val(commitment)]).await
    }
}
