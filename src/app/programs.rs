//! Programs that may read what is not for everybody, such as the commission's own: each by a token that the operator's file names by
//! its SHA-256 alone, for one place, for what it needs, and until a day.

use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::app::App;
use crate::core::clock::Date;
use crate::core::ids::Digest;
use crate::core::model::codes;

/// What every token begins with, so that one that was published by mistake is found by those who look for such.
const PREFIX: &str = "sunvote_";
/// Longest name of a program.
const LONGEST_NAME: usize = 40;
/// For how long a token may be, in days: a year and a month to exchange it.
const LONGEST_DAYS: i32 = 396;

codes!(
    /// What a program may read.
    Reads {
        /// Warnings, without those about persons.
        Warnings = "warnings",
    }
);

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    #[serde(default)]
    program: Vec<Program>,
}

/// A program and what it may read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// What it is called in the server's log.
    pub name: String,
    /// SHA-256 of its token.
    pub token_sha256: Digest,
    /// What codes of its villages begin with: at least a district's six digits.
    pub place: String,
    /// What it may read.
    pub reads: Vec<Reads>,
    /// The last day on which it may.
    pub until: Date,
}

impl Program {
    fn check(&self, today: Date) -> Result<(), String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || self.name.len() > LONGEST_NAME || !self.name.chars().all(plain) {
            return Err(format!("a name has 1 to {LONGEST_NAME} of a-z, 0-9 and -"));
        }
        if ![6, 9, 12].contains(&self.place.len()) || !self.place.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("place has the 6, 9 or 12 digits of a district, township or village".to_owned());
        }
        if self.reads.is_empty() {
            return Err("reads names at least one thing, such as \"warnings\"".to_owned());
        }
        if self.until > today.plus_days(LONGEST_DAYS) {
            return Err(format!("until is more than {LONGEST_DAYS} days away"));
        }
        Ok(())
    }
}

/// Reads the file that names programs.
///
/// # Errors
/// What stands against it, with the program's name.
pub fn parse(text: &str, today: Date) -> Result<Vec<Arc<Program>>, String> {
    let listed: Listed = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut programs: Vec<Arc<Program>> = Vec::with_capacity(listed.program.len());
    for program in listed.program {
        program.check(today).map_err(|why| format!("program '{}': {why}", program.name))?;
        if programs.iter().any(|other| other.name == program.name || other.token_sha256 == program.token_sha256) {
            return Err(format!("program '{}' or its token is named twice", program.name));
        }
        programs.push(Arc::new(program));
    }
    Ok(programs)
}

/// A new token of 256 random bits, and the SHA-256 by which the file names it.
#[must_use]
pub fn token(random: [u8; 32]) -> (Zeroizing<String>, Digest) {
    let token = Zeroizing::new(format!("{PREFIX}{}", hex::encode(random)));
    let digest = digest(&token);
    (token, digest)
}

fn digest(token: &str) -> Digest {
    Digest(Sha256::digest(token).into())
}

/// The programs of a server, named once at its start.
#[derive(Debug, Default)]
pub(in crate::app) struct Named(OnceLock<Vec<Arc<Program>>>);

impl App {
    /// Says which programs may read what, once.
    pub fn name_programs(&self, programs: Vec<Arc<Program>>) {
        // A second name would be a fault of the program's start; the first holds.
        let _ = self.programs_named().0.set(programs);
    }

    /// The program whose token this is, while it may read `what`. Found by the token's hash: how long that takes says nothing of it.
    #[must_use]
    pub fn program(&self, token: &str, what: Reads) -> Option<Arc<Program>> {
        let (digest, today) = (digest(token), self.now().date());
        let programs = self.programs_named().0.get()?;
        let found = programs.iter().find(|program| program.token_sha256 == digest)?;
        (found.reads.contains(&what) && today <= found.until).then(|| Arc::clone(found))
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, token};

    fn written(name: &str, place: &str, reads: &str, until: &str) -> String {
        let (_, digest) = token([7; 32]);
        format!(
            "[[program]]\nname = \"{name}\"\ntoken_sha256 = \"{digest}\"\nplace = \"{place}\"\nreads = {reads}\nuntil = \"{until}\"\n"
        )
    }

    #[test]
    fn a_program_is_for_a_place_some_things_and_a_time() {
        let today = "2026-11-24".parse().expect("a day");
        let sound = written("commission", "331102", "[\"warnings\"]", "2027-11-24");
        assert_eq!(parse(&sound, today).expect("a program").len(), 1);
        assert_eq!(parse("", today).expect("none"), []);
        for (text, why) in [
            (written("Commission", "331102", "[\"warnings\"]", "2027-11-24"), "a name"),
            (written("c", "3311", "[\"warnings\"]", "2027-11-24"), "place"),
            (written("c", "33110a", "[\"warnings\"]", "2027-11-24"), "place"),
            (written("c", "331102", "[]", "2027-11-24"), "at least one"),
            (written("c", "331102", "[\"vault\"]", "2027-11-24"), "unknown"),
            (written("c", "331102", "[\"warnings\"]", "2028-11-24"), "days away"),
            (format!("{sound}{sound}"), "named twice"),
            (sound.replace("until", "unti"), "unknown field"),
        ] {
            let error = parse(&text, today).expect_err(&text);
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_token_is_random_and_named_by_its_hash() {
        let ((one, digest), (other, _)) = (token([7; 32]), token([8; 32]));
        assert!(one.starts_with("sunvote_07") && one.len() == 8 + 64 && *one != *other);
        assert!(!digest.to_string().contains("0707"));
    }
}
