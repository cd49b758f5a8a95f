//! Linked households: whose list it is, who reads only numbers, what waits, and what is left when a role has ended.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, Response};
use sunvote::app::households::TELL_DAYS;
use sunvote::core::clock::{Clock as _, DAY_MS};
use sunvote::core::ids::{MatterId, PersonId};
use sunvote::core::model::Category;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;
use sunvote::store::households::{LABEL, label_name};
use sunvote::store::vault::Place;
use ulid::Ulid;

use crate::harness::{Running, TestServer, VILLAGE};
use crate::intruders::{log_in, page};
use crate::told::{ASSEMBLY, at_ballot, text, village};

/// What a household is called nowhere but on its representative's list.
const FIRST: &str = "12号吴根土家";
const SECOND: &str = "桥头蓝家";

struct Homes {
    server: Running,
    scribe: Scribe,
    matter: MatterId,
}

impl Homes {
    async fn with(scribe: Scribe, matter: MatterId) -> Self {
        let server = TestServer::new().with_real_people().at(scribe.now()).with_village(scribe.clone()).start().await;
        Self { server, scribe, matter }
    }

    /// A matter whose enlarged meeting has been held: households are to be asked.
    async fn asking() -> Self {
        let mut scribe = village();
        let matter = scribe.bring_to_proposal(&Draft::of(Category::M02)).expect("a proposal");
        scribe.wait_days(1).enlarged_meeting(matter).expect("a meeting");
        scribe.wait_minutes(5);
        Self::with(scribe, matter).await
    }

    /// A matter that has passed, its minutes signed.
    async fn decided(change: impl FnOnce(&mut Scribe)) -> Self {
        let (mut scribe, matter) = at_ballot();
        change(&mut scribe);
        scribe.decide(ASSEMBLY, matter, 45, &[("for", 45)]).expect("a result");
        scribe.wait_minutes(5);
        Self::with(scribe, matter).await
    }

    async fn cookie(&self, person: PersonId) -> String {
        log_in(&self.server, &self.scribe.someone(person).expect("someone").key).await.expect("a log-in")
    }

    fn path(&self) -> String {
        format!("/v/{VILLAGE}/households")
    }

    async fn get(&self, cookie: &str, path: &str) -> Response {
        let request = self.server.request(Method::GET, path).header("cookie", cookie);
        request.header("accept", "text/html").send().await.expect("an answer")
    }

    async fn read(&self, cookie: &str) -> String {
        page(&self.server, cookie, &format!("{}?matter={}", self.path(), self.matter)).await
    }

    async fn about(&self) -> String {
        text(&self.server, &format!("/v/{VILLAGE}/m/{}", self.matter)).await
    }

    async fn post(&self, cookie: &str, fields: &[(&str, &str)]) -> Response {
        let settings = page(&self.server, cookie, "/settings").await;
        let csrf = settings.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let mut all = vec![("csrf", csrf.expect("a token"))];
        all.extend(fields);
        let pair = |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
        let body = all.iter().map(pair).collect::<Vec<_>>().join("&");
        let request = self.server.request(Method::POST, &self.path()).header("cookie", cookie).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.header("accept", "text/html").send().await.expect("an answer")
    }

    async fn note(&self, cookie: &str, what: &str, day: &str, homes: &[String]) -> Response {
        let matter = self.matter.to_string();
        let mut fields = vec![("do", "note"), ("what", what), ("matter", matter.as_str()), ("held_on", day)];
        fields.extend(homes.iter().map(|id| ("household", id.as_str())));
        self.post(cookie, &fields).await
    }

    fn today(&self) -> String {
        self.server.clock.now().date().to_string()
    }
}

/// Ids of households on a page, in its order.
fn ids(page: &str) -> Vec<String> {
    let list = page.split("id=\"list\"").nth(1).expect("the list");
    list.split("household=").skip(1).filter_map(|rest| rest.split('#').next()).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_list_is_its_representatives_alone() {
    let homes = Homes::asking().await;
    let scribe = &homes.scribe;
    let own = homes.cookie(scribe.representative(0)).await;
    let record = async || homes.server.get(&format!("/v/{VILLAGE}/record/file")).await.text().await.expect("a record");
    let recorded = record().await;
    let lines = format!("{FIRST}\n\n {SECOND} \n{FIRST}\n");
    assert_eq!(homes.post(&own, &[("do", "add"), ("label", &lines), ("group", "2")]).await.status(), 303);
    assert_eq!(homes.post(&own, &[("do", "add"), ("label", &lines), ("group", "2")]).await.status(), 303, "sent twice");
    let page = homes.read(&own).await;
    assert!(page.contains("我的名单（2户）") && page.contains(FIRST) && page.contains(SECOND), "{page}");
    let list = ids(&page);
    assert_eq!(list.len(), 2, "{page}");
    assert_eq!(homes.note(&own, "asked", &homes.today(), &list[..1]).await.status(), 303);
    // Others: another representative, the clerk, who watches.
    for (person, numbers) in [(scribe.representative(1), false), (scribe.clerk(), true), (scribe.supervisor(0), true)] {
        let cookie = homes.cookie(person).await;
        let read = homes.read(&cookie).await;
        assert!(!read.contains(FIRST) && !read.contains(SECOND) && !read.contains(&list[0]), "{read}");
        let name = &scribe.someone(scribe.representative(0)).expect("someone").name;
        let row = format!("<td>{name}</td><td>2</td><td>1</td><td>0</td>");
        assert_eq!(read.contains(&row), numbers, "{row}: {read}");
        let edit = format!("{}?household={}", homes.path(), list[0]);
        let read = page_of(&homes, &cookie, &edit).await;
        assert!(!read.contains(FIRST) && !read.contains("id=\"edit\""), "{read}");
    }
    for person in [scribe.villager(), scribe.grid_worker(), scribe.drafter()] {
        let cookie = homes.cookie(person).await;
        assert_eq!(homes.get(&cookie, &homes.path()).await.status(), 403);
        assert_eq!(homes.get(&cookie, &format!("{}/file", homes.path())).await.status(), 403);
    }
    assert_eq!(homes.get("", &homes.path()).await.status(), 303, "to the log-in");
    // Who knows an id can do nothing with it.
    let other = homes.cookie(scribe.representative(1)).await;
    for fields in [
        vec![("do", "rename"), ("household", list[0].as_str()), ("label", "别人的")],
        vec![("do", "remove"), ("household", list[0].as_str()), ("sure", "1")],
    ] {
        assert_eq!(homes.post(&other, &fields).await.status(), 404);
    }
    let refused = homes.note(&other, "asked", &homes.today(), &list[1..]).await.text().await.expect("a page");
    assert!(refused.contains("先勾选名单上的户") && !refused.contains(SECOND), "{refused}");
    let clerk = homes.cookie(scribe.clerk()).await;
    assert_eq!(homes.post(&clerk, &[("do", "add"), ("label", "甲")]).await.status(), 403);
    assert_eq!(homes.get(&clerk, &format!("{}/file", homes.path())).await.status(), 403);
    let after = homes.read(&own).await;
    assert!(after.contains(FIRST) && !after.contains("别人的") && after.contains("1 / 2"), "{after}");
    assert!(record().await == recorded, "the record has none of it");
    let kept = std::fs::read_dir(homes.server.folder.path()).expect("the data").flatten();
    let files = kept.filter(|file| file.file_name().to_string_lossy().starts_with("test.sqlite"));
    let bytes: Vec<u8> = files.flat_map(|file| std::fs::read(file.path()).expect("a file")).collect();
    let holds = |words: &str| bytes.windows(words.len()).any(|window| window == words.as_bytes());
    assert!(holds(&list[0]) && !holds(FIRST) && !holds(SECOND), "names are sealed in the database");
}

async fn page_of(homes: &Homes, cookie: &str, path: &str) -> String {
    page(&homes.server, cookie, path).await
}

#[tokio::test]
async fn a_household_is_renamed_and_removed_once_it_is_confirmed() {
    let homes = Homes::asking().await;
    let own = homes.cookie(homes.scribe.representative(0)).await;
    homes.post(&own, &[("do", "add"), ("label", FIRST)]).await;
    let id = ids(&homes.read(&own).await).remove(0);
    let rename = [("do", "rename"), ("household", id.as_str()), ("label", SECOND), ("group", "3")];
    assert_eq!(homes.post(&own, &rename).await.status(), 303);
    let page = homes.read(&own).await;
    assert!(page.contains(SECOND) && !page.contains(FIRST) && page.contains("第3组"), "{page}");
    let unsure = homes.post(&own, &[("do", "remove"), ("household", id.as_str())]).await;
    assert_eq!(unsure.status(), 200);
    let unsure = unsure.text().await.expect("a page");
    assert!(unsure.contains("请先勾选“确定”") && unsure.contains(SECOND), "{unsure}");
    assert_eq!(homes.post(&own, &[("do", "remove"), ("household", &id), ("sure", "1")]).await.status(), 303);
    assert!(homes.read(&own).await.contains("我的名单（0户）"));
    for (label, group, said) in [
        ("长".repeat(61), "", "最多60个字"),
        ("吴家 13957800000".to_owned(), "", "身份证"),
        ("吴家\u{202e}".to_owned(), "", "不要用特殊符号"),
        ("吴家".to_owned(), "0", "1到200"),
        ((0..201).map(|n| format!("{n}号")).collect::<Vec<_>>().join("\n"), "", "最多200户"),
    ] {
        let answer = homes.post(&own, &[("do", "add"), ("label", &label), ("group", group)]).await;
        let text = answer.text().await.expect("a page");
        assert!(text.contains("role=\"alert\"") && text.contains(said), "{said}: {text}");
    }
    assert!(homes.read(&own).await.contains("我的名单（0户）"));
    let many = (0..200).map(|n| format!("{n}号")).collect::<Vec<_>>().join("\n");
    assert_eq!(homes.post(&own, &[("do", "add"), ("label", &many)]).await.status(), 303, "200 fit");
    let more = homes.post(&own, &[("do", "add"), ("label", "一户")]).await.text().await.expect("a page");
    assert!(more.contains("最多200户"), "{more}");
}

#[tokio::test]
async fn everyone_sees_the_sums_and_the_representative_what_is_left() {
    let homes = Homes::asking().await;
    let own = homes.cookie(homes.scribe.representative(0)).await;
    let tasks = async || page(&homes.server, &own, "/tasks").await;
    assert!(tasks().await.contains("打开我的联系户名单") && !tasks().await.contains("户没问意见"));
    homes.post(&own, &[("do", "add"), ("label", &format!("{FIRST}\n{SECOND}"))]).await;
    assert!(!homes.about().await.contains("已征求意见"), "nothing is noted");
    assert!(tasks().await.contains("还有2户没问意见"));
    let list = ids(&homes.read(&own).await);
    let day = |days: i64| homes.server.clock.now().plus_ms(days * DAY_MS).date().to_string();
    for (what, day) in [("asked", day(1)), ("asked", day(-30)), ("told", day(0)), ("asked", String::new())] {
        let answer = homes.note(&own, what, &day, &list).await;
        assert_eq!(answer.status(), 200, "{what} {day}");
        assert!(answer.text().await.expect("a page").contains("role=\"alert\""), "{what} {day}");
    }
    assert_eq!(homes.note(&own, "asked", &day(0), &[]).await.status(), 200);
    assert!(!homes.about().await.contains("已征求意见"), "none of these counted");
    assert_eq!(homes.note(&own, "asked", &day(0), &list[..1]).await.status(), 303);
    let about = homes.about().await;
    assert!(about.contains("表决前已征求意见：2户中的1户。") && !about.contains(FIRST), "{about}");
    assert!(tasks().await.contains("还有1户没问意见"));
    // Opinions are entered by the clerk or a grid worker: the number stands in their form already.
    let clerk = homes.cookie(homes.scribe.clerk()).await;
    let watched = homes.read(&clerk).await;
    let href = watched.split("href=\"").find(|rest| rest.contains("do/visits.recorded")).expect("a link");
    let href = href.split('"').next().expect("an address").replace("&#38;", "&").replace("&amp;", "&");
    assert!(href.ends_with("&households=1") && href.contains(&homes.matter.to_string()), "{href}");
    let form = page(&homes.server, &clerk, &href).await;
    let field = form.split("name=\"households\"").nth(1).and_then(|rest| rest.split('>').next()).expect("a field");
    assert!(field.contains("value=\"1\""), "{field}");
    // A mistake is taken back.
    let matter = homes.matter.to_string();
    let undo = [("do", "undo"), ("what", "asked"), ("matter", matter.as_str()), ("household", list[0].as_str())];
    let other = homes.cookie(homes.scribe.representative(1)).await;
    assert_eq!(homes.post(&other, &undo).await.status(), 404);
    assert!(homes.about().await.contains("2户中的1户"));
    assert_eq!(homes.post(&own, &undo).await.status(), 303);
    assert!(!homes.about().await.contains("已征求意见"));
}

#[tokio::test]
async fn after_the_result_households_are_told_and_late_is_said() {
    let homes = Homes::decided(|_| ()).await;
    let own = homes.cookie(homes.scribe.representative(0)).await;
    homes.post(&own, &[("do", "add"), ("label", &format!("{FIRST}\n{SECOND}"))]).await;
    let tasks = async |cookie: String| page(&homes.server, &cookie, "/tasks").await;
    let waits = tasks(own.clone()).await;
    let row = |page: &str| {
        let row = page.split("户没告知结果").nth(1).and_then(|rest| rest.split("</li>").next());
        row.unwrap_or_default().to_owned()
    };
    assert!(row(&waits).contains("t-now"), "{waits}");
    let list = ids(&homes.read(&own).await);
    assert_eq!(homes.note(&own, "told", &homes.today(), &list[..1]).await.status(), 303);
    let about = homes.about().await;
    assert!(about.contains("已告知结果：2户中的1户。"), "{about}");
    homes.server.clock.set(homes.server.clock.now().plus_ms(i64::from(TELL_DAYS + 1) * DAY_MS));
    let own = homes.cookie(homes.scribe.representative(0)).await;
    let waits = tasks(own.clone()).await;
    assert!(waits.contains("还有1户没告知结果") && row(&waits).contains("t-late"), "{waits}");
    // A household that comes on the list later changes nothing of this matter.
    homes.post(&own, &[("do", "add"), ("label", "新来的人家")]).await;
    assert!(homes.about().await.contains("2户中的1户。"));
    let late = ids(&homes.read(&own).await);
    let late: Vec<String> = late.into_iter().filter(|id| !list.contains(id)).collect();
    assert_eq!(homes.note(&own, "told", &homes.today(), &late).await.status(), 200, "it does not count");
    // Whoever takes a household off later changes nothing of it either.
    homes.post(&own, &[("do", "remove"), ("household", &list[0]), ("sure", "1")]).await;
    assert!(homes.about().await.contains("2户中的1户。"));
    homes.server.clock.set(homes.server.clock.now().plus_ms(100 * DAY_MS));
    let own = homes.cookie(homes.scribe.representative(0)).await;
    assert!(!tasks(own).await.contains("户没告知结果"), "nobody is reminded for ever");
}

#[tokio::test]
async fn when_the_role_has_ended_the_list_goes_to_nobody_and_the_numbers_stay() {
    let homes = Homes::decided(|_| ()).await;
    let person = homes.scribe.representative(0);
    let village = VILLAGE.parse().expect("a code");
    let own = homes.cookie(person).await;
    homes.post(&own, &[("do", "add"), ("label", FIRST)]).await;
    let list = ids(&homes.read(&own).await);
    homes.note(&own, "told", &homes.today(), &list).await;
    let app = &homes.server.app;
    assert_eq!(app.sweep_households().await.expect("swept"), 0, "as long as the role is held");
    assert!(homes.read(&own).await.contains(FIRST));
    homes.server.clock.set(homes.server.clock.now().plus_ms(6 * 365 * DAY_MS));
    assert!(app.households(village, person).await.is_err(), "read by nobody even before it is erased");
    assert_eq!(app.sweep_households().await.expect("swept"), 1);
    assert_eq!(app.sweep_households().await.expect("swept"), 0);
    let name = label_name(person, Ulid::from_string(&list[0]).expect("an id"));
    let label = app.db().read("label", |tx| {
        let name = name.clone();
        Box::pin(async move { tx.secret(app.vault(), &Place { kind: LABEL, village, name: &name }).await })
    });
    assert!(label.await.expect("read").is_none(), "its name is erased");
    assert!(homes.about().await.contains("已告知结果：1户中的1户。"), "the numbers stay");
}
