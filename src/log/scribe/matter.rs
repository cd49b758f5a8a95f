//! A matter's steps, from the first suggestion to the sign-off, each with what is usual as default.

use crate::core::act::matter::{
    Advice, DeadlinePassed, EnlargedMeeting, Filing, JointMeeting, Materials, ObjectionEntered, OpinionsAnswered,
    Place, PlanSettled, Posted, Proposed, Question, Reason, RequiredBallot, Returned, Reviewed, SuggestionEntered,
    Text, Visits,
};
use crate::core::act::works::Work;
use crate::core::act::{Act, Kind};
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId};
use crate::core::model::{Body, Category, Doc, OptionCode, PaperCode, QuestionCode, Role, Source, Stage};
use crate::core::reject::{Rejection, Rule};
use crate::core::state::matter::Matter;
use crate::core::statement::Header;
use crate::log::ledger::Appended;
use crate::log::scribe::{Hand, Scribe};

/// What a matter is about, for the steps up to its ballot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// One of ten.
    pub category: Category,
    /// Its title.
    pub title: String,
    /// What was suggested.
    pub suggestion: String,
    /// The draft plan, which is settled unchanged.
    pub plan: String,
    /// Money involved, in fen.
    pub amount_fen: u64,
    /// Opinions heard at household visits.
    pub opinions: Vec<String>,
    /// The reply to each.
    pub answer: String,
    /// Each ballot's body with its questions.
    pub ballots: Vec<(Body, Vec<Asked>)>,
}

/// A question as it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its code.
    pub code: String,
    /// Its wording.
    pub title: String,
    /// The question's own options; none for a plain question of for, against, abstain.
    pub options: Vec<String>,
    /// The words of those options, in the same order; none where the codes say enough.
    pub labels: Vec<String>,
    /// Whether the matter fails with it.
    pub required: bool,
}

impl Asked {
    /// A plain, required question.
    #[must_use]
    pub fn plain(code: &str, title: &str) -> Self {
        Self { code: code.to_owned(), title: title.to_owned(), options: Vec::new(), labels: Vec::new(), required: true }
    }

    /// A required question with options of its own, to which `abstain` is added.
    #[must_use]
    pub fn choice(code: &str, title: &str, options: &[&str]) -> Self {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Self { options, ..Self::plain(code, title) }
    }
}

impl Draft {
    /// A matter of this category with one plain question `q1` for the usual body: representatives, or the members'
    /// assembly where the matter can't be delegated.
    #[must_use]
    pub fn of(category: Category) -> Self {
        let body = match category {
            Category::M05 | Category::M07 | Category::M08 => Body::MembersAssembly,
            Category::M01
            | Category::M02
            | Category::M03
            | Category::M04
            | Category::M06
            | Category::M09
            | Category::M10 => Body::RepresentativeAssembly,
        };
        Self {
            category,
            title: "硬化村西机耕路".to_owned(),
            suggestion: "村西机耕路下雨难走，建议硬化".to_owned(),
            plan: "硬化机耕路 800 米，预算 20 万元".to_owned(),
            amount_fen: 20_000_000,
            opinions: vec!["希望同时修好路边水沟".to_owned()],
            answer: "水沟已列入方案".to_owned(),
            ballots: vec![(body, vec![Asked::plain("q1", "是否同意该方案")])],
        }
    }
}

/// A question code; an empty one is refused by the judge, not here.
pub(crate) fn question_code(code: &str) -> Result<QuestionCode, Rejection> {
    code.parse().map_err(|error| Rejection::new(Rule::StatementFields, "a question code", error))
}

/// An option code.
pub(crate) fn option_code(code: &str) -> Result<OptionCode, Rejection> {
    code.parse().map_err(|error| Rejection::new(Rule::StatementFields, "an option code", error))
}

impl Scribe {
    /// The leaf hash of a matter's paper in force; zeros where there is none, which the judge refuses.
    #[must_use]
    pub fn paper(&self, matter: MatterId, kind: Kind) -> Digest {
        let paper = self.state().matter(matter).and_then(|matter| matter.papers.paper(kind));
        paper.map_or(Digest([0; 32]), |paper| paper.at.leaf)
    }

    /// The oldest point of this kind that waits for an answer; zeros where there is none.
    #[must_use]
    pub fn open_point(&self, matter: MatterId, kinds: &[Kind]) -> Digest {
        let open = self.state().matter(matter).into_iter().flat_map(|matter| matter.open.iter().chain(&matter.asked));
        let oldest = open.filter(|(_, point)| kinds.contains(&point.kind)).min_by_key(|(_, point)| point.at.seq);
        oldest.map_or(Digest([0; 32]), |(leaf, _)| *leaf)
    }

    /// A new matter begins with a suggestion from the paper box, entered by the clerk.
    ///
    /// # Errors
    /// What the judge refuses; so in all that follow.
    pub fn suggest(&mut self, text: &str) -> Result<MatterId, Rejection> {
        let matter = self.new_matter();
        self.suggest_to(matter, text)?;
        Ok(matter)
    }

    /// A further suggestion to a matter.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn suggest_to(&mut self, matter: MatterId, text: &str) -> Result<Appended, Rejection> {
        let act = SuggestionEntered { text: self.text(text), source: Source::PaperBox };
        self.act(&[self.hand(Role::Clerk)], Header::of(matter), Act::SuggestionEntered(act))
    }

    /// The branch secretary proposes the matter; it answers the matter's latest suggestion.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn propose(&mut self, matter: MatterId, draft: &Draft) -> Result<Appended, Rejection> {
        let suggestions = self.state().matter(matter).map(|matter| &matter.suggestions);
        let answers: Vec<Digest> = suggestions.into_iter().flatten().map(|suggestion| suggestion.at.leaf).collect();
        let entered = self.paper(matter, Kind::SuggestionEntered);
        let none = entered == Digest([0; 32]);
        let basis = if none { self.paper(matter, Kind::SuggestionReceived) } else { entered };
        let (title, plan) = (self.text(&draft.title), self.text(&draft.plan));
        let act = Proposed { category: draft.category, title, plan, amount_fen: draft.amount_fen, answers };
        self.act(&[self.hand(Role::BranchSecretary)], Header::of(matter).on(basis), Act::MatterProposed(act))
    }

    /// The enlarged branch meeting was held today.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn enlarged_meeting(&mut self, matter: MatterId) -> Result<Appended, Rejection> {
        let (opinions, minutes) = (Some(self.text("列席人员意见")), self.text("支部扩大会议记录"));
        let attendees = self.meeting();
        let act = EnlargedMeeting { attendees, nonvoting: 3, opinions, minutes };
        let header = self.today(matter).on(self.paper(matter, Kind::MatterProposed));
        self.act(&[self.hand(Role::Clerk)], header, Act::EnlargedMeetingRecorded(act))
    }

    fn meeting(&self) -> Vec<crate::core::ids::PersonId> {
        let mut attendees = vec![self.secretary(), self.chair(), self.clerk()];
        attendees.sort_unstable();
        attendees.dedup();
        attendees
    }

    pub(in crate::log::scribe) fn today(&self, matter: MatterId) -> Header {
        Header::of(matter).held(self.now().date())
    }

    /// Households were visited today.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn visit(&mut self, matter: MatterId, opinions: &[String]) -> Result<Appended, Rejection> {
        let opinions = opinions.iter().map(|opinion| self.text(opinion)).collect();
        let header = self.today(matter).on(self.paper(matter, Kind::MatterProposed));
        self.act(&[self.hand(Role::GridWorker)], header, Act::VisitsRecorded(Visits { households: 12, opinions }))
    }

    /// Every opinion of the oldest round of visits is answered, each with this text.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn answer_opinions(&mut self, matter: MatterId, text: &str) -> Result<Appended, Rejection> {
        let basis = self.open_point(matter, &[Kind::VisitsRecorded]);
        let open = self.state().matter(matter).and_then(|matter| matter.open.get(&basis));
        let count = open.map_or(0, |point| point.answers);
        let answers = (0..count).map(|_| self.text(text)).collect();
        let act = Act::OpinionsAnswered(OpinionsAnswered { answers });
        self.act(&[self.hand(Role::Clerk)], Header::of(matter).on(basis), act)
    }

    /// The joint meeting was held today.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn joint_meeting(&mut self, matter: MatterId) -> Result<Appended, Rejection> {
        let (attendees, minutes) = (self.meeting(), self.text("村务联席会议记录"));
        let header = self.today(matter).on(self.paper(matter, Kind::MatterProposed));
        self.act(&[self.hand(Role::Clerk)], header, Act::JointMeetingRecorded(JointMeeting { attendees, minutes }))
    }

    /// A required ballot under the profile in force today.
    ///
    /// # Errors
    /// A code that is none.
    pub fn required_ballot(
        &mut self,
        body: Body,
        category: Category,
        amount_fen: u64,
        asked: &[Asked],
    ) -> Result<RequiredBallot, Rejection> {
        let profile = self.state().law.applicable(body, category, amount_fen, self.now().date());
        let profile = profile.map_or(Digest([0; 32]), |(leaf, _)| leaf);
        let mut questions = Vec::new();
        for question in asked {
            let mut codes: Vec<&str> = question.options.iter().map(String::as_str).collect();
            if codes.is_empty() {
                codes = vec![OptionCode::FOR, OptionCode::AGAINST];
            }
            codes.push(OptionCode::ABSTAIN);
            let options = codes.into_iter().map(option_code).collect::<Result<_, _>>()?;
            let (code, title) = (question_code(&question.code)?, self.text(&question.title));
            let labels = question.labels.iter().map(|words| self.text(words)).collect();
            questions.push(Question { code, title, options, labels, required: question.required });
        }
        let group = (body == Body::GroupMeeting).then_some(1);
        Ok(RequiredBallot { body, profile, group, questions })
    }

    /// The plan is settled as drafted.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn settle_plan(&mut self, matter: MatterId, draft: &Draft) -> Result<Appended, Rejection> {
        let mut ballots = Vec::new();
        for (body, asked) in &draft.ballots {
            ballots.push(self.required_ballot(*body, draft.category, draft.amount_fen, asked)?);
        }
        let act = PlanSettled { plan: self.text(&draft.plan), amount_fen: draft.amount_fen, ballots };
        let header = Header::of(matter).on(self.paper(matter, Kind::JointMeetingRecorded));
        self.act(&[self.hand(Role::Clerk)], header, Act::PlanSettled(act))
    }

    fn posted(&mut self, text: &str) -> Posted {
        Posted { notice: self.text(text), places: vec![Place::Board, Place::Online] }
    }

    /// The settled plan is posted.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn post_plan(&mut self, matter: MatterId) -> Result<Appended, Rejection> {
        let act = Act::PlanPosted(self.posted("方案公示"));
        let header = Header::of(matter).on(self.paper(matter, Kind::PlanSettled));
        self.act(&[self.hand(Role::Clerk)], header, act)
    }

    /// The time at which the window of the plan's notice ends, or now where there is none.
    #[must_use]
    pub fn plan_notice_ends(&self, matter: MatterId) -> Time {
        let notice = self.state().matter(matter).and_then(|matter: &Matter| matter.plan_notice);
        notice.map_or(self.now(), |notice| notice.ends)
    }

    /// The time at which the window of the resolution's notice ends, or now where there is none.
    #[must_use]
    pub fn resolution_notice_ends(&self, matter: MatterId) -> Time {
        let notice = self.state().matter(matter).and_then(|matter: &Matter| matter.resolution_notice);
        notice.map_or(self.now(), |notice| notice.ends)
    }

    /// An objection on paper to the plan (or, at supervision, to the resolution), entered by the grid worker.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn object(&mut self, matter: MatterId, text: &str) -> Result<Appended, Rejection> {
        let supervised = self.state().matter(matter).and_then(Matter::stage) == Some(Stage::Supervision);
        let kind = if supervised { Kind::ResolutionPosted } else { Kind::PlanPosted };
        let act = ObjectionEntered { text: self.text(text), source: Source::PaperBox };
        let header = Header::of(matter).on(self.paper(matter, kind));
        self.act(&[self.hand(Role::GridWorker)], header, Act::ObjectionEntered(act))
    }

    /// The oldest objection is answered.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn answer_objection(&mut self, matter: MatterId, text: &str) -> Result<Appended, Rejection> {
        let basis = self.open_point(matter, &[Kind::ObjectionEntered, Kind::ObjectionReceived]);
        let act = Act::ObjectionAnswered(Text { text: self.text(text) });
        self.act(&[self.hand(Role::Clerk)], Header::of(matter).on(basis), act)
    }

    /// The supervision committee raises a concern.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn raise_concern(&mut self, matter: MatterId, text: &str) -> Result<Appended, Rejection> {
        let act = Act::ConcernRaised(Text { text: self.text(text) });
        self.act(&[self.hand(Role::SupervisionCommittee)], Header::of(matter), act)
    }

    /// The oldest concern is answered.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn answer_concern(&mut self, matter: MatterId, text: &str) -> Result<Appended, Rejection> {
        let basis = self.open_point(matter, &[Kind::ConcernRaised]);
        let act = Act::ConcernAnswered(Text { text: self.text(text) });
        self.act(&[self.hand(Role::Clerk)], Header::of(matter).on(basis), act)
    }

    /// The matter is submitted to the township.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn submit_filing(&mut self, matter: MatterId) -> Result<Appended, Rejection> {
        let (papers, mut materials) = self.papers_needed(matter);
        materials.push(self.text("备案材料"));
        let act = Act::FilingSubmitted(Filing { papers, materials });
        let header = Header::of(matter).on(self.paper(matter, Kind::PlanSettled));
        self.act(&[self.hand(Role::Clerk)], header, act)
    }

    /// Papers that the catalogue in force asks for, each in a word.
    pub fn papers_needed(&mut self, matter: MatterId) -> (Vec<PaperCode>, Vec<Doc>) {
        let proposal = self.state().matter(matter).and_then(|matter| matter.proposal.as_ref());
        let category = proposal.map(|proposal| proposal.category);
        let law = self.state().law.clone();
        let needed = category.map_or(&[][..], |category| law.papers_needed(category, self.now().date()));
        let papers = needed.iter().map(|paper| paper.code.clone()).collect();
        (papers, needed.iter().map(|paper| self.text(&paper.title)).collect())
    }

    /// The township asks for a supplement: its clock stands still.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn request_supplement(&mut self, matter: MatterId, text: &str) -> Result<Appended, Rejection> {
        let act = Act::SupplementRequested(Text { text: self.text(text) });
        let header = Header::of(matter).on(self.paper(matter, Kind::FilingSubmitted));
        self.act(&[self.hand(Role::TownshipDrafter)], header, act)
    }

    /// The village provides the supplement.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn provide_supplement(&mut self, matter: MatterId, text: &str) -> Result<Appended, Rejection> {
        let basis = self.open_point(matter, &[Kind::SupplementRequested]);
        let act = Act::SupplementProvided(Materials { materials: vec![self.text(text)] });
        self.act(&[self.hand(Role::Clerk)], Header::of(matter).on(basis), act)
    }

    /// The log notes that the review's due time has passed.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn note_deadline(&mut self, matter: MatterId) -> Result<Appended, Rejection> {
        let due = self.state().matter(matter).and_then(|matter| matter.filing_due).unwrap_or(self.now());
        let act = Act::DeadlinePassed(DeadlinePassed { due: due.last_day() });
        let header = Header::of(matter).on(self.paper(matter, Kind::FilingSubmitted));
        self.act(&[Hand::Log], header, act)
    }

    /// The township's reviewer gives an opinion.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn review(&mut self, matter: MatterId, advice: Advice) -> Result<Appended, Rejection> {
        let act = Act::FilingReviewed(Reviewed { opinion: self.text("审议意见"), advice });
        let header = Header::of(matter).on(self.paper(matter, Kind::FilingSubmitted));
        self.act(&[self.hand(Role::TownshipDrafter)], header, act)
    }

    /// The township files the matter.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn file(&mut self, matter: MatterId) -> Result<Appended, Rejection> {
        let act = Act::FilingFiled(Text { text: self.text("同意备案") });
        let header = Header::of(matter).on(self.paper(matter, Kind::FilingReviewed));
        self.act(&[self.hand(Role::TownshipApprover)], header, act)
    }

    /// The township returns the matter to an earlier stage.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn return_to(&mut self, matter: MatterId, to: Stage, reason: &str) -> Result<Appended, Rejection> {
        let act = Act::FilingReturned(Returned { reason: self.text(reason), to });
        let header = Header::of(matter).on(self.paper(matter, Kind::FilingSubmitted));
        self.act(&[self.hand(Role::TownshipApprover)], header, act)
    }

    /// The branch takes the matter back.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn withdraw(&mut self, matter: MatterId, reason: &str) -> Result<Appended, Rejection> {
        let act = Act::MatterWithdrawn(Reason { reason: self.text(reason) });
        self.act(&[self.hand(Role::BranchSecretary)], Header::of(matter), act)
    }

    /// A change of what was decided or is to be decided is asked for.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn request_change(&mut self, matter: MatterId, reason: &str) -> Result<Appended, Rejection> {
        let act = Act::ChangeRequested(Reason { reason: self.text(reason) });
        let by = [self.hand(Role::Chair), self.hand(Role::SupervisionCommittee)];
        self.act(&by, Header::of(matter), act)
    }

    /// The resolution is posted.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn post_resolution(&mut self, matter: MatterId) -> Result<Appended, Rejection> {
        let act = Act::ResolutionPosted(self.posted("决议公示"));
        let header = Header::of(matter).on(self.paper(matter, Kind::MinutesSigned));
        self.act(&[self.hand(Role::Clerk)], header, act)
    }

    /// Suggestion and proposal, a day apart.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn bring_to_proposal(&mut self, draft: &Draft) -> Result<MatterId, Rejection> {
        let matter = self.suggest(&draft.suggestion)?;
        self.wait_days(1).propose(matter, draft)?;
        Ok(matter)
    }

    /// From an existing proposal: meetings, visits, answers, settled plan, notice.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn consult(&mut self, matter: MatterId, draft: &Draft) -> Result<(), Rejection> {
        self.wait_days(1).enlarged_meeting(matter)?;
        self.wait_days(1).visit(matter, &draft.opinions)?;
        if !draft.opinions.is_empty() {
            self.wait_days(1).answer_opinions(matter, &draft.answer)?;
        }
        self.wait_days(1).settle_and_post(matter, draft)
    }

    /// From visits on record: joint meeting, settled plan, notice.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn settle_and_post(&mut self, matter: MatterId, draft: &Draft) -> Result<(), Rejection> {
        self.joint_meeting(matter)?;
        self.wait_minutes(30).settle_plan(matter, draft)?;
        self.wait_minutes(30).post_plan(matter).map(|_| ())
    }

    /// The notice's window passes and the matter is submitted.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn submit_after_notice(&mut self, matter: MatterId) -> Result<Appended, Rejection> {
        let ends = self.plan_notice_ends(matter);
        self.at(ends).wait_minutes(9 * 60).submit_filing(matter)
    }

    /// The township reviews and files, a day apart.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn review_and_file(&mut self, matter: MatterId) -> Result<Appended, Rejection> {
        self.wait_days(1).review(matter, Advice::File)?;
        self.wait_days(1).file(matter)
    }

    /// A new matter, through everything up to its filing.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn bring_to_filing(&mut self, draft: &Draft) -> Result<MatterId, Rejection> {
        let matter = self.bring_to_proposal(draft)?;
        self.consult(matter, draft)?;
        self.submit_after_notice(matter)?;
        Ok(matter)
    }

    /// A new matter, through everything up to its ballot.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn bring_to_ballot(&mut self, draft: &Draft) -> Result<MatterId, Rejection> {
        let matter = self.bring_to_filing(draft)?;
        self.review_and_file(matter)?;
        Ok(matter)
    }

    /// After a vote that passed: resolution, its window, progress to the end, sign-off.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn carry_out(&mut self, matter: MatterId, paid_fen: u64) -> Result<Appended, Rejection> {
        self.wait_days(1).post_resolution(matter)?;
        let ends = self.resolution_notice_ends(matter);
        self.at(ends).wait_days(10).progress(matter, Work::Works, 60, 0)?;
        self.wait_days(20).progress(matter, Work::Delivery, 100, paid_fen)?;
        self.wait_days(2).sign_off(matter)
    }
}
