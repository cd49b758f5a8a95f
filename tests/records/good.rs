//! Lawful records: small, and together with every kind of statement. The others are told by what they share with these.

use sunvote::core::act::matter::{Advice, ObjectionReceived, Reason, SuggestionReceived};
use sunvote::core::act::session::RosterRow;
use sunvote::core::act::voting::VoidReason;
use sunvote::core::act::{Act, Kind};
use sunvote::core::commit;
use sunvote::core::ids::SessionId;
use sunvote::core::model::{Body, Category, Mode, Role, Stage};
use sunvote::core::rules::Profile;
use sunvote::core::statement::{Header, Part};
use sunvote::log::scribe::matter::{Asked, Draft};
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};

use crate::forge::{Forge, Made};
use crate::stages::{ASSEMBLY, Stages, TERM, founded, local_profile};

#[expect(clippy::too_many_lines, reason = "an entry for each record")]
pub fn all(stages: &Stages) -> (&'static str, Vec<Made>) {
    let about = "Lawful records. The first is the base of most bad ones.";
    let good = |scribe: &Scribe, name: &str, about: &str| Forge::from(scribe).done(name, about);
    let made = vec![
        good(&stages.finished, "six-procedures", "One matter from suggestion to sign-off, decided by phone."),
        good(&stages.founded, "founding-only", "A village that was founded, and nothing since."),
        good(&stages.village, "settled-village", "Law, township, term, keys and delegations, and no matter yet."),
        good(
            &hall(stages).counted,
            "hall",
            "Phones and paper, a recusal, a second ballot, a dispute that is answered.",
        ),
        good(&filings(stages), "filings", "Concern, objections, supplement, overdue review, return, filed at last."),
        good(&empty_sessions(stages), "empty-sessions", "A session called off and one without quorum."),
        good(
            &voided(stages),
            "voided",
            "A void vote that is held again, and a withheld opening that its voter publishes.",
        ),
        good(
            &several_bodies(stages),
            "several-bodies",
            "Two ballots of one matter, by the assembly and by a group meeting.",
        ),
        good(&options(stages), "own-options", "Three questions: two options tie, one leads, one is not required."),
        good(&secret(stages), "paper-secret", "A secret vote, on paper alone."),
        good(&in_parts(), "in-parts", "Term, roster and openings that come in parts."),
        good(
            &one_leader(),
            "one-leader",
            "Secretary and chair are one person; matter rejected by a tie of for and against.",
        ),
        good(
            &crate::terminals::voted(stages),
            "terminals",
            "Two terminals: at once and late, overtaken by a paper, a later ballot and a lost card, one never delivered.",
        ),
        good(
            &crate::papers::recounted(stages),
            "recounted",
            "Papers entered after the closing, a count that is disputed, and the recount.",
        ),
        good(
            &crate::papers::photographed(stages),
            "photographs",
            "Papers that were photographed: documents for officials, by their commitments.",
        ),
        good(
            &crate::papers::counted_by_name(stages),
            "named-papers",
            "Papers that bear names, beside ballots by phone: counted by number, disputed, counted again.",
        ),
        good(
            &crate::boxes::carried(stages),
            "mobile-box",
            "A box that is carried to two members at home: one visit on record at once, one after the closing.",
        ),
        good(
            &crate::witnesses::witnessed(stages),
            "witnessed",
            "A vouched ballot that decides, one that never came, and time anchors.",
        ),
        good(&crate::people::lawful(stages), "people", "Grants, covers, kin, keys, substitutes and the end of roles."),
        good(
            &crate::people::district(stages),
            "district",
            "Roots, log key, calendar, profile, name, annulments and a merger.",
        ),
        good(
            &crate::works::carried_out(stages),
            "carried-out",
            "Contracts, payments beyond them, questions, complaints, ratings with answers, a return visit.",
        ),
        good(
            &crate::catalogue::in_use(stages),
            "catalogue",
            "A district's catalogue in two versions: disclosed below it, filed with its papers, accounts disclosed.",
        ),
        good(
            &crate::matters::other_ways(stages),
            "other-ways",
            "Withdrawn, declined, annulled, disclosed, emergency, change, late entry.",
        ),
    ];
    (about, made)
}

/// A matter that has been filed and a session with seven of nine there, under the assembly's profile as `with` changes it.
pub fn gathered_under(stages: &Stages, with: impl FnOnce(&mut Profile)) -> (Scribe, Vote) {
    let mut scribe = stages.village.clone();
    scribe.adopt(local_profile(with)).unwrap();
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 7).unwrap();
    (scribe, Vote::on(session, matter, "q1").unwrap())
}

/// A vote in the hall, kept at its steps.
pub struct Hall {
    /// The vote is open: 1 to 7 signed in at the door, 8 by phone, 3 recused.
    pub voting: Scribe,
    /// Deliveries have ended. Voters 1, 2, 4, 5 by phone, 1 twice; 6, 7 and then 2 on paper; 8 not at all.
    pub delivered: Scribe,
    /// The result is announced and the minutes are signed.
    pub counted: Scribe,
    pub vote: Vote,
}

pub fn hall(stages: &Stages) -> Hall {
    let (mut scribe, vote) = gathered_under(stages, |profile| profile.recusal.allowed = true);
    scribe.check_in(vote.session, 8).unwrap();
    scribe.recuse(vote.session, vote.matter, 3).unwrap();
    let others = [1, 4, 9].map(|no| scribe.voter(vote.session, no));
    scribe.name_tellers_as(vote.session, others).unwrap();
    scribe.open_vote(&vote).unwrap();
    scribe.wait_minutes(1);
    let voting = scribe.clone();
    for voter in [1, 2, 4, 5] {
        scribe.cast(&vote, voter, "for").unwrap();
    }
    scribe.wait_minutes(1).cast(&vote, 1, "against").unwrap();
    scribe.issue_paper(&vote, &[6, 7]).unwrap();
    scribe.wait_minutes(1).issue_paper(&vote, &[2]).unwrap();
    scribe.dispute(&vote, 2, "我没有领纸票").unwrap();
    scribe.wait_minutes(1).answer_dispute(&vote, "已当面核实").unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    let delivered = scribe.clone();
    scribe.count_paper(&vote, &[2, 0, 0], 0).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.wait_minutes(1).announce(&vote).unwrap();
    scribe.wait_minutes(10).sign_minutes(vote.session).unwrap();
    Hall { voting, delivered, counted: scribe, vote }
}

/// Filing with everything that can happen there.
fn filings(stages: &Stages) -> Scribe {
    let (mut scribe, matter, draft) = (stages.proposed.clone(), stages.matter, &stages.draft);
    scribe.raise_concern(matter, "预算从何而来").unwrap();
    scribe.answer_concern(matter, "来自集体收入").unwrap();
    scribe.consult(matter, draft).unwrap();
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
    scribe.wait_days(1).settle_and_post(matter, draft).unwrap();
    scribe.submit_after_notice(matter).unwrap();
    scribe.review_and_file(matter).unwrap();
    scribe
}

fn empty_sessions(stages: &Stages) -> Scribe {
    let (mut scribe, matter) = (stages.filed.clone(), stages.matter);
    let session = scribe.convene(ASSEMBLY, &[matter]).unwrap();
    let act = Act::SessionCancelled(Reason { reason: scribe.text("台风") });
    let header = Header::at(session).on(scribe.session_paper(session, Kind::SessionConvened));
    scribe.act(&[scribe.hand(Role::Chair)], header, act).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 6).unwrap();
    scribe.check_out(session, 6).unwrap();
    scribe.fail(session).unwrap();
    scribe
}

fn voided(stages: &Stages) -> Scribe {
    let (mut scribe, vote) = (stages.voting.clone(), &stages.vote);
    scribe.void_vote(vote, VoidReason::Failure).unwrap();
    scribe.wait_minutes(5).open_vote(vote).unwrap();
    scribe.wait_minutes(1).cast_all(vote, &[("for", 7)]).unwrap();
    scribe.close(vote).unwrap();
    scribe.end_deliveries(vote).unwrap();
    let openings = scribe.counting_openings(vote);
    scribe.open_ballots_with(vote, &openings[1..]).unwrap();
    let own = openings[0].clone();
    let by = Hand::Person(scribe.voter(vote.session, own.voter), Role::Voter);
    let header = on_vote(vote, &scribe, Kind::DeliveriesEnded);
    scribe.act(&[by], header, Act::BallotOpened(own)).unwrap();
    scribe.announce(vote).unwrap();
    scribe.wait_minutes(10).sign_minutes(vote.session).unwrap();
    scribe
}

/// A header of a vote, resting on its paper of this kind.
pub fn on_vote(vote: &Vote, scribe: &Scribe, kind: Kind) -> Header {
    let question = Some(vote.question.clone());
    Header { session: Some(vote.session), question, ..Header::of(vote.matter) }.on(scribe.vote_paper(vote, kind))
}

fn several_bodies(stages: &Stages) -> Scribe {
    let mut scribe = stages.village.clone();
    let mut draft = Draft::of(Category::M06);
    draft.ballots.push((Body::GroupMeeting, vec![Asked::plain("g1", "本组是否同意")]));
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    scribe.decide(ASSEMBLY, matter, 6, &[("for", 4), ("against", 2)]).unwrap();
    let session = scribe.gather(Body::GroupMeeting, &[matter], 2).unwrap();
    scribe.hold(&Vote::on(session, matter, "g1").unwrap(), &[("for", 2)]).unwrap();
    scribe.wait_minutes(10).sign_minutes(session).unwrap();
    scribe.wait_days(1).post_resolution(matter).unwrap();
    scribe
}

fn options(stages: &Stages) -> Scribe {
    let mut scribe = stages.village.clone();
    let mut draft = Draft::of(Category::M03);
    let mut which = Asked::choice("q1", "选哪一家", &["wang", "li"]);
    which.labels = vec!["王家".to_owned(), "李家".to_owned()];
    which.required = false;
    let tie = Asked { required: false, ..Asked::choice("q2", "选哪一天", &["day-1", "day-2", "day-3"]) };
    draft.ballots = vec![(ASSEMBLY, vec![which, tie, Asked::plain("q3", "是否同意方案")])];
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 7).unwrap();
    let vote = |code| Vote::on(session, matter, code).unwrap();
    scribe.hold(&vote("q1"), &[("wang", 4), ("li", 2), ("abstain", 1)]).unwrap();
    scribe.hold(&vote("q2"), &[("day-1", 3), ("day-2", 3), ("abstain", 1)]).unwrap();
    scribe.hold(&vote("q3"), &[("for", 4), ("abstain", 3)]).unwrap();
    scribe.wait_minutes(10).sign_minutes(session).unwrap();
    scribe
}

fn secret(stages: &Stages) -> Scribe {
    let (mut scribe, vote) = gathered_under(stages, |profile| profile.mode = Mode::PaperSecret);
    scribe.open_vote(&vote).unwrap();
    scribe.wait_minutes(1).issue_paper(&vote, &[1, 2, 3, 4, 5, 6, 7]).unwrap();
    scribe.wait_minutes(10).close(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[4, 1, 1], 1).unwrap();
    scribe.announce(&vote).unwrap();
    scribe.wait_minutes(10).sign_minutes(vote.session).unwrap();
    scribe
}

/// Fixes the roster in two parts.
pub fn roster_in_two(scribe: &mut Scribe, session: SessionId) {
    let members = scribe.state().body_members(ASSEMBLY, None, scribe.now().date());
    let rows: Vec<RosterRow> = (1..).zip(members).map(|(no, person)| RosterRow { no, person }).collect();
    let by = scribe.two();
    for (part, rows) in (1..).zip(rows.chunks(5)) {
        let header = Header::at(session).on(scribe.session_paper(session, Kind::SessionConvened));
        let header = Header { part: Some(Part { part, of: 2 }), ..header };
        let act = sunvote::core::act::session::RosterFixed { rows: rows.to_vec() };
        scribe.act(&by, header, Act::RosterFixed(act)).unwrap();
    }
}

fn in_parts() -> Scribe {
    let mut scribe = founded();
    scribe.adopt(local_profile(|profile| profile.needs_delegation = false)).unwrap();
    scribe.enrol_township().unwrap();
    scribe.open_term(&TERM).unwrap();
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.convene(ASSEMBLY, &[matter]).unwrap();
    let starts_at = scribe.state().session(session).unwrap().starts_at;
    roster_in_two(scribe.at(starts_at).wait_minutes(-120), session);
    scribe.wait_minutes(60).sign_in(session, &[1, 2, 3, 4, 5, 6], &[]).unwrap();
    scribe.at(starts_at).name_tellers(session).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    scribe.open_vote(&vote).unwrap();
    scribe.wait_minutes(1).cast_all(&vote, &[("for", 6)]).unwrap();
    scribe.close(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    openings_in_two(&mut scribe, &vote);
    scribe.announce(&vote).unwrap();
    scribe
}

fn openings_in_two(scribe: &mut Scribe, vote: &Vote) {
    let openings = scribe.counting_openings(vote);
    for (part, rows) in (1..).zip(openings.chunks(4)) {
        let header = on_vote(vote, scribe, Kind::DeliveriesEnded);
        let header = Header { part: Some(Part { part, of: 2 }), ..header };
        let act = sunvote::core::act::voting::BallotsOpened { rows: rows.to_vec() };
        scribe.act(&[Hand::Log], header, Act::BallotsOpened(act)).unwrap();
    }
}

fn one_leader() -> Scribe {
    let mut scribe = founded();
    scribe.settle(&Term { one_leader: true, households: 0, ..TERM }).unwrap();
    let matter = scribe.new_matter();
    let act = SuggestionReceived { text: scribe.text("希望修路灯"), receipt: commit::plain(b"receipt code") };
    scribe.act(&[Hand::Log], Header::of(matter), Act::SuggestionReceived(act)).unwrap();
    scribe.suggest_to(matter, "路灯要太阳能的").unwrap();
    let draft = Draft::of(Category::M02);
    scribe.wait_days(1).propose(matter, &draft).unwrap();
    scribe.consult(matter, &draft).unwrap();
    scribe.submit_after_notice(matter).unwrap();
    scribe.review_and_file(matter).unwrap();
    scribe.decide(ASSEMBLY, matter, 8, &[("for", 4), ("against", 4)]).unwrap();
    scribe
}
