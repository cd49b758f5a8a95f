//! Typed identifiers. Every value from outside becomes one of these or is refused; inside, a bare string never names a thing.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not a valid identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what}")]
pub struct IdError {
    /// The type that was expected.
    pub what: &'static str,
}

/// Reads a value from its text, which is not copied for it.
pub(in crate::core) fn from_text<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: fmt::Display>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_str(TextVisitor(PhantomData))?.map_err(D::Error::custom)
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: FromStr> Visitor<'_> for TextVisitor<T> {
    /// What is wrong with the text is said outside, without a place in it.
    type Value = Result<T, T::Err>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text.parse())
    }
}

/// What each byte is worth as a digit of lower-case hex; [`NO_DIGIT`] for those that are none.
static HEX: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let digits = b"0123456789abcdef";
    let mut value = 0;
    while value < 16 {
        values[digits[value as usize] as usize] = value;
        value += 1;
    }
    values
};
const NO_DIGIT: u8 = 0xFF;

/// Reads exactly `N` bytes of lower-case hex.
fn lower_hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let (pairs, rest) = text.as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let (mut bytes, mut seen) = ([0; N], 0);
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (HEX[usize::from(*high)], HEX[usize::from(*low)]);
        seen |= high | low;
        *byte = high << 4 | low;
    }
    (seen < 16).then_some(bytes)
}

macro_rules! serde_as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::core::ids::from_text(deserializer)
            }
        }
    };
}

macro_rules! ulid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(ulid::Ulid);

        impl $name {
            /// Makes an identifier from its 128 bits, drawn at random by the caller.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(ulid::Ulid::from_bytes(bytes))
            }

            /// The 128 bits.
            #[must_use]
            pub fn to_bytes(self) -> [u8; 16] {
                self.0.to_bytes()
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let id = ulid::Ulid::from_string(text).map_err(|_| IdError { what: stringify!($name) })?;
                // One spelling only: ULID parsing also takes lower case and look-alike letters.
                let spelt = id.array_to_str(&mut [0; ulid::ULID_LEN]) == text;
                if spelt { Ok(Self(id)) } else { Err(IdError { what: stringify!($name) }) }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
        serde_as_text!($name);
    };
}

macro_rules! digit_code {
    ($(#[$doc:meta])* $name:ident, $digits:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let digits = text.len() == $digits && text.bytes().all(|b| b.is_ascii_digit());
                let number = if digits { text.parse().ok() } else { None };
                number.map(Self).ok_or(IdError { what: stringify!($name) })
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:0width$}", self.0, width = $digits)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self)
            }
        }
        serde_as_text!($name);
    };
}

macro_rules! hex_bytes {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $length]);

        impl $name {
            /// Reads lower-case hex; `None` for any other spelling or length.
            #[must_use]
            pub fn from_hex(text: &[u8]) -> Option<Self> {
                lower_hex(text).map(Self)
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::from_hex(text.as_bytes()).ok_or(IdError { what: stringify!($name) })
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; 2 * $length];
                hex::encode_to_slice(self.0, &mut text).map_err(|_| fmt::Error)?;
                f.pad(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self)
            }
        }
        serde_as_text!($name);
    };
}

ulid_id!(
    /// A person of one village's record: random, says nothing of the name.
    PersonId
);
ulid_id!(
    /// A matter: one thing to decide, from suggestion to sign-off.
    MatterId
);
ulid_id!(
    /// A session of a deciding body.
    SessionId
);
digit_code!(
    /// National statistical code of a village, 12 digits.
    VillageCode, 12
);
digit_code!(
    /// National statistical code of a township or street, 9 digits.
    TownshipCode, 9
);
digit_code!(
    /// National statistical code of a district, 6 digits.
    DistrictCode, 6
);
hex_bytes!(
    /// A SHA-256 value, lower-case hex in text.
    Digest, 32
);
hex_bytes!(
    /// An Ed25519 public key (RFC 8032), lower-case hex in text. Not yet checked to be a valid point.
    PublicKey, 32
);
hex_bytes!(
    /// A printed card, by what its secret says of it (PROTOCOL 14); lower-case hex in text.
    CardId, 16
);
hex_bytes!(
    /// An Ed25519 signature (RFC 8032) inside a statement, lower-case hex in text. Not yet checked.
    SignatureBytes, 64
);

impl VillageCode {
    /// The township the village lies in: its first nine digits.
    #[must_use]
    pub fn township(self) -> TownshipCode {
        TownshipCode(self.0 / 1_000)
    }

    /// The district the village lies in: its first six digits.
    #[must_use]
    pub fn district(self) -> DistrictCode {
        DistrictCode(self.0 / 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::{Digest, PersonId, VillageCode};

    #[test]
    fn ids_have_one_spelling() {
        assert!("01ARZ3NDEKTSV4RRFFQ69G5FAV".parse::<PersonId>().is_ok());
        assert!("01arz3ndektsv4rrffq69g5fav".parse::<PersonId>().is_err());
        assert!("01ARZ3NDEKTSV4RRFFQ69G5FAO".parse::<PersonId>().is_err());
        assert!("33110200120".parse::<VillageCode>().is_err());
        assert!("+31102001206".parse::<VillageCode>().is_err());
        assert!("A".repeat(64).parse::<Digest>().is_err());
        for byte in (0..=u8::MAX).filter(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            for at in [0, 31, 62, 63] {
                let mut text = [b'7'; 64];
                text[at] = byte;
                assert_eq!(Digest::from_hex(&text), None, "{byte} at {at}");
            }
        }
        for length in [0, 62, 63, 65, 66] {
            assert_eq!(Digest::from_hex(&vec![b'7'; length]), None, "{length}");
        }
        assert_eq!("a0".repeat(32).parse::<Digest>().unwrap().to_string(), "a0".repeat(32));
    }

    #[test]
    fn a_village_code_names_its_township_and_district() {
        let village: VillageCode = "331102001206".parse().unwrap();
        assert_eq!(village.township().to_string(), "331102001");
        assert_eq!(village.district().to_string(), "331102");
        assert_eq!(village.to_string(), "331102001206");
    }
}
