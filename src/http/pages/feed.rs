//! A feed (RFC 4287) of the steps that everyone may follow.

use askama::Template;

use crate::core::clock::Time;
use crate::http::i18n::Lang;

/// A page of a feed; pages follow one another as RFC 5005 has it.
#[derive(Template, Debug, Clone)]
#[template(path = "feed.xml")]
pub struct FeedPage {
    /// Its language.
    pub lang: Lang,
    /// The feed's permanent name.
    pub id: String,
    /// What is followed.
    pub title: String,
    /// When the newest of it happened.
    pub updated: Time,
    /// Whose steps they are.
    pub author: String,
    /// Address of this page of it.
    pub own: String,
    /// Address of the page for people.
    pub page: String,
    /// Address of the next page of it.
    pub next: Option<String>,
    /// The newest first.
    pub entries: Vec<FeedEntry>,
}

/// One step.
#[derive(Debug, Clone)]
pub struct FeedEntry {
    /// Its permanent name, the same in every feed and language.
    pub id: String,
    /// What happened, in a line.
    pub title: String,
    /// When.
    pub at: Time,
    /// The village's name.
    pub village: String,
    /// Kind of the entry.
    pub kind: &'static str,
    /// Address of the page about it.
    pub href: String,
    /// Where it stands in the record, and the matter's category.
    pub summary: String,
}

/// A text with the characters that XML 1.0 knows: the others can't stand in a document, however they are written.
#[must_use]
pub fn in_xml(text: &str) -> String {
    let known = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    text.chars().filter(known).collect()
}

#[cfg(test)]
mod tests {
    use super::in_xml;

    #[test]
    fn only_characters_that_xml_knows_are_left() {
        assert_eq!(in_xml("修\u{0}路\u{b}\u{1f}<&>\t\u{fffe}\u{1f600}"), "修路<&>\t\u{1f600}");
    }
}
