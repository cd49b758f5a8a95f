//! Strict I-JSON (RFC 7493), narrowed as the record needs it: integers only, within ±(2^53 − 1), no `-0`, at most eight
//! levels, no member named twice, no surrogate or noncharacter code points.
//!
//! Two readers can disagree about loose JSON (which duplicate wins, how a big number rounds), and then about a village's
//! record. So payloads pass this scanner first; what it accepts, every JSON parser reads alike.

use std::borrow::Cow;

use crate::log::text::MAX_SAFE_INTEGER;

/// Deepest nesting of objects and arrays; the outermost counts as one.
pub const MAX_DEPTH: usize = 8;

/// What is wrong with a text. The name of each is part of the test vectors (`tests/vectors/ijson.json`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Longer than the caller's limit.
    #[error("too long")]
    TooLong,
    /// Not valid UTF-8 (RFC 3629).
    #[error("not UTF-8")]
    NotUtf8,
    /// Starts with a byte order mark, which RFC 8259 section 8.1 forbids.
    #[error("byte order mark")]
    ByteOrderMark,
    /// Not JSON (RFC 8259).
    #[error("not JSON")]
    Syntax,
    /// A control character below U+0020 inside a string, unescaped.
    #[error("control character")]
    ControlCharacter,
    /// An escape that names half of a surrogate pair.
    #[error("lone surrogate")]
    LoneSurrogate,
    /// A code point that Unicode sets aside as a noncharacter (RFC 7493 section 2.1).
    #[error("noncharacter")]
    Noncharacter,
    /// A number with a fraction or exponent, or `-0`.
    #[error("not an integer")]
    NotInteger,
    /// An integer beyond ±(2^53 − 1).
    #[error("number out of range")]
    OutOfRange,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("too deep")]
    TooDeep,
    /// An object with two members of one name (after escapes are resolved).
    #[error("duplicate member")]
    DuplicateMember,
}

/// A fault and the byte offset at which it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{fault} at byte {at}")]
pub struct IjsonError {
    /// What is wrong.
    pub fault: Fault,
    /// Offset from the start, in bytes.
    pub at: usize,
}

/// Checks that `text` is one strict I-JSON value of at most `limit` bytes. Typed parsing after it can't be ambiguous.
///
/// # Errors
/// The first fault found.
pub fn check(text: &[u8], limit: usize) -> Result<(), IjsonError> {
    if text.len() > limit {
        return Err(IjsonError { fault: Fault::TooLong, at: limit });
    }
    if let Err(error) = std::str::from_utf8(text) {
        return Err(IjsonError { fault: Fault::NotUtf8, at: error.valid_up_to() });
    }
    if text.starts_with("\u{feff}".as_bytes()) {
        return Err(IjsonError { fault: Fault::ByteOrderMark, at: 0 });
    }
    let mut scanner = Scanner { text, at: 0, names: Vec::with_capacity(16) };
    scanner.value(0)?;
    scanner.space();
    if scanner.at == text.len() { Ok(()) } else { scanner.fail(Fault::Syntax) }
}

/// Whether a byte ends a plain run through a string: quote, backslash, control characters, and anything not ASCII.
fn stops(byte: u8) -> bool {
    !(0x20..0x80).contains(&byte) || byte == b'"' || byte == b'\\'
}

/// How many bytes from the start of `text` are plain. Eight at a time: a byte of a word has its highest bit set in the
/// sum below if it stops, or if one before it does.
fn plain(text: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let is = |word: u64, byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let (words, _) = text.as_chunks::<8>();
    let clean = |word: &&[u8; 8]| {
        let word = u64::from_le_bytes(**word);
        (word | below(word, 0x20) | is(word, b'"') | is(word, b'\\')) & HIGHS == 0
    };
    let start = words.iter().take_while(clean).count() * 8;
    start + text[start..].iter().take_while(|byte| !stops(**byte)).count()
}

struct Scanner<'a> {
    /// Valid UTF-8.
    text: &'a [u8],
    at: usize,
    /// Member names of all objects that are open, outermost first.
    names: Vec<Cow<'a, [u8]>>,
}

type Scan<T = ()> = Result<T, IjsonError>;

impl<'a> Scanner<'a> {
    fn fail<T>(&self, fault: Fault) -> Scan<T> {
        Err(IjsonError { fault, at: self.at })
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, token: &[u8]) -> Scan {
        if !self.text[self.at..].starts_with(token) {
            return self.fail(Fault::Syntax);
        }
        self.at += token.len();
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Scan {
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => self.string().map(|_| ()),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.expect(b"true"),
            Some(b'f') => self.expect(b"false"),
            Some(b'n') => self.expect(b"null"),
            _ => self.fail(Fault::Syntax),
        }
    }

    /// Steps over an opening bracket; true if the container ends at once.
    fn open(&mut self, depth: usize, end: u8) -> Scan<bool> {
        if depth > MAX_DEPTH {
            return self.fail(Fault::TooDeep);
        }
        self.at += 1;
        self.space();
        Ok(self.closed(end))
    }

    fn closed(&mut self, end: u8) -> bool {
        let closed = self.peek() == Some(end);
        self.at += usize::from(closed);
        closed
    }

    fn array(&mut self, depth: usize) -> Scan {
        if self.open(depth, b']')? {
            return Ok(());
        }
        loop {
            self.value(depth)?;
            self.space();
            if self.closed(b']') {
                return Ok(());
            }
            self.expect(b",")?;
        }
    }

    fn object(&mut self, depth: usize) -> Scan {
        let first = self.names.len();
        if self.open(depth, b'}')? {
            return Ok(());
        }
        loop {
            self.space();
            let name = self.string()?;
            self.names.push(name);
            self.space();
            self.expect(b":")?;
            self.value(depth)?;
            self.space();
            if self.closed(b'}') {
                break;
            }
            self.expect(b",")?;
        }
        if has_duplicate(&mut self.names[first..]) {
            return self.fail(Fault::DuplicateMember);
        }
        self.names.truncate(first);
        Ok(())
    }

    fn number(&mut self) -> Scan {
        let negative = self.peek() == Some(b'-');
        let start = self.at + usize::from(negative);
        let digits = self.text[start..].iter().take_while(|b| b.is_ascii_digit()).count();
        let end = start + digits;
        if digits == 0 || (digits > 1 && self.text[start] == b'0') {
            return self.fail(Fault::Syntax);
        }
        if matches!(self.text.get(end), Some(b'.' | b'e' | b'E')) || (negative && self.text[start] == b'0') {
            return self.fail(Fault::NotInteger);
        }
        let value = self.text[start..end].iter().try_fold(0_u64, |sum, digit| {
            let next = sum * 10 + u64::from(digit - b'0');
            (next <= MAX_SAFE_INTEGER).then_some(next)
        });
        if value.is_none() {
            return self.fail(Fault::OutOfRange);
        }
        self.at = end;
        Ok(())
    }

    /// Steps over a string and returns what it says: borrowed when it holds no escape.
    fn string(&mut self) -> Scan<Cow<'a, [u8]>> {
        self.expect(b"\"")?;
        let mut run = self.at;
        let mut said: Option<Vec<u8>> = None;
        loop {
            self.at += plain(&self.text[self.at..]);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    let said = said.get_or_insert_default();
                    said.extend_from_slice(&self.text[run..self.at]);
                    let escaped = self.escape()?;
                    said.extend_from_slice(escaped.encode_utf8(&mut [0; 4]).as_bytes());
                    run = self.at;
                }
                Some(0x80..) => self.beyond_ascii()?,
                Some(_) => return self.fail(Fault::ControlCharacter),
                None => return self.fail(Fault::Syntax),
            }
        }
        let rest = &self.text[run..self.at];
        self.at += 1;
        Ok(match said {
            None => Cow::Borrowed(rest),
            Some(mut said) => {
                said.extend_from_slice(rest);
                Cow::Owned(said)
            }
        })
    }

    /// Steps over one multi-byte character. The whole text is valid UTF-8, so the lead byte tells its length.
    fn beyond_ascii(&mut self) -> Scan {
        let length = match self.text[self.at] {
            0xF0.. => 4,
            0xE0.. => 3,
            _ => 2,
        };
        let bytes = &self.text[self.at..self.at + length];
        // U+FDD0 to U+FDEF, and the last two code points of each plane, are noncharacters.
        let block = matches!(bytes, [0xEF, 0xB7, 0x90..=0xAF]);
        let plane_end = match bytes {
            [0xEF, 0xBF, last] => *last >= 0xBE,
            [_, second, 0xBF, last] => second & 0x0F == 0x0F && *last >= 0xBE,
            _ => false,
        };
        if block || plane_end {
            return self.fail(Fault::Noncharacter);
        }
        self.at += length;
        Ok(())
    }

    fn escape(&mut self) -> Scan<char> {
        let escaped = match self.text.get(self.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return self.fail(Fault::Syntax),
        };
        self.at += 2;
        Ok(escaped)
    }

    fn unicode_escape(&mut self) -> Scan<char> {
        let first = self.hex4(self.at)?;
        let (code, length) = match first {
            0xD800..=0xDBFF => {
                let second = self.hex4(self.at + 6).unwrap_or(0);
                if !(0xDC00..=0xDFFF).contains(&second) {
                    return self.fail(Fault::LoneSurrogate);
                }
                (0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00), 12)
            }
            _ => (first, 6),
        };
        let Some(escaped) = char::from_u32(code) else { return self.fail(Fault::LoneSurrogate) };
        if code & 0xFFFE == 0xFFFE || (0xFDD0..=0xFDEF).contains(&code) {
            return self.fail(Fault::Noncharacter);
        }
        self.at += length;
        Ok(escaped)
    }

    /// The value of `\uXXXX` at an offset.
    fn hex4(&self, at: usize) -> Scan<u32> {
        let syntax = IjsonError { fault: Fault::Syntax, at };
        let digits = self.text.get(at..at + 6).and_then(|e| e.strip_prefix(b"\\u")).ok_or(syntax)?;
        digits.iter().try_fold(0, |sum, &digit| Ok(sum * 16 + char::from(digit).to_digit(16).ok_or(syntax)?))
    }
}

/// Whether two names are equal. Few names (the usual case) are compared in pairs, many are sorted first, so that an
/// object full of names can't cost quadratic time.
fn has_duplicate(names: &mut [Cow<'_, [u8]>]) -> bool {
    if names.len() <= 16 {
        return names.iter().enumerate().any(|(i, name)| names[..i].contains(name));
    }
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

#[cfg(test)]
mod tests {
    use super::{plain, stops};

    #[test]
    fn a_plain_run_ends_at_the_first_byte_that_stops() {
        for byte in 0..=255 {
            for at in 0..24 {
                let mut text = [b'!'; 24];
                text[at] = byte;
                assert_eq!(plain(&text), if stops(byte) { at } else { 24 }, "{byte} at {at}");
                assert_eq!(plain(&text[..at]), at);
            }
        }
    }
}
