//! What several papers have in common: styles, votes in words, the foot of a page, how to check a paper.

use std::sync::Arc;

use crate::app::print::line::{Side, Style};
use crate::app::print::sheet::{Block, Foot};
use crate::http::i18n::Lang;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::matter::{Count, Question, Rule};
use crate::http::pages::parts::{Place, Who};
use crate::http::pages::session::Again;

/// Size of running text, in points.
pub const TEXT: f32 = 12.0;

/// Running text, both sides even.
#[must_use]
pub fn running() -> Style {
    Style::of(TEXT).at(Side::Even).led(1.7)
}

/// A heading over a part.
#[must_use]
pub fn heading(words: impl Into<String>) -> Block {
    Block::Heading(words.into(), Style::of(14.5).bold().led(1.9))
}

/// A paragraph; in Chinese its first line stands in by two letters.
#[must_use]
pub fn paragraph(c: &Chrome, words: impl Into<String>) -> Block {
    let indent = if c.lang == Lang::ZhCn { 2.0 } else { 0.0 };
    Block::Text(words.into(), running().indented(indent))
}

/// A line of running text.
#[must_use]
pub fn line(words: impl Into<String>) -> Block {
    Block::Text(words.into(), running())
}

/// Village and township, as one name; languages with letters keep a space.
#[must_use]
pub fn village(place: &Place) -> String {
    let latin = place.name.is_ascii();
    if latin {
        format!("{}, {}", place.name, place.township_name)
    } else {
        format!("{}{}", place.township_name, place.name)
    }
}

/// The words for a count's option.
#[must_use]
pub fn option(c: &Chrome, count: &Count) -> String {
    count.label.clone().unwrap_or_else(|| c.named("option", &count.option).to_string())
}

/// The rule for passing, as a sentence.
#[must_use]
pub fn threshold(c: &Chrome, rule: &Rule) -> String {
    let key = if rule.threshold.more_than { "rule-threshold-more" } else { "rule-threshold-reach" };
    let share = c.t("share").with("num", rule.threshold.num).with("den", rule.threshold.den);
    let passes = c.t(key).with("base", c.named("base", &rule.base)).with("share", share);
    let abstain = c.t(if rule.abstentions_count { "rule-abstain-counts" } else { "rule-abstain-apart" });
    joined(c, &[passes.to_string(), abstain.to_string()])
}

/// The rule for the quorum, as a sentence.
#[must_use]
pub fn quorum(c: &Chrome, rule: &Rule, eligible: u64) -> String {
    let share = c.t("share").with("num", rule.quorum.num).with("den", rule.quorum.den);
    let words = c.t("rule-quorum-say").with("share", share).with("eligible", eligible);
    words.with("needed", rule.quorum_needed).to_string()
}

/// Sentences one after the other, as the language writes them.
#[must_use]
pub fn joined(c: &Chrome, sentences: &[String]) -> String {
    let between = if c.lang == Lang::ZhCn { "" } else { " " };
    sentences.join(between)
}

/// A question with its votes and its result.
#[must_use]
pub fn question(c: &Chrome, question: &Question) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(question.title.clone(), Style::of(13.5).bold().led(1.7))];
    if !question.counts.is_empty() {
        let votes = question.counts.iter().map(|count| (option(c, count), count.votes.to_string()));
        blocks.push(Block::Votes(votes.collect()));
        let mut say = Vec::new();
        if question.needed > 0 {
            let needed = c.t("print-needed").with("needed", question.needed).with("base", question.base);
            say.push(needed.to_string());
        }
        if question.not_voted > 0 {
            say.push(c.t("votes-none").with("n", question.not_voted).to_string());
        }
        if let Some(by) = question.channels {
            let words = c.t("votes-channels").with("online", by.online).with("kiosk", by.kiosk);
            say.push(words.with("paper", by.paper).to_string());
            if by.visited > 0 {
                say.push(c.t("votes-box").with("n", by.visited).with("base", question.base).to_string());
            }
            if by.missed > 0 {
                say.push(c.t("votes-missed").with("n", by.missed).to_string());
            }
        }
        blocks.push(line(joined(c, &say)));
    }
    let state = c.named("question", question.state.code());
    let result = c.t("print-result").with("result", state).to_string();
    blocks.push(Block::Framed(result, Style::of(16.0).bold().at(Side::Middle).led(1.4)));
    blocks
}

/// A name with its capacity; the capacity alone where the name is not for this reader.
#[must_use]
pub fn who(c: &Chrome, who: &Who) -> String {
    let role = c.named("role", &who.role).to_string();
    who.name.as_ref().map_or_else(|| role.clone(), |name| format!("{role} {name}"))
}

/// A QR code with the words beside it, of which the first stand out.
pub type Beside = (String, Vec<(String, Style)>);

/// A code that leads somewhere, and what for.
#[must_use]
pub fn leads(link: &str, what: String, more: Vec<String>) -> Beside {
    let small = Style::of(8.0).led(1.4);
    let first = (what, Style::of(10.5).bold().led(1.5));
    (link.to_owned(), std::iter::once(first).chain(more.into_iter().map(|words| (words, small))).collect())
}

/// How whoever holds the paper checks it: a code that leads to the check page.
#[must_use]
pub fn check(c: &Chrome, link: &str) -> Beside {
    leads(link, c.t("print-check").to_string(), vec![c.t("print-check-say").to_string(), link.to_owned()])
}

/// The state of the record in short: what the check page asks for.
#[must_use]
pub fn checkpoint(c: &Chrome, (origin, size, root): &(String, u64, String)) -> Block {
    let words = format!("{} {origin} · {size} · {root}", c.t("notice-checkpoint"));
    Block::Text(words, Style::of(8.0).led(1.4))
}

/// That a session is called again, and why.
#[must_use]
pub fn again(c: &Chrome, again: Again) -> String {
    let text = c.t("session-again").with("when", c.lang.time(again.at)).with("eligible", again.eligible);
    text.with("present", again.present).to_string()
}

/// Which paper of how many.
#[must_use]
pub fn foot(c: &Chrome) -> Foot {
    let lang = c.lang;
    Foot(Arc::new(move |page, of| lang.t("print-page").with("page", page).with("of", of).to_string()))
}
