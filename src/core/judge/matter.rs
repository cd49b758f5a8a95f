//! A matter's beginning, proposal, consultation and end.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::core::act::Kind;
use crate::core::act::matter::{
    EnlargedMeeting, JointMeeting, OpinionsAnswered, Proposed, SuggestionEntered, SuggestionReceived, Visits,
};
use crate::core::act::village::DocumentWithdrawn;
use crate::core::ids::{Digest, MatterId, PersonId};
use crate::core::judge::case::{Case, length, sorted};
use crate::core::judge::{Part, Remark};
use crate::core::model::{Doc, Outcome, Role, Source, Stage};
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::state::matter::{Matter, Proposal, Standing, Suggestion};

pub(crate) fn suggestion_received(case: &mut Case<'_>, act: &SuggestionReceived) -> Result<(), Rejection> {
    suggest(case, &act.text)
}

pub(crate) fn suggestion_entered(case: &mut Case<'_>, act: &SuggestionEntered) -> Result<(), Rejection> {
    check_source(case, act.source)?;
    suggest(case, &act.text)
}

/// Those who hold an office enter what came off line; those who speak for themselves enter it on line.
pub(crate) fn check_source(case: &Case<'_>, source: Source) -> Result<(), Rejection> {
    let own = case.statement.by.iter().all(|signer| matches!(signer.role, Role::Villager | Role::Representative));
    ensure(own == (source == Source::Online), Rule::ValueRange, "the channel it came through", source)
}

fn suggest(case: &mut Case<'_>, text: &Doc) -> Result<(), Rejection> {
    let id = case.matter_id()?;
    let (at, paper) = (case.at, case.paper());
    let mut matter = match case.state.matter(id) {
        Some(matter) => matter.clone(),
        None => Matter::begin(at, Stage::Suggestion),
    };
    length(&matter.suggestions, 0, 999)?;
    matter.suggestions.push(Suggestion { at, text: text.clone() });
    matter.updated = at;
    matter.papers.put(case.statement.kind(), paper);
    case.put(Part::Matter(id, Arc::new(matter)));
    Ok(())
}

pub(crate) fn suggestion_declined(case: &mut Case<'_>) -> Result<(), Rejection> {
    case.step_matter(|matter| matter.standing = Standing::Ended(Outcome::Declined))
}

pub(crate) fn proposed(case: &mut Case<'_>, act: &Proposed) -> Result<(), Rejection> {
    let id = case.matter_id()?;
    let already = case.matter()?.papers.paper(Kind::MatterProposed).is_some();
    ensure(!already, Rule::StageWrong, "no proposal in force", "one in force")?;
    length(&act.answers, 1, 200)?;
    let distinct = act.answers.iter().collect::<BTreeSet<_>>().len() == act.answers.len();
    ensure(distinct, Rule::ListForm, "each suggestion once", "one twice")?;
    let mut owners = BTreeSet::new();
    for answer in &act.answers {
        let owner = find_suggestion(case, *answer)?;
        if owner != id {
            owners.insert(owner);
        }
    }
    let mut adopted = Vec::new();
    for owner in owners {
        let Some(matter) = case.state.matter(owner) else { continue };
        // A concern is answered where it was raised; a suggestion goes along with the others of its matter.
        ensure(matter.open.is_empty(), Rule::OpenPoint, "every point answered", matter.open.len())?;
        let mut matter = matter.clone();
        adopted.extend(matter.suggestions.iter().cloned());
        matter.standing = Standing::Ended(Outcome::Merged);
        matter.updated = case.at;
        case.put(Part::Matter(owner, Arc::new(matter)));
    }
    let proposal = Proposal { category: act.category, title: act.title.clone(), amount_fen: act.amount_fen };
    case.step_matter(|matter| {
        matter.suggestions.extend(adopted);
        matter.proposal = Some(proposal);
    })
}

/// The matter of a suggestion: this one, or one that is still a suggestion and becomes part of this one.
fn find_suggestion(case: &Case<'_>, leaf: Digest) -> Result<MatterId, Rejection> {
    let own = case.matter_id()?;
    for (id, matter) in &case.state.matters {
        let open = *id == own || matter.standing == Standing::At(Stage::Suggestion);
        if open && matter.suggestions.iter().any(|suggestion| suggestion.at.leaf == leaf) {
            return Ok(*id);
        }
    }
    Err(Rejection::new(Rule::BasisStale, "a suggestion that waits for an answer", leaf))
}

fn check_attendees(case: &Case<'_>, attendees: &[PersonId]) -> Result<(), Rejection> {
    sorted(attendees, 200)?;
    let known = !attendees.is_empty() && attendees.iter().all(|id| case.state.people.persons.contains_key(id));
    ensure(known, Rule::PersonUnknown, "people on record", "nobody, or someone else")
}

pub(crate) fn enlarged_meeting(case: &mut Case<'_>, act: &EnlargedMeeting) -> Result<(), Rejection> {
    check_attendees(case, &act.attendees)?;
    let heard = act.nonvoting == 0 || act.opinions.is_some();
    ensure(heard, Rule::PaperMissing, "opinions of those who attended without a vote", "nothing")?;
    case.step_matter(|_| {})
}

pub(crate) fn visits(case: &mut Case<'_>, act: &Visits) -> Result<(), Rejection> {
    ensure(act.households > 0, Rule::ValueRange, "at least one household", act.households)?;
    length(&act.opinions, 0, 200)?;
    let point = case.point(act.opinions.len());
    case.step_matter(|matter| {
        if point.answers > 0 {
            matter.open.insert(point.at.leaf, point);
        }
    })
}

pub(crate) fn opinions_answered(case: &mut Case<'_>, act: &OpinionsAnswered) -> Result<(), Rejection> {
    let basis = case.statement.basis.unwrap_or(case.at.leaf);
    let needed = case.matter()?.open.get(&basis).map_or(0, |point| point.answers);
    ensure(act.answers.len() == needed, Rule::OpenPoint, needed, act.answers.len())?;
    case.step_matter(|matter| {
        matter.open.remove(&basis);
    })
}

pub(crate) fn joint_meeting(case: &mut Case<'_>, act: &JointMeeting) -> Result<(), Rejection> {
    check_attendees(case, &act.attendees)?;
    case.step_matter(|_| {})
}

/// A matter can't be taken away while a vote on it is under way: what is cast is counted.
fn check_no_vote(case: &Case<'_>) -> Result<(), Rejection> {
    let id = case.matter_id()?;
    let voting = case.state.sessions.values().any(|session| session.is_voting_on(id));
    ensure(!voting, Rule::VotingUnderway, "no vote under way", "a vote under way")
}

/// What was settled or posted in this document can no longer be read: the matter goes back to consultation, to be settled
/// and posted anew with the redacted copy. Not while people vote on it.
pub(crate) fn document_withdrawn(case: &mut Case<'_>, act: &DocumentWithdrawn) -> Result<(), Rejection> {
    let names = |matter: &Matter| {
        let papers = [Kind::PlanSettled, Kind::PlanPosted].map(|kind| matter.papers.paper(kind));
        papers.into_iter().flatten().any(|paper| paper.documents.contains(&act.document))
    };
    let undecided = |matter: &Matter| matter.stage().is_some_and(|stage| stage <= Stage::Ballot);
    let matters = case.state.matters.iter().filter(|(_, matter)| undecided(matter) && names(matter));
    let matters: Vec<_> = matters.map(|(id, matter)| (*id, Arc::clone(matter))).collect();
    for (id, matter) in matters {
        let voting = case.state.sessions.values().any(|session| session.is_voting_on(id));
        ensure(!voting, Rule::VotingUnderway, "no vote under way", "a vote under way")?;
        let mut matter = matter.as_ref().clone();
        matter.step_back(Stage::Consultation);
        matter.updated = case.at;
        case.put(Part::Matter(id, Arc::new(matter)));
    }
    Ok(())
}

pub(crate) fn withdrawn(case: &mut Case<'_>) -> Result<(), Rejection> {
    check_no_vote(case)?;
    case.step_matter(|matter| matter.standing = Standing::Ended(Outcome::Withdrawn))
}

pub(crate) fn change_requested(case: &mut Case<'_>) -> Result<(), Rejection> {
    check_no_vote(case)?;
    let proposal = case.matter()?.papers.paper(Kind::MatterProposed).is_some();
    case.step_matter(|matter| {
        // What was decided in an emergency has neither suggestion nor proposal yet: it begins at the beginning.
        matter.step_back(if proposal { Stage::Consultation } else { Stage::Suggestion });
    })
}

pub(crate) fn annulled(case: &mut Case<'_>) -> Result<(), Rejection> {
    case.remark(Remark::Annulled);
    case.step_matter(|matter| matter.standing = Standing::Ended(Outcome::Annulled))
}
