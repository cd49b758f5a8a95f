//! Sessions: calling, roster, attendance, tellers, recusal, failure and minutes, each broken.

use sunvote::core::act::matter::Reason;
use sunvote::core::act::session::{AgendaItem, CheckedIn, Convened, RosterFixed, RosterRow, SessionFailed};
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::PersonId;
use sunvote::core::model::{Body, Channel, Role};
use sunvote::core::reject::Rule;
use sunvote::core::statement::{Header, Part};

use crate::forge::{Forge, Made, Set, hand};
use crate::good::gathered_under;
use crate::people::{end, grant, kin};
use crate::stages::{ASSEMBLY, Stages};

pub fn all(stages: &Stages) -> (&'static str, Vec<Made>) {
    let mut set = Set::default();
    calls(&mut set, stages);
    again(&mut set, stages);
    rosters(&mut set, stages);
    doors(&mut set, stages);
    tellers(&mut set, stages);
    recusals(&mut set, stages);
    failures(&mut set, stages);
    minutes(&mut set, stages);
    ("Calling, roster, attendance, tellers, recusal, failure and minutes, each broken.", set.0)
}

/// The stages' session, called with a change; then as it should be.
fn calling(f: &mut Forge, stages: &Stages, rule: Rule, change: impl FnOnce(&mut Convened, &mut Forge)) {
    let item = f.item(stages.matter, 0);
    let (notice, channels) = (f.text("会议通知"), vec![Channel::Online, Channel::Paper]);
    let starts_at = f.now().plus_ms(20 * 86_400_000);
    let mut act = Convened { body: ASSEMBLY, group: None, starts_at, agenda: vec![item], notice, channels };
    change(&mut act, f);
    let (by, header) = ([f.hand(Role::Chair)], Header::at(f.new_session()));
    f.unlawful(rule, &by, header, Act::SessionConvened(act));
    f.wait_minutes(1).then(|s| s.convene(ASSEMBLY, &[stages.matter]));
}

fn calls(set: &mut Set, stages: &Stages) {
    let mut bad = |name: &str, about: &str, rule: Rule, change: &dyn Fn(&mut Convened, &mut Forge)| {
        set.bad(&stages.filed, name, about, |f| calling(f, stages, rule, change));
    };
    bad("agenda-empty", "A session about nothing.", Rule::ListForm, &|a, _| a.agenda.clear());
    bad("agenda-matter-twice", "One matter twice on the agenda.", Rule::ListForm, &|a, _| {
        a.agenda.push(a.agenda[0].clone());
    });
    bad("agenda-matter-unknown", "A matter that isn't there.", Rule::MatterUnknown, &|a, f| {
        a.agenda[0].matter = f.new_matter();
    });
    bad("agenda-older-filing", "Under a filing that is not the one in force.", Rule::BasisStale, &|a, f| {
        a.agenda[0].filing = f.paper(stages.matter, Kind::FilingReviewed);
    });
    bad("agenda-ballot-1", "A ballot that the plan doesn't have.", Rule::ProfileWrong, &|a, _| a.agenda[0].ballot = 1);
    bad("agenda-other-body", "Another body than the ballot's.", Rule::ProfileWrong, &|a, _| {
        a.body = Body::VillagersAssembly;
    });
    bad("session-of-a-group", "A group for a body that has none.", Rule::ValueRange, &|a, _| a.group = Some(1));
    bad("channels-none", "No way to take part.", Rule::ListForm, &|a, _| a.channels.clear());
    bad("channels-not-sorted", "Channels in the wrong order.", Rule::ListForm, &|a, _| a.channels.reverse());
    bad("channel-twice", "A channel twice.", Rule::ListForm, &|a, _| a.channels = vec![Channel::Paper; 2]);
    bad("notice-hidden", "A notice that only officials can read.", Rule::DocumentLevel, &|a, f| {
        let level = sunvote::core::model::Level::Officials;
        a.notice = f.document(level, sunvote::core::model::Media::Text, "通知".into());
    });
    bad("session-today", "A session that begins now.", Rule::NoticeEarly, &|a, f| a.starts_at = f.now());
    set.bad(&stages.filed, "group-meeting-of-another-group", "A session of the assembly's ballot by a group.", |f| {
        calling(f, stages, Rule::ProfileWrong, |act, _| (act.body, act.group) = (Body::GroupMeeting, Some(2)));
    });
    let mut scribe = stages.village.clone();
    scribe.adopt(crate::stages::local_profile(|profile| profile.remote = false)).unwrap();
    let matter = scribe.bring_to_ballot(&stages.draft).unwrap();
    set.bad(
        &scribe,
        "online-where-it-may-not-be",
        "A session by phone under a profile that wants people there.",
        |f| {
            f.refused(Rule::BallotChannel, |s| s.convene(ASSEMBLY, &[matter]));
            let (notice, starts_at, by) = (f.text("会议通知"), f.now().plus_ms(20 * 86_400_000), [f.hand(Role::Chair)]);
            let (agenda, channels) = (vec![f.item(matter, 0)], vec![Channel::Paper]);
            let act = Convened { body: ASSEMBLY, group: None, starts_at, agenda, notice, channels };
            let header = Header::at(f.new_session());
            f.then(|s| s.act(&by, header, Act::SessionConvened(act)));
        },
    );
}

fn again(set: &mut Set, stages: &Stages) {
    let (matter, session) = (stages.matter, stages.session);
    set.bad(&stages.convened, "on-two-agendas", "A matter on the agendas of two sessions to come.", |f| {
        f.refused(Rule::VotingUnderway, |s| s.convene(ASSEMBLY, &[matter]));
    });
    set.bad(&stages.convened, "session-called-twice", "A session with an id that is there.", |f| {
        let (notice, channels, by) = (f.text("会议通知"), vec![Channel::Paper], [f.hand(Role::Chair)]);
        let agenda = vec![AgendaItem { matter, ballot: 0, filing: f.paper(matter, Kind::FilingFiled) }];
        let starts_at = f.now().plus_ms(30 * 86_400_000);
        let act = Convened { body: ASSEMBLY, group: None, starts_at, agenda, notice, channels };
        f.unlawful(Rule::SessionUnknown, &by, Header::at(session), Act::SessionConvened(act));
    });
    set.bad(&stages.filed, "tellers-of-no-session", "Tellers for a session that nobody called.", |f| {
        let fresh = f.new_session();
        f.refused(Rule::SessionUnknown, |s| s.name_tellers(fresh));
    });
    set.bad(
        &stages.convened,
        "cancelled-and-gone-on",
        "A roster after the session was called off; then another session.",
        |f| {
            let (reason, by) = (f.text("台风"), [f.hand(Role::Chair)]);
            let header = Header::at(session).on(f.session_paper(session, Kind::SessionConvened));
            f.then(|s| s.act(&by, header, Act::SessionCancelled(Reason { reason })));
            f.refused(Rule::SessionState, |s| s.fix_roster(session)).then(|s| s.convene(ASSEMBLY, &[matter]));
        },
    );
    set.bad(&stages.voting, "cancelled-during-the-vote", "A session called off while people vote.", |f| {
        let (reason, by) = (f.text("台风"), [f.hand(Role::Chair)]);
        let header = Header::at(session).on(f.session_paper(session, Kind::SessionConvened));
        f.unlawful(Rule::VotingUnderway, &by, header, Act::SessionCancelled(Reason { reason }));
        f.then(|s| s.cast(&stages.vote, 1, "for"));
    });
}

fn rosters(set: &mut Set, stages: &Stages) {
    let session = stages.session;
    let mut bad = |name: &str, about: &str, rule: Rule, change: &dyn Fn(&mut Vec<RosterRow>, &Forge)| {
        set.bad(&stages.convened, name, about, |f| {
            let members = f.state().body_members(ASSEMBLY, None, f.now().date());
            let mut rows: Vec<RosterRow> = (1..).zip(members).map(|(no, person)| RosterRow { no, person }).collect();
            change(&mut rows, f);
            let header = Header::at(session).on(f.session_paper(session, Kind::SessionConvened));
            let header = Header { part: Some(Part { part: 1, of: 1 }), ..header };
            let by = f.two();
            f.unlawful(rule, &by, header, Act::RosterFixed(RosterFixed { rows }));
            f.wait_minutes(1).then(|s| s.fix_roster(session));
        });
    };
    bad("roster-off-by-one", "A roster without its last member.", Rule::RosterWrong, &|rows, _| rows.truncate(8));
    bad("roster-with-one-more", "A roster with a supervisor.", Rule::RosterWrong, &|rows, f| {
        rows.push(RosterRow { no: 10, person: f.supervisor(0) });
    });
    bad("roster-member-twice", "One member twice, in another's place.", Rule::RosterWrong, &|rows, _| {
        rows[8].person = rows[0].person;
    });
    bad("roster-from-0", "Numbers from 0.", Rule::RosterWrong, &|rows, _| rows.iter_mut().for_each(|row| row.no -= 1));
    bad("roster-gap", "A number left out.", Rule::RosterWrong, &|rows, _| rows[8].no = 10);
    bad("roster-empty", "Nobody.", Rule::ListForm, &|rows, _| rows.clear());
    bad("roster-of-201-rows", "More rows than a part may have.", Rule::ListForm, &|rows, _| {
        *rows = (1..=201).map(|no| RosterRow { no, person: rows[0].person }).collect();
    });
    set.bad(&stages.rostered, "roster-fixed-twice", "A roster after the roster.", |f| {
        f.refused(Rule::SessionState, |s| s.fix_roster(session));
    });
    set.bad(
        &stages.convened,
        "roster-in-any-order",
        "Members in any order of their ids: numbers count, not ids.",
        |f| {
            let members = f.state().body_members(ASSEMBLY, None, f.now().date());
            let rows = (1..).zip(members.into_iter().rev()).map(|(no, person)| RosterRow { no, person }).collect();
            let header = Header::at(session).on(f.session_paper(session, Kind::SessionConvened));
            let (by, header) = (f.two(), Header { part: Some(Part { part: 1, of: 1 }), ..header });
            f.then(|s| s.act(&by, header, Act::RosterFixed(RosterFixed { rows })));
        },
    );
    set.bad(
        &stages.convened,
        "roster-after-somebody-left",
        "A representative resigned today: the roster is those of this very day.",
        |f| {
            let leaver = f.representative(0);
            let stale = Forge::from(&stages.convened);
            f.then(|s| end(s, leaver, Role::Representative));
            let members = stale.state().body_members(ASSEMBLY, None, stale.now().date());
            let rows = (1..).zip(members).map(|(no, person)| RosterRow { no, person }).collect();
            let header = Header::at(session).on(f.session_paper(session, Kind::SessionConvened));
            let (by, header) = (f.two(), Header { part: Some(Part { part: 1, of: 1 }), ..header });
            f.unlawful(Rule::RosterWrong, &by, header, Act::RosterFixed(RosterFixed { rows }));
            f.wait_minutes(1).then(|s| s.fix_roster(session));
        },
    );
}

fn doors(set: &mut Set, stages: &Stages) {
    let session = stages.session;
    set.bad(&stages.rostered, "door-a-millisecond-early", "Two hours before the session the door opens.", |f| {
        let door = f.state().session(session).unwrap().door();
        f.at(door.plus_ms(-1));
        let early = f.entries.last().unwrap().at.time > f.now();
        assert!(early, "the roster was fixed as the door opened");
        f.at(door).then(|s| s.check_in(session, 1)).then(|s| s.sign_in(session, &[2], &[]));
    });
    set.bad(
        &stages.convened,
        "door-closed",
        "Checked in a millisecond before the door opens, and when it does.",
        |f| {
            let door = f.state().session(session).unwrap().door();
            f.then(|s| s.fix_roster(session)).at(door.plus_ms(-1));
            f.refused(Rule::NoticeEarly, |s| s.check_in(session, 1))
                .refused(Rule::NoticeEarly, |s| s.sign_in(session, &[2], &[]));
            f.at(door).then(|s| s.check_in(session, 1)).then(|s| s.sign_in(session, &[2], &[]));
        },
    );
    set.bad(&stages.rostered, "checked-in-for-another", "A member checks in as another: phantom check-in.", |f| {
        let by = [hand(f.voter(session, 1), Role::Voter)];
        let header = Header::at(session).on(f.roster(session));
        let act = |voter, channel| Act::AttendanceCheckedIn(CheckedIn { voter, channel });
        f.unlawful(Rule::VoterUnknown, &by, header.clone(), act(2, Channel::Online));
        f.unlawful(Rule::VoterUnknown, &by, header.clone(), act(10, Channel::Online));
        f.unlawful(Rule::BallotChannel, &by, header.clone(), act(1, Channel::Paper));
        f.unlawful(Rule::BallotChannel, &by, header, act(1, Channel::Kiosk));
        f.then(|s| s.check_in(session, 1));
    });
    set.bad(&stages.rostered, "checked-in-off-the-roster", "Somebody who is not on the roster checks in.", |f| {
        let by = [hand(f.supervisor(0), Role::Voter)];
        let header = Header::at(session).on(f.roster(session));
        f.unlawful(
            Rule::SignerRole,
            &by,
            header,
            Act::AttendanceCheckedIn(CheckedIn { voter: 1, channel: Channel::Online }),
        );
    });
    set.bad(
        &stages.gathered,
        "left-without-being-there",
        "Who isn't there can't leave; and nobody leaves twice.",
        |f| {
            f.refused(Rule::VoterAbsent, |s| s.check_out(session, 8))
                .refused(Rule::AttendanceWrong, |s| s.sign_in(session, &[], &[8]));
            f.then(|s| s.check_out(session, 7)).wait_minutes(1).refused(Rule::VoterAbsent, |s| s.check_out(session, 7));
            f.refused(Rule::AttendanceWrong, |s| s.sign_in(session, &[6], &[6]));
        },
    );
    set.bad(
        &stages.rostered,
        "sheet-of-nobody",
        "A sheet of nobody, of numbers that aren't there, unsorted, doubled.",
        |f| {
            f.refused(Rule::VoterUnknown, |s| s.sign_in(session, &[], &[])).wait_minutes(1);
            f.refused(Rule::VoterUnknown, |s| s.sign_in(session, &[10], &[]))
                .refused(Rule::VoterUnknown, |s| s.sign_in(session, &[0], &[]));
            f.refused(Rule::ListForm, |s| s.sign_in(session, &[2, 1], &[]))
                .refused(Rule::ListForm, |s| s.sign_in(session, &[1, 1], &[]));
            f.then(|s| s.sign_in(session, &[1, 2], &[]));
        },
    );
}

fn tellers(set: &mut Set, stages: &Stages) {
    let session = stages.session;
    let mut bad = |name: &str, about: &str, rule: Rule, three: &dyn Fn(&mut Forge) -> [PersonId; 3]| {
        set.bad(&stages.gathered, name, about, |f| {
            let three = three(f);
            f.refused(rule, |s| s.name_tellers_as(session, three)).then(|s| s.open_vote(&stages.vote));
        });
    };
    bad("teller-in-two-places", "One person calls and counts.", Rule::TellersUnfit, &|f| {
        [1, 1, 2].map(|no| f.voter(session, no))
    });
    bad("teller-unknown", "A teller who is not on record.", Rule::PersonUnknown, &|f| {
        [f.voter(session, 1), f.voter(session, 2), PersonId::from_bytes([1; 16])]
    });
    bad("tellers-near-kin", "Caller and scrutineer are near kin.", Rule::TellersUnfit, &|f| {
        let three = [1, 2, 3].map(|no| f.voter(session, no));
        f.then(|s| kin(s, three[0], three[2]));
        three
    });
    set.bad(
        &stages.gathered,
        "tellers-kin-since",
        "Tellers who became kin since they were named: the vote doesn't open.",
        |f| {
            let tellers = f.state().session(session).unwrap().tellers.clone().unwrap();
            f.then(|s| kin(s, tellers.counter, tellers.scrutineer));
            f.refused(Rule::TellersUnfit, |s| s.open_vote(&stages.vote));
            let others = [1, 2, 3].map(|no| f.voter(session, no));
            f.then(|s| s.name_tellers_as(session, others)).then(|s| s.open_vote(&stages.vote));
        },
    );
    set.bad(&stages.voting, "tellers-exchanged", "Tellers named anew while people vote.", |f| {
        f.refused(Rule::VotingUnderway, |s| s.name_tellers(session)).then(|s| s.cast(&stages.vote, 1, "for"));
    });
}

fn recusals(set: &mut Set, stages: &Stages) {
    set.bad(&stages.gathered, "recused-without-leave", "A profile that knows no recusal.", |f| {
        f.refused(Rule::VoterRecused, |s| s.recuse(stages.session, stages.matter, 1))
            .then(|s| s.open_vote(&stages.vote));
    });
    let (scribe, vote) = gathered_under(stages, |profile| profile.recusal.allowed = true);
    set.bad(&scribe, "teller-with-an-interest", "A recused member counts; a member's kin counts.", |f| {
        f.then(|s| s.recuse(vote.session, vote.matter, 7)).refused(Rule::TellersUnfit, |s| s.open_vote(&vote));
        let [one, two, three, recused] = [1, 2, 3, 7].map(|no| f.voter(vote.session, no));
        f.wait_minutes(1).then(|s| kin(s, one, recused));
        f.refused(Rule::TellersUnfit, |s| s.name_tellers_as(vote.session, [one, two, three]));
        f.then(|s| s.name_tellers_as(vote.session, [two, three, s.voter(vote.session, 4)]))
            .then(|s| s.open_vote(&vote));
    });
    set.bad(&scribe, "recused-for-another", "A member recuses another; a recusal after the vote opened.", |f| {
        let by = [hand(f.voter(vote.session, 6), Role::Voter)];
        let reason = f.text("利害关系");
        let act = Act::RecusalDeclared(sunvote::core::act::session::RecusalDeclared { voter: 5, reason });
        let header = Header { session: Some(vote.session), ..Header::of(vote.matter) }.on(f.roster(vote.session));
        f.unlawful(Rule::VoterUnknown, &by, header, act).then(|s| s.open_vote(&vote));
        f.refused(Rule::VotingUnderway, |s| s.recuse(vote.session, vote.matter, 6));
    });
    let (scribe, vote) = gathered_under(stages, |profile| {
        (profile.recusal.allowed, profile.recusal.in_quorum) = (true, false);
    });
    set.bad(
        &scribe,
        "recused-out-of-the-quorum",
        "Two of seven are recused, and don't count in the quorum: five of nine.",
        |f| {
            f.then(|s| s.recuse(vote.session, vote.matter, 1)).then(|s| s.recuse(vote.session, vote.matter, 2));
            f.refused(Rule::QuorumMissing, |s| s.open_vote(&vote));
        },
    );
}

fn failures(set: &mut Set, stages: &Stages) {
    let (session, vote) = (stages.session, &stages.vote);
    set.bad(
        &stages.gathered,
        "failed-with-a-quorum",
        "No quorum, it says, with seven of nine there; at six it isn't either, at five it is.",
        |f| {
            f.refused(Rule::QuorumReached, |s| s.fail(session)).then(|s| s.check_out(session, 7));
            f.refused(Rule::QuorumReached, |s| s.fail(session)).then(|s| s.check_out(session, 6));
            f.refused(Rule::QuorumMissing, |s| s.open_vote(vote)).then(|s| s.fail(session));
            f.refused(Rule::SessionState, |s| s.check_in(session, 8));
        },
    );
    set.bad(
        &stages.rostered,
        "failed-before-it-began",
        "No quorum, it says, a millisecond before the session begins; then with a false count.",
        |f| {
            let starts_at = f.state().session(session).unwrap().starts_at;
            f.at(starts_at.plus_ms(-1)).refused(Rule::NoticeEarly, |s| s.fail(session)).at(starts_at);
            let (by, header) =
                ([f.hand(Role::Chair), f.hand(Role::SupervisionCommittee)], Header::at(session).on(f.roster(session)));
            for (eligible, present) in [(9, 1), (8, 0)] {
                let act = Act::SessionFailed(SessionFailed { eligible, present });
                f.unlawful(Rule::AttendanceWrong, &by, header.clone(), act);
            }
            f.then(|s| s.fail(session));
        },
    );
    set.bad(&stages.voting, "failed-during-the-vote", "No quorum, it says, when the vote has opened.", |f| {
        f.refused(Rule::VotingUnderway, |s| s.fail(session));
    });
}

fn minutes(set: &mut Set, stages: &Stages) {
    let session = stages.session;
    set.bad(&stages.gathered, "minutes-without-a-vote", "Minutes of a session in which nobody voted.", |f| {
        f.refused(Rule::VotingState, |s| s.sign_minutes(session)).then(|s| s.open_vote(&stages.vote));
    });
    set.bad(&stages.opened, "minutes-before-the-result", "Minutes before the result is announced.", |f| {
        f.refused(Rule::VotingState, |s| s.sign_minutes(session)).then(|s| s.announce(&stages.vote));
    });
    set.bad(
        &stages.decided,
        "voted-after-the-minutes",
        "Nothing more happens in a session whose minutes are signed.",
        |f| {
            f.refused(Rule::StageWrong, |s| s.open_vote(&stages.vote))
                .refused(Rule::SessionState, |s| s.name_tellers(session));
            f.refused(Rule::SessionState, |s| s.sign_minutes(session));
        },
    );
    set.bad(
        &stages.convened,
        "representative-after-the-notice",
        "Who became a representative since the notice stands on the roster.",
        |f| {
            let newcomer = f.invent();
            f.then(|s| grant(s, newcomer, &[Role::Representative])).then(|s| s.fix_roster(session));
            assert!(f.number(session, newcomer) > 0);
        },
    );
}
