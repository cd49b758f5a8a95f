//! What villagers ask and say beside the six steps, and its answers (质询、投诉、评价、回访).

use crate::core::act::inquiry::{Addressee, Asked, HallPosted, InquiryEntered, InquiryReceived, ReturnVisit};
use crate::core::judge::case::{Case, length};
use crate::core::judge::matter::check_source;
use crate::core::model::{Doc, Level, Outcome, Role, Source, Stage};
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::state::OpenPoint;
use crate::core::state::matter::{Matter, Standing};

/// The best score of a rating.
const BEST: u8 = 5;
/// Most papers beside what is said in the hall.
const MOST_POSTED: usize = 10;

pub(crate) fn received(case: &mut Case<'_>, act: &InquiryReceived) -> Result<(), Rejection> {
    ask(case, act.what, act.to, &act.text)
}

pub(crate) fn entered(case: &mut Case<'_>, act: &InquiryEntered) -> Result<(), Rejection> {
    check_source(case, act.source)?;
    ask(case, act.what, act.to, &act.text)
}

fn ask(case: &mut Case<'_>, what: Asked, to: Addressee, text: &Doc) -> Result<(), Rejection> {
    let village = to == Addressee::Village;
    ensure(village || what == Asked::Complaint, Rule::ValueRange, "the village, where it is to explain itself", to)?;
    ensure(village || text.level == to.level(), Rule::DocumentLevel, to.level(), text.level)?;
    let point = OpenPoint { inquiry: Some((what, to)), ..case.point(1) };
    wait(case, point, |_| {})
}

/// Puts something among what waits for an answer and holds nothing up.
fn wait(case: &mut Case<'_>, point: OpenPoint, more: impl FnOnce(&mut Matter)) -> Result<(), Rejection> {
    let waiting = case.matter()?.asked.len();
    ensure(waiting < 1_000, Rule::ListForm, "0 to 999", waiting)?;
    case.step_matter(|matter| {
        if point.answers > 0 {
            matter.asked.insert(point.at.leaf, point);
        }
        more(matter);
    })
}

pub(crate) fn answered(case: &mut Case<'_>) -> Result<(), Rejection> {
    let basis = case.statement.basis.unwrap_or(case.at.leaf);
    let inquiry = case.matter()?.asked.get(&basis).and_then(|point| point.inquiry);
    let (_, to) = inquiry.unwrap_or((Asked::Complaint, Addressee::Village));
    let asked = |role: Role| to.roles().contains(&role);
    let fits = case.statement.by.iter().all(|signer| asked(signer.role));
    ensure(fits, Rule::SignerRole, to, "somebody who was not asked")?;
    close(case)
}

/// An answer to a rating.
pub(crate) fn close(case: &mut Case<'_>) -> Result<(), Rejection> {
    let basis = case.statement.basis;
    case.step_matter(|matter| matter.asked.retain(|leaf, _| Some(*leaf) != basis))
}

/// What is carried out, or was, can be rated.
fn check_carried_out(case: &Case<'_>) -> Result<(), Rejection> {
    let standing = case.matter()?.standing;
    let done = matches!(standing, Standing::At(Stage::Supervision) | Standing::Ended(Outcome::Finished));
    ensure(done, Rule::MatterEnded, "a matter that is carried out", "another")
}

pub(crate) fn rated(
    case: &mut Case<'_>,
    score: u8,
    text: Option<&Doc>,
    source: Option<Source>,
) -> Result<(), Rejection> {
    if let Some(source) = source {
        check_source(case, source)?;
    }
    check_carried_out(case)?;
    ensure((1..=BEST).contains(&score), Rule::ValueRange, "1 to 5", score)?;
    // Who signs for themselves has one rating, the last; what is entered for others can't be told apart.
    let own = case.statement.by.first().filter(|_| source == Some(Source::Online)).and_then(|signer| signer.person);
    let point = case.point(usize::from(text.is_some()));
    wait(case, point, |matter| matter.ratings.rate(own, score))
}

pub(crate) fn return_visit(case: &mut Case<'_>, act: &ReturnVisit) -> Result<(), Rejection> {
    check_carried_out(case)?;
    let range = act.households > 0 && act.satisfied <= act.households;
    ensure(range, Rule::ValueRange, "at most the households visited", act.satisfied)?;
    case.step_matter(|_| {})
}

/// What is said in the hall is for everybody to read, and changes nothing: a matter that is only talked about stands still.
pub(crate) fn posted(act: &HallPosted) -> Result<(), Rejection> {
    length(&act.papers, 0, MOST_POSTED)?;
    let hidden = std::iter::once(&act.text).chain(&act.papers).find(|doc| doc.level.is_closed());
    hidden.map_or(Ok(()), |doc| Err(Rejection::new(Rule::DocumentLevel, Level::Public, doc.level)))
}
