//! Counting: who is present, what the base is, how many votes are needed and whether a question passed.

use std::collections::BTreeMap;

use crate::core::act::voting::{OptionCount, ResultAnnounced};
use crate::core::model::OptionCode;
use crate::core::rules::{Base, Profile};
use crate::core::state::voting::Voting;

/// What counting starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ballots {
    /// Members due (应到).
    pub eligible: u32,
    /// Members there when voting opened (实到), recused ones included, and those whom the mobile box was with.
    pub there: u32,
    /// Recused members among them.
    pub recused: u32,
    /// Every option with its votes, in the question's order.
    pub counts: Vec<OptionCount>,
    /// Invalid paper ballots.
    pub invalid: u32,
    /// Ballots that count or were found in the box.
    pub voted: u32,
}

fn count_of(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Members present as the profile counts them: without recused members where they don't count in the quorum.
#[must_use]
pub fn present(profile: &Profile, there: u32, recused: u32) -> u32 {
    if profile.recusal.in_quorum { there } else { there - recused.min(there) }
}

/// Gathers the ballots of a vote whose choices are all open.
#[must_use]
pub fn gather(voting: &Voting) -> Ballots {
    let mut counts: BTreeMap<&OptionCode, u32> = BTreeMap::new();
    for choice in voting.choices.values() {
        *counts.entry(choice).or_default() += 1;
    }
    let paper = voting.paper_count.as_ref();
    for row in paper.iter().flat_map(|paper| &paper.counts) {
        let count = counts.entry(&row.option).or_default();
        *count = count.saturating_add(row.count);
    }
    let row =
        |option: &OptionCode| OptionCount { option: option.clone(), count: counts.get(option).copied().unwrap_or(0) };
    Ballots {
        eligible: voting.opening.eligible,
        there: count_of(voting.present.len() + voting.visited().count()),
        recused: count_of(voting.recused.len()),
        counts: voting.opening.options.iter().map(row).collect(),
        invalid: paper.map_or(0, |paper| paper.invalid),
        voted: count_of(voting.choices.len()).saturating_add(paper.map_or(0, |paper| paper.in_box)),
    }
}

/// The result that `ballots` give under `profile`. Whoever didn't vote, voted invalidly or abstained counts in a base of
/// those present, so counts against (Organic Law art. 26: more than half of those present).
#[must_use]
pub fn result(profile: &Profile, ballots: &Ballots) -> ResultAnnounced {
    let votes = |code: &str| ballots.counts.iter().find(|row| row.option.as_str() == code).map_or(0, |row| row.count);
    let whole = match profile.threshold.base {
        Base::Present => ballots.there,
        Base::All => ballots.eligible,
    };
    let recused = if profile.recusal.in_base { 0 } else { ballots.recused };
    let abstained = if profile.abstain_in_base { 0 } else { votes(OptionCode::ABSTAIN) };
    let base = whole.saturating_sub(recused).saturating_sub(abstained);
    let winner = leading(&ballots.counts).filter(|row| profile.threshold.is_reached(row.count, base));
    ResultAnnounced {
        eligible: ballots.eligible,
        present: present(profile, ballots.there, ballots.recused),
        recused: ballots.recused,
        voted: ballots.voted,
        counts: ballots.counts.clone(),
        invalid: ballots.invalid,
        base,
        needed: profile.threshold.needed(base),
        winner: winner.map(|row| row.option.clone()),
        passed: winner.is_some(),
    }
}

/// The option that could pass: `for`, or the question's own option that alone has the most votes (a tie has none).
fn leading(counts: &[OptionCount]) -> Option<&OptionCount> {
    if let Some(row) = counts.iter().find(|row| row.option.as_str() == OptionCode::FOR) {
        return Some(row);
    }
    let own = || counts.iter().filter(|row| row.option.as_str() != OptionCode::ABSTAIN);
    let most = own().map(|row| row.count).max()?;
    let mut leaders = own().filter(|row| row.count == most);
    leaders.next().filter(|_| leaders.next().is_none())
}
