//! The law in force: profiles, calendars, delegations, disclosure, and plans under them.

use sunvote::core::act::Act;
use sunvote::core::act::Kind;
use sunvote::core::act::matter::{PlanSettled, RequiredBallot};
use sunvote::core::act::village::{CalendarAdopted, DelegationRecorded, Merged};
use sunvote::core::calendar::Period;
use sunvote::core::clock::Date;
use sunvote::core::ids::Digest;
use sunvote::core::model::{Body, Category, Doc, Level, Media, Role};
use sunvote::core::reject::Rule;
use sunvote::core::rules::{Base, Profile};
use sunvote::core::statement::Header;
use sunvote::log::scribe::matter::{Asked, Draft};

use crate::forge::{Forge, ROOTS, Set};
use crate::matters::disclose;
use crate::stages::{ASSEMBLY, Stages, TERM, founded, local_profile};

pub fn add(set: &mut Set, stages: &Stages) {
    profiles(set, stages);
    calendars(set, stages);
    delegations(set, stages);
    disclosures(set, stages);
    plans(set, stages);
    questions(set, stages);
    set.bad(
        &stages.village,
        "merged-into-itself",
        "A village merges into itself; then into another, and takes nothing more.",
        |f| {
            let order = f.text("撤并批复");
            let merged = |into: &str| Act::VillageMerged(Merged { into: into.parse().unwrap(), order: order.clone() });
            f.unlawful(Rule::ValueRange, ROOTS, Header::default(), merged("331102001206"));
            f.wait_minutes(1).then(|s| s.act(ROOTS, Header::default(), merged("331102001207")));
            f.refused(Rule::FoundingPlace, |s| s.suggest("建议"));
        },
    );
}

fn profiles(set: &mut Set, stages: &Stages) {
    let mut bad = |name: &str, about: &str, rule: Rule, with: &dyn Fn(&mut Profile)| {
        set.bad(&stages.village, name, about, |f| {
            f.refused(rule, |s| s.adopt(local_profile(with))).then(|s| s.wait_minutes(1).suggest("建议"));
        });
    };
    let range = Rule::ValueRange;
    bad("profile-version-again", "A version that doesn't rise.", range, &|p| p.version -= 1);
    bad("profile-share-above-one", "Four thirds of all.", range, &|p| p.quorum.num = 4);
    bad("profile-share-of-zero", "A quorum of nothing.", range, &|p| p.quorum.num = 0);
    bad("profile-share-by-zero", "A share by nothing.", range, &|p| p.threshold.den = 0);
    bad("profile-quorum-of-those-there", "A quorum of those who are there.", range, &|p| p.quorum.base = Base::Present);
    bad("profile-period-of-367-days", "A period of more than 366 days.", range, &|p| {
        p.filing = Period { days: 367, working: true }
    });
    bad("profile-without-category", "A profile for nothing.", range, &|p| p.categories.clear());
    bad("profile-without-citation", "A profile that cites nothing.", range, &|p| p.citation.clear());
    bad("profile-citation-301", "A citation of 301 characters.", range, &|p| p.citation = "法".repeat(301));
    bad("profile-amounts", "A limit that is not above the amount from which it applies.", range, &|p| {
        (p.from_fen, p.below_fen) = (500, Some(500));
    });
    bad("profile-categories-not-sorted", "Categories in the wrong order.", Rule::ListForm, &|p| p.categories.reverse());
    set.bad(
        &stages.village,
        "profile-at-its-limits",
        "A citation of 300 characters beyond the first plane, 366 days, a quorum of all.",
        |f| {
            f.then(|s| {
                s.adopt(local_profile(|p| {
                    (p.citation, p.answer.days) = ("𠮷".repeat(300), 366);
                    (p.quorum.num, p.quorum.den) = (1, 1);
                }))
            });
        },
    );
}

fn calendars(set: &mut Set, stages: &Stages) {
    let mut bad = |name: &str, about: &str, rule: Rule, year: u16, holidays: Vec<Date>, workdays: Vec<Date>| {
        set.bad(&stages.village, name, about, |f| {
            let act = CalendarAdopted { year, holidays, workdays };
            f.unlawful(rule, ROOTS, Header::default(), Act::CalendarAdopted(act));
        });
    };
    let days = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<Date>>();
    bad(
        "calendar-of-another-year",
        "A holiday of another year.",
        Rule::ValueRange,
        2028,
        days(&["2029-01-01"]),
        Vec::new(),
    );
    bad(
        "calendar-workday-of-another-year",
        "A day worked in another year.",
        Rule::ValueRange,
        2028,
        Vec::new(),
        days(&["2027-12-31"]),
    );
    bad(
        "calendar-not-sorted",
        "Holidays in the wrong order.",
        Rule::ListForm,
        2028,
        days(&["2028-01-02", "2028-01-01"]),
        Vec::new(),
    );
    bad(
        "calendar-day-twice",
        "A day worked twice.",
        Rule::ListForm,
        2028,
        Vec::new(),
        days(&["2028-01-08", "2028-01-08"]),
    );
    let first: Date = "2028-01-01".parse().unwrap();
    bad(
        "calendar-of-61-days",
        "Sixty-one holidays.",
        Rule::ListForm,
        2028,
        (0..61).map(|n| first.plus_days(n)).collect(),
        Vec::new(),
    );
}

fn delegations(set: &mut Set, stages: &Stages) {
    let mut bad = |name: &str, about: &str, rule: Rule, from: Body, to: Body, categories: &[Category], days: i32| {
        set.bad(&stages.village, name, about, |f| {
            let (until, text, by) = (f.now().date().plus_days(days), f.text("授权决定"), f.two());
            let act = DelegationRecorded { from, to, categories: categories.to_vec(), until, text };
            f.unlawful(rule, &by, Header::default(), Act::DelegationRecorded(act));
        });
    };
    let (assembly, members, own) = (Body::VillagersAssembly, Body::MembersAssembly, Body::MembersRepresentatives);
    bad(
        "delegation-to-others",
        "The villagers' assembly delegates to the members' representatives.",
        Rule::ValueRange,
        assembly,
        own,
        &[Category::M02],
        9,
    );
    bad(
        "delegation-from-others",
        "The members' assembly delegates to the villagers' representatives.",
        Rule::ValueRange,
        members,
        ASSEMBLY,
        &[Category::M02],
        9,
    );
    bad(
        "delegation-to-itself",
        "Representatives delegate to themselves.",
        Rule::ValueRange,
        ASSEMBLY,
        ASSEMBLY,
        &[Category::M02],
        9,
    );
    bad(
        "delegation-that-is-over",
        "A delegation until yesterday.",
        Rule::ValueRange,
        assembly,
        ASSEMBLY,
        &[Category::M02],
        -1,
    );
    bad(
        "delegation-not-sorted",
        "Categories in the wrong order.",
        Rule::ListForm,
        assembly,
        ASSEMBLY,
        &[Category::M03, Category::M02],
        9,
    );
    let mut scribe = founded();
    scribe.adopt_defaults().unwrap();
    scribe.enrol_township().unwrap();
    scribe.open_term(&TERM).unwrap();
    set.bad(
        &scribe,
        "delegation-missing",
        "Representatives decide what nobody delegated to them; then a day before it ends, on its last day, and after.",
        |f| {
            let draft = Draft::of(Category::M02);
            let matter = f.bring_to_proposal(&draft).unwrap();
            f.refused(Rule::DelegationMissing, |s| s.consult(matter, &draft));
            let (until, text, by) = (f.now().date().plus_days(2), f.text("授权决定"), f.two());
            let act = DelegationRecorded { from: assembly, to: ASSEMBLY, categories: vec![Category::M02], until, text };
            f.wait_minutes(1).then(|s| s.act(&by, Header::default(), Act::DelegationRecorded(act)));
            let over = until.plus_days(1).start();
            f.at(over.plus_ms(-1)).then(|s| s.settle_plan(matter, &draft));
            f.at(over).refused(Rule::DelegationMissing, |s| s.settle_plan(matter, &draft));
        },
    );
}

fn disclosures(set: &mut Set, stages: &Stages) {
    set.bad(&stages.village, "disclosed-instead-of-voted", "A fen that needs a ballot is disclosed.", |f| {
        f.refused(Rule::DisclosureNotEnough, |s| disclose(s, 1, None));
    });
    let mut scribe = founded();
    scribe.adopt(local_profile(|profile| profile.from_fen = 500_000)).unwrap();
    scribe.enrol_township().unwrap();
    scribe.open_term(&TERM).unwrap();
    set.bad(
        &scribe,
        "disclosed-at-the-threshold",
        "A fen below the threshold disclosure is enough; at it, it is not.",
        |f| {
            f.then(|s| disclose(s, 499_999, None)).refused(Rule::DisclosureNotEnough, |s| disclose(s, 500_000, None));
        },
    );
    set.bad(
        &stages.village,
        "disclosed-beyond-the-budget",
        "All disclosures under one budget together stay inside it.",
        |f| {
            let draft = Draft::of(Category::M01);
            let budget = f.bring_to_ballot(&draft).unwrap();
            f.decide(ASSEMBLY, budget, 6, &[("for", 6)]).unwrap();
            let minutes = f.paper(budget, Kind::MinutesSigned);
            f.then(|s| disclose(s, draft.amount_fen - 1, Some(minutes)));
            f.wait_minutes(1).refused(Rule::DisclosureNotEnough, |s| disclose(s, 2, Some(minutes)));
            f.wait_minutes(1).then(|s| disclose(s, 1, Some(minutes)));
            let plan = f.paper(budget, Kind::PlanSettled);
            f.wait_minutes(1).refused(Rule::DisclosureNotEnough, |s| disclose(s, 1, Some(plan)));
        },
    );
}

/// The stages' plan, settled with a change.
fn settling(f: &mut Forge, stages: &Stages, rule: Rule, change: impl FnOnce(&mut PlanSettled, &mut Forge)) {
    let (matter, draft) = (stages.matter, &stages.draft);
    let ballot = f.required_ballot(ASSEMBLY, draft.category, draft.amount_fen, &draft.ballots[0].1).unwrap();
    let mut act = PlanSettled { plan: f.text(&draft.plan), amount_fen: draft.amount_fen, ballots: vec![ballot] };
    change(&mut act, f);
    let (by, header) = ([f.hand(Role::Clerk)], Header::of(matter).on(f.paper(matter, Kind::JointMeetingRecorded)));
    f.unlawful(rule, &by, header, Act::PlanSettled(act)).then(|s| s.wait_minutes(1).settle_plan(matter, draft));
}

fn plans(set: &mut Set, stages: &Stages) {
    let mut bad = |name: &str, about: &str, rule: Rule, change: &dyn Fn(&mut PlanSettled, &mut Forge)| {
        set.bad(&stages.joint, name, about, |f| settling(f, stages, rule, change));
    };
    let hidden = |f: &mut Forge, level| -> Doc { f.document(level, Media::Text, "隐去".into()) };
    bad("plan-hidden", "A plan that villagers can't read.", Rule::DocumentLevel, &|a, f| {
        a.plan = hidden(f, Level::Officials);
    });
    bad("question-hidden", "A question that only the village can read.", Rule::DocumentLevel, &|a, f| {
        a.ballots[0].questions[0].title = hidden(f, Level::Village);
    });
    bad("plan-without-ballots", "A plan that nobody decides on.", Rule::ListForm, &|a, _| a.ballots.clear());
    bad("plan-with-six-ballots", "Six ballots.", Rule::ListForm, &|a, _| a.ballots = vec![a.ballots[0].clone(); 6]);
    bad("plan-without-questions", "A ballot without a question.", Rule::ListForm, &|a, _| {
        a.ballots[0].questions.clear();
    });
    bad("plan-question-twice", "One code for two questions, in two ballots.", Rule::ListForm, &|a, _| {
        a.ballots.push(a.ballots[0].clone());
    });
    bad("plan-profile-of-zeros", "A profile that isn't there.", Rule::ProfileWrong, &|a, _| {
        a.ballots[0].profile = Digest([0; 32]);
    });
    bad("plan-profile-of-another-body", "Another body's profile.", Rule::ProfileWrong, &|a, f| {
        let law = &f.state().law;
        a.ballots[0].profile = law.applicable(Body::VillagersAssembly, Category::M02, 0, f.now().date()).unwrap().0;
    });
    bad("plan-of-a-body-that-may-not", "The members' assembly on public works.", Rule::ProfileWrong, &|a, _| {
        a.ballots[0].body = Body::MembersAssembly;
    });
    bad("plan-with-a-group", "A group for a body that has none.", Rule::ValueRange, &|a, _| {
        a.ballots[0].group = Some(1);
    });
    bad("plan-without-the-group", "A group meeting of no group.", Rule::ValueRange, &|a, f| {
        let law = &f.state().law;
        let profile = law.applicable(Body::GroupMeeting, Category::M02, 0, f.now().date()).unwrap().0;
        a.ballots[0] = RequiredBallot { body: Body::GroupMeeting, profile, ..a.ballots[0].clone() };
    });
    set.bad(
        &stages.joint,
        "plan-under-an-older-profile",
        "A profile that a newer version replaced this very minute.",
        |f| {
            let old = f.state().law.applicable(ASSEMBLY, Category::M02, 0, f.now().date()).unwrap().0;
            f.then(|s| s.adopt(local_profile(|_| {})));
            settling(f, stages, Rule::ProfileWrong, |act, _| act.ballots[0].profile = old);
        },
    );
    set.bad(&stages.joint, "plan-under-a-profile-to-come", "A profile that takes effect tomorrow.", |f| {
        let tomorrow = f.now().date().plus_days(1);
        let leaf = f.adopt(local_profile(|profile| profile.effective = tomorrow)).unwrap().at.leaf;
        settling(f, stages, Rule::ProfileWrong, |act, _| act.ballots[0].profile = leaf);
        f.at(tomorrow.start());
        settling(f, stages, Rule::DocumentLevel, |act, f| {
            act.ballots[0].profile = leaf;
            act.plan = f.document(Level::Village, Media::Text, "隐去".into());
        });
    });
}

fn questions(set: &mut Set, stages: &Stages) {
    let rule = Rule::QuestionWrong;
    let many: Vec<String> = (0..21).map(|n| format!("o{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (name, about, options) in [
        (
            "option-with-a-telephone-number",
            "More than three digits in an option's code.",
            &["lisi-13900000000", "zhang"][..],
        ),
        ("option-twice", "One option twice.", &["wang", "wang"]),
        ("option-alone", "One option and abstention.", &["wang"]),
        ("options-21", "Twenty-one options and abstention.", &many),
        ("option-for-among-others", "For, among options of its own.", &["for", "wang"]),
        ("options-for-and-against-reversed", "Against before for.", &["against", "for"]),
        ("option-abstain-twice", "Abstention among the options and at their end.", &["wang", "abstain"]),
    ] {
        set.bad(&stages.joint, name, about, |f| {
            let mut draft = stages.draft.clone();
            draft.ballots[0].1 = vec![Asked::choice("q1", "选哪一家", options)];
            f.refused(rule, |s| s.settle_plan(stages.matter, &draft))
                .then(|s| s.wait_minutes(1).settle_plan(stages.matter, &stages.draft));
        });
    }
    set.bad(&stages.joint, "labels-too-few", "Words for one of two options, and for a plain question.", |f| {
        let mut draft = stages.draft.clone();
        let mut which = Asked::choice("q1", "选哪一家", &["wang", "li"]);
        which.labels = vec!["王家".to_owned()];
        draft.ballots[0].1 = vec![which];
        f.refused(rule, |s| s.settle_plan(stages.matter, &draft));
        let plain =
            Asked { labels: vec!["同意".to_owned(), "不同意".to_owned()], ..Asked::plain("q1", "是否同意") };
        draft.ballots[0].1 = vec![plain];
        f.wait_minutes(1).refused(rule, |s| s.settle_plan(stages.matter, &draft));
    });
    set.bad(&stages.joint, "questions-31", "Thirty-one questions.", |f| {
        let mut draft = stages.draft.clone();
        draft.ballots[0].1 = (0..31).map(|n| Asked::plain(&format!("q{n}"), "是否同意")).collect();
        f.refused(Rule::ListForm, |s| s.settle_plan(stages.matter, &draft));
    });
}
