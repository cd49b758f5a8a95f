//! Search in a village: its matters, sessions and notices, by words of titles and texts that the reader may read.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::app::views::library::Wanted;
use crate::app::views::texts::Texts;
use crate::core::act::Kind;
use crate::core::clock::Date;
use crate::core::ids::{Digest, MatterId, SessionId, VillageCode};
use crate::core::model::Category;
use crate::core::state::State as Village;
use crate::core::state::matter::Matter;
use crate::http::address::query_value;
use crate::http::pages::figures::Choice;
use crate::http::pages::find::{FindPage, Hit, Marked};
use crate::http::pages::parts::Pager;
use crate::http::problem::Problem;
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::rows;
use crate::http::state::AppState;

/// Hits on a page.
const PAGE: usize = 20;
/// Longest query, in characters.
const LONGEST_QUERY: usize = 40;
/// Most words of a query: each is looked for in each text.
const MOST_WORDS: usize = 6;
/// Characters before a word that was found, and after it.
const AROUND: usize = 24;
/// The filter for matters that have ended.
const ENDED: &str = "ended";
/// Kinds of notices with a sheet of their own.
const NOTICES: [(Kind, &str); 3] =
    [(Kind::PlanPosted, "plan"), (Kind::ResolutionPosted, "resolution"), (Kind::DisclosurePosted, "disclosure")];

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// Words; all of them must be there.
    #[serde(default)]
    q: String,
    /// Code of a category.
    #[serde(default)]
    category: String,
    /// Number of a stage, or `ended`.
    #[serde(default)]
    stage: String,
    /// From 1.
    page: Option<usize>,
}

/// Something that can be found.
#[derive(Debug, Clone)]
struct Found {
    kind: &'static str,
    seq: u64,
    day: Date,
    /// The matter that it is about; those on its agenda.
    matters: Vec<MatterId>,
    session: Option<SessionId>,
    texts: Vec<Digest>,
}

/// `GET /v/{code}/search?q=`.
///
/// # Errors
/// There is no such village; the store can't be read now.
pub async fn find(
    State(state): State<AppState>,
    visit: Visit,
    At(code): At<VillageCode>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::unnamed(app, &visit, code).await?;
    let query: String = asked.q.trim().chars().take(LONGEST_QUERY).collect();
    let (words, filter) = (Words::of(&query), Filter::of(&asked));
    let is_asked = !words.0.is_empty() || filter != Filter::default();
    let mut found = if is_asked { everything(view.state()) } else { Vec::new() };
    let texts = if words.0.is_empty() {
        Arc::default()
    } else {
        // All of the village's texts, not only those of this query: what is kept serves the next query, too.
        let names: Vec<Digest> = found.iter().flat_map(|one| one.names(view.state())).collect();
        app.texts(code, view.state().size(), names).await?
    };
    found.retain(|one| filter.holds(view.state(), one) && words.are_in(&view, &texts, one));
    found.sort_by_key(|one| std::cmp::Reverse(one.seq));
    let all = found.len() as u64;
    let (shown, pager) = Pager::cut(found, asked.page, PAGE, |page| address(code, &query, &filter, page));
    let mut wanted = Wanted::default();
    for one in &shown {
        rows::want_titles(one.matters.iter().filter_map(|id| view.state().matter(*id)), &mut wanted);
        // Words that are closed to the village are in no index, and nobody opens them by searching.
        wanted.spoken.extend(one.texts.iter().filter(|name| texts.text(**name).is_some()));
    }
    // Whatever is kept: what is shown is read as this reader may read it now.
    let view = view.fetch(app, &wanted).await?;
    page(&FindPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        categories: categories(&visit, filter.category),
        stages: stages(&visit, filter.stage),
        asked: is_asked,
        found: all,
        hits: shown.iter().map(|one| hit(&view, &words, one)).collect(),
        pager,
        query,
    })
}

/// Everything of a village that can be found.
fn everything(state: &Village) -> Vec<Found> {
    let mut all = Vec::new();
    for (id, matter) in &state.matters {
        let mut texts: Vec<Digest> = matter.suggestions.iter().map(|suggestion| suggestion.text.sha256).collect();
        let draft = matter.papers.paper(Kind::MatterProposed).into_iter().flat_map(|paper| &paper.documents);
        texts.extend(matter.settled.iter().map(|settled| settled.plan.sha256).chain(draft.copied()));
        let (at, matters) = (matter.updated, vec![*id]);
        all.push(Found {
            kind: "matter",
            seq: at.seq,
            day: at.time.date(),
            matters: matters.clone(),
            session: None,
            texts,
        });
        for (kind, what) in NOTICES {
            let Some(paper) = matter.papers.paper(kind) else { continue };
            let (seq, day, texts) = (paper.at.seq, paper.at.time.date(), paper.documents.clone());
            all.push(Found { kind: what, seq, day, matters: matters.clone(), session: None, texts });
        }
    }
    for (id, session) in &state.sessions {
        let papers = session.papers.paper(Kind::SessionConvened);
        let texts = papers.into_iter().flat_map(|paper| paper.documents.clone()).collect();
        let matters = session.agenda.iter().map(|item| item.matter).collect();
        let (seq, day) = (session.convened.seq, session.starts_at.date());
        all.push(Found { kind: "session", seq, day, matters, session: Some(*id), texts });
    }
    all
}

impl Found {
    fn matters<'s>(&self, state: &'s Village) -> impl Iterator<Item = &'s Matter> {
        self.matters.iter().filter_map(|id| state.matter(*id))
    }

    /// The documents in which it is looked for: titles first.
    fn names(&self, state: &Village) -> Vec<Digest> {
        self.matters(state).filter_map(rows::title_doc).chain(self.texts.iter().copied()).collect()
    }

    fn href(&self, code: VillageCode) -> String {
        match (self.session, self.kind, self.matters.first()) {
            (Some(session), ..) => format!("/v/{code}/s/{session}"),
            (None, "matter", Some(matter)) => format!("/v/{code}/m/{matter}"),
            _ => format!("/v/{code}/notices/{}", self.seq),
        }
    }
}

/// Of which matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Filter {
    category: Option<Category>,
    stage: Option<AtStage>,
}

/// A stage, or the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AtStage {
    Under(u8),
    Ended,
}

impl AtStage {
    fn code(self) -> String {
        match self {
            Self::Under(number) => number.to_string(),
            Self::Ended => ENDED.to_owned(),
        }
    }
}

impl Filter {
    /// Anything that is no category or stage filters nothing.
    fn of(asked: &Asked) -> Self {
        let number = asked.stage.parse().ok().filter(|number| (1..=6).contains(number)).map(AtStage::Under);
        let stage = if asked.stage == ENDED { Some(AtStage::Ended) } else { number };
        Self { category: asked.category.parse().ok(), stage }
    }

    /// Whether one of its matters is of the kind.
    fn holds(self, state: &Village, one: &Found) -> bool {
        let fits = |matter: &Matter| {
            let of = self.category.is_none_or(|category| rows::category(matter) == category.code());
            let stage = matter.stage().map_or(AtStage::Ended, |stage| AtStage::Under(rows::number(stage)));
            of && self.stage.is_none_or(|wanted| wanted == stage)
        };
        self == Self::default() || one.matters(state).any(fits)
    }
}

/// The words that are looked for, in small letters.
struct Words(Vec<Vec<char>>);

impl Words {
    fn of(query: &str) -> Self {
        let words = query.split_whitespace().take(MOST_WORDS);
        Self(words.map(|word| word.chars().map(small).collect()).collect())
    }

    /// Whether each is in one of the texts that this reader may read, or in the name of the body that meets.
    fn are_in(&self, view: &View<'_>, texts: &Texts, one: &Found) -> bool {
        let (code, names) = (view.village(), one.names(view.state()));
        let may_read = |level| view.visit.may_read(code, level, &[]);
        let readable = names.iter().filter_map(|name| texts.text(*name)).filter(|(level, _)| may_read(*level));
        let mut hay: Vec<String> = readable.map(|(_, text)| text.to_owned()).collect();
        hay.extend(one.session.and_then(|id| called(view, id)).map(|name| name.to_lowercase()));
        let is_in = |word: &Vec<char>| {
            let word: String = word.iter().collect();
            hay.iter().any(|text| text.contains(&word))
        };
        self.0.iter().all(is_in)
    }

    /// A text in pieces, those marked that were looked for.
    fn mark(&self, text: &str) -> Marked {
        let letters: Vec<char> = text.chars().collect();
        let mut marked = vec![false; letters.len()];
        let small: Vec<char> = letters.iter().copied().map(small).collect();
        for word in &self.0 {
            for (at, window) in small.windows(word.len()).enumerate() {
                if window == word {
                    marked[at..at + word.len()].fill(true);
                }
            }
        }
        let both: Vec<(char, bool)> = letters.into_iter().zip(marked).collect();
        both.chunk_by(|a, b| a.1 == b.1).map(|run| (run.iter().map(|(letter, _)| letter).collect(), run[0].1)).collect()
    }

    /// The words around the first one found; nothing where none is there.
    fn around(&self, text: &str) -> Option<Marked> {
        let letters: Vec<char> = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
        let small: Vec<char> = letters.iter().copied().map(small).collect();
        let first =
            |word: &Vec<char>| small.windows(word.len()).position(|window| window == word).map(|at| (at, word.len()));
        let (at, length) = self.0.iter().filter_map(first).min()?;
        let (from, to) = (at.saturating_sub(AROUND), (at + length + AROUND).min(letters.len()));
        let (before, after) = (if from > 0 { "…" } else { "" }, if to < letters.len() { "…" } else { "" });
        let piece: String = letters[from..to].iter().collect();
        Some(self.mark(&format!("{before}{piece}{after}")))
    }
}

/// A letter as it is compared.
fn small(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

/// Who meets in a session, in words.
fn called(view: &View<'_>, id: SessionId) -> Option<String> {
    let session = view.state().session(id)?;
    Some(view.visit.c.named("body", session.body.code()).to_string())
}

fn hit(view: &View<'_>, words: &Words, one: &Found) -> Hit {
    let titles: Vec<String> = one.matters(view.state()).map(|matter| view.title(matter)).collect();
    let comma = view.t("list-comma");
    let (title, agenda) = match one.session {
        Some(id) => (called(view, id).unwrap_or_default(), Some(titles.join(&comma))),
        None => (titles.join(&comma), None),
    };
    let title = words.mark(&title);
    let in_title = title.iter().any(|(_, marked)| *marked);
    let in_text = || one.texts.iter().filter_map(|name| view.library.text(*name)).find_map(|text| words.around(text));
    let around = match agenda {
        Some(agenda) => words.mark(&agenda),
        None if in_title => Vec::new(),
        None => in_text().unwrap_or_default(),
    };
    let matter = one.matters.first().and_then(|id| Some((*id, view.state().matter(*id)?)));
    let emblem = matter.filter(|_| one.kind == "matter").map(|(id, matter)| view.emblem(id, matter));
    Hit { kind: one.kind, title, href: one.href(view.village()), day: one.day, emblem, around }
}

fn address(code: VillageCode, query: &str, filter: &Filter, page: u64) -> String {
    let category = filter.category.map(|category| format!("&category={}", category.code())).unwrap_or_default();
    let stage = filter.stage.map(|stage| format!("&stage={}", stage.code())).unwrap_or_default();
    format!("/v/{code}/search?q={}{category}{stage}&page={page}", query_value(query))
}

fn categories(visit: &Visit, chosen: Option<Category>) -> Vec<Choice> {
    let any =
        Choice { value: String::new(), label: visit.c.t("find-any-category").to_string(), chosen: chosen.is_none() };
    let one = |category: &Category| Choice {
        value: category.code().to_owned(),
        label: visit.c.named("category-short", category.code()).to_string(),
        chosen: chosen == Some(*category),
    };
    std::iter::once(any).chain(Category::ALL.iter().map(one)).collect()
}

fn stages(visit: &Visit, chosen: Option<AtStage>) -> Vec<Choice> {
    let any = Choice { value: String::new(), label: visit.c.t("find-any-stage").to_string(), chosen: chosen.is_none() };
    let one = |stage: AtStage| Choice {
        value: stage.code(),
        label: match stage {
            AtStage::Under(number) => visit.c.named("stage", &number.to_string()).to_string(),
            AtStage::Ended => visit.c.t("find-ended").to_string(),
        },
        chosen: chosen == Some(stage),
    };
    let stages = (1..=6).map(AtStage::Under).chain([AtStage::Ended]);
    std::iter::once(any).chain(stages.map(one)).collect()
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn each_word_is_marked_wherever_it_stands_in_small_letters_or_capitals() {
        let pieces = |query: &str, text: &str| {
            let marked = Words::of(query).mark(text);
            marked.into_iter().map(|(words, hit)| if hit { format!("[{words}]") } else { words }).collect::<String>()
        };
        assert_eq!(pieces("路灯", "修路灯，路灯亮"), "修[路灯]，[路灯]亮");
        assert_eq!(pieces("led 灯", "LED灯和 led"), "[LED灯]和 [led]");
        assert_eq!(pieces("路", ""), "");
        assert_eq!(pieces("", "修路"), "修路");
    }

    #[test]
    fn what_is_shown_around_a_word_is_short() {
        let long = format!("{}路灯{}", "前".repeat(60), "后".repeat(60));
        let around: String = Words::of("路灯").around(&long).unwrap().into_iter().map(|(words, _)| words).collect();
        assert!(around.starts_with("…前") && around.ends_with("后…") && around.chars().count() == 52, "{around}");
        assert_eq!(Words::of("水沟").around(&long), None);
    }
}
