//! What is made, as files: each record told by what it shares with one made before.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sunvote::log::verify::law::Law;

use crate::agree::{told, verdict_of, verify_record};
use crate::forge::{Finding, Made};
use crate::vector::{FIRST, File, Line, Piece, Vector};

/// A run of one text this long or longer is told by its length.
const LONG: usize = 600;

/// A finding as it is told.
pub fn tell((seq, rule): &Finding) -> String {
    let mut text = String::new();
    match seq {
        Some(seq) => write!(text, "{seq} {rule}").unwrap(),
        None => write!(text, "- {rule}").unwrap(),
    }
    text
}

fn line(bytes: &[u8]) -> Line {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Line::Pieces(vec![Piece::Hex { hex: hex::encode(bytes) }]);
    };
    // Spaces in a payload come as this in base64: what fills a line up to its limit.
    for unit in ["ICAg", " ", "a"] {
        let Some(start) = text.find(&unit.repeat(LONG)) else { continue };
        let times = text.as_bytes()[start..].chunks(unit.len()).take_while(|chunk| *chunk == unit.as_bytes()).count();
        let pieces = [
            Piece::Text(text[..start].to_owned()),
            Piece::Repeated { repeat: unit.to_owned(), times },
            Piece::Text(text[start + unit.len() * times..].to_owned()),
        ];
        return Line::Pieces(pieces.into());
    }
    Line::Text(text.to_owned())
}

fn shared<'a>(one: impl Iterator<Item = &'a Vec<u8>>, other: impl Iterator<Item = &'a Vec<u8>>) -> usize {
    one.zip(other).take_while(|(a, b)| a == b).count()
}

/// Entries at the beginning and at the end that a record has in common with another.
fn common(made: &Made, base: &Made) -> (usize, usize) {
    let (lines, base) = (&made.record.lines, &base.record.lines);
    let keep = shared(lines.iter(), base.iter());
    let tail = shared(lines[keep..].iter().rev(), base[keep.min(base.len())..].iter().rev());
    (keep, tail)
}

fn vector(made: &Made, bases: &[&Made], remarked: bool) -> Vector {
    // Of several that share as much, the first.
    let best = bases.iter().rev().map(|base| (common(made, base), *base)).max_by_key(|((keep, tail), base)| {
        let shared = base.record.lines.iter().take(*keep).chain(base.record.lines.iter().rev().take(*tail));
        shared.map(Vec::len).sum::<usize>()
    });
    let best = best.filter(|((keep, tail), _)| keep + tail > 0);
    let (keep, tail) = best.map_or((0, 0), |(both, _)| both);
    let base = best.map(|(_, base)| base);
    let lines = &made.record.lines;
    let remarks = remarked.then(|| {
        let mut law = Law::new(made.roots.clone());
        let report = verify_record(&made.record.bytes(), &mut law, &made.known);
        told(&report.remarks).iter().map(tell).collect()
    });
    Vector {
        name: made.name.clone(),
        about: made.about.clone(),
        base: base.map(|base| base.name.clone()),
        keep,
        lines: lines[keep..lines.len() - tail].iter().map(|bytes| line(bytes)).collect(),
        tail,
        first: (made.record.first != FIRST).then(|| made.record.first.clone()),
        end: (base.is_none_or(|base| base.record.end != made.record.end)).then(|| line(&made.record.end)),
        key: (base.is_none_or(|base| base.key != made.key)).then(|| made.key.clone()),
        roots: made.roots.as_ref().map(|roots| roots.iter().map(ToString::to_string).collect()),
        known: made.known.iter().map(ToString::to_string).collect(),
        verdict: made.verdict.unwrap_or_else(|| verdict_of(&made.findings)).to_owned(),
        findings: made.findings.iter().map(tell).collect(),
        remarks,
    }
}

/// The text of each file. The first holds the bases of all.
pub fn files(groups: &[(&str, &str, Vec<Made>)]) -> Vec<(String, String)> {
    let mut bases: Vec<&Made> = Vec::new();
    let mut names = BTreeSet::new();
    let mut files = Vec::new();
    for (place, (file, about, group)) in groups.iter().enumerate() {
        let mut vectors = Vec::new();
        for made in group {
            assert!(names.insert(&made.name), "two are {}", made.name);
            vectors.push(vector(made, &bases, place == 0));
            if place == 0 {
                bases.push(made);
            }
        }
        let file_text = serde_json::to_string_pretty(&File { about: (*about).to_owned(), vectors }).unwrap() + "\n";
        files.push(((*file).to_owned(), file_text));
    }
    files
}
