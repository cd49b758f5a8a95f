//! Papers in the box: entered after the closing, and counted twice; each rule broken.

use sunvote::core::act::voting::PaperIssued;
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::Digest;
use sunvote::core::model::{Channel, Doc, Level, Media, Mode, Role};
use sunvote::core::reject::Rule;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::signed::Signed;

use crate::forge::{Forge, Set, hand};
use crate::good::{gathered_under, hall, on_vote};
use crate::stages::Stages;

/// Seven in a hall; phones and a box, and ten minutes of grace. The vote is open.
fn mixed(stages: &Stages) -> (Scribe, Vote) {
    let (mut scribe, vote) = gathered_under(stages, |_| {});
    let mut act = scribe.opening_of(&vote).unwrap();
    (act.channels, act.grace_minutes) = (vec![Channel::Online, Channel::Paper], 10);
    let (by, basis) = ([scribe.hand(Role::Chair)], scribe.roster(vote.session));
    let header = on_vote(&vote, &scribe, Kind::VotingOpened).on(basis);
    scribe.act(&by, header, Act::VotingOpened(act)).unwrap();
    scribe.wait_minutes(1);
    (scribe, vote)
}

/// Three papers, two of them entered late and one of these over a ballot by phone; counted, disputed and counted again.
pub fn recounted(stages: &Stages) -> Scribe {
    let (mut scribe, vote) = mixed(stages);
    let away = scribe.sign_papers(&vote, &[1, 2]).unwrap();
    scribe.wait_minutes(1).issue_paper(&vote, &[3]).unwrap();
    scribe.cast(&vote, 2, "against").unwrap();
    scribe.cast_all(&vote, &[("against", 1), ("for", 4)]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.wait_minutes(9).append(&away).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[2, 0, 0], 1).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.wait_minutes(1).dispute(&vote, 5, "被判无效的一张看得清是反对").unwrap();
    scribe.wait_minutes(1).recount_paper(&vote, &[2, 1, 0], 0).unwrap();
    scribe.wait_minutes(1).announce(&vote).unwrap();
    scribe.wait_minutes(10).sign_minutes(vote.session).unwrap();
    scribe
}

/// Seven in a hall whose papers are named: three of them, and phones. Nothing more comes.
fn named(stages: &Stages) -> (Scribe, Vote) {
    let (mut scribe, vote) = gathered_under(stages, |_| {});
    scribe.open_named(&vote).unwrap();
    scribe.wait_minutes(1).issue_paper(&vote, &[2, 3, 5]).unwrap();
    scribe.cast_all(&vote, &[("for", 3), ("against", 1)]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    (scribe, vote)
}

/// A box whose papers were photographed.
pub fn photographed(stages: &Stages) -> Scribe {
    let mut hall = hall(stages);
    let (scribe, vote) = (&mut hall.delivered, &hall.vote);
    let photos = [1, 2].map(|nth| scribe.album(nth));
    scribe.count_with_photos(vote, &[2, 1, 0], &photos).unwrap();
    scribe.open_ballots(vote).unwrap();
    scribe.wait_minutes(1).announce(vote).unwrap();
    hall.delivered
}

/// Three named papers; counted, disputed and counted again.
pub fn counted_by_name(stages: &Stages) -> Scribe {
    let (mut scribe, vote) = named(stages);
    scribe.count_named(&vote, &[(2, "for"), (5, "against")], 1).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.wait_minutes(1).dispute(&vote, 3, "我的票姓名看得清").unwrap();
    scribe.wait_minutes(1).recount_named(&vote, &[(2, "for"), (3, "for"), (5, "against")], 0).unwrap();
    scribe.wait_minutes(1).announce(&vote).unwrap();
    scribe.wait_minutes(10).sign_minutes(vote.session).unwrap();
    scribe
}

pub fn add(set: &mut Set, stages: &Stages) {
    late(set, stages);
    recounts(set, stages);
    names(set, stages);
}

fn names(set: &mut Set, stages: &Stages) {
    let wrong = Rule::CountRows;
    let secret = hall(stages);
    set.bad(&secret.delivered, "secret-papers-by-name", "Secret papers are listed by their voters.", |f| {
        f.refused(wrong, |s| s.count_named(&secret.vote, &[(2, "for"), (6, "for")], 0));
    });
    set.bad(&secret.delivered, "photographs-that-are-wrong", "Not sorted, for the village, no PDF, too many.", |f| {
        let (one, two) = (f.album(1), f.album(2));
        let mut wrong = |photos: &[Doc]| {
            f.wait_minutes(1).refused(Rule::CountPhotos, |s| s.count_with_photos(&secret.vote, &[2, 0, 0], photos));
        };
        wrong(&[two.clone(), one.clone()]);
        wrong(&[Doc { level: Level::Village, ..one.clone() }]);
        wrong(&[Doc { media: Media::Jpeg, ..one.clone() }]);
        wrong(&[Doc { level: Level::Public, media: Media::Text, ..one.clone() }]);
        let many: Vec<Doc> = (1..=21).map(|nth| Doc { sha256: Digest([nth; 32]), ..one.clone() }).collect();
        wrong(&many);
        f.then(|s| s.count_with_photos(&secret.vote, &[2, 0, 0], &[one, two]));
    });
    let (scribe, vote) = &named(stages);
    set.bad(
        scribe,
        "named-papers-that-are-wrong",
        "Of who had none, twice, not sorted, for no option; sums without rows.",
        |f| {
            let mut wait = |papers: &[(u32, &str)]| {
                f.wait_minutes(1).refused(wrong, |s| s.count_named(vote, papers, 0));
            };
            wait(&[(1, "for"), (2, "for")]);
            wait(&[(2, "for"), (2, "for")]);
            wait(&[(3, "for"), (2, "for")]);
            wait(&[(2, "for"), (3, "other")]);
            f.wait_minutes(1).refused(wrong, |s| s.count_paper(vote, &[1, 1, 0], 0));
            f.then(|s| s.count_named(vote, &[(2, "for"), (3, "for")], 1)).wait_minutes(1);
            f.then(|s| s.dispute(vote, 5, "少计一张")).wait_minutes(1);
            f.refused(wrong, |s| s.recount_paper(vote, &[2, 1, 0], 0));
            f.then(|s| s.recount_named(vote, &[(2, "for"), (3, "for"), (5, "against")], 0));
        },
    );
    let (gathered, vote) = gathered_under(stages, |_| {});
    set.bad(&gathered, "named-papers-without-paper", "Papers are named in a vote by phone alone.", |f| {
        let mut act = f.opening_of(&vote).unwrap();
        (act.channels, act.named_papers) = (vec![Channel::Online], true);
        let header = on_vote(&vote, f, Kind::VotingOpened).on(f.roster(vote.session));
        let by = [f.hand(Role::Chair)];
        f.unlawful(Rule::PaperNamed, &by, header, Act::VotingOpened(act)).then(|s| s.open_named(&vote));
    });
    let (gathered, vote) = gathered_under(stages, |profile| profile.mode = Mode::PaperSecret);
    set.bad(&gathered, "named-papers-in-a-secret-vote", "Papers are named in a secret vote.", |f| {
        f.refused(Rule::PaperNamed, |s| s.open_named(&vote)).then(|s| s.open_vote(&vote));
    });
}

fn late(set: &mut Set, stages: &Stages) {
    let (scribe, vote) = &mixed(stages);
    set.bad(
        scribe,
        "paper-entered-late",
        "Signed a millisecond before the closing, and at it; after deliveries end.",
        |f| {
            let closes_at = f.voting(vote).unwrap().opening.closes_at;
            let first = f.at(closes_at.plus_ms(-1)).sign_papers(vote, &[1]).unwrap();
            let second = f.sign_papers(vote, &[2]).unwrap();
            let after = f.at(closes_at).sign_papers(vote, &[3]).unwrap();
            f.refused(Rule::BallotLate, |s| s.append(&after))
                .then(|s| s.append(&first))
                .then(|s| s.close_on_time(vote));
            f.wait_ms(1).refused(Rule::BallotLate, |s| s.append(&s.sign_papers(vote, &[4])?));
            f.then(|s| s.end_deliveries(vote)).refused(Rule::BallotLate, |s| s.append(&second));
        },
    );
    set.bad(
        scribe,
        "paper-entered-after-an-early-closing",
        "Signed when the vote was closed, and a millisecond later.",
        |f| {
            f.then(|s| s.cast_all(vote, &[("for", 7)])).then(|s| s.close(vote));
            let at = f.sign_papers(vote, &[1]).unwrap();
            let after = f.wait_ms(1).sign_papers(vote, &[2]).unwrap();
            f.refused(Rule::BallotLate, |s| s.append(&after)).then(|s| s.append(&at));
        },
    );
    set.bad(
        scribe,
        "deliveries-ended-at-once-with-a-box",
        "All have voted by phone; a paper could still be entered.",
        |f| {
            f.then(|s| s.cast_all(vote, &[("for", 7)])).then(|s| s.close(vote));
            let header = on_vote(vote, f, Kind::VotingClosed);
            let act = || Act::DeliveriesEnded(sunvote::core::act::voting::Nothing {});
            f.unlawful(Rule::CloseEarly, &[sunvote::log::scribe::Hand::Log], header, act());
            f.then(|s| s.end_deliveries(vote));
        },
    );
    set.bad(scribe, "paper-entered-late-over-a-ballot", "By clerk and scrutineer, for who has voted by phone.", |f| {
        let tellers = f.state().session(vote.session).unwrap().tellers.clone().unwrap();
        let by = [f.hand(Role::Clerk), hand(tellers.scrutineer, Role::Scrutineer)];
        let header = on_vote(vote, f, Kind::VotingOpened);
        let act = Act::PaperIssued(PaperIssued { voters: vec![1] });
        let signed = f.sign(&by, &f.draft(&by, header, act).unwrap()).unwrap();
        f.then(|s| s.cast(vote, 1, "for")).then(|s| s.close_on_time(vote));
        f.refused(Rule::SignerRole, |s| s.append(&signed));
    });
    set.bad(
        scribe,
        "paper-entered-late-by-those-who-count",
        "Nobody can see whether that voter's ballot was held back.",
        |f| {
            let signed = by_tellers(f, vote);
            f.then(|s| s.close_on_time(vote)).refused(Rule::SignerRole, |s| s.append(&signed));
        },
    );
    let (terminals, vote) = &crate::terminals::hall(stages);
    set.bad(terminals, "paper-by-those-who-count-beside-terminals", "A ballot of that voter may wait in one.", |f| {
        let signed = by_tellers(f, vote);
        f.refused(Rule::SignerRole, |s| s.append(&signed));
    });
}

/// A paper for the first voter, signed by counter and scrutineer.
pub fn by_tellers(scribe: &Scribe, vote: &Vote) -> Signed {
    let tellers = scribe.state().session(vote.session).unwrap().tellers.clone().unwrap();
    let by = [hand(tellers.counter, Role::Counter), hand(tellers.scrutineer, Role::Scrutineer)];
    let act = Act::PaperIssued(PaperIssued { voters: vec![1] });
    scribe.sign(&by, &scribe.draft(&by, on_vote(vote, scribe, Kind::VotingOpened), act).unwrap()).unwrap()
}

fn recounts(set: &mut Set, stages: &Stages) {
    let hall = hall(stages);
    let vote = &hall.vote;
    let mut counted = hall.delivered.clone();
    counted.count_paper(vote, &[2, 0, 0], 0).unwrap();
    counted.wait_minutes(1);
    let again = |f: &mut Forge, rule: Rule, counts: &[u32], invalid: u32| {
        f.wait_minutes(1).refused(rule, |s| s.recount_paper(vote, counts, invalid));
    };
    set.bad(&counted, "recount-without-a-dispute", "Nobody disputes the count.", |f| {
        again(f, Rule::BasisStale, &[2, 1, 0], 0);
    });
    set.bad(
        &counted,
        "recount-that-is-wrong",
        "It does not add up, lacks an option, or finds more than were issued.",
        |f| {
            f.then(|s| s.dispute(vote, 1, "少计一张"));
            again(f, Rule::CountWrong, &[2, 1], 0);
            again(f, Rule::CountExcess, &[2, 1, 0], 1);
            f.then(|s| s.recount_paper(vote, &[2, 1, 0], 0));
        },
    );
    set.bad(&counted, "recount-by-two", "By counter and scrutineer, without the supervision committee.", |f| {
        f.then(|s| s.dispute(vote, 1, "少计一张"));
        let mut apart = Forge::from(f);
        apart.then(|s| s.recount_paper(vote, &[2, 1, 0], 0));
        let statement = sunvote::log::entry::Entry::parse(&apart.entries.last().unwrap().bytes).unwrap().statement;
        let mut statement = sunvote::core::statement::Statement::parse(&statement.payload).unwrap();
        statement.by.pop();
        let tellers = f.state().session(vote.session).unwrap().tellers.clone().unwrap();
        let by = [hand(tellers.counter, Role::Counter), hand(tellers.scrutineer, Role::Scrutineer)];
        f.refused(Rule::SignerCount, |s| s.submit(&by, &statement));
    });
    set.bad(&counted, "recount-twice", "Once more after the recount, and after the result.", |f| {
        f.then(|s| s.dispute(vote, 1, "少计一张")).then(|s| s.recount_paper(vote, &[2, 1, 0], 0)).wait_minutes(1);
        f.then(|s| s.dispute(vote, 4, "再点一次"));
        again(f, Rule::VotingState, &[3, 0, 0], 0);
        f.then(|s| s.answer_dispute(vote, "只能重新计票一次"))
            .then(|s| s.open_ballots(vote))
            .then(|s| s.announce(vote));
    });
    set.bad(&hall.delivered, "recount-before-the-count", "Disputed before anything was counted.", |f| {
        f.then(|s| s.dispute(vote, 1, "我没有领纸票"));
        again(f, Rule::CountMissing, &[2, 0, 0], 0);
        f.refused(Rule::OpenPoint, |s| s.count_paper(vote, &[2, 0, 0], 0)).then(|s| s.answer_dispute(vote, "已核实"));
    });
}
