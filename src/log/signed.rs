//! An envelope read as a statement: strict JSON, known kind, one signature for each signer, each of them good.

use crate::core::ids::{Digest, PublicKey};
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::statement::Statement;
use crate::log::dsse::{self, Envelope, STATEMENT_TYPE, Signature};
use crate::log::entry::MAX_ENTRY_BYTES;
use crate::log::ijson;
use crate::log::sigset::{Item, Keyring, verify_one};

/// A statement with the envelope it came in. Its signatures may not have been checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The envelope, byte for byte.
    pub envelope: Envelope,
    /// What it says.
    pub statement: Statement,
    /// SHA-256 of the PAE.
    pub id: Digest,
    /// The signed bytes.
    pub pae: Vec<u8>,
}

/// What an envelope says, whoever has signed it so far.
///
/// # Errors
/// `statement.form`, `statement.kind` or `statement.fields`.
pub fn statement_of(envelope: &Envelope) -> Result<Statement, Rejection> {
    let found = &envelope.payload_type;
    ensure(found == STATEMENT_TYPE, Rule::StatementForm, STATEMENT_TYPE, found)?;
    ijson::check(&envelope.payload, MAX_ENTRY_BYTES)
        .map_err(|error| Rejection::new(Rule::StatementForm, "strict JSON", error))?;
    Statement::parse(&envelope.payload)
}

/// Checks one signature over a PAE by the signature set (PROTOCOL 9).
///
/// # Errors
/// `statement.signature`.
pub fn check_signature(
    keys: &mut Keyring,
    key: &PublicKey,
    pae: &[u8],
    signature: &Signature,
) -> Result<(), Rejection> {
    let bad = |expected: &str, fault: &dyn std::fmt::Display| Rejection::new(Rule::StatementSignature, expected, fault);
    let key = keys.get(key).map_err(|fault| bad("a sound key", &fault))?;
    let item = Item { key: &key, message: pae, signature: &signature.sig };
    verify_one(&item).map_err(|fault| bad("a good signature", &fault))
}

impl Signed {
    /// Reads an envelope without looking at its signatures' mathematics.
    ///
    /// # Errors
    /// `statement.form`, `statement.kind`, `statement.fields`, or `signer.count` when signatures and signers differ.
    pub fn read(envelope: Envelope) -> Result<Self, Rejection> {
        let statement = statement_of(&envelope)?;
        let (signers, signatures) = (statement.by.len(), envelope.signatures.len());
        ensure(signers == signatures, Rule::SignerCount, signers, signatures)?;
        for (signer, signature) in statement.by.iter().zip(&envelope.signatures) {
            let keyid = dsse::keyid(&signer.key);
            ensure(keyid == signature.keyid, Rule::StatementSignature, keyid, signature.keyid)?;
        }
        let pae = envelope.pae();
        Ok(Self { id: dsse::statement_id(&pae), pae, statement, envelope })
    }

    /// Checks every signature by the signature set (PROTOCOL 9).
    ///
    /// # Errors
    /// `statement.signature` for the first that doesn't count.
    pub fn verify(&self, keys: &mut Keyring) -> Result<(), Rejection> {
        for (signer, signature) in self.statement.by.iter().zip(&self.envelope.signatures) {
            check_signature(keys, &signer.key, &self.pae, signature)?;
        }
        Ok(())
    }
}
