//! One record that uses every kind of statement, and what the verifier says of it.

use std::collections::BTreeSet;

use sunvote::core::act::inquiry::{Addressee, Asked, InquiryReceived, RatingReceived};
use sunvote::core::act::matter::{
    Advice, Annulled, Authority, Disclosure, Emergency, ObjectionReceived, Reason, SuggestionReceived, Text,
};
use sunvote::core::act::village::{
    ClericalCorrected, DocumentWithdrawn, EndReason, EntryAnnulled, GrantReason, KeyRevoked, KinDeclared,
    LogKeyRotated, Merged, Renamed, RevokeReason, RoleCovered, RoleRow, RolesEnded, RootsChanged, SubstituteCause,
    SubstituteRequested, WithdrawReason,
};
use sunvote::core::act::voting::VoidReason;
use sunvote::core::act::works::Work;
use sunvote::core::act::{Act, Kind};
use sunvote::core::catalogue::Subject;
use sunvote::core::commit;
use sunvote::core::ids::MatterId;
use sunvote::core::model::{Category, Channel, Media, Role, Stage};
use sunvote::core::statement::Header;
use sunvote::log::entry::Entry;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};
use sunvote::log::signed::Signed;
use sunvote::log::verify::law::Law;
use sunvote::log::verify::{Options, Verdict, verify};

use crate::support::{ASSEMBLY, catalogue, hand, key, local_profile, on_vote, public, village};

const ROOTS: &[Hand] = &[Hand::Root(0), Hand::Root(1)];

fn suggestions(scribe: &mut Scribe) {
    let matter = scribe.new_matter();
    let receipt = commit::plain(b"receipt code");
    let act = SuggestionReceived { text: scribe.text("希望修路灯"), receipt };
    scribe.act(&[Hand::Log], Header::of(matter), Act::SuggestionReceived(act)).unwrap();
    let act = Act::SuggestionDeclined(Reason { reason: scribe.text("已列入上级项目") });
    scribe.act(&[scribe.hand(Role::BranchSecretary)], Header::of(matter), act).unwrap();
}

/// Filing with everything that can happen there: supplement, deadline, return.
fn filing(scribe: &mut Scribe) -> MatterId {
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_proposal(&draft).unwrap();
    scribe.raise_concern(matter, "预算从何而来").unwrap();
    scribe.answer_concern(matter, "来自集体收入").unwrap();
    scribe.consult(matter, &draft).unwrap();
    scribe.object(matter, "补偿偏低").unwrap();
    let act = ObjectionReceived { text: scribe.text("路线不妥"), receipt: commit::plain(b"another code") };
    let header = Header::of(matter).on(scribe.paper(matter, Kind::PlanPosted));
    scribe.act(&[Hand::Log], header, Act::ObjectionReceived(act)).unwrap();
    scribe.answer_objection(matter, "按标准执行").unwrap();
    scribe.answer_objection(matter, "路线已优化").unwrap();
    scribe.submit_after_notice(matter).unwrap();
    scribe.request_supplement(matter, "缺概算表").unwrap();
    scribe.wait_days(2).provide_supplement(matter, "概算表").unwrap();
    let due = scribe.state().matter(matter).unwrap().filing_due.unwrap();
    scribe.at(due).note_deadline(matter).unwrap();
    scribe.review(matter, Advice::Return).unwrap();
    scribe.return_to(matter, Stage::Consultation, "请重新公示").unwrap();
    scribe.wait_days(1).settle_and_post(matter, &draft).unwrap();
    scribe.submit_after_notice(matter).unwrap();
    scribe.review_and_file(matter).unwrap();
    matter
}

/// Sessions that come to nothing: one called off, one without quorum.
fn empty_sessions(scribe: &mut Scribe, matter: MatterId) {
    let session = scribe.convene(ASSEMBLY, &[matter]).unwrap();
    let act = Act::SessionCancelled(Reason { reason: scribe.text("台风") });
    let header = Header::at(session).on(scribe.session_paper(session, Kind::SessionConvened));
    scribe.act(&[scribe.hand(Role::Chair)], header, act).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 29).unwrap();
    scribe.fail(session).unwrap();
}

/// A session with recusal, phones and paper, a dispute, a withheld opening and a void first vote.
fn session(scribe: &mut Scribe, matter: MatterId) {
    let ways = [Channel::Online, Channel::Kiosk, Channel::Paper];
    let session = scribe.gather_by(ASSEMBLY, &[matter], 32, &ways).unwrap();
    scribe.register_terminal(session, 1).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    scribe.check_in(session, 33).unwrap();
    scribe.check_out(session, 33).unwrap();
    scribe.recuse(session, matter, 32).unwrap();
    let three = [scribe.clerk(), scribe.secretary(), scribe.supervisor(1)];
    scribe.name_box(session, three, &[44, 45]).unwrap();
    scribe.open_vote(&vote).unwrap();
    scribe.void_vote(&vote, VoidReason::Failure).unwrap();
    scribe.wait_minutes(5).open_vote(&vote).unwrap();
    scribe.cast_all(&vote, &[("for", 20)]).unwrap();
    scribe.issue_paper(&vote, &[1, 30]).unwrap();
    scribe.carry_box(&vote, &[45]).unwrap();
    scribe.dispute(&vote, 1, "我没有领纸票").unwrap();
    scribe.answer_dispute(&vote, "已当面核实").unwrap();
    scribe.anchor(crate::witnesses::anchor(scribe, 400, 5_000)).unwrap();
    let (refused, received) = (scribe.sign_ballot(&vote, 25, "against").unwrap(), scribe.now());
    scribe.close_on_time(&vote).unwrap();
    scribe.wait_minutes(1).vouch(&vote, vec![refused.received(received)]).unwrap();
    scribe.append(&refused.signed).unwrap();
    let terminal = scribe.at_hall(&vote, 1);
    scribe.seal_terminal(&vote, &terminal).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[3, 0, 0], 0).unwrap();
    scribe.dispute(&vote, 30, "有一张应为反对").unwrap();
    scribe.recount_paper(&vote, &[2, 1, 0], 0).unwrap();
    let openings = scribe.counting_openings(&vote);
    scribe.open_ballots_with(&vote, &openings[1..]).unwrap();
    let own = openings[0].clone();
    let by = Hand::Person(scribe.voter(session, own.voter), Role::Voter);
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::DeliveriesEnded));
    scribe.act(&[by], header, Act::BallotOpened(own)).unwrap();
    scribe.announce(&vote).unwrap();
    scribe.wait_minutes(10).sign_minutes(session).unwrap();
}

fn papers(scribe: &mut Scribe, matter: MatterId) {
    let paper = scribe.state().matter(matter).unwrap().papers.paper(Kind::PlanPosted).unwrap().clone();
    let act =
        ClericalCorrected { of: Kind::PlanPosted, old: paper.documents[0], new: scribe.text("方案公示(更正)") };
    let header = Header::of(matter).on(paper.at.leaf);
    scribe.act(&scribe.two(), header, Act::ClericalCorrected(act)).unwrap();
    let replacement = Some(scribe.text("方案公示(已隐去)"));
    scribe.say(Role::Representative, Some(matter), "路再宽些").unwrap();
    let act = DocumentWithdrawn { document: paper.documents[0], reason: WithdrawReason::PersonalData, replacement };
    scribe.act(&scribe.two(), Header::default(), Act::DocumentWithdrawn(act)).unwrap();
}

fn other_ways(scribe: &mut Scribe, budget: MatterId) {
    let draft = Draft::of(Category::M10);
    let matter = scribe.bring_to_proposal(&draft).unwrap();
    scribe.withdraw(matter, "条件不成熟").unwrap();
    let matter = scribe.bring_to_proposal(&draft).unwrap();
    let act = Act::MatterAnnulled(Annulled { authority: Authority::Court, reason: scribe.text("法院判决") });
    let by = [scribe.hand(Role::TownshipApprover), scribe.hand(Role::TownshipDisciplineOfficer)];
    scribe.act(&by, Header::of(matter), act).unwrap();
    let (matter, minutes) = (scribe.new_matter(), scribe.paper(budget, Kind::MinutesSigned));
    let (title, text) = (scribe.text("购置扫帚"), scribe.text("年度预算内支出"));
    let act = Disclosure { category: Category::M02, title, text, amount_fen: 30_000, budget: Some(minutes) };
    scribe.act(&scribe.two(), Header::of(matter), Act::DisclosurePosted(act)).unwrap();
    let asked = draft.ballots[0].1.clone();
    let ballots = vec![scribe.required_ballot(ASSEMBLY, Category::M02, 500_000, &asked).unwrap()];
    let (title, plan, reason) = (scribe.text("抢修便桥"), scribe.text("抢修方案"), scribe.text("台风冲毁便桥"));
    let act = Emergency { category: Category::M02, title, plan, amount_fen: 500_000, reason, ballots };
    let matter = scribe.new_matter();
    let by = [
        scribe.hand(Role::BranchSecretary),
        hand(scribe.committee_member(0), Role::CommitteeMember),
        scribe.hand(Role::TownshipApprover),
    ];
    let header = Header::of(matter).held(scribe.now().date());
    scribe.act(&by, header, Act::EmergencyDecided(act)).unwrap();
    scribe.decide(ASSEMBLY, matter, 31, &[("for", 31)]).unwrap();
    scribe.request_change(matter, "改建永久桥").unwrap();
}

fn people(scribe: &mut Scribe) {
    let newcomer = scribe.invent();
    scribe.grant(newcomer, &[Role::GroupLeader], GrantReason::Appointment).unwrap();
    let act = RoleCovered {
        holder: scribe.clerk(),
        role: Role::Clerk,
        person: newcomer,
        from: scribe.now().date(),
        until: scribe.now().date().plus_days(14),
        reason: scribe.text("产假"),
    };
    let by = [scribe.hand(Role::Chair), scribe.hand(Role::SupervisionCommittee)];
    scribe.act(&by, Header::default(), Act::RoleCovered(act)).unwrap();
    let mut persons = vec![newcomer, scribe.representative(0)];
    persons.sort_unstable();
    let act = Act::KinDeclared(KinDeclared { persons });
    scribe.act(&[hand(newcomer, Role::Villager)], Header::default(), act).unwrap();
    let lost = scribe.someone(newcomer).unwrap().public();
    let act = Act::KeyRevoked(KeyRevoked { key: lost, reason: RevokeReason::Lost });
    scribe.act(&[hand(newcomer, Role::Holder)], Header::default(), act).unwrap();
    let act = SubstituteRequested { cause: SubstituteCause::NearKin, reason: scribe.text("近亲属回避") };
    scribe.act(&[scribe.hand(Role::Clerk)], Header::default(), Act::SubstituteRequested(act)).unwrap();
    let rows = vec![RoleRow { person: newcomer, role: Role::GroupLeader }];
    let act = RolesEnded { rows, reason: EndReason::Resignation, text: None };
    scribe.act(&scribe.two(), Header::default(), Act::RolesEnded(act)).unwrap();
}

fn district(scribe: &mut Scribe) {
    let catalogue = catalogue(|_| {});
    scribe.adopt_catalogue(catalogue).unwrap();
    let today = scribe.now().date();
    scribe.disclose(Subject::Finances, today.plus_days(-30), today).unwrap();
    let rows = vec![RoleRow { person: scribe.drafter(), role: Role::TownshipDrafter }];
    let act = RolesEnded { rows, reason: EndReason::Office, text: None };
    scribe.act(ROOTS, Header::default(), Act::OfficialsEnded(act)).unwrap();
    let name = scribe.text("新黄泥墩村");
    scribe.act(ROOTS, Header::default(), Act::VillageRenamed(Renamed { name })).unwrap();
    let entry = scribe.state().law.delegations[0].entry;
    let act = EntryAnnulled { entry, keys: Vec::new(), reason: scribe.text("依法无效") };
    scribe.act(ROOTS, Header::default(), Act::EntryAnnulled(act)).unwrap();
    let act = Act::LogKeyRotated(LogKeyRotated { log_key: public(&key(100)) });
    scribe.act(&[Hand::Log, Hand::Root(0)], Header::default(), act).unwrap();
    scribe.use_log_key(key(100));
    let roots = vec![key(101), key(102)];
    let act = RootsChanged { roots: roots.iter().map(public).collect() };
    scribe.act(ROOTS, Header::default(), Act::RootsChanged(act)).unwrap();
    scribe.use_roots(roots);
    let act = Merged { into: "331102001207".parse().unwrap(), order: scribe.text("撤并批复") };
    scribe.act(ROOTS, Header::default(), Act::VillageMerged(act)).unwrap();
}

/// Carried out under a contract, asked about, rated and visited again.
fn works(scribe: &mut Scribe, matter: MatterId) {
    let due = scribe.now().date().plus_days(30);
    scribe.contract(matter, 1, &[(due, 1)]).unwrap();
    scribe.inquire(matter, Asked::Interpellation, Addressee::Village, "何时完工").unwrap();
    scribe.answer_inquiry(matter, Role::Clerk, "月底").unwrap();
    scribe.progress(matter, Work::Quality, 90, 0).unwrap();
    scribe.wait_days(1).progress(matter, Work::Delivery, 100, 1).unwrap();
    scribe.sign_off(matter).unwrap();
    let (what, to) = (Asked::Complaint, Addressee::Township);
    let text = scribe.document(to.level(), Media::Text, "路面不平".as_bytes().to_vec());
    let act = InquiryReceived { what, to, text, receipt: commit::plain(b"third code") };
    scribe.act(&[Hand::Log], Header::of(matter), Act::InquiryReceived(act)).unwrap();
    scribe.answer_inquiry(matter, Role::TownshipApprover, "已责成整改").unwrap();
    let act =
        RatingReceived { score: 2, text: Some(scribe.text("路面不平")), receipt: commit::plain(b"fourth code") };
    scribe.act(&[Hand::Log], Header::of(matter), Act::RatingReceived(act)).unwrap();
    scribe.answer_rating(matter, "已返修").unwrap();
    scribe.rate(matter, 4, None).unwrap();
    scribe.return_visit(matter, 10, 9).unwrap();
}

/// A record in which every kind stands but `rules.adopted`: this program knows no later rules to adopt.
fn tour() -> Scribe {
    let mut scribe = village();
    scribe.adopt(local_profile(|profile| profile.recusal.allowed = true)).unwrap();
    scribe.enrol_inspector().unwrap();
    suggestions(&mut scribe);
    let matter = filing(&mut scribe);
    empty_sessions(&mut scribe, matter);
    session(&mut scribe, matter);
    scribe.wait_days(1).post_resolution(matter).unwrap();
    papers(&mut scribe, matter);
    let ends = scribe.resolution_notice_ends(matter);
    scribe.at(ends);
    works(&mut scribe, matter);
    let budget = scribe.bring_to_ballot(&Draft::of(Category::M01)).unwrap();
    scribe.decide(ASSEMBLY, budget, 45, &[("for", 45)]).unwrap();
    other_ways(&mut scribe, budget);
    people(&mut scribe);
    district(&mut scribe);
    scribe
}

#[test]
fn every_kind_of_statement_stands_in_one_record_that_is_lawful_to_the_last_entry() {
    let scribe = tour();
    let kind = |bytes: &[u8]| Signed::read(Entry::parse(bytes).unwrap().statement).unwrap().statement.kind();
    let used: BTreeSet<Kind> = scribe.entries.iter().map(|entry| kind(&entry.bytes)).collect();
    let missing: Vec<_> = Kind::ALL.iter().filter(|kind| !used.contains(kind)).collect();
    assert_eq!(missing, [&Kind::RulesAdopted]);
    let mut law = Law::new(None);
    let report = verify(scribe.export().unwrap().as_slice(), &mut law, &Options::default(), |_| {});
    assert_eq!(report.verdict(), Verdict::Lawful, "{:?}", report.findings);
    assert_eq!(report.entries, scribe.entries.len() as u64);
    assert_eq!(law.state(), Some(scribe.state()));
}

#[test]
fn a_merged_villages_record_takes_nothing_more() {
    let mut scribe = tour();
    let text = Act::ConcernRaised(Text { text: scribe.text("后续") });
    let matter = scribe.new_matter();
    let by = [scribe.hand(Role::SupervisionCommittee)];
    crate::support::refused(scribe.act(&by, Header::of(matter), text), sunvote::core::reject::Rule::FoundingPlace);
}
