//! Matters of a village.

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::core::ids::{MatterId, VillageCode};
use crate::core::state::matter::{Decided, Matter as Known, Standing};
use crate::http::api::{Document, Page, Place, limit, rows};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::At;
use crate::http::read::rows::{reached, title_doc};
use crate::http::state::AppState;

/// A matter.
#[derive(Debug, Serialize, ToSchema)]
pub struct Matter {
    /// Its id.
    pub id: String,
    /// `M01` to `M10`, once the branch has proposed it.
    pub category: Option<&'static str>,
    /// Commitment of its title, or of the first suggestion until it has one.
    pub title: Option<String>,
    /// Money involved, in fen.
    pub amount_fen: Option<u64>,
    /// The stage it stands at or ended at, 1 to 6.
    pub stage: u8,
    /// How it ended, once it did.
    pub outcome: Option<&'static str>,
    /// Rises when it is returned or changed; 1 at first.
    pub round: u32,
    /// The entry that opened it.
    pub opened: Place,
    /// The entry that changed it last.
    pub updated: Place,
}

/// A matter with its papers and results.
#[derive(Debug, Serialize, ToSchema)]
pub struct Detail {
    /// The matter.
    #[serde(flatten)]
    pub matter: Matter,
    /// The settled plan.
    pub plan: Option<Document>,
    /// Papers in force, one of each kind.
    pub papers: Vec<PaperInForce>,
    /// Results of all rounds.
    pub results: Vec<QuestionResult>,
    /// Entries that wait for an answer.
    pub open: Vec<Place>,
    /// How far it is carried out, in percent.
    pub progress: u8,
    /// Paid so far, in fen.
    pub paid_fen: u64,
}

/// A paper in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaperInForce {
    /// Kind of its statement.
    pub kind: &'static str,
    /// Where it stands.
    pub at: Place,
    /// Commitments of its documents.
    pub documents: Vec<String>,
    /// Date of an act off line.
    pub held_on: Option<String>,
}

/// The result of a question.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionResult {
    /// Where it was announced.
    pub at: Place,
    /// In which session.
    pub session: String,
    /// In which round.
    pub round: u32,
    /// Which question.
    pub question: String,
    /// Leaf hash of the adoption of the rule profile it was decided under.
    pub profile: String,
    /// Members due (应到).
    pub eligible: u32,
    /// Members there (实到).
    pub present: u32,
    /// Votes for each option.
    pub counts: Vec<OptionVotes>,
    /// Invalid paper ballots.
    pub invalid: u32,
    /// What the share is taken of.
    pub base: u32,
    /// Votes needed.
    pub needed: u32,
    /// Whether it passed.
    pub passed: bool,
}

/// Votes for one option.
#[derive(Debug, Serialize, ToSchema)]
pub struct OptionVotes {
    /// Code of the option.
    pub option: String,
    /// Votes.
    pub votes: u32,
}

fn matter_json(id: MatterId, matter: &Known) -> Matter {
    let amount = matter.settled.as_ref().map(|settled| settled.amount_fen);
    Matter {
        id: id.to_string(),
        category: matter.proposal.as_ref().map(|proposal| proposal.category.code()),
        title: title_doc(matter).map(|title| title.to_string()),
        amount_fen: amount.or_else(|| matter.proposal.as_ref().map(|proposal| proposal.amount_fen)),
        stage: reached(matter),
        outcome: match matter.standing {
            Standing::At(_) => None,
            Standing::Ended(outcome) => Some(outcome.code()),
        },
        round: matter.round,
        opened: matter.opened.into(),
        updated: matter.updated.into(),
    }
}

fn result_json(decided: &Decided) -> QuestionResult {
    let result = &decided.result;
    let votes =
        |row: &crate::core::act::voting::OptionCount| OptionVotes { option: row.option.to_string(), votes: row.count };
    QuestionResult {
        at: decided.at.into(),
        session: decided.session.to_string(),
        round: decided.round,
        question: decided.question.to_string(),
        profile: decided.profile.to_string(),
        eligible: result.eligible,
        present: result.present,
        counts: result.counts.iter().map(votes).collect(),
        invalid: result.invalid,
        base: result.base,
        needed: result.needed,
        passed: result.passed,
    }
}

/// Which matters.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Matters whose last change is before this entry.
    before: Option<u64>,
    /// Most rows, at most 200.
    limit: Option<u64>,
}

/// `GET /api/v1/villages/{code}/matters`.
///
/// # Errors
/// There is no such village; the store can't be read now.
#[utoipa::path(
    get, path = "/api/v1/villages/{code}/matters", tag = "matters", summary = "Matters, the last changed first",
    params(("code" = String, Path, description = "12 digits"), Wanted),
    responses((status = 200, description = "Matters", body = Page<Matter>), (status = 404, description = "No such village"))
)]
pub async fn matters(
    State(state): State<AppState>,
    At(code): At<VillageCode>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<Matter>>, Problem> {
    let live = state.app().lives().live(code).await?;
    let limit = rows(limit(wanted.limit));
    let before = wanted.before.unwrap_or(u64::MAX);
    let mut found: Vec<_> = live.state().matters.iter().filter(|(_, m)| m.updated.seq < before).collect();
    found.sort_by_key(|(_, matter)| std::cmp::Reverse(matter.updated.seq));
    let shown = found.into_iter().take(limit + 1).map(|(id, matter)| matter_json(*id, matter));
    Ok(Page::of(shown.collect(), limit, |matter| matter.updated.seq.to_string()))
}

/// `GET /api/v1/villages/{code}/matters/{matter}`.
///
/// # Errors
/// There is no such village or matter; the store can't be read now.
#[utoipa::path(
    get, path = "/api/v1/villages/{code}/matters/{matter}", tag = "matters", summary = "One matter",
    params(("code" = String, Path, description = "12 digits"), ("matter" = String, Path, description = "ULID")),
    responses((status = 200, description = "The matter", body = Detail), (status = 404, description = "No such matter"))
)]
pub async fn matter(
    State(state): State<AppState>,
    At((code, id)): At<(VillageCode, MatterId)>,
) -> Result<Json<Detail>, Problem> {
    let live = state.app().lives().live(code).await?;
    let matter = live.state().matter(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let papers = matter.papers.iter().map(|(kind, paper)| PaperInForce {
        kind: kind.code(),
        at: paper.at.into(),
        documents: paper.documents.iter().map(ToString::to_string).collect(),
        held_on: paper.held_on.map(|date| date.to_string()),
    });
    Ok(Json(Detail {
        matter: matter_json(id, matter),
        plan: matter.settled.as_ref().map(|settled| Document::from(&settled.plan)),
        papers: papers.collect(),
        results: matter.results.iter().map(result_json).collect(),
        open: matter.open.values().map(|point| point.at.into()).collect(),
        progress: matter.progress,
        paid_fen: matter.paid_fen,
    }))
}
