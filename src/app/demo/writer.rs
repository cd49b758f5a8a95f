//! Writes the steps of a village's matters with their papers, each signed by whose task it is.

use rand_chacha::ChaCha20Rng;
use rand_core::Rng as _;

use crate::app::demo::content::{Common, Said, Slots, Subject, content, day};
use crate::app::demo::course::{Event, Step};
use crate::app::demo::hall::body_name;
use crate::app::demo::picture::picture;
use crate::core::act::matter::{
    Advice, Disclosure, Emergency, EnlargedMeeting, Filing, JointMeeting, Materials, ObjectionEntered,
    ObjectionReceived, OpinionsAnswered, Place, PlanSettled, Posted, Proposed, Reason, RequiredBallot, Returned,
    Reviewed, SuggestionEntered, SuggestionReceived, Text, Visits,
};
use crate::core::act::village::ClericalCorrected;
use crate::core::act::works::{Progress, SignedOff, Work};
use crate::core::act::{Act, Kind};
use crate::core::clock::Time;
use crate::core::commit;
use crate::core::ids::{Digest, MatterId, PersonId, SessionId};
use crate::core::model::{Doc, Level, Media, Role, Source};
use crate::core::reject::Rejection;
use crate::core::statement::Header;
use crate::log::scribe::matter::Asked;
use crate::log::scribe::{Hand, Scribe};

/// One matter of a course, as it stands.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// What it is about.
    pub subject: &'static Subject,
    /// Its id, once it is on record.
    pub matter: Option<MatterId>,
    /// A suggestion of another matter that it will answer too.
    pub elsewhere: Option<Digest>,
    /// Values for its papers.
    pub slots: Slots,
    /// The enlarged meeting's minutes with the slip, for the correction.
    pub slip: Option<(Doc, String)>,
}

/// The matters of a course, and the session they go to.
#[derive(Debug, Clone)]
pub(super) struct Bundle {
    /// The matters.
    pub items: Vec<Item>,
    /// The session called last.
    pub session: Option<SessionId>,
}

/// Writes one village.
pub(super) struct Writer {
    /// The record so far.
    pub scribe: Scribe,
    /// Its own choices, apart from the scribe's.
    pub rng: ChaCha20Rng,
    /// Values that all papers of the village share.
    pub slots: Slots,
    /// One bundle a course.
    pub bundles: Vec<Bundle>,
}

fn common() -> &'static Common {
    &content().common
}

impl Writer {
    /// A number below `below`.
    pub(super) fn draw(&mut self, below: u32) -> u32 {
        self.rng.next_u32() % below.max(1)
    }

    /// A place in a list of `length`.
    pub(super) fn pick(&mut self, length: usize) -> usize {
        self.rng.next_u32() as usize % length.max(1)
    }

    /// Puts a list in a drawn order.
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.pick(last + 1);
            list.swap(last, other);
        }
    }

    /// Lets the time come, never back.
    pub(super) fn at(&mut self, time: Time) {
        let next = self.scribe.now().plus_ms(1_000);
        self.scribe.at(time.max(next));
    }

    /// Lets up to `most` seconds pass.
    pub(super) fn pass(&mut self, most: u32) {
        let ms = i64::from(2_000 + self.draw(most * 1_000));
        self.scribe.wait_ms(ms);
    }

    /// Does a step for every matter of its course.
    ///
    /// # Errors
    /// What the judge refuses.
    pub(super) fn step(&mut self, event: &Event) -> Result<(), Rejection> {
        self.at(event.time);
        match event.step {
            Step::Convene => return self.convene(event),
            Step::CancelSession => return self.cancel(event),
            Step::Hold(ending) => return self.hold(event, ending),
            Step::Cover => return self.cover(),
            Step::Kin => return self.kin(),
            _ => {}
        }
        for place in 0..self.bundles[event.course].items.len() {
            if place > 0 {
                self.pass(240);
            }
            let mut item = self.bundles[event.course].items[place].clone();
            self.write(&mut item, event.step)?;
            self.bundles[event.course].items[place] = item;
        }
        Ok(())
    }

    fn write(&mut self, item: &mut Item, step: Step) -> Result<(), Rejection> {
        item.slots = item.slots.clone().with("date", day(self.scribe.now().date()));
        match step {
            Step::Suggest(which) => self.suggest(item, which),
            Step::SuggestElsewhere => self.suggest_elsewhere(item),
            Step::Decline => self.decline(item),
            Step::Propose => self.propose(item),
            Step::Enlarged => self.enlarged(item),
            Step::Correct => self.correct(item),
            Step::Visit => self.visit(item),
            Step::Reply => self.reply(item),
            Step::Concern => self.concern(item),
            Step::Reassure => self.answer(item, &[Kind::ConcernRaised], &item.subject.concern),
            Step::Joint => self.joint(item),
            Step::Settle => self.settle(item),
            Step::Post => self.post(item, Kind::PlanSettled, "plan_notice"),
            Step::Object => self.object(item),
            Step::AnswerObjection => {
                self.answer(item, &[Kind::ObjectionEntered, Kind::ObjectionReceived], &item.subject.objection)
            }
            Step::Submit => self.submit(item),
            Step::Ask => self.ask(item),
            Step::Supply => self.supply(item),
            Step::Overdue => self.scribe.note_deadline(id(item)).map(|_| ()),
            Step::Review => self.review(item),
            Step::Return(stage) => {
                let reason = self.shared(item, "returned");
                let act = Act::FilingReturned(Returned { reason, to: stage });
                self.paper(item, Role::TownshipApprover, Kind::FilingSubmitted, act)
            }
            Step::File => {
                let act = Act::FilingFiled(Text { text: self.shared(item, "filed") });
                self.paper(item, Role::TownshipApprover, Kind::FilingReviewed, act)
            }
            Step::Withdraw => {
                let act = Act::MatterWithdrawn(Reason { reason: self.shared(item, "withdrawn") });
                self.plain(item, &[Role::BranchSecretary], act)
            }
            Step::Annul => {
                let reason = self.shared(item, "annulled");
                let authority = crate::core::act::matter::Authority::Township;
                let act = Act::MatterAnnulled(crate::core::act::matter::Annulled { authority, reason });
                self.plain(item, &[Role::TownshipApprover, Role::TownshipDisciplineOfficer], act)
            }
            Step::Emergency => self.emergency(item),
            Step::Change => {
                let reason = self.text(item, &item.subject.change);
                let act = Act::ChangeRequested(Reason { reason });
                self.plain(item, &[Role::Chair, Role::SupervisionCommittee], act)
            }
            Step::PostResult => self.post_result(item),
            Step::Progress(which) => self.progress(item, which),
            Step::SignOff => {
                let slots = item.slots.clone().with("signoff", item.subject.signoff.clone());
                let report = self.scribe.text(&slots.fill(common().step("signoff")));
                let act = Act::ImplementationSignedOff(SignedOff { report });
                self.paper(item, Role::SupervisionCommittee, Kind::ProgressRecorded, act)
            }
            Step::Disclose(which) => self.disclose(item, which),
            Step::Convene | Step::CancelSession | Step::Hold(_) | Step::Cover | Step::Kin => Ok(()),
        }
    }

    fn text(&mut self, item: &Item, text: &str) -> Doc {
        let filled = item.slots.fill(text);
        self.scribe.text(&filled)
    }

    fn text_for(&mut self, item: &Item, level: Level, text: &str) -> Doc {
        let filled = item.slots.fill(text);
        self.scribe.document(level, Media::Text, filled.into_bytes())
    }

    fn shared(&mut self, item: &Item, name: &str) -> Doc {
        let slots = item.slots.clone().with("returned", item.subject.returned.clone());
        self.scribe.text(&slots.fill(common().step(name)))
    }

    fn hands(&self, roles: &[Role]) -> Vec<Hand> {
        roles.iter().map(|role| self.scribe.hand(*role)).collect()
    }

    fn plain(&mut self, item: &Item, roles: &[Role], act: Act) -> Result<(), Rejection> {
        let hands = self.hands(roles);
        self.scribe.act(&hands, Header::of(id(item)), act).map(|_| ())
    }

    fn paper(&mut self, item: &Item, role: Role, basis: Kind, act: Act) -> Result<(), Rejection> {
        let header = Header::of(id(item)).on(self.scribe.paper(id(item), basis));
        self.scribe.act(&[self.scribe.hand(role)], header, act).map(|_| ())
    }

    fn off_line(&mut self, item: &Item, role: Role, basis: Kind, late: bool, act: Act) -> Result<(), Rejection> {
        let today = self.scribe.now().date();
        // Nothing is held before what it rests on: a visit about a plan comes after the plan.
        let matter = self.scribe.state().matter(id(item));
        let rests_on = matter.and_then(|matter| matter.papers.paper(basis)).map(|paper| paper.at.time.date());
        let held_on = if late { today.plus_days(-21).max(rests_on.unwrap_or(today)) } else { today };
        let header = Header::of(id(item)).on(self.scribe.paper(id(item), basis)).held(held_on);
        self.scribe.act(&[self.scribe.hand(role)], header, act).map(|_| ())
    }

    fn suggest(&mut self, item: &mut Item, which: usize) -> Result<(), Rejection> {
        let Some(words) = item.subject.suggestions.get(which) else { return Ok(()) };
        let matter = *item.matter.get_or_insert_with(|| self.scribe.new_matter());
        self.suggest_words(matter, item, words)
    }

    fn suggest_words(&mut self, matter: MatterId, item: &Item, words: &str) -> Result<(), Rejection> {
        let text = self.text(item, words);
        let (role, source) = match self.draw(6) {
            0 => (Role::GridWorker, Source::HouseholdVisit),
            1 => (Role::Clerk, Source::TalkSession),
            2 => (Role::Representative, Source::Online),
            3 => (Role::Villager, Source::Online),
            4 => {
                let receipt = commit::plain(&self.scribe.draw::<16>());
                let act = Act::SuggestionReceived(SuggestionReceived { text, receipt });
                return self.scribe.act(&[Hand::Log], Header::of(matter), act).map(|_| ());
            }
            _ => (Role::Clerk, Source::PaperBox),
        };
        let act = Act::SuggestionEntered(SuggestionEntered { text, source });
        self.scribe.act(&[self.scribe.hand(role)], Header::of(matter), act).map(|_| ())
    }

    fn suggest_elsewhere(&mut self, item: &mut Item) -> Result<(), Rejection> {
        let Some(words) = item.subject.suggestions.last() else { return Ok(()) };
        let other = self.scribe.new_matter();
        self.suggest_words(other, item, words)?;
        item.elsewhere = self.suggestions(other).first().copied();
        Ok(())
    }

    fn suggestions(&self, matter: MatterId) -> Vec<Digest> {
        let matter = self.scribe.state().matter(matter);
        matter.map_or_else(Vec::new, |matter| matter.suggestions.iter().map(|s| s.at.leaf).collect())
    }

    fn decline(&mut self, item: &Item) -> Result<(), Rejection> {
        let which = self.pick(common().declined.len());
        let reason = self.text(item, &common().declined[which].reason);
        self.plain(item, &[Role::BranchSecretary], Act::SuggestionDeclined(Reason { reason }))
    }

    fn propose(&mut self, item: &Item) -> Result<(), Rejection> {
        let mut answers = self.suggestions(id(item));
        let basis = [Kind::SuggestionEntered, Kind::SuggestionReceived]
            .into_iter()
            .map(|kind| self.scribe.paper(id(item), kind))
            .find(|leaf| *leaf != Digest([0; 32]))
            .unwrap_or(Digest([0; 32]));
        answers.extend(item.elsewhere);
        let (title, plan) = (self.text(item, &item.subject.title), self.text(item, &item.subject.draft));
        let amount_fen = item.slots.yuan * 100;
        let act = Proposed { category: item.subject.category, title, plan, amount_fen, answers };
        let header = Header::of(id(item)).on(basis);
        self.scribe.act(&[self.scribe.hand(Role::BranchSecretary)], header, Act::MatterProposed(act)).map(|_| ())
    }

    fn meeting(&self, supervised: bool) -> Vec<PersonId> {
        let scribe = &self.scribe;
        let mut there = vec![scribe.secretary(), scribe.chair(), scribe.clerk(), scribe.committee_member(0)];
        if supervised {
            there.extend([scribe.supervisor(0), scribe.supervisor(1), scribe.committee_member(1)]);
        }
        there.sort_unstable();
        there.dedup();
        there
    }

    fn enlarged(&mut self, item: &mut Item) -> Result<(), Rejection> {
        let words = item.slots.fill(common().step("enlarged_minutes"));
        let minutes = self.scribe.text(&words);
        item.slip = Some((minutes.clone(), words.replace("会堂二楼", "会堂一楼")));
        let opinions = Some(self.text_for(item, Level::Village, &item.subject.attending));
        let (attendees, nonvoting, late) = (self.meeting(false), 2 + self.draw(4), self.draw(12) == 0);
        let act = Act::EnlargedMeetingRecorded(EnlargedMeeting { attendees, nonvoting, opinions, minutes });
        self.off_line(item, Role::Clerk, Kind::MatterProposed, late, act)
    }

    fn correct(&mut self, item: &Item) -> Result<(), Rejection> {
        let Some((slip, right)) = &item.slip else { return Ok(()) };
        let (of, new) = (Kind::EnlargedMeetingRecorded, self.scribe.text(right));
        let header = Header::of(id(item)).on(self.scribe.paper(id(item), of));
        let act = Act::ClericalCorrected(ClericalCorrected { of, old: slip.sha256, new });
        self.scribe.act(&self.scribe.two(), header, act).map(|_| ())
    }

    fn visit(&mut self, item: &Item) -> Result<(), Rejection> {
        let opinions = item.subject.opinions.iter().map(|opinion| self.text(item, &opinion.said)).collect();
        let (households, late) = (18 + self.draw(60), self.draw(14) == 0);
        let act = Act::VisitsRecorded(Visits { households, opinions });
        self.off_line(item, Role::GridWorker, Kind::MatterProposed, late, act)
    }

    fn reply(&mut self, item: &Item) -> Result<(), Rejection> {
        let answers = item.subject.opinions.iter().map(|opinion| self.text(item, &opinion.reply)).collect();
        let basis = self.scribe.open_point(id(item), &[Kind::VisitsRecorded]);
        let act = Act::OpinionsAnswered(OpinionsAnswered { answers });
        self.scribe.act(&[self.scribe.hand(Role::Clerk)], Header::of(id(item)).on(basis), act).map(|_| ())
    }

    fn concern(&mut self, item: &Item) -> Result<(), Rejection> {
        let text = self.text(item, &item.subject.concern.said);
        self.plain(item, &[Role::SupervisionCommittee], Act::ConcernRaised(Text { text }))
    }

    fn answer(&mut self, item: &Item, kinds: &[Kind], said: &Said) -> Result<(), Rejection> {
        let text = self.text(item, &said.reply);
        let act = match kinds {
            [Kind::ConcernRaised] => Act::ConcernAnswered(Text { text }),
            _ => Act::ObjectionAnswered(Text { text }),
        };
        let header = Header::of(id(item)).on(self.scribe.open_point(id(item), kinds));
        let role = if self.draw(2) == 0 { Role::Clerk } else { Role::Chair };
        self.scribe.act(&[self.scribe.hand(role)], header, act).map(|_| ())
    }

    fn joint(&mut self, item: &Item) -> Result<(), Rejection> {
        let slots = item.slots.clone().with("meeting", item.slots.fill(&item.subject.meeting));
        let minutes = self.scribe.text(&slots.fill(common().step("joint_minutes")));
        let act = Act::JointMeetingRecorded(JointMeeting { attendees: self.meeting(true), minutes });
        self.off_line(item, Role::Clerk, Kind::MatterProposed, false, act)
    }

    fn ballots(&mut self, item: &Item, questions: &[String]) -> Result<Vec<RequiredBallot>, Rejection> {
        let options: Vec<&str> = item.subject.options.iter().map(|(code, _)| code.as_str()).collect();
        let labels: Vec<String> = item.subject.options.iter().map(|(_, words)| item.slots.fill(words)).collect();
        let question = |(number, words): (u32, &String)| Asked {
            labels: labels.clone(),
            ..Asked::choice(&format!("q{number}"), &item.slots.fill(words), &options)
        };
        let asked: Vec<Asked> = (1..).zip(questions).map(question).collect();
        let (category, fen) = (item.subject.category, item.slots.yuan * 100);
        let body = crate::app::demo::course::body_of(category);
        Ok(vec![self.scribe.required_ballot(body, category, fen, &asked)?])
    }

    fn settle(&mut self, item: &Item) -> Result<(), Rejection> {
        let ballots = self.ballots(item, &item.subject.questions)?;
        let (plan, amount_fen) = (self.text(item, &item.subject.plan), item.slots.yuan * 100);
        let act = Act::PlanSettled(PlanSettled { plan, amount_fen, ballots });
        self.paper(item, Role::Clerk, Kind::JointMeetingRecorded, act)
    }

    fn post(&mut self, item: &Item, basis: Kind, name: &str) -> Result<(), Rejection> {
        let notice = self.shared(item, name);
        let act = Act::PlanPosted(Posted { notice, places: vec![Place::Board, Place::Online] });
        self.paper(item, Role::Clerk, basis, act)
    }

    fn object(&mut self, item: &Item) -> Result<(), Rejection> {
        let text = self.text(item, &item.subject.objection.said);
        let header = Header::of(id(item)).on(self.scribe.paper(id(item), Kind::PlanPosted));
        let (hand, act) = match self.draw(3) {
            0 => {
                let receipt = commit::plain(&self.scribe.draw::<16>());
                (Hand::Log, Act::ObjectionReceived(ObjectionReceived { text, receipt }))
            }
            1 => {
                let act = ObjectionEntered { text, source: Source::Online };
                (self.scribe.hand(Role::Villager), Act::ObjectionEntered(act))
            }
            _ => {
                let act = ObjectionEntered { text, source: Source::PaperBox };
                (self.scribe.hand(Role::GridWorker), Act::ObjectionEntered(act))
            }
        };
        self.scribe.act(&[hand], header, act).map(|_| ())
    }

    fn submit(&mut self, item: &Item) -> Result<(), Rejection> {
        let (papers, mut materials) = self.scribe.papers_needed(id(item));
        materials.push(self.text_for(item, Level::Officials, common().step("filing_material")));
        self.paper(item, Role::Clerk, Kind::PlanSettled, Act::FilingSubmitted(Filing { papers, materials }))
    }

    fn ask(&mut self, item: &Item) -> Result<(), Rejection> {
        let act = Act::SupplementRequested(Text { text: self.shared(item, "supplement_ask") });
        self.paper(item, Role::TownshipDrafter, Kind::FilingSubmitted, act)
    }

    fn supply(&mut self, item: &Item) -> Result<(), Rejection> {
        let materials = vec![self.shared(item, "supplement_give")];
        let header = Header::of(id(item)).on(self.scribe.open_point(id(item), &[Kind::SupplementRequested]));
        let act = Act::SupplementProvided(Materials { materials });
        self.scribe.act(&[self.scribe.hand(Role::Clerk)], header, act).map(|_| ())
    }

    fn review(&mut self, item: &Item) -> Result<(), Rejection> {
        let opinion = self.shared(item, "review_file");
        let act = Act::FilingReviewed(Reviewed { opinion, advice: Advice::File });
        self.paper(item, Role::TownshipDrafter, Kind::FilingSubmitted, act)
    }

    fn emergency(&mut self, item: &mut Item) -> Result<(), Rejection> {
        let emergency = &common().emergency;
        let which = self.pick(emergency.titles.len());
        item.slots = item.slots.clone().with("title", emergency.titles[which].clone());
        item.matter = Some(self.scribe.new_matter());
        let ballots = self.ballots(item, &emergency.questions)?;
        let act = Emergency {
            category: item.subject.category,
            title: self.text(item, "{title}"),
            plan: self.text(item, &emergency.plan),
            amount_fen: item.slots.yuan * 100,
            reason: self.text(item, &emergency.reason),
            ballots,
        };
        let hands = [
            self.scribe.hand(Role::BranchSecretary),
            self.scribe.hand(Role::CommitteeMember),
            self.scribe.hand(Role::TownshipApprover),
        ];
        let header = Header::of(id(item)).held(self.scribe.now().date());
        self.scribe.act(&hands, header, Act::EmergencyDecided(act)).map(|_| ())
    }

    fn post_result(&mut self, item: &Item) -> Result<(), Rejection> {
        let results = self.results_of(item);
        let body = body_name(item);
        let slots = item.slots.clone().with("results", results).with("body", body);
        let notice = self.scribe.text(&slots.fill(common().session("resolution_notice")));
        let act =
            Act::ResolutionPosted(Posted { notice, places: vec![Place::Board, Place::Online, Place::Loudspeaker] });
        self.paper(item, Role::Clerk, Kind::MinutesSigned, act)
    }

    fn progress(&mut self, item: &Item, which: usize) -> Result<(), Rejection> {
        let (what, percent, share) =
            [(Work::Works, 20, 30), (Work::Works, 60, 30), (Work::Delivery, 100, 40)][which.min(2)];
        let paid = item.slots.yuan * share / 100;
        let slots = item.slots.clone().with("percent", percent.to_string());
        let report = item.slots.fill(item.subject.progress.get(which).map_or("", String::as_str));
        let slots = slots.with("report", report).with("paid", crate::app::demo::content::money(paid));
        let report = self.scribe.text(&slots.fill(common().step("progress_paper")));
        let photo = picture(item.subject.picture, which).to_vec();
        let papers = vec![report, self.scribe.document(Level::Public, Media::Jpeg, photo)];
        let act = Act::ProgressRecorded(Progress::of(what, percent, paid * 100, papers));
        let late = which == 1 && self.draw(10) == 0;
        self.off_line(item, Role::GridWorker, Kind::ResolutionPosted, late, act)
    }

    /// Disclosed inside the annual budget that was voted.
    fn disclose(&mut self, item: &mut Item, which: usize) -> Result<(), Rejection> {
        let small = &common().small[which % common().small.len()];
        let mut plans = self.scribe.state().matters.values();
        let budget = plans.find_map(|matter| {
            let plan = matter.proposal.as_ref().is_some_and(|p| p.category == crate::core::model::Category::M01);
            let passed = matter.outcome() == Some(crate::core::model::Outcome::Finished);
            matter.papers.paper(Kind::MinutesSigned).filter(|_| plan && passed).map(|paper| paper.at.leaf)
        });
        item.matter = Some(self.scribe.new_matter());
        let (title, text) = (self.text(item, &small.title), self.text(item, &small.text));
        let act = Disclosure { category: small.category, title, text, amount_fen: small.amount * 100, budget };
        let header = Header::of(id(item));
        self.scribe.act(&self.scribe.two(), header, Act::DisclosurePosted(act)).map(|_| ())
    }
}

/// The id of a matter that is on record; of none before, which the judge refuses.
pub(super) fn id(item: &Item) -> MatterId {
    item.matter.unwrap_or_else(|| MatterId::from_bytes([0; 16]))
}
