//! An official's desk.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::app::App;
use crate::app::error::AppError;
use crate::core::clock::Time;
use crate::core::ids::{MatterId, VillageCode};
use crate::core::warnings::{Rule, Standing};
use crate::http::access::Scope;
use crate::http::act::prefill;
use crate::http::address::query_value;
use crate::http::pages::desk::{AgainLine, DeskPage, NoteLine, WarningLine};
use crate::http::pages::parts::Who;
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::watch;
use crate::http::session::Identity;
use crate::http::state::AppState;
use crate::store::warnings::{After, WarningNote, WarningRow};

/// Warnings on a page.
const SHOWN: usize = 25;

/// What of the desk is asked for.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// Code of a rule; anything else is all rules.
    #[serde(default)]
    rule: String,
    /// Where the page before ended; anything else is the beginning.
    #[serde(default)]
    after: String,
}

/// `GET /desk`: what in the villages' records deserves a look.
///
/// # Errors
/// The store's.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let app = state.app();
    // Read before the lines: what changes meanwhile is told at once.
    let known = app.desk_size(identity.key).await.map_err(AppError::Store)?;
    let rule: Option<Rule> = asked.rule.parse().ok();
    let found = app.warnings(identity.key, rule, after(&asked.after), SHOWN).await?;
    let mut warnings = Vec::with_capacity(found.rows.len());
    for row in &found.rows {
        warnings.extend(line(app, &visit, row).await?);
    }
    let next = found.next.map(|last| address(rule, &last));
    let watch = watch::lines(app, &visit.c, &identity).await?;
    page(&DeskPage { c: visit.c, known, watch, counted: found.counted, rule, warnings, next })
}

/// A warning as the desk shows it; nothing for a rule of a later program.
///
/// # Errors
/// The store's.
pub async fn line(app: &App, visit: &Visit, row: &WarningRow) -> Result<Option<WarningLine>, Problem> {
    let Ok(rule) = row.rule.parse::<Rule>() else { return Ok(None) };
    let (village, weight, lang) = (row.village, rule.weight(), visit.c.lang);
    let alike = row.matter.filter(|_| rule == Rule::PictureAgain);
    let href = match (row.matter, row.session) {
        (_, Some(session)) => format!("/v/{village}/s/{session}"),
        (Some(matter), None) => format!("/v/{village}/m/{matter}"),
        (None, None) => format!("/v/{village}"),
    };
    let note = note(app, row).await?;
    let words = |n: u64| if weight.money { lang.money(n) } else { lang.count(n) };
    Ok(Some(WarningLine {
        rule,
        grade: weight.grade,
        standing: Standing::of(weight, row.stands_from, note.as_ref().map(|note| note.at), app.now()),
        name: row.warning.clone(),
        note,
        days: weight.days,
        place: app.village_place(village).await?.into(),
        title: match row.matter {
            Some(matter) => title(app, village, matter).await?,
            None => None,
        },
        again: match alike {
            Some(matter) => again(app, visit, village, matter).await?,
            None => None,
        },
        href,
        since: row.stands_from,
        entries: serde_json::from_str(&row.entries).unwrap_or_default(),
        number: words(row.number),
        whole: words(row.whole),
    }))
}

async fn title(app: &App, village: VillageCode, id: MatterId) -> Result<Option<String>, Problem> {
    let Some(matter) = app.matter_row(village, id).await? else { return Ok(None) };
    prefill::text(app, village, matter.title).await
}

/// Where else a matter's picture stands, with both pictures where the reader may see both.
async fn again(app: &App, visit: &Visit, village: VillageCode, matter: MatterId) -> Result<Option<AgainLine>, Problem> {
    let Some(pair) = app.picture_again(village, matter).await? else { return Ok(None) };
    let (other, matter) = (pair.other_village, pair.other_matter);
    let key = visit.identity.as_ref().map(|identity| identity.key);
    let (mut pictures, mut may_see) = (Vec::with_capacity(2), true);
    for (village, name) in [(village, pair.document), (other, pair.other_document)] {
        may_see = match key.filter(|_| may_see) {
            Some(key) => app.may_see(village, name, key).await?,
            None => false,
        };
        pictures.push(format!("/v/{village}/d/{name}"));
    }
    Ok(Some(AgainLine {
        place: app.village_place(other).await?.into(),
        title: title(app, other, matter).await?,
        href: format!("/v/{other}/m/{matter}"),
        seq: pair.other_seq,
        pictures: if may_see { pictures } else { Vec::new() },
    }))
}

async fn note(app: &App, row: &WarningRow) -> Result<Option<NoteLine>, Problem> {
    let Some(note) = app.warning_note(row.village, &row.warning).await? else { return Ok(None) };
    let name = app.names(row.village).await?.get(&note.person).cloned();
    Ok(Some(NoteLine { at: note.noted, who: Who { name, role: note.role }, words: note.words }))
}

/// What is noted.
#[derive(Debug, Deserialize)]
pub struct Noting {
    warning: String,
    words: String,
    /// The page to go back to, as far as it is one of the desk's.
    #[serde(default)]
    back: String,
}

/// `POST /v/{code}/warnings`: keeps what an official found or did about a warning.
///
/// # Errors
/// `NotFound` where it doesn't stand for them; `Unprocessable` words; the store's.
pub async fn note_down(
    State(state): State<AppState>,
    identity: Identity,
    At(code): At<VillageCode>,
    Form(noting): Form<Noting>,
) -> Result<Response, Problem> {
    let place = Scope::Village(code);
    let mut grants = identity.grants.iter().filter(|grant| grant.role.is_official());
    let role = grants.find(|grant| grant.scope.covers(place)).ok_or_else(|| Problem::new(Code::NotAllowed))?.role;
    let app = state.app();
    let note = WarningNote {
        village: code,
        warning: noting.warning,
        noted: app.now(),
        person: identity.person,
        role: role.code().to_owned(),
        words: noting.words.trim().to_owned(),
    };
    app.note_warning(identity.key, note).await?;
    app.desks().stir(code);
    let back = if noting.back.starts_with("/desk?") { noting.back } else { "/desk".to_owned() };
    Ok(Redirect::to(&back).into_response())
}

/// Reads `2~1763697600000~331102001206~stalled/…`: where a page ended.
fn after(text: &str) -> Option<After> {
    let mut parts = text.splitn(4, '~');
    let rank = parts.next()?.parse().ok()?;
    let from = Time::from_ms(parts.next()?.parse().ok()?)?;
    let village = parts.next()?.parse().ok()?;
    Some(After { rank, from, village, warning: parts.next()?.to_owned() })
}

fn address(rule: Option<Rule>, last: &After) -> String {
    let after = format!("{}~{}~{}~{}", last.rank, last.from.ms(), last.village, last.warning);
    let rule = rule.map(|rule| format!("rule={rule}&")).unwrap_or_default();
    format!("/desk?{rule}after={}", query_value(&after))
}

#[cfg(test)]
mod tests {
    use super::{Rule, address, after};

    #[test]
    fn where_a_page_ended_is_read_back() {
        let text = "2~1763697600000~331102001206~stalled/01KKQG3MM0STRVHYJR8HBVMYBN//";
        let last = after(text).expect("a place");
        assert_eq!((last.rank, last.warning.as_str()), (2, "stalled/01KKQG3MM0STRVHYJR8HBVMYBN//"));
        assert!(
            address(Some(Rule::Stalled), &last).starts_with("/desk?rule=stalled&after=2~"),
            "{}",
            address(None, &last)
        );
        for bad in ["", "2", "2~x~331102001206~y", "2~1~33~y"] {
            assert_eq!(after(bad), None, "{bad}");
        }
    }
}
