//! A village's money as its record has it: approved, agreed, paid.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::app::table::{Cell, Table};
use crate::app::views::library::Wanted;
use crate::core::ids::{MatterId, VillageCode};
use crate::core::model::Role;
use crate::core::state::State as Village;
use crate::core::state::matter::{Matter, Payment};
use crate::http::pages::figures::Files;
use crate::http::pages::funds::{FundLine, FundsPage, PaymentLine, Sums};
use crate::http::pages::parts::Pager;
use crate::http::problem::Problem;
use crate::http::read::context::View;
use crate::http::read::figures::{Form, answer};
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::rows;
use crate::http::state::AppState;

/// Payments on a page.
const SHOWN: usize = 25;

/// Which page of payments.
#[derive(Debug, Deserialize)]
pub struct Asked {
    page: Option<usize>,
}

/// `GET /v/{code}/funds`.
///
/// # Errors
/// There is no such village; the store's.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    At(code): At<VillageCode>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let view = view(&state, &visit, code).await?;
    let lines = lines(&view);
    let link = |page: u64| format!("/v/{code}/funds?page={page}#payments");
    let (shown, pager) = Pager::cut(payments(view.state()), asked.page, SHOWN, link);
    let payments = shown.iter().map(|(matter, payment)| PaymentLine {
        at: payment.time,
        seq: payment.seq,
        title: view.title(matter),
        fen: payment.fen,
    });
    let file = |form: &str| format!("/v/{code}/funds/{form}/file");
    page(&FundsPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        sums: total(lines.iter().map(|(_, _, sums)| *sums)),
        matters: lines
            .iter()
            .map(|(id, matter, sums)| FundLine {
                title: view.title(matter),
                href: format!("/v/{code}/m/{id}"),
                sums: *sums,
            })
            .collect(),
        payments: payments.collect(),
        pager,
        files: Files { csv: file("csv"), xlsx: file("xlsx"), report: None },
        import: visit.roles(code).contains(&Role::Clerk),
    })
}

/// `GET /v/{code}/funds/{form}/file`: payments, and in a spreadsheet the matters, too.
///
/// # Errors
/// There is no such village; the store's.
pub async fn file(
    State(state): State<AppState>,
    visit: Visit,
    At((code, form)): At<(VillageCode, Form)>,
) -> Result<Response, Problem> {
    let view = view(&state, &visit, code).await?;
    let (lang, origin) = (visit.c.lang, state.origin());
    let heads = |keys: &[&str]| keys.iter().map(|key| lang.named("funds-head", key).to_string()).collect();
    let paid = Table {
        name: lang.t("funds-payments").to_string(),
        head: heads(&["date", "matter", "amount", "entry", "address"]),
        rows: payments(view.state())
            .iter()
            .map(|(matter, payment)| {
                let address = format!("{origin}/v/{code}/record?from={0}#e{0}", payment.seq);
                vec![
                    Cell::Words(payment.time.date().to_string()),
                    Cell::Words(view.title(matter)),
                    Cell::Fen(payment.fen),
                    Cell::Number(payment.seq),
                    Cell::Words(address),
                ]
            })
            .collect(),
    };
    let decided = Table {
        name: lang.t("funds-matters").to_string(),
        head: heads(&["matter", "approved", "agreed", "paid", "address"]),
        rows: lines(&view)
            .iter()
            .map(|(id, matter, sums)| {
                vec![
                    Cell::Words(view.title(matter)),
                    Cell::Fen(sums.approved),
                    Cell::Fen(sums.agreed),
                    Cell::Fen(sums.paid),
                    Cell::Words(format!("{origin}/v/{code}/m/{id}")),
                ]
            })
            .collect(),
    };
    answer(&state, form, &[paid, decided], &format!("{code}-funds"))
}

async fn view<'a>(state: &AppState, visit: &'a Visit, code: VillageCode) -> Result<View<'a>, Problem> {
    let view = View::of(state.app(), visit, code).await?;
    let mut wanted = Wanted::default();
    rows::want_titles(with_money(view.state()).map(|(_, matter)| matter), &mut wanted);
    view.fetch(state.app(), &wanted).await
}

/// Matters of which money was approved by a vote, agreed or paid.
fn with_money(village: &Village) -> impl Iterator<Item = (MatterId, &Matter)> {
    let has = |matter: &Matter| sums(matter) != Sums::default();
    village.matters.iter().map(|(id, matter)| (*id, matter.as_ref())).filter(move |(_, matter)| has(matter))
}

/// What the vote approved counts once its resolution is on record; what was agreed and paid always does.
fn sums(matter: &Matter) -> Sums {
    let resolved = matter.resolution_notice.is_some();
    Sums {
        approved: if resolved { matter.allowed_fen() } else { 0 },
        agreed: matter.contracts.iter().map(|contract| contract.amount_fen).sum(),
        paid: matter.paid_fen,
    }
}

fn lines<'a>(view: &'a View<'_>) -> Vec<(MatterId, &'a Matter, Sums)> {
    let mut lines: Vec<_> = with_money(view.state()).map(|(id, matter)| (id, matter, sums(matter))).collect();
    lines.sort_by_key(|(_, matter, _)| std::cmp::Reverse(matter.updated.seq));
    lines
}

/// All amounts together.
fn total(sums: impl Iterator<Item = Sums>) -> Sums {
    sums.fold(Sums::default(), |all, one| Sums {
        approved: all.approved.saturating_add(one.approved),
        agreed: all.agreed.saturating_add(one.agreed),
        paid: all.paid.saturating_add(one.paid),
    })
}

/// All payments, the newest first.
fn payments(village: &Village) -> Vec<(&Matter, Payment)> {
    let of = |matter: &'_ Matter| matter.payments.clone();
    let mut all: Vec<(&Matter, Payment)> = with_money(village)
        .flat_map(|(_, matter)| of(matter).into_iter().map(move |payment| (matter, payment)))
        .collect();
    all.sort_by_key(|(_, payment)| std::cmp::Reverse(payment.seq));
    all
}
