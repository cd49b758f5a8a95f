//! Carrying out what was decided, and what villagers ask and say of it.

use crate::core::act::inquiry::{Addressee, Asked, HallPosted, InquiryEntered, RatingEntered, ReturnVisit};
use crate::core::act::matter::Text;
use crate::core::act::works::{Contract, Milestone, Progress, SignedOff, Work};
use crate::core::act::{Act, Kind};
use crate::core::clock::Date;
use crate::core::ids::MatterId;
use crate::core::model::{Media, Role, Source};
use crate::core::reject::Rejection;
use crate::core::statement::Header;
use crate::log::ledger::Appended;
use crate::log::scribe::Scribe;

impl Scribe {
    /// A contract was signed today; `milestones` by day and amount in fen.
    ///
    /// # Errors
    /// What the judge refuses; so in all that follow.
    pub fn contract(
        &mut self,
        matter: MatterId,
        amount_fen: u64,
        milestones: &[(Date, u64)],
    ) -> Result<Appended, Rejection> {
        let milestones = milestones.iter().map(|(due, amount_fen)| (self.text("节点"), *due, *amount_fen));
        let milestones = milestones.map(|(title, due, amount_fen)| Milestone { title, due, amount_fen }).collect();
        let (title, party, papers) = (self.text("施工合同"), self.text("某建设公司"), vec![self.text("合同文本")]);
        let act = Act::ContractRecorded(Contract { title, party, amount_fen, milestones, papers });
        let header = self.today(matter).on(self.paper(matter, Kind::ResolutionPosted));
        self.act(&self.two(), header, act)
    }

    /// Progress was seen today.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn progress(
        &mut self,
        matter: MatterId,
        what: Work,
        percent: u8,
        paid_fen: u64,
    ) -> Result<Appended, Rejection> {
        let mut act = Progress::of(what, percent, paid_fen, vec![self.text("实施进展")]);
        if what == Work::Quality {
            act.witnesses.push(self.supervisor(0));
        }
        self.report(matter, act)
    }

    /// Progress as told, seen today.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn report(&mut self, matter: MatterId, act: Progress) -> Result<Appended, Rejection> {
        let header = self.today(matter).on(self.paper(matter, Kind::ResolutionPosted));
        self.act(&[self.hand(Role::GridWorker)], header, Act::ProgressRecorded(act))
    }

    /// The supervision committee signs off.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn sign_off(&mut self, matter: MatterId) -> Result<Appended, Rejection> {
        let act = Act::ImplementationSignedOff(SignedOff { report: self.text("监督报告") });
        let header = Header::of(matter).on(self.paper(matter, Kind::ProgressRecorded));
        self.act(&[self.hand(Role::SupervisionCommittee)], header, act)
    }

    /// An interpellation or complaint on paper, entered by the grid worker.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn inquire(&mut self, matter: MatterId, what: Asked, to: Addressee, text: &str) -> Result<Appended, Rejection> {
        let text = self.document(to.level(), Media::Text, text.as_bytes().to_vec());
        let act = InquiryEntered { what, to, text, source: Source::PaperBox };
        self.act(&[self.hand(Role::GridWorker)], Header::of(matter), Act::InquiryEntered(act))
    }

    /// The oldest inquiry is answered by somebody in this role.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn answer_inquiry(&mut self, matter: MatterId, role: Role, text: &str) -> Result<Appended, Rejection> {
        let basis = self.open_point(matter, &[Kind::InquiryEntered, Kind::InquiryReceived]);
        let act = Act::InquiryAnswered(Text { text: self.text(text) });
        self.act(&[self.hand(role)], Header::of(matter).on(basis), act)
    }

    /// A villager with a key rates what was carried out.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn rate(&mut self, matter: MatterId, score: u8, text: Option<&str>) -> Result<Appended, Rejection> {
        let text = text.map(|text| self.text(text));
        let act = Act::RatingEntered(RatingEntered { score, text, source: Source::Online });
        self.act(&[self.hand(Role::Villager)], Header::of(matter), act)
    }

    /// The oldest rating with words is answered.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn answer_rating(&mut self, matter: MatterId, text: &str) -> Result<Appended, Rejection> {
        let basis = self.open_point(matter, &[Kind::RatingEntered, Kind::RatingReceived]);
        let act = Act::RatingAnswered(Text { text: self.text(text) });
        self.act(&[self.hand(Role::Clerk)], Header::of(matter).on(basis), act)
    }

    /// The supervision committee asked people today whether what was promised came about.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn return_visit(&mut self, matter: MatterId, households: u32, satisfied: u32) -> Result<Appended, Rejection> {
        let act = ReturnVisit { households, satisfied, text: self.text("回访记录") };
        let header = self.today(matter);
        self.act(&[self.hand(Role::SupervisionCommittee)], header, Act::ReturnVisitRecorded(act))
    }

    /// Somebody says something in the hall, about a matter or of the village in general.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn say(&mut self, role: Role, matter: Option<MatterId>, text: &str) -> Result<Appended, Rejection> {
        let act = HallPosted { text: self.text(text), papers: Vec::new() };
        let header = matter.map_or_else(Header::default, Header::of);
        self.act(&[self.hand(role)], header, Act::HallPosted(act))
    }
}
