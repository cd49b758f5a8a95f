//! From what a clerk types to what is signed, for the forms about people, papers and emergencies.

use sunvote::app::forms::draft::{Drafted, candidates, newest_key};
use sunvote::app::forms::spec::{elsewhere, specs};
use sunvote::app::forms::{About, Actor, Values, people};
use sunvote::core::act::village::{SubstituteCause, SubstituteRequested};
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::{MatterId, PersonId};
use sunvote::core::model::Role;
use sunvote::core::statement::{Header, Statement};
use sunvote::core::table;
use sunvote::http::act::who::roles_for;
use sunvote::log::scribe::Scribe;

use crate::harness::{Running, TestServer, VILLAGE};
use crate::writing::scribe;

struct Desk {
    server: Running,
    scribe: Scribe,
    matter: MatterId,
}

impl Desk {
    async fn open() -> Self {
        let (scribe, matter) = scribe();
        let (copy, _) = crate::writing::scribe();
        Self { server: TestServer::new().with_village(copy).start().await, scribe, matter }
    }

    fn about(&self, kind: Kind) -> About {
        About::new(VILLAGE.parse().expect("a code"), kind)
    }

    fn actor(&self, person: PersonId, role: Role) -> Actor {
        let key = newest_key(self.scribe.state(), person).expect("a key");
        Actor { person, role, key }
    }

    async fn draft(&self, about: About, values: &[(&str, &str)], others: &[PersonId]) -> Drafted {
        let actor = self.actor(self.scribe.clerk(), Role::Clerk);
        self.draft_as(about, &actor, values, others).await
    }

    async fn draft_as(&self, about: About, actor: &Actor, values: &[(&str, &str)], others: &[PersonId]) -> Drafted {
        let mut sent = Values::default();
        for (name, value) in values {
            sent.fields.entry((*name).to_owned()).or_default().push((*value).to_owned());
        }
        self.server.app.draft(about, actor, others, &sent).await.expect("an answer")
    }
}

fn ready(drafted: Drafted) -> Statement {
    match drafted {
        Drafted::Ready { statement, .. } => *statement,
        other => panic!("not ready: {other:?}"),
    }
}

fn faults(drafted: Drafted) -> Vec<(String, &'static str)> {
    match drafted {
        Drafted::Fields(errors) => errors.into_iter().map(|error| (error.field, error.reason)).collect(),
        other => panic!("no fault found: {other:?}"),
    }
}

#[tokio::test]
async fn a_term_begins_from_the_list_of_those_in_office_with_a_newcomer_added() {
    let desk = Desk::open().await;
    let village = VILLAGE.parse().expect("a code");
    let names = desk.server.app.names(village).await.expect("names");
    let (state, today) = (desk.scribe.state(), desk.server.app.now().date());
    let listed = people::present(state, &names, today, |role| role.code().to_owned());
    let list = format!("{listed}\n林新来，2组，representative");
    let until = today.plus_days(1_800).to_string();
    let form = |people: &str| {
        [("term", "2"), ("from", "2027-01-15"), ("until", &until), ("people", people), ("result", "推选结果公告")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let values = form(&list);
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let supervisor = [desk.scribe.supervisor(0)];
    let statement = ready(desk.draft(desk.about(Kind::TermOpened), &values, &supervisor).await);
    let Act::TermOpened(term) = &statement.act else { panic!("another act") };
    assert_eq!(term.people.len(), listed.lines().count() + 1);
    let fresh = term.people.iter().find(|row| !state.people.persons.contains_key(&row.person)).expect("a newcomer");
    let names = desk.server.app.names(village).await.expect("names");
    assert_eq!(names.get(&fresh.person).map(String::as_str), Some("林新来"));
    assert!(!String::from_utf8_lossy(&statement.to_payload().expect("JSON")).contains("林新来"), "no name on record");

    let values = form("林新来，村长\n张三");
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let found = faults(desk.draft(desk.about(Kind::TermOpened), &values, &supervisor).await);
    assert_eq!(found, [("people".to_owned(), "people-role"), ("people".to_owned(), "people-no-role")]);
}

#[tokio::test]
async fn a_resignation_names_the_role_that_ends() {
    let desk = Desk::open().await;
    let leaving = format!("{}/grid_worker", desk.scribe.in_role(Role::GridWorker)[0]);
    let values = [("rows", leaving.as_str()), ("reason", "resignation")];
    let statement = ready(desk.draft(desk.about(Kind::RolesEnded), &values, &[desk.scribe.supervisor(0)]).await);
    let Act::RolesEnded(ended) = &statement.act else { panic!("another act") };
    assert_eq!(ended.rows[0].role, Role::GridWorker);
}

#[tokio::test]
async fn a_slip_is_found_with_its_entry_and_an_unchanged_text_sent_back() {
    let desk = Desk::open().await;
    let minutes = desk.scribe.state().matter(desk.matter).and_then(|matter| {
        matter.papers.paper(Kind::JointMeetingRecorded).map(|paper| (paper.documents[0], paper.at.leaf))
    });
    let (document, leaf) = minutes.expect("minutes");
    let about = About { matter: Some(desk.matter), ..desk.about(Kind::ClericalCorrected) };
    let old = document.to_string();
    let supervisor = [desk.scribe.supervisor(0)];
    let same = desk.draft(about.clone(), &[("old", &old), ("new", "村务联席会议记录")], &supervisor).await;
    assert_eq!(faults(same), [("new".to_owned(), "slip-unchanged")]);
    let statement = ready(desk.draft(about, &[("old", &old), ("new", "村务联席会议纪录")], &supervisor).await);
    assert_eq!(statement.basis, Some(leaf));
}

#[tokio::test]
async fn an_emergency_is_drafted_for_three_signers() {
    let desk = Desk::open().await;
    let secretary = desk.actor(desk.scribe.secretary(), Role::BranchSecretary);
    let others = [desk.scribe.committee_member(1), desk.scribe.approver()];
    let values = [
        ("held_on", "2027-01-15"),
        ("category", "M02"),
        ("title", "抢修村口塌方路段"),
        ("reason", "台风暴雨引发塌方"),
        ("plan", "立即清理塌方并加固边坡"),
        ("amount_fen", "50000"),
        ("questions.0.body", "representative_assembly"),
        ("questions.0.title", "是否追认抢修？"),
        ("questions.0.required", "1"),
    ];
    let drafted = desk.draft_as(desk.about(Kind::EmergencyDecided), &secretary, &values, &others).await;
    assert_eq!(ready(drafted).by.len(), 3);
}

#[tokio::test]
async fn the_questions_of_one_body_make_one_ballot() {
    let desk = Desk::open().await;
    let secretary = desk.actor(desk.scribe.secretary(), Role::BranchSecretary);
    let others = [desk.scribe.committee_member(1), desk.scribe.approver()];
    let bodies = ["representative_assembly", "villagers_assembly", "representative_assembly", "group_meeting"];
    let mut values: Vec<(String, &str)> = [
        ("held_on", "2027-01-15"),
        ("category", "M02"),
        ("title", "抢修村口塌方路段"),
        ("reason", "台风暴雨引发塌方"),
        ("plan", "立即清理塌方并加固边坡"),
        ("amount_fen", "50000"),
        ("questions.0.required", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    for (nth, body) in bodies.iter().enumerate() {
        values.push((format!("questions.{nth}.title"), "是否追认抢修？"));
        values.push((format!("questions.{nth}.body"), body));
        values.push((format!("questions.{nth}.group"), "3"));
    }
    let sent: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let drafted = desk.draft_as(desk.about(Kind::EmergencyDecided), &secretary, &sent, &others).await;
    let Act::EmergencyDecided(act) = ready(drafted).act else { panic!("another act") };
    let told = |ballot: &sunvote::core::act::matter::RequiredBallot| {
        let codes: Vec<String> = ballot.questions.iter().map(|question| question.code.to_string()).collect();
        (ballot.body.code(), ballot.group, codes.join(" "))
    };
    let expected = [
        ("representative_assembly", None, "q1 q3".to_owned()),
        ("villagers_assembly", None, "q2".to_owned()),
        ("group_meeting", Some(3), "q4".to_owned()),
    ];
    assert_eq!(act.ballots.iter().map(told).collect::<Vec<_>>(), expected);

    let groupless: Vec<(&str, &str)> = sent.iter().copied().filter(|(name, _)| *name != "questions.3.group").collect();
    let drafted = desk.draft_as(desk.about(Kind::EmergencyDecided), &secretary, &groupless, &others).await;
    assert_eq!(faults(drafted), [("questions".to_owned(), "group")]);
}

#[test]
fn a_substitute_for_the_supervision_committee_is_offered_from_two_days_after_the_request() {
    let (mut scribe, _) = scribe();
    let act = SubstituteRequested { cause: SubstituteCause::Absent, reason: scribe.text("成员都外出了") };
    scribe.act(&[scribe.hand(Role::Clerk)], Header::default(), Act::SubstituteRequested(act)).expect("a request");
    let about = About::new(VILLAGE.parse().expect("a code"), Kind::KeysEnrolled);
    let (clerk, officer) = (scribe.clerk(), scribe.discipline_officer());
    let key = newest_key(scribe.state(), clerk).expect("a key");
    let actor = Actor { person: clerk, role: Role::Clerk, key };
    let offered = |scribe: &Scribe| {
        let seconds = candidates(scribe.state(), &about, &actor, scribe.now());
        let own = roles_for(scribe.state(), &about, officer, scribe.now());
        let role = Role::TownshipDisciplineOfficer;
        (seconds.concat().contains(&(officer, role)), own.contains(&role))
    };
    assert_eq!(offered(&scribe), (false, false));
    scribe.wait_days(2);
    assert_eq!(offered(&scribe), (true, true));
}

/// Whoever sends a form as it came gets an answer that says what is wrong, never a fault of the server.
#[tokio::test]
async fn an_empty_form_is_answered() {
    let desk = Desk::open().await;
    let mut forms = 0;
    for kind in Kind::ALL.iter().filter(|kind| elsewhere(**kind).is_none()) {
        for role in table::row(*kind).signers.iter().flatten().flatten() {
            if matches!(role, Role::Root | Role::Log) || specs(*kind, *role).is_none() {
                continue;
            }
            let about = About { matter: Some(desk.matter), ..desk.about(*kind) };
            let actor = Actor { role: *role, ..desk.actor(desk.scribe.clerk(), Role::Clerk) };
            let answer = desk.server.app.draft(about, &actor, &[], &Values::default()).await;
            let told = match answer {
                Ok(Drafted::Fields(errors)) => !errors.is_empty(),
                Ok(Drafted::Refused(_) | Drafted::Ready { .. }) => true,
                Err(error) => matches!(error, sunvote::app::error::AppError::NotFound { .. }),
            };
            assert!(told, "{kind} as {role}");
            forms += 1;
        }
    }
    assert!(forms > 60, "{forms}");
}
