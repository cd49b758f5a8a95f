//! What a batch of statements says, for a person who is about to sign it with a root key: each founding by itself, and
//! what is the same in many villages once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::core::act::Act;
use crate::core::act::village::Founder;
use crate::core::catalogue::Catalogue;
use crate::core::ids::{PersonId, PublicKey, VillageCode};
use crate::core::privacy;
use crate::core::rules::{Base, Profile, Share};
use crate::log::ceremony::Item;

/// Villages named one by one before only their number is said.
const NAMED: usize = 4;

/// People whom an act enrols, with commitments to their names.
#[must_use]
pub fn people(act: &Act) -> &[Founder] {
    match act {
        Act::VillageFounded(act) => &act.people,
        Act::OfficialsEnrolled(act) => &act.officials,
        _ => &[],
    }
}

/// Whether an act ends a role of this person. It names no commitment, so the name is the server's word.
#[must_use]
pub fn ends(act: &Act, person: PersonId) -> bool {
    matches!(act, Act::OfficialsEnded(act) if act.rows.iter().any(|row| row.person == person))
}

/// First 16 digits of a key in groups, as phones and pages show it, for two people to compare by eye.
#[must_use]
pub fn fingerprint(key: &PublicKey) -> String {
    groups(&key.to_string()[..16])
}

/// All digits of a key in groups of four, sixteen to a line.
#[must_use]
pub fn printable(key: &PublicKey) -> String {
    let text = key.to_string();
    let lines: Vec<String> = (0..4).map(|line| groups(&text[line * 16..][..16])).collect();
    lines.join("\n")
}

fn groups(digits: &str) -> String {
    let chars: Vec<char> = digits.chars().collect();
    chars.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// The batch in plain words.
#[must_use]
pub fn summary(items: &[Item]) -> String {
    let villages: BTreeSet<VillageCode> = items.iter().map(|item| item.statement.village).collect();
    let mut text = format!("{} statements for {} villages\n", items.len(), villages.len());
    let mut same: BTreeMap<(String, String), Vec<&Item>> = BTreeMap::new();
    for item in items {
        match &item.statement.act {
            Act::VillageFounded(_) => found(&mut text, item),
            act => {
                let fields = act.fields().map(|fields| fields.to_string()).unwrap_or_default();
                same.entry((act.kind().code().to_owned(), fields)).or_default().push(item);
            }
        }
    }
    for alike in same.values() {
        let Some(first) = alike.first() else { continue };
        let _ = writeln!(text, "\n{} {}", subject(&first.statement.act), places(alike, villages.len()));
        detail(&mut text, first);
    }
    // What a terminal would obey or hide is shown as a mark.
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

fn visible(line: &str) -> String {
    let plain = |c: char| privacy::check_text(c.encode_utf8(&mut [0; 4])).is_ok();
    line.chars().map(|c| if plain(c) { c } else { '\u{FFFD}' }).collect()
}

fn found(text: &mut String, item: &Item) {
    let Act::VillageFounded(act) = &item.statement.act else { return };
    let _ = writeln!(text, "\nfounding of {} {}", item.statement.village, item.place);
    let _ = writeln!(text, "  record  {}", act.origin);
    let _ = writeln!(text, "  key     {}, also for the district's directory", fingerprint(&act.log_key));
    let roots: Vec<String> = act.roots.iter().map(fingerprint).collect();
    let _ = writeln!(text, "  roots   {}", roots.join(", "));
    persons(text, item);
}

fn persons(text: &mut String, item: &Item) {
    for row in people(&item.statement.act) {
        let name = name_of(item, row.person);
        let _ = writeln!(text, "  {:<22} {name:<8} key {}", row.role.code(), fingerprint(&row.key));
    }
}

/// The name of a person in an item; it was found to open the commitment when the item was read.
fn name_of(item: &Item, person: PersonId) -> String {
    let named = item.people.iter().find(|named| named.person == person);
    named.map_or_else(|| person.to_string(), |named| named.name.clone())
}

fn subject(act: &Act) -> String {
    match act {
        Act::ProfileAdopted(act) => format!("rule profile {}, version {},", act.profile.code, act.profile.version),
        Act::CatalogueAdopted(act) => format!("catalogue, version {},", act.catalogue.version),
        Act::CalendarAdopted(act) => format!("calendar of {}", act.year),
        Act::OfficialsEnrolled(_) => "officials enrolled".to_owned(),
        Act::OfficialsEnded(_) => "officials' roles ended".to_owned(),
        act => act.kind().code().to_owned(),
    }
}

fn places(alike: &[&Item], all: usize) -> String {
    if alike.len() <= NAMED {
        let names = alike.iter().map(|item| format!("{} {}", item.statement.village, item.place).trim().to_owned());
        return format!("in {}", names.collect::<Vec<_>>().join(", "));
    }
    if alike.len() == all { format!("in all {all} villages") } else { format!("in {} villages", alike.len()) }
}

fn detail(text: &mut String, item: &Item) {
    match &item.statement.act {
        Act::ProfileAdopted(act) => profile(text, &act.profile),
        Act::CatalogueAdopted(act) => catalogue(text, &act.catalogue),
        Act::CalendarAdopted(act) => {
            let _ = writeln!(text, "  {} days off, {} weekend days worked", act.holidays.len(), act.workdays.len());
        }
        Act::OfficialsEnrolled(_) => persons(text, item),
        Act::OfficialsEnded(act) => {
            for row in &act.rows {
                let name = name_of(item, row.person);
                let _ = writeln!(text, "  {:<22} {name}, says the server ({})", row.role.code(), act.reason.code());
            }
        }
        // Rarer ones are shown as they will stand on the record.
        act => {
            let fields = act.fields().and_then(|fields| serde_json::to_string_pretty(&fields)).unwrap_or_default();
            for line in fields.lines() {
                let _ = writeln!(text, "  {line}");
            }
        }
    }
}

fn profile(text: &mut String, profile: &Profile) {
    let categories: Vec<&str> = profile.categories.iter().map(|category| category.code()).collect();
    let _ = writeln!(text, "  decides    {} on {}", profile.body, categories.join(" "));
    let _ = writeln!(text, "  quorum     {}; passes with {}", share(profile.quorum), share(profile.threshold));
    let _ = writeln!(text, "  in force   from {}, {}", profile.effective, profile.citation);
    if !profile.confirmed {
        let _ = writeln!(text, "  NOT confirmed: check the numbers against the law in force");
    }
}

fn catalogue(text: &mut String, catalogue: &Catalogue) {
    let _ = writeln!(text, "  in force   from {}, {}", catalogue.effective, catalogue.citation);
    if let Some(rhythm) = catalogue.rhythm {
        let (affairs, finances) = (rhythm.affairs_months, rhythm.finances_months);
        let _ = writeln!(
            text,
            "  disclosed  affairs of {affairs} months, accounts of {finances}, within {} days",
            rhythm.within_days
        );
    }
    for entry in &catalogue.entries {
        let below = |fen: u64| format!("disclosed below {}.{:02} yuan", fen / 100, fen % 100);
        let vote = entry.disclose_below_fen.map_or_else(|| "always to a ballot".to_owned(), below);
        let papers: Vec<&str> = entry.papers.iter().map(|paper| paper.title.as_str()).collect();
        let needs = if papers.is_empty() { String::new() } else { format!("; filing needs {}", papers.join(", ")) };
        let _ = writeln!(text, "  {:<10} {vote}{needs}", entry.category.code());
        if !entry.topics.is_empty() {
            let _ = writeln!(text, "             topics {}", entry.topics.join(", "));
        }
    }
}

fn share(share: Share) -> String {
    let base = match share.base {
        Base::Present => "of those present",
        Base::All => "of all",
    };
    format!("{}{}/{} {base}", if share.more_than { "more than " } else { "" }, share.num, share.den)
}

/// Whose signatures a batch still lacks, each with the number of statements.
#[must_use]
pub fn missing(items: &[Item]) -> BTreeMap<PublicKey, usize> {
    let mut missing = BTreeMap::new();
    for key in items.iter().flat_map(Item::missing) {
        *missing.entry(key).or_insert(0) += 1;
    }
    missing
}
