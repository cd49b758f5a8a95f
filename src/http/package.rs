//! The package for the archive (归档): of a session, or of a matter with its sessions.
//!
//! Without `named` everybody gets the same, whoever asks: public documents, minutes with numbers. With it, clerk and supervision
//! committee get what they may read, minutes with names, and the register of service. An inspector takes evidence of a matter along:
//! what an inspector may read, a receipt of every entry, the verification report, and a page that checks it all.

use std::collections::BTreeSet;
use std::net::IpAddr;

use askama::Template as _;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::app::accesses::Action;
use crate::app::archive::{Both, Cover, Item, Source};
use crate::app::print::sheet::Format;
use crate::app::views::library::Wanted;
use crate::app::views::told::{About, Told};
use crate::core::act::Kind;
use crate::core::ids::{Digest, MatterId, SessionId, VillageCode};
use crate::core::model::{Media, Role};
use crate::core::state::State as Village;
use crate::http::assets;
use crate::http::gate::Caller;
use crate::http::i18n::{Lang, Text};
use crate::http::limits::no_seat;
use crate::http::observe::AsItIs;
use crate::http::pages::accesses::EvidencePage;
use crate::http::pages::record::{Finding, Report};
use crate::http::pages::styles::APP_CSS;
use crate::http::print::lists::{self, List};
use crate::http::print::minutes::minutes;
use crate::http::print::notice;
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit};
use crate::http::read::{acts, check, rows, sheet};
use crate::http::state::AppState;

/// Kinds whose entries go into the package with a receipt: the steps that others rest on.
const PROVED: [Kind; 9] = [
    Kind::PlanPosted,
    Kind::FilingFiled,
    Kind::SessionConvened,
    Kind::RosterFixed,
    Kind::ResultAnnounced,
    Kind::SessionFailed,
    Kind::MinutesSigned,
    Kind::ResolutionPosted,
    Kind::ImplementationSignedOff,
];
/// Kinds that post a notice.
const POSTED: [Kind; 4] = [Kind::PlanPosted, Kind::SessionConvened, Kind::SessionFailed, Kind::ResolutionPosted];
/// Who may have names and papers that are not public.
const KEEPERS: [Role; 2] = [Role::Clerk, Role::SupervisionCommittee];

/// How the package is wanted.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// With names and with papers that the asker may read.
    #[serde(default)]
    named: bool,
}

/// Whether the reader may have the package with names.
#[must_use]
pub fn keeps(visit: &Visit, code: VillageCode) -> bool {
    visit.roles(code).iter().any(|role| KEEPERS.contains(role))
}

/// `GET /v/{code}/s/{session}/package/file`.
///
/// # Errors
/// There is no such session; names are asked for by somebody who doesn't keep papers; no place is free (503), or none for this
/// address (429); no font; the store's.
pub async fn session(
    State(state): State<AppState>,
    visit: Visit,
    Caller(address): Caller,
    At((code, id)): At<(VillageCode, SessionId)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let live = state.app().lives().live(code).await?;
    let session = live.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let matters: Vec<MatterId> = session.agenda.iter().map(|item| item.matter).collect();
    let packer = Packer { state: &state, code, sort: Sort::of(&visit, code, &asked)?, address };
    packer.answer(&visit, About::Session(id), &matters, &[id]).await
}

/// `GET /v/{code}/m/{matter}/package/file`.
///
/// # Errors
/// As [`session`].
pub async fn matter(
    State(state): State<AppState>,
    visit: Visit,
    Caller(address): Caller,
    At((code, id)): At<(VillageCode, MatterId)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let live = state.app().lives().live(code).await?;
    let sessions = sessions_on(live.state(), id)?;
    let packer = Packer { state: &state, code, sort: Sort::of(&visit, code, &asked)?, address };
    packer.answer(&visit, About::Matter(id), &[id], &sessions).await
}

/// `GET /v/{code}/m/{matter}/evidence/file`.
///
/// # Errors
/// As [`session`].
pub async fn evidence(
    State(state): State<AppState>,
    visit: Visit,
    Caller(address): Caller,
    At((code, id)): At<(VillageCode, MatterId)>,
) -> Result<Response, Problem> {
    let live = state.app().lives().live(code).await?;
    let sessions = sessions_on(live.state(), id)?;
    let packer = Packer { state: &state, code, sort: Sort::Evidence, address };
    packer.answer(&visit, About::Matter(id), &[id], &sessions).await
}

/// Sessions with a matter on their agenda.
fn sessions_on(village: &Village, id: MatterId) -> Result<Vec<SessionId>, Problem> {
    village.matter(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let on = village.sessions.iter().filter(|(_, session)| session.item(id).is_some());
    Ok(on.map(|(id, _)| *id).collect())
}

/// Both languages of a text.
fn both(text: impl Fn(Lang) -> Text) -> Both {
    Lang::ALL.map(|lang| text(lang).to_string())
}

/// For whom a package is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Everybody.
    Open,
    /// Those who keep the village's papers.
    Keepers,
    /// An inspector.
    Evidence,
}

impl Sort {
    /// What is asked for at the address of everybody's.
    fn of(visit: &Visit, code: VillageCode, asked: &Asked) -> Result<Self, Problem> {
        match asked.named {
            false => Ok(Self::Open),
            true if keeps(visit, code) => Ok(Self::Keepers),
            true => Err(Problem::new(Code::NotAllowed)),
        }
    }

    /// Whether it has names, and papers that are not public.
    fn is_named(self) -> bool {
        self != Self::Open
    }

    /// The text that says how to check it.
    fn how(self) -> &'static str {
        match self {
            Self::Open => "package-how",
            Self::Keepers => "package-how-named",
            Self::Evidence => "package-how-evidence",
        }
    }
}

struct Packer<'a> {
    state: &'a AppState,
    code: VillageCode,
    sort: Sort,
    address: IpAddr,
}

impl Packer<'_> {
    async fn answer(
        &self,
        visit: &Visit,
        about: About,
        matters: &[MatterId],
        sessions: &[SessionId],
    ) -> Result<Response, Problem> {
        let seat = self.state.packages().take(self.address).map_err(|full| no_seat(self.state, full))?;
        let (app, code) = (self.state.app(), self.code);
        // The papers of a village are in Chinese, whoever asks for them.
        let mut reader =
            Visit { c: visit.c.clone(), identity: visit.identity.clone().filter(|_| self.sort.is_named()) };
        reader.c.lang = Lang::ZhCn;
        self.note(visit, about).await?;
        let live = app.lives().live(code).await?;
        let size = live.ledger.frontier.size();
        let note = live.ledger.checkpoint(&live.key).to_string();
        let told = self.told(matters, sessions).await?;
        let mut items = vec![Item {
            path: "record.sunvote".to_owned(),
            what: both(|lang| lang.t("package-record").with("n", size)),
            source: Source::Record(size, note),
        }];
        self.minutes(&reader, live.state(), sessions, &mut items).await?;
        self.notices(&reader, &told, &mut items).await?;
        self.receipts(&told, &mut items).await?;
        self.documents(&reader, &told, &mut items).await?;
        let title = self.title(&reader, about).await?;
        let mut page = None;
        if self.sort == Sort::Evidence {
            self.report(size, &mut items).await?;
            page = Some(evidence_page(&title)?);
        }
        let how = both(|lang| lang.t(self.sort.how()));
        let cover = Cover { title, how, as_of: live.state().last.time, page };
        let name = match about {
            About::Session(id) => format!("{code}-{id}"),
            About::Matter(id) => format!("{code}-{id}"),
        };
        let headers = [
            (CONTENT_TYPE, "application/zip".to_owned()),
            (CACHE_CONTROL, "private, no-cache".to_owned()),
            (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.zip\"")),
        ];
        // Pictures and PDFs are compressed already; and who fetches the file knows its bytes.
        Ok((headers, Extension(AsItIs), Body::from_stream(app.archive(code, cover, items, seat))).into_response())
    }

    /// Notes who takes what is not public along.
    async fn note(&self, visit: &Visit, about: About) -> Result<(), Problem> {
        let action = match self.sort {
            Sort::Open => return Ok(()),
            Sort::Keepers => Action::Package,
            Sort::Evidence => Action::Evidence,
        };
        let subject = match about {
            About::Matter(id) => format!("m/{id}"),
            About::Session(id) => format!("s/{id}"),
        };
        Ok(self.state.app().note_access(self.code, visit.known(), action, &subject).await?)
    }

    /// What the server found when it verified the record.
    async fn report(&self, size: u64, items: &mut Vec<Item>) -> Result<(), Problem> {
        let report = check::report(self.state.app(), self.code, size).await?;
        let what = both(|lang| lang.t("package-report"));
        let text = Lang::ALL.map(|lang| report_in(lang, &report)).join("\r\n\r\n");
        items.push(Item { path: "verification.txt".to_owned(), what, source: Source::Bytes(text.into_bytes()) });
        Ok(())
    }

    /// What is on record about these, in order, each entry once.
    async fn told(&self, matters: &[MatterId], sessions: &[SessionId]) -> Result<Vec<Told>, Problem> {
        let about = matters.iter().map(|id| About::Matter(*id));
        let mut told = Vec::new();
        for about in about.chain(sessions.iter().map(|id| About::Session(*id))) {
            told.extend(self.state.app().told(self.code, about).await?);
        }
        told.sort_by_key(|told| told.at.seq);
        told.dedup_by_key(|told| told.at.seq);
        Ok(told)
    }

    /// Minutes of each session whose roster was fixed; for the keepers the register of service, too.
    async fn minutes(
        &self,
        reader: &Visit,
        village: &Village,
        sessions: &[SessionId],
        items: &mut Vec<Item>,
    ) -> Result<(), Problem> {
        for id in sessions {
            let Some(session) = village.session(*id) else { continue };
            if !session.roster.is_empty() {
                let minutes = minutes(self.state, reader, self.code, *id, self.sort.is_named()).await?;
                let bytes = self.state.printer().print(move |fonts| minutes.file(fonts)).await?;
                let what = both(|lang| lang.t("package-minutes").with("when", lang.time(session.starts_at)));
                items.push(Item { path: format!("minutes-{id}.pdf"), what, source: Source::Bytes(bytes) });
            }
            if self.sort == Sort::Keepers {
                let sheet = lists::sheet_of(self.state, reader, self.code, *id, List::Register).await?;
                let bytes = self.state.printer().print(move |fonts| sheet.file(fonts)).await?;
                let what = both(|lang| lang.t("package-service").with("when", lang.time(session.starts_at)));
                items.push(Item { path: format!("service-{id}.pdf"), what, source: Source::Bytes(bytes) });
            }
        }
        Ok(())
    }

    async fn notices(&self, reader: &Visit, told: &[Told], items: &mut Vec<Item>) -> Result<(), Problem> {
        let check = format!("{}/check?village={}", self.state.origin(), self.code);
        for one in told.iter().filter(|told| POSTED.contains(&told.statement.kind())) {
            let seq = one.at.seq;
            let notice = sheet::read(self.state, reader, self.code, seq).await?;
            let what =
                both(|lang| lang.t("package-notice").with("what", lang.named("notice", &notice.what)).with("seq", seq));
            let sheet = notice::sheet(&notice, Format::A4, &check);
            let bytes = self.state.printer().print(move |fonts| sheet.file(fonts)).await?;
            items.push(Item { path: format!("notices/{seq}.pdf"), what, source: Source::Bytes(bytes) });
        }
        Ok(())
    }

    /// Receipts, each with the checkpoint of the district and its cosignatures above it.
    async fn receipts(&self, told: &[Told], items: &mut Vec<Item>) -> Result<(), Problem> {
        let app = self.state.app();
        let proved = |kind: Kind| self.sort == Sort::Evidence || PROVED.contains(&kind);
        for one in told.iter().filter(|told| proved(told.statement.kind())) {
            let seq = one.at.seq;
            let kind = one.statement.kind();
            let what =
                both(|lang| lang.t("package-receipt").with("seq", seq).with("what", lang.named("do", kind.code())));
            let bytes = app.published_receipt(self.code, seq).await?;
            items.push(Item { path: format!("receipts/{seq}.tlog-proof"), what, source: Source::Bytes(bytes) });
            if let Some(bytes) = app.district_receipt(self.code, seq).await? {
                let what = both(|lang| lang.t("package-above").with("seq", seq));
                let path = format!("receipts/{seq}-district.tlog-proof");
                items.push(Item { path, what, source: Source::Bytes(bytes) });
            }
        }
        Ok(())
    }

    /// Documents that are named there, are on hand, and that this reader may read.
    async fn documents(&self, reader: &Visit, told: &[Told], items: &mut Vec<Item>) -> Result<(), Problem> {
        let (app, code) = (self.state.app(), self.code);
        let reads = reader.reader(code);
        let mut seen: BTreeSet<Digest> = BTreeSet::new();
        for one in told {
            let shown = acts::shown(&one.statement.act).papers;
            for doc in &one.statement.documents {
                let name = doc.sha256;
                if !seen.insert(name) {
                    continue;
                }
                let row = app.db().read("document", |tx| Box::pin(tx.document(code, name))).await?;
                let Some(row) = row.filter(|row| row.withdrawn.is_none() && !row.erased) else { continue };
                if !app.may_open(&row, &reads).await? {
                    continue;
                }
                let called = shown.iter().find(|(_, doc)| doc.sha256 == name).map_or("doc-text", |(called, _)| *called);
                let seq = one.at.seq;
                let what = both(|lang| lang.t("package-document").with("what", lang.t(called)).with("seq", seq));
                let source = Source::Document(name, ending(doc.media));
                items.push(Item { path: "documents".to_owned(), what, source });
            }
        }
        Ok(())
    }

    async fn title(&self, reader: &Visit, about: About) -> Result<Both, Problem> {
        let app = self.state.app();
        let view = View::of(app, reader, self.code).await?;
        let mut wanted = Wanted::default();
        if let About::Matter(id) = about {
            rows::want_titles(view.state().matter(id), &mut wanted);
        }
        let view = view.fetch(app, &wanted).await?;
        let village = &view.place.name;
        Ok(match about {
            About::Matter(id) => {
                let title = view.state().matter(id).map(|matter| view.title(matter)).unwrap_or_default();
                let key = if self.sort == Sort::Evidence { "package-evidence" } else { "package-matter" };
                both(|lang| lang.t(key).with("village", village).with("title", &title))
            }
            About::Session(id) => both(|lang| {
                let session = view.state().session(id);
                let when = session.map(|session| lang.time(session.starts_at)).unwrap_or_default();
                let body = session.map(|session| lang.named("body", session.body.code()).to_string());
                let text = lang.t("package-session").with("village", village).with("when", when);
                text.with("body", body.unwrap_or_default())
            }),
        })
    }
}

/// The report of a verification in one language.
fn report_in(lang: Lang, report: &Report) -> String {
    let code = report.verdict.code();
    let mut lines = vec![
        lang.named("verdict", code).to_string(),
        lang.named("verdict", &format!("{code}-say")).to_string(),
        format!("{}: {}", lang.t("check-entries"), report.entries),
        format!("{}: {}", lang.t("check-signatures"), report.signatures),
        lang.time(report.at),
    ];
    for finding in &report.findings {
        let place = finding.seq.map(|seq| lang.t("record-number").with("n", seq).to_string()).unwrap_or_default();
        let Finding { rule, expected, found, .. } = finding;
        lines.push(format!("{place} {}  [{rule}: {expected} / {found}]", lang.named("rule", rule)));
    }
    lines.extend(
        report
            .remarks
            .iter()
            .map(|(code, n)| format!("{} {}", lang.named("remark", code), lang.t("check-remark-times").with("n", *n))),
    );
    lines.join("\r\n")
}

/// Beginning of the page that checks a package.
fn evidence_page(title: &Both) -> Result<String, Problem> {
    let program = assets::all().text("package.js").ok_or_else(|| Problem::new(Code::Internal))?;
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    let page = EvidencePage {
        title: title.clone(),
        say: both(|lang| lang.t("package-page-say")),
        program_hash: hash(program),
        styles_hash: hash(APP_CSS),
        program: program.to_owned(),
    };
    page.render().map_err(|error| {
        tracing::error!(%error, "the page of a package could not be rendered");
        Problem::new(Code::Internal)
    })
}

fn ending(media: Media) -> &'static str {
    match media {
        Media::Text => "txt",
        Media::Jpeg => "jpg",
        Media::Png => "png",
        Media::Webp => "webp",
        Media::Mp4 => "mp4",
        Media::Pdf => "pdf",
        Media::Heic => "heic",
    }
}
