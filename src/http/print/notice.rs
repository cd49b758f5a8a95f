//! A notice as a paper, A4 or A3, and as words for the loudspeaker.

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::app::print::draw::About;
use crate::app::print::line::{Side, Style};
use crate::app::print::sheet::{Block, Format, Sheet};
use crate::core::ids::VillageCode;
use crate::http::i18n::Lang;
use crate::http::pages::printed::{SpokenIn, SpokenPage};
use crate::http::pages::village::{Decision, NoticePage, PlanSheet};
use crate::http::print::{aloud, pdf, words};
use crate::http::problem::Problem;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::sheet::read;
use crate::http::state::AppState;

/// Size of the paper.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// 210 × 297 mm.
    #[default]
    A4,
    /// 297 × 420 mm.
    A3,
}

/// How the notice is wanted.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// On which paper.
    #[serde(default)]
    size: Size,
}

/// `GET /v/{code}/notices/{seq}/file`: the PDF.
///
/// # Errors
/// There is no such village or notice; no font.
pub async fn file(
    State(state): State<AppState>,
    visit: Visit,
    At((code, seq)): At<(VillageCode, u64)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let notice = read(&state, &visit, code, seq).await?;
    let format = match asked.size {
        Size::A4 => Format::A4,
        Size::A3 => Format::A3,
    };
    let link = format!("{}/check?village={code}", state.origin());
    let sheet = sheet(&notice, format, &link);
    pdf(&state, format!("{code}-{seq}-notice"), move |fonts| sheet.file(fonts)).await
}

/// `GET /v/{code}/notices/{seq}/spoken`: what is read out, in both languages.
///
/// # Errors
/// There is no such village or notice.
pub async fn spoken(
    State(state): State<AppState>,
    visit: Visit,
    At((code, seq)): At<(VillageCode, u64)>,
) -> Result<Response, Problem> {
    let mut texts = Vec::new();
    let mut first = None;
    for lang in [visit.c.lang, visit.c.lang.other()] {
        let mut reader = visit.clone();
        reader.c.lang = lang;
        let notice = read(&state, &reader, code, seq).await?;
        texts.push(SpokenIn { lang, sentences: announcement(&notice) });
        first.get_or_insert(notice);
    }
    let Some(notice) = first else { return Err(Problem::new(crate::http::problem::Code::NotFound)) };
    page(&SpokenPage { c: visit.c, place: notice.place, title: notice.title, seq, texts })
}

/// Which language is wanted: not `lang`, which would turn all pages to it.
#[derive(Debug, Deserialize)]
pub struct SpokenAsked {
    r#in: Option<String>,
}

/// `GET /v/{code}/notices/{seq}/spoken/file`: the same as a text file, in the language asked for or the reader's.
///
/// # Errors
/// There is no such village or notice.
pub async fn spoken_text(
    State(state): State<AppState>,
    mut visit: Visit,
    At((code, seq)): At<(VillageCode, u64)>,
    Query(asked): Query<SpokenAsked>,
) -> Result<Response, Problem> {
    visit.c.lang = asked.r#in.as_deref().and_then(Lang::parse).unwrap_or(visit.c.lang);
    let mut text = announcement(&read(&state, &visit, code, seq).await?).join("\n");
    text.push('\n');
    let disposition = format!("attachment; filename=\"{code}-{seq}-{}.txt\"", visit.c.lang.code());
    let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, text).into_response())
}

/// The notice as a paper; `check`: where the record is checked.
#[must_use]
pub fn sheet(notice: &NoticePage, format: Format, check: &str) -> Sheet {
    let c = &notice.c;
    let middle = |size: f32| Style::of(size).at(Side::Middle);
    let what = c.named("notice-heading", &notice.what).to_string();
    let mut blocks = vec![
        Block::Heading(words::village(&notice.place), middle(15.0)),
        Block::Heading(what.clone(), middle(30.0).bold().led(1.5)),
        Block::Rule,
        Block::Heading(notice.title.clone(), middle(17.0).bold().led(1.6)),
    ];
    blocks.extend(notice.body.iter().map(|text| words::paragraph(c, text)));
    if let Some(call) = &notice.call {
        let when = format!("{} {}", c.lang.time(call.at), c.lang.weekday(call.at.date()));
        let facts = [("notice-when", when), ("notice-hall", call.hall.clone())];
        let facts = facts.map(|(key, value)| (c.t(key).to_string(), value));
        blocks.push(Block::Facts(facts.to_vec(), 14.0));
        blocks.push(words::heading(c.t("notice-agenda").to_string()));
        blocks.push(Block::List(call.agenda.clone(), words::TEXT));
        blocks.extend(call.again.map(|again| words::paragraph(c, words::again(c, again))));
        let ready = words::leads(&call.ready, c.t("notice-ready").to_string(), vec![call.ready.clone()]);
        blocks.push(Block::Codes(vec![ready], 72.0));
    }
    if let Some(plan) = &notice.plan {
        blocks.extend(plan_of(notice, plan));
    }
    blocks.extend(notice.questions.iter().map(|question| Block::Together(words::question(c, question))));
    if !notice.papers.is_empty() {
        blocks.push(words::heading(c.t("notice-papers").to_string()));
        blocks.push(Block::List(notice.papers.iter().map(|paper| paper.title.clone()).collect(), words::TEXT));
    }
    if let Some(until) = notice.until {
        blocks.push(Block::Together(vec![
            words::heading(c.t("notice-object").to_string()),
            Block::Text(
                c.t("notice-objections").with("date", c.lang.date(until)).to_string(),
                Style::of(13.0).bold().led(1.6),
            ),
            words::line(c.t("notice-how").to_string()),
        ]));
    }
    let mut help = vec![c.t("notice-where").to_string()];
    if !c.phone.is_empty() {
        help.push(c.t("notice-phone").with("phone", &c.phone).to_string());
    }
    blocks.push(words::line(words::joined(c, &help)));
    blocks.push(ending(notice, check));
    let title = format!("{what} {}", notice.title);
    let about = About::Archive { title: title.clone(), language: c.lang.code(), as_of: notice.posted };
    Sheet { format, about, fills: true, head: title, foot: words::foot(c), blocks }
}

fn plan_of(notice: &NoticePage, plan: &PlanSheet) -> Vec<Block> {
    let c = &notice.c;
    let mut blocks = Vec::new();
    if !plan.text.is_empty() {
        blocks.push(words::heading(c.t("notice-plan-text").to_string()));
        blocks.extend(plan.text.iter().map(|text| words::paragraph(c, text)));
    }
    if let Some(fen) = plan.amount {
        blocks.push(Block::Facts(vec![(c.t("matter-amount").to_string(), c.lang.money(fen))], 14.0));
    }
    blocks.extend(plan.decisions.iter().flat_map(|decision| decided_by(notice, decision)));
    blocks
}

/// What is still to be voted on, by whom, and by which rule.
fn decided_by(notice: &NoticePage, decision: &Decision) -> Vec<Block> {
    let c = &notice.c;
    let by = match decision.group {
        Some(group) => c.t("notice-decides-group").with("group", group),
        None => c.t("notice-decides").with("body", c.named("body", &decision.body)),
    };
    let comma = c.t("list-comma").to_string();
    let question = |asked: &crate::http::pages::village::Asked| {
        let options =
            (!asked.options.is_empty()).then(|| format!("{}{}", c.t("notice-options"), asked.options.join(&comma)));
        options.map_or_else(|| asked.title.clone(), |options| format!("{} {options}", asked.title))
    };
    let mut blocks = vec![words::heading(by.to_string())];
    blocks.push(Block::List(decision.questions.iter().map(question).collect(), words::TEXT));
    blocks.extend(decision.rule.as_ref().map(|rule| words::line(words::threshold(c, rule))));
    blocks
}

/// Who posts it and when, where the material is, and how to check it.
fn ending(notice: &NoticePage, check: &str) -> Block {
    let c = &notice.c;
    let right = words::running().at(Side::Right);
    let mut blocks = vec![Block::Space(6.0)];
    blocks.extend(notice.by.iter().map(|who| Block::Text(words::who(c, who), right)));
    blocks.push(Block::Text(c.lang.date(notice.posted.date()), right));
    let mut codes = vec![words::leads(&notice.link, c.t("notice-scan").to_string(), vec![notice.link.clone()])];
    codes.extend(notice.checkpoint.as_ref().map(|_| words::check(c, check)));
    blocks.push(Block::Codes(codes, 84.0));
    blocks.extend(notice.checkpoint.as_ref().map(|checkpoint| words::checkpoint(c, checkpoint)));
    Block::Together(blocks)
}

/// What is read out, sentence by sentence: what it is about, what it says, by when to object and whom to ask.
#[must_use]
pub fn announcement(notice: &NoticePage) -> Vec<String> {
    let c = &notice.c;
    let what = c.named("notice", &notice.what);
    let mut said = vec![
        c.t("spoken-attention").to_string(),
        c.t("spoken-what").with("village", &notice.place.name).with("what", what).to_string(),
        c.t("spoken-about").with("title", &notice.title).to_string(),
    ];
    if c.is_rehearsal() {
        said.insert(0, c.t("rehearsal-banner").to_string());
    }
    said.extend(notice.body.iter().cloned());
    if let Some(call) = &notice.call {
        let when = c.t("spoken-when").with("date", c.lang.date(call.at.date()));
        let when = when.with("weekday", c.lang.weekday(call.at.date())).with("clock", c.lang.clock(call.at));
        said.push(when.with("hall", &call.hall).to_string());
        let listed = |(title, n): (&String, usize)| c.t("spoken-item").with("n", n).with("title", title).to_string();
        said.extend(call.again.map(|again| words::again(c, again)));
        said.push(c.t("spoken-agenda").with("n", call.agenda.len()).to_string());
        said.extend(call.agenda.iter().zip(1..).map(listed));
    }
    if let Some(fen) = notice.plan.as_ref().and_then(|plan| plan.amount) {
        said.push(c.t("spoken-amount").with("amount", c.lang.money(fen)).to_string());
    }
    for question in &notice.questions {
        let count = |count: &crate::http::pages::matter::Count| {
            c.t("spoken-count").with("option", words::option(c, count)).with("votes", count.votes).to_string()
        };
        let counts: Vec<String> = question.counts.iter().map(count).collect();
        let result = c.named("question", question.state.code());
        let words = c.t("spoken-result").with("question", &question.title).with("result", result);
        said.push(words.with("counts", counts.join(&c.t("spoken-comma").to_string())).to_string());
    }
    if let Some(until) = notice.until {
        said.push(c.t("notice-objections").with("date", c.lang.date(until)).to_string());
        said.push(c.t("notice-how").to_string());
    }
    if !c.phone.is_empty() {
        said.push(c.t("notice-phone").with("phone", &c.phone).to_string());
    }
    said.push(c.t("spoken-end").to_string());
    match c.lang {
        Lang::ZhCn => said.iter().map(|sentence| aloud::chinese(sentence)).collect(),
        Lang::En => said,
    }
}
