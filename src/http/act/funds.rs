//! Payments from a spreadsheet: shown row by row with what is wrong, then kept as statements that the clerk signs at one go.

use axum::Form;
use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, State};
use axum::response::Response;

use crate::app::forms::build::yuan;
use crate::app::forms::{About, Actor};
use crate::app::funds::{self, Line};
use crate::app::table;
use crate::app::views::library::Wanted;
use crate::core::act::Kind;
use crate::core::clock::Date;
use crate::core::ids::{MatterId, VillageCode};
use crate::core::model::{Role, Stage};
use crate::core::privacy;
use crate::core::state::State as Village;
use crate::core::state::matter::Matter;
use crate::http::act::prepare::prepare;
use crate::http::pages::funds::{Fault, ImportPage, ImportRow, Paying};
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::rows;
use crate::http::session::Identity;
use crate::http::state::AppState;

/// Longest voucher and purpose together, in characters.
const LONGEST: usize = 200;

/// `GET /v/{code}/funds/import`.
///
/// # Errors
/// There is no such village; the store's.
pub async fn show(State(state): State<AppState>, visit: Visit, At(code): At<VillageCode>) -> Result<Response, Problem> {
    let view = view(&state, &visit, code).await?;
    page(&empty(&view))
}

/// `POST /v/{code}/funds/import`: reads the file and shows its rows. Nothing is kept.
///
/// # Errors
/// `BadRequest` for a body that isn't a form; the store's.
pub async fn read(
    State(state): State<AppState>,
    visit: Visit,
    At(code): At<VillageCode>,
    mut form: Multipart,
) -> Result<Response, Problem> {
    let mut bytes = Vec::new();
    while let Some(mut field) =
        form.next_field().await.map_err(|error| Problem::new(Code::of_status(error.status())))?
    {
        if field.name() == Some("file") {
            let unread = |error: MultipartError| Problem::new(Code::of_status(error.status()));
            // One byte more than may be is enough to say so.
            while let Some(chunk) = field.chunk().await.map_err(unread)?.filter(|_| bytes.len() <= funds::MOST_BYTES) {
                bytes.extend_from_slice(&chunk);
            }
        }
    }
    let view = view(&state, &visit, code).await?;
    let read = tokio::task::spawn_blocking(move || funds::read(&bytes)).await;
    let mut shown = empty(&view);
    match read.map_err(|_| Problem::new(Code::Internal))? {
        Ok(lines) => shown.rows = lines.iter().map(|line| row(&view, line)).collect(),
        Err(fault) => shown.fault = Some(fault.code()),
    }
    page(&shown)
}

fn empty(view: &View<'_>) -> ImportPage {
    ImportPage {
        c: view.visit.c.clone(),
        place: view.place.clone(),
        fault: None,
        rows: Vec::new(),
        refused: Vec::new(),
        kept: 0,
        matters: payable(view.state()).map(|(_, matter)| view.title(matter)).collect(),
    }
}

async fn view<'a>(state: &AppState, visit: &'a Visit, code: VillageCode) -> Result<View<'a>, Problem> {
    let view = View::of(state.app(), visit, code).await?;
    let mut wanted = Wanted::default();
    rows::want_titles(payable(view.state()).map(|(_, matter)| matter), &mut wanted);
    view.fetch(state.app(), &wanted).await
}

/// Matters that are being carried out.
fn payable(village: &Village) -> impl Iterator<Item = (MatterId, &Matter)> {
    let matters = village.matters.iter().map(|(id, matter)| (*id, matter.as_ref()));
    matters.filter(|(_, matter)| matter.stage() == Some(Stage::Supervision) && matter.resolution_notice.is_some())
}

fn row(view: &View<'_>, line: &Line) -> ImportRow {
    ImportRow { line: line.line, payment: payment(view, line) }
}

fn payment(view: &View<'_>, line: &Line) -> Result<Paying, Fault> {
    let fault = |code: &'static str, found: &str| Fault { code, found: found.to_owned() };
    let date = funds::date(&line.date).ok_or_else(|| fault("date", &line.date))?;
    if date > view.now.date() {
        return Err(fault("future", &line.date));
    }
    let fits = |(id, matter): &(MatterId, &Matter)| line.matter == id.to_string() || line.matter == view.title(matter);
    let mut found = payable(view.state()).filter(fits);
    let (matter, of) = found.next().ok_or_else(|| fault("matter", &line.matter))?;
    if found.next().is_some() {
        return Err(fault("matters", &line.matter));
    }
    let fen = yuan(&line.amount).filter(|fen| *fen > 0).ok_or_else(|| fault("amount", &line.amount))?;
    let words = [line.voucher.as_str(), line.words.as_str()].join(" ").trim().replace(['\r', '\n', '~'], " ");
    let private = privacy::check_text(&words).is_err() || !privacy::find_private(&words).is_empty();
    if private || words.chars().count() > LONGEST {
        return Err(fault("words", &words.chars().take(LONGEST).collect::<String>()));
    }
    let again = of.payments.iter().any(|payment| payment.fen == fen);
    Ok(Paying { matter, title: view.title(of), date, fen, words, again })
}

/// `POST /v/{code}/funds/import/keep`: keeps the chosen rows as statements that wait for the clerk's signature.
///
/// # Errors
/// `BadRequest` for rows that this server did not show; the store's.
pub async fn keep(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At(code): At<VillageCode>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let chosen = sent.iter().filter(|(name, _)| name == "row").take(funds::MOST_ROWS);
    let read = |row: &str| Chosen::parse(row).ok_or_else(|| Problem::new(Code::BadRequest));
    let chosen: Vec<Chosen> = chosen.map(|(_, row)| read(row)).collect::<Result<_, _>>()?;
    let view = view(&state, &visit, code).await?;
    let mut shown = empty(&view);
    let actor = Actor { person: identity.person, role: Role::Clerk, key: identity.key };
    for row in &chosen {
        match keep_one(&state, &view, &actor, row).await? {
            None => shown.kept += 1,
            Some(why) => shown.refused.push((row.line, why)),
        }
    }
    page(&shown)
}

/// A row that was chosen, as the page before wrote it.
#[derive(Debug, PartialEq, Eq)]
struct Chosen {
    line: usize,
    matter: MatterId,
    date: Date,
    fen: u64,
    words: String,
}

impl Chosen {
    /// Reads `3~01K…~2026-10-12~120050~记12 首付`.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, '~');
        let mut next = || parts.next();
        let (line, matter) = (next()?.parse().ok()?, next()?.parse().ok()?);
        let (date, fen) = (next()?.parse().ok()?, next()?.parse().ok()?);
        Some(Self { line, matter, date, fen, words: next()?.to_owned() })
    }
}

/// Keeps one payment; why not, where the law or the form refuses it.
async fn keep_one(state: &AppState, view: &View<'_>, actor: &Actor, row: &Chosen) -> Result<Option<String>, Problem> {
    let (app, c, code) = (state.app(), &view.visit.c, view.village());
    let matter = view.state().matter(row.matter).ok_or_else(|| Problem::new(Code::BadRequest))?;
    let amount = table::yuan(row.fen);
    let words = c.t("funds-paid-words").with("amount", amount.as_str()).with("words", row.words.as_str()).to_string();
    let fields = [
        ("held_on", row.date.to_string()),
        ("what", "payment".to_owned()),
        ("percent", matter.progress.to_string()),
        ("paid_fen", amount),
        ("text", words),
    ];
    let about = About { matter: Some(row.matter), by: Some(actor.person), ..About::new(code, Kind::ProgressRecorded) };
    prepare(app, c, about, actor, fields).await
}

#[cfg(test)]
mod tests {
    use super::Chosen;

    #[test]
    fn a_chosen_row_is_read_back_and_nothing_else_is() {
        let row = Chosen::parse("3~01J0000000000000000000000M~2026-10-12~120050~记12 首付").expect("a row");
        assert_eq!((row.line, row.fen, row.words.as_str()), (3, 120_050, "记12 首付"));
        for bad in [
            "",
            "3",
            "3~x~2026-10-12~5~",
            "3~01J0000000000000000000000M~2026-10-12~-5~",
            "3~01J0000000000000000000000M~2026-10-12~5",
        ] {
            assert_eq!(Chosen::parse(bad), None, "{bad}");
        }
    }
}
