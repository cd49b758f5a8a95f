//! Role × endpoint: every address of the table asked by nobody and by every role, at home, next door and far away.

use axum::http::Method;
use sunvote::core::model::Role;
use sunvote::http::access::{Area, Endpoint, Rule, Who};

use crate::harness::{CSRF, FAR_VILLAGE, NEIGHBOUR, Running, TestServer, VILLAGE, everywhere};

/// What the gate does.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Reached,
    LogInFirst,
    Refused,
}

async fn gated() -> Running {
    // The matrix is about who, not about how often.
    let many = |config: &mut sunvote::config::Config| {
        config.limits.logins_per_minute = 100_000;
        config.limits.enrolments_per_hour = 100_000;
        config.limits.submissions_per_hour = 100_000;
        config.limits.statements_per_hour = 100_000;
    };
    TestServer::new().with(many).start_with(everywhere(|| async { "reached" })).await
}

fn path_in(rule: &Rule, village: &str) -> String {
    let filled = rule.path.replace("{code}", village).replace("{township}", &village[..9]);
    let parts = filled.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

async fn ask(server: &Running, token: Option<&str>, rule: &Rule, village: &str) -> Outcome {
    let path = path_in(rule, village);
    let request = match token {
        Some(token) => server.request_as(token, rule.method.clone(), &path),
        None => server.request(rule.method.clone(), &path),
    };
    let response = request.header("x-csrf", CSRF).send().await.expect("an answer");
    let (status, location) = (response.status().as_u16(), crate::harness::header(&response, "location").to_owned());
    let text = response.text().await.expect("a body");
    match status {
        200 if text == "reached" => Outcome::Reached,
        303 if location.starts_with("/login?next=") => Outcome::LogInFirst,
        401 => Outcome::LogInFirst,
        403 => Outcome::Refused,
        _ => panic!("{rule:?} answered {status}: {text}"),
    }
}

/// What the rule says about a role held in `held`, asking about `village`.
fn expected(rule: &Rule, role: Role, held: &str, village: &str) -> Outcome {
    let names_village = rule.path.contains("{code}");
    let names_township = rule.path.contains("{township}");
    let covered = match (names_village, names_township) {
        (true, _) => village.starts_with(held),
        (false, true) => village[..9].starts_with(held),
        (false, false) => true,
    };
    match rule.who {
        Who::Anyone | Who::Public | Who::SignedIn | Who::ThisMachine => Outcome::Reached,
        Who::Roles(roles) if roles.contains(&role) && covered => Outcome::Reached,
        // People have no program's token.
        Who::Program(_) => Outcome::LogInFirst,
        // Nobody is another server where there is none.
        Who::Roles(_) | Who::Servers => Outcome::Refused,
    }
}

#[tokio::test]
async fn every_role_reaches_exactly_what_the_table_allows() {
    let server = gated().await;
    let mut asked = 0;
    for endpoint in Endpoint::ALL {
        let rule = endpoint.rule();
        // Where the rule asks for no role, places don't matter either.
        let places: &[&str] =
            if matches!(rule.who, Who::Roles(_)) { &[VILLAGE, NEIGHBOUR, FAR_VILLAGE] } else { &[VILLAGE] };
        for (role, held) in Role::ALL.iter().flat_map(|role| [12, 9, 6].map(|digits| (role, &VILLAGE[..digits]))) {
            for village in places {
                let outcome = ask(&server, Some(&format!("{role}-{held}")), &rule, village).await;
                let wanted = expected(&rule, *role, held, village);
                assert_eq!(outcome, wanted, "{endpoint:?} asked by {role} of {held} about {village}");
                asked += 1;
            }
        }
    }
    println!("{} endpoints, {} roles: {asked} requests", Endpoint::ALL.len(), Role::ALL.len());
}

#[tokio::test]
async fn nobody_reaches_only_what_is_open_to_all() {
    let server = gated().await;
    for endpoint in Endpoint::ALL {
        let rule = endpoint.rule();
        let wanted = match rule.who {
            Who::Anyone | Who::Public | Who::ThisMachine => Outcome::Reached,
            Who::SignedIn | Who::Roles(_) | Who::Program(_) => Outcome::LogInFirst,
            Who::Servers => Outcome::Refused,
        };
        assert_eq!(ask(&server, None, &rule, VILLAGE).await, wanted, "{endpoint:?} asked by nobody");
        assert_eq!(
            ask(&server, Some("no-such-session"), &rule, VILLAGE).await,
            wanted,
            "{endpoint:?} by a dead session"
        );
    }
}

#[tokio::test]
async fn whoever_is_logged_in_changes_nothing_without_the_token() {
    let server = gated().await;
    let changing = Endpoint::ALL.iter().map(|endpoint| endpoint.rule()).filter(|rule| rule.method != Method::GET);
    let mut asked = 0;
    for rule in changing.filter(|rule| !matches!(rule.who, Who::Anyone | Who::ThisMachine | Who::Servers)) {
        let role = if let Who::Roles(roles) = rule.who { roles[0] } else { Role::Clerk };
        let token = format!("{role}-{}", &VILLAGE[..6]);
        let path = path_in(&rule, VILLAGE);
        for sent in [None, Some("another-token")] {
            let mut request = server.request_as(&token, rule.method.clone(), &path);
            request = if let Some(sent) = sent { request.header("x-csrf", sent) } else { request };
            let response = request.header("accept", "application/json").send().await.expect("an answer");
            assert_eq!(response.status(), 403, "{rule:?}");
            assert!(response.text().await.expect("a body").contains("form-expired"), "{rule:?}");
            asked += 1;
        }
    }
    assert!(asked > 0, "the table has at least one address that changes something");
}

#[tokio::test]
async fn addresses_of_the_api_answer_in_its_form() {
    for endpoint in Endpoint::ALL {
        let rule = endpoint.rule();
        let docs = rule.path == "/api/v1/docs";
        assert_eq!(rule.area == Area::Api, rule.path.starts_with("/api/") && !docs, "{endpoint:?}");
        assert_eq!(rule.area == Area::Logs, rule.path.starts_with("/log/"), "{endpoint:?}");
    }
}
