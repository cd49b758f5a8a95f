//! The form of one act: shown, filled, kept as a private draft, and made into a draft to sign.

use std::collections::BTreeMap;

use axum::extract::{Multipart, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use ulid::Ulid;

use crate::app::App;
use crate::app::drafts;
use crate::app::forms::draft::{Drafted, candidates};
use crate::app::forms::spec::{Spec, specs};
use crate::app::forms::{About, Actor, FieldError, Values, compute};
use crate::app::live::Live;
use crate::core::act::Kind;
use crate::core::clock::{Date, Time};
use crate::core::ids::{Digest, MatterId, PersonId, SessionId, VillageCode};
use crate::core::model::{Level, QuestionCode, Role};
use crate::http::act::draft::{Proposed, draft_page};
use crate::http::act::fields::{Maker, SINGLE};
use crate::http::act::upload::KEPT;
use crate::http::act::{count, prefill, upload, who};
use crate::http::i18n::Lang;
use crate::http::pages::act::{AboutLine, ActPage};
use crate::http::pages::chrome::Chrome;
use crate::http::print::minutes::minutes;
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::talk;
use crate::http::session::Identity;
use crate::http::state::AppState;
use crate::log::dsse;
use crate::store::drafts::Draft;

/// What a form's address says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Asked {
    matter: Option<MatterId>,
    session: Option<SessionId>,
    question: Option<QuestionCode>,
    basis: Option<Digest>,
    document: Option<Digest>,
    person: Option<PersonId>,
    role: Option<Role>,
    copy: Option<MatterId>,
    /// The session without quorum, or called off, that is called again.
    again: Option<SessionId>,
    /// Whether a photograph of a filled paper takes the place of what is typed.
    #[serde(default)]
    photo: bool,
    /// How many households were asked, as a representative's page counts them.
    households: Option<u32>,
    /// Ballots that a witness's page hands on.
    ballots: Option<String>,
    draft: Option<String>,
}

impl Asked {
    fn draft(&self) -> Option<Ulid> {
        Ulid::from_string(self.draft.as_deref()?).ok()
    }

    fn about(&self, village: VillageCode, kind: Kind) -> About {
        About {
            matter: self.matter,
            session: self.session,
            question: self.question.clone(),
            basis: self.basis,
            document: self.document,
            person: self.person,
            ..About::new(village, kind)
        }
    }

    /// Papers are counted by two, each on the own device: that page takes this form's place.
    fn count_page(&self, village: VillageCode, kind: Kind) -> Option<String> {
        let counts = matches!(kind, Kind::PaperCounted | Kind::PaperRecounted);
        let (session, matter) = (self.session.filter(|_| counts)?, self.matter?);
        Some(count::address(village, session, matter, self.question.as_ref()?))
    }

    /// The query that leads back here, without the draft.
    fn query(&self, role: Role) -> String {
        let mut parts = vec![format!("role={role}")];
        parts.extend(self.matter.map(|id| format!("matter={id}")));
        parts.extend(self.session.map(|id| format!("session={id}")));
        parts.extend(self.question.as_ref().map(|code| format!("question={code}")));
        parts.extend(self.basis.map(|leaf| format!("basis={leaf}")));
        parts.extend(self.document.map(|name| format!("document={name}")));
        parts.extend(self.person.map(|person| format!("person={person}")));
        parts.extend(self.again.map(|id| format!("again={id}")));
        parts.extend(self.photo.then(|| "photo=true".to_owned()));
        parts.join("&")
    }
}

/// One person at one form.
struct Desk<'a> {
    app: &'a App,
    visit: &'a Visit,
    live: &'a Live,
    about: About,
    asked: Asked,
    actor: Actor,
    specs: &'static [Spec],
}

/// Shows the form.
///
/// # Errors
/// `NotFound` for a kind without a form; `NotAllowed` for someone without a fitting role; the store's.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At((village, kind)): At<(VillageCode, Kind)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    if let Some(href) = asked.count_page(village, kind) {
        return Ok(Redirect::to(&href).into_response());
    }
    let app = state.app();
    let live = app.lives().live(village).await?;
    let desk = Desk::open(app, &visit, &identity, &live, village, kind, asked).await?;
    let (values, saved) = match desk.asked.draft() {
        Some(draft) => kept_draft(app, village, draft, identity.person).await?,
        None => (desk.begin().await?, None),
    };
    desk.page(&values, &[], &[], saved).await
}

async fn kept_draft(
    app: &App,
    village: VillageCode,
    draft: Ulid,
    person: PersonId,
) -> Result<(Values, Option<Time>), Problem> {
    let kept = app.db().read("draft", |tx| Box::pin(tx.draft(draft, person))).await;
    let kept = kept.map_err(crate::app::error::AppError::Store)?.filter(|kept| kept.village == village);
    let kept = kept.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok((Values { fields: drafts::typed(&kept), ..Values::default() }, Some(kept.updated)))
}

/// Takes what was filled in: saves it, shows it again with what is wrong, or shows the draft to sign.
///
/// # Errors
/// As [`show`].
pub async fn send(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At((village, kind)): At<(VillageCode, Kind)>,
    Query(asked): Query<Asked>,
    form: Multipart,
) -> Result<Response, Problem> {
    if let Some(href) = asked.count_page(village, kind) {
        return Ok(Redirect::to(&href).into_response());
    }
    let app = state.app();
    let live = app.lives().live(village).await?;
    let desk = Desk::open(app, &visit, &identity, &live, village, kind, asked).await?;
    let mut sent = upload::read(app, village, &visit.reader(village), &SINGLE, form).await?;
    sent.values.roles = role_words();
    if kind == Kind::ClericalCorrected {
        prefill::slip(app, village, &mut sent.values).await?;
    }
    if kind == Kind::MinutesSigned && sent.values.one("go") == Some("minutes") {
        desk.attach_minutes(&state, &mut sent.values).await?;
        return desk.page(&sent.values, &[], &[], None).await;
    }
    if sent.values.one("go") == Some("save") {
        return desk.save(&sent.values).await;
    }
    if !sent.errors.is_empty() || sent.values.one("add").is_some() {
        return desk.page(&sent.values, &sent.errors, &[], None).await;
    }
    let others: Vec<PersonId> = (0..3)
        .filter_map(|nth| sent.values.one(&format!("second.{nth}")).and_then(|person| person.parse().ok()))
        .collect();
    match app.draft(desk.about.clone(), &desk.actor, &others, &sent.values).await? {
        Drafted::Ready { statement, payload, remarks } => {
            let edit = Some(desk.address());
            if let Some(draft) = desk.asked.draft() {
                let id = dsse::statement_id(&dsse::pae(dsse::STATEMENT_TYPE, &payload));
                app.show_draft_as(draft, identity.person, &sent.values.fields, id).await?;
            }
            let proposed = Proposed { statement: *statement, payload, remarks, edit, signed: Vec::new(), waits: false };
            draft_page(&state, &visit, &identity, &live, proposed).await
        }
        Drafted::Fields(errors) => desk.page(&sent.values, &errors, &[], None).await,
        Drafted::Refused(rejection) => {
            let words = visit.c.named("rule", rejection.rule.code()).to_string();
            desk.page(&sent.values, &[], &[words], None).await
        }
    }
}

/// Throws a draft away.
///
/// # Errors
/// `NotFound` for a draft that isn't there, or isn't the reader's; the store's.
pub async fn drop_draft(
    State(state): State<AppState>,
    identity: Identity,
    At((village, draft)): At<(VillageCode, String)>,
) -> Result<Response, Problem> {
    let draft = Ulid::from_string(&draft).map_err(|_| Problem::new(Code::NotFound))?;
    if !state.app().drop_draft(village, draft, identity.person).await? {
        return Err(Problem::new(Code::NotFound));
    }
    Ok(Redirect::to("/tasks").into_response())
}

/// The words for village roles in both languages, as lists of people may use them.
fn role_words() -> BTreeMap<String, Role> {
    let village = Role::ALL.iter().copied().filter(|role| role.is_village());
    let both = village.flat_map(|role| Lang::ALL.map(|lang| (lang, role)));
    both.map(|(lang, role)| (prefill::role_word(lang, role).to_lowercase(), role)).collect()
}

impl<'a> Desk<'a> {
    async fn open(
        app: &'a App,
        visit: &'a Visit,
        identity: &Identity,
        live: &'a Live,
        village: VillageCode,
        kind: Kind,
        asked: Asked,
    ) -> Result<Self, Problem> {
        let mut about = asked.about(village, kind);
        let actor = who::actor(app, identity, live.state(), &about, asked.role).await?;
        about.by = Some(actor.person);
        let specs = specs(kind, actor.role).ok_or_else(|| Problem::new(Code::NotFound))?;
        Ok(Self { app, visit, live, about, asked, actor, specs })
    }

    async fn begin(&self) -> Result<Values, Problem> {
        let asked = &self.asked;
        let mut values = prefill::begin(self.app, &self.visit.c, self.live.state(), &self.about, asked.copy).await?;
        if let Some(id) = asked.again.filter(|_| self.about.kind == Kind::SessionConvened) {
            prefill::again(&self.visit.c, self.live.state(), id, &mut values);
        }
        let visited = asked.households.filter(|_| self.about.kind == Kind::VisitsRecorded);
        values.fields.extend(visited.map(|n| ("households".to_owned(), vec![n.to_string()])));
        let ballots = asked.ballots.iter().filter(|_| self.about.kind == Kind::BallotVouched);
        values.fields.extend(ballots.map(|ballots| ("ballots".to_owned(), vec![ballots.clone()])));
        Ok(values)
    }

    /// Puts the minutes as the record has them into the form, as a document that everyone may read.
    async fn attach_minutes(&self, state: &AppState, values: &mut Values) -> Result<(), Problem> {
        let session = self.about.session.ok_or_else(|| Problem::new(Code::NotFound))?;
        let village = self.about.village;
        let minutes = minutes(state, self.visit, village, session, false).await?;
        let bytes = state.printer().print(move |fonts| minutes.file(fonts)).await?;
        let doc = self.app.keep_file(village, self.actor.person, Level::Public, bytes).await?;
        values.papers.insert("minutes".to_owned(), vec![doc]);
        values.fields.remove("minutes");
        Ok(())
    }

    fn address(&self) -> String {
        let query = self.asked.query(self.actor.role);
        let draft = self.asked.draft().map(|draft| format!("&draft={draft}")).unwrap_or_default();
        format!("/v/{}/do/{}?{query}{draft}", self.about.village, self.about.kind)
    }

    async fn page(
        &self,
        values: &Values,
        errors: &[FieldError],
        refusals: &[String],
        saved: Option<Time>,
    ) -> Result<Response, Problem> {
        let (c, state) = (&self.visit.c, self.live.state());
        let now = self.app.now();
        let names = self.app.names(self.about.village).await?;
        let texts = prefill::texts(self.app, state, &self.about).await?;
        let (about, actor) = (&self.about, &self.actor);
        let photo = self.asked.photo;
        let maker = Maker { c, state, about, actor, names: &names, texts: &texts, values, errors, now, photo };
        let mut fields = maker.fields(self.specs);
        let places = candidates(state, &self.about, &self.actor, now);
        for (nth, people) in places.iter().enumerate() {
            fields.push(maker.second(nth, people, places.len()));
        }
        let mut hidden = Vec::new();
        for (name, docs) in &values.papers {
            hidden.extend(
                docs.iter().filter_map(|doc| Some((format!("{name}{KEPT}"), serde_json::to_string(doc).ok()?))),
            );
        }
        let general = errors.iter().filter(|error| error.field.is_empty() || error.field == "second");
        let mut words: Vec<String> = general.map(|error| c.named("invalid", error.reason).to_string()).collect();
        words.extend(refusals.iter().cloned());
        page(&ActPage {
            c: c.clone(),
            place: self.app.village_place(self.about.village).await?.into(),
            kind: self.about.kind.code().to_owned(),
            role: self.actor.role.code().to_owned(),
            about: self.about_line().await?,
            action: self.address(),
            hidden,
            fields,
            errors: words,
            copies: self.copies().await?,
            makes: (self.about.kind == Kind::MinutesSigned && !photo && !values.papers.contains_key("minutes"))
                .then_some("minutes"),
            earliest: compute::waits_until(state, &self.about, now).map(|waits| earliest_words(c, waits)),
            saved,
        })
    }

    async fn about_line(&self) -> Result<Option<AboutLine>, Problem> {
        about_line(self.app, &self.visit.c, self.live, &self.about).await
    }

    /// Earlier matters whose proposal can be taken over.
    async fn copies(&self) -> Result<Vec<(String, String)>, Problem> {
        if self.about.kind != Kind::MatterProposed {
            return Ok(Vec::new());
        }
        let mut copies = Vec::new();
        let earlier = self.live.state().matters.iter().rev();
        let earlier = earlier.filter(|(id, matter)| matter.proposal.is_some() && Some(**id) != self.about.matter);
        for (id, matter) in earlier.take(10) {
            let title = prefill::title(self.app, self.about.village, matter).await?;
            copies.push((title, format!("{}&copy={id}", self.address())));
        }
        Ok(copies)
    }

    /// Keeps what was typed as a private draft, to be continued on any device.
    async fn save(&self, values: &Values) -> Result<Response, Problem> {
        let draft = self.asked.draft().unwrap_or_else(|| Ulid::from_bytes(self.app.random()));
        let kept = Draft {
            draft,
            village: self.about.village,
            person: self.actor.person,
            kind: format!("{}?{}", self.about.kind, self.asked.query(self.actor.role)),
            body: drafts::body(&values.fields, None),
            updated: self.app.now(),
        };
        let write = self.app.db().write("put_draft", |tx| {
            let kept = kept.clone();
            Box::pin(async move { tx.put_draft(&kept).await })
        });
        write.await.map_err(crate::app::error::AppError::Store)?;
        Ok(Redirect::to("/tasks").into_response())
    }
}

/// The earliest lawful time in words, with the reason where a rest day moved it.
fn earliest_words(c: &Chrome, (ends, moved_from): (Time, Option<Date>)) -> String {
    let when = c.lang.time(ends);
    let Some(day) = moved_from else { return when };
    let last = ends.last_day();
    c.t("earliest-moved").with("when", when).with("day", c.lang.date(day)).with("to", c.lang.date(last)).to_string()
}

/// What an act is about, as a line: the matter's title or the session's day, with its page, and the question.
///
/// # Errors
/// The store's.
pub async fn about_line(app: &App, c: &Chrome, live: &Live, about: &About) -> Result<Option<AboutLine>, Problem> {
    let (state, village) = (live.state(), about.village);
    if let Some((id, matter)) = about.matter.and_then(|id| Some((id, state.matter(id)?))) {
        let question = prefill::question(app, state, Some(id), about.question.as_ref()).await?;
        let title = prefill::title(app, village, matter).await?;
        let talked = about.kind == Kind::HallPosted;
        let href = if talked { talk::address(village, Some(id)) } else { format!("/v/{village}/m/{id}") };
        return Ok(Some(AboutLine { title, href, question }));
    }
    if about.kind == Kind::HallPosted {
        let title = c.t("talk-general").to_string();
        return Ok(Some(AboutLine { title, href: talk::address(village, None), question: None }));
    }
    let session = about.session.and_then(|id| Some((id, state.session(id)?)));
    Ok(session.map(|(id, session)| AboutLine {
        title: c.lang.time(session.starts_at),
        href: format!("/v/{village}/s/{id}"),
        question: None,
    }))
}
