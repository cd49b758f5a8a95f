//! Feeds of the steps that everyone may follow: of all villages, of one, of a matter.

use askama::Template as _;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::Deserialize;

use crate::app::steps::{Followed, Step};
use crate::config::Origin;
use crate::core::clock::Time;
use crate::core::ids::{MatterId, VillageCode};
use crate::http::i18n::Lang;
use crate::http::pages::feed::{FeedEntry, FeedPage, in_xml};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Speaks};
use crate::http::state::AppState;
use crate::log::text::sha256;
use crate::store::steps::{Before, StepRow};

/// Steps on a page of a feed.
const PAGE: usize = 50;
/// The media type of feeds (RFC 4287, 7).
const FEED_TYPE: &str = "application/atom+xml; charset=utf-8";
/// A day on which whoever runs a server under a name had that name already: what comes on record is younger (RFC 4151).
const NAMED_SINCE: &str = "2026-01-01";

/// What of a feed is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// Where the page before ended.
    before: Option<String>,
}

/// `GET /feed.atom`: steps of all villages.
///
/// # Errors
/// A page that doesn't exist; the store can't be read now.
pub async fn all(
    State(state): State<AppState>,
    speaks: Speaks,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    answer(&state, speaks.0, Followed::All, &asked, &headers).await
}

/// `GET /v/{code}/feed.atom`: a village's steps.
///
/// # Errors
/// As [`all`]; there is no such village.
pub async fn village(
    State(state): State<AppState>,
    speaks: Speaks,
    At(code): At<VillageCode>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    answer(&state, speaks.0, Followed::Village(code), &asked, &headers).await
}

/// `GET /v/{code}/m/{matter}/feed.atom`: a matter's steps.
///
/// # Errors
/// As [`all`]; there is no such matter.
pub async fn matter(
    State(state): State<AppState>,
    speaks: Speaks,
    At((code, id)): At<(VillageCode, MatterId)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    answer(&state, speaks.0, Followed::Matter(code, id), &asked, &headers).await
}

async fn answer(
    state: &AppState,
    lang: Lang,
    of: Followed,
    asked: &Asked,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let before = match &asked.before {
        Some(text) => Some(read_before(text).ok_or_else(|| Problem::new(Code::BadRequest))?),
        None => None,
    };
    let mut steps = state.app().steps(of, before, PAGE as u64 + 1).await?;
    let more = steps.len() > PAGE;
    steps.truncate(PAGE);
    let next = steps.last().filter(|_| more).map(|step| Before::from(&step.row));
    let feed = feed(state, lang, of, (before, next), &steps).await?;
    let xml = feed.render().map_err(|error| {
        tracing::error!(%error, "a feed could not be rendered");
        Problem::new(Code::Internal)
    })?;
    Ok(fresh(headers, feed.updated, xml))
}

async fn feed(
    state: &AppState,
    lang: Lang,
    of: Followed,
    (before, next): (Option<Before>, Option<Before>),
    steps: &[Step],
) -> Result<FeedPage, Problem> {
    let (app, origin) = (state.app(), state.origin());
    let (author, called) = match of {
        Followed::All => (district(state, lang), None),
        Followed::Village(code) => (app.village_name(code).await?, None),
        Followed::Matter(code, id) => (app.village_name(code).await?, app.called(code, id).await?.title),
    };
    let title = match called {
        Some(title) => lang.t("feed-of-matter").with("place", author.clone()).with("title", title),
        None => lang.t("feed-of").with("place", author.clone()),
    };
    let at = |before: Option<Before>| {
        let before = before.map(|last| format!("&before={}", written(last))).unwrap_or_default();
        format!("{origin}{}/feed.atom?lang={}{before}", path(of), lang.code())
    };
    Ok(FeedPage {
        lang,
        id: format!("{}{}", tag(origin, &format!("feed{}", path(of))), lang.code()),
        title: in_xml(&title.to_string()),
        updated: steps.first().map_or(Time::from_ms(0).unwrap_or(app.now()), |step| step.row.time),
        author: in_xml(&author),
        own: at(before),
        page: format!("{origin}{}", if path(of).is_empty() { "/".to_owned() } else { path(of) }),
        next: next.map(|next| at(Some(next))),
        entries: steps.iter().map(|step| entry(origin, lang, step)).collect(),
    })
}

fn district(state: &AppState, lang: Lang) -> String {
    let name = &state.config().district_name;
    if name.is_empty() { lang.t("brand").to_string() } else { name.clone() }
}

fn entry(origin: &Origin, lang: Lang, step: &Step) -> FeedEntry {
    let code = step.kind.code();
    FeedEntry {
        id: tag(origin, &format!("log/v/{}/{}", step.row.village, step.row.seq)),
        title: in_xml(&line(lang, step)),
        at: step.row.time,
        village: in_xml(&step.village),
        kind: code,
        href: format!("{origin}{}", page_of(&step.row)),
        summary: in_xml(&summary(lang, step)),
    }
}

/// What happened, in a line: the village, the step, the matter.
#[must_use]
pub fn line(lang: Lang, step: &Step) -> String {
    let (village, kind) = (step.village.clone(), lang.named("kind", step.kind.code()).to_string());
    let line = match &step.called.title {
        Some(title) => lang.t("feed-line-matter").with("title", title.clone()),
        None => lang.t("feed-line"),
    };
    line.with("village", village).with("kind", kind).to_string()
}

fn summary(lang: Lang, step: &Step) -> String {
    let entry = lang.t("feed-entry").with("n", step.row.seq).with("date", lang.date(step.row.time.date())).to_string();
    match &step.called.category {
        Some(category) => lang
            .t("feed-entry-category")
            .with("entry", entry)
            .with("category", lang.named("category", category).to_string())
            .to_string(),
        None => entry,
    }
}

/// The page about a step: its matter's, its session's, or its place in the record.
#[must_use]
pub fn page_of(row: &StepRow) -> String {
    let village = row.village;
    match (row.matter, row.session) {
        (Some(matter), _) => format!("/v/{village}/m/{matter}"),
        (None, Some(session)) => format!("/v/{village}/s/{session}"),
        (None, None) => format!("/v/{village}/record?from={seq}#e{seq}", seq = row.seq),
    }
}

fn path(of: Followed) -> String {
    match of {
        Followed::All => String::new(),
        Followed::Village(code) => format!("/v/{code}"),
        Followed::Matter(code, id) => format!("/v/{code}/m/{id}"),
    }
}

/// A permanent name below the server's own (RFC 4151): a host that isn't reached at the usual port has it in what follows.
fn tag(origin: &Origin, what: &str) -> String {
    let authority = origin.authority();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !port.ends_with(']') => (host, format!("{port}/")),
        _ => (authority, String::new()),
    };
    let host = if host.starts_with('[') { "localhost" } else { host };
    format!("tag:{host},{NAMED_SINCE}:{port}{what}")
}

fn written(last: Before) -> String {
    format!("{}~{}~{}", last.time.ms(), last.village, last.seq)
}

/// Reads `1763697600000~331102001206~45`: where a page ended.
fn read_before(text: &str) -> Option<Before> {
    let mut parts = text.splitn(3, '~');
    let time = Time::from_ms(parts.next()?.parse().ok()?)?;
    let village = parts.next()?.parse().ok()?;
    Some(Before { time, village, seq: parts.next()?.parse().ok()? })
}

/// The feed, or that what the reader has is still it: by its bytes, since a title may be taken back; by time for readers that know
/// of nothing else (RFC 9110, 13.2.2).
fn fresh(headers: &HeaderMap, updated: Time, xml: String) -> Response {
    let hash = sha256(&[xml.as_bytes()]).to_string();
    // Weak, since the same feed goes out plain and compressed.
    let tag = format!("W/\"{}\"", &hash[..32]);
    let modified = Timestamp::from_millisecond(updated.ms()).ok();
    let printed = modified.and_then(|time| rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok());
    let mut heads = vec![(ETAG, tag.clone()), (CACHE_CONTROL, "no-cache".to_owned())];
    heads.extend(printed.map(|time| (LAST_MODIFIED, time)));
    let sent = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let known = match (sent(IF_NONE_MATCH), sent(IF_MODIFIED_SINCE)) {
        (Some(tags), _) => tags.split(',').any(|known| known.trim() == tag),
        (None, Some(since)) => {
            let since = rfc2822::DateTimeParser::new().parse_timestamp(since).ok();
            since.zip(modified).is_some_and(|(since, modified)| modified.as_second() <= since.as_second())
        }
        (None, None) => false,
    };
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, FEED_TYPE)], xml).into_response()
    };
    for (name, value) in heads {
        if let Ok(value) = value.try_into() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::{read_before, tag, written};
    use crate::config::Origin;

    #[test]
    fn names_are_those_of_rfc_4151_whatever_the_address() {
        let of = |origin: &str| tag(&origin.parse::<Origin>().expect("an origin"), "log/v/1/2");
        assert_eq!(of("https://vote.example"), "tag:vote.example,2026-01-01:log/v/1/2");
        assert_eq!(of("https://vote.example:8443"), "tag:vote.example,2026-01-01:8443/log/v/1/2");
        assert_eq!(of("http://[::1]:8080"), "tag:localhost,2026-01-01:8080/log/v/1/2");
        assert_eq!(of("http://[::1]"), "tag:localhost,2026-01-01:log/v/1/2");
    }

    #[test]
    fn where_a_page_ended_is_read_back() {
        let last = read_before("1763697600000~331102001206~45").expect("a place");
        assert_eq!(written(last), "1763697600000~331102001206~45");
        for bad in ["", "1", "x~331102001206~1", "1~33~1", "1~331102001206~-1", "1~331102001206"] {
            assert_eq!(read_before(bad), None, "{bad}");
        }
    }
}
