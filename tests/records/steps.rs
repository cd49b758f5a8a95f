//! A matter's steps: stages, papers, bases, points that wait, periods, lists, and the ways out of its course.

use sunvote::core::act::matter::{
    Advice, EnlargedMeeting, Filing, JointMeeting, Materials, ObjectionEntered, OpinionsAnswered, Place, Posted,
    Proposed, Text, Visits,
};
use sunvote::core::act::works::{Progress, Work};
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::{Digest, PersonId};
use sunvote::core::model::{Category, Doc, Level, Media, Role, Source, Stage};
use sunvote::core::reject::Rule;
use sunvote::core::statement::Header;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::{Hand, Scribe};

use crate::forge::{Forge, Set};
use crate::matters::{correct, emergency, in_an_emergency, withdraw_document};
use crate::stages::{ASSEMBLY, Stages};

pub fn add(set: &mut Set, stages: &Stages) {
    stages_skipped(set, stages);
    papers(set, stages);
    bases(set, stages);
    points(set, stages);
    periods(set, stages);
    meetings(set, stages);
    contents(set, stages);
    filing(set, stages);
    ends(set, stages);
    ways_out(set, stages);
}

fn stages_skipped(set: &mut Set, stages: &Stages) {
    let (matter, draft) = (stages.matter, &stages.draft);
    let rule = Rule::StageWrong;
    set.bad(&stages.proposed, "settled-at-the-proposal", "A plan settled before anyone was asked.", |f| {
        f.refused(rule, |s| s.settle_plan(matter, draft)).then(|s| s.wait_days(1).enlarged_meeting(matter));
    });
    set.bad(&stages.proposed, "convened-at-the-proposal", "A session called before filing: filing skipped.", |f| {
        f.refused(rule, |s| s.convene(ASSEMBLY, &[matter])).then(|s| s.wait_days(1).enlarged_meeting(matter));
    });
    set.bad(&stages.submitted, "convened-before-filed", "A session called while the township reviews.", |f| {
        f.refused(rule, |s| s.convene(ASSEMBLY, &[matter])).then(|s| s.review(matter, Advice::File));
    });
    set.bad(&stages.posted, "filed-without-submission", "Filed by the township what was never submitted.", |f| {
        f.refused(rule, |s| s.file(matter));
    });
    set.bad(&stages.filed, "resolution-before-the-vote", "A resolution posted before anyone voted.", |f| {
        f.refused(rule, |s| s.post_resolution(matter)).then(|s| s.convene(ASSEMBLY, &[matter]));
    });
    set.bad(&stages.filed, "signed-off-before-the-vote", "Signed off before anyone voted.", |f| {
        f.refused(rule, |s| s.sign_off(matter));
    });
    set.bad(&stages.proposed, "proposed-twice", "A second proposal while one is in force.", |f| {
        f.wait_days(1).refused(rule, |s| s.propose(matter, draft));
    });
    set.bad(&stages.proposed, "suggested-after-the-proposal", "A suggestion to a matter that was proposed.", |f| {
        f.refused(rule, |s| s.suggest_to(matter, "再提一条"));
    });
    set.bad(
        &stages.submitted,
        "returned-to-the-ballot",
        "The township returns a matter to a stage that is not behind it.",
        |f| {
            for stage in [Stage::Suggestion, Stage::Filing, Stage::Ballot, Stage::Supervision] {
                f.wait_minutes(1).refused(rule, |s| s.return_to(matter, stage, "退回"));
            }
            f.then(|s| s.return_to(matter, Stage::Proposal, "退回"));
        },
    );
    set.bad(
        &stages.suggested,
        "emergency-of-a-matter-under-way",
        "An emergency decided for a matter that is there.",
        |f| {
            let by = in_an_emergency(f);
            let payload = {
                let mut scribe: Scribe = (**f).clone();
                let fresh = emergency(&mut scribe, &by).unwrap();
                let line = &scribe.entries.last().unwrap().bytes;
                let payload = sunvote::log::entry::Entry::parse(line).unwrap().statement.payload;
                String::from_utf8(payload).unwrap().replace(&fresh.to_string(), &matter.to_string())
            };
            f.submit_raw(rule, &by, payload);
        },
    );
}

fn papers(set: &mut Set, stages: &Stages) {
    let (matter, draft) = (stages.matter, &stages.draft);
    let rule = Rule::PaperMissing;
    set.bad(
        &stages.proposed,
        "visits-before-the-meeting",
        "Household visits before the enlarged branch meeting (R1 before R2).",
        |f| {
            f.refused(rule, |s| s.visit(matter, &[])).then(|s| s.enlarged_meeting(matter));
        },
    );
    set.bad(
        &stages.enlarged,
        "settled-without-visits",
        "A plan settled with a joint meeting and without visits.",
        |f| {
            f.then(|s| s.joint_meeting(matter)).refused(rule, |s| s.settle_plan(matter, draft));
        },
    );
    set.bad(&stages.settled, "submitted-without-posting", "Submitted without the plan having been posted.", |f| {
        f.wait_days(9).refused(rule, |s| s.submit_filing(matter));
    });
    set.bad(&stages.submitted, "filed-without-review", "Filed without a review.", |f| {
        f.refused(rule, |s| s.file(matter)).then(|s| s.wait_minutes(1).review(matter, Advice::File));
    });
    set.bad(&stages.decided, "progress-before-the-resolution", "Progress before the resolution is posted.", |f| {
        f.refused(rule, |s| s.progress(matter, Work::Works, 10, 0)).then(|s| s.post_resolution(matter));
    });
    set.bad(&stages.resolved, "signed-off-at-99-per-cent", "Signed off at 99 per cent, and then at 100.", |f| {
        let ends = f.resolution_notice_ends(matter);
        f.then(|s| s.progress(matter, Work::Works, 99, 0));
        f.at(ends).refused(rule, |s| s.sign_off(matter));
        f.then(|s| s.progress(matter, Work::Delivery, 100, 1)).then(|s| s.sign_off(matter));
    });
    set.bad(&stages.posted, "settled-anew-and-not-posted", "A plan settled anew must be posted anew.", |f| {
        f.then(|s| s.settle_plan(matter, draft)).wait_days(30).refused(rule, |s| s.submit_filing(matter));
    });
    set.bad(&stages.proposed, "meeting-without-opinions", "People attended without a vote, and no opinions.", |f| {
        let act =
            EnlargedMeeting {
                attendees: vec![f.clerk()], nonvoting: 1, opinions: None, minutes: f.text("会议记录")
            };
        let header = Header::of(matter).on(f.paper(matter, Kind::MatterProposed)).held(f.now().date());
        let by = [f.hand(Role::Clerk)];
        f.unlawful(rule, &by, header, Act::EnlargedMeetingRecorded(act));
    });
    set.bad(
        &stages.submitted,
        "visits-lost-by-a-return",
        "Returned to the proposal, everything since begins anew.",
        |f| {
            f.then(|s| s.return_to(matter, Stage::Proposal, "事项类别不对")).wait_days(1);
            f.refused(rule, |s| s.visit(matter, &[])).then(|s| s.propose(matter, draft));
        },
    );
}

fn bases(set: &mut Set, stages: &Stages) {
    let (matter, draft) = (stages.matter, &stages.draft);
    let rule = Rule::BasisStale;
    let propose = |f: &mut Forge, basis: Digest, answers: Vec<Digest>| {
        let (title, plan, by) = (f.text("标题"), f.text("方案"), [f.hand(Role::BranchSecretary)]);
        let act = Proposed { category: Category::M02, title, plan, amount_fen: 0, answers };
        (by, Header::of(matter).on(basis), Act::MatterProposed(act))
    };
    set.bad(&stages.suggested, "basis-of-zeros", "A proposal that rests on nothing; then on the suggestion.", |f| {
        let own = f.paper(matter, Kind::SuggestionEntered);
        let (by, header, act) = propose(f, Digest([0; 32]), vec![own]);
        f.unlawful(rule, &by, header, act).then(|s| s.wait_minutes(1).propose(matter, draft));
    });
    set.bad(
        &stages.suggested,
        "basis-in-another-matter",
        "A proposal that rests on another matter's suggestion.",
        |f| {
            let other = f.suggest("建议修桥").unwrap();
            let (own, theirs) = (f.paper(matter, Kind::SuggestionEntered), f.paper(other, Kind::SuggestionEntered));
            let (by, header, act) = propose(f, theirs, vec![own]);
            f.unlawful(rule, &by, header, act);
        },
    );
    set.bad(
        &stages.suggested,
        "answers-that-are-no-suggestion",
        "A proposal that answers an entry that is no suggestion.",
        |f| {
            let (own, founding) = (f.paper(matter, Kind::SuggestionEntered), f.entries[0].at.leaf);
            let (by, header, act) = propose(f, own, vec![own, founding]);
            f.unlawful(rule, &by, header, act);
        },
    );
    set.bad(&stages.suggested, "answers-twice", "A proposal that answers one suggestion twice.", |f| {
        let own = f.paper(matter, Kind::SuggestionEntered);
        let (by, header, act) = propose(f, own, vec![own, own]);
        f.unlawful(Rule::ListForm, &by, header, act);
    });
    set.bad(&stages.suggested, "answers-none", "A proposal that answers nothing.", |f| {
        let own = f.paper(matter, Kind::SuggestionEntered);
        let (by, header, act) = propose(f, own, Vec::new());
        f.unlawful(Rule::ListForm, &by, header, act);
    });
    set.bad(
        &stages.settled,
        "posted-on-an-older-plan",
        "A plan is posted that was settled before the one in force.",
        |f| {
            let old = f.paper(matter, Kind::PlanSettled);
            f.then(|s| s.wait_minutes(1).settle_plan(matter, draft));
            let (notice, by) = (f.text("方案公示"), [f.hand(Role::Clerk)]);
            let act = Act::PlanPosted(Posted { notice, places: vec![Place::Board] });
            f.unlawful(rule, &by, Header::of(matter).on(old), act).then(|s| s.post_plan(matter));
        },
    );
    set.bad(&stages.posted, "answered-what-nobody-asked", "An answer to an objection that doesn't wait.", |f| {
        let (text, by) = (f.text("答复"), [f.hand(Role::Clerk)]);
        let header = Header::of(matter).on(f.paper(matter, Kind::PlanPosted));
        f.unlawful(rule, &by, header, Act::ObjectionAnswered(Text { text }));
    });
    set.bad(
        &stages.filed,
        "corrected-another-document",
        "A slip is put right in a document that the entry doesn't have.",
        |f| {
            f.refused(rule, |s| correct(s, matter, Kind::FilingFiled, Some(Digest([9; 32]))));
        },
    );
    for kind in [Kind::PlanSettled, Kind::MatterProposed] {
        let name = format!("corrected-{}", kind.code().replace(['.', '_'], "-"));
        set.bad(&stages.filed, &name, "What was decided on is corrected as a slip of the pen.", |f| {
            f.refused(Rule::CorrectionForbidden, |s| correct(s, matter, kind, None));
            f.then(|s| correct(s, matter, Kind::PlanPosted, None));
        });
    }
}

fn points(set: &mut Set, stages: &Stages) {
    let (matter, draft) = (stages.matter, &stages.draft);
    let rule = Rule::OpenPoint;
    set.bad(&stages.suggested, "proposed-over-a-concern", "A proposal while a concern waits.", |f| {
        f.then(|s| s.raise_concern(matter, "是否重复建设")).refused(rule, |s| s.propose(matter, draft));
        f.then(|s| s.answer_concern(matter, "不重复")).wait_minutes(1).then(|s| s.propose(matter, draft));
    });
    set.bad(&stages.visited, "settled-over-opinions", "A plan settled while opinions wait.", |f| {
        f.then(|s| s.joint_meeting(matter)).refused(rule, |s| s.settle_plan(matter, draft));
        f.then(|s| s.answer_opinions(matter, "采纳")).wait_minutes(1).then(|s| s.settle_plan(matter, draft));
    });
    set.bad(&stages.visited, "answers-too-few", "Fewer answers than opinions.", |f| {
        let by = [f.hand(Role::Clerk)];
        let header = Header::of(matter).on(f.paper(matter, Kind::VisitsRecorded));
        f.unlawful(rule, &by, header, Act::OpinionsAnswered(OpinionsAnswered { answers: Vec::new() }));
    });
    set.bad(&stages.posted, "submitted-over-an-objection", "Submitted while an objection waits.", |f| {
        f.then(|s| s.object(matter, "占了我家菜地")).refused(rule, |s| s.submit_after_notice(matter));
    });
    set.bad(
        &stages.submitted,
        "reviewed-over-a-supplement",
        "A review while a supplement is waited for; a second request too.",
        |f| {
            f.then(|s| s.request_supplement(matter, "缺概算")).wait_minutes(1);
            f.refused(rule, |s| s.request_supplement(matter, "还缺图纸"))
                .refused(rule, |s| s.review(matter, Advice::File));
            f.then(|s| s.provide_supplement(matter, "概算表")).then(|s| s.review(matter, Advice::File));
        },
    );
    set.bad(&stages.done, "signed-off-over-a-concern", "Signed off while a concern waits.", |f| {
        f.then(|s| s.raise_concern(matter, "质量见证缺失")).refused(rule, |s| s.sign_off(matter));
    });
    set.bad(
        &stages.announced,
        "minutes-over-a-concern",
        "Minutes that decide a matter in which a concern waits.",
        |f| {
            f.then(|s| s.raise_concern(matter, "唱票有误")).refused(rule, |s| s.sign_minutes(stages.session));
            f.then(|s| s.answer_concern(matter, "已核对")).wait_minutes(1).then(|s| s.sign_minutes(stages.session));
        },
    );
}

fn periods(set: &mut Set, stages: &Stages) {
    let matter = stages.matter;
    set.bad(
        &stages.posted,
        "submitted-a-millisecond-early",
        "Submitted a millisecond before the notice is over, and when it is.",
        |f| {
            let ends = f.plan_notice_ends(matter);
            f.at(ends.plus_ms(-1)).refused(Rule::NoticeEarly, |s| s.submit_filing(matter));
            f.at(ends).then(|s| s.submit_filing(matter));
        },
    );
    set.bad(
        &stages.posted,
        "objection-after-the-window",
        "An objection a millisecond before the window is over, and when it is.",
        |f| {
            let ends = f.plan_notice_ends(matter);
            f.at(ends.plus_ms(-1)).then(|s| s.object(matter, "补偿标准偏低"));
            f.at(ends).refused(Rule::NoticeOver, |s| s.object(matter, "补偿标准偏低"));
        },
    );
    set.bad(&stages.resolved, "signed-off-before-the-notice-is-over", "Signed off a millisecond early.", |f| {
        let ends = f.resolution_notice_ends(matter);
        f.then(|s| s.progress(matter, Work::Delivery, 100, 1));
        f.at(ends.plus_ms(-1)).refused(Rule::NoticeEarly, |s| s.sign_off(matter));
        f.at(ends).then(|s| s.sign_off(matter));
    });
    holidays(set, stages);
    deadlines(set, stages);
}

/// Periods over days off.
fn holidays(set: &mut Set, stages: &Stages) {
    let (matter, draft) = (stages.matter, &stages.draft);
    let day = |text: &str| text.parse::<sunvote::core::clock::Date>().unwrap().start();
    set.bad(&stages.proposed, "notice-over-a-holiday", "A notice that would end in the National Day week ends after it; working days are counted with an exchanged Saturday.", |f| {
        f.at(day("2026-09-23")).consult(matter, draft).unwrap();
        f.at(day("2026-10-09").plus_ms(-1)).refused(Rule::NoticeEarly, |s| s.submit_filing(matter));
        f.at(day("2026-10-09")).then(|s| s.submit_filing(matter));
        f.at(day("2026-10-16").plus_ms(-1)).refused(Rule::ValueRange, |s| s.note_deadline(matter));
        f.at(day("2026-10-16")).then(|s| s.note_deadline(matter));
    });
    set.bad(
        &stages.filed,
        "session-a-millisecond-early",
        "A session called for a millisecond before its notice is over, across a weekend.",
        |f| {
            f.at(day("2026-03-18").max(f.now()));
            let item = f.item(matter, 0);
            let earliest =
                sunvote::core::judge::session::earliest_start(f.state(), std::slice::from_ref(&item), f.now());
            f.refused(Rule::NoticeEarly, |s| s.convene_at(ASSEMBLY, vec![item.clone()], earliest.plus_ms(-1)));
            f.wait_minutes(1).then(|s| s.convene_at(ASSEMBLY, vec![item], earliest));
        },
    );
    set.bad(
        &stages.proposed,
        "meeting-held-tomorrow",
        "A meeting held on a day to come; today's day begins at 16:00 UTC.",
        |f| {
            let by = [f.hand(Role::Clerk)];
            let act = EnlargedMeeting {
                attendees: vec![f.clerk()],
                nonvoting: 0,
                opinions: None,
                minutes: f.text("会议记录"),
            };
            let header = Header::of(matter).on(f.paper(matter, Kind::MatterProposed));
            let midnight = f.now().date().plus_days(1).start();
            let header = header.held(midnight.date());
            f.at(midnight.plus_ms(-1)).unlawful(
                Rule::HeldOnFuture,
                &by,
                header.clone(),
                Act::EnlargedMeetingRecorded(act.clone()),
            );
            f.at(midnight).then(|s| s.act(&by, header, Act::EnlargedMeetingRecorded(act)));
        },
    );
}

/// The township's clock.
fn deadlines(set: &mut Set, stages: &Stages) {
    let matter = stages.matter;
    set.bad(
        &stages.submitted,
        "deadline-early-twice-and-on-another-day",
        "The overdue review is noted early, for another day, and twice.",
        |f| {
            let due = f.state().matter(matter).unwrap().filing_due.unwrap();
            f.at(due.plus_ms(-1)).refused(Rule::ValueRange, |s| s.note_deadline(matter));
            let act = sunvote::core::act::matter::DeadlinePassed { due: due.date() };
            let header = Header::of(matter).on(f.paper(matter, Kind::FilingSubmitted));
            f.at(due).unlawful(Rule::ValueRange, &[Hand::Log], header, Act::DeadlinePassed(act));
            f.then(|s| s.note_deadline(matter)).wait_days(1).refused(Rule::ValueRange, |s| s.note_deadline(matter));
        },
    );
    set.bad(
        &stages.submitted,
        "deadline-while-a-supplement-waits",
        "The township's clock stands still, and goes on where it stood.",
        |f| {
            let due = f.state().matter(matter).unwrap().filing_due.unwrap();
            f.wait_days(1).then(|s| s.request_supplement(matter, "缺概算"));
            f.at(due).refused(Rule::ValueRange, |s| s.note_deadline(matter));
            f.then(|s| s.provide_supplement(matter, "概算表"));
            let due = f.state().matter(matter).unwrap().filing_due.unwrap();
            f.at(due.plus_ms(-1)).refused(Rule::ValueRange, |s| s.note_deadline(matter));
            f.at(due).then(|s| s.note_deadline(matter));
        },
    );
}

fn meetings(set: &mut Set, stages: &Stages) {
    let matter = stages.matter;
    let mut bad = |name: &str, about: &str, rule: Rule, of: &dyn Fn(&Forge) -> Vec<PersonId>| {
        set.bad(&stages.enlarged, name, about, |f| {
            let (attendees, minutes, by) = (of(f), f.text("联席会议记录"), [f.hand(Role::Clerk)]);
            let header = Header::of(matter).on(f.paper(matter, Kind::MatterProposed)).held(f.now().date());
            f.unlawful(rule, &by, header, Act::JointMeetingRecorded(JointMeeting { attendees, minutes }));
        });
    };
    bad("meeting-of-nobody", "A joint meeting that nobody attended.", Rule::PersonUnknown, &|_| Vec::new());
    bad("meeting-with-a-stranger", "Somebody attended who is not on record.", Rule::PersonUnknown, &|_| {
        vec![PersonId::from_bytes([1; 16])]
    });
    bad("meeting-person-twice", "One person attended twice.", Rule::ListForm, &|f| vec![f.clerk(); 2]);
    bad("meeting-not-sorted", "People in the wrong order.", Rule::ListForm, &|f| {
        vec![f.clerk().max(f.chair()), f.clerk().min(f.chair())]
    });
    set.bad(&stages.enlarged, "visits-of-no-household", "Visits to no household.", |f| {
        let by = [f.hand(Role::GridWorker)];
        let header = Header::of(matter).on(f.paper(matter, Kind::MatterProposed)).held(f.now().date());
        f.unlawful(Rule::ValueRange, &by, header, Act::VisitsRecorded(Visits { households: 0, opinions: Vec::new() }));
    });
}

fn contents(set: &mut Set, stages: &Stages) {
    let (matter, draft) = (stages.matter, &stages.draft);
    set.bad(&stages.settled, "posted-for-officials-alone", "A notice that villagers can't read.", |f| {
        let (notice, by) = (f.document(Level::Officials, Media::Text, "方案公示".into()), [f.hand(Role::Clerk)]);
        let header = Header::of(matter).on(f.paper(matter, Kind::PlanSettled));
        f.unlawful(Rule::DocumentLevel, &by, header, Act::PlanPosted(Posted { notice, places: vec![Place::Board] }));
    });
    set.bad(&stages.settled, "posted-nowhere", "A notice that is posted nowhere, and one in ten places.", |f| {
        let (notice, by) = (f.text("方案公示"), [f.hand(Role::Clerk)]);
        let header = Header::of(matter).on(f.paper(matter, Kind::PlanSettled));
        for places in [Vec::new(), vec![Place::Board; 10]] {
            let act = Act::PlanPosted(Posted { notice: notice.clone(), places });
            f.wait_minutes(1).unlawful(Rule::ListForm, &by, header.clone(), act);
        }
        f.then(|s| s.post_plan(matter));
    });
    set.bad(
        &stages.suggested,
        "title-hidden",
        "A proposal whose title villagers can't read; the draft plan may be for officials.",
        |f| {
            let own = f.paper(matter, Kind::SuggestionEntered);
            let by = [f.hand(Role::BranchSecretary)];
            let hidden = f.document(Level::Village, Media::Text, "标题".into());
            let plan = f.document(Level::Officials, Media::Pdf, "方案".into());
            let propose = |title: Doc| {
                Act::MatterProposed(Proposed {
                    category: Category::M02,
                    title,
                    plan: plan.clone(),
                    amount_fen: 0,
                    answers: vec![own],
                })
            };
            f.unlawful(Rule::DocumentLevel, &by, Header::of(matter).on(own), propose(hidden));
            let title = f.text("标题");
            f.wait_minutes(1).then(|s| s.act(&by, Header::of(matter).on(own), propose(title)));
        },
    );
    for (name, role, source) in [
        ("source-of-the-clerk", Role::Clerk, Source::Online),
        ("source-of-a-villager", Role::Villager, Source::PaperBox),
    ] {
        set.bad(&stages.posted, name, "Office holders enter what came off line, villagers what is on line.", |f| {
            let (text, by) = (f.text("预算偏高"), [f.hand(role)]);
            let header = Header::of(matter).on(f.paper(matter, Kind::PlanPosted));
            f.unlawful(Rule::ValueRange, &by, header, Act::ObjectionEntered(ObjectionEntered { text, source }));
        });
    }
    set.bad(
        &stages.resolved,
        "progress-of-101-per-cent",
        "More than the whole, no papers, and more paid than a number can say.",
        |f| {
            let (paper, by) = (f.text("实施进展"), [f.hand(Role::GridWorker)]);
            let header = Header::of(matter).on(f.paper(matter, Kind::ResolutionPosted)).held(f.now().date());
            let most = (1_u64 << 53) - 1;
            let mut report = |rule, percent, paid_fen, papers: Vec<Doc>| {
                let act = Act::ProgressRecorded(Progress::of(Work::Works, percent, paid_fen, papers));
                f.wait_minutes(1).unlawful(rule, &by, header.clone(), act);
            };
            report(Rule::ValueRange, 101, 0, vec![paper.clone()]);
            report(Rule::ListForm, 50, 0, Vec::new());
            report(Rule::ListForm, 50, 0, vec![paper.clone(); 51]);
            f.then(|s| s.progress(matter, Work::Payment, 50, most));
            let act = Act::ProgressRecorded(Progress::of(Work::Works, 60, 1, vec![paper]));
            f.wait_minutes(1).unlawful(Rule::ValueRange, &by, header, act);
            let _ = draft;
        },
    );
}

fn filing(set: &mut Set, stages: &Stages) {
    let matter = stages.matter;
    set.bad(&stages.submitted, "supplement-of-nothing", "A supplement without a paper, and with 51.", |f| {
        f.then(|s| s.request_supplement(matter, "缺概算"));
        let (paper, by) = (f.text("概算"), [f.hand(Role::Clerk)]);
        let header = Header::of(matter).on(f.open_point(matter, &[Kind::SupplementRequested]));
        for materials in [Vec::new(), vec![paper; 51]] {
            let act = Act::SupplementProvided(Materials { materials });
            f.wait_minutes(1).unlawful(Rule::ListForm, &by, header.clone(), act);
        }
    });
    set.bad(&stages.posted, "submitted-with-51-papers", "Fifty papers are the most.", |f| {
        let ends = f.plan_notice_ends(matter);
        let (paper, by) = (f.at(ends).text("备案材料"), [f.hand(Role::Clerk)]);
        let header = Header::of(matter).on(f.paper(matter, Kind::PlanSettled));
        let act =
            |count: usize| Act::FilingSubmitted(Filing { papers: Vec::new(), materials: vec![paper.clone(); count] });
        f.unlawful(Rule::ListForm, &by, header.clone(), act(51)).wait_minutes(1).act(&by, header, act(50)).unwrap();
    });
}

fn ends(set: &mut Set, stages: &Stages) {
    let (matter, draft) = (stages.matter, &stages.draft);
    set.bad(
        &stages.proposed,
        "matter-withdrawn",
        "A matter that was withdrawn takes nothing more, but the township may annul it.",
        |f| {
            f.then(|s| s.withdraw(matter, "情况变化")).refused(Rule::MatterEnded, |s| s.enlarged_meeting(matter));
            f.refused(Rule::MatterEnded, |s| s.request_change(matter, "再议"));
            let act = sunvote::core::act::matter::Annulled {
                authority: sunvote::core::act::matter::Authority::Township,
                reason: f.text("撤销"),
            };
            let by = [f.hand(Role::TownshipApprover), f.hand(Role::TownshipDisciplineOfficer)];
            f.then(|s| s.act(&by, Header::of(matter), Act::MatterAnnulled(act)));
        },
    );
    set.bad(&stages.finished, "matter-finished", "A matter that was signed off is over.", |f| {
        f.refused(Rule::MatterEnded, |s| s.withdraw(matter, "撤回"))
            .refused(Rule::MatterEnded, |s| s.object(matter, "有意见"));
        f.then(|s| correct(s, matter, Kind::ResolutionPosted, None));
    });
    set.bad(&stages.village, "matter-out-of-nothing", "A proposal for a matter that nobody suggested.", |f| {
        let fresh = f.new_matter();
        f.refused(Rule::MatterUnknown, |s| s.propose(fresh, draft));
    });
    set.bad(
        &stages.suggested,
        "merged-into-another",
        "A proposal takes in another matter's suggestions; that matter has ended.",
        |f| {
            let other = f.suggest("建议装路灯").unwrap();
            let answers = vec![f.paper(matter, Kind::SuggestionEntered), f.paper(other, Kind::SuggestionEntered)];
            let (title, plan, by) = (f.text("修路并装路灯"), f.text("方案"), [f.hand(Role::BranchSecretary)]);
            let header = Header::of(matter).on(answers[0]);
            let act = Act::MatterProposed(Proposed { category: Category::M02, title, plan, amount_fen: 1, answers });
            f.then(|s| s.raise_concern(other, "与上级项目重复"));
            f.unlawful(Rule::OpenPoint, &by, header.clone(), act.clone());
            f.then(|s| s.answer_concern(other, "不重复")).wait_minutes(1).then(|s| s.act(&by, header, act));
            f.refused(Rule::MatterEnded, |s| s.suggest_to(other, "再提一条"));
        },
    );
}

fn ways_out(set: &mut Set, stages: &Stages) {
    let (matter, draft) = (stages.matter, &stages.draft);
    set.bad(
        &stages.village,
        "emergency-without-the-township",
        "An emergency decided by the two committees alone, or with the clerk.",
        |f| {
            let by = in_an_emergency(f);
            let clerk = f.hand(Role::Clerk);
            f.refused(Rule::SignerCount, |s| emergency(s, &by[..2]));
            f.refused(Rule::SignerRole, |s| emergency(s, &[by[0], by[1], clerk]));
            let decided = emergency(f, &by).unwrap();
            f.refused(Rule::StageWrong, |s| s.post_resolution(decided));
        },
    );
    set.bad(
        &stages.filed,
        "plan-withdrawn",
        "The settled plan is withdrawn: the matter goes back, and can't be voted on.",
        |f| {
            let plan = f.state().matter(matter).unwrap().settled.as_ref().unwrap().plan.sha256;
            f.then(|s| withdraw_document(s, plan)).refused(Rule::StageWrong, |s| s.convene(ASSEMBLY, &[matter]));
            f.refused(Rule::PaperMissing, |s| s.submit_filing(matter));
        },
    );
    set.bad(
        &stages.decided,
        "change-and-the-old-plan",
        "After a change was asked for nothing of the old plan serves the new one.",
        |f| {
            f.wait_days(1).then(|s| s.request_change(matter, "造价上涨"));
            f.refused(Rule::StageWrong, |s| s.convene(ASSEMBLY, &[matter]));
            f.refused(Rule::PaperMissing, |s| s.submit_filing(matter));
            f.wait_days(1).then(|s| s.settle_and_post(matter, draft));
        },
    );
    set.bad(
        &stages.village,
        "category-without-a-profile",
        "Land contracting before the representatives' assembly.",
        |f| {
            let mut draft = Draft::of(Category::M05);
            draft.ballots[0].0 = ASSEMBLY;
            let other = f.bring_to_proposal(&draft).unwrap();
            f.refused(Rule::ProfileWrong, |s| s.consult(other, &draft));
        },
    );
}
