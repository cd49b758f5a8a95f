//! Figures of a place as a report on paper, for a month or any other time.

use axum::extract::{Query, State};
use axum::response::Response;

use crate::app::print::draw::About;
use crate::app::print::line::{Side, Style};
use crate::app::print::sheet::{Block, Format, Sheet};
use crate::app::views::figures::Month;
use crate::core::clock::Time;
use crate::http::pages::figures::{Bar, FiguresPage, Row};
use crate::http::print::{pdf, words};
use crate::http::problem::Problem;
use crate::http::read::figures::{Asking, page_of};
use crate::http::read::frame::Visit;
use crate::http::state::AppState;

/// Size of what stands in tables, in points.
const CELL: f32 = 9.5;
/// Side of the code that leads to the page, in points.
const CODE: f32 = 64.0;
/// Width of a table's first column; that of a column of short numbers is 1.
const FIRST: f32 = 1.8;

/// `GET /figures/report/file`: the PDF.
///
/// # Errors
/// There is no such place; the store can't be read now; no font.
pub async fn file(
    State(state): State<AppState>,
    visit: Visit,
    Query(asking): Query<Asking>,
) -> Result<Response, Problem> {
    let app = state.app();
    let (now, lang) = (app.now(), visit.c.lang);
    let month = Month::of(now.date());
    let filter = asking.filter(month)?;
    let figures = app.figures(&filter).await?;
    let place = if figures.place.is_empty() { "all".to_owned() } else { figures.place.clone() };
    let page = page_of(visit, &filter, month, &figures, lang);
    let sheet = report(&page, &state.origin().to_string(), now);
    pdf(&state, format!("figures-{place}"), move |fonts| sheet.file(fonts)).await
}

/// The paper, from the page. `origin`: scheme and host of the page; `as_of`: when it was so.
#[must_use]
pub fn report(page: &FiguresPage, origin: &str, as_of: Time) -> Sheet {
    let c = &page.c;
    let title = format!("{} {}", page.name, c.t("figures-report-title"));
    let middle = |size: f32| Style::of(size).at(Side::Middle);
    let mut blocks = vec![
        Block::Heading(title.clone(), middle(20.0).bold()),
        Block::Heading(page.period.clone(), middle(14.0)),
        words::line(c.t("figures-report-say").with("when", c.lang.date(as_of.date())).to_string()),
    ];
    let facts = page.first.iter().chain(&page.money).map(fact).collect();
    blocks.push(Block::Facts(facts, words::TEXT));
    let mut part = |key: &'static str, mut said: Vec<Block>| {
        said.insert(0, words::heading(c.t(key).to_string()));
        blocks.push(Block::Together(said));
    };
    part("figures-funnel", vec![bars(&page.funnel)]);
    if !page.days.is_empty() {
        let head = ["figures-stage", "figures-left", "figures-median", "figures-slowest"];
        let rows = page.days.iter().map(|days| {
            vec![days.stage.clone(), days.left.words.clone(), days.median.clone(), days.slowest.words.clone()]
        });
        let head = head.map(|key| c.t(key).to_string()).to_vec();
        part("figures-days", vec![Block::Table(vec![2.0, 1.0, 1.0, 1.0], head, rows.collect(), CELL)]);
    }
    if !page.votes.is_empty() {
        part("figures-votes", vec![bars(&page.votes), bars(&page.ways)]);
    }
    if !page.categories.is_empty() {
        let first = c.t("figures-category").to_string();
        part("figures-outcomes", vec![table(first, &page.outcome_heads, &page.categories)]);
    }
    if page.step != "village" {
        blocks.push(words::heading(c.t("figures-table").to_string()));
        blocks.push(table(c.t("figures-place").to_string(), &page.part_heads, &page.parts));
    }
    let link = format!("{origin}{}", page.link);
    blocks.push(Block::Space(6.0));
    let say = vec![c.t("figures-report-code-say").to_string(), link.clone()];
    blocks.push(Block::Codes(vec![words::leads(&link, c.t("figures-report-code").to_string(), say)], CODE));
    let about = About::Archive { title: title.clone(), language: c.lang.code(), as_of };
    Sheet { format: Format::A4, about, fills: false, head: title, foot: words::foot(c), blocks }
}

fn fact(bar: &Bar) -> (String, String) {
    (bar.label.clone(), bar.num.words.clone())
}

fn bars(bars: &[Bar]) -> Block {
    Block::Facts(bars.iter().map(fact).collect(), words::TEXT)
}

fn table(first: String, heads: &[String], rows: &[Row]) -> Block {
    // A column is as wide as its longest number asks for: amounts are not broken.
    let longest =
        |nth: usize| rows.iter().filter_map(|row| row.nums.get(nth)).map(|num| num.words.chars().count()).max();
    let width = |nth: usize| f32::from(u8::try_from(longest(nth).unwrap_or(0)).unwrap_or(u8::MAX).clamp(6, 16)) / 6.0;
    let widths = std::iter::once(FIRST).chain((0..heads.len()).map(width)).collect();
    let head = std::iter::once(first).chain(heads.iter().cloned()).collect();
    let cells = |row: &Row| {
        let nums = row.nums.iter().map(|num| num.words.clone());
        std::iter::once(row.label.clone()).chain(nums).collect()
    };
    Block::Table(widths, head, rows.iter().map(cells).collect(), CELL)
}
