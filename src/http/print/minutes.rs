//! The minutes of a session as a paper: what the record says of it, with lines for signatures. It can be handed in as the
//! document that the minutes' signers commit to.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::app::App;
use crate::app::accesses::Action;
use crate::app::counting::{Invalid, Papers};
use crate::app::print::PrintError;
use crate::app::print::draw::About as AboutFile;
use crate::app::print::font::Fonts;
use crate::app::print::line::{Side, Style};
use crate::app::print::sheet::{Block, Format, Sheet};
use crate::app::views::library::Wanted;
use crate::app::views::told::About;
use crate::core::act::Kind;
use crate::core::clock::Time;
use crate::core::ids::{MatterId, SessionId, VillageCode};
use crate::core::model::{QuestionCode, Role};
use crate::core::state::session::{Session, SessionStatus};
use crate::http::act::filled::{Filled, address};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::matter::QuestionState;
use crate::http::pages::session::{AgendaItem, SessionPage};
use crate::http::print::{filled, pdf, words};
use crate::http::problem::{Code, Problem};
use crate::http::read::ballots::{BoxCount, OnPaper, want_questions};
use crate::http::read::context::View;
use crate::http::read::door::{NotedInMinutes, noted};
use crate::http::read::frame::{At, Visit};
use crate::http::read::session::session_page;
use crate::http::read::{acts, rows, sheet};
use crate::http::state::AppState;

/// Who may have the attendance with names: those who keep the village's papers, and who inspects them.
const KEEPERS: [Role; 6] = [
    Role::Clerk,
    Role::Chair,
    Role::BranchSecretary,
    Role::SupervisionCommittee,
    Role::TownshipDisciplineOfficer,
    Role::DisciplineInspector,
];

/// Whether the minutes can still change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A question is not decided yet.
    Draft,
    /// All is announced; the signatures are missing.
    Ready,
    /// Signed, as this entry.
    Signed(u64),
}

/// What the record says of an agenda item, besides what the session's page shows.
#[derive(Debug, Clone, Default)]
pub struct ItemFacts {
    /// The words of its plan, a paragraph each.
    pub plan: Vec<String>,
    /// Amount in fen, where there is one.
    pub amount: Option<u64>,
    /// Numbers of the members who did not take part in it.
    pub recused: Vec<u32>,
    /// Paper ballots of each question, in the page's order.
    pub on_paper: Vec<Option<OnPaper>>,
    /// Spoiled papers of each question that were replaced, as two people noted.
    pub spoiled: Vec<Option<u64>>,
    /// Why papers of each question were invalid, as both tellers found, and how many.
    pub reasons: Vec<Vec<(Invalid, u32)>>,
}

/// What the minutes are made of.
#[derive(Debug, Clone)]
pub struct Minutes {
    /// The session's page, as this reader sees it.
    pub page: SessionPage,
    /// For each item of its agenda.
    pub items: Vec<ItemFacts>,
    /// Whether they can still change.
    pub standing: Standing,
    /// The attendance has names and room to sign.
    pub named: bool,
    /// Where the record is checked.
    pub link: String,
    /// Where the signed paper's photograph goes, as long as the minutes with names are not on record.
    pub filed: Option<String>,
    /// What was noted at the door, beside the record.
    pub noted: NotedInMinutes,
    /// State of the record in short: origin, size, root.
    pub checkpoint: (String, u64, String),
    /// Time of the record's newest entry.
    pub as_of: Time,
}

/// How the minutes are wanted.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// With the names of those who attended.
    #[serde(default)]
    named: bool,
}

/// `GET /v/{code}/s/{session}/minutes/file`: the PDF.
///
/// # Errors
/// There is no such session, or its roster is not fixed; names are asked for by somebody who doesn't keep papers; no font.
pub async fn file(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id)): At<(VillageCode, SessionId)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let minutes = minutes(&state, &visit, code, id, asked.named).await?;
    if asked.named {
        state.app().note_access(code, visit.known(), Action::Minutes, &format!("s/{id}")).await?;
    }
    pdf(&state, format!("{code}-{id}-minutes"), move |fonts| minutes.file(fonts)).await
}

/// The minutes of a session as they stand now.
///
/// # Errors
/// As [`file`].
pub async fn minutes(
    state: &AppState,
    visit: &Visit,
    code: VillageCode,
    id: SessionId,
    named: bool,
) -> Result<Minutes, Problem> {
    let app = state.app();
    if named && !keeps_papers(visit, code) {
        return Err(Problem::new(Code::NotAllowed));
    }
    // What everybody may read stays so, whoever prints it: it may be handed in as a public document.
    let identity = visit.identity.clone().filter(|_| named);
    let reader = Visit { c: visit.c.clone(), identity };
    let view = View::of(app, &reader, code).await?;
    let missing = || Problem::new(Code::NotFound);
    let session = view.state().session(id).filter(|session| !session.roster.is_empty()).ok_or_else(missing)?;
    let told = app.told(code, About::Session(id)).await?;
    let mut wanted = Wanted::default();
    acts::want(&told, &mut wanted);
    rows::want_agenda(view.state(), [session], &mut wanted);
    for item in &session.agenda {
        want_questions(&view, session, item, &mut wanted);
        let settled = view.state().matter(item.matter).and_then(|matter| matter.settled.as_ref());
        wanted.spoken.extend(settled.map(|settled| settled.plan.sha256));
    }
    let view = view.fetch(app, &wanted).await?;
    let session = view.state().session(id).ok_or_else(missing)?;
    let ledger = &view.live.ledger;
    let noted = noted(app, view.state(), code, id, session).await?;
    let mut items: Vec<ItemFacts> = session.agenda.iter().map(|item| facts(&view, session, item, &noted)).collect();
    for (item, facts) in session.agenda.iter().zip(&mut items) {
        for question in view.codes(session, item) {
            facts.reasons.push(reasons(app, session, &papers(code, id, item.matter, question)).await?);
        }
    }
    let standing = standing(&view, session);
    let filed = named && standing == Standing::Ready;
    Ok(Minutes {
        page: session_page(&view, id, session, &told),
        items,
        standing,
        named,
        filed: filed.then(|| address(state, code, Filled::Minutes, &id)),
        noted,
        link: format!("{}/check?village={code}", state.origin()),
        checkpoint: (view.state().origin.clone(), ledger.frontier.size(), ledger.frontier.root().to_string()),
        as_of: view.state().last.time,
    })
}

/// Whether the reader is one of those who keep the village's papers.
#[must_use]
pub fn keeps_papers(visit: &Visit, code: VillageCode) -> bool {
    visit.roles(code).iter().any(|role| KEEPERS.contains(role))
}

fn facts(
    view: &View<'_>,
    session: &Session,
    item: &crate::core::act::session::AgendaItem,
    noted: &NotedInMinutes,
) -> ItemFacts {
    let settled = view.state().matter(item.matter).and_then(|matter| matter.settled.as_ref());
    let recused = session.recused.iter().filter(|(matter, _)| *matter == item.matter);
    ItemFacts {
        plan: settled.map(|settled| sheet::plan_paragraphs(view, &settled.plan)).unwrap_or_default(),
        amount: settled.map(|settled| settled.amount_fen).filter(|fen| *fen > 0),
        recused: recused.map(|(_, voter)| *voter).collect(),
        on_paper: view.on_paper(session, item),
        spoiled: noted.spoiled_of(view, session, item),
        reasons: Vec::new(),
    }
}

fn papers(village: VillageCode, session: SessionId, matter: MatterId, question: QuestionCode) -> Papers {
    Papers { village, session, matter, question }
}

/// Why papers of a question were invalid. The record has only how many.
async fn reasons(app: &App, session: &Session, papers: &Papers) -> Result<Vec<(Invalid, u32)>, Problem> {
    let voting = session.voting_of(papers.matter, &papers.question);
    let Some((tellers, voting)) = session.tellers.as_ref().zip(voting) else { return Ok(Vec::new()) };
    Ok(app.reasons(papers, tellers, voting).await?)
}

fn standing(view: &View<'_>, session: &Session) -> Standing {
    if let Some(paper) = session.papers.paper(Kind::MinutesSigned) {
        return Standing::Signed(paper.at.seq);
    }
    let decided = session.agenda.iter().all(|item| view.state().is_decided(session, item));
    if decided || session.status == SessionStatus::Failed { Standing::Ready } else { Standing::Draft }
}

impl Minutes {
    /// The PDF.
    ///
    /// # Errors
    /// Too long; it can't be written.
    pub fn file(&self, fonts: &Fonts) -> Result<Vec<u8>, PrintError> {
        self.sheet().file(fonts)
    }

    /// The paper.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let (page, c) = (&self.page, &self.page.c);
        let title = c.t("doc-minutes").to_string();
        let what = format!("{} {}", words::village(&page.place), c.named("body", &page.body));
        let head = format!("{what} {} {title}", c.lang.date(page.at.date()));
        let mark = match self.standing {
            Standing::Draft => Some("print-minutes-draft"),
            Standing::Ready => Some("print-minutes-ready"),
            Standing::Signed(_) => None,
        };
        let middle = |size: f32| Style::of(size).at(Side::Middle);
        let mut blocks = vec![Block::Heading(what.clone(), middle(14.0)), Block::Heading(title, middle(24.0).bold())];
        if let Some(mark) = mark {
            blocks.push(Block::Framed(c.t(mark).to_string(), middle(12.0).bold().led(1.4)));
        }
        blocks.push(Block::Space(6.0));
        blocks.push(Block::Facts(self.facts(), words::TEXT));
        blocks.push(words::heading(c.t("session-agenda").to_string()));
        blocks.push(Block::List(page.agenda.iter().map(|item| item.title.clone()).collect(), words::TEXT));
        for (number, (item, facts)) in (1..).zip(page.agenda.iter().zip(&self.items)) {
            blocks.extend(self.item(number, item, facts));
        }
        blocks.extend(self.attendance());
        blocks.push(self.signatures());
        blocks.push(self.record());
        let draft = self.standing == Standing::Draft;
        let head = if draft { format!("{} · {head}", c.t("print-draft")) } else { head };
        let about = AboutFile::Archive { title: head.clone(), language: c.lang.code(), as_of: self.as_of };
        Sheet { format: Format::A4, about, fills: false, head, foot: words::foot(c), blocks }
    }

    fn facts(&self) -> Vec<(String, String)> {
        let (page, c) = (&self.page, &self.page.c);
        let when = format!("{} {}", c.lang.time(page.at), c.lang.weekday(page.at.date()));
        let mut facts =
            vec![(c.t("notice-when").to_string(), when), (c.t("notice-hall").to_string(), page.hall.clone())];
        facts.extend(page.again.map(|again| (c.t("print-again").to_string(), words::again(c, again))));
        let channels: Vec<String> = page.channels.iter().map(|way| c.named("channel", way).to_string()).collect();
        facts.push((c.t("print-ways").to_string(), channels.join(&c.t("list-comma").to_string())));
        let there = page.present.map_or_else(|| "—".to_owned(), |n| n.to_string());
        if let Some(eligible) = page.eligible {
            let words = c.t("print-present").with("eligible", eligible).with("present", there);
            facts.push((c.t("session-present-title").to_string(), words.to_string()));
            if let Some(rule) = &page.rule {
                let key = if page.present.is_some_and(|n| n >= rule.quorum_needed) {
                    "print-quorum"
                } else {
                    "print-no-quorum"
                };
                let say = words::joined(c, &[words::quorum(c, rule, eligible), c.t(key).to_string()]);
                facts.push((c.t("rule-quorum-title").to_string(), say));
            }
        }
        for same in page.offices() {
            let names: Vec<String> =
                same.iter().map(|who| who.name.clone().unwrap_or_else(|| c.t("name-hidden").to_string())).collect();
            let role = same.first().map(|who| c.named("role", &who.role).to_string());
            facts.extend(role.map(|role| (role, names.join(&c.t("list-comma").to_string()))));
        }
        facts
    }

    fn item(&self, number: usize, item: &AgendaItem, facts: &ItemFacts) -> Vec<Block> {
        let (page, c) = (&self.page, &self.page.c);
        let mut blocks =
            vec![words::heading(c.t("print-item").with("n", number).with("title", &item.title).to_string())];
        blocks.extend(facts.plan.iter().map(|text| words::paragraph(c, text)));
        let amount = facts.amount.map(|fen| (c.t("matter-amount").to_string(), c.lang.money(fen)));
        let mut how: Vec<(String, String)> = amount.into_iter().collect();
        how.push((c.t("print-mode").to_string(), c.named("mode", &item.mode).to_string()));
        if let Some(rule) = &page.rule {
            how.push((c.t("rule-threshold-title").to_string(), words::threshold(c, rule)));
            how.push((c.t("rule-source-title").to_string(), rule.cited(c.lang)));
        }
        let recused = facts.recused.iter().map(|no| self.member(*no));
        let recused: Vec<String> = recused.collect();
        let nobody = || c.t("print-nobody").to_string();
        let recused = if recused.is_empty() { nobody() } else { recused.join(&c.t("list-comma").to_string()) };
        how.push((c.t("recused").to_string(), recused));
        blocks.push(Block::Facts(how, words::TEXT));
        for (nth, question) in item.questions.iter().enumerate() {
            let mut asked = words::question(c, question);
            if let Some(Some(paper)) = facts.on_paper.get(nth) {
                let reasons = facts.reasons.get(nth).map_or(&[][..], Vec::as_slice);
                asked.extend(self.papers(paper, reasons));
                if let Some(Some(spoiled)) = facts.spoiled.get(nth) {
                    asked.push(words::line(c.t("print-spoiled").with("n", *spoiled).to_string()));
                }
            }
            if question.state == QuestionState::Void {
                asked.push(words::line(c.t("print-void").to_string()));
            }
            blocks.push(Block::Together(asked));
        }
        blocks
    }

    /// What was found in the box; both counts, where there were two.
    fn papers(&self, paper: &OnPaper, reasons: &[(Invalid, u32)]) -> Vec<Block> {
        let c = &self.page.c;
        let found = |key: &'static str, count: &BoxCount| {
            let option = |(code, label, n): &(String, Option<String>, u64)| {
                let words = label.clone().unwrap_or_else(|| c.named("option", code).to_string());
                c.t("print-papers-option").with("option", words).with("n", *n).to_string()
            };
            let options: Vec<String> = count.counts.iter().map(option).collect();
            let say = c.t(key).with("found", count.in_box).with("invalid", count.invalid);
            words::line(say.with("options", options.join(&c.t("list-comma").to_string())).to_string())
        };
        let say = c.t("print-papers").with("issued", paper.issued).with("found", paper.count.in_box);
        let mut lines = vec![words::line(say.with("invalid", paper.count.invalid).to_string())];
        if let Some(first) = &paper.first {
            lines.extend([found("print-papers-first", first), found("print-papers-again", &paper.count)]);
        }
        if !reasons.is_empty() {
            let reason = |(why, n): &(Invalid, u32)| {
                c.t("print-papers-option")
                    .with("option", c.named("count-invalid", why.code()))
                    .with("n", *n)
                    .to_string()
            };
            let reasons: Vec<String> = reasons.iter().map(reason).collect();
            let reasons = reasons.join(&c.t("list-comma").to_string());
            lines.push(words::line(c.t("print-papers-invalid").with("reasons", reasons).to_string()));
        }
        lines.push(words::line(c.t("print-papers-run").to_string()));
        lines
    }

    /// A member by number, with the name on the keepers' copy.
    fn member(&self, no: u32) -> String {
        let c = &self.page.c;
        let line = self.page.roster.iter().find(|line| line.no == no);
        let name = line.and_then(|line| line.name.clone()).filter(|_| self.named);
        let number = c.t("print-number").with("n", no).to_string();
        name.map_or(number.clone(), |name| format!("{number} {name}"))
    }

    fn attendance(&self) -> Vec<Block> {
        let (page, c) = (&self.page, &self.page.c);
        let there = |how: &Option<String>| match how {
            Some(how) => format!("✓ {}", c.named("channel", how)),
            None => c.t("session-absent").to_string(),
        };
        let heading = words::heading(c.t("print-attendance").with("n", page.roster.len()).to_string());
        let (number, came) = (c.t("choices-number").to_string(), c.t("session-there").to_string());
        let table = if self.named {
            let head = vec![number, c.t("choices-name").to_string(), came, c.t("print-signature").to_string()];
            let name = |name: &Option<String>| name.clone().unwrap_or_else(|| c.t("name-hidden").to_string());
            let rows = page
                .roster
                .iter()
                .map(|line| vec![line.no.to_string(), name(&line.name), there(&line.there), String::new()]);
            Block::Table(vec![1.0, 2.6, 2.2, 3.0], head, rows.collect(), 10.5)
        } else {
            let head: Vec<String> = (0..3).flat_map(|_| [number.clone(), came.clone()]).collect();
            let rows = page.roster.chunks(3).map(|three| {
                let mut row: Vec<String> =
                    three.iter().flat_map(|line| [line.no.to_string(), there(&line.there)]).collect();
                row.resize(6, String::new());
                row
            });
            Block::Table(vec![1.0, 2.2, 1.0, 2.2, 1.0, 2.2], head, rows.collect(), 10.5)
        };
        vec![heading, table].into_iter().chain(self.noted()).collect()
    }

    /// What was noted at the door: no entry says it, so these lines and their signers do.
    fn noted(&self) -> Vec<Block> {
        let (c, noted) = (&self.page.c, &self.noted);
        let members = |numbers: &[u32]| {
            numbers.iter().map(|no| self.member(*no)).collect::<Vec<_>>().join(&c.t("list-comma").to_string())
        };
        let mut facts = Vec::new();
        let mut put = |key: &'static str, words: String| {
            if !words.is_empty() {
                facts.push((c.t(key).to_string(), words));
            }
        };
        put("print-seen", members(&noted.seen));
        put("print-unseen", members(&noted.unseen));
        let scribes = noted.scribes.len();
        let many = if scribes == 0 { String::new() } else { c.t("print-scribes-n").with("n", scribes).to_string() };
        // Who needed one is nobody's business but theirs who keep the papers.
        put("print-scribes", if self.named { members(&noted.scribes) } else { many });
        if !noted.observers.is_empty() {
            let names = noted.observers.join(&c.t("list-comma").to_string());
            let many = c.t("print-observers-n").with("n", noted.observers.len()).to_string();
            put("print-observers", if self.named { names } else { many });
        }
        if facts.is_empty() {
            return Vec::new();
        }
        vec![Block::Together(vec![
            words::heading(c.t("print-noted").to_string()),
            Block::Facts(facts, words::TEXT),
            words::line(c.t("print-noted-say").to_string()),
        ])]
    }

    fn signatures(&self) -> Block {
        let c = &self.page.c;
        let of =
            ["print-chair", "print-recorder", "role-caller", "role-counter", "role-scrutineer", "print-supervision"];
        let carrying = self.page.tellers.iter().filter(|who| who.role == Role::BoxScrutineer.code());
        let carrying = carrying.map(|who| c.named("role", &who.role).to_string());
        let of = of.iter().map(|key| c.t(*key).to_string()).chain(carrying).collect();
        Block::Together(vec![
            Block::Space(8.0),
            words::heading(c.t("print-sign").to_string()),
            Block::Signatures(of, words::TEXT),
        ])
    }

    fn record(&self) -> Block {
        let c: &Chrome = &self.page.c;
        let mut blocks = vec![Block::Space(10.0), Block::Rule];
        if let Standing::Signed(seq) = self.standing {
            blocks.push(words::line(c.t("print-minutes-signed").with("seq", seq).to_string()));
        }
        blocks.push(words::line(
            c.t("print-as-of").with("when", c.lang.time(self.as_of)).with("n", self.checkpoint.1).to_string(),
        ));
        let filed = self.filed.as_ref().map(|link| filled::code(c, link));
        let codes = std::iter::once(words::check(c, &self.link)).chain(filed).collect();
        blocks.push(Block::Codes(codes, 84.0));
        blocks.push(words::checkpoint(c, &self.checkpoint));
        Block::Together(blocks)
    }
}
