//! Sessions of the demo: calling, attendance on paper and by phone, tellers, votes, counts, results, minutes.

use std::fmt::Write as _;

use crate::app::demo::content::{content, day, hour};
use crate::app::demo::course::{Ending, Event, body_of};
use crate::app::demo::writer::{Item, Writer, id};
use crate::core::act::session::{Convened, MinutesSigned};
use crate::core::act::voting::{ResultAnnounced, VoidReason, VotingVoided};
use crate::core::act::{Act, Kind, matter::Reason};
use crate::core::clock::{DAY_MS, MINUTE_MS};
use crate::core::ids::SessionId;
use crate::core::judge::session::profile_of;
use crate::core::model::{Body, Channel, Mode, OptionCode, QuestionCode, Role};
use crate::core::reject::Rejection;
use crate::core::rules::Base;
use crate::core::state::session::Session;
use crate::core::statement::Header;
use crate::log::scribe::voting::Vote;

/// How long a vote that is open now stays open.
const LIVE_MS: i64 = 10 * DAY_MS;

/// Who takes part how, by roster number.
struct Attendance {
    /// Signed in at the door.
    hall: Vec<u32>,
    /// Checked in with the own phone, from elsewhere.
    online: Vec<u32>,
}

impl Attendance {
    /// Those who vote on a matter: all but who is recused.
    fn without(&self, recused: Option<u32>) -> Self {
        let votes = |no: &u32| Some(*no) != recused;
        let hall = self.hall.iter().copied().filter(votes).collect();
        Self { hall, online: self.online.iter().copied().filter(votes).collect() }
    }
}

impl Writer {
    /// The chair calls the session.
    pub(super) fn convene(&mut self, event: &Event) -> Result<(), Rejection> {
        let bundle = self.bundles[event.course].clone();
        let Some(first) = bundle.items.first() else { return Ok(()) };
        let body = body_of(first.subject.category);
        let lines = bundle.items.iter().zip(1..).map(|(item, number)| format!("{number}. {}", title_of(item)));
        let slots = self.slots.clone().with("starts", hour(event.starts_at)).with("body", body_name(first));
        let slots = slots.with("agenda", lines.collect::<Vec<_>>().join("\n"));
        let slots = slots.with("date", day(self.scribe.now().date()));
        let notice = self.scribe.text(&slots.fill(content().common.session("notice")));
        let agenda = bundle.items.iter().map(|item| self.scribe.item(id(item), 0)).collect();
        let channels = vec![Channel::Online, Channel::Paper];
        let act = Convened { body, group: None, starts_at: event.starts_at, agenda, notice, channels };
        let session = self.scribe.new_session();
        let by = [self.scribe.hand(Role::Chair)];
        self.scribe.act(&by, Header::at(session), Act::SessionConvened(act))?;
        self.bundles[event.course].session = Some(session);
        Ok(())
    }

    /// The chair calls it off.
    pub(super) fn cancel(&mut self, event: &Event) -> Result<(), Rejection> {
        let session = self.session(event);
        let reason = self.scribe.text(content().common.session("cancelled"));
        let header = Header::at(session).on(self.scribe.session_paper(session, Kind::SessionConvened));
        let by = [self.scribe.hand(Role::Chair)];
        self.scribe.act(&by, header, Act::SessionCancelled(Reason { reason })).map(|_| ())
    }

    fn session(&self, event: &Event) -> SessionId {
        self.bundles[event.course].session.unwrap_or_else(|| SessionId::from_bytes([0; 16]))
    }

    /// The session is held, from the roster to the minutes, or as far as it comes.
    pub(super) fn hold(&mut self, event: &Event, ending: Ending) -> Result<(), Rejection> {
        let session = self.session(event);
        let begin = event.starts_at;
        self.scribe.fix_roster(session)?;
        let there = self.attend(event, session, ending)?;
        self.at(begin);
        if ending == Ending::NoQuorum {
            self.scribe.wait_minutes(20).fail(session)?;
            return Ok(());
        }
        let three = [there.hall[0], there.hall[1], there.hall[2]].map(|no| self.scribe.voter(session, no));
        self.scribe.name_tellers_as(session, three)?;
        let items = self.bundles[event.course].items.clone();
        for (place, item) in items.iter().enumerate() {
            let recused = self.recuse(session, item, &there.hall)?;
            let there = there.without(recused);
            for number in 1..=item_questions(self, item) {
                let vote = Vote::on(session, id(item), &format!("q{number}"))?;
                let fails = ending == Ending::Reject && place == 0 && number == 1;
                self.pass(120);
                if ending == Ending::Live {
                    self.open_live(&vote, &there)?;
                } else {
                    if ending == Ending::Voided && place == 0 && number == 1 {
                        self.void(&vote, &there)?;
                    }
                    self.vote(&vote, &there, fails)?;
                }
            }
        }
        if matches!(ending, Ending::Live | Ending::Unsigned) {
            return Ok(());
        }
        self.scribe.wait_minutes(12);
        self.minutes(event, session, &items)
    }

    /// Who comes: the roster in a drawn order, so many of it, some of them from elsewhere.
    fn attend(&mut self, event: &Event, session: SessionId, ending: Ending) -> Result<Attendance, Rejection> {
        let eligible = self.scribe.state().session(session).map_or(0, Session::eligible);
        let mut numbers: Vec<u32> = (1..=eligible).collect();
        // Where a newcomer is to vote, whoever is listed first has come.
        if ending == Ending::Live {
            numbers.truncate(eligible.saturating_sub(2) as usize);
        }
        self.shuffle(&mut numbers);
        let quorum = (eligible * 2).div_ceil(3);
        let present = match ending {
            Ending::NoQuorum => quorum - 1 - self.draw(4),
            Ending::Live => eligible - 2,
            _ => (quorum + 2 + self.draw(eligible - quorum - 1)).min(eligible),
        };
        numbers.truncate(present as usize);
        let remote = if self.is_secret(event) { 0 } else { 4 + self.pick(5) };
        let mut online = numbers.split_off(numbers.len() - remote);
        online.sort_unstable();
        let mut sheet = numbers.clone();
        sheet.sort_unstable();
        let first = event.starts_at.plus_ms(-i64::from(if ending == Ending::Live { 25_u8 } else { 50 }) * MINUTE_MS);
        self.at(first);
        for no in &online {
            self.pass(70);
            self.scribe.check_in(session, *no)?;
        }
        self.at(event.starts_at.plus_ms(-4 * MINUTE_MS));
        self.scribe.sign_in(session, &sheet, &[])?;
        Ok(Attendance { hall: numbers, online })
    }

    fn is_secret(&self, event: &Event) -> bool {
        let state = self.scribe.state();
        let session = state.session(self.session(event));
        let mut items = session.into_iter().flat_map(|session| &session.agenda);
        items.any(|item| profile_of(state, item).is_some_and(|profile| profile.mode == Mode::PaperSecret))
    }

    /// Opens a vote that newcomers find open: some have voted, those with the highest numbers; most have not, among them
    /// the first on every list.
    fn open_live(&mut self, vote: &Vote, there: &Attendance) -> Result<(), Rejection> {
        let mut act = self.scribe.opening_of(vote)?;
        act.closes_at = self.scribe.now().plus_ms(LIVE_MS);
        let header = header(vote).on(self.scribe.roster(vote.session));
        let by = [self.scribe.hand(Role::Chair)];
        self.scribe.act(&by, header, Act::VotingOpened(act))?;
        let codes = self.options(vote);
        let mut voters: Vec<u32> = there.online.iter().chain(there.hall.iter().skip(3)).copied().collect();
        voters.sort_unstable_by_key(|no| std::cmp::Reverse(*no));
        voters.truncate(there.online.len() + 6);
        for no in voters {
            self.pass(20);
            let choice = usize::from(self.draw(5) == 0);
            self.scribe.cast(vote, no, &codes[choice])?;
        }
        Ok(())
    }

    fn options(&self, vote: &Vote) -> Vec<String> {
        let voting = self.scribe.voting(vote);
        voting.map_or_else(Vec::new, |v| v.opening.options.iter().map(|code| code.as_str().to_owned()).collect())
    }

    /// One question: opened, cast by phone and on paper, closed, counted, announced.
    fn vote(&mut self, vote: &Vote, there: &Attendance, fails: bool) -> Result<(), Rejection> {
        self.scribe.open_vote(vote)?;
        let (codes, secret) = (self.options(vote), self.mode(vote) == Some(Mode::PaperSecret));
        let mut choices = self.choices(vote, codes.len(), there.hall.len() + there.online.len(), fails);
        let phones = if secret { 0 } else { 2 + self.pick(5) };
        let (phone, paper) = there.hall.split_at(phones);
        let mut issued = paper.to_vec();
        issued.sort_unstable();
        self.pass(120);
        self.scribe.issue_paper(vote, &issued)?;
        for no in there.online.iter().chain(phone) {
            self.pass(25);
            let choice = choices.pop().unwrap_or(0);
            if self.draw(12) == 0 {
                // Voted otherwise first; the later ballot counts.
                self.scribe.cast(vote, *no, &codes[codes.len() - 1])?;
                self.pass(30);
            }
            self.scribe.cast(vote, *no, &codes[choice])?;
            // Only who is in the hall can take paper instead.
            if phone.first() == Some(no) && self.draw(6) == 0 {
                self.take_paper(vote, *no)?;
                choices.push(choice);
            }
        }
        self.scribe.wait_minutes(4).close(vote)?;
        self.pass(20);
        self.scribe.end_deliveries(vote)?;
        let mut counts = vec![0; codes.len()];
        for choice in &choices {
            counts[*choice] += 1;
        }
        // A ballot that is a doubtful abstention is invalid now and then: it never decides anything.
        let abstained = counts.last().copied().unwrap_or(0);
        let invalid = u32::from(abstained > 0 && self.draw(3) == 0);
        if let Some(last) = counts.last_mut() {
            *last -= invalid;
        }
        self.scribe.wait_minutes(3).count_paper(vote, &counts, invalid)?;
        if self.scribe.voting(vote).is_some_and(|voting| !voting.ballots.is_empty()) {
            self.pass(20);
            self.scribe.open_ballots(vote)?;
        }
        self.pass(90);
        self.scribe.announce(vote).map(|_| ())
    }

    fn mode(&self, vote: &Vote) -> Option<Mode> {
        self.scribe.voting(vote).map(|voting| voting.opening.mode)
    }

    /// What everyone present chooses, as indices of options, in a drawn order.
    fn choices(&mut self, vote: &Vote, options: usize, present: usize, fails: bool) -> Vec<usize> {
        let session = self.scribe.state().session(vote.session);
        let item = session.and_then(|session| session.item(vote.matter));
        let threshold = item.and_then(|item| profile_of(self.scribe.state(), item)).map(|profile| profile.threshold);
        let all = session.map_or(0, Session::eligible);
        let needed = threshold.map_or(present, |share| {
            let base = if share.base == Base::All { all } else { u32::try_from(present).unwrap_or(all) };
            share.needed(base) as usize
        });
        let spare = present - needed.min(present);
        let winning =
            if fails { needed - 1 - self.pick(needed / 4) } else { needed + spare / 2 + self.pick(spare / 2 + 1) };
        let abstained = self.pick((present - winning) / 2 + 1);
        let mut choices = vec![0; winning];
        choices.extend(std::iter::repeat_n(options - 1, abstained));
        let others = options - 2;
        choices.extend((0..present - winning - abstained).map(|index| 1 + index % others.max(1)));
        self.shuffle(&mut choices);
        choices
    }

    /// A count with more papers than were issued: void, to be held again at once.
    fn void(&mut self, vote: &Vote, there: &Attendance) -> Result<(), Rejection> {
        self.scribe.open_vote(vote)?;
        let mut issued = there.hall.clone();
        issued.sort_unstable();
        self.pass(60);
        self.scribe.issue_paper(vote, &issued)?;
        for no in &there.online {
            self.pass(25);
            self.scribe.cast(vote, *no, OptionCode::FOR)?;
        }
        self.scribe.wait_minutes(3).close(vote)?;
        self.scribe.end_deliveries(vote)?;
        // One paper more than was issued.
        let counts = [u32::try_from(issued.len()).unwrap_or(0) - 3, 3, 1];
        self.scribe.wait_minutes(3).count_paper(vote, &counts, 0)?;
        let text = self.scribe.text(content().common.session("voided"));
        let by = [self.scribe.hand(Role::Chair), self.scribe.hand(Role::SupervisionCommittee)];
        let header = header(vote).on(self.scribe.vote_paper(vote, Kind::VotingOpened));
        let act = Act::VotingVoided(VotingVoided { reason: VoidReason::TooManyPapers, text });
        self.scribe.wait_minutes(1);
        self.scribe.act(&by, header, act)?;
        self.pass(120);
        Ok(())
    }

    fn minutes(&mut self, event: &Event, session: SessionId, items: &[Item]) -> Result<(), Rejection> {
        let results: Vec<String> = items.iter().map(|item| self.results_of(item)).collect();
        let (eligible, present) =
            self.scribe.state().session(session).map_or((0, 0), |s| (s.eligible(), s.there().len()));
        let body = items.first().map_or_else(String::new, body_name);
        let mut results = results.join("\n");
        for item in items {
            if self.failed(session, item) {
                let _ = write!(results, "\n{}", item.slots.fill(&item.subject.against));
            }
        }
        let slots = self.slots.clone().with("body", body).with("date", hour(event.starts_at));
        let slots = slots.with("eligible", eligible.to_string()).with("present", present.to_string());
        let words = slots.with("results", results).fill(content().common.session("minutes"));
        let minutes = self.scribe.text(&words);
        let by = [self.scribe.hand(Role::Chair), self.scribe.hand(Role::Clerk)];
        let header = Header::at(session).on(self.scribe.roster(session));
        self.scribe.act(&by, header, Act::MinutesSigned(MinutesSigned { minutes })).map(|_| ())
    }

    fn failed(&self, session: SessionId, item: &Item) -> bool {
        let session = self.scribe.state().session(session);
        let mut votes = session.into_iter().flat_map(|session| &session.votings);
        votes.any(|((matter, _), v)| *matter == id(item) && v.result.as_ref().is_some_and(|result| !result.passed))
    }

    /// The announced results of a matter's last round, a line each.
    pub(super) fn results_of(&self, item: &Item) -> String {
        let Some(matter) = self.scribe.state().matter(id(item)) else { return String::new() };
        let mut lines = Vec::new();
        for decided in matter.results.iter().filter(|decided| decided.round == matter.round) {
            lines.push(self.result_line(item, &decided.question, &decided.result));
        }
        lines.join("\n")
    }

    fn result_line(&self, item: &Item, question: &QuestionCode, result: &ResultAnnounced) -> String {
        let place = question.as_str().trim_start_matches('q').parse::<usize>().unwrap_or(1) - 1;
        let emergency = self.scribe.state().matter(id(item)).is_some_and(|matter| matter.emergency);
        let questions = if emergency { &content().common.emergency.questions } else { &item.subject.questions };
        let words = questions.get(place).map_or_else(String::new, |words| item.slots.fill(words));
        let word = |code: &OptionCode| match code.as_str() {
            OptionCode::FOR => "赞成".to_owned(),
            OptionCode::AGAINST => "反对".to_owned(),
            OptionCode::ABSTAIN => "弃权".to_owned(),
            own => item.subject.options.iter().find(|(c, _)| c == own).map_or_else(String::new, |(_, w)| w.clone()),
        };
        let counts = result.counts.iter().map(|row| format!("{}{}票", word(&row.option), row.count));
        let verdict = if result.passed { "通过" } else { "未通过" };
        let slots = item.slots.clone().with("question", words).with("counts", counts.collect::<Vec<_>>().join("，"));
        slots.with("verdict", verdict).fill(content().common.session("result_line"))
    }
}

/// The name of the body that decides a matter.
pub(super) fn body_name(item: &Item) -> String {
    match body_of(item.subject.category) {
        Body::RepresentativeAssembly => "村民代表会议",
        Body::MembersRepresentatives => "成员代表大会",
        Body::MembersAssembly => "成员大会",
        Body::VillagersAssembly => "村民会议",
        Body::GroupMeeting => "村民小组会议",
    }
    .to_owned()
}

/// The title on record: what was decided in an emergency has its own.
fn title_of(item: &Item) -> String {
    item.slots.fill("{title}")
}

fn header(vote: &Vote) -> Header {
    let question = Some(vote.question.clone());
    Header { session: Some(vote.session), question, ..Header::of(vote.matter) }
}

fn item_questions(writer: &Writer, item: &Item) -> usize {
    let matter = writer.scribe.state().matter(id(item));
    let settled = matter.and_then(|matter| matter.settled.as_ref());
    settled.map_or(0, |settled| settled.ballots.iter().map(|ballot| ballot.questions.len()).sum())
}
