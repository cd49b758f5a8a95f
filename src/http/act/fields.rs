//! A form's specs as the fields of a page, with what can be chosen and what was typed.

use std::collections::BTreeMap;

use crate::app::forms::build::{PHOTOGRAPHED, papers_needed, replies_needed};
use crate::app::forms::questions::MAX_QUESTIONS;
use crate::app::forms::spec::{Input as SpecInput, Pool, Spec};
use crate::app::forms::{About, Actor, FieldError, Values, compute, vouched};
use crate::core::act::voting::VouchedBallot;
use crate::core::catalogue::PaperKind;
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, PersonId};
use crate::core::judge::voting::{BOX_GRACE, BOX_OPEN_MINUTES};
use crate::core::model::{Body, Category, Role, Stage};
use crate::core::state::State;
use crate::core::state::matter::Matter;
use crate::http::act::facts::{SHORT_HEX, level};
use crate::http::act::labels::called;
use crate::http::pages::act::{Field, Input, Item, Label, QuestionField};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Level, Paper, PaperState};

/// What making fields needs.
pub struct Maker<'a> {
    /// Frame of the page.
    pub c: &'a Chrome,
    /// The village.
    pub state: &'a State,
    /// What the form is about.
    pub about: &'a About,
    /// Who fills it.
    pub actor: &'a Actor,
    /// Names of people.
    pub names: &'a BTreeMap<PersonId, String>,
    /// Texts of titles and suggestions, by commitment or leaf hash.
    pub texts: &'a BTreeMap<String, String>,
    /// What was typed, or is offered to begin with.
    pub values: &'a Values,
    /// What is wrong.
    pub errors: &'a [FieldError],
    /// The present time.
    pub now: Time,
    /// Whether a photograph of a filled paper takes the place of what is typed.
    pub photo: bool,
}

/// Fields of which a photographed paper is the whole: several photographs of it are bound into one document.
pub const SINGLE: [&str; 2] = ["notice", "minutes"];

impl Maker<'_> {
    /// The fields of a form.
    #[must_use]
    pub fn fields(&self, specs: &[Spec]) -> Vec<Field> {
        specs.iter().flat_map(|spec| self.field(spec)).collect()
    }

    /// The field in which somebody is chosen to sign too, at one of so many places.
    #[must_use]
    pub fn second(&self, nth: usize, people: &[(PersonId, Role)], places: usize) -> Field {
        let name = format!("second.{nth}");
        let chosen = self.values.one(&name).map(str::to_owned);
        let item = |(person, role): &(PersonId, Role)| {
            let value = person.to_string();
            let label = format!("{} · {}", self.name(*person), self.c.named("role", role.code()));
            Item { chosen: chosen.as_ref() == Some(&value), value, label }
        };
        let mut items: Vec<Item> = people.iter().map(item).collect();
        // Where there are just enough people for the places, each has one.
        if chosen.is_none() && items.len() <= places {
            let own = nth.min(items.len().saturating_sub(1));
            if let Some(item) = items.get_mut(own) {
                item.chosen = true;
            }
        }
        self.make(name, Label::Code("second"), true, Input::Select(items))
    }

    fn field(&self, spec: &Spec) -> Vec<Field> {
        if let SpecInput::Replies = spec.input {
            return self.replies(spec);
        }
        if let SpecInput::Counts = spec.input {
            return self.counts();
        }
        if let SpecInput::Materials = spec.input {
            return self.materials(spec);
        }
        if let SpecInput::Pick(pool) = spec.input
            && !spec.required
            && self.pool(spec.name, pool).is_empty()
        {
            return Vec::new();
        }
        if spec.name == "named_papers" && !compute::may_name_papers(self.state, self.about) {
            return Vec::new();
        }
        let value = self.values.one(spec.name).unwrap_or_default().to_owned();
        let input = match spec.input {
            SpecInput::Long if self.photo && SINGLE.contains(&spec.name) => self.photographed(spec.name),
            SpecInput::Long if self.values.papers.contains_key(spec.name) => self.papers(spec.name),
            SpecInput::Line => Input::Text { value, max: 80 },
            SpecInput::Long | SpecInput::Lines => Input::Long { value, max: 10_000 },
            SpecInput::People | SpecInput::Milestones => Input::Long { value, max: 40_000 },
            SpecInput::Vouched => return vec![self.vouched(spec, value)],
            SpecInput::Yuan => Input::Yuan(value),
            SpecInput::Number(min, max) => Input::Number { value, min: self.least(spec.name, min), max, unit: None },
            SpecInput::Minutes => {
                Input::Number { value, min: self.least(spec.name, 5), max: 20_000, unit: Some("minutes") }
            }
            SpecInput::Date => Input::Date { value, min: None, max: self.last_day(spec.name) },
            SpecInput::DateTime => Input::DateTime(value),
            SpecInput::Choice(codes) => Input::Choice(self.codes(spec.name, codes)),
            SpecInput::Several(codes) => Input::Several(self.codes(spec.name, codes)),
            SpecInput::Pick(pool) => Input::Select(self.pool(spec.name, pool)),
            SpecInput::PickSeveral(pool) => Input::Several(self.pool(spec.name, pool)),
            SpecInput::PickThree(pool) => Input::Three(self.pool(spec.name, pool)),
            SpecInput::Papers => self.papers(spec.name),
            SpecInput::Questions => Input::Questions(self.questions()),
            SpecInput::Replies | SpecInput::Counts | SpecInput::NamedPapers | SpecInput::Materials => {
                return Vec::new();
            }
        };
        // What is chosen to begin with can't be left out.
        let chosen = matches!(&input, Input::Choice(items) if items.iter().any(|item| item.chosen));
        let label = Label::Code(called(self.about.kind, spec.name));
        let field = self.make(spec.name.to_owned(), label, spec.required || chosen, input);
        if self.photo && spec.input == SpecInput::Lines {
            let name = format!("{}{PHOTOGRAPHED}", spec.name);
            let photos = self.photographed(&name);
            return vec![self.make(name, Label::Code("photographed"), false, photos), field];
        }
        vec![field]
    }

    fn make(&self, name: String, label: Label, required: bool, input: Input) -> Field {
        let wrong = self.errors.iter().filter(|error| error.field == name);
        let words = wrong.map(|error| {
            let say = self.c.named("invalid", error.reason);
            error.about.as_ref().map_or_else(|| say.to_string(), |part| format!("{say} {part}"))
        });
        let error = Some(words.collect::<Vec<_>>().join("\n")).filter(|words| !words.is_empty());
        let hint = match &label {
            Label::Code(code) if self.c.lang.has(&format!("hint-{}", code.replace('_', "-"))) => Some(*code),
            Label::Code(_) | Label::Words(_) => None,
        };
        let phrases = if matches!(input, Input::Long { .. }) { self.phrases(&name) } else { Vec::new() };
        Field { name, label, hint, required, error, input, phrases }
    }

    /// Sentences that people often write in this field of this kind: text keys `phrase-<kind>-<field>-1` and on.
    fn phrases(&self, name: &str) -> Vec<String> {
        let kind = self.about.kind.code().replace(['.', '_'], "-");
        let keys = (1..).map(|nth| format!("phrase-{kind}-{name}-{nth}"));
        keys.take_while(|key| self.c.lang.has(key)).map(|key| self.c.t(key).to_string()).collect()
    }

    /// The least that fits: in a vote for which the mobile box goes out, as its law says.
    fn least(&self, name: &str, least: u32) -> u32 {
        match name {
            "grace_minutes" if compute::box_goes(self.state, self.about) => u32::from(BOX_GRACE),
            "closes_at" if compute::box_goes(self.state, self.about) => BOX_OPEN_MINUTES + 1,
            _ => least,
        }
    }

    /// What has been held can't lie in the future.
    fn last_day(&self, name: &str) -> Option<crate::core::clock::Date> {
        (name == "held_on").then(|| self.now.date())
    }

    fn name(&self, person: PersonId) -> String {
        let tail = || person.to_string()[20..].to_owned();
        self.names.get(&person).cloned().unwrap_or_else(tail)
    }

    fn item(&self, name: &str, value: String, label: String) -> Item {
        Item { chosen: self.values.all(name).contains(&value.as_str()), value, label }
    }

    fn codes(&self, name: &str, codes: &[&str]) -> Vec<Item> {
        codes.iter().map(|code| self.item(name, (*code).to_owned(), self.c.named("choice", code).to_string())).collect()
    }

    fn person(&self, name: &str, person: PersonId) -> Item {
        let date = self.now.date();
        let held = Role::ALL.iter().filter(|role| self.state.people.holds(person, **role, date));
        let roles: Vec<String> = held.take(2).map(|role| self.c.named("role", role.code()).to_string()).collect();
        let label = format!("{} {}", self.name(person), roles.join(" "));
        self.item(name, person.to_string(), label.trim().to_owned())
    }

    fn pool(&self, name: &str, pool: Pool) -> Vec<Item> {
        let (state, c) = (self.state, self.c);
        match pool {
            Pool::Categories => {
                let item = |code: &Category| {
                    self.item(name, code.code().to_owned(), c.named("category", code.code()).to_string())
                };
                Category::ALL.iter().map(item).collect()
            }
            Pool::Officers => self.people(name, |role| {
                !matches!(role, Role::Representative | Role::HouseholdRepresentative | Role::Member | Role::Villager)
                    && role.is_village()
            }),
            Pool::Everyone => self.people(name, Role::is_village),
            Pool::Suggestions => self.suggestions(name),
            Pool::Filed => compute::filed(state).map(|(id, matter)| self.filed(name, id, matter)).collect(),
            Pool::Roster | Pool::RosterAway | Pool::PaperVoters | Pool::BoxVoters => self.roster(name, pool),
            Pool::Keys => self.keys(name),
            Pool::Held => self.held(name),
            Pool::Slips => compute::slips(state, self.about).iter().map(|slip| self.slip(name, slip)).collect(),
            Pool::Contracts => self.contracts(name),
            Pool::Budgets => {
                let title = |leaf: &Digest| self.texts.get(&leaf.to_string()).cloned().unwrap_or_default();
                compute::budgets(state).map(|(leaf, _)| self.item(name, leaf.to_string(), title(&leaf))).collect()
            }
            Pool::CoverRoles => {
                let roles = Role::ALL.iter().filter(|role| role.can_be_covered());
                roles
                    .map(|role| self.item(name, role.code().to_owned(), c.named("role", role.code()).to_string()))
                    .collect()
            }
        }
    }

    /// A matter that is filed, with the body whose ballot is next.
    fn filed(&self, name: &str, id: MatterId, matter: &Matter) -> Item {
        let title = self.texts.get(&id.to_string()).cloned().unwrap_or_else(|| id.to_string());
        let ballots = matter.settled.as_ref().map_or(&[][..], |settled| &settled.ballots);
        let next = compute::agenda_item(matter, id).and_then(|item| ballots.get(usize::from(item.ballot)));
        let body = next.map(|ballot| format!(" · {}", self.c.named("body", ballot.body.code()))).unwrap_or_default();
        self.item(name, id.to_string(), title + &body)
    }

    /// Contracts, each followed by its milestones that are not reached.
    fn contracts(&self, name: &str) -> Vec<Item> {
        let words = |title: &Digest| self.texts.get(&title.to_string()).cloned().unwrap_or_default();
        let mut items = Vec::new();
        for contract in compute::matter(self.state, self.about).map_or(&[][..], |matter| &matter.contracts) {
            let title = words(&contract.title);
            items.push(self.item(name, contract.at.leaf.to_string(), title.clone()));
            let waiting = contract.milestones.iter().zip(1..).filter(|(milestone, _)| milestone.at.is_none());
            for (milestone, number) in waiting {
                let say = self.c.t("form-milestone").with("contract", title.as_str());
                let say = say.with("milestone", words(&milestone.title)).with("due", self.c.lang.date(milestone.due));
                items.push(self.item(name, format!("{}/{number}", contract.at.leaf), say.to_string()));
            }
        }
        items
    }

    /// Keys in use: one's own for who reports a lost one, else those of the village's people.
    fn keys(&self, name: &str) -> Vec<Item> {
        let people = &self.state.people;
        let may = |person: PersonId| match self.actor.role {
            Role::Holder => person == self.actor.person,
            _ => !people.is_official(person) && self.about.person.is_none_or(|wanted| wanted == person),
        };
        let keys = people.keys.iter().filter(|(_, key)| !key.revoked && may(key.person));
        keys.map(|(public, key)| {
            let kind = self.c.named("key-kind", key.kind.code());
            let label = format!("{} · {kind} · {}", self.name(key.person), &public.to_string()[..8]);
            self.item(name, public.to_string(), label)
        })
        .collect()
    }

    /// Roles that are held now, each with its holder; of one person where the form was opened from that person's line.
    fn held(&self, name: &str) -> Vec<Item> {
        let (people, date) = (&self.state.people, self.now.date());
        let mut items = Vec::new();
        for person in people.persons.keys().filter(|id| self.about.person.is_none_or(|wanted| wanted == **id)) {
            let held = Role::ALL.iter().filter(|role| role.is_village() && people.holds_own(*person, **role, date));
            items.extend(held.map(|role| {
                let label = format!("{} · {}", self.name(*person), self.c.named("role", role.code()));
                self.item(name, format!("{person}/{role}"), label)
            }));
        }
        items
    }

    fn slip(&self, name: &str, slip: &compute::Slip) -> Item {
        let document = slip.document.to_string();
        let words = self.texts.get(&document).cloned().unwrap_or_default();
        self.item(name, document, format!("{}：{words}", self.c.named("kind", slip.of.code())))
    }

    fn people(&self, name: &str, serves: impl Fn(Role) -> bool) -> Vec<Item> {
        let date = self.now.date();
        let people = self.state.people.persons.iter();
        let current = |held: &crate::core::state::people::Held| {
            serves(held.role) && held.from <= date && held.until.is_none_or(|until| date <= until)
        };
        let chosen = people.filter(|(_, person)| person.roles.iter().any(current));
        chosen.map(|(id, _)| self.person(name, *id)).collect()
    }

    /// Who may decide a question of this matter.
    fn bodies(&self, name: &str) -> Vec<Item> {
        let date = self.now.date();
        let known = compute::category(self.state, self.about, self.values);
        // Before a category is chosen every body that decides anything can be the one.
        let may = |body: &&Body| match known {
            Some((category, fen)) => self.state.law.applicable(**body, category, fen, date).is_some(),
            None => self.state.law.profiles.iter().any(|(_, profile)| profile.body == **body),
        };
        let bodies = Body::ALL.iter().filter(may);
        let mut items: Vec<Item> = bodies
            .map(|body| self.item(name, body.code().to_owned(), self.c.named("body", body.code()).to_string()))
            .collect();
        if let (None, [first, ..]) = (self.values.one(name), items.as_mut_slice()) {
            first.chosen = true;
        }
        items
    }

    /// Suggestions of this matter, chosen to begin with, and of others that are still suggestions.
    fn suggestions(&self, name: &str) -> Vec<Item> {
        let mut items = Vec::new();
        for (id, matter) in &self.state.matters {
            let own = Some(*id) == self.about.matter;
            if !own && matter.stage() != Some(Stage::Suggestion) {
                continue;
            }
            for suggestion in &matter.suggestions {
                let leaf = suggestion.at.leaf.to_string();
                let label =
                    self.texts.get(&leaf).cloned().unwrap_or_else(|| self.c.lang.date(suggestion.at.time.date()));
                let mut item = self.item(name, leaf, label);
                item.chosen |= own && self.values.fields.is_empty();
                items.push(item);
            }
        }
        items
    }

    fn roster(&self, name: &str, pool: Pool) -> Vec<Item> {
        let Ok(session) = compute::session(self.state, self.about) else { return Vec::new() };
        let there = session.there();
        let voting = compute::voting(self.state, self.about).ok();
        let fits = |no: &u32| match pool {
            Pool::RosterAway => !there.contains(no),
            Pool::PaperVoters => voting.is_some_and(|voting| {
                let hall = session.attendance.get(no).is_some_and(|attendance| attendance.hall.is_some());
                hall && voting.present.contains(no) && !voting.recused.contains(no) && !voting.paper_issued.contains(no)
            }),
            Pool::BoxVoters => {
                voting.is_some_and(|voting| voting.home.contains(no) && !voting.paper_issued.contains(no))
            }
            _ if name == "left" => there.contains(no),
            _ => true,
        };
        let rows = session.roster.iter().filter(|(no, _)| fits(no));
        rows.map(|(no, person)| self.item(name, no.to_string(), format!("{no} {}", self.name(*person)))).collect()
    }

    /// The list as the witness gave it, with each ballot in words.
    fn vouched(&self, spec: &Spec, value: String) -> Field {
        let session = compute::session(self.state, self.about).ok();
        let words = |row: VouchedBallot| {
            let person = session.and_then(|session| session.roster.get(&row.voter));
            let voter = person.map_or_else(|| row.voter.to_string(), |id| format!("{} {}", row.voter, self.name(*id)));
            let text = self.c.t("vouched-row").with("voter", voter).with("revision", u64::from(row.revision));
            let text = text.with("when", self.c.lang.time(row.received_at));
            text.with("ballot", row.statement.to_string().chars().take(SHORT_HEX).collect::<String>()).to_string()
        };
        let rows = vouched::read(spec.name, &value).unwrap_or_default().into_iter().map(words).collect();
        self.make(spec.name.to_owned(), Label::Code("vouched"), spec.required, Input::Rows { value, rows })
    }

    fn papers(&self, name: &str) -> Input {
        self.papers_titled(name, &self.c.named("field", name).to_string())
    }

    /// The photograph of a filled paper. A notice hangs in the village anyway; other papers bear names and signatures.
    fn photographed(&self, name: &str) -> Input {
        let level = match name {
            "notice" => Level::Public,
            "minutes" => Level::Village,
            _ => Level::Officials,
        };
        match self.papers(name) {
            Input::Papers { there, camera, .. } => Input::Papers { there, camera, level },
            other => other,
        }
    }

    fn papers_titled(&self, name: &str, title: &str) -> Input {
        let docs = self.values.papers.get(name).map_or(&[][..], Vec::as_slice);
        let there = docs.iter().map(|doc| Paper {
            commitment: doc.sha256,
            title: title.to_owned(),
            media: doc.media.code().to_owned(),
            size: doc.size,
            level: level(doc.level),
            state: PaperState::Open,
        });
        Input::Papers { there: there.collect(), camera: true, level: Level::Public }
    }

    fn questions(&self) -> Vec<QuestionField> {
        let one =
            |nth: usize, part: &str| self.values.one(&format!("questions.{nth}.{part}")).unwrap_or_default().to_owned();
        let question = |nth: usize| {
            let bodies = self.bodies(&format!("questions.{nth}.body"));
            let by_group = bodies.iter().any(|body| body.value == Body::GroupMeeting.code());
            QuestionField {
                title: one(nth, "title"),
                options: one(nth, "options"),
                required: !one(nth, "required").is_empty() || self.values.fields.is_empty(),
                bodies,
                group: by_group.then(|| one(nth, "group")),
            }
        };
        let there = (0..MAX_QUESTIONS)
            .take_while(|nth| self.values.fields.contains_key(&format!("questions.{nth}.title")))
            .count();
        let more = usize::from(self.values.one("add") == Some("questions"));
        (0..(there + more).max(1)).map(question).collect()
    }

    fn replies(&self, spec: &Spec) -> Vec<Field> {
        let opinions = self.texts.iter().filter(|(key, _)| key.starts_with("reply."));
        let words: Vec<&String> = opinions.map(|(_, text)| text).collect();
        let field = |nth: usize| {
            let name = format!("{}.{nth}", spec.name);
            let value = self.values.one(&name).unwrap_or_default().to_owned();
            let said = words.get(nth).filter(|words| !words.is_empty());
            // What was photographed has no words here.
            let photo = if words.len() > nth { "answers_photo" } else { "answers" };
            let label = said.map_or(Label::Code(photo), |words| Label::Words((*words).clone()));
            self.make(name, label, true, Input::Long { value, max: 2_000 })
        };
        (0..replies_needed(self.state, self.about)).map(field).collect()
    }

    /// A field for each paper that the catalogue asks for, then one for any others.
    fn materials(&self, spec: &Spec) -> Vec<Field> {
        let needed = papers_needed(self.state, self.about, spec, self.now);
        let field = |(name, paper): (String, &PaperKind)| {
            let input = self.papers_titled(&name, &paper.title);
            self.make(name, Label::Words(paper.title.clone()), true, input)
        };
        let fields = needed.into_iter().map(field);
        let label = Label::Code(if fields.len() == 0 { "materials" } else { "materials_other" });
        fields.chain([self.make(spec.name.to_owned(), label, spec.required, self.papers(spec.name))]).collect()
    }

    fn counts(&self) -> Vec<Field> {
        let Ok(voting) = compute::voting(self.state, self.about) else { return Vec::new() };
        let field = |code: &crate::core::model::OptionCode| {
            let name = format!("counts.{code}");
            let value = self.values.one(&name).unwrap_or_default().to_owned();
            let key = format!("option-{}", code.as_str().replace('_', "-"));
            let own = self.texts.get(&format!("option.{code}")).cloned();
            let known = || if self.c.lang.has(&key) { self.c.t(key).to_string() } else { code.to_string() };
            let words = own.unwrap_or_else(known);
            self.make(name, Label::Words(words), true, Input::Number { value, min: 0, max: 10_000, unit: None })
        };
        voting.opening.options.iter().map(field).collect()
    }
}
