//! The server's half of a verifiable oblivious pseudorandom function (RFC 9497, mode VOPRF, suite ristretto255-SHA512): it
//! multiplies a point that tells nothing by a key of its own, and proves that it was that key. By the `voprf` crate.

use rand_core::CryptoRng;
use voprf::{BlindedElement, Group as _, Ristretto255, VoprfServer};

/// A scalar multiple of a point that the asker blinded, with the proof that the key of a public key was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evaluated {
    /// The element, compressed.
    pub element: [u8; 32],
    /// Challenge and response of the proof (RFC 9497 section 2.2).
    pub proof: [u8; 64],
}

/// What somebody asks to have evaluated: a point other than the neutral one, canonically encoded.
pub struct Blinded(BlindedElement<Ristretto255>);

impl Blinded {
    /// Reads a compressed element; `None` where it is none, or the neutral one.
    #[must_use]
    pub fn parse(bytes: &[u8; 32]) -> Option<Self> {
        BlindedElement::deserialize(bytes).ok().map(Self)
    }
}

/// A key of the function. Unprintable; wiped when dropped.
pub struct OprfKey(VoprfServer<Ristretto255>);

impl OprfKey {
    /// The key of a seed and what it is for (RFC 9497 section 3.2.1); `None` where both are longer than 65,532 bytes.
    #[must_use]
    pub fn derive(seed: &[u8], info: &[u8]) -> Option<Self> {
        VoprfServer::new_from_seed(seed, info).ok().map(Self)
    }

    /// The public key, compressed.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        Ristretto255::serialize_elem(self.0.get_public_key()).into()
    }

    /// Evaluates (RFC 9497 section 3.3.2).
    #[must_use]
    pub fn evaluate(&self, blinded: &Blinded, rng: &mut impl CryptoRng) -> Evaluated {
        let answer = self.0.blind_evaluate(&mut Drawn(rng), &blinded.0);
        let mut proof = [0; 64];
        proof.copy_from_slice(&answer.proof.serialize());
        Evaluated { element: answer.message.serialize().into(), proof }
    }
}

/// Our randomness by the traits that the library knows.
pub struct Drawn<'a, R>(pub &'a mut R);

impl<R: CryptoRng> rand_core_06::RngCore for Drawn<'_, R> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core_06::Error> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl<R: CryptoRng> rand_core_06::CryptoRng for Drawn<'_, R> {}
