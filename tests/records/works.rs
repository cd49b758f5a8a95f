//! Carrying out what was decided, and what villagers ask and say of it: lawful, and each rule broken.

use sunvote::core::act::inquiry::{
    Addressee, Asked, HallPosted, InquiryEntered, InquiryReceived, RatingEntered, RatingReceived, ReturnVisit,
};
use sunvote::core::act::matter::Text;
use sunvote::core::act::works::{Contract, Milestone, Progress, Work};
use sunvote::core::act::{Act, Kind};
use sunvote::core::clock::Date;
use sunvote::core::commit;
use sunvote::core::ids::{Digest, MatterId};
use sunvote::core::model::{Doc, Level, Media, Role, Source};
use sunvote::core::reject::Rule;
use sunvote::core::statement::Header;
use sunvote::log::scribe::{Hand, Scribe};

use crate::forge::Set;
use crate::stages::Stages;

/// Contracts of more than the plan allows, payments of more than a contract's price; asked about, changed, rated and visited again.
pub fn carried_out(stages: &Stages) -> Scribe {
    let (mut scribe, matter) = (stages.resolved.clone(), stages.matter);
    let allowed = stages.draft.amount_fen;
    let (near, far) = (scribe.now().date().plus_days(10), scribe.now().date().plus_days(40));
    scribe.contract(matter, allowed, &[(near, 1), (far, 2)]).unwrap();
    let leaf = scribe.state().matter(matter).unwrap().contracts[0].at.leaf;
    scribe.wait_minutes(1).say(Role::Representative, Some(matter), "盯紧质量").unwrap();
    scribe.say(Role::Clerk, None, "周末清理水沟").unwrap();
    scribe.wait_minutes(1).contract(matter, 1, &[]).unwrap();
    scribe.inquire(matter, Asked::Interpellation, Addressee::Village, "何时完工").unwrap();
    scribe.wait_minutes(1).inquire(matter, Asked::Complaint, Addressee::SupervisionCommittee, "用料不足").unwrap();
    scribe.answer_inquiry(matter, Role::Clerk, "月底").unwrap();
    scribe.wait_days(1).answer_inquiry(matter, Role::SupervisionCommittee, "已抽查").unwrap();
    let papers = vec![scribe.text("付款凭证")];
    let act =
        Progress { contract: Some(leaf), milestone: Some(2), ..Progress::of(Work::Payment, 60, allowed + 1, papers) };
    scribe.report(matter, act).unwrap();
    scribe.wait_days(1).progress(matter, Work::Quality, 100, 0).unwrap();
    scribe.rate(matter, 1, Some("路面不平")).unwrap();
    scribe.answer_rating(matter, "已返修").unwrap();
    let ends = scribe.resolution_notice_ends(matter);
    scribe.at(ends).wait_days(1).sign_off(matter).unwrap();
    let (what, to) = (Asked::Complaint, Addressee::Township);
    let text = scribe.document(to.level(), Media::Text, "验收走过场".as_bytes().to_vec());
    let act = InquiryReceived { what, to, text, receipt: commit::plain(b"a code") };
    scribe.act(&[Hand::Log], Header::of(matter), Act::InquiryReceived(act)).unwrap();
    scribe.wait_days(1).answer_inquiry(matter, Role::TownshipDrafter, "已复验").unwrap();
    let act = RatingReceived { score: 5, text: None, receipt: commit::plain(b"another code") };
    scribe.act(&[Hand::Log], Header::of(matter), Act::RatingReceived(act)).unwrap();
    scribe.rate(matter, 4, None).unwrap();
    scribe.return_visit(matter, 3, 2).unwrap();
    scribe
}

pub fn add(set: &mut Set, stages: &Stages) {
    contracts(set, stages);
    reports(set, stages);
    inquiries(set, stages);
    ratings(set, stages);
    talk(set, stages);
}

fn contracts(set: &mut Set, stages: &Stages) {
    let matter = stages.matter;
    set.bad(
        &stages.resolved,
        "contract-not-whole",
        "Milestones out of order, more for them than the price, twenty-one, no papers, one signer, a title that is not public.",
        |f| {
            let header = Header::of(matter).on(f.paper(matter, Kind::ResolutionPosted)).held(f.now().date());
            let (by, clerk) = (f.two(), [f.hand(Role::Clerk)]);
            let (title, party, paper) = (f.text("合同"), f.text("某公司"), f.text("合同文本"));
            let hidden = f.document(Level::Village, Media::Text, b"title".to_vec());
            let today = f.now().date();
            let whole = Contract { title, party, amount_fen: 100, milestones: Vec::new(), papers: vec![paper] };
            let step = |days: i32, amount_fen| {
                Milestone { title: whole.title.clone(), due: Date::plus_days(today, days), amount_fen }
            };
            let with = |milestones| Contract { milestones, ..whole.clone() };
            let cases = [
                (Rule::ListForm, with(vec![step(9, 0), step(8, 0)])),
                (Rule::ValueRange, with(vec![step(8, 60), step(9, 41)])),
                (Rule::ListForm, with(vec![step(8, 1); 21])),
                (Rule::ListForm, Contract { papers: Vec::new(), ..whole.clone() }),
                (Rule::DocumentLevel, Contract { title: hidden, ..whole.clone() }),
            ];
            for (rule, act) in cases {
                f.wait_minutes(1).unlawful(rule, &by, header.clone(), Act::ContractRecorded(act));
            }
            let act = Act::ContractRecorded(whole.clone());
            f.wait_minutes(1).unlawful(Rule::SignerCount, &clerk, header.clone(), act.clone());
            f.wait_minutes(1).act(&by, header, act).unwrap();
        },
    );
    set.bad(&stages.resolved, "contracts-beyond-counting", "More in all than a number can say.", |f| {
        let most = (1_u64 << 53) - 1;
        f.then(|s| s.contract(matter, most, &[])).wait_minutes(1);
        f.refused(Rule::ValueRange, |s| s.contract(matter, 1, &[]));
    });
    set.bad(&stages.decided, "contract-before-the-resolution", "A contract before the resolution is posted.", |f| {
        f.refused(Rule::PaperMissing, |s| s.contract(matter, 1, &[]));
    });
}

fn reports(set: &mut Set, stages: &Stages) {
    let matter = stages.matter;
    set.bad(
        &stages.resolved,
        "report-under-no-contract",
        "A contract that is not there, a milestone of none, one that is not there, and one reached twice.",
        |f| {
            let due = f.now().date().plus_days(9);
            f.then(|s| s.contract(matter, 9, &[(due, 1)]));
            let leaf = f.state().matter(matter).unwrap().contracts[0].at.leaf;
            let papers = vec![f.text("施工照片")];
            let act = Progress { contract: Some(leaf), milestone: Some(1), ..Progress::of(Work::Works, 9, 1, papers) };
            f.then(|s| s.wait_minutes(1).report(matter, act.clone()));
            for (contract, milestone, rule) in [
                (Some(Digest([7; 32])), None, Rule::BasisStale),
                (None, Some(1), Rule::ValueRange),
                (Some(leaf), Some(0), Rule::ValueRange),
                (Some(leaf), Some(1), Rule::ValueRange),
                (Some(leaf), Some(2), Rule::ValueRange),
            ] {
                let act = Progress { contract, milestone, ..act.clone() };
                f.wait_minutes(1).refused(rule, |s| s.report(matter, act));
            }
        },
    );
    set.bad(
        &stages.resolved,
        "quality-without-witnesses",
        "Quality that nobody watched over, its reporter alone, one person twice, a stranger.",
        |f| {
            let papers = vec![f.text("质量见证")];
            let act = Progress::of(Work::Quality, 9, 0, papers);
            let Hand::Person(own, _) = f.hand(Role::GridWorker) else { panic!("a person") };
            let (one, stranger) = (f.supervisor(0), "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap());
            for (rule, witnesses) in [
                (Rule::PaperMissing, vec![]),
                (Rule::SignerSame, vec![own]),
                (Rule::ListForm, vec![one, one]),
                (Rule::PersonUnknown, vec![stranger]),
            ] {
                let act = Progress { witnesses, ..act.clone() };
                f.wait_minutes(1).refused(rule, |s| s.report(matter, act));
            }
            f.wait_minutes(1).then(|s| s.report(matter, Progress { witnesses: vec![one], ..act }));
        },
    );
}

fn inquiries(set: &mut Set, stages: &Stages) {
    let matter = stages.matter;
    set.bad(
        &stages.posted,
        "inquiry-to-the-wrong-place",
        "The township can't be interpellated; what is not for the village is not written for it, nor for more than who is asked.",
        |f| {
            let by = [f.hand(Role::GridWorker)];
            let public = f.text("请说明");
            let officials = f.document(Level::Officials, Media::Text, b"to officials".to_vec());
            let ask = |what, to, text: &sunvote::core::model::Doc| {
                Act::InquiryEntered(InquiryEntered { what, to, text: text.clone(), source: Source::PaperBox })
            };
            for (rule, act) in [
                (Rule::ValueRange, ask(Asked::Interpellation, Addressee::Township, &officials)),
                (Rule::DocumentLevel, ask(Asked::Complaint, Addressee::Township, &public)),
                (Rule::DocumentLevel, ask(Asked::Complaint, Addressee::SupervisionCommittee, &public)),
                (Rule::DocumentLevel, ask(Asked::Complaint, Addressee::Discipline, &officials)),
            ] {
                f.wait_minutes(1).unlawful(rule, &by, Header::of(matter), act);
            }
            let villager = [f.hand(Role::Villager)];
            let act = ask(Asked::Interpellation, Addressee::Village, &public);
            f.wait_minutes(1).unlawful(Rule::ValueRange, &villager, Header::of(matter), act);
        },
    );
    set.bad(
        &stages.posted,
        "inquiry-answered-by-others",
        "Who was not asked answers; then who was, and once more.",
        |f| {
            f.then(|s| s.inquire(matter, Asked::Interpellation, Addressee::Village, "为何超期"));
            let village = f.open_point(matter, &[Kind::InquiryEntered]);
            f.wait_minutes(1).refused(Rule::SignerRole, |s| s.answer_inquiry(matter, Role::TownshipApprover, "已核"));
            f.wait_minutes(1).then(|s| s.answer_inquiry(matter, Role::Chair, "雨季停工"));
            let (text, by) = (f.text("再答"), [f.hand(Role::Chair)]);
            let again = Act::InquiryAnswered(Text { text });
            f.wait_minutes(1).unlawful(Rule::BasisStale, &by, Header::of(matter).on(village), again);
            f.then(|s| s.wait_minutes(1).inquire(matter, Asked::Complaint, Addressee::Township, "用料不足"));
            f.wait_minutes(1).refused(Rule::SignerRole, |s| s.answer_inquiry(matter, Role::Clerk, "没有"));
            f.wait_minutes(1).then(|s| s.answer_inquiry(matter, Role::TownshipApprover, "已查"));
        },
    );
}

fn ratings(set: &mut Set, stages: &Stages) {
    let matter = stages.matter;
    set.bad(&stages.resolved, "rated-too-soon", "Rated before anything was done; then with 0 and 6.", |f| {
        f.refused(Rule::PaperMissing, |s| s.rate(matter, 5, None));
        f.then(|s| s.wait_minutes(1).progress(matter, Work::Works, 9, 0));
        for score in [0, 6] {
            f.wait_minutes(1).refused(Rule::ValueRange, |s| s.rate(matter, score, None));
        }
        let (text, by) = (f.text("还行"), [f.hand(Role::Clerk)]);
        let act = RatingEntered { score: 3, text: Some(text), source: Source::Online };
        f.wait_minutes(1).unlawful(Rule::ValueRange, &by, Header::of(matter), Act::RatingEntered(act));
    });
    set.bad(&stages.resolved, "rated-once-annulled", "A matter that was annulled while it was carried out.", |f| {
        f.then(|s| s.progress(matter, Work::Works, 9, 0));
        let reason = f.text("判决");
        let by = [f.hand(Role::TownshipApprover), f.hand(Role::TownshipDisciplineOfficer)];
        let authority = sunvote::core::act::matter::Authority::Court;
        let act = Act::MatterAnnulled(sunvote::core::act::matter::Annulled { authority, reason });
        f.wait_minutes(1).act(&by, Header::of(matter), act).unwrap();
        f.wait_minutes(1).refused(Rule::MatterEnded, |s| s.rate(matter, 5, None));
        f.wait_minutes(1).refused(Rule::MatterEnded, |s| s.return_visit(matter, 1, 1));
    });
    set.bad(&stages.done, "return-visit-to-nobody", "No household, and more content than were visited.", |f| {
        let by = [f.hand(Role::SupervisionCommittee)];
        let header = Header::of(matter).held(f.now().date());
        for (households, satisfied) in [(0, 0), (3, 4)] {
            let act = ReturnVisit { households, satisfied, text: f.text("回访") };
            f.wait_minutes(1).unlawful(Rule::ValueRange, &by, header.clone(), Act::ReturnVisitRecorded(act));
        }
    });
}

fn talk(set: &mut Set, stages: &Stages) {
    let matter = stages.matter;
    set.bad(
        &stages.posted,
        "hall-not-for-everybody",
        "Words or a picture that the village may not read, eleven papers, a villager, a matter that isn't there.",
        |f| {
            let hidden = f.document(Level::Officials, Media::Text, b"aside".to_vec());
            let secret = f.document(Level::Discipline, Media::Text, b"secret".to_vec());
            let own = f.document(Level::Village, Media::Text, b"among us".to_vec());
            let (open, by) = (f.text("公开说"), [f.hand(Role::Representative)]);
            let say = |text: &Doc, papers: Vec<Doc>| Act::HallPosted(HallPosted { text: text.clone(), papers });
            for (rule, act) in [
                (Rule::DocumentLevel, say(&hidden, Vec::new())),
                (Rule::DocumentLevel, say(&open, vec![open.clone(), secret])),
                (Rule::ListForm, say(&open, vec![open.clone(); 11])),
            ] {
                f.wait_minutes(1).unlawful(rule, &by, Header::of(matter), act);
            }
            f.wait_minutes(1).refused(Rule::SignerRole, |s| s.say(Role::Villager, Some(matter), "我也说一句"));
            f.wait_minutes(1).refused(Rule::MatterUnknown, |s| {
                s.say(Role::Clerk, Some(MatterId::from_bytes([9; 16])), "没有这件事")
            });
            f.wait_minutes(1).then(|s| s.act(&by, Header::of(matter), say(&own, vec![open.clone(); 10])));
        },
    );
}
