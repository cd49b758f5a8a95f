//! Figures (统计) of a village, a township or a larger place: sums over a period, and the matters behind each of them. Reads sums and lists by
//! index ranges alone, however many villages there are.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::str::FromStr;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::projection::NONE;
use crate::app::views::region::{Area, Step};
use crate::core::clock::{Date, Time};
use crate::core::figures::{ENDED, Measure};
use crate::core::ids::{Digest, IdError, MatterId, TownshipCode, VillageCode};
use crate::core::model::{Body, Category, Level, Media, Stage};
use crate::store::error::StoreError;
use crate::store::figures::{Asked, FigureRow, Listed, SPANS, Sum};

/// The first year that anything can be counted in.
const FIRST_YEAR: i16 = 2000;
/// Digits of places that have sums.
const DISTRICT: u64 = SPANS[0];
const TOWNSHIP: u64 = SPANS[1];
const VILLAGE: u64 = SPANS[2];
/// Code of a list of matters that have not ended, whatever their stage.
pub const UNDERWAY: &str = "underway";

/// A place that has figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// A province, prefecture or district.
    Area(Area),
    /// A township or street.
    Township(TownshipCode),
    /// A village.
    Village(VillageCode),
}

impl FromStr for Spot {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.len() {
            12 => text.parse().map(Self::Village),
            9 => text.parse().map(Self::Township),
            _ => text.parse().map(Self::Area),
        }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Area(area) => area.fmt(f),
            Self::Township(code) => code.fmt(f),
            Self::Village(code) => code.fmt(f),
        }
    }
}

/// A month; text form `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month in which a date lies.
    #[must_use]
    pub fn of(date: Date) -> Self {
        let (year, month, _) = date.parts();
        Self { year, month }
    }

    /// A month of a year; held within the twelve.
    #[must_use]
    pub fn new(year: i16, month: i8) -> Self {
        Self { year, month: month.clamp(1, 12) }
    }

    /// Year and month.
    #[must_use]
    pub fn parts(self) -> (i16, i8) {
        (self.year, self.month)
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        if self.month == 12 { Self::new(self.year + 1, 1) } else { Self::new(self.year, self.month + 1) }
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        if self.month == 1 { Self::new(self.year - 1, 12) } else { Self::new(self.year, self.month - 1) }
    }

    /// Its first instant in Asia/Shanghai.
    fn start(self) -> Time {
        Date::first_of(self.year, self.month).start()
    }
}

impl FromStr for Month {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let date: Date = format!("{text}-01").parse()?;
        let month = Self::of(date);
        if month.year >= FIRST_YEAR { Ok(month) } else { Err(IdError { what: "Month" }) }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// Which figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Where; everything that this server has without one.
    pub spot: Option<Spot>,
    /// First and last month; all times without them.
    pub months: Option<(Month, Month)>,
    /// Code of one category, or [`NONE`].
    pub category: Option<&'static str>,
    /// Of one body.
    pub body: Option<Body>,
}

/// A category's code from its text, [`NONE`] included.
#[must_use]
pub fn category_code(text: &str) -> Option<&'static str> {
    if text == NONE { Some(NONE) } else { text.parse().ok().map(Category::code) }
}

impl Filter {
    /// What the store is asked for; `place`: digits of the place.
    fn asked(&self, place: &str, now: Time) -> Asked {
        let all = (Month::new(FIRST_YEAR, 1), Month::new(Month::of(now.date()).year, 12));
        let (from, to) = self.months.unwrap_or(all);
        // Nothing is later than now: what is asked for beyond would only make the statement long.
        let to = to.min(all.1);
        Asked {
            place: place.to_owned(),
            periods: periods(from, to),
            time: (from.start(), to.next().start().max(from.start())),
            category: self.category.unwrap_or_default().to_owned(),
            body: self.body.map_or("", Body::code).to_owned(),
        }
    }
}

/// The fewest years and months that make up the time from one month to another, in order.
fn periods(from: Month, to: Month) -> Vec<String> {
    let (mut at, mut periods) = (from, Vec::new());
    while at <= to {
        let whole = at.month == 1 && Month::new(at.year, 12) <= to;
        periods.push(if whole { format!("{:04}", at.year) } else { at.to_string() });
        at = if whole { Month::new(at.year + 1, 1) } else { at.next() };
    }
    periods
}

/// Sums by what is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<(Measure, String), (u64, u64)>);

impl Counts {
    fn add(&mut self, sum: &Sum) {
        // What a later program counts is none of this one's.
        let Ok(measure) = sum.measure.parse() else { return };
        let counted = self.0.entry((measure, sum.code.clone())).or_default();
        counted.0 += sum.many;
        counted.1 += sum.number;
    }

    /// How many of a code.
    #[must_use]
    pub fn many(&self, measure: Measure, code: &str) -> u64 {
        self.0.get(&(measure, code.to_owned())).map_or(0, |(many, _)| *many)
    }

    /// Numbers of a code added up.
    #[must_use]
    pub fn number(&self, measure: Measure, code: &str) -> u64 {
        self.0.get(&(measure, code.to_owned())).map_or(0, |(_, number)| *number)
    }

    /// How many of all codes.
    #[must_use]
    pub fn all(&self, measure: Measure) -> u64 {
        self.0.iter().filter(|((one, _), _)| *one == measure).map(|(_, (many, _))| many).sum()
    }

    /// Matters that were opened and have not ended.
    #[must_use]
    pub fn underway(&self) -> u64 {
        self.all(Measure::Opened) - self.many(Measure::Opened, ENDED)
    }

    /// Every sum: what is counted, code, how many, numbers added up.
    pub fn iter(&self) -> impl Iterator<Item = (Measure, &str, u64, u64)> {
        self.0.iter().map(|((measure, code), (many, number))| (*measure, code.as_str(), *many, *number))
    }
}

/// A place in the breakdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How many villages lie in it.
    pub villages: u64,
    /// Its sums.
    pub counts: Counts,
}

/// How long matters stood at a stage before they left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    /// The stage.
    pub stage: Stage,
    /// How many left it.
    pub left: u64,
    /// Half of them took so many days or fewer.
    pub median: u64,
    /// The most days.
    pub slowest: u64,
    /// One that took so many.
    pub matter: Option<(VillageCode, MatterId)>,
}

/// Figures as a page shows them.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Digits of the place; none where it is everything.
    pub place: String,
    /// Its name; none where none is kept.
    pub name: Option<String>,
    /// Larger places with their names, the largest first.
    pub around: Vec<(String, String)>,
    /// What it is divided into.
    pub step: &'static str,
    /// These, in order of code; the village alone where it is one.
    pub parts: Vec<Part>,
    /// All together.
    pub total: Counts,
    /// By category code, `none` before the proposal.
    pub categories: BTreeMap<String, Counts>,
    /// By stage, in order, of those that matters left.
    pub days: Vec<Days>,
}

/// A line of the list behind a figure.
#[derive(Debug, Clone)]
pub struct Line {
    /// What is counted.
    pub row: FigureRow,
    /// The village's name.
    pub village: String,
    /// The matter's title, where everyone may read it.
    pub title: Option<String>,
}

/// A page of such lines.
#[derive(Debug, Clone)]
pub struct Lines {
    /// By village and entry.
    pub lines: Vec<Line>,
    /// Where the next page begins.
    pub next: Option<Listed>,
}

/// A place with what it is divided into.
struct Divided {
    place: String,
    name: Option<String>,
    around: Vec<(String, String)>,
    step: &'static str,
    span: u64,
    parts: Vec<Part>,
}

impl App {
    /// Figures of a place.
    ///
    /// # Errors
    /// `NotFound` for a place without villages on record; the store's.
    pub async fn figures(&self, filter: &Filter) -> Result<Figures, AppError> {
        let Divided { place, name, around, step, span, mut parts } = self.divided(filter.spot.as_ref()).await?;
        let asked = filter.asked(&place, self.now());
        let read = self.db().read("figures", |tx| {
            let asked = asked.clone();
            Box::pin(async move {
                let by_place = tx.figures_by_place(span, &asked).await?;
                let by_category = tx.figures_by_category(span, &asked).await?;
                let mut days = days(&by_category);
                for days in &mut days {
                    let row = tx.figure_of_days(&asked, days.stage.code(), days.slowest).await?;
                    days.matter = row.map(|row| (row.village, row.matter));
                }
                Ok::<_, StoreError>((by_place, by_category, days))
            })
        });
        let (by_place, by_category, days) = read.await?;
        let (mut total, mut categories) = (Counts::default(), BTreeMap::<String, Counts>::new());
        for sum in &by_place {
            total.add(sum);
            let part = parts.iter_mut().find(|part| sum.group.starts_with(&part.code));
            if let Some(part) = part {
                part.counts.add(sum);
            }
        }
        for sum in &by_category {
            categories.entry(sum.group.clone()).or_default().add(sum);
        }
        Ok(Figures { place, name, around, step, parts, total, categories, days })
    }

    /// Name of the place whose figures they are, where one is kept.
    ///
    /// # Errors
    /// As [`App::figures`].
    pub async fn figures_name(&self, filter: &Filter) -> Result<Option<String>, AppError> {
        Ok(self.divided(filter.spot.as_ref()).await?.name)
    }

    async fn divided(&self, spot: Option<&Spot>) -> Result<Divided, AppError> {
        let part = |code: String, name: String, villages| Part { code, name, villages, counts: Counts::default() };
        let area = match spot {
            None => None,
            Some(Spot::Area(area)) => Some(area.clone()),
            Some(Spot::Township(code)) => {
                let (name, villages) = self.township(*code).await?;
                let parts = villages.into_iter().map(|village| part(village.village.to_string(), village.name, 1));
                let parts = parts.collect();
                let around = self.above(&code.to_string()).await?;
                let place = code.to_string();
                return Ok(Divided { place, name: Some(name), around, step: "villages", span: VILLAGE, parts });
            }
            Some(Spot::Village(code)) => {
                let (_, villages) = self.township(code.township()).await?;
                if villages.iter().all(|village| village.village != *code) {
                    return Err(AppError::not_found("place"));
                }
                let place = self.village_place(*code).await?;
                let mut around = self.above(&code.township().to_string()).await?;
                around.push((code.township().to_string(), place.township_name));
                let parts = vec![part(code.to_string(), place.name.clone(), 1)];
                let (name, place) = (Some(place.name), code.to_string());
                return Ok(Divided { place, name, around, step: "village", span: VILLAGE, parts });
            }
        };
        let region = self.region(area).await?;
        let (step, span) = match region.area.step() {
            Step::Provinces => ("provinces", DISTRICT),
            Step::Prefectures => ("prefectures", DISTRICT),
            Step::Districts => ("districts", DISTRICT),
            Step::Townships => ("townships", TOWNSHIP),
        };
        let parts = region.within.iter().map(|place| {
            let name = place.name.clone().unwrap_or_else(|| place.code.clone());
            part(place.code.clone(), name, place.sums.villages)
        });
        let around = region.around.iter().map(|(area, name)| (area.to_string(), name.clone())).collect();
        let (place, name) = (region.area.to_string(), region.name.clone());
        Ok(Divided { place, name, around, step, span, parts: parts.collect() })
    }

    /// The district of a township and larger places around it, where this server has more than that district.
    async fn above(&self, code: &str) -> Result<Vec<(String, String)>, AppError> {
        let district: Area = code.get(..6).unwrap_or_default().parse().map_err(|_| AppError::not_found("place"))?;
        let (whole, own) = (self.region(None).await?, self.region(Some(district.clone())).await?);
        let mut above: Vec<_> = own.around.iter().map(|(area, name)| (area.to_string(), name.clone())).collect();
        if whole.area != own.area {
            above.push((district.to_string(), own.name.clone().unwrap_or_else(|| district.to_string())));
        }
        Ok(above)
    }

    /// What is behind a figure: at most `limit` lines after `after`. An empty code stands for all codes of the measure, [`UNDERWAY`] for all
    /// stages.
    ///
    /// # Errors
    /// The store's.
    pub async fn figure_lines(
        &self,
        filter: &Filter,
        (measure, code): (Measure, &str),
        after: Option<Listed>,
        limit: usize,
    ) -> Result<Lines, AppError> {
        let place = filter.spot.as_ref().map(ToString::to_string).unwrap_or_default();
        let asked = filter.asked(&place, self.now());
        let read = self.db().read("figure_lines", |tx| {
            let (asked, after, code) = (asked.clone(), after.clone(), code.to_owned());
            Box::pin(async move {
                tx.figures_listed(&asked, (measure.code(), &code), after.as_ref(), limit as u64 + 1).await
            })
        });
        let mut rows = read.await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more);
        let next = next.map(|row| Listed { village: row.village, seq: row.seq, matter: row.matter });
        let (mut names, mut titles) = (BTreeMap::new(), BTreeMap::new());
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            if let Entry::Vacant(entry) = names.entry(row.village) {
                entry.insert(self.village_name(row.village).await?);
            }
            if let Entry::Vacant(entry) = titles.entry((row.village, row.matter)) {
                entry.insert(self.public_title(row.village, row.matter).await?);
            }
            let village = names.get(&row.village).cloned().unwrap_or_default();
            let title = titles.get(&(row.village, row.matter)).cloned().flatten();
            lines.push(Line { row, village, title });
        }
        Ok(Lines { lines, next })
    }

    /// What a matter is called, where everyone may read it.
    async fn public_title(&self, village: VillageCode, matter: MatterId) -> Result<Option<String>, AppError> {
        let Some(row) = self.matter_row(village, matter).await? else { return Ok(None) };
        self.public_text(village, row.title).await
    }

    async fn public_text(&self, village: VillageCode, name: Digest) -> Result<Option<String>, AppError> {
        match self.document(village, name).await {
            Ok((document, Some(content)))
                if document.level == Level::Public.code() && document.media == Media::Text.code() =>
            {
                let text = String::from_utf8_lossy(&content.bytes).into_owned();
                Ok(text.lines().next().map(|line| line.chars().take(LONGEST_TITLE).collect()))
            }
            Ok(_) | Err(AppError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Most of a title that a list shows, in characters.
const LONGEST_TITLE: usize = 80;

/// Days by stage, without the matters that took the most.
fn days(sums: &[Sum]) -> Vec<Days> {
    let mut stages: BTreeMap<Stage, BTreeMap<u64, u64>> = BTreeMap::new();
    for sum in sums.iter().filter(|sum| sum.measure == Measure::Left.code()) {
        if let Ok(stage) = sum.code.parse() {
            *stages.entry(stage).or_default().entry(sum.days).or_default() += sum.many;
        }
    }
    stages.into_iter().map(|(stage, counted)| days_of(stage, &counted)).collect()
}

/// Of one stage, by days and how many took them.
fn days_of(stage: Stage, counted: &BTreeMap<u64, u64>) -> Days {
    let left: u64 = counted.values().sum();
    let mut before = 0;
    let median = counted.iter().find(|(_, many)| {
        before += **many;
        before * 2 >= left
    });
    let median = median.map_or(0, |(days, _)| *days);
    let slowest = counted.last_key_value().map_or(0, |(days, _)| *days);
    Days { stage, left, median, slowest, matter: None }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Month, Spot, days_of, periods};
    use crate::core::model::Stage;

    #[test]
    fn a_time_is_made_up_of_few_years_and_months() {
        let month = |text: &str| text.parse::<Month>().expect("a month");
        let of = |from: &str, to: &str| periods(month(from), month(to)).join(" ");
        assert_eq!(of("2026-11", "2026-11"), "2026-11");
        assert_eq!(of("2025-11", "2027-02"), "2025-11 2025-12 2026 2027-01 2027-02");
        assert_eq!(of("2026-01", "2026-12"), "2026");
        assert_eq!(of("2026-02", "2026-01"), "");
        for wrong in ["", "2026", "2026-13", "2026-1", "1999-12", "2026-01-01"] {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
        assert_eq!(month("2026-12").next().previous(), month("2026-12"));
    }

    #[test]
    fn half_of_the_matters_took_no_longer_than_the_median() {
        let of = |counted: &[(u64, u64)]| {
            let days = days_of(Stage::Filing, &counted.iter().copied().collect::<BTreeMap<_, _>>());
            (days.left, days.median, days.slowest)
        };
        assert_eq!(of(&[(3, 1)]), (1, 3, 3));
        assert_eq!(of(&[(1, 1), (9, 1)]), (2, 1, 9));
        assert_eq!(of(&[(1, 1), (5, 1), (9, 1)]), (3, 5, 9));
        assert_eq!(of(&[(0, 2), (4, 3)]), (5, 4, 4));
    }

    #[test]
    fn a_spot_is_told_by_its_digits() {
        for good in ["33", "3311", "331102", "331102001", "331102001206"] {
            assert_eq!(good.parse::<Spot>().map(|spot| spot.to_string()), Ok(good.to_owned()));
        }
        for wrong in ["", "3", "331", "3311020012", "33110200120x"] {
            assert!(wrong.parse::<Spot>().is_err(), "{wrong}");
        }
    }
}
