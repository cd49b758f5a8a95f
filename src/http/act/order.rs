//! In which order a draft tells what it says: what, how much, who, when, and last what it refers to.

/// Names of fields, first to last. What a kind has under no name of these comes after them.
const ORDER: &[&str] = &[
    // What.
    "kind",
    "of",
    "matter",
    "session",
    "question",
    "title",
    "category",
    "categories",
    "what",
    "cause",
    "source",
    "advice",
    "authority",
    "passed",
    "winner",
    // How much.
    "amount_fen",
    "percent",
    "paid_fen",
    "households",
    "counts",
    "invalid",
    "in_box",
    "eligible",
    "present",
    "recused",
    "voted",
    "base",
    "needed",
    // Who.
    "body",
    "group",
    "term",
    "holder",
    "role",
    "person",
    "helper",
    "caller",
    "counter",
    "scrutineer",
    "scrutineers",
    "voter",
    "voters",
    "left",
    "persons",
    "attendees",
    "nonvoting",
    "to",
    // When.
    "starts_at",
    "held_on",
    "from",
    "until",
    "closes_at",
    "grace_minutes",
    "due",
    // How.
    "agenda",
    "ballots",
    "mode",
    "options",
    "channel",
    "channels",
    "named_papers",
    "places",
    "plan",
    "text",
    "report",
    "notice",
    "opinion",
    "opinions",
    "minutes",
    "reason",
    "old",
    "new",
    "people",
    "rows",
    "photos",
    "keys",
    // What it refers to.
    "profile",
    "answers",
    "budget",
    "entry",
    "filing",
];

/// The place of what stands at `field` of a payload, or of words without a field, by what they are about: those on what the whole
/// rests on come last.
#[must_use]
pub fn place(field: &str) -> usize {
    let top = field.split('.').next().unwrap_or_default();
    let after = if top == "basis" { ORDER.len() + 1 } else { ORDER.len() };
    ORDER.iter().position(|name| *name == top).unwrap_or(after)
}
