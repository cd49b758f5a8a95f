//! A representative's own list of households as a paper: to be carried from door to door.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::app::households::{Days, Home, What};
use crate::app::print::draw::About;
use crate::app::print::line::{Side, Style};
use crate::app::print::sheet::{Block, Format, Sheet};
use crate::app::views::library::Wanted;
use crate::core::clock::Time;
use crate::core::ids::{MatterId, VillageCode};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::Place;
use crate::http::print::{pdf, words};
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit};
use crate::http::read::rows;
use crate::http::session::Identity;
use crate::http::state::AppState;

/// What stands on the list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The reader's language.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Whose list it is.
    pub name: String,
    /// The matter it is carried round for.
    pub matter: Option<String>,
    /// Households with the days on which they were asked and told.
    pub rows: Vec<(Home, [Option<crate::core::clock::Date>; 2])>,
    /// When it was printed.
    pub at: Time,
}

/// For which matter.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    matter: Option<MatterId>,
}

/// `GET /v/{code}/households/file`: the PDF, of the reader's own list alone.
///
/// # Errors
/// `NotFound` for who is no representative, and for a matter that isn't there; no font; the store's.
pub async fn file(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At(code): At<VillageCode>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (app, person) = (state.app(), identity.person);
    let homes = app.households(code, person).await?;
    let view = View::of(app, &visit, code).await?;
    let mut wanted = Wanted::default();
    rows::want_titles(asked.matter.and_then(|id| view.state().matter(id)), &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let mut talks = std::collections::BTreeMap::new();
    let mut title = None;
    if let Some(id) = asked.matter {
        let matter = view.state().matter(id).ok_or_else(|| Problem::new(Code::NotFound))?;
        talks = app.talks(code, person, (id, matter.round)).await?;
        title = Some(view.title(matter));
    }
    let day = |what: What, home: &Home| talks.get(&what).and_then(|days: &Days| days.get(&home.id)).copied();
    let listed = Listed {
        c: visit.c.clone(),
        place: view.place.clone(),
        name: view.name_of(person),
        matter: title,
        rows: homes
            .into_iter()
            .map(|home| {
                let days = What::ALL.map(|what| day(what, &home));
                (home, days)
            })
            .collect(),
        at: view.now,
    };
    let sheet = sheet(&listed);
    pdf(&state, format!("{code}-households"), move |fonts| sheet.file(fonts)).await
}

/// The list as a paper, with room to write where nothing is noted.
#[must_use]
pub fn sheet(listed: &Listed) -> Sheet {
    let c = &listed.c;
    let title = c.t("households-title").to_string();
    let middle = |size: f32| Style::of(size).at(Side::Middle);
    let mut facts = vec![(c.t("role-representative").to_string(), listed.name.clone())];
    facts.extend(listed.matter.iter().map(|matter| (c.t("households-matter").to_string(), matter.clone())));
    let head = ["choices-number", "households-label", "people-group", "households-head-asked", "households-head-told"];
    let head = head.iter().map(|key| c.t(*key).to_string()).chain([c.t("list-remark").to_string()]).collect();
    let day = |day: &Option<crate::core::clock::Date>| day.map(|day| c.lang.short_date(day)).unwrap_or_default();
    let row = |(n, (home, days)): (usize, &(Home, [Option<crate::core::clock::Date>; 2]))| {
        let group = home.group.map(|group| group.to_string()).unwrap_or_default();
        vec![n.to_string(), home.label.clone(), group, day(&days[0]), day(&days[1]), String::new()]
    };
    let rows = (1..).zip(&listed.rows).map(row).collect();
    let blocks = vec![
        Block::Heading(words::village(&listed.place), middle(14.0)),
        Block::Heading(title.clone(), middle(22.0).bold()),
        Block::Space(4.0),
        Block::Facts(facts, words::TEXT),
        Block::Space(4.0),
        words::line(c.t("households-private").to_string()),
        Block::Table(vec![0.7, 3.2, 0.9, 1.6, 1.6, 2.2], head, rows, 11.5),
    ];
    let about = About::Archive { title: title.clone(), language: c.lang.code(), as_of: listed.at };
    Sheet { format: Format::A4, about, fills: false, head: title, foot: words::foot(c), blocks }
}
