//! A matter's way from suggestion to sign-off, and how its steps are broken.

use sunvote::core::act::matter::{Annulled, Authority, Disclosure, Emergency, Reason};
use sunvote::core::act::village::{ClericalCorrected, DocumentWithdrawn, WithdrawReason};
use sunvote::core::act::works::{Progress, Work};
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::{Digest, MatterId};
use sunvote::core::model::{Category, Role};
use sunvote::core::reject::Rejection;
use sunvote::core::statement::Header;
use sunvote::log::ledger::Appended;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::{Hand, Scribe};

use crate::forge::{Made, Set, hand};
use crate::stages::{ASSEMBLY, Stages};
use crate::{law, steps};

/// What is disclosed instead of voted on.
pub fn disclose(scribe: &mut Scribe, amount_fen: u64, budget: Option<Digest>) -> Result<Appended, Rejection> {
    let (title, text, matter) = (scribe.text("购置农具"), scribe.text("明细"), scribe.new_matter());
    let act = Disclosure { category: Category::M02, title, text, amount_fen, budget };
    scribe.act(&scribe.two(), Header::of(matter), Act::DisclosurePosted(act))
}

/// An emergency, to be ratified by the assembly.
pub fn emergency(scribe: &mut Scribe, by: &[Hand]) -> Result<MatterId, Rejection> {
    let draft = Draft::of(Category::M02);
    let ballots = vec![scribe.required_ballot(ASSEMBLY, Category::M02, 500_000, &draft.ballots[0].1)?];
    let (title, plan, reason) = (scribe.text("抢修便桥"), scribe.text("抢修方案"), scribe.text("台风"));
    let act = Emergency { category: Category::M02, title, plan, amount_fen: 500_000, reason, ballots };
    let matter = scribe.new_matter();
    let header = Header::of(matter).held(scribe.now().date());
    scribe.act(by, header, Act::EmergencyDecided(act)).map(|_| matter)
}

/// The hands of both committees and the township.
pub fn in_an_emergency(scribe: &Scribe) -> [Hand; 3] {
    let member = hand(scribe.committee_member(0), Role::CommitteeMember);
    [scribe.hand(Role::BranchSecretary), member, scribe.hand(Role::TownshipApprover)]
}

/// Clerk and supervision committee withdraw a document.
pub fn withdraw_document(scribe: &mut Scribe, document: Digest) -> Result<Appended, Rejection> {
    let replacement = Some(scribe.text("已隐去个人信息"));
    let act = DocumentWithdrawn { document, reason: WithdrawReason::PersonalData, replacement };
    scribe.act(&scribe.two(), Header::default(), Act::DocumentWithdrawn(act))
}

/// A slip in the matter's paper of this kind is put right.
pub fn correct(scribe: &mut Scribe, matter: MatterId, of: Kind, old: Option<Digest>) -> Result<Appended, Rejection> {
    let paper = scribe.state().matter(matter).unwrap().papers.paper(of).unwrap().clone();
    let act = ClericalCorrected { of, old: old.unwrap_or(paper.documents[0]), new: scribe.text("更正后的文字") };
    let header = Header::of(matter).on(paper.at.leaf);
    scribe.act(&scribe.two(), header, Act::ClericalCorrected(act))
}

/// Every end that a matter can come to but sign-off.
pub fn other_ways(stages: &Stages) -> Scribe {
    let (mut scribe, decided) = (stages.resolved.clone(), stages.matter);
    let papers = vec![scribe.text("施工照片")];
    let act = Act::ProgressRecorded(Progress::of(Work::Works, 50, 1 << 40, papers));
    let header = Header::of(decided).on(scribe.paper(decided, Kind::ResolutionPosted));
    let header = header.held(scribe.wait_days(20).now().date().plus_days(-18));
    scribe.act(&[scribe.hand(Role::GridWorker)], header, act).unwrap();
    correct(&mut scribe, decided, Kind::PlanPosted, None).unwrap();
    scribe.wait_days(1).request_change(decided, "调整工期").unwrap();
    let draft = Draft::of(Category::M10);
    let matter = scribe.bring_to_proposal(&draft).unwrap();
    scribe.withdraw(matter, "条件不成熟").unwrap();
    let matter = scribe.suggest("建议建新楼").unwrap();
    let act = Act::SuggestionDeclined(Reason { reason: scribe.text("已列入上级项目") });
    scribe.act(&[scribe.hand(Role::BranchSecretary)], Header::of(matter), act).unwrap();
    let matter = scribe.wait_minutes(1).bring_to_ballot(&draft).unwrap();
    let plan = scribe.state().matter(matter).unwrap().settled.as_ref().unwrap().plan.sha256;
    withdraw_document(&mut scribe, plan).unwrap();
    let act = Act::MatterAnnulled(Annulled { authority: Authority::Court, reason: scribe.text("法院判决") });
    let by = [scribe.hand(Role::TownshipApprover), scribe.hand(Role::TownshipDisciplineOfficer)];
    scribe.act(&by, Header::of(matter), act).unwrap();
    let budget = scribe.bring_to_ballot(&Draft::of(Category::M01)).unwrap();
    scribe.decide(ASSEMBLY, budget, 6, &[("for", 6)]).unwrap();
    let minutes = scribe.paper(budget, Kind::MinutesSigned);
    disclose(&mut scribe, 30_000, Some(minutes)).unwrap();
    let by = in_an_emergency(&scribe);
    let matter = emergency(&mut scribe, &by).unwrap();
    scribe.decide(ASSEMBLY, matter, 6, &[("for", 3), ("against", 3)]).unwrap();
    scribe.request_change(matter, "改建永久桥").unwrap();
    scribe.suggest_to(matter, "建预制桥").unwrap();
    scribe
}

pub fn all(stages: &Stages) -> (&'static str, Vec<Made>) {
    let mut set = Set::default();
    steps::add(&mut set, stages);
    crate::works::add(&mut set, stages);
    law::add(&mut set, stages);
    crate::catalogue::add(&mut set, stages);
    ("A matter's steps and the law in force, each broken.", set.0)
}
