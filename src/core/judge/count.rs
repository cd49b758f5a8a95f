//! Counting, opening and announcing.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::core::act::Kind;
use crate::core::act::voting::{BallotsOpened, Opening, PaperCounted, ResultAnnounced, VoidReason, VotingVoided};
use crate::core::commit;
use crate::core::judge::case::{Case, length};
use crate::core::judge::session::{check_voter, profile_of};
use crate::core::judge::voting::warn_of_few;
use crate::core::judge::{Part, Remark};
use crate::core::model::{Doc, Level, Media, OptionCode};
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::state::matter::Decided;
use crate::core::state::voting::{Voting, VotingStatus};
use crate::core::tally;

/// Most documents with photographs of one count: for a thousand papers, fifty in each.
pub const MOST_ALBUMS: usize = 20;

pub(crate) fn paper_counted(case: &mut Case<'_>, act: &PaperCounted) -> Result<(), Rejection> {
    let voting = case.voting()?;
    ensure(voting.status == VotingStatus::DeliveriesEnded, Rule::VotingState, "deliveries ended", "another state")?;
    ensure(voting.paper_count.is_none(), Rule::VotingState, "no count yet", "a count")?;
    ensure(!voting.paper_issued.is_empty(), Rule::CountWrong, "paper ballots issued", "none")?;
    check_sums(voting, act)?;
    check_rows(voting, act)?;
    check_photos(act)?;
    check_undisputed(voting)?;
    remark_excess(case, voting, act);
    warn_of_few(case, voting);
    case.step_voting(|voting| voting.paper_count = Some(act.clone()))
}

/// The papers are counted again because the count was disputed, once, before the result. Both counts stay on record: whoever would
/// shift figures with the rest in mind has to contradict what was signed without knowing it.
pub(crate) fn paper_recounted(case: &mut Case<'_>, act: &PaperCounted) -> Result<(), Rejection> {
    let (basis, voting) = (case.statement.basis, case.voting()?);
    let before = matches!(voting.status, VotingStatus::DeliveriesEnded | VotingStatus::BallotsOpened);
    ensure(before, Rule::VotingState, "deliveries ended, and no result", "another state")?;
    ensure(!voting.is_recounted(), Rule::VotingState, "no recount yet", "a recount")?;
    let first = voting.paper_count.as_ref();
    let first = first.ok_or_else(|| Rejection::new(Rule::CountMissing, "a count of the paper ballots", "none"))?;
    check_sums(voting, act)?;
    check_rows(voting, act)?;
    check_photos(act)?;
    // A vote whose box was in order can't be made void by a paper that is found in it later.
    let most = u64::from(first.in_box).max(voting.paper_issued.len() as u64);
    ensure(u64::from(act.in_box) <= most, Rule::CountExcess, format_args!("at most {most}"), act.in_box)?;
    case.remark(Remark::Recounted);
    remark_excess(case, voting, act);
    case.step_voting(|voting| {
        voting.count_replaced = voting.paper_count.replace(act.clone());
        // The recount is the answer.
        voting.open.retain(|leaf, _| Some(*leaf) != basis);
    })
}

/// Every option in its order, and all adds up to what is in the box.
fn check_sums(voting: &Voting, act: &PaperCounted) -> Result<(), Rejection> {
    let options: Vec<&OptionCode> = act.counts.iter().map(|row| &row.option).collect();
    let same = options == voting.opening.options.iter().collect::<Vec<_>>();
    ensure(same, Rule::CountWrong, "every option, in order", "others")?;
    let sum = act.counts.iter().map(|row| u64::from(row.count)).sum::<u64>() + u64::from(act.invalid);
    ensure(sum == u64::from(act.in_box), Rule::CountWrong, act.in_box, sum)
}

/// Each valid paper by its voter where papers are named, and none by anybody where they are secret.
fn check_rows(voting: &Voting, act: &PaperCounted) -> Result<(), Rejection> {
    if !voting.opening.named_papers {
        return ensure(act.rows.is_empty(), Rule::CountRows, "no paper by its voter", act.rows.len());
    }
    let in_order = act.rows.windows(2).all(|pair| pair[0].voter < pair[1].voter);
    ensure(in_order, Rule::CountRows, "sorted by voter, each once", "another list")?;
    let stranger = act.rows.iter().find(|row| !voting.paper_issued.contains(&row.voter));
    ensure(stranger.is_none(), Rule::CountRows, "voters who were handed a paper", stranger.map_or(0, |row| row.voter))?;
    let known = act.rows.iter().all(|row| voting.opening.options.contains(&row.choice));
    ensure(known, Rule::CountRows, "one of the options", "another")?;
    let sum_of = |option: &OptionCode| act.rows.iter().filter(|row| row.choice == *option).count() as u64;
    let wrong = act.counts.iter().find(|row| sum_of(&row.option) != u64::from(row.count));
    let told = wrong.map_or((0, 0), |row| (u64::from(row.count), sum_of(&row.option)));
    ensure(wrong.is_none(), Rule::CountRows, told.0, told.1)
}

/// Photographs show handwriting: no villager's page has them, and in no order that could be that of casting.
fn check_photos(act: &PaperCounted) -> Result<(), Rejection> {
    let count = act.photos.len();
    ensure(count <= MOST_ALBUMS, Rule::CountPhotos, format_args!("at most {MOST_ALBUMS} documents"), count)?;
    let in_order = act.photos.windows(2).all(|pair| pair[0].sha256 < pair[1].sha256);
    ensure(in_order, Rule::CountPhotos, "sorted by commitment, each once", "another list")?;
    let fits = |doc: &Doc| doc.media == Media::Pdf && doc.level == Level::Officials;
    ensure(act.photos.iter().all(fits), Rule::CountPhotos, "PDF for officials", "other documents")
}

fn remark_excess(case: &mut Case<'_>, voting: &Voting, act: &PaperCounted) {
    if u64::from(act.in_box) > voting.paper_issued.len() as u64 {
        case.remark(Remark::PaperExcess);
    }
}

/// More ballots in the box than were issued: the only outcome is a void vote.
fn check_excess(voting: &Voting) -> Result<(), Rejection> {
    let in_box = voting.paper_count.as_ref().map_or(0, |count| u64::from(count.in_box));
    let issued = voting.paper_issued.len() as u64;
    ensure(in_box <= issued, Rule::CountExcess, format_args!("at most {issued}"), in_box)
}

/// Paper is counted before devices' ballots are opened, so that nobody counts with the rest in mind.
fn check_counted(voting: &Voting) -> Result<(), Rejection> {
    let counted = voting.paper_issued.is_empty() || voting.paper_count.is_some();
    ensure(counted, Rule::CountMissing, "a count of the paper ballots", "none")
}

/// Disputes, and vouched ballots that never came, are settled before anyone knows the choices: afterwards none can be a
/// pretext.
fn check_undisputed(voting: &Voting) -> Result<(), Rejection> {
    let waiting = voting.waiting().count();
    ensure(waiting == 0, Rule::OpenPoint, "every dispute and missing ballot answered", waiting)
}

pub(crate) fn ballots_opened(case: &mut Case<'_>, act: &BallotsOpened) -> Result<(), Rejection> {
    let voting = case.voting()?;
    ensure(voting.status == VotingStatus::DeliveriesEnded, Rule::VotingState, "deliveries ended", "another state")?;
    check_counted(voting)?;
    // The first part makes choices known, and what comes after it is no ground for anything.
    if !voting.choices_known() {
        check_undisputed(voting)?;
    }
    length(&act.rows, 0, 200)?;
    let Some(rows) = case.assemble(serde_json::Value::Null, &act.rows)? else {
        return case.step_voting(|_| {});
    };
    let in_order = rows.windows(2).all(|pair| pair[0].voter < pair[1].voter);
    ensure(in_order, Rule::ListForm, "sorted by voter, each once", "another list")?;
    for row in &rows {
        check_opening(voting, row)?;
    }
    case.step_voting(|voting| {
        voting.status = VotingStatus::BallotsOpened;
        voting.choices.extend(rows.into_iter().map(|row| (row.voter, row.choice)));
    })
}

fn check_opening(voting: &Voting, row: &Opening) -> Result<(), Rejection> {
    let cast = voting.counting_ballot(row.voter).filter(|cast| cast.revision == row.revision);
    let cast = cast.ok_or_else(|| Rejection::new(Rule::OpeningWrong, "the ballot that counts", row.voter))?;
    let commitment = commit::choice(&voting.opened.leaf, row.voter, row.revision, &row.nonce, &row.choice);
    ensure(commitment == cast.commitment, Rule::OpeningWrong, cast.commitment, commitment)?;
    ensure(voting.opening.options.contains(&row.choice), Rule::OpeningWrong, "one of the options", &row.choice)
}

/// A voter publishes an opening that the log failed to.
pub(crate) fn ballot_opened(case: &mut Case<'_>, act: &Opening) -> Result<(), Rejection> {
    check_voter(case, act.voter)?;
    let voting = case.voting()?;
    ensure(voting.status == VotingStatus::BallotsOpened, Rule::VotingState, "ballots opened", "another state")?;
    ensure(!voting.choices.contains_key(&act.voter), Rule::OpeningWrong, "a ballot not opened yet", act.voter)?;
    check_opening(voting, act)?;
    case.step_voting(|voting| {
        voting.choices.insert(act.voter, act.choice.clone());
    })
}

pub(crate) fn disputed(case: &mut Case<'_>) -> Result<(), Rejection> {
    let voting = case.voting()?;
    let before = !matches!(voting.status, VotingStatus::Announced | VotingStatus::Voided);
    ensure(before, Rule::VotingState, "before the result", "after it")?;
    let point = case.point(1);
    case.step_voting(|voting| {
        voting.open.insert(point.at.leaf, point);
    })
}

pub(crate) fn dispute_answered(case: &mut Case<'_>) -> Result<(), Rejection> {
    let (basis, voting) = (case.statement.basis, case.voting()?);
    let point = basis.and_then(|leaf| voting.open.get(&leaf));
    // Until deliveries end a vouched ballot is on its way, and nobody may answer it away.
    let came_to_nothing = voting.status == VotingStatus::DeliveriesEnded;
    let ripe = point.is_none_or(|point| point.kind != Kind::BallotVouched) || came_to_nothing;
    ensure(ripe, Rule::VotingState, "deliveries ended", "another state")?;
    case.step_voting(|voting| voting.open.retain(|leaf, _| Some(*leaf) != basis))
}

pub(crate) fn announced(case: &mut Case<'_>, act: &ResultAnnounced) -> Result<(), Rejection> {
    let voting = case.voting()?;
    let opened = match voting.status {
        VotingStatus::BallotsOpened => true,
        // Nobody voted by a device: there is nothing to open.
        VotingStatus::DeliveriesEnded => voting.ballots.is_empty(),
        VotingStatus::Open | VotingStatus::Closed | VotingStatus::Announced | VotingStatus::Voided => false,
    };
    ensure(opened, Rule::VotingState, "ballots opened", "another state")?;
    check_counted(voting)?;
    check_excess(voting)?;
    check_undisputed(voting)?;
    let unopened: BTreeSet<u32> =
        voting.counting_voters().into_iter().filter(|voter| !voting.choices.contains_key(voter)).collect();
    ensure(unopened.is_empty(), Rule::OpeningMissing, "every ballot opened", format_args!("{unopened:?}"))?;
    if voting.missing().next().is_some() {
        case.remark(Remark::VouchedMissing);
    }
    let key = case.question_key()?;
    let item = case.session()?.item(key.0);
    let item = item.ok_or_else(|| Rejection::new(Rule::QuestionWrong, "a matter on the agenda", key.0))?;
    let profile = profile_of(case.state, item);
    let profile = profile.ok_or_else(|| Rejection::new(Rule::ProfileWrong, "a profile", "none"))?;
    let result = tally::result(profile, &tally::gather(voting));
    ensure(*act == result, Rule::ResultWrong, format_args!("{result:?}"), format_args!("{act:?}"))?;
    let decided = Decided {
        at: case.at,
        session: case.session_id()?,
        round: case.matter()?.round,
        ballot: item.ballot,
        question: key.1,
        profile: voting.opening.profile,
        result: result.clone(),
    };
    let mut matter = case.matter()?.clone();
    matter.results.push(decided);
    matter.updated = case.at;
    case.put(Part::Matter(key.0, Arc::new(matter)));
    case.step_voting(|voting| voting.announce(result))
}

pub(crate) fn voided(case: &mut Case<'_>, act: &VotingVoided) -> Result<(), Rejection> {
    let voting = case.voting()?;
    let before = !matches!(voting.status, VotingStatus::Announced | VotingStatus::Voided);
    ensure(before, Rule::VotingState, "before the result", "after it")?;
    let missing = voting.counting_voters().iter().any(|voter| !voting.choices.contains_key(voter));
    let grounds = match act.reason {
        VoidReason::OpeningMissing => voting.status == VotingStatus::BallotsOpened && missing,
        VoidReason::TooManyPapers => check_excess(voting).is_err(),
        // Once choices are known, nobody may void a vote because of how it went.
        VoidReason::Dispute => !voting.choices_known() && voting.waiting().next().is_some(),
        VoidReason::Failure => !voting.choices_known(),
    };
    ensure(grounds, Rule::VotingState, "grounds on record", "none")?;
    case.remark(Remark::Voided);
    case.step_voting(|voting| voting.status = VotingStatus::Voided)
}
