//! The six steps of a matter, each open to its papers: who did what and when, what was said and answered, the votes, the
//! progress of the work.

use crate::app::reading::roles;
use crate::app::views::told::Told;
use crate::core::act::{Act, Kind, works};
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, PersonId};
use crate::core::model::{Doc, Role, Source, Stage};
use crate::core::state::matter::{Matter, Reached};
use crate::core::table;
use crate::core::tasks;
use crate::http::pages::matter::{Contract, Milestone, NoticeWindow, Progress, Ratings, Step};
use crate::http::pages::parts::{Answer, Exchange, Who};
use crate::http::read::acts::{is_folded, persons};
use crate::http::read::ballots::Opened;
use crate::http::read::context::{View, is_office, is_picture};
use crate::http::read::rows;

/// Builds the steps of one matter.
pub struct Steps<'v> {
    /// The village, with the matter's documents fetched.
    pub view: &'v View<'v>,
    /// The matter.
    pub id: MatterId,
    /// Its state.
    pub matter: &'v Matter,
    /// Its entries.
    pub told: &'v [Told],
}

impl Steps<'_> {
    /// The six steps, in order.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let emblem = self.view.emblem(self.id, self.matter);
        let mut steps: Vec<Step> = emblem.marks().into_iter().map(|(number, mark)| Step::new(number, mark)).collect();
        let mut at = 1;
        for told in self.told {
            let step = self.step_of(told, at);
            self.add(told, &mut steps[usize::from(step) - 1]);
            at = moved(told).unwrap_or(at);
        }
        self.suggestions(&mut steps[0]);
        self.ballots(&mut steps[4]);
        steps[5].ratings = Ratings::of(self.matter.ratings.scores());
        self.dates(&mut steps);
        steps
    }

    /// The step that an entry is shown in: its kind's own, or the one at which the matter stood.
    fn step_of(&self, told: &Told, at: u8) -> u8 {
        let kind = told.statement.kind();
        match kind {
            Kind::ObjectionReceived | Kind::ObjectionEntered => {
                let on_result = self.told.iter().any(|notice| {
                    Some(notice.at.leaf) == told.statement.basis && notice.statement.kind() == Kind::ResolutionPosted
                });
                if on_result { 6 } else { 3 }
            }
            Kind::EmergencyDecided => 5,
            Kind::VisitsRecorded => 3,
            Kind::DisclosurePosted => 1,
            Kind::ConcernRaised
            | Kind::InquiryReceived
            | Kind::InquiryEntered
            | Kind::MatterWithdrawn
            | Kind::ChangeRequested
            | Kind::MatterAnnulled => at,
            // Filing and returning are the township's acts, whatever stage they lead to.
            Kind::FilingFiled | Kind::FilingReturned => 4,
            kind => table::row(kind).belongs().map_or(at, rows::number),
        }
    }

    fn add(&self, told: &Told, step: &mut Step) {
        match &told.statement.act {
            Act::VisitsRecorded(act) => {
                step.acts.push(self.view.act_line(told, self.told));
                step.opinions.extend(self.opinions(told, &act.opinions));
            }
            Act::PlanPosted(act) => {
                step.acts.push(self.view.act_line(told, self.told));
                step.notices.extend(self.window(told, "plan", &act.notice));
            }
            Act::ResolutionPosted(act) => {
                step.acts.push(self.view.act_line(told, self.told));
                step.notices.extend(self.window(told, "resolution", &act.notice));
            }
            Act::ObjectionReceived(act) => {
                step.objections.push(self.exchange(told, "objection", &act.text, Source::Online));
            }
            Act::ObjectionEntered(act) => {
                step.objections.push(self.exchange(told, "objection", &act.text, act.source));
            }
            Act::ConcernRaised(act) => {
                step.objections.push(self.exchange(told, "concern", &act.text, Source::Online));
            }
            Act::InquiryReceived(act) => {
                step.objections.push(self.exchange(told, act.what.code(), &act.text, Source::Online));
            }
            Act::InquiryEntered(act) => {
                step.objections.push(self.exchange(told, act.what.code(), &act.text, act.source));
            }
            Act::RatingReceived(act) => {
                step.objections.extend(self.rating(told, act.score, act.text.as_ref(), Source::Online));
            }
            Act::RatingEntered(act) => {
                step.objections.extend(self.rating(told, act.score, act.text.as_ref(), act.source));
            }
            Act::ContractRecorded(act) => step.contracts.extend(self.contract(told, act)),
            Act::BallotDisputed(act) => {
                step.objections.push(self.exchange(told, "dispute", &act.text, Source::Online));
            }
            Act::ProgressRecorded(_) => step.progress.extend(self.progress(told)),
            act if is_folded(act.kind()) => {}
            _ => step.acts.push(self.view.act_line(told, self.told)),
        }
    }

    /// Suggestions, those taken over from other matters too, each answered by what became of it.
    fn suggestions(&self, step: &mut Step) {
        for suggestion in &self.matter.suggestions {
            let told = self.told.iter().find(|told| told.at.leaf == suggestion.at.leaf);
            let (source, who) = match told.map(|told| (&told.statement.act, &told.statement)) {
                Some((Act::SuggestionEntered(act), statement)) => {
                    (act.source.code(), self.view.signers(&statement.by).into_iter().next())
                }
                Some(_) => (Source::Online.code(), None),
                None => ("other_matter", None),
            };
            step.opinions.push(Exchange {
                kind: "suggestion".to_owned(),
                text: self.view.words(suggestion.text.sha256),
                who,
                source: source.to_owned(),
                at: suggestion.at.time,
                answer: self.taken_up(suggestion.at.leaf),
                due: None,
                seq: suggestion.at.seq,
            });
        }
    }

    /// What became of a suggestion: taken up in a proposal, or declined with a reason.
    fn taken_up(&self, suggestion: Digest) -> Option<Answer> {
        let answer = |told: &Told| match &told.statement.act {
            Act::MatterProposed(act) if act.answers.contains(&suggestion) => Some(self.view.t("suggestion-taken-up")),
            Act::SuggestionDeclined(act) => Some(self.view.words(act.reason.sha256)),
            _ => None,
        };
        self.told.iter().rev().find_map(|told| Some(self.answer(answer(told)?, told)))
    }

    fn answer(&self, text: String, told: &Told) -> Answer {
        Answer { text, who: self.view.signers(&told.statement.by), at: told.at.time }
    }

    /// Opinions of one round of visits, with the reply to each.
    fn opinions(&self, told: &Told, opinions: &[Doc]) -> Vec<Exchange> {
        let reply = self.told.iter().find_map(|reply| match &reply.statement.act {
            Act::OpinionsAnswered(act) if reply.statement.basis == Some(told.at.leaf) => Some((reply, &act.answers)),
            _ => None,
        });
        let due = self.due(told.at.leaf);
        let one = |(index, opinion): (usize, &Doc)| Exchange {
            kind: "opinion".to_owned(),
            text: self.view.words(opinion.sha256),
            who: Some(Who { name: None, role: Role::Villager.code().to_owned() }),
            source: Source::HouseholdVisit.code().to_owned(),
            at: told.at.time,
            answer: reply
                .and_then(|(reply, answers)| Some(self.answer(self.view.words(answers.get(index)?.sha256), reply))),
            due: due.filter(|_| reply.is_none()),
            seq: told.at.seq,
        };
        opinions.iter().enumerate().map(one).collect()
    }

    /// An objection, concern or dispute with its answer.
    fn exchange(&self, told: &Told, kind: &str, text: &Doc, source: Source) -> Exchange {
        let answer = self.told.iter().find_map(|reply| match &reply.statement.act {
            Act::ObjectionAnswered(act)
            | Act::ConcernAnswered(act)
            | Act::InquiryAnswered(act)
            | Act::RatingAnswered(act)
            | Act::DisputeAnswered(act)
                if reply.statement.basis == Some(told.at.leaf) =>
            {
                Some(self.answer(self.view.words(act.text.sha256), reply))
            }
            _ => None,
        });
        // Who entered a paper for somebody else is not the one who objects.
        let speaks = !matches!(source, Source::PaperBox | Source::HouseholdVisit | Source::TalkSession);
        Exchange {
            kind: kind.to_owned(),
            text: self.view.words(text.sha256),
            who: self.view.signers(&told.statement.by).into_iter().next().filter(|_| speaks),
            source: source.code().to_owned(),
            at: told.at.time,
            due: self.due(told.at.leaf).filter(|_| answer.is_none()),
            answer,
            seq: told.at.seq,
        }
    }

    /// A rating with its words and the answer to them; a score without words stands in the sum alone.
    fn rating(&self, told: &Told, score: u8, text: Option<&Doc>, source: Source) -> Option<Exchange> {
        let exchange = self.exchange(told, "rating", text?, source);
        let scored = self.view.visit.c.named("choice", &format!("score_{score}")).to_string();
        Some(Exchange { text: format!("{scored}\n{}", exchange.text), ..exchange })
    }

    /// A contract with what came of it.
    fn contract(&self, told: &Told, act: &works::Contract) -> Option<Contract> {
        let contract = self.matter.contracts.iter().find(|contract| contract.at.leaf == told.at.leaf)?;
        let milestone = |(milestone, reached): (&works::Milestone, &Reached)| Milestone {
            title: self.view.words(milestone.title.sha256),
            due: milestone.due,
            amount: Some(milestone.amount_fen).filter(|fen| *fen > 0),
            reached: reached.at.map(|at| at.time.date()),
            late: reached.at.map_or(self.view.now, |at| at.time).date() > milestone.due,
        };
        let papers: Vec<(&'static str, &Doc)> = act.papers.iter().map(|doc| ("doc-contract", doc)).collect();
        Some(Contract {
            title: self.view.words(act.title.sha256),
            party: self.view.words(act.party.sha256),
            amount: contract.amount_fen,
            paid: contract.paid_fen,
            milestones: act.milestones.iter().zip(&contract.milestones).map(milestone).collect(),
            at: told.at.time,
            by: self.view.signers(&told.statement.by),
            papers: self.view.papers(&papers, &persons(told)),
            seq: told.at.seq,
        })
    }

    /// The last day for answering an open point.
    fn due(&self, leaf: Digest) -> Option<crate::core::clock::Date> {
        let tasks = tasks::tasks(self.view.state());
        let task = tasks.iter().find(|task| task.matter == Some(self.id) && task.basis == Some(leaf));
        task.and_then(|task| task.due).map(Time::last_day)
    }

    /// The window that a posting opened, as the calendar and the profiles of the settled plan have it.
    fn window(&self, told: &Told, what: &str, notice: &Doc) -> Option<NoticeWindow> {
        let state = self.view.state();
        let leaf = self.settled_before(told);
        let period = leaf
            .into_iter()
            .filter_map(|profile| state.law.profile(profile))
            .map(|profile| if what == "plan" { profile.plan_notice } else { profile.resolution_notice });
        let (ends, period) = period
            .map(|period| (state.law.calendar.end_of(told.at.time, period), period))
            .max_by_key(|(ends, _)| *ends)?;
        Some(NoticeWindow {
            what: what.to_owned(),
            posted: told.at.time,
            until: ends.last_day(),
            moved_from: state.law.calendar.moved_from(told.at.time.date(), period),
            days: u32::from(period.days),
            working_days: period.working,
            open: self.view.now < ends,
            papers: self.view.papers(&[("doc-notice", notice)], &persons(told)),
        })
    }

    /// Profiles of the ballots that the plan in force at an entry needed.
    fn settled_before(&self, told: &Told) -> Vec<Digest> {
        let before = self.told.iter().rev().filter(|other| other.at.seq < told.at.seq);
        let ballots = before.filter_map(|other| match &other.statement.act {
            Act::PlanSettled(act) => Some(&act.ballots),
            Act::EmergencyDecided(act) => Some(&act.ballots),
            _ => None,
        });
        ballots.take(1).flatten().map(|ballot| ballot.profile).collect()
    }

    fn progress(&self, told: &Told) -> Option<Progress> {
        let Act::ProgressRecorded(act) = &told.statement.act else { return None };
        let spoken = |doc: &&Doc| self.view.library.text(doc.sha256).is_some();
        let work = self.view.visit.c.named("work", act.what.code()).to_string();
        let words = act.papers.iter().filter(spoken).map(|doc| self.view.words(doc.sha256));
        let papers: Vec<(&'static str, &Doc)> = act
            .papers
            .iter()
            .filter(|doc| !spoken(doc))
            .map(|doc| (if is_picture(doc.media) { "doc-photo" } else { "doc-material" }, doc))
            .collect();
        let reports = self.told.iter().filter(|other| other.at.seq <= told.at.seq);
        let paid: u64 = reports
            .map(|other| if let Act::ProgressRecorded(act) = &other.statement.act { act.paid_fen } else { 0 })
            .sum();
        let over = paid.saturating_sub(self.matter.allowed_fen());
        Some(Progress {
            at: told.at.time,
            text: std::iter::once(work).chain(words).collect::<Vec<_>>().join("\n"),
            percent: Some(act.percent),
            paid: Some(paid).filter(|fen| *fen > 0),
            over: Some(over).filter(|fen| *fen > 0),
            witnesses: act.witnesses.iter().map(|person| self.witness(*person, told.at.time)).collect(),
            by: self.view.signers(&told.statement.by),
            papers: self.view.papers(&papers, &persons(told)),
            seq: told.at.seq,
        })
    }

    /// Somebody who watched over the quality, in the office held that day, else as a villager.
    fn witness(&self, person: PersonId, at: Time) -> Who {
        let held = roles(self.view.state(), person, at.date());
        self.view.who(person, held.into_iter().find(|role| is_office(*role)).unwrap_or(Role::Villager))
    }

    /// The votes, one session after another.
    fn ballots(&self, step: &mut Step) {
        let opened = Opened::of(self.view, self.told);
        let mut sessions: Vec<_> = self.view.state().sessions.iter().collect();
        sessions.sort_by_key(|(_, session)| session.starts_at);
        for (id, session) in sessions {
            let item = session.item(self.id);
            step.ballots.extend(item.and_then(|item| self.view.ballot(*id, session, item, &opened)));
        }
    }

    /// When each step of the present round began and ended.
    fn dates(&self, steps: &mut [Step]) {
        let paper = |kind: Kind| self.matter.papers.paper(kind).map(|paper| paper.at.time);
        let proposed = self.matter.papers.paper(Kind::MatterProposed).map(|paper| paper.at.seq);
        let heard = self.told.iter().find(|told| {
            let kind = told.statement.kind();
            Some(told.at.seq) > proposed && matches!(kind, Kind::VisitsRecorded | Kind::JointMeetingRecorded)
        });
        let began: [Option<Time>; 6] = [
            self.matter.suggestions.first().map(|suggestion| suggestion.at.time),
            paper(Kind::MatterProposed),
            heard.filter(|_| proposed.is_some()).map(|told| told.at.time),
            paper(Kind::FilingSubmitted),
            paper(Kind::FilingFiled).or_else(|| paper(Kind::EmergencyDecided)),
            paper(Kind::MinutesSigned).filter(|_| rows::reached(self.matter) == 6),
        ];
        let reached = rows::reached(self.matter);
        for (step, began_at) in steps.iter_mut().zip(began) {
            if step.number > reached {
                continue;
            }
            step.began = began_at;
            step.ended = match step.number {
                number if number < reached => began[usize::from(number)],
                _ => self.matter.outcome().map(|_| self.matter.updated.time),
            };
        }
        if let (Some(Stage::Filing), Some(due)) = (self.matter.stage(), self.matter.filing_due) {
            steps[3].due = Some(due.last_day());
            steps[3].overdue = self.view.now >= due;
        }
    }
}

/// The step that an entry moves its matter to.
fn moved(told: &Told) -> Option<u8> {
    let stage = match &told.statement.act {
        Act::FilingReturned(act) => Some(act.to),
        Act::ChangeRequested(_) => Some(Stage::Consultation),
        Act::EmergencyDecided(_) => Some(Stage::Ballot),
        // The minutes are the session's entry; the first thing after them is the posting of the result.
        Act::ResolutionPosted(_) => Some(Stage::Supervision),
        act => table::row(act.kind()).moves,
    };
    stage.map(rows::number)
}
