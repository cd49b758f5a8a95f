//! The settled plan, its notice and the objections to it; emergencies and disclosures.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::core::act::Kind;
use crate::core::act::matter::{
    Disclosure, Emergency, ObjectionEntered, PlanSettled, Posted, Question, RequiredBallot,
};
use crate::core::calendar::Period;
use crate::core::clock::Time;
use crate::core::ids::Digest;
use crate::core::judge::case::{Case, length};
use crate::core::judge::matter::check_source;
use crate::core::judge::{Part, Remark};
use crate::core::model::{Body, Category, OptionCode, Outcome, Stage};
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::rules::Profile;
use crate::core::state::matter::{Matter, Notice, Proposal, Settled, Standing};

pub(crate) fn settled(case: &mut Case<'_>, act: &PlanSettled) -> Result<(), Rejection> {
    let proposal = case.matter()?.proposal.as_ref();
    let category = proposal.ok_or_else(|| Rejection::new(Rule::PaperMissing, "a proposal", "nothing"))?.category;
    check_ballots(case, category, act.amount_fen, &act.ballots)?;
    let settled = Settled { plan: act.plan.clone(), amount_fen: act.amount_fen, ballots: act.ballots.clone() };
    case.step_matter(|matter| {
        matter.settled = Some(settled);
        // A plan settled anew must be posted anew.
        matter.plan_notice = None;
        matter.papers.clear(|kind| kind == Kind::PlanPosted);
    })
}

/// Each ballot by the body, and under the profile, that the law in force has for this category and amount.
fn check_ballots(case: &Case<'_>, category: Category, fen: u64, ballots: &[RequiredBallot]) -> Result<(), Rejection> {
    length(ballots, 1, 5)?;
    let mut codes = BTreeSet::new();
    for ballot in ballots {
        let applicable = case.state.law.applicable(ballot.body, category, fen, case.date);
        let Some((leaf, profile)) = applicable else {
            return Err(Rejection::new(Rule::ProfileWrong, "a body that may decide this", ballot.body));
        };
        ensure(ballot.profile == leaf, Rule::ProfileWrong, leaf, ballot.profile)?;
        let group = ballot.group.is_some() == (ballot.body == Body::GroupMeeting);
        ensure(group, Rule::ValueRange, "a group for a group meeting only", "otherwise")?;
        let delegated = |d: &&_| is_delegated(case, d, ballot.body, category);
        let delegated = !profile.needs_delegation || case.state.law.delegations.iter().any(|d| delegated(&d));
        ensure(delegated, Rule::DelegationMissing, "a delegation in force", ballot.body)?;
        length(&ballot.questions, 1, 30)?;
        for question in &ballot.questions {
            check_question(question)?;
            ensure(codes.insert(&question.code), Rule::ListForm, "each question code once", &question.code)?;
        }
    }
    Ok(())
}

fn is_delegated(case: &Case<'_>, d: &crate::core::state::Delegation, body: Body, category: Category) -> bool {
    d.to == body && d.categories.contains(&category) && d.until >= case.date
}

/// Most digits in an option's code.
const MOST_DIGITS: usize = 3;

/// `for`, `against`, `abstain`; or two to twenty options of its own and `abstain`.
fn check_question(question: &Question) -> Result<(), Rejection> {
    let codes: Vec<&str> = question.options.iter().map(OptionCode::as_str).collect();
    let plain = codes == [OptionCode::FOR, OptionCode::AGAINST, OptionCode::ABSTAIN];
    let distinct = codes.iter().collect::<BTreeSet<_>>().len() == codes.len();
    let own = (3..=21).contains(&codes.len())
        && distinct
        && codes.last() == Some(&OptionCode::ABSTAIN)
        // A code stands in the record for ever: no room for a number that belongs to a person.
        && codes.iter().all(|code| code.bytes().filter(u8::is_ascii_digit).count() <= MOST_DIGITS)
        && !codes.contains(&OptionCode::FOR)
        && !codes.contains(&OptionCode::AGAINST);
    ensure(plain || own, Rule::QuestionWrong, "for, against, abstain; or own options and abstain", codes.join(", "))?;
    let labelled = question.labels.is_empty() || (own && question.labels.len() + 1 == codes.len());
    ensure(labelled, Rule::QuestionWrong, "words for each own option", question.labels.len())
}

/// The longest of a period over the profiles of every required ballot.
pub(crate) fn longest(case: &Case<'_>, matter: &Matter, from: Time, period: impl Fn(&Profile) -> Period) -> Time {
    let ballots = matter.settled.iter().flat_map(|settled| &settled.ballots);
    let profiles = ballots.filter_map(|ballot| case.state.law.profile(ballot.profile));
    profiles.map(|profile| case.state.law.calendar.end_of(from, period(profile))).max().unwrap_or(from)
}

pub(crate) fn posted(case: &mut Case<'_>, act: &Posted) -> Result<(), Rejection> {
    check_places(act)?;
    let at = case.at;
    let ends = longest(case, case.matter()?, at.time, |profile| profile.plan_notice);
    case.step_matter(|matter| matter.plan_notice = Some(Notice { at, ends }))
}

/// Posted somewhere.
fn check_places(act: &Posted) -> Result<(), Rejection> {
    length(&act.places, 1, 9)
}

pub(crate) fn resolution_posted(case: &mut Case<'_>, act: &Posted) -> Result<(), Rejection> {
    check_places(act)?;
    let at = case.at;
    let ends = longest(case, case.matter()?, at.time, |profile| profile.resolution_notice);
    case.step_matter(|matter| matter.resolution_notice = Some(Notice { at, ends }))
}

pub(crate) fn objection_entered(case: &mut Case<'_>, act: &ObjectionEntered) -> Result<(), Rejection> {
    check_source(case, act.source)?;
    objection(case)
}

pub(crate) fn objection(case: &mut Case<'_>) -> Result<(), Rejection> {
    let matter = case.matter()?;
    let notices = [matter.plan_notice, matter.resolution_notice];
    let notice = notices.into_iter().flatten().find(|notice| Some(notice.at.leaf) == case.statement.basis);
    let ends = notice.map(|notice| notice.ends);
    let open = ends.is_some_and(|ends| case.at.time < ends);
    ensure(open, Rule::NoticeOver, ends.map_or_else(String::new, |ends| ends.to_string()), case.at.time)?;
    wait_for_answer(case)
}

pub(crate) fn concern(case: &mut Case<'_>) -> Result<(), Rejection> {
    wait_for_answer(case)
}

fn wait_for_answer(case: &mut Case<'_>) -> Result<(), Rejection> {
    let point = case.point(1);
    length(&case.matter()?.open.values().collect::<Vec<_>>(), 0, 999)?;
    case.step_matter(|matter| {
        matter.open.insert(point.at.leaf, point);
    })
}

pub(crate) fn answered(case: &mut Case<'_>) -> Result<(), Rejection> {
    let basis = case.statement.basis;
    case.step_matter(|matter| {
        matter.open.retain(|leaf, _| Some(*leaf) != basis);
    })
}

pub(crate) fn emergency(case: &mut Case<'_>, act: &Emergency) -> Result<(), Rejection> {
    let id = case.matter_id()?;
    ensure(case.state.matter(id).is_none(), Rule::MatterUnknown, "a new matter", id)?;
    check_ballots(case, act.category, act.amount_fen, &act.ballots)?;
    case.remark(Remark::Emergency);
    let mut matter = Matter::begin(case.at, Stage::Ballot);
    matter.emergency = true;
    matter.proposal = Some(Proposal { category: act.category, title: act.title.clone(), amount_fen: act.amount_fen });
    matter.settled = Some(Settled { plan: act.plan.clone(), amount_fen: act.amount_fen, ballots: act.ballots.clone() });
    matter.papers.put(case.statement.kind(), case.paper());
    case.put(Part::Matter(id, Arc::new(matter)));
    Ok(())
}

/// What has been disclosed under a voted budget so far, in fen.
fn spent_of(case: &Case<'_>, budget: Digest) -> u64 {
    let under = case.state.matters.values().filter(|matter| matter.budget == Some(budget));
    let amounts = under.filter_map(|matter| matter.proposal.as_ref()).map(|proposal| proposal.amount_fen);
    amounts.fold(0, u64::saturating_add)
}

/// Whether the catalogue in force has disclosure be enough for this category and amount.
fn is_below_catalogue(case: &Case<'_>, act: &Disclosure) -> bool {
    let entry = case.state.law.catalogue(case.date).and_then(|(_, catalogue)| catalogue.entry(act.category));
    entry.and_then(|entry| entry.disclose_below_fen).is_some_and(|below| act.amount_fen < below)
}

pub(crate) fn disclosure(case: &mut Case<'_>, act: &Disclosure) -> Result<(), Rejection> {
    let id = case.matter_id()?;
    ensure(case.state.matter(id).is_none(), Rule::MatterUnknown, "a new matter", id)?;
    let law = &case.state.law;
    let applies = |fen| Body::ALL.iter().any(|body| law.applicable(*body, act.category, fen, case.date).is_some());
    // Without any profile for the category there is no threshold to be below: each category must go to a ballot.
    let has_threshold =
        law.profiles.iter().any(|(_, profile)| profile.from_fen > act.amount_fen && applies(profile.from_fen));
    let below = !applies(act.amount_fen) && has_threshold || is_below_catalogue(case, act);
    let budgeted = act.budget.is_some_and(|budget| {
        case.state.matters.values().any(|matter| {
            let plan = matter.proposal.as_ref().is_some_and(|proposal| proposal.category == Category::M01);
            let passed =
                matches!(matter.standing, Standing::At(Stage::Supervision) | Standing::Ended(Outcome::Finished));
            let spent = spent_of(case, budget).saturating_add(act.amount_fen);
            let inside = matter.settled.as_ref().is_some_and(|settled| spent <= settled.amount_fen);
            plan && passed && inside && matter.papers.is_one_of(budget, &[Kind::MinutesSigned])
        })
    });
    ensure(below || budgeted, Rule::DisclosureNotEnough, "below the threshold, or in a voted budget", "neither")?;
    let mut matter = Matter::begin(case.at, Stage::Suggestion);
    matter.standing = Standing::Ended(Outcome::Disclosed);
    // What is below the threshold by itself doesn't use up a budget.
    matter.budget = act.budget.filter(|_| !below);
    matter.proposal = Some(Proposal { category: act.category, title: act.title.clone(), amount_fen: act.amount_fen });
    matter.papers.put(case.statement.kind(), case.paper());
    case.put(Part::Matter(id, Arc::new(matter)));
    Ok(())
}
