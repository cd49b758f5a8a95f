//! A reminder on paper: what stands in a village's record and waits, to whom it goes, and where it goes next.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::app::print::draw::About;
use crate::app::print::line::{Side, Style};
use crate::app::print::sheet::{Block, Format, Sheet};
use crate::core::clock::Time;
use crate::core::ids::VillageCode;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::desk::WarningLine;
use crate::http::print::{pdf, words};
use crate::http::problem::{Code, Problem};
use crate::http::read::desk::line;
use crate::http::read::frame::{At, Visit};
use crate::http::session::Identity;
use crate::http::state::AppState;

/// Side of the code that leads to the page, in points.
const CODE: f32 = 64.0;

/// Which warning it is about.
#[derive(Debug, Deserialize)]
pub struct Asked {
    warning: String,
}

/// `GET /v/{code}/warnings/reminder/file`: the PDF.
///
/// # Errors
/// `NotFound` where no such warning stands for the reader; the store's; no font.
pub async fn file(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At(code): At<VillageCode>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let app = state.app();
    let now = app.now();
    let missing = || Problem::new(Code::NotFound);
    let row = app.warning(identity.key, code, &asked.warning).await?.ok_or_else(missing)?;
    let warning = line(app, &visit, &row).await?.ok_or_else(missing)?;
    let sheet = reminder(&visit.c, &warning, &state.origin().to_string(), now);
    pdf(&state, format!("{code}-reminder"), move |fonts| sheet.file(fonts)).await
}

/// The paper, from the desk's line. `origin`: scheme and host of the pages.
#[must_use]
pub fn reminder(c: &Chrome, warning: &WarningLine, origin: &str, now: Time) -> Sheet {
    let title = c.t("reminder-title").to_string();
    let village = words::village(&warning.place);
    let owner = warning.standing.owner;
    let numbers: Vec<String> =
        warning.entries.iter().map(|seq| c.t("record-number").with("n", *seq).to_string()).collect();
    let mut facts = vec![(c.t("reminder-what").to_string(), c.named("warning", warning.rule.code()).to_string())];
    facts.extend(warning.title.clone().map(|matter| (c.t("reminder-matter").to_string(), matter)));
    facts.push((c.t("reminder-since").to_string(), c.lang.date(warning.since.date())));
    facts.push((c.t("reminder-entries").to_string(), numbers.join(&c.t("list-comma").to_string())));
    facts.extend(warning.again.as_ref().map(|other| {
        let number = c.t("record-number").with("n", other.seq).to_string();
        let parts = [Some(words::village(&other.place)), other.title.clone(), Some(number)];
        let said: Vec<String> = parts.into_iter().flatten().collect();
        (c.t("reminder-again").to_string(), said.join(&c.t("list-comma").to_string()))
    }));
    let to = c.named("reminder-to", owner.code()).with("village", village).to_string();
    let mut said = vec![warning.says(c), c.t("reminder-please").to_string()];
    said.extend(
        warning.standing.climbs.map(|(above, at)| {
            c.named("reminder-climbs", above.code()).with("date", c.lang.date(at.date())).to_string()
        }),
    );
    let link = format!("{origin}{}", warning.href);
    let beside = vec![c.t("reminder-code-say").to_string(), link.clone()];
    let blocks = vec![
        Block::Heading(title.clone(), Style::of(22.0).bold().at(Side::Middle)),
        words::line(to),
        Block::Facts(facts, words::TEXT),
        words::paragraph(c, words::joined(c, &said)),
        words::paragraph(c, c.t("reminder-nothing-wrong").to_string()),
        Block::Space(10.0),
        Block::Codes(vec![words::leads(&link, c.t("reminder-code").to_string(), beside)], CODE),
        Block::Space(14.0),
        Block::Signatures(vec![c.t("reminder-office").to_string(), c.t("reminder-date").to_string()], words::TEXT),
    ];
    let about = About::Archive { title: title.clone(), language: c.lang.code(), as_of: now };
    Sheet { format: Format::A4, about, fills: false, head: title, foot: words::foot(c), blocks }
}
