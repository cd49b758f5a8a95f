//! Lists for a session: whom to call, slips to hand out, the register of service; agenda, seats, who does what.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::app::accesses::Action;
use crate::app::print::draw::About;
use crate::app::print::line::{Side, Style};
use crate::app::print::sheet::{Block, Format, Sheet};
use crate::app::service::{DUTIES, Member, Register};
use crate::app::views::library::Wanted;
use crate::core::ids::{SessionId, VillageCode};
use crate::core::model::Role;
use crate::core::state::session::Session;
use crate::http::act::service::{by_group, who_has};
use crate::http::pages::chrome::Chrome;
use crate::http::print::minutes::keeps_papers;
use crate::http::print::{pdf, words};
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit};
use crate::http::read::rows;
use crate::http::read::session::tellers;
use crate::http::state::AppState;

/// Who may have lists with names that are not on record.
const KEEPERS: [Role; 2] = [Role::Clerk, Role::SupervisionCommittee];
/// Size of what stands in rows that are filled in by hand, in points.
const HAND: f32 = 15.0;
/// Matters on a slip; of more it says how many.
const ON_A_SLIP: usize = 3;
/// Side of the code on a slip, in points.
const SLIP_CODE: f32 = 84.0;

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum List {
    /// Whom to call: those who were not told yet, by villager group.
    Calls,
    /// A slip for each member, to be handed out.
    Slips,
    /// Who was told how and when.
    Register,
    /// What comes after what.
    Agenda,
    /// Who sits where: by number, with names for those who keep papers.
    Seats,
    /// Who does what.
    Duties,
}

impl List {
    fn code(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Slips => "slips",
            Self::Register => "register",
            Self::Agenda => "agenda",
            Self::Seats => "seats",
            Self::Duties => "duties",
        }
    }

    /// Whether everyone may have it.
    fn is_public(self) -> bool {
        matches!(self, Self::Agenda | Self::Seats)
    }
}

/// `GET /v/{code}/s/{session}/lists/{list}/file`: the PDF.
///
/// # Errors
/// There is no such session or list; it isn't for this reader; no font.
pub async fn file(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id, list)): At<(VillageCode, SessionId, List)>,
) -> Result<Response, Problem> {
    let keeps = visit.roles(code).iter().any(|role| KEEPERS.contains(role));
    if !keeps && !list.is_public() {
        return Err(Problem::new(if visit.identity.is_some() { Code::NotAllowed } else { Code::NotSignedIn }));
    }
    if !list.is_public() {
        state.app().note_access(code, visit.known(), Action::List, &format!("s/{id}")).await?;
    }
    let sheet = sheet_of(&state, &visit, code, id, list).await?;
    pdf(&state, format!("{code}-{id}-{}", list.code()), move |fonts| sheet.file(fonts)).await
}

/// A list as a paper. Whether the reader may have it is the caller's to ask.
///
/// # Errors
/// There is no such session; the store's.
pub async fn sheet_of(
    state: &AppState,
    visit: &Visit,
    code: VillageCode,
    id: SessionId,
    list: List,
) -> Result<Sheet, Problem> {
    let app = state.app();
    let missing = || Problem::new(Code::NotFound);
    let view = View::of(app, visit, code).await?;
    let register = app.register(code, id).await?;
    let session = view.state().session(id).ok_or_else(missing)?;
    let mut wanted = Wanted::default();
    rows::want_agenda(view.state(), [session], &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let session = view.state().session(id).ok_or_else(missing)?;
    let maker = Maker {
        c: &visit.c,
        view: &view,
        session,
        register: &register,
        link: format!("{}/v/{code}/s/{id}/ready", state.origin()),
    };
    Ok(maker.sheet(list))
}

struct Maker<'a> {
    c: &'a Chrome,
    view: &'a View<'a>,
    session: &'a Session,
    register: &'a Register,
    link: String,
}

impl Maker<'_> {
    fn sheet(&self, list: List) -> Sheet {
        let c = self.c;
        let title = c.named("list-title", list.code()).to_string();
        let mut blocks = if list == List::Slips { Vec::new() } else { self.head(&title) };
        blocks.extend(match list {
            List::Calls => self.calls(),
            List::Slips => self.register.members.iter().map(|member| self.slip(member)).collect(),
            List::Register => self.told(),
            List::Agenda => self.agenda(),
            List::Seats => self.seats(),
            List::Duties => self.duties(),
        });
        let head = format!("{} {title}", self.what());
        // Lists of people are of the moment; they follow from the private tables and not from the record.
        let as_of = self.view.state().last.time;
        let about = About::Archive { title: head.clone(), language: c.lang.code(), as_of };
        Sheet { format: Format::A4, about, fills: false, head, foot: words::foot(c), blocks }
    }

    fn what(&self) -> String {
        let c = self.c;
        format!("{} {} {}", self.view.place.name, c.named("body", self.session.body.code()), self.when())
    }

    fn when(&self) -> String {
        let (c, at) = (self.c, self.session.starts_at);
        format!("{} {}", c.lang.time(at), c.lang.weekday(at.date()))
    }

    fn head(&self, title: &str) -> Vec<Block> {
        let middle = |size: f32| Style::of(size).at(Side::Middle);
        vec![
            Block::Heading(words::village(&self.view.place), middle(14.0)),
            Block::Heading(title.to_owned(), middle(22.0).bold()),
            Block::Space(4.0),
            Block::Facts(self.facts(), words::TEXT),
            Block::Space(4.0),
        ]
    }

    fn facts(&self) -> Vec<(String, String)> {
        let c = self.c;
        let body = c.named("body", self.session.body.code()).to_string();
        vec![
            (c.t("list-body").to_string(), body),
            (c.t("notice-when").to_string(), self.when()),
            (c.t("notice-hall").to_string(), self.view.hall(self.session)),
        ]
    }

    fn titles(&self) -> Vec<String> {
        let matters = self.session.agenda.iter().filter_map(|item| self.view.state().matter(item.matter));
        matters.map(|matter| self.view.title(matter)).collect()
    }

    fn group(&self, group: Option<u16>) -> String {
        let c = self.c;
        group.map_or_else(|| c.t("service-no-group"), |n| c.t("service-group").with("n", n)).to_string()
    }

    fn reached(&self) -> Block {
        let (told, all) = (self.register.count(Member::is_told), self.register.members.len());
        words::line(self.c.t("service-reached").with("told", told).with("members", all).to_string())
    }

    fn calls(&self) -> Vec<Block> {
        let c = self.c;
        let mut blocks = vec![self.reached(), words::line(c.t("service-personal").to_string())];
        let left = self.register.members.iter().filter(|member| !member.is_told());
        let groups = by_group(left);
        if groups.is_empty() {
            blocks.push(words::line(c.t("list-all-told").to_string()));
        }
        let head = ["choices-number", "choices-name", "list-key", "list-phone", "list-told-when", "list-remark"];
        let head: Vec<String> = head.iter().map(|key| c.t(*key).to_string()).collect();
        for (group, members) in groups {
            blocks.push(words::heading(self.group(group)));
            let row = |member: &Member| {
                let key = c.named("service-key", member.readiness.code()).to_string();
                let name = self.view.name_of(member.person);
                vec![member.no.to_string(), name, key, String::new(), String::new(), String::new()]
            };
            let rows = members.into_iter().map(row).collect();
            blocks.push(Block::Table(vec![0.8, 1.6, 2.0, 2.2, 2.0, 1.8], head.clone(), rows, 11.0));
        }
        blocks
    }

    /// One member's slip: what it is about, the code, and a receipt to sign; then the line to cut along.
    fn slip(&self, member: &Member) -> Block {
        let c = self.c;
        let number = c.t("print-number").with("n", member.no).to_string();
        let whom = format!("{} {number}", self.view.name_of(member.person));
        let titles = self.titles();
        let mut listed =
            titles.iter().take(ON_A_SLIP).cloned().collect::<Vec<_>>().join(&c.t("list-comma").to_string());
        if titles.len() > ON_A_SLIP {
            listed.push_str(&c.t("slip-more").with("n", titles.len()).to_string());
        }
        let what = format!("{} {}", self.view.place.name, c.t("slip-title"));
        let facts = vec![
            (c.t("slip-for").to_string(), format!("{whom} · {}", self.group(member.group))),
            (c.t("notice-when").to_string(), self.when()),
            (c.t("notice-hall").to_string(), self.view.hall(self.session)),
            (c.t("notice-agenda").to_string(), listed),
        ];
        let mut steps: Vec<String> = (1..=3).map(|n| c.t(format!("slip-step-{n}")).to_string()).collect();
        steps.push(self.link.clone());
        let small = Style::of(9.0).led(1.4);
        let first = (c.t("slip-scan").to_string(), Style::of(11.0).bold().led(1.4));
        let beside = std::iter::once(first).chain(steps.into_iter().map(|step| (step, small))).collect();
        Block::Together(vec![
            Block::Heading(what, Style::of(14.0).bold().at(Side::Middle).led(1.4)),
            Block::Facts(facts, 11.0),
            Block::Codes(vec![(self.link.clone(), beside)], SLIP_CODE),
            Block::Text(c.t("slip-receipt").to_string(), Style::of(11.0).led(2.0)),
            Block::Cut,
        ])
    }

    fn told(&self) -> Vec<Block> {
        let c = self.c;
        let head = ["choices-number", "choices-name", "list-group", "list-told", "list-confirmed", "print-signature"];
        let head = head.iter().map(|key| c.t(*key).to_string()).collect();
        let row = |member: &Member| {
            let notes = member.standing().map(|note| {
                let way = c.named("service-way", &note.how);
                format!("{way} {} {}", c.lang.short_date(note.told.date()), c.lang.clock(note.told))
            });
            let told = notes.collect::<Vec<_>>().join(&c.t("list-comma").to_string());
            let told = if told.is_empty() { c.t("service-not-told").to_string() } else { told };
            let confirmed = if member.is_confirmed() { "✓" } else { "" };
            let group = member.group.map(|group| group.to_string()).unwrap_or_default();
            let name = self.view.name_of(member.person);
            vec![member.no.to_string(), name, group, told, confirmed.to_owned(), String::new()]
        };
        let rows = self.register.members.iter().map(row).collect();
        vec![
            self.reached(),
            words::line(c.t("service-personal").to_string()),
            Block::Table(vec![0.8, 1.5, 0.8, 3.4, 0.9, 2.0], head, rows, 10.5),
            Block::Space(8.0),
            Block::Signatures(
                ["role-clerk", "print-supervision"].map(|key| c.t(key).to_string()).to_vec(),
                words::TEXT,
            ),
        ]
    }

    fn agenda(&self) -> Vec<Block> {
        let (c, session) = (self.c, self.session);
        let head = ["list-clock", "list-order"].map(|key| c.t(key).to_string()).to_vec();
        let door = (c.lang.clock(session.door()), c.t("agenda-door").to_string());
        let begin = (c.lang.clock(session.starts_at), c.t("agenda-begin").to_string());
        let item = |(n, (title, item)): (usize, (String, &crate::core::act::session::AgendaItem))| {
            let mode = c.named("mode", self.view.mode(session, item));
            let text = c.t("agenda-item").with("n", n).with("title", title).with("mode", mode);
            (String::new(), text.to_string())
        };
        let items = (1..).zip(self.titles().into_iter().zip(&session.agenda)).map(item);
        let end = ["agenda-minutes", "agenda-end"].map(|key| (String::new(), c.t(key).to_string()));
        let rows = [door, begin].into_iter().chain(items).chain(end).map(|(when, what)| vec![when, what]);
        vec![
            Block::Table(vec![1.2, 6.0], head, rows.collect(), words::TEXT),
            Block::Space(6.0),
            words::line(c.t("agenda-clerical").to_string()),
        ]
    }

    /// Three members in a row, their numbers large enough to find one's place by.
    fn seats(&self) -> Vec<Block> {
        let c = self.c;
        let named = keeps_papers(self.view.visit, self.view.village());
        let (number, name) = (c.t("choices-number").to_string(), c.t("choices-name").to_string());
        let head: Vec<String> = (0..3).flat_map(|_| [number.clone(), name.clone()]).collect();
        let cells = |member: &Member| {
            let name = if named { self.view.name_of(member.person) } else { String::new() };
            [member.no.to_string(), name]
        };
        let rows = self.register.members.chunks(3).map(|three| {
            let mut row: Vec<String> = three.iter().flat_map(cells).collect();
            row.resize(6, String::new());
            row
        });
        let rows = rows.collect();
        let mut blocks = vec![Block::Table(vec![0.8, 2.2, 0.8, 2.2, 0.8, 2.2], head, rows, 14.0)];
        if self.session.roster.is_empty() {
            blocks.insert(
                0,
                Block::Framed(c.t("seats-draft").to_string(), Style::of(12.0).bold().at(Side::Middle).led(1.4)),
            );
        }
        blocks
    }

    /// Who does what on the day, with room to write: tellers who are named in the session have their lines, too.
    fn duties(&self) -> Vec<Block> {
        let c = self.c;
        let head = ["list-duty", "choices-name", "print-signature"].map(|key| c.t(key).to_string()).to_vec();
        let row = |what: String, who: String| vec![what, who, String::new()];
        let mut rows = vec![row(c.t("print-chair").to_string(), String::new())];
        let named = tellers(self.view, self.session);
        for role in [Role::Caller, Role::Counter, Role::Scrutineer] {
            let who = named.iter().find(|who| who.role == role.code()).and_then(|who| who.name.clone());
            rows.push(row(c.named("role", role.code()).to_string(), who.unwrap_or_default()));
        }
        let carrying: Vec<String> = named
            .iter()
            .filter(|who| who.role == Role::BoxScrutineer.code())
            .filter_map(|who| who.name.clone())
            .collect();
        for duty in DUTIES {
            let on_record = carrying.join(&c.t("list-comma").to_string());
            let who = Some(on_record).filter(|who| duty == "mobile_box" && !who.is_empty());
            let who = who.unwrap_or_else(|| who_has(self.register, duty));
            rows.push(row(c.named("service-duty", duty).to_string(), who));
        }
        let mut blocks = vec![Block::Table(vec![2.4, 3.0, 2.0], head, rows, HAND)];
        if self.session.tellers.is_none() {
            blocks.push(words::line(c.t("list-tellers-later").to_string()));
        }
        blocks
    }
}
