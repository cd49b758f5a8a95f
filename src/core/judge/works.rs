//! A resolution as it is carried out: contracts, progress, payments, the sign-off.

use crate::core::act::works::{Contract, Progress, Work};
use crate::core::judge::Remark;
use crate::core::judge::case::{Case, length, sorted};
use crate::core::model::Outcome;
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::state::matter::{Contracted, Reached, Standing};

/// Amounts that every reader counts exactly.
const TOO_MUCH: u64 = 1 << 53;

/// The sum of amounts in fen.
fn sum(amounts: impl IntoIterator<Item = u64>) -> Result<u64, Rejection> {
    let sum = amounts.into_iter().try_fold(0_u64, u64::checked_add).filter(|fen| *fen < TOO_MUCH);
    sum.ok_or_else(|| Rejection::new(Rule::ValueRange, "an amount", "too much"))
}

pub(crate) fn contract(case: &mut Case<'_>, act: &Contract) -> Result<(), Rejection> {
    length(&act.papers, 1, 50)?;
    length(&act.milestones, 0, 20)?;
    let in_order = act.milestones.windows(2).all(|pair| pair[0].due <= pair[1].due);
    ensure(in_order, Rule::ListForm, "milestones by their days", "another order")?;
    let parts = sum(act.milestones.iter().map(|milestone| milestone.amount_fen))?;
    ensure(parts <= act.amount_fen, Rule::ValueRange, act.amount_fen, parts)?;
    let matter = case.matter()?;
    length(&matter.contracts, 0, 99)?;
    let earlier = matter.contracts.iter().map(|contract| contract.amount_fen);
    let all = sum(earlier.chain([act.amount_fen]))?;
    // What was agreed is a fact: it is shown, until a change is voted on.
    if all > matter.allowed_fen() {
        case.remark(Remark::OverContracted);
    }
    let milestones =
        act.milestones.iter().map(|milestone| Reached { title: milestone.title.sha256, due: milestone.due, at: None });
    let contract = Contracted {
        at: case.at,
        title: act.title.sha256,
        amount_fen: act.amount_fen,
        paid_fen: 0,
        milestones: milestones.collect(),
    };
    case.step_matter(|matter| matter.contracts.push(contract))
}

pub(crate) fn progress(case: &mut Case<'_>, act: &Progress) -> Result<(), Rejection> {
    length(&act.papers, 1, 50)?;
    ensure(act.percent <= 100, Rule::ValueRange, "0 to 100", act.percent)?;
    check_witnesses(case, act)?;
    let matter = case.matter()?;
    let paid = sum([matter.paid_fen, act.paid_fen])?;
    let contract = contract_with(case, act)?;
    // What was paid is a fact: refused, it would be missing from the record. It is shown, until a change is voted on.
    if paid > matter.allowed_fen() {
        case.remark(Remark::Overpaid);
    }
    if contract.as_ref().is_some_and(|(_, contract)| contract.paid_fen > contract.amount_fen) {
        case.remark(Remark::ContractOverpaid);
    }
    case.step_matter(|matter| {
        matter.progress = act.percent;
        matter.paid_fen = paid;
        if let Some((index, contract)) = contract {
            matter.contracts[index] = contract;
        }
    })
}

/// Who watches over the quality is on record, and isn't the one who reports it.
fn check_witnesses(case: &Case<'_>, act: &Progress) -> Result<(), Rejection> {
    sorted(&act.witnesses, 20)?;
    let needed = act.what == Work::Quality;
    ensure(!needed || !act.witnesses.is_empty(), Rule::PaperMissing, "who watched over the quality", "nobody")?;
    let known = act.witnesses.iter().all(|id| case.state.people.persons.contains_key(id));
    ensure(known, Rule::PersonUnknown, "people on record", "someone else")?;
    let reports = case.statement.by.iter().filter_map(|signer| signer.person).any(|id| act.witnesses.contains(&id));
    ensure(!reports, Rule::SignerSame, "witnesses besides who reports", "the same person")
}

/// The contract that a report is about, as it stands with it.
fn contract_with(case: &Case<'_>, act: &Progress) -> Result<Option<(usize, Contracted)>, Rejection> {
    let Some(leaf) = act.contract else {
        ensure(act.milestone.is_none(), Rule::ValueRange, "a milestone of a contract", "of none")?;
        return Ok(None);
    };
    let contracts = &case.matter()?.contracts;
    let index = contracts.iter().position(|contract| contract.at.leaf == leaf);
    let index = index.ok_or_else(|| Rejection::new(Rule::BasisStale, "a contract of this matter", leaf))?;
    let mut contract = contracts[index].clone();
    contract.paid_fen = sum([contract.paid_fen, act.paid_fen])?;
    if let Some(number) = act.milestone {
        let nth = usize::from(number).checked_sub(1).and_then(|nth| contract.milestones.get_mut(nth));
        let waits = nth.filter(|milestone| milestone.at.is_none());
        let milestone = waits.ok_or_else(|| Rejection::new(Rule::ValueRange, "a milestone not reached yet", number))?;
        milestone.at = Some(case.at);
    }
    Ok(Some((index, contract)))
}

pub(crate) fn signed_off(case: &mut Case<'_>) -> Result<(), Rejection> {
    let matter = case.matter()?;
    let ends = matter.resolution_notice.map(|notice| notice.ends);
    let over = ends.is_some_and(|ends| case.at.time >= ends);
    ensure(over, Rule::NoticeEarly, ends.map_or_else(String::new, |ends| ends.to_string()), case.at.time)?;
    ensure(matter.progress == 100, Rule::PaperMissing, "100", matter.progress)?;
    if matter.paid_fen > matter.allowed_fen() {
        case.remark(Remark::Overpaid);
    }
    case.step_matter(|matter| matter.standing = Standing::Ended(Outcome::Finished))
}
