//! A village's calendar: what its state knows a day of, whom it waits for, and the same as other programs read it.

use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarValue};
use reqwest::Method;
use sunvote::core::act::inquiry::{Addressee, Asked};
use sunvote::core::clock::Date;
use sunvote::core::ids::{MatterId, SessionId};
use sunvote::core::model::Category;
use sunvote::http::i18n::Lang;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;

use crate::harness::{Running, VILLAGE, header};
use crate::told::{ASSEMBLY, serve, text, village};

const SECRET: &str = "主任的亲戚包了工程";

/// What a village waits for: a session, the township, an answer to two objections and one to a question.
struct Waiting {
    scribe: Scribe,
    session: SessionId,
    filed: MatterId,
    posted: MatterId,
}

fn waiting() -> Waiting {
    let mut scribe = village();
    let draft = Draft::of(Category::M02);
    let titled = |title: &str| Draft { title: title.to_owned(), ..draft.clone() };
    let voted = scribe.bring_to_ballot(&titled("村口，修桥；上河")).expect("a ballot");
    let filed = scribe.bring_to_filing(&titled("老茶厂出租")).expect("a filing");
    let posted = scribe.bring_to_proposal(&titled("溪边步道修复")).expect("a proposal");
    scribe.consult(posted, &draft).expect("a consultation");
    scribe.settle_and_post(posted, &draft).expect("a notice");
    scribe.wait_minutes(5).object(posted, "步道太窄").expect("an objection");
    scribe.wait_minutes(5).object(posted, "先修水沟").expect("another");
    scribe.inquire(posted, Asked::Complaint, Addressee::Township, SECRET).expect("a complaint");
    let session = scribe.convene(ASSEMBLY, &[voted]).expect("a session");
    Waiting { scribe, session, filed, posted }
}

/// The day of a page on which this stands.
fn day(page: &str, date: Date) -> &str {
    let head = format!("<time datetime=\"{date}\">");
    let rest = page.split_once(&head).unwrap_or_else(|| panic!("{date} in {page}")).1;
    rest.split("<li class=\"agenda-day").next().unwrap_or_default()
}

async fn month(server: &Running, date: Date) -> String {
    let month = &date.to_string()[..7];
    text(server, &format!("/v/{VILLAGE}/calendar?month={month}")).await
}

#[tokio::test]
async fn each_day_says_what_there_is_and_whom_it_waits_for() {
    let Waiting { scribe, session, filed, posted } = waiting();
    let state = scribe.state();
    let starts_at = state.session(session).expect("the session").starts_at;
    let review = state.matter(filed).and_then(|matter| matter.filing_due).expect("a due date").last_day();
    let notice = state.matter(posted).and_then(|matter| matter.plan_notice).expect("a notice").ends.last_day();
    let today = scribe.now().date();
    let server = serve(scribe.clone()).await;
    let page = month(&server, starts_at.date()).await;
    let meets = day(&page, starts_at.date());
    assert!(meets.contains(&format!("href=\"/v/{VILLAGE}/s/{session}\"")) && meets.contains("村民代表会议"), "{meets}");
    assert!(meets.contains("村口，修桥；上河") && meets.contains(&Lang::ZhCn.clock(starts_at)), "{meets}");
    assert!(meets.contains("村会堂") && meets.contains("已通知"), "{meets}");
    let page = month(&server, review).await;
    let reviews = day(&page, review);
    assert!(reviews.contains("审议最后一天") && reviews.contains("乡镇（街道）经办人"), "{reviews}");
    assert!(reviews.contains(&format!("/m/{filed}\"")) && reviews.contains("老茶厂出租"), "{reviews}");
    let page = month(&server, notice).await;
    let ends = day(&page, notice);
    assert!(ends.contains("方案公示最后一天") && ends.contains(&format!("/m/{posted}\"")), "{ends}");
    let answers: String = month(&server, today).await + &month(&server, today.plus_days(20)).await;
    assert!(
        answers.contains("答复异议，最后一天") && answers.contains("（2件）"),
        "two of a day stand together: {answers}"
    );
    assert!(answers.contains("等谁办：村报账员或村委会主任或村党组织书记"), "{answers}");
    assert!(answers.contains("答复质询或投诉，最后一天") && !answers.contains(SECRET), "{answers}");
    assert!(text(&server, &format!("/v/{VILLAGE}")).await.contains(&format!("href=\"/v/{VILLAGE}/calendar\"")));
}

#[tokio::test]
async fn months_lead_to_the_next_ones_that_have_something_and_what_is_overdue_says_so() {
    let Waiting { mut scribe, filed, .. } = waiting();
    let review = scribe.state().matter(filed).and_then(|matter| matter.filing_due).expect("a due date").last_day();
    scribe.at(review.plus_days(100).start());
    let server = serve(scribe).await;
    let path = format!("/v/{VILLAGE}/calendar");
    let page = text(&server, &path).await;
    let earlier = page.split("rel=\"prev\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
    assert!(earlier.starts_with(&format!("{path}?month=2026-0")), "{earlier}");
    let later = page.split("rel=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
    assert!(
        text(&server, later).await.contains("本届任期最后一天"),
        "nothing lies between now and the end of the term"
    );
    let page = month(&server, review).await;
    let reviews = day(&page, review);
    assert!(reviews.contains("已超期"), "{reviews}");
    assert!(page.contains(&format!("href=\"{path}\">回到本月")), "{page}");
    for other in ["?month=x", "?month=2026-13&page=0", "?month=0001-01", "?page=999999"] {
        text(&server, &format!("{path}{other}")).await;
    }
}

fn value<'c>(component: &'c ICalendarComponent, name: &ICalendarProperty) -> &'c ICalendarValue {
    let entry = component.entries.iter().find(|entry| entry.name == *name).expect("the property");
    entry.values.first().expect("a value")
}

fn words<'c>(component: &'c ICalendarComponent, name: &ICalendarProperty) -> &'c str {
    let ICalendarValue::Text(words) = value(component, name) else { panic!("a text") };
    words
}

/// Year, month, day and, where there is one, hour in UTC.
fn start(component: &ICalendarComponent, name: &ICalendarProperty) -> (String, Option<u8>) {
    let ICalendarValue::PartialDateTime(time) = value(component, name) else { panic!("a date") };
    let (year, month, day) = (time.year.expect("a year"), time.month.expect("a month"), time.day.expect("a day"));
    assert_eq!(time.tz_hour, time.hour.map(|_| 0), "a time is in UTC");
    (format!("{year:04}-{month:02}-{day:02}"), time.hour)
}

#[tokio::test]
async fn a_phone_reads_the_coming_year() {
    let Waiting { scribe, session, filed, posted } = waiting();
    let (now, state) = (scribe.now(), scribe.state().clone());
    let server = serve(scribe).await;
    let path = format!("/v/{VILLAGE}/calendar.ics");
    let answer = server.get(&path).await;
    assert_eq!(header(&answer, "content-type"), "text/calendar; charset=utf-8");
    let file = answer.text().await.expect("a text");
    assert!(file.ends_with("\r\n") && file.matches('\n').count() == file.matches("\r\n").count(), "{file:?}");
    assert!(file.split("\r\n").all(|line| line.len() <= 75), "folded: {file}");
    let calendar = ICalendar::parse(&file).expect("a calendar");
    let events = calendar.components.iter().filter(|one| one.component_type == ICalendarComponentType::VEvent);
    let events: Vec<&ICalendarComponent> = events.collect();
    let of =
        |uid: String| *events.iter().find(|event| words(event, &ICalendarProperty::Uid).starts_with(&uid)).expect(&uid);
    let meets = of(format!("session-{session}@127.0.0.1:"));
    let starts_at = state.session(session).expect("the session").starts_at;
    let (day, hour) = start(meets, &ICalendarProperty::Dtstart);
    assert_eq!(format!("{day}T{:02}", hour.expect("a time")), starts_at.to_string()[..13]);
    assert!(words(meets, &ICalendarProperty::Summary).contains("村口，修桥；上河"), "{file}");
    let (stamp, hour) = start(meets, &ICalendarProperty::Dtstamp);
    assert_eq!(format!("{stamp}T{:02}", hour.expect("a time")), now.to_string()[..13], "from the server's clock");
    let review = state.matter(filed).and_then(|matter| matter.filing_due).expect("a due date").last_day();
    let reviews = of(format!("review-{filed}-{review}@"));
    assert_eq!(start(reviews, &ICalendarProperty::Dtstart), (review.to_string(), None), "all day");
    assert!(words(reviews, &ICalendarProperty::Description).contains("乡镇（街道）经办人"));
    of(format!("objection.answered-{posted}-"));
    assert!(!file.replace("\r\n ", "").contains(SECRET));
    let ids = |file: &str| {
        file.replace("\r\n ", "").lines().filter(|l| l.starts_with("UID:")).map(str::to_owned).collect::<Vec<_>>()
    };
    server.clock.set(now.plus_ms(3_600_000));
    let again = server.get(&path).await.text().await.expect("a text");
    assert_eq!(ids(&file), ids(&again), "the same names at another time");
    assert_ne!(file, again, "another stamp");
    let mut unique = ids(&file);
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), events.len());
}

#[tokio::test]
async fn the_file_is_the_same_for_everyone() {
    let server = serve(waiting().scribe).await;
    let path = format!("/v/{VILLAGE}/calendar.ics");
    let public = server.get(&path).await.text().await.expect("a text");
    let as_clerk = server.request_as("discipline_inspector-331102", Method::GET, &path).send().await;
    assert_eq!(as_clerk.expect("an answer").text().await.expect("a text"), public);
}
