//! The hall's screen: one thing at a time, chosen from what is on record.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::response::Response;

use crate::app::views::library::Wanted;
use crate::core::act::Kind;
use crate::core::act::session::AgendaItem;
use crate::core::act::voting::ResultAnnounced;
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, SessionId, VillageCode};
use crate::core::model::{Channel, OptionCode, QuestionCode};
use crate::core::state::phase::Phase;
use crate::core::state::session::Session;
use crate::core::state::voting::{Voting, VotingStatus};
use crate::http::pages::matter::Rule;
use crate::http::pages::screen::{Awaited, Choosable, Item, Put, Scene, ScreenPage, Tally, TallyRow, There};
use crate::http::problem::{Code, Problem};
use crate::http::read::ballots::{self, Asked, Opened};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::session::again;
use crate::http::read::{receipt, rows};
use crate::http::state::AppState;

/// `GET /v/{code}/s/{session}/screen`.
///
/// # Errors
/// There is no such village or session; the store can't be read now.
pub async fn screen(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id)): At<(VillageCode, SessionId)>,
) -> Result<Response, Problem> {
    let app = state.app();
    // What hangs on a wall is what everyone may read, whoever opened the page.
    let everyone = Visit { c: visit.c, identity: None };
    let view = View::unnamed(app, &everyone, code).await?;
    let session = view.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let mut wanted = Wanted::default();
    rows::want_agenda(view.state(), [session], &mut wanted);
    if let Some((item, question)) = shown(&view, session) {
        if let Some(asked) = asked(&view, session, item, &question) {
            asked.want(&mut wanted);
        }
        wanted.spoken.extend(plan(&view, session, item, &question));
    }
    let view = view.fetch(app, &wanted).await?;
    let link = format!("{}/v/{code}/s/{id}", state.origin());
    let session = view.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    page(&screen_page(&view, id, session, link)?)
}

fn screen_page(view: &View<'_>, id: SessionId, session: &Session, link: String) -> Result<ScreenPage, Problem> {
    let phase = view.state().phase(session, view.now);
    let scene = scene(view, id, session, link)?;
    Ok(ScreenPage {
        c: view.visit.c.clone(),
        place: view.place.clone(),
        id,
        body: session.body.code().to_owned(),
        at: session.starts_at,
        hall: view.hall(session),
        phase,
        size: view.state().size(),
        now: view.now,
        next: next(session, &scene, view.now),
        there: there(view, session),
        again: again(view, session),
        scene,
        agenda: session.agenda.iter().map(|item| strip_item(view, session, item)).collect(),
    })
}

/// When a later look shows something else though nothing was put on record.
fn next(session: &Session, scene: &Scene, now: Time) -> Option<Time> {
    let times = match scene {
        Scene::Ahead => vec![session.door(), session.opens_until()],
        Scene::CheckingIn => vec![session.starts_at, session.opens_until()],
        Scene::Reading(_) => vec![session.opens_until()],
        Scene::Voting(_, closes_at) => vec![*closes_at],
        Scene::Waiting(_, awaited) => awaited.until().into_iter().collect(),
        Scene::Announced(..) | Scene::Void(_) | Scene::Nothing => Vec::new(),
    };
    times.into_iter().filter(|time| *time > now).min()
}

/// The vote that is shown: the one under way that was opened last, an open one before those that are being counted; else the
/// one that ended last.
fn current(session: &Session) -> Option<(&(MatterId, QuestionCode), &Voting)> {
    let votings = || session.votings.iter().map(|(key, voting)| (key, voting.as_ref()));
    let under_way = votings().filter(|(_, voting)| voting.is_under_way());
    let ended = |voting: &Voting| {
        let paper = [Kind::ResultAnnounced, Kind::VotingVoided].map(|kind| voting.papers.paper(kind));
        paper.into_iter().flatten().map(|paper| paper.at.seq).max().unwrap_or(voting.opened.seq)
    };
    let open_and_late = |voting: &Voting| (voting.status == VotingStatus::Open, voting.opened.seq);
    let newest = under_way.max_by_key(|(_, voting)| open_and_late(voting));
    newest.or_else(|| votings().max_by_key(|(_, voting)| ended(voting)))
}

/// The question that is shown: that of the vote, or the first that will be asked once it is time to read it out.
fn shown<'s>(view: &View<'s>, session: &'s Session) -> Option<(&'s AgendaItem, QuestionCode)> {
    if let Some(((matter, question), _)) = current(session) {
        return Some((session.item(*matter)?, question.clone()));
    }
    let enough = there(view, session).enough() == Some(true);
    let time = view.state().phase(session, view.now) == Phase::CheckingIn && session.starts_at <= view.now;
    let first = session.agenda.first().filter(|_| enough && time)?;
    let settled = view.state().matter(first.matter)?.settled.as_ref()?;
    let question = settled.ballots.get(usize::from(first.ballot))?.questions.first()?;
    Some((first, question.code.clone()))
}

fn asked<'s>(
    view: &'s View<'_>,
    session: &'s Session,
    item: &AgendaItem,
    question: &QuestionCode,
) -> Option<Asked<'s>> {
    ballots::asked(view, session, item).into_iter().find(|asked| asked.is(question))
}

/// The plan that is voted on: as it was when the vote opened, else as settled.
fn plan(view: &View<'_>, session: &Session, item: &AgendaItem, question: &QuestionCode) -> Option<Digest> {
    let opened = session.voting_of(item.matter, question).map(|voting| voting.opening.plan);
    let settled = || view.state().matter(item.matter)?.settled.as_ref().map(|settled| settled.plan.sha256);
    opened.or_else(settled)
}

fn scene(view: &View<'_>, id: SessionId, session: &Session, link: String) -> Result<Scene, Problem> {
    let phase = view.state().phase(session, view.now);
    let put = shown(view, session).and_then(|(item, question)| Some((item, put(view, session, item, &question)?)));
    let voting = current(session).map(|(_, voting)| voting);
    Ok(match (phase, put, voting) {
        (Phase::Cancelled, ..) => Scene::Nothing,
        (_, Some((item, put)), Some(voting)) => voted(view, id, session, item, put, voting, link)?,
        (Phase::CheckingIn, Some((_, put)), None) => Scene::Reading(Box::new(put)),
        (Phase::CheckingIn, None, _) => Scene::CheckingIn,
        (Phase::Called, ..) => Scene::Ahead,
        _ => Scene::Nothing,
    })
}

fn voted(
    view: &View<'_>,
    id: SessionId,
    session: &Session,
    item: &AgendaItem,
    put: Put,
    voting: &Voting,
    link: String,
) -> Result<Scene, Problem> {
    let put = Box::new(put);
    Ok(match (voting.status, &voting.result) {
        (VotingStatus::Open, _) if view.now < voting.opening.closes_at => Scene::Voting(put, voting.opening.closes_at),
        (VotingStatus::Announced, Some(result)) => {
            let rule = view.ballot(id, session, item, &Opened::default()).map(|ballot| ballot.rule);
            let tally = tally(&put, voting, result, rule, link)?;
            Scene::Announced(put, Box::new(tally))
        }
        (VotingStatus::Voided, _) => Scene::Void(put),
        _ => Scene::Waiting(put, awaited(voting, view.now)),
    })
}

/// What a vote that is over and not announced waits for.
fn awaited(voting: &Voting, now: Time) -> Awaited {
    let excess = voting.paper_count.as_ref().is_some_and(|count| count.in_box as usize > voting.paper_issued.len());
    let missing = || voting.counting_voters().iter().any(|voter| !voting.choices.contains_key(voter));
    let point = voting.waiting().next().map(|(_, point)| point.kind);
    let until = voting.deliveries_until().filter(|until| voting.status == VotingStatus::Closed && now < *until);
    match (voting.status, until, point) {
        (VotingStatus::Open, ..) => Awaited::Closing,
        (_, Some(until), _) => Awaited::Deliveries(until),
        (_, None, Some(Kind::BallotVouched)) => Awaited::Vouched,
        (_, None, Some(_)) => Awaited::Answer,
        (..) if excess => Awaited::Excess,
        (..) if voting.paper_count.is_none() && !voting.paper_issued.is_empty() => Awaited::PaperCount,
        (VotingStatus::BallotsOpened, ..) if missing() => Awaited::Opening,
        (VotingStatus::BallotsOpened, ..) => Awaited::Result,
        (..) if voting.counting_voters().is_empty() && voting.status == VotingStatus::DeliveriesEnded => {
            Awaited::Result
        }
        _ => Awaited::Openings,
    }
}

fn put(view: &View<'_>, session: &Session, item: &AgendaItem, question: &QuestionCode) -> Option<Put> {
    let matter = view.state().matter(item.matter)?;
    let all = ballots::asked(view, session, item);
    let (number, asked) = (1..).zip(&all).find(|(_, asked)| asked.is(question))?;
    let channels = asked.voting().map_or(&session.channels, |voting| &voting.opening.channels);
    let text = plan(view, session, item, question).and_then(|name| view.library.text(name));
    let choosable = |(option, label)| Choosable { option, label };
    Some(Put {
        matter: item.matter,
        title: view.title(matter),
        category: rows::category(matter).to_owned(),
        amount: rows::amount(matter),
        number,
        question: asked.words(view),
        mode: view.mode(session, item).to_owned(),
        plan: text
            .into_iter()
            .flat_map(str::lines)
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect(),
        options: asked.options(view).into_iter().map(choosable).collect(),
        channels: channels.iter().map(|channel| channel.code().to_owned()).collect(),
    })
}

/// The count by option and channel: the paper as it was counted, the rest as it was opened.
fn tally(
    put: &Put,
    voting: &Voting,
    result: &ResultAnnounced,
    rule: Option<Rule>,
    link: String,
) -> Result<Tally, Problem> {
    let ways = Ways::of(voting);
    let columns: Vec<Channel> = ways.columns().collect();
    let cells = |of: &dyn Fn(Channel) -> u64| columns.iter().map(|channel| of(*channel)).collect();
    let row = |option: &str, cells: Vec<u64>, votes: u64| TallyRow {
        option: option.to_owned(),
        label: label(put, option),
        cells,
        votes,
    };
    let listed = result.counts.iter().map(|one| {
        let votes = u64::from(one.count);
        row(one.option.as_str(), cells(&|channel| ways.votes(channel, &one.option, votes)), votes)
    });
    let invalid = u64::from(result.invalid);
    // Only a paper can be invalid.
    let on_paper = |channel| if channel == Channel::Paper { invalid } else { 0 };
    let invalid = (invalid > 0).then(|| row("invalid", cells(&on_paper), invalid));
    let part = u64::try_from(voting.taking_part()).unwrap_or(u64::MAX);
    let won = result.winner.as_ref().filter(|winner| winner.as_str() != OptionCode::FOR);
    Ok(Tally {
        rows: listed.chain(invalid).collect(),
        columns: columns.iter().map(|channel| channel.code().to_owned()).collect(),
        needed: u64::from(result.needed),
        base: u64::from(result.base),
        not_voted: part.saturating_sub(u64::from(result.voted)),
        visited: voting.visited().count() as u64,
        rule,
        passed: result.passed,
        winner: won.and_then(|winner| label(put, winner.as_str())),
        qr_svg: receipt::qr(&link)?,
        link,
    })
}

/// How the ballots of a vote came.
struct Ways<'a> {
    voting: &'a Voting,
    /// Voters whose ballot that counts came from a terminal.
    at_terminals: BTreeSet<u32>,
}

impl<'a> Ways<'a> {
    fn of(voting: &'a Voting) -> Self {
        Self { voting, at_terminals: voting.counted_at_terminals() }
    }

    /// The ways that were open, in the columns' order; paper where some was counted.
    fn columns(&self) -> impl Iterator<Item = Channel> {
        let open = |channel: &Channel| match channel {
            Channel::Paper => self.voting.paper_count.is_some(),
            Channel::Kiosk | Channel::Online => self.voting.opening.channels.contains(channel),
        };
        [Channel::Paper, Channel::Kiosk, Channel::Online].into_iter().filter(open)
    }

    /// How many of an option's votes came by a channel.
    fn votes(&self, channel: Channel, option: &OptionCode, votes: u64) -> u64 {
        let counted = self.voting.paper_count.as_ref();
        let on_paper = counted.and_then(|count| count.counts.iter().find(|row| row.option == *option));
        let on_paper = u64::from(on_paper.map_or(0, |row| row.count));
        let chosen = |(voter, choice): &(&u32, &OptionCode)| self.at_terminals.contains(voter) && *choice == option;
        let at_terminals = self.voting.choices.iter().filter(chosen).count() as u64;
        match channel {
            Channel::Paper => on_paper,
            Channel::Kiosk => at_terminals,
            Channel::Online => votes.saturating_sub(on_paper).saturating_sub(at_terminals),
        }
    }
}

fn label(put: &Put, option: &str) -> Option<String> {
    put.options.iter().find(|own| own.option == option).and_then(|own| own.label.clone())
}

/// Who is there: while a vote is shown, who was when it opened.
fn there(view: &View<'_>, session: &Session) -> There {
    let needed = |rule: Rule| rule.quorum_needed;
    if let Some(((matter, _), voting)) = current(session) {
        let profile = view.state().law.profile(voting.opening.profile);
        let rule = profile.map(|profile| ballots::rule(profile, voting.opening.eligible));
        let quorum = rule.map(needed).filter(|_| session.item(*matter).is_some());
        let (eligible, present) = (voting.opening.eligible, voting.opening.present);
        return There { eligible: Some(eligible.into()), present: Some(present.into()), quorum };
    }
    let fixed = !session.roster.is_empty();
    There {
        eligible: fixed.then(|| u64::from(session.eligible())),
        present: fixed.then(|| session.there().len() as u64),
        quorum: view.session_rule(session).map(needed).filter(|_| fixed),
    }
}

fn strip_item(view: &View<'_>, session: &Session, item: &AgendaItem) -> Item {
    let title = view.state().matter(item.matter).map(|matter| view.title(matter));
    let questions = view.questions(session, item, &Opened::default());
    Item {
        matter: item.matter,
        title: title.unwrap_or_else(|| view.t("text-missing")),
        questions: questions.into_iter().map(|question| question.state).collect(),
    }
}
