//! Small spellings that several formats share: base64, decimal numbers, SHA-256 over parts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::core::ids::Digest;

/// The largest integer that every I-JSON reader holds exactly, 2^53 − 1 (RFC 7493 section 2.2).
pub const MAX_SAFE_INTEGER: u64 = 9_007_199_254_740_991;

/// SHA-256 over the parts, one after the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    Digest(hash.finalize().into())
}

/// Standard base64 with padding (RFC 4648 section 4).
#[must_use]
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Writes standard base64 with padding to the end of `out`.
pub fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    // The room is exact, so that this can't fail; if it did, what is left is not base64 either.
    let written = STANDARD.encode_slice(bytes, &mut out[start..]).unwrap_or(0);
    out.truncate(start + written);
}

/// Writes lower-case hex to the end of `out`.
pub fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend(bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]));
}

/// Reads standard base64; `None` for anything but the one canonical spelling (padding present, unused bits zero).
#[must_use]
pub fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Reads exactly `N` bytes of canonical standard base64.
#[must_use]
pub fn array_from_base64<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    (STANDARD.decode_slice(text, &mut bytes).ok()? == N).then_some(bytes)
}

/// Reads an ASCII decimal without sign or leading zeros, at most `max`.
#[must_use]
pub fn decimal(text: &[u8], max: u64) -> Option<u64> {
    let plain = !text.is_empty() && text.len() <= 20 && text.iter().all(u8::is_ascii_digit);
    if !plain || (text.len() > 1 && text[0] == b'0') {
        return None;
    }
    let mut value = 0_u64;
    for digit in text {
        value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
    }
    (value <= max).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::{decimal, from_base64, push_base64, push_hex, to_base64};

    #[test]
    fn writing_to_the_end_is_writing() {
        for length in 0..40 {
            let bytes: Vec<u8> = (0..length).map(|n: u8| n.wrapping_mul(37)).collect();
            let mut out = b"x".to_vec();
            push_base64(&mut out, &bytes);
            push_hex(&mut out, &bytes);
            assert_eq!(out, format!("x{}{}", to_base64(&bytes), hex::encode(&bytes)).into_bytes());
        }
    }

    #[test]
    fn base64_has_one_spelling() {
        assert_eq!(from_base64(b"AQ=="), Some(vec![1]));
        for bad in ["AQ", "AR==", "AQ= =", "AQ==\n", "-_==", "AQ==AQ=="] {
            assert_eq!(from_base64(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn decimals_have_one_spelling() {
        assert_eq!(decimal(b"0", 9), Some(0));
        assert_eq!(decimal(b"18446744073709551615", u64::MAX), Some(u64::MAX));
        for bad in ["", "00", "01", "+1", "-1", "1 ", "10", "18446744073709551616", "99999999999999999999"] {
            assert_eq!(decimal(bad.as_bytes(), 9), None, "{bad}");
        }
    }
}
