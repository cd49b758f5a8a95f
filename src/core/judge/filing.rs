//! The township's review (审议备案).

use crate::core::act::Kind;
use crate::core::act::matter::{DeadlinePassed, Filing, Materials, Returned};
use crate::core::clock::Time;
use crate::core::judge::Remark;
use crate::core::judge::case::{Case, length};
use crate::core::judge::plan::longest;
use crate::core::model::{PaperCode, Stage};
use crate::core::reject::{Rejection, Rule, ensure};

pub(crate) fn submitted(case: &mut Case<'_>, act: &Filing) -> Result<(), Rejection> {
    length(&act.materials, 0, 50)?;
    let matter = case.matter()?;
    let category = matter.proposal.as_ref().map(|proposal| proposal.category);
    let needed = category.map_or(&[][..], |category| case.state.law.papers_needed(category, case.date));
    let there = act.papers.iter().eq(needed.iter().map(|paper| &paper.code)) && act.materials.len() >= needed.len();
    let names = |codes: Vec<&str>| if codes.is_empty() { "none".to_owned() } else { codes.join(", ") };
    let expected = names(needed.iter().map(|paper| paper.code.as_str()).collect());
    ensure(there, Rule::PaperMissing, expected, names(act.papers.iter().map(PaperCode::as_str).collect()))?;
    let ends = matter.plan_notice.map(|notice| notice.ends);
    let over = ends.is_some_and(|ends| case.at.time >= ends);
    ensure(over, Rule::NoticeEarly, ends.map_or_else(String::new, |ends| ends.to_string()), case.at.time)?;
    let due = longest(case, matter, case.at.time, |profile| profile.filing);
    case.step_matter(|matter| matter.filing_due = Some(due))
}

pub(crate) fn supplement_requested(case: &mut Case<'_>) -> Result<(), Rejection> {
    let waiting = case.matter()?.open.values().any(|point| point.kind == Kind::SupplementRequested);
    ensure(!waiting, Rule::OpenPoint, "no supplement asked for", "one asked for")?;
    let point = case.point(1);
    case.step_matter(|matter| {
        matter.open.insert(point.at.leaf, point);
    })
}

pub(crate) fn supplement_provided(case: &mut Case<'_>, act: &Materials) -> Result<(), Rejection> {
    length(&act.materials, 1, 50)?;
    let basis = case.statement.basis.unwrap_or(case.at.leaf);
    let asked = case.matter()?.open.get(&basis).map_or(case.at.time, |point| point.at.time);
    let paused = case.at.time.ms() - asked.ms();
    case.step_matter(|matter| {
        matter.open.remove(&basis);
        // The clock stood still while the township waited.
        matter.filing_due = matter.filing_due.map(|due| due.plus_ms(paused));
    })
}

pub(crate) fn filed(case: &mut Case<'_>) -> Result<(), Rejection> {
    let reviewed = case.matter()?.papers.paper(Kind::FilingReviewed);
    let reviewer = reviewed.and_then(|paper| paper.signers.first().copied());
    let approver = case.statement.by.first().and_then(|signer| signer.person);
    ensure(reviewer != approver, Rule::SignerSame, "an approver who didn't review", "the reviewer")?;
    // Review and approval are one act of two people, given in two statements.
    let kin = reviewer.zip(approver).is_some_and(|(a, b)| case.state.people.are_kin(a, b));
    ensure(!kin, Rule::SignerKin, "an approver who is no near kin of the reviewer", "near kin")?;
    case.step_matter(|_| {})
}

pub(crate) fn returned(case: &mut Case<'_>, act: &Returned) -> Result<(), Rejection> {
    let back = matches!(act.to, Stage::Proposal | Stage::Consultation);
    ensure(back, Rule::StageWrong, "proposal or consultation", act.to)?;
    case.step_matter(|matter| {
        matter.returned += 1;
        matter.step_back(act.to);
    })
}

pub(crate) fn deadline_passed(case: &mut Case<'_>, act: &DeadlinePassed) -> Result<(), Rejection> {
    let matter = case.matter()?;
    let due = matter.filing_due.filter(|due| case.at.time >= *due);
    let last_day = due.map(|due: Time| due.last_day());
    ensure(last_day == Some(act.due), Rule::ValueRange, "the last day of the review, after it", act.due)?;
    let noted = matter.papers.paper(Kind::DeadlinePassed).is_some();
    let waiting = matter.open.values().any(|point| point.kind == Kind::SupplementRequested);
    ensure(!noted && !waiting, Rule::ValueRange, "once, while the township's clock runs", "otherwise")?;
    case.remark(Remark::ReviewOverdue);
    case.step_matter(|_| {})
}
