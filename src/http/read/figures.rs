//! Figures and the lists behind them, on pages and as files.

use axum::extract::{Query, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::app::projection::NONE;
use crate::app::table::{Cell, Table, TableError, csv, xlsx};
use crate::app::views::figures::{Counts, Days, Figures, Filter, Line, Month, Part, Spot, UNDERWAY, category_code};
use crate::core::clock::Date;
use crate::core::figures::{ENDED, Measure, VOTE};
use crate::core::model::{Body, Category, Outcome, Stage};
use crate::http::i18n::Lang;
use crate::http::pages::figures::{
    Bar, Choice, Choosing, DaysRow, FiguresListPage, FiguresPage, Files, ListLine, Num, Row,
};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Visit, page};
use crate::http::state::AppState;
use crate::store::figures::Listed;

/// Lines on a page of a list.
const SHOWN: usize = 25;
/// Lines of a list in one file; the next file goes on from there.
const IN_A_FILE: usize = 2_000;
/// What counts votes, not members.
const OF_VOTES: [&str; 2] = ["passed", "failed"];
/// Years whose quarters can be chosen, this one among them.
const YEARS: i16 = 3;

/// What is asked for, as the form sends it. What can't be read is taken as not chosen.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Asking {
    #[serde(default)]
    place: String,
    #[serde(default)]
    period: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    measure: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    after: String,
}

impl Asking {
    /// Which figures. `now`: the month up to which they go where no last month is chosen.
    ///
    /// # Errors
    /// There can be no such place.
    pub fn filter(&self, now: Month) -> Result<Filter, Problem> {
        let spot = if self.place.is_empty() {
            None
        } else {
            Some(self.place.parse::<Spot>().map_err(|_| Problem::new(Code::NotFound))?)
        };
        let months = match (self.from.parse::<Month>().ok(), self.to.parse::<Month>().ok()) {
            (None, None) => named_period(&self.period),
            (from, to) => {
                let to = to.unwrap_or(now);
                let from = from.unwrap_or(Month::new(to.parts().0, 1));
                Some((from.min(to), to.max(from)))
            }
        };
        Ok(Filter { spot, months, category: category_code(&self.category), body: self.body.parse().ok() })
    }

    /// Where the page before ended: `331102001206~12~01J…`.
    fn after(&self) -> Option<Listed> {
        let mut parts = self.after.splitn(3, '~');
        let village = parts.next()?.parse().ok()?;
        let seq = parts.next()?.parse().ok()?;
        Some(Listed { village, seq, matter: parts.next()?.parse().ok()? })
    }

    /// What a list shows: a measure, and one of its codes, all, or those under way.
    fn listed(&self) -> Result<(Measure, &str), Problem> {
        let missing = || Problem::new(Code::NotFound);
        let measure: Measure = self.measure.parse().map_err(|_| missing())?;
        let code = self.code.as_str();
        let known = code.is_empty()
            || match measure {
                Measure::Opened => code == ENDED || code == UNDERWAY || code.parse::<Stage>().is_ok(),
                Measure::Left => code.parse::<Stage>().is_ok(),
                Measure::Ended => code.parse::<Outcome>().is_ok(),
                Measure::Vote => VOTE.contains(&code),
                Measure::Decided | Measure::Paid | Measure::Returned => false,
            };
        // All codes of a vote would be the same vote many times.
        let code = if measure == Measure::Vote && code.is_empty() { "due" } else { code };
        if known { Ok((measure, code)) } else { Err(missing()) }
    }
}

/// `2026`, `2026-q4` or `2026-11`.
fn named_period(text: &str) -> Option<(Month, Month)> {
    if let Ok(month) = text.parse::<Month>() {
        return Some((month, month));
    }
    let (year, quarter) = text.split_once("-q").map_or((text, None), |(year, quarter)| (year, Some(quarter)));
    let january: Month = format!("{year}-01").parse().ok()?;
    let year = january.parts().0;
    let Some(quarter) = quarter else { return Some((january, Month::new(year, 12))) };
    let quarter: i8 = quarter.parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
    Some((Month::new(year, quarter * 3 - 2), Month::new(year, quarter * 3)))
}

/// A filter as part of an address.
fn query(filter: &Filter) -> String {
    let mut query = String::new();
    let mut add = |name: &str, value: String| {
        query.push_str(if query.is_empty() { "?" } else { "&" });
        query.push_str(&format!("{name}={value}"));
    };
    if let Some(spot) = &filter.spot {
        add("place", spot.to_string());
    }
    if let Some((from, to)) = filter.months {
        add("from", from.to_string());
        add("to", to.to_string());
    }
    if let Some(category) = filter.category {
        add("category", category.to_string());
    }
    if let Some(body) = filter.body {
        add("body", body.to_string());
    }
    query
}

/// The same with a measure and code.
fn list_query(filter: &Filter, (measure, code): (Measure, &str)) -> String {
    let query = query(filter);
    let between = if query.is_empty() { "?" } else { "&" };
    let code = if code.is_empty() { String::new() } else { format!("&code={code}") };
    format!("{query}{between}measure={measure}{code}")
}

/// A time in words: 2026年, 2026年第4季度, 2026年11月, 2026年2月至5月.
#[must_use]
pub fn period(lang: Lang, months: Option<(Month, Month)>) -> String {
    let Some((from, to)) = months else { return lang.t("figures-all-times").to_string() };
    let ((year, first), (last_year, last)) = (from.parts(), to.parts());
    let of = |key: &'static str, n: i8| lang.t(key).with("year", year.to_string()).with("n", i32::from(n)).to_string();
    let month = |month: Month| {
        let (year, n) = month.parts();
        // 2026年11月, November 2026: the date without its day.
        let words = lang.date(Date::first_of(year, n));
        match lang {
            Lang::ZhCn => words.trim_end_matches("1日").to_owned(),
            Lang::En => words.trim_start_matches("1 ").to_owned(),
        }
    };
    match (first, last) {
        _ if from == to => month(from),
        (1, 12) if year == last_year => of("figures-year", 0),
        _ if year == last_year && first % 3 == 1 && last == first + 2 => of("figures-quarter", last / 3),
        _ => lang.t("figures-span").with("from", month(from)).with("to", month(to)).to_string(),
    }
}

/// One number of so many, in percent with one decimal.
#[must_use]
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let thousandths = (part * 1_000 + whole / 2) / whole;
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

fn share(part: u64, most: u64) -> u64 {
    // What is there is seen, however little it is.
    if part == 0 || most == 0 { 0 } else { (part * 100 / most).clamp(1, 100) }
}

/// What is counted, in words.
#[must_use]
pub fn measure_words(lang: Lang, measure: Measure, code: &str) -> String {
    let stage = || code.parse::<Stage>().map_or_else(|_| String::new(), |stage| stage_words(lang, stage));
    match (measure, code) {
        (Measure::Opened, "" | ENDED | UNDERWAY) | (Measure::Left | Measure::Ended, "") => {
            let key = if code.is_empty() { format!("figure-{measure}") } else { format!("figure-{measure}-{code}") };
            lang.t(key).to_string()
        }
        (Measure::Opened, _) => lang.t("figure-opened-at").with("stage", stage()).to_string(),
        (Measure::Left, _) => lang.t("figure-left-at").with("stage", stage()).to_string(),
        (Measure::Ended, _) => outcome_words(lang, code),
        (Measure::Vote, _) => lang.named("figure-vote", code).to_string(),
        (Measure::Decided | Measure::Paid | Measure::Returned, _) => lang.named("figure", measure.code()).to_string(),
    }
}

/// A stage in words.
#[must_use]
pub fn stage_words(lang: Lang, stage: Stage) -> String {
    lang.named("stage", &(stage as usize + 1).to_string()).to_string()
}

fn outcome_words(lang: Lang, code: &str) -> String {
    lang.named("outcome", if code == Outcome::Finished.code() { "completed" } else { code }).to_string()
}

fn category_words(lang: Lang, code: &str) -> String {
    lang.named("category-short", code).to_string()
}

/// Makes numbers with their ways for one filter.
struct Maker<'a> {
    lang: Lang,
    filter: &'a Filter,
}

impl Maker<'_> {
    fn num(&self, of: (Measure, &str), number: u64, words: String) -> Num {
        let href = (number > 0).then(|| format!("/figures/list{}", list_query(self.filter, of)));
        Num { words, href }
    }

    fn count(&self, counts: &Counts, measure: Measure, code: &str) -> Num {
        let many = match code {
            "" => counts.all(measure),
            UNDERWAY => counts.underway(),
            _ => counts.many(measure, code),
        };
        self.num((measure, code), many, self.lang.count(many))
    }

    fn money(&self, counts: &Counts, measure: Measure) -> Num {
        let fen = counts.number(measure, "");
        self.num((measure, ""), counts.many(measure, ""), self.lang.money(fen))
    }

    fn label(&self, measure: Measure, code: &str) -> String {
        measure_words(self.lang, measure, code)
    }

    fn first(&self, counts: &Counts) -> Vec<Bar> {
        let bar = |code: &str| Bar {
            label: self.label(Measure::Opened, code),
            num: self.count(counts, Measure::Opened, code),
            share: 0,
        };
        ["", UNDERWAY, ENDED].map(bar).to_vec()
    }

    fn funnel(&self, counts: &Counts) -> Vec<Bar> {
        let codes = Stage::ALL.iter().map(|stage| stage.code()).chain([ENDED]);
        let most = codes.clone().map(|code| counts.many(Measure::Opened, code)).max().unwrap_or(0);
        let bar = |code: &str| Bar {
            label: self.label(Measure::Opened, code),
            num: self.count(counts, Measure::Opened, code),
            share: share(counts.many(Measure::Opened, code), most),
        };
        codes.map(bar).collect()
    }

    fn days(&self, days: &Days) -> DaysRow {
        let in_days = |n: u64| self.lang.t("figures-days-n").with("n", n).to_string();
        let href = days.matter.map(|(village, matter)| format!("/v/{village}/m/{matter}"));
        DaysRow {
            stage: stage_words(self.lang, days.stage),
            left: self.num((Measure::Left, days.stage.code()), days.left, self.lang.count(days.left)),
            median: in_days(days.median),
            slowest: Num { words: in_days(days.slowest), href },
        }
    }

    /// A number of a vote, as a share of another one.
    fn vote(&self, counts: &Counts, code: &str, of: &str) -> Bar {
        let (part, whole) = (counts.number(Measure::Vote, code), counts.number(Measure::Vote, of));
        let words = format!("{}（{}）", self.lang.count(part), percent(part, whole));
        let words = if self.lang == Lang::En { words.replace('（', " (").replace('）', ")") } else { words };
        let num = self.num((Measure::Vote, code), counts.many(Measure::Vote, code), words);
        Bar { label: self.label(Measure::Vote, code), num, share: share(part, whole) }
    }

    fn votes(&self, counts: &Counts) -> Vec<Bar> {
        let votes = counts.many(Measure::Vote, "due");
        if votes == 0 {
            return Vec::new();
        }
        let kind = |code: &str| Bar {
            label: self.label(Measure::Vote, code),
            num: self.count(counts, Measure::Vote, code),
            share: share(counts.many(Measure::Vote, code), votes),
        };
        let number = counts.number(Measure::Vote, "due");
        let num = self.num((Measure::Vote, "due"), votes, self.lang.count(number));
        let due = Bar { label: self.label(Measure::Vote, "due"), num, share: 100 };
        let members = [("present", "due"), ("voted", "present")].map(|(code, of)| self.vote(counts, code, of));
        OF_VOTES.map(kind).into_iter().chain([due]).chain(members).collect()
    }

    fn ways(&self, counts: &Counts) -> Vec<Bar> {
        ["online", "kiosk", "paper", "box"].map(|code| self.vote(counts, code, "voted")).to_vec()
    }

    fn sums(&self, counts: &Counts) -> Vec<Bar> {
        let (decided, paid) = (counts.number(Measure::Decided, ""), counts.number(Measure::Paid, ""));
        let most = decided.max(paid);
        let money = |measure: Measure, fen: u64| Bar {
            label: self.label(measure, ""),
            num: self.money(counts, measure),
            share: share(fen, most),
        };
        let opened = counts.all(Measure::Opened);
        let withdrawn = Outcome::Withdrawn.code();
        let many = |measure: Measure, code: &str| Bar {
            label: self.label(measure, code),
            num: self.count(counts, measure, code),
            share: share(counts.many(measure, code), opened),
        };
        vec![
            money(Measure::Decided, decided),
            money(Measure::Paid, paid),
            many(Measure::Returned, ""),
            many(Measure::Ended, withdrawn),
        ]
    }
}

/// Outcomes that occur, in order of their declaration.
fn outcomes(counts: &Counts) -> Vec<Outcome> {
    let occurs = |outcome: &Outcome| counts.many(Measure::Ended, outcome.code()) > 0;
    Outcome::ALL.iter().copied().filter(occurs).collect()
}

fn category_rows(lang: Lang, filter: &Filter, figures: &Figures) -> (Vec<String>, Vec<Row>) {
    let occurring = outcomes(&figures.total);
    let mut heads = vec![measure_words(lang, Measure::Opened, "")];
    heads.extend(occurring.iter().map(|outcome| outcome_words(lang, outcome.code())));
    heads.extend([Measure::Decided, Measure::Paid].map(|measure| measure_words(lang, measure, "")));
    let most = figures.categories.values().map(|counts| counts.all(Measure::Opened)).max().unwrap_or(0);
    let row = |(code, counts): (&String, &Counts)| {
        let within = Filter { category: category_code(code), ..filter.clone() };
        let maker = Maker { lang, filter: &within };
        let mut nums = vec![maker.count(counts, Measure::Opened, "")];
        nums.extend(occurring.iter().map(|outcome| maker.count(counts, Measure::Ended, outcome.code())));
        nums.extend([Measure::Decided, Measure::Paid].map(|measure| maker.money(counts, measure)));
        let href = Some(format!("/figures{}", query(&within)));
        let share = share(counts.all(Measure::Opened), most);
        Row { label: category_words(lang, code), href, nums, share, level: 0 }
    };
    (heads, figures.categories.iter().map(row).collect())
}

fn part_rows(lang: Lang, filter: &Filter, parts: &[Part]) -> (Vec<String>, Vec<Row>) {
    let mut heads = ["", UNDERWAY, ENDED].map(|code| measure_words(lang, Measure::Opened, code)).to_vec();
    heads.extend([Measure::Returned, Measure::Decided, Measure::Paid].map(|measure| measure_words(lang, measure, "")));
    heads.push(lang.t("figures-turnout").to_string());
    let most = parts.iter().map(|part| part.counts.all(Measure::Opened)).max().unwrap_or(0);
    let row = |part: &Part| {
        let within = Filter { spot: part.code.parse().ok(), ..filter.clone() };
        let (maker, counts) = (Maker { lang, filter: &within }, &part.counts);
        let mut nums = ["", UNDERWAY, ENDED].map(|code| maker.count(counts, Measure::Opened, code)).to_vec();
        nums.push(maker.count(counts, Measure::Returned, ""));
        nums.extend([Measure::Decided, Measure::Paid].map(|measure| maker.money(counts, measure)));
        let (present, due) = (counts.number(Measure::Vote, "present"), counts.number(Measure::Vote, "due"));
        nums.push(maker.num((Measure::Vote, "present"), due, percent(present, due)));
        let opened = counts.all(Measure::Opened);
        let level = if opened == 0 { 0 } else { (opened * 4).div_ceil(most) };
        let href = Some(format!("/figures{}", query(&within)));
        Row { label: part.name.clone(), href, nums, share: share(opened, most), level }
    };
    (heads, parts.iter().map(row).collect())
}

fn choosing(lang: Lang, filter: &Filter, now: Month) -> Choosing {
    let mut named = vec![String::new()];
    let this = now.parts().0;
    for year in (this - YEARS + 1..=this).rev() {
        named.push(format!("{year}"));
        let quarters = if year == this { (now.parts().1 + 2) / 3 } else { 4 };
        named.extend((1..=quarters).rev().map(|quarter| format!("{year}-q{quarter}")));
    }
    let mut any = false;
    let mut periods = Vec::with_capacity(named.len() + 1);
    for value in named {
        let months = named_period(&value);
        let chosen = months == filter.months;
        any |= chosen;
        periods.push(Choice { label: period(lang, months), value, chosen });
    }
    // Months of the reader's own choice stand in the fields beside it.
    let (from, to) =
        filter.months.filter(|_| !any).map_or_else(Default::default, |(from, to)| (from.to_string(), to.to_string()));
    if !any {
        periods
            .insert(0, Choice { value: String::new(), label: lang.t("figures-own-months").to_string(), chosen: true });
    }
    let anything = |chosen| Choice { value: String::new(), label: lang.t("figures-any").to_string(), chosen };
    let category = |code: &'static str| Choice {
        value: code.to_owned(),
        label: category_words(lang, code),
        chosen: filter.category == Some(code),
    };
    let codes = Category::ALL.iter().map(|category| category.code()).chain([NONE]);
    let body = |body: &Body| Choice {
        value: body.code().to_owned(),
        label: lang.named("body", body.code()).to_string(),
        chosen: filter.body == Some(*body),
    };
    Choosing {
        chosen: filter.months.is_some() || filter.category.is_some() || filter.body.is_some(),
        place: filter.spot.as_ref().map(ToString::to_string).unwrap_or_default(),
        periods,
        from,
        to,
        categories: std::iter::once(anything(filter.category.is_none())).chain(codes.map(category)).collect(),
        bodies: std::iter::once(anything(filter.body.is_none())).chain(Body::ALL.iter().map(body)).collect(),
    }
}

/// The place's name: that of the district where none is kept.
#[must_use]
pub fn named(visit: &Visit, figures: &Figures) -> String {
    figures.name.clone().unwrap_or_else(|| visit.c.home())
}

/// `GET /figures`.
///
/// # Errors
/// There is no such place; the store can't be read now.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(asking): Query<Asking>,
) -> Result<Response, Problem> {
    let app = state.app();
    let (now, lang) = (Month::of(app.now().date()), visit.c.lang);
    let filter = asking.filter(now)?;
    let figures = app.figures(&filter).await?;
    page(&page_of(visit, &filter, now, &figures, lang))
}

/// The page of these figures.
#[must_use]
pub fn page_of(visit: Visit, filter: &Filter, now: Month, figures: &Figures, lang: Lang) -> FiguresPage {
    let maker = Maker { lang, filter };
    let (outcome_heads, categories) = category_rows(lang, filter, figures);
    let (part_heads, parts) = part_rows(lang, filter, &figures.parts);
    let at = |code: &str| {
        let filter = Filter { spot: code.parse().ok(), ..filter.clone() };
        format!("/figures{}", query(&filter))
    };
    // All that there is has the front page.
    let own = match figures.place.len() {
        _ if filter.spot.is_none() => "/".to_owned(),
        12 => format!("/v/{}", figures.place),
        9 => format!("/t/{}", figures.place),
        0 => "/".to_owned(),
        _ => format!("/p/{}", figures.place),
    };
    let report = match filter.months {
        Some(_) => query(filter),
        // Of all times there is no report: the month before this one.
        None => query(&Filter { months: Some((now.previous(), now.previous())), ..filter.clone() }),
    };
    FiguresPage {
        name: named(&visit, figures),
        around: figures.around.iter().map(|(code, name)| (at(code), name.clone())).collect(),
        own,
        link: format!("/figures{}", query(filter)),
        period: period(lang, filter.months),
        choosing: choosing(lang, filter, now),
        first: maker.first(&figures.total),
        funnel: maker.funnel(&figures.total),
        days: figures.days.iter().map(|days| maker.days(days)).collect(),
        votes: maker.votes(&figures.total),
        ways: maker.ways(&figures.total),
        outcome_heads,
        categories,
        money: maker.sums(&figures.total),
        step: figures.step,
        part_heads,
        parts,
        files: Files {
            csv: format!("/figures/csv/file{}", query(filter)),
            xlsx: format!("/figures/xlsx/file{}", query(filter)),
            report: Some(format!("/figures/report/file{report}")),
        },
        c: visit.c,
    }
}

/// `GET /figures/list`: the matters behind a figure.
///
/// # Errors
/// There is no such place or measure; the store can't be read now.
pub async fn list(
    State(state): State<AppState>,
    visit: Visit,
    Query(asking): Query<Asking>,
) -> Result<Response, Problem> {
    let (app, lang) = (state.app(), visit.c.lang);
    let filter = asking.filter(Month::of(app.now().date()))?;
    let of = asking.listed()?;
    let name = app.figures_name(&filter).await?.unwrap_or_else(|| visit.c.home());
    let found = app.figure_lines(&filter, of, asking.after(), SHOWN).await?;
    let chosen = filter.category.map(|category| category_words(lang, category));
    let chosen = chosen.into_iter().chain(filter.body.map(|body| lang.named("body", body.code()).to_string()));
    let query_of = list_query(&filter, of);
    let from = asking.after().map(|last| format!("&after={}", after(&last))).unwrap_or_default();
    page(&FiguresListPage {
        title: measure_words(lang, of.0, of.1),
        name,
        period: period(lang, filter.months),
        chosen: chosen.collect(),
        back: format!("/figures{}", query(&filter)),
        lines: found.lines.into_iter().map(|line| list_line(lang, of.0, line)).collect(),
        next: found.next.map(|last| format!("/figures/list{query_of}&after={}", after(&last))),
        files: Files {
            csv: format!("/figures/list/csv/file{query_of}{from}"),
            xlsx: format!("/figures/list/xlsx/file{query_of}{from}"),
            report: None,
        },
        c: visit.c,
    })
}

fn after(last: &Listed) -> String {
    format!("{}~{}~{}", last.village, last.seq, last.matter)
}

fn list_line(lang: Lang, measure: Measure, line: Line) -> ListLine {
    let Line { row, village, title } = line;
    let code = row.village;
    let href = match row.session {
        Some(session) => format!("/v/{code}/s/{session}"),
        None => format!("/v/{code}/m/{}", row.matter),
    };
    let value = match measure {
        Measure::Left => lang.t("figures-days-n").with("n", row.number).to_string(),
        Measure::Ended | Measure::Decided | Measure::Paid => lang.money(row.number),
        Measure::Vote if !OF_VOTES.contains(&row.code.as_str()) => {
            lang.t("figures-members").with("n", row.number).to_string()
        }
        Measure::Opened | Measure::Returned | Measure::Vote => String::new(),
    };
    ListLine {
        village,
        title,
        href,
        category: row.category,
        at: row.time,
        entry: format!("/v/{code}/record?from={seq}#e{seq}", seq = row.seq),
        seq: row.seq,
        value,
    }
}

/// As which file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Comma-separated values: one table.
    Csv,
    /// A spreadsheet, a sheet for each table.
    Xlsx,
}

/// `GET /figures/{form}/file`: all figures of a place as a file.
///
/// # Errors
/// There is no such place; the store can't be read now.
pub async fn file(
    State(state): State<AppState>,
    visit: Visit,
    At(form): At<Form>,
    Query(asking): Query<Asking>,
) -> Result<Response, Problem> {
    let app = state.app();
    let filter = asking.filter(Month::of(app.now().date()))?;
    let figures = app.figures(&filter).await?;
    let tables = tables(visit.c.lang, &named(&visit, &figures), &figures);
    let place = if figures.place.is_empty() { "all" } else { &figures.place };
    answer(&state, form, &tables, &format!("figures-{place}{}", file_period(&filter)))
}

/// `GET /figures/list/{form}/file`: what is behind a figure as a file, so many lines at a time.
///
/// # Errors
/// There is no such place or measure; the store can't be read now.
pub async fn list_file(
    State(state): State<AppState>,
    visit: Visit,
    At(form): At<Form>,
    Query(asking): Query<Asking>,
) -> Result<Response, Problem> {
    let (app, lang) = (state.app(), visit.c.lang);
    let filter = asking.filter(Month::of(app.now().date()))?;
    let of = asking.listed()?;
    let found = app.figure_lines(&filter, of, asking.after(), IN_A_FILE).await?;
    let table = list_table(lang, &state.origin().to_string(), of, found.lines);
    let place = filter.spot.as_ref().map_or_else(|| "all".to_owned(), ToString::to_string);
    answer(&state, form, &[table], &format!("figures-{}-{place}{}", of.0, file_period(&filter)))
}

fn file_period(filter: &Filter) -> String {
    filter.months.map(|(from, to)| format!("-{from}-{to}")).unwrap_or_default()
}

fn list_table(lang: Lang, origin: &str, (measure, code): (Measure, &str), lines: Vec<Line>) -> Table {
    let heads = ["place", "village", "category", "title", "date", "number", "address"];
    let money = matches!(measure, Measure::Ended | Measure::Decided | Measure::Paid);
    let row = |line: Line| {
        let number = line.row.number;
        let category = category_words(lang, &line.row.category);
        let at = line.row.time.date().to_string();
        let ListLine { village, title, href, .. } = list_line(lang, measure, line.clone());
        vec![
            Cell::Words(line.row.village.to_string()),
            Cell::Words(village),
            Cell::Words(category),
            title.map_or(Cell::Empty, Cell::Words),
            Cell::Words(at),
            if money { Cell::Fen(number) } else { Cell::Number(number) },
            Cell::Words(format!("{origin}{href}")),
        ]
    };
    Table {
        name: measure_words(lang, measure, code),
        head: heads.map(|head| lang.named("figures-head", head).to_string()).to_vec(),
        rows: lines.into_iter().map(row).collect(),
    }
}

/// Figures as tables: first all sums one under the other, by place, by category, and days.
fn tables(lang: Lang, name: &str, figures: &Figures) -> Vec<Table> {
    let heads = |keys: &[&str]| keys.iter().map(|key| lang.named("figures-head", key).to_string()).collect::<Vec<_>>();
    let sum = |measure: Measure, what: &str, many: u64, number: u64| match measure {
        Measure::Ended | Measure::Decided | Measure::Paid => [Cell::Number(many), Cell::Empty, Cell::Fen(number)],
        Measure::Vote if !OF_VOTES.contains(&what) => [Cell::Number(many), Cell::Number(number), Cell::Empty],
        Measure::Opened | Measure::Left | Measure::Returned | Measure::Vote => {
            [Cell::Number(many), Cell::Empty, Cell::Empty]
        }
    };
    let rows_of = |code: &str, label: &str, counts: &Counts| {
        let row = |(measure, what, many, number): (Measure, &str, u64, u64)| {
            let words = [code, label, measure.code(), what].map(Cell::from);
            words
                .into_iter()
                .chain([Cell::Words(measure_words(lang, measure, what))])
                .chain(sum(measure, what, many, number))
        };
        counts.iter().map(|sum| row(sum).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let keys = ["code", "place", "measure", "what", "words", "many", "members", "yuan"];
    let mut places = rows_of(&figures.place, name, &figures.total);
    if figures.step != "village" {
        places.extend(figures.parts.iter().flat_map(|part| rows_of(&part.code, &part.name, &part.counts)));
    }
    let categories = figures.categories.iter();
    let categories = categories.flat_map(|(code, counts)| rows_of(code, &category_words(lang, code), counts));
    let days = figures.days.iter().map(|days| {
        let stage = [days.stage.code(), &stage_words(lang, days.stage)].map(Cell::from);
        let matter = days.matter.map(|(village, matter)| Cell::Words(format!("/v/{village}/m/{matter}")));
        let numbers = [days.left, days.median, days.slowest].map(Cell::Number);
        stage.into_iter().chain(numbers).chain([matter.unwrap_or(Cell::Empty)]).collect()
    });
    let table = |key: &str, head: Vec<String>, rows: Vec<Vec<Cell>>| Table {
        name: lang.named("figures-sheet", key).to_string(),
        head,
        rows,
    };
    let mut by_category = keys;
    by_category[1] = "category";
    vec![
        table("places", heads(&keys), places),
        table("categories", heads(&by_category), categories.collect()),
        table("days", heads(&["code", "stage", "left", "median", "slowest", "address"]), days.collect()),
    ]
}

/// Tables as a file of this form.
///
/// # Errors
/// They can't be written.
pub fn answer(state: &AppState, form: Form, tables: &[Table], name: &str) -> Result<Response, Problem> {
    let (bytes, media, ending) = match form {
        Form::Csv => (tables.first().map_or(Ok(Vec::new()), csv), "text/csv; charset=utf-8", "csv"),
        Form::Xlsx => (
            xlsx(tables, state.app().now()),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
    };
    let bytes = bytes.map_err(|error: TableError| {
        tracing::error!(%error, "figures could not be written");
        Problem::new(Code::Internal)
    })?;
    let mut response = ([(CONTENT_TYPE, media), (CACHE_CONTROL, "private, no-cache")], bytes).into_response();
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}.{ending}\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::{Asking, Lang, Month, list_query, named_period, percent, period, query, share};
    use crate::core::figures::Measure;

    fn months(text: &str) -> Option<String> {
        named_period(text).map(|(from, to)| format!("{from} {to}"))
    }

    #[test]
    fn a_period_is_read_and_told_in_words() {
        assert_eq!(months("2026").as_deref(), Some("2026-01 2026-12"));
        assert_eq!(months("2026-q4").as_deref(), Some("2026-10 2026-12"));
        assert_eq!(months("2026-11").as_deref(), Some("2026-11 2026-11"));
        for none in ["", "all", "26", "2026-q5", "2026-q0", "2026-13", "2026-q"] {
            assert_eq!(months(none), None, "{none}");
        }
        let words = ["", "2026", "2026-q4", "2026-11"].map(|text| period(Lang::ZhCn, named_period(text)));
        assert_eq!(words, ["有记录以来", "2026年", "2026年第4季度", "2026年11月"]);
    }

    #[test]
    fn what_is_asked_for_stands_in_the_address_and_is_read_back() {
        let now: Month = "2026-11".parse().expect("a month");
        let text = "place=331102&period=2026-q4&from=&to=&category=M02&body=representative_assembly";
        let asking: Asking = serde_urlencoded(text);
        let filter = asking.filter(now).expect("a filter");
        let address = query(&filter);
        assert_eq!(address, "?place=331102&from=2026-10&to=2026-12&category=M02&body=representative_assembly");
        let again: Asking = serde_urlencoded(&address[1..]);
        assert_eq!(again.filter(now).expect("a filter"), filter);
        assert_eq!(list_query(&filter, (Measure::Left, "filing")), format!("{address}&measure=left&code=filing"));
        let open: Asking = serde_urlencoded("from=2026-03");
        assert_eq!(query(&open.filter(now).expect("a filter")), "?from=2026-03&to=2026-11");
        let wrong: Asking = serde_urlencoded("place=33x");
        assert!(wrong.filter(now).is_err());
    }

    #[test]
    fn a_list_is_of_something_that_is_counted() {
        for good in
            ["measure=opened", "measure=opened&code=underway", "measure=vote&code=box", "measure=ended&code=merged"]
        {
            assert!(serde_urlencoded(good).listed().is_ok(), "{good}");
        }
        for bad in ["", "measure=x", "measure=left&code=ended", "measure=paid&code=x", "measure=vote&code=x"] {
            assert!(serde_urlencoded(bad).listed().is_err(), "{bad}");
        }
        assert_eq!(serde_urlencoded("measure=vote").listed().expect("votes").1, "due");
        let after = serde_urlencoded("after=331102001206~12~01KKQG3MM0STRVHYJR8HBVMYBN").after().expect("a place");
        assert_eq!(super::after(&after), "331102001206~12~01KKQG3MM0STRVHYJR8HBVMYBN");
    }

    #[test]
    fn shares_are_rounded_and_seen() {
        assert_eq!([percent(2, 3), percent(0, 3), percent(3, 3), percent(1, 0)], ["66.7%", "0.0%", "100.0%", "–"]);
        assert_eq!([share(0, 9), share(1, 1_000), share(9, 9), share(1, 0)], [0, 1, 100, 0]);
    }

    fn serde_urlencoded(text: &str) -> Asking {
        let uri: axum::http::Uri = format!("/figures?{text}").parse().expect("an address");
        axum::extract::Query::try_from_uri(&uri).expect("a query").0
    }
}
