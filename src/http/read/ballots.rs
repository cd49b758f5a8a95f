//! The vote on a matter or in a session: rule in words and numbers, attendance, each question with its result.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::views::library::Wanted;
use crate::app::views::told::Told;
use crate::core::act::Act;
use crate::core::act::session::AgendaItem;
use crate::core::act::voting::{PaperCounted, ResultAnnounced};
use crate::core::ids::{Digest, MatterId, SessionId};
use crate::core::model::{Body, Channel, Mode, OptionCode, QuestionCode};
use crate::core::rules::{self, Base, Profile};
use crate::core::state::session::{Session, SessionStatus};
use crate::core::state::voting::{Voting, VotingStatus};
use crate::core::tasks::Task;
use crate::http::act::prefill;
use crate::http::i18n::Lang;
use crate::http::pages::matter::{Ballot, Channels, Choice, Count, Question, QuestionState, Rule, Share};
use crate::http::read::context::View;

/// The options whose words are the interface's own.
const COMMON: [&str; 4] = ["for", "against", "abstain", "invalid"];

/// A question of an agenda item: the settled one, the vote on it, or both.
pub(in crate::http::read) struct Asked<'s> {
    code: QuestionCode,
    title: Digest,
    options: &'s [OptionCode],
    labels: Labels,
    voting: Option<&'s Voting>,
}

/// Commitments of the words of a question's own options, by code.
type Labels = Vec<(OptionCode, Digest)>;

fn labels(options: &[OptionCode], words: impl IntoIterator<Item = Digest>) -> Labels {
    options.iter().cloned().zip(words).collect()
}

/// The questions of an agenda item: those voted on, then those settled and still to be asked.
pub(in crate::http::read) fn asked<'s>(view: &'s View<'_>, session: &'s Session, item: &AgendaItem) -> Vec<Asked<'s>> {
    let voted = session.votings.iter().filter(|((matter, _), _)| *matter == item.matter);
    let mut asked: Vec<Asked<'s>> = voted
        .map(|((_, code), voting)| Asked {
            code: code.clone(),
            title: voting.opening.title,
            options: &voting.opening.options,
            labels: labels(&voting.opening.options, voting.opening.labels.iter().copied()),
            voting: Some(voting),
        })
        .collect();
    let settled = view.state().matter(item.matter).and_then(|matter| matter.settled.as_ref());
    let ballot = settled.and_then(|settled| settled.ballots.get(usize::from(item.ballot)));
    // Once a session has voted, it was on the questions of its round; what is settled since is another round's.
    let open = asked.is_empty() || session.is_live();
    for question in ballot.iter().flat_map(|ballot| &ballot.questions).filter(|_| open) {
        if !asked.iter().any(|asked| asked.code == question.code) {
            let labels = labels(&question.options, question.labels.iter().map(|doc| doc.sha256));
            let (code, title, options) = (question.code.clone(), question.title.sha256, &question.options[..]);
            asked.push(Asked { code, title, options, labels, voting: None });
        }
    }
    asked
}

impl Asked<'_> {
    /// Its code.
    pub(in crate::http::read) fn code(&self) -> &QuestionCode {
        &self.code
    }

    /// Whether it is the one of this code.
    pub(in crate::http::read) fn is(&self, code: &QuestionCode) -> bool {
        self.code == *code
    }

    /// Notes its wording as wanted.
    pub(in crate::http::read) fn want(&self, wanted: &mut Wanted) {
        wanted.spoken.insert(self.title);
        wanted.spoken.extend(self.labels.iter().map(|(_, words)| *words));
    }

    /// Its words.
    pub(in crate::http::read) fn words(&self, view: &View<'_>) -> String {
        view.words(self.title)
    }

    /// What can be chosen, by code, with the question's own words for it.
    pub(in crate::http::read) fn options(&self, view: &View<'_>) -> Vec<(String, Option<String>)> {
        let one = |option: &OptionCode| (option.as_str().to_owned(), view.label(&self.labels, option.as_str()));
        self.options.iter().map(one).collect()
    }

    /// The vote on it.
    pub(in crate::http::read) fn voting(&self) -> Option<&Voting> {
        self.voting
    }
}

/// A question as it stands on a paper ballot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The matter.
    pub matter: MatterId,
    /// The question.
    pub question: QuestionCode,
    /// Its wording.
    pub title: String,
    /// Codes of its options, in order, with the words of those that are its own.
    pub options: Vec<(String, Option<String>)>,
}

/// Whether papers bear the voter's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamesOnPapers {
    /// They do.
    Yes,
    /// They don't.
    No,
    /// The chair says so at the opening of the vote, which is by name.
    ToBeSaid,
}

/// Paper ballots of a question, as the record counts them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnPaper {
    /// Voters who were handed one.
    pub issued: u64,
    /// The count that holds.
    pub count: BoxCount,
    /// The count that it replaced, where a dispute led to a recount.
    pub first: Option<BoxCount>,
}

/// What was found in a box.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoxCount {
    /// Papers.
    pub in_box: u64,
    /// Papers for each option: its code, the question's own words for it, how many.
    pub counts: Vec<(String, Option<String>, u64)>,
    /// Invalid ones.
    pub invalid: u64,
}

/// Notes the wording of every question of a session's agenda item as wanted.
pub fn want_questions(view: &View<'_>, session: &Session, item: &AgendaItem, wanted: &mut Wanted) {
    for asked in asked(view, session, item) {
        asked.want(wanted);
    }
}

/// The rule profile that an agenda item is decided under.
fn profile<'s>(view: &'s View<'_>, session: &Session, item: &AgendaItem) -> Option<&'s Profile> {
    let law = &view.state().law;
    let matter = view.state().matter(item.matter)?;
    let opened = session.votings.iter().find(|((id, _), _)| *id == item.matter).map(|(_, v)| v.opening.profile);
    let settled = matter.settled.as_ref().and_then(|settled| settled.ballots.get(usize::from(item.ballot)));
    let named = opened.or_else(|| settled.map(|ballot| ballot.profile)).and_then(|leaf| law.profile(leaf));
    named.or_else(|| {
        let proposal = matter.proposal.as_ref()?;
        let date = session.starts_at.date();
        law.applicable(session.body, proposal.category, proposal.amount_fen, date).map(|(_, profile)| profile)
    })
}

fn share(share: rules::Share) -> Share {
    Share { num: u32::from(share.num), den: u32::from(share.den), more_than: share.more_than }
}

/// A profile in words and numbers, for a body of `eligible` members.
#[must_use]
pub fn rule(profile: &Profile, eligible: u32) -> Rule {
    Rule {
        profile: profile_name(profile).to_owned(),
        confirmed: profile.confirmed,
        source: profile.citation.clone(),
        quorum: share(profile.quorum),
        quorum_needed: u64::from(profile.quorum.needed(eligible)),
        threshold: share(profile.threshold),
        base: match profile.threshold.base {
            Base::Present => "present",
            Base::All => "members",
        }
        .to_owned(),
        abstentions_count: profile.abstain_in_base,
    }
}

/// What a profile is called: a local one without words of its own by the body it is for.
fn profile_name(profile: &Profile) -> &str {
    if Lang::ZhCn.has(&format!("profile-{}", profile.code)) {
        return profile.code.as_str();
    }
    match profile.body {
        Body::RepresentativeAssembly => "representative-assembly",
        Body::MembersRepresentatives => "collective-representatives",
        Body::MembersAssembly => "collective-assembly",
        Body::VillagersAssembly => "villagers-assembly",
        Body::GroupMeeting => "villager-group",
    }
}

/// Choices by voter and vote, as `ballots.opened` and voters themselves published them. The state forgets them when the
/// minutes are signed; the record keeps them.
#[derive(Debug, Default)]
pub struct Opened {
    choices: BTreeMap<(Digest, u32), OptionCode>,
    /// Voters whose last ballot was cast with somebody's help.
    helped: BTreeSet<(Digest, u32)>,
    /// Choices on named papers, as the count that holds lists them.
    on_paper: BTreeMap<(Digest, u32), OptionCode>,
}

impl Opened {
    /// Those among `told`. Openings rest on the end of deliveries, which rests, through the closing, on the opened vote;
    /// matter, session and question name the same vote.
    #[must_use]
    pub fn of(view: &View<'_>, told: &[Told]) -> Self {
        let (mut choices, mut helped, mut on_paper) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        for one in told {
            if let (Act::BallotCast(act), Some(vote)) = (&one.statement.act, one.statement.basis) {
                helped.remove(&(vote, act.voter));
                helped.extend(act.helper.map(|_| (vote, act.voter)));
            }
            let (rows, papers) = match &one.statement.act {
                Act::BallotsOpened(act) => (&act.rows[..], None),
                Act::BallotOpened(row) => (std::slice::from_ref(row), None),
                Act::PaperCounted(count) | Act::PaperRecounted(count) => (&[][..], Some(&count.rows)),
                _ => continue,
            };
            let statement = &one.statement;
            let place = statement.session.zip(statement.matter).zip(statement.question.as_ref());
            let voting = place
                .and_then(|((session, matter), question)| view.state().session(session)?.voting_of(matter, question));
            // An opening before the present vote opened belongs to one that was voided.
            let Some(voting) = voting.filter(|voting| voting.opened.seq < one.at.seq) else { continue };
            let vote = voting.opened.leaf;
            choices.extend(rows.iter().map(|row| ((vote, row.voter), row.choice.clone())));
            if let Some(papers) = papers {
                // A recount takes the count's place.
                on_paper.retain(|(of, _), _| *of != vote);
                on_paper.extend(papers.iter().map(|row| ((vote, row.voter), row.choice.clone())));
            }
        }
        Self { choices, helped, on_paper }
    }

    /// Voters' choices in a vote, by number.
    fn in_vote(&self, voting: &Voting) -> BTreeMap<u32, &OptionCode> {
        let leaf = voting.opened.leaf;
        let both = [&self.choices, &self.on_paper].into_iter();
        let of_vote = both.flat_map(|choices| choices.range((leaf, 0)..=(leaf, u32::MAX)));
        of_vote.map(|((_, voter), choice)| (*voter, choice)).collect()
    }
}

impl View<'_> {
    /// The vote of one session on one matter.
    #[must_use]
    pub fn ballot(&self, id: SessionId, session: &Session, item: &AgendaItem, opened: &Opened) -> Option<Ballot> {
        let profile = profile(self, session, item)?;
        let votings: Vec<&Voting> =
            session.votings.iter().filter(|((m, _), _)| *m == item.matter).map(|(_, v)| v.as_ref()).collect();
        let last = votings.last();
        let there = u64::try_from(session.there().len()).unwrap_or_default();
        let present = match last {
            Some(voting) => Some(u64::from(voting.opening.present)),
            None => (!session.attendance.is_empty()).then_some(there),
        };
        let mode = last.map_or(profile.mode, |voting| voting.opening.mode);
        Some(Ballot {
            session: id,
            body: session.body.code().to_owned(),
            at: session.starts_at,
            mode: mode.code().to_owned(),
            rule: rule(profile, session.eligible()),
            eligible: u64::from(session.eligible()),
            present,
            recused: session.recused.iter().filter(|(matter, _)| *matter == item.matter).count() as u64,
            questions: self.questions(session, item, opened),
        })
    }

    /// The rule of a session, where every item on its agenda is under the same.
    #[must_use]
    pub fn session_rule(&self, session: &Session) -> Option<Rule> {
        let mut profiles = session.agenda.iter().map(|item| profile(self, session, item));
        let first = profiles.next()??;
        let same = profiles.all(|other| other.is_some_and(|other| other.code == first.code));
        same.then(|| rule(first, session.eligible()))
    }

    /// How the choices on an agenda item are kept.
    #[must_use]
    pub fn mode(&self, session: &Session, item: &AgendaItem) -> &'static str {
        let voted = session.votings.iter().find(|((matter, _), _)| *matter == item.matter);
        let opened = voted.map(|(_, voting)| voting.opening.mode);
        opened.or_else(|| profile(self, session, item).map(|profile| profile.mode)).map_or("named", |mode| mode.code())
    }

    /// The questions of a session that are voted on by paper, while there is still a vote to come or under way.
    #[must_use]
    pub fn sheets(&self, session: &Session) -> Vec<Sheet> {
        if !session.is_live() || !session.channels.contains(&Channel::Paper) {
            return Vec::new();
        }
        session.agenda.iter().flat_map(|item| self.sheets_of(session, item)).collect()
    }

    /// Whether the papers of a question bear names: as its vote was opened, and where it was not, whether the chair may still say so.
    #[must_use]
    pub fn names_on_papers(&self, session: &Session, sheet: &Sheet) -> NamesOnPapers {
        let voting = session.voting_of(sheet.matter, &sheet.question).filter(|voting| voting.is_under_way());
        let by_name = || {
            let item = session.item(sheet.matter);
            item.is_some_and(|item| self.mode(session, item) == Mode::Named.code())
        };
        match voting {
            Some(voting) if voting.opening.named_papers => NamesOnPapers::Yes,
            None if by_name() => NamesOnPapers::ToBeSaid,
            Some(_) | None => NamesOnPapers::No,
        }
    }

    /// The questions of an agenda item with their options.
    #[must_use]
    pub fn sheets_of(&self, session: &Session, item: &AgendaItem) -> Vec<Sheet> {
        let sheet = |asked: &Asked<'_>| {
            let option = |code: &OptionCode| (code.to_string(), self.label(&asked.labels, code.as_str()));
            Sheet {
                matter: item.matter,
                question: asked.code.clone(),
                title: self.words(asked.title),
                options: asked.options.iter().map(option).collect(),
            }
        };
        asked(self, session, item).iter().map(sheet).collect()
    }

    /// Paper ballots of each question of an agenda item, in the questions' order; `None` where nobody had one.
    #[must_use]
    pub fn on_paper(&self, session: &Session, item: &AgendaItem) -> Vec<Option<OnPaper>> {
        let found = |asked: &Asked<'_>, count: &PaperCounted| BoxCount {
            in_box: u64::from(count.in_box),
            counts: count
                .counts
                .iter()
                .map(|row| {
                    let code = row.option.as_str();
                    (code.to_owned(), self.label(&asked.labels, code), u64::from(row.count))
                })
                .collect(),
            invalid: u64::from(count.invalid),
        };
        let on_paper = |asked: &Asked<'_>| {
            let voting = asked.voting.filter(|voting| !voting.paper_issued.is_empty())?;
            Some(OnPaper {
                issued: voting.paper_issued.len() as u64,
                count: voting.paper_count.as_ref().map(|count| found(asked, count)).unwrap_or_default(),
                first: voting.count_replaced.as_ref().map(|count| found(asked, count)),
            })
        };
        asked(self, session, item).iter().map(on_paper).collect()
    }

    /// Codes of the questions of an agenda item, in the same order.
    #[must_use]
    pub fn codes(&self, session: &Session, item: &AgendaItem) -> Vec<QuestionCode> {
        asked(self, session, item).into_iter().map(|asked| asked.code).collect()
    }

    /// The question that a task is about in its words; nothing where it is the only one and says what the matter's title says.
    #[must_use]
    pub fn question_of(&self, task: &Task) -> Option<String> {
        let matter = self.state().matter(task.matter?)?;
        let (asked, only) = prefill::asked(matter, task.question.as_ref()?)?;
        let words = self.words(asked);
        Some(words).filter(|words| !only || *words != self.title(matter))
    }

    /// The questions of an agenda item.
    #[must_use]
    pub fn questions(&self, session: &Session, item: &AgendaItem, opened: &Opened) -> Vec<Question> {
        let asked = asked(self, session, item);
        asked.iter().zip(1..).map(|(asked, number)| self.question(session, asked, number, opened)).collect()
    }

    fn question(&self, session: &Session, asked: &Asked<'_>, number: u32, opened: &Opened) -> Question {
        let title = self.words(asked.title);
        let state = question_state(session, asked.voting);
        let result = asked.voting.and_then(|voting| voting.result.as_ref());
        let Some((voting, result)) = asked.voting.zip(result) else {
            let (counts, choices) = (Vec::new(), Vec::new());
            return Question {
                number,
                title,
                state,
                counts,
                base: 0,
                needed: 0,
                not_voted: 0,
                channels: None,
                choices,
            };
        };
        let part = u32::try_from(voting.taking_part()).unwrap_or_default();
        Question {
            number,
            title,
            state,
            counts: self.counts(&asked.labels, result),
            base: u64::from(result.base),
            needed: u64::from(result.needed),
            not_voted: u64::from(part.saturating_sub(result.voted)),
            channels: Some(channels(voting, result)),
            choices: opened
                .in_vote(voting)
                .into_iter()
                .map(|(voter, choice)| Choice {
                    label: self.label(&asked.labels, choice.as_str()),
                    helped: opened.helped.contains(&(voting.opened.leaf, voter)),
                    ..self.choice(session, voting, voter, choice)
                })
                .collect(),
        }
    }

    fn choice(&self, session: &Session, voting: &Voting, voter: u32, choice: &OptionCode) -> Choice {
        let channel = match () {
            () if voting.paper_issued.contains(&voter) => Channel::Paper,
            () if voting.counted_at_terminals().contains(&voter) => Channel::Kiosk,
            () => Channel::Online,
        };
        let named = self.visit.belongs_to(self.village());
        let person = session.roster.get(&voter).filter(|_| named);
        Choice {
            voter,
            name: person.and_then(|person| self.names.get(person)).cloned(),
            option: choice.as_str().to_owned(),
            label: None,
            helped: false,
            channel: channel.code().to_owned(),
        }
    }

    /// The words of an option of the question's own; its code where there are none. The common ones have the interface's.
    fn label(&self, labels: &Labels, option: &str) -> Option<String> {
        if COMMON.contains(&option) {
            return None;
        }
        let words = labels.iter().find(|(code, _)| code.as_str() == option).map(|(_, name)| self.words(*name));
        Some(words.unwrap_or_else(|| option.to_uppercase()))
    }

    fn counts(&self, labels: &Labels, result: &ResultAnnounced) -> Vec<Count> {
        let count = |option: &str, votes: u32| Count {
            option: option.to_owned(),
            label: self.label(labels, option),
            votes: u64::from(votes),
        };
        let listed = result.counts.iter().map(|row| count(row.option.as_str(), row.count));
        let invalid = (result.invalid > 0).then(|| count("invalid", result.invalid));
        listed.chain(invalid).collect()
    }
}

fn question_state(session: &Session, voting: Option<&Voting>) -> QuestionState {
    let Some(voting) = voting else {
        let failed = session.status == SessionStatus::Failed;
        return if failed { QuestionState::NoQuorum } else { QuestionState::Waiting };
    };
    match voting.status {
        VotingStatus::Open => QuestionState::Open(voting.opening.closes_at),
        VotingStatus::Closed => voting.deliveries_until().map_or(QuestionState::Counting, QuestionState::Closed),
        VotingStatus::DeliveriesEnded | VotingStatus::BallotsOpened => QuestionState::Counting,
        VotingStatus::Announced => QuestionState::Decided(voting.result.as_ref().is_some_and(|result| result.passed)),
        VotingStatus::Voided => QuestionState::Void,
    }
}

/// Ballots that count, by the way they came. Whatever came neither on paper nor from a terminal came by phone.
fn channels(voting: &Voting, result: &ResultAnnounced) -> Channels {
    let kiosk = voting.counted_at_terminals().len() as u64;
    let paper = u64::from(voting.paper_count.as_ref().map_or(0, |count| count.in_box));
    let online = u64::from(result.voted).saturating_sub(paper + kiosk);
    let visited = voting.visited().count();
    let missed = voting.home.len().saturating_sub(visited) as u64;
    Channels { online, kiosk, paper, visited: visited as u64, missed }
}
