//! Papers counted by two, each on the own device: who may see what when, what is made of it, and that nothing of it leads from a
//! voter to a paper.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use sunvote::app::submit::Submitted;
use sunvote::core::act::Kind;
use sunvote::core::ids::{PersonId, VillageCode};
use sunvote::core::model::{Doc, Level, Media, Role};
use sunvote::core::state::voting::Voting;
use sunvote::log::dsse::{Envelope, STATEMENT_TYPE};
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::voting::Vote;

use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::intruders::{log_in, page};
use crate::told::{ASSEMBLY, at_ballot};

/// A box in which twenty papers wait to be counted; everyone else voted by phone.
fn closed() -> (Scribe, Vote) {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 30).expect("a session");
    let vote = Vote::on(session, matter, "q1").expect("a question");
    scribe.open_vote(&vote).expect("open");
    scribe.issue_paper(&vote, &(1..=20).collect::<Vec<_>>()).expect("papers");
    scribe.cast_all(&vote, &[("for", 10)]).expect("ballots");
    scribe.close_on_time(&vote).expect("closed");
    scribe.end_deliveries(&vote).expect("nothing more comes");
    (scribe, vote)
}

/// A teller at the own device.
pub struct Teller {
    pub person: PersonId,
    pub cookie: String,
    csrf: String,
}

/// The hall: server, record, and the two who count.
pub struct Hall {
    pub server: Running,
    scribe: Scribe,
    pub vote: Vote,
    pub counter: Teller,
    pub scrutineer: Teller,
}

impl Hall {
    async fn of((scribe, vote): (Scribe, Vote)) -> Self {
        let now = scribe.now();
        let server = TestServer::new().with_real_people().at(now).with_village(scribe.clone()).start().await;
        Self::on(server, scribe, vote).await
    }

    /// On a server that has the village already.
    pub async fn on(server: Running, scribe: Scribe, vote: Vote) -> Self {
        let tellers =
            scribe.state().session(vote.session).and_then(|session| session.tellers.clone()).expect("tellers");
        let (counter, scrutineer) =
            (enter(&server, &scribe, tellers.counter).await, enter(&server, &scribe, tellers.scrutineer).await);
        Self { server, scribe, vote, counter, scrutineer }
    }

    /// Somebody else at a device.
    pub async fn enter(&self, person: PersonId) -> Teller {
        enter(&self.server, &self.scribe, person).await
    }

    pub fn path(&self) -> String {
        format!("/v/{VILLAGE}/s/{}/count/{}/q1", self.vote.session, self.vote.matter)
    }

    async fn sees(&self, teller: &Teller) -> String {
        page(&self.server, &teller.cookie, &self.path()).await
    }

    /// Says what was found: the box, for, against, abstained, and of the invalid those with two marks.
    pub async fn says(&self, teller: &Teller, [in_box, yes, no, abstained, several]: [u32; 5]) -> String {
        let numbers = [
            ("in_box", in_box),
            ("counts.for", yes),
            ("counts.against", no),
            ("counts.abstain", abstained),
            ("invalid.several", several),
        ];
        let fields = numbers.map(|(name, number)| format!("{name}={number}")).join("&");
        self.sends(teller, &self.path(), &fields).await
    }

    /// Sends a form; the page that comes, or the address that it leads to.
    pub async fn sends(&self, teller: &Teller, path: &str, fields: &str) -> String {
        let body = format!("csrf={}&{fields}", teller.csrf);
        let request = self.server.request(Method::POST, path).header("cookie", &teller.cookie);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        let answer = request.send().await.expect("an answer");
        if answer.status() == 303 {
            return header(&answer, "location").to_owned();
        }
        assert_eq!(answer.status(), 200, "{fields}");
        answer.text().await.expect("a page")
    }

    /// The exact bytes of the statement on a draft's page.
    pub fn payload(draft: &str) -> Vec<u8> {
        let field = draft.split("name=\"payload\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1));
        BASE64_STANDARD.decode(field.and_then(|rest| rest.split('"').next()).expect(draft)).expect("base64")
    }

    pub async fn signs(&self, person: PersonId, payload: Vec<u8>) -> Submitted {
        let key = &self.scribe.someone(person).expect("someone").key;
        let village: VillageCode = VILLAGE.parse().expect("a code");
        let envelope = Envelope::sign(STATEMENT_TYPE, payload, &[key]);
        self.server.app.submit(village, envelope, None).await.expect("taken")
    }

    /// Sends photographs; the status, and the document that they became.
    pub async fn photographs(&self, teller: &Teller, photos: &[Vec<u8>]) -> (u16, String) {
        let mut body = Vec::new();
        for photo in photos {
            let head = "--photos\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"photo.jpg\"\r\n\r\n";
            body.extend([head.as_bytes(), photo, b"\r\n"].concat());
        }
        body.extend(b"--photos--\r\n");
        let request = self.server.request(Method::POST, &format!("{}/photos", self.path()));
        let request = request.header("cookie", &teller.cookie).header("x-csrf", &teller.csrf);
        let answer = request.header("content-type", "multipart/form-data; boundary=photos").body(body).send().await;
        let answer = answer.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    }

    pub async fn voting(&self) -> Voting {
        let live = self.server.app.lives().live(VILLAGE.parse().expect("a code")).await.expect("the village");
        let session = live.state().session(self.vote.session).expect("the session");
        session.voting_of(self.vote.matter, &self.vote.question).expect("the vote").as_ref().clone()
    }
}

/// A picture of one shade as a camera gives it, with a time and a place written beside it.
pub fn photo(shade: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(80, 112, image::Rgb([shade; 3]));
    picture.write_to(&mut bytes, image::ImageFormat::Jpeg).expect("a picture");
    let plain = bytes.into_inner();
    let beside = b"Exif\0\0 2026:11:28 20:41:07 IMG_0007";
    let length = u16::try_from(beside.len() + 2).expect("short").to_be_bytes();
    [&plain[..2], &[0xFF, 0xE1], &length, beside, &plain[2..]].concat()
}

/// A value in a form.
pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}

async fn enter(server: &Running, scribe: &Scribe, person: PersonId) -> Teller {
    let cookie = log_in(server, &scribe.someone(person).expect("someone").key).await.expect("a log-in");
    let settings = page(server, &cookie, "/settings").await;
    let csrf = settings.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    Teller { person, csrf: csrf.expect("a token").to_owned(), cookie }
}

#[tokio::test]
async fn neither_teller_sees_the_others_figures_before_both_have_counted() {
    let hall = Hall::of(closed()).await;
    assert!(hall.sees(&hall.counter).await.contains("发出 20 张"));
    assert_eq!(hall.says(&hall.counter, [19, 13, 4, 1, 1]).await, hall.path());
    let own = hall.sees(&hall.counter).await;
    assert!(own.contains("已送出你数的结果") && own.contains("value=\"13\""), "{own}");
    let others = hall.sees(&hall.scrutineer).await;
    for figure in ["value=\"19\"", "value=\"13\"", "value=\"4\"", "<td>13</td>", "<b>13</b>"] {
        assert!(!others.contains(figure), "{figure}: {others}");
    }
    // The page is the very same whether or not the other has counted.
    let fresh = Hall::of(closed()).await;
    let [told, untold] = [others, fresh.sees(&fresh.scrutineer).await].map(|page| without_session(&page));
    assert_eq!(told, untold);
    // Nobody else has anything to see here.
    for other in [hall.scribe.clerk(), hall.scribe.representative(3)] {
        let other = hall.enter(other).await;
        let answer = hall.server.request(Method::GET, &hall.path()).header("cookie", &other.cookie);
        assert_eq!(answer.send().await.expect("an answer").status(), 403);
    }
}

/// A page without what differs from one log-in and one server to the next.
fn without_session(page: &str) -> String {
    let mut parts = page.split("name=\"csrf\" value=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('"').map_or("", |(_, rest)| rest));
    rest.fold(first, |page, part| page + part)
}

#[tokio::test]
async fn figures_that_differ_are_shown_and_settled_and_what_agrees_is_signed_by_both() {
    let hall = Hall::of(closed()).await;
    hall.says(&hall.counter, [19, 13, 4, 1, 1]).await;
    hall.says(&hall.scrutineer, [19, 12, 5, 1, 1]).await;
    for teller in [&hall.counter, &hall.scrutineer] {
        let both = hall.sees(teller).await;
        assert!(
            both.contains("两人数的不一样") && both.contains("<td>13</td>") && both.contains("<td>12</td>"),
            "{both}"
        );
        assert_eq!(both.matches("class=\"count-differs\"").count(), 2, "{both}");
    }
    // Nothing to sign while they differ.
    assert_eq!(hall.sends(&hall.counter, &format!("{}/draft", hall.path()), "").await, hall.path());
    hall.says(&hall.counter, [19, 12, 5, 1, 1]).await;
    let agreed = hall.sees(&hall.scrutineer).await;
    assert!(agreed.contains("两人数的一样") && agreed.contains("（3 次）"), "every change is kept: {agreed}");
    let draft = hall.sends(&hall.scrutineer, &format!("{}/draft", hall.path()), "").await;
    assert!(draft.contains("清点纸质票"), "{draft}");
    let payload = Hall::payload(&draft);
    assert!(matches!(hall.signs(hall.scrutineer.person, payload.clone()).await, Submitted::Waiting { .. }));
    let waiting = hall.sees(&hall.scrutineer).await;
    assert!(waiting.contains("你已签名，等其他人签"), "{waiting}");
    let mine = hall.sees(&hall.counter).await;
    assert!(mine.contains("对方已签") && mine.contains("/pending/"), "{mine}");
    assert!(matches!(hall.signs(hall.counter.person, payload).await, Submitted::Recorded(_)));
    let count = hall.voting().await.paper_count.expect("a count");
    let counts: Vec<u32> = count.counts.iter().map(|row| row.count).collect();
    assert_eq!((count.in_box, counts, count.invalid), (19, vec![12, 5, 1], 1));
    assert!(hall.sees(&hall.counter).await.contains("已经清点"));
}

#[tokio::test]
async fn what_does_not_add_up_is_not_kept() {
    let hall = Hall::of(closed()).await;
    let wrong = hall.says(&hall.counter, [20, 13, 4, 1, 1]).await;
    assert!(wrong.contains("和箱里的张数不一样") && wrong.contains("value=\"13\""), "{wrong}");
    let no_number = hall.sends(&hall.counter, &hall.path(), "in_box=-1&counts.for=x").await;
    assert!(no_number.contains("每一格都要填整数"), "{no_number}");
    assert!(!hall.sees(&hall.counter).await.contains("已送出"));
    let unsafe_form = hall.server.request(Method::POST, &hall.path()).header("cookie", &hall.counter.cookie);
    let refused = unsafe_form.header("content-type", "application/x-www-form-urlencoded").body("in_box=0");
    assert_eq!(refused.send().await.expect("an answer").status(), 403, "without the form's own token");
}

#[tokio::test]
async fn more_papers_than_were_handed_out_make_the_vote_void_and_the_page_says_so() {
    let hall = Hall::of(closed()).await;
    for teller in [&hall.counter, &hall.scrutineer] {
        hall.says(teller, [21, 15, 5, 1, 0]).await;
    }
    let page = hall.sees(&hall.counter).await;
    assert!(page.contains("箱里的票比发出的多") && page.contains("宣布这次票决作废"), "{page}");
    let payload = Hall::payload(&hall.sends(&hall.counter, &format!("{}/draft", hall.path()), "").await);
    hall.signs(hall.counter.person, payload.clone()).await;
    hall.signs(hall.scrutineer.person, payload).await;
    assert_eq!(hall.voting().await.paper_count.map(|count| count.in_box), Some(21));
}

#[tokio::test]
async fn a_disputed_count_leads_both_tellers_here_again_and_a_third_signs() {
    let (mut scribe, vote) = closed();
    scribe.count_paper(&vote, &[13, 5, 1], 0).expect("counted");
    scribe.open_ballots(&vote).expect("opened");
    scribe.wait_minutes(1).dispute(&vote, 7, "少计一张").expect("disputed");
    let hall = Hall::of((scribe, vote)).await;
    let tasks = page(&hall.server, &hall.counter.cookie, "/tasks").await;
    assert!(tasks.contains(&hall.path()) && tasks.contains("重新清点纸质票"), "{tasks}");
    let again = hall.sees(&hall.counter).await;
    assert!(again.contains("只能重新清点这一次"), "{again}");
    for teller in [&hall.counter, &hall.scrutineer] {
        hall.says(teller, [20, 13, 6, 1, 0]).await;
    }
    let third = hall.scribe.in_role(Role::SupervisionCommittee)[0];
    assert!(hall.sees(&hall.counter).await.contains(&format!("<option value=\"{third}\">")));
    let path = format!("{}/draft", hall.path());
    assert!(hall.sends(&hall.counter, &path, "third=").await.contains("请选村监委的签名人"));
    let payload = Hall::payload(&hall.sends(&hall.counter, &path, &format!("third={third}")).await);
    for person in [hall.counter.person, hall.scrutineer.person, third] {
        hall.signs(person, payload.clone()).await;
    }
    let voting = hall.voting().await;
    assert!(voting.is_recounted() && voting.papers.paper(Kind::PaperRecounted).is_some());
    assert!(hall.sees(&hall.scrutineer).await.contains("已经清点"));
}

#[tokio::test]
async fn the_form_of_a_count_gives_way_to_the_page_and_tasks_lead_there() {
    let hall = Hall::of(closed()).await;
    let tasks = page(&hall.server, &hall.scrutineer.cookie, "/tasks").await;
    assert!(tasks.contains(&hall.path()), "{tasks}");
    let form = format!(
        "/v/{VILLAGE}/do/paper.counted?role=counter&session={}&matter={}&question=q1",
        hall.vote.session, hall.vote.matter
    );
    let answer = hall.server.request(Method::GET, &form).header("cookie", &hall.counter.cookie).send().await;
    assert_eq!(header(&answer.expect("an answer"), "location"), hall.path());
}

#[tokio::test]
async fn a_box_stays_closed_until_nothing_more_can_come() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 30).expect("a session");
    let vote = Vote::on(session, matter, "q1").expect("a question");
    scribe.open_vote(&vote).expect("open");
    scribe.issue_paper(&vote, &[1, 2]).expect("papers");
    let hall = Hall::of((scribe, vote)).await;
    assert!(hall.sees(&hall.counter).await.contains("还不能开箱"));
    assert_eq!(hall.says(&hall.counter, [2, 2, 0, 0, 0]).await, hall.path(), "nothing is kept");
    assert!(!hall.sees(&hall.counter).await.contains("data-count"));
}

/// A box with papers of five voters that bear names; everyone else voted by phone.
fn named() -> (Scribe, Vote) {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 30).expect("a session");
    let vote = Vote::on(session, matter, "q1").expect("a question");
    scribe.open_named(&vote).expect("open");
    scribe.issue_paper(&vote, &[2, 3, 5, 8, 11]).expect("papers");
    scribe.cast_all(&vote, &[("for", 25)]).expect("ballots");
    scribe.close_on_time(&vote).expect("closed");
    scribe.end_deliveries(&vote).expect("nothing more comes");
    (scribe, vote)
}

#[tokio::test]
async fn named_papers_are_counted_by_number_and_differences_are_shown_by_number() {
    let hall = Hall::of(named()).await;
    let form = hall.sees(&hall.counter).await;
    assert!(form.contains("name=\"row.11\"") && !form.contains("name=\"row.4\""), "{form}");
    assert!(form.contains("没写姓名") && !form.contains("能认出是谁投的") && !form.contains("counts.for"), "{form}");
    let first = "in_box=5&row.2=for&row.3=against&row.5=for&row.8=abstain&row.4=for&invalid.unnamed=1";
    assert_eq!(hall.sends(&hall.counter, &hall.path(), first).await, hall.path());
    // The same sums: two voters' papers exchanged.
    let other = "in_box=5&row.2=against&row.3=for&row.5=for&row.8=abstain&invalid.unnamed=1";
    hall.sends(&hall.scrutineer, &hall.path(), other).await;
    for teller in [&hall.counter, &hall.scrutineer] {
        let both = hall.sees(teller).await;
        assert!(both.contains("两人数的不一样"), "{both}");
        assert_eq!(both.matches("<tr class=\"count-differs\"").count(), 2, "{both}");
        assert!(both.contains("2号") && both.contains("3号"), "{both}");
    }
    hall.sends(&hall.scrutineer, &hall.path(), first).await;
    let draft = hall.sends(&hall.scrutineer, &format!("{}/draft", hall.path()), "").await;
    assert!(draft.contains("记名的纸质票") && draft.contains("data-field=\"rows.3\""), "{draft}");
    let payload = Hall::payload(&draft);
    hall.signs(hall.scrutineer.person, payload.clone()).await;
    assert!(matches!(hall.signs(hall.counter.person, payload).await, Submitted::Recorded(_)));
    let count = hall.voting().await.paper_count.expect("a count");
    let rows: Vec<(u32, &str)> = count.rows.iter().map(|row| (row.voter, row.choice.as_str())).collect();
    assert_eq!(rows, [(2, "for"), (3, "against"), (5, "for"), (8, "abstain")]);
    assert_eq!((count.in_box, count.invalid), (5, 1));
}

#[tokio::test]
async fn a_result_lists_named_papers_by_number_as_the_count_that_holds_has_them() {
    let (mut scribe, vote) = named();
    scribe.count_named(&vote, &[(2, "for"), (3, "against")], 3).expect("counted");
    scribe.open_ballots(&vote).expect("opened");
    scribe.wait_minutes(1).dispute(&vote, 8, "我的票写了姓名").expect("disputed");
    scribe.recount_named(&vote, &[(3, "abstain"), (8, "against")], 3).expect("counted again");
    let session = format!("/v/{VILLAGE}/s/{}", vote.session);
    let before = Hall::of((scribe.clone(), vote.clone())).await;
    assert!(!page(&before.server, &before.counter.cookie, &session).await.contains("class=\"choices\""), "no result");
    scribe.announce(&vote).expect("announced");
    let hall = Hall::of((scribe, vote)).await;
    let told = page(&hall.server, &hall.counter.cookie, &session).await;
    let rows: Vec<&str> = told.split("<tr><td>").skip(1).filter(|row| row.contains("<td>纸质票</td>")).collect();
    let of = |row: &str| (row.split('<').next().unwrap_or_default().to_owned(), row.contains("反对"));
    let told: Vec<(String, bool)> = rows.iter().map(|row| of(row)).collect();
    assert_eq!(told, [("3".to_owned(), false), ("8".to_owned(), true)], "the recount in the count's place");
}

#[tokio::test]
async fn photographs_become_one_document_that_the_count_names_and_few_may_open() {
    let hall = Hall::of(closed()).await;
    let photos: Vec<Vec<u8>> = (0..19).map(|nth| photo(nth * 10)).collect();
    assert_eq!(hall.photographs(&hall.counter, &[b"no picture".to_vec()]).await.0, 422);
    assert_eq!(hall.photographs(&hall.counter, &vec![photo(1); 51]).await.0, 422);
    let (status, doc) = hall.photographs(&hall.counter, &photos).await;
    assert_eq!(status, 201, "{doc}");
    let doc: Doc = serde_json::from_str(&doc).expect("a document");
    assert_eq!((doc.media, doc.level), (Media::Pdf, Level::Officials));
    let clerk = hall.enter(hall.scribe.clerk()).await;
    assert_eq!(hall.photographs(&clerk, &photos).await.0, 403, "only who counts");

    // Whoever names a document of somebody else's names nothing.
    let photos = encoded(&serde_json::json!([doc]).to_string());
    let figures =
        format!("in_box=19&counts.for=13&counts.against=4&counts.abstain=1&invalid.several=1&photos={photos}");
    for teller in [&hall.scrutineer, &hall.counter] {
        assert_eq!(hall.sends(teller, &hall.path(), &figures).await, hall.path());
    }
    assert!(hall.sees(&hall.counter).await.contains("两人数的一样"), "photographs are no figures to differ in");
    let payload = Hall::payload(&hall.sends(&hall.scrutineer, &format!("{}/draft", hall.path()), "").await);
    hall.signs(hall.scrutineer.person, payload.clone()).await;
    hall.signs(hall.counter.person, payload).await;
    let count = hall.voting().await.paper_count.expect("a count");
    assert_eq!(count.photos, std::slice::from_ref(&doc));

    let file = format!("/v/{VILLAGE}/d/{}/file", doc.sha256);
    let supervisor = hall.enter(hall.scribe.supervisor(0)).await;
    let voter = hall.enter(hall.scribe.representative(7)).await;
    for (reader, may) in
        [(&hall.counter, true), (&hall.scrutineer, true), (&supervisor, true), (&clerk, false), (&voter, false)]
    {
        let answer = hall.server.request(Method::GET, &file).header("cookie", &reader.cookie).send().await;
        assert_eq!(answer.expect("an answer").status() == 200, may, "{}", reader.person);
    }
}
