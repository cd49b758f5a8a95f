//! An official's desk: what stands in the villages they watch over, and nobody else's business.

use reqwest::Method;
use sunvote::app::projection::catch_up;
use sunvote::core::act::voting::VoidReason;
use sunvote::core::clock::DAY_MS;
use sunvote::core::ids::PersonId;
use sunvote::core::model::Role;
use sunvote::core::warnings::Rule;
use sunvote::http::i18n::Lang;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::voting::Vote;

use crate::harness::{Running, TestServer, VILLAGE};
use crate::intruders::{log_in, page};
use crate::papers::read;
use crate::told::{ASSEMBLY, at_ballot};

/// A village with a vote that was declared void, after three took papers over their ballots.
pub struct Watched {
    pub server: Running,
    scribe: Scribe,
    vote: Vote,
}

impl Watched {
    pub async fn new() -> Self {
        let (mut scribe, matter) = at_ballot();
        scribe.enrol_inspector().expect("an inspector");
        let session = scribe.gather(ASSEMBLY, &[matter], 30).expect("a session");
        let vote = Vote::on(session, matter, "q1").expect("a question");
        scribe.open_vote(&vote).expect("open");
        for voter in 1..=3 {
            scribe.cast(&vote, voter, "against").expect("a ballot");
        }
        scribe.wait_minutes(1).issue_paper(&vote, &[1, 2, 3]).expect("papers");
        scribe.void_vote(&vote, VoidReason::Failure).expect("void");
        let server = TestServer::new().with_real_people().at(scribe.now()).with_village(scribe.clone()).start().await;
        let app = &server.app;
        catch_up(app.db(), app.vault(), app.lives()).await.expect("caught up");
        Self { server, scribe, vote }
    }

    async fn cookie(&self, person: PersonId) -> String {
        let key = &self.scribe.someone(person).expect("someone").key;
        log_in(&self.server, key).await.expect("a log-in")
    }

    async fn sees(&self, role: Role, path: &str) -> String {
        let cookie = self.cookie(self.scribe.in_role(role)[0]).await;
        page(&self.server, &cookie, path).await
    }
}

fn shows(page: &str, rule: Rule) -> bool {
    let words = Lang::ZhCn.t(format!("warning-{}", rule.code().replace('_', "-"))).to_string();
    page.contains(&format!("row-title\">{words}</span>"))
}

#[tokio::test]
async fn officials_see_what_deserves_a_look_with_the_entries_behind_it() {
    let watched = Watched::new().await;
    let page = watched.sees(Role::TownshipDrafter, "/desk").await;
    assert!(
        shows(&page, Rule::VoteVoid) && page.contains(&format!("href=\"/v/{VILLAGE}/s/{}\"", watched.vote.session))
    );
    let voting = watched.scribe.voting(&watched.vote).expect("a vote");
    for seq in [voting.opened.seq, watched.scribe.state().last.seq] {
        assert!(page.contains(&format!("/v/{VILLAGE}/record?from={seq}#e{seq}")), "{seq}: {page}");
    }
    let none = watched.sees(Role::TownshipDrafter, "/desk?rule=stalled").await;
    assert!(!shows(&none, Rule::VoteVoid) && none.contains("眼下没有预警"), "{none}");
    assert!(watched.sees(Role::TownshipDrafter, "/tasks").await.contains("href=\"/desk\""));
}

#[tokio::test]
async fn what_persons_did_is_for_inspectors_and_the_desk_is_for_officials() {
    let watched = Watched::new().await;
    let township = watched.sees(Role::TownshipApprover, "/desk").await;
    let inspector = watched.sees(Role::DisciplineInspector, "/desk").await;
    let personal = |page: &str| shows(page, Rule::PapersOverBallots);
    assert_eq!((personal(&township), personal(&inspector)), (false, true));
    assert!(inspector.contains("3人先在手机或投票终端投了票") && inspector.contains("共发出3张"), "{inspector}");
    let forced = watched.sees(Role::TownshipApprover, "/desk?rule=papers_over_ballots").await;
    assert!(!personal(&forced));
    for role in [Role::Clerk, Role::SupervisionCommittee, Role::Representative] {
        let cookie = watched.cookie(watched.scribe.in_role(role)[0]).await;
        let request = watched.server.request(Method::GET, "/desk").header("cookie", &cookie);
        assert_eq!(request.send().await.expect("an answer").status(), 403, "{role}");
        assert!(!watched.sees(role, "/tasks").await.contains("href=\"/desk\""), "{role}");
    }
}

#[tokio::test]
async fn what_an_official_found_stands_beside_the_warning_for_who_sees_it() {
    let watched = Watched::new().await;
    let vote = &watched.vote;
    let of = |rule: Rule| format!("{rule}/{}/{}/q1", vote.matter, vote.session);
    let note = async |role: Role, warning: &str, words: &str| {
        let cookie = watched.cookie(watched.scribe.in_role(role)[0]).await;
        let settings = page(&watched.server, &cookie, "/settings").await;
        let csrf =
            settings.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("csrf");
        let fields = [("csrf", csrf), ("warning", warning), ("words", words), ("back", "/desk?rule=vote_void")];
        let body = fields.map(|(name, value)| format!("{name}={}", value.replace('=', "%3D"))).join("&");
        let request = watched.server.request(Method::POST, &format!("/v/{VILLAGE}/warnings")).header("cookie", &cookie);
        let answer = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .expect("an answer");
        (answer.status().as_u16(), answer.headers().get("location").map(|to| to.to_str().expect("text").to_owned()))
    };
    let (void, papers) = (of(Rule::VoteVoid), of(Rule::PapersOverBallots));
    let back = Some("/desk?rule=vote_void".to_owned());
    assert_eq!(note(Role::TownshipApprover, &void, "停电,已约谈").await, (303, back));
    let page = watched.sees(Role::DisciplineInspector, "/desk").await;
    assert!(page.contains("停电,已约谈") && page.contains("已处理"), "{page}");
    // Nobody notes what they don't see, and nothing that may not be kept.
    for (role, warning, words, status) in [
        (Role::TownshipApprover, papers.as_str(), "知道了", 404),
        (Role::DisciplineInspector, papers.as_str(), "已核实", 303),
        (Role::TownshipApprover, "stalled///", "知道了", 404),
        (Role::TownshipApprover, void.as_str(), "  ", 422),
        (Role::TownshipApprover, void.as_str(), "打13812345678", 422),
        (Role::Clerk, void.as_str(), "知道了", 403),
    ] {
        assert_eq!(note(role, warning, words).await.0, status, "{role} {warning} {words}");
    }
    assert!(!watched.sees(Role::TownshipApprover, "/desk").await.contains("已核实"));
}

#[tokio::test]
async fn what_nobody_answers_goes_up_and_a_reminder_says_when() {
    let watched = Watched::new().await;
    let cookie = watched.cookie(watched.scribe.in_role(Role::TownshipDrafter)[0]).await;
    let vote = &watched.vote;
    let reminder = async |cookie: &str, rule: Rule| {
        let name = format!("{rule}/{}/{}/q1", vote.matter, vote.session);
        let path = format!("/v/{VILLAGE}/warnings/reminder/file?warning={name}");
        let answer = watched.server.request(Method::GET, &path).header("cookie", cookie).send().await;
        answer.expect("an answer")
    };
    let text = read(reminder(&cookie, Rule::VoteVoid).await).await;
    let now = watched.server.app.now();
    let climbs = Lang::ZhCn.date(now.plus_ms(14 * DAY_MS).date());
    for words in ["督办提醒函", "关于", "票决作废", &format!("到{climbs}还没有写明办理情况的，转区纪委")]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!watched.sees(Role::TownshipDrafter, "/desk").await.contains("已转区纪委"));
    watched.server.clock.set(now.plus_ms(14 * DAY_MS));
    // Nobody stays logged in for so long.
    let cookie = watched.cookie(watched.scribe.in_role(Role::TownshipDrafter)[0]).await;
    assert!(watched.sees(Role::TownshipDrafter, "/desk").await.contains(&format!("{climbs}已转区纪委")));
    assert_eq!(reminder(&cookie, Rule::PapersOverBallots).await.status(), 404, "about persons: for inspectors alone");
    assert_eq!(reminder(&cookie, Rule::Stalled).await.status(), 404, "none stands");
    let clerk = watched.cookie(watched.scribe.in_role(Role::Clerk)[0]).await;
    assert_eq!(reminder(&clerk, Rule::VoteVoid).await.status(), 403);
}
