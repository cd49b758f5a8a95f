//! Terminals in the hall: registered for one session, their ballots counted by themselves, sealed at the closing (PROTOCOL 8).

use crate::core::act::session::TerminalRegistered;
use crate::core::act::voting::{AtTerminal, TerminalSealed};
use crate::core::clock::MINUTE_MS;
use crate::core::judge::Part;
use crate::core::judge::case::Case;
use crate::core::model::{Channel, Role};
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::state::voting::FromTerminal;

/// The highest number of a terminal.
const MOST: u16 = 99;
/// How long after the closing a terminal may be sealed: it seals itself when the time comes, and its clock may be a little behind.
const SEALS_WITHIN_MS: i64 = 10 * MINUTE_MS;

pub(crate) fn registered(case: &mut Case<'_>, act: TerminalRegistered) -> Result<(), Rejection> {
    let session = case.session()?;
    ensure(session.channels.contains(&Channel::Kiosk), Rule::BallotChannel, "a session with terminals", "one without")?;
    ensure((1..=MOST).contains(&act.terminal), Rule::ValueRange, format_args!("1 to {MOST}"), act.terminal)?;
    ensure(!session.terminals.contains_key(&act.terminal), Rule::TerminalTaken, "a new number", act.terminal)?;
    let signer = case.statement.by.iter().find(|signer| signer.role == Role::Terminal);
    let key = signer.ok_or_else(|| Rejection::new(Rule::SignerRole, "a terminal", "none"))?.key;
    let state = case.state;
    let elsewhere = state.people.keys.contains_key(&key) || state.log_key == key || state.roots.contains(&key);
    let new = !elsewhere && session.terminal_of(&key).is_none();
    ensure(new, Rule::TerminalTaken, "a key of its own", key)?;
    case.step_session(|session| {
        session.terminals.insert(act.terminal, key);
    })
}

/// Takes a ballot into the count of its terminal. Once the terminal is sealed, or the vote is closed, the seal must cover it.
pub(crate) fn deliver(case: &mut Case<'_>, no: u16, place: AtTerminal, in_time: bool) -> Result<(), Rejection> {
    let from = case.voting()?.from_terminal(no);
    let next = (from.counter.saturating_add(1), from.last);
    let found = format_args!("{} after {}", place.counter, place.prev);
    ensure(
        (place.counter, place.prev) == next,
        Rule::TerminalOrder,
        format_args!("{} after {}", next.0, next.1),
        found,
    )?;
    let id = case.id();
    match from.sealed {
        Some((counter, last)) => {
            let covered = place.counter < counter || (place.counter == counter && id == last);
            ensure(covered, Rule::TerminalSeal, format_args!("{counter} ballots, the last {last}"), place.counter)?;
        }
        None => ensure(in_time, Rule::TerminalSeal, "a sealed terminal", "a late ballot of one that is not")?,
    }
    let from = FromTerminal { counter: place.counter, last: id, ..from };
    case.put(Part::Terminal(case.session_id()?, case.question_key()?, no, from));
    Ok(())
}

pub(crate) fn sealed(case: &mut Case<'_>, act: TerminalSealed) -> Result<(), Rejection> {
    let no = case.terminal()?.ok_or_else(|| Rejection::new(Rule::SignerRole, "a terminal", "none"))?;
    let voting = case.voting()?;
    ensure(voting.takes_deliveries(), Rule::VotingState, "before deliveries end", "after it")?;
    let from = voting.from_terminal(no);
    ensure(from.sealed.is_none(), Rule::TerminalSeal, "a terminal that is not sealed", "one that is")?;
    let latest = voting.closed_at.unwrap_or(voting.opening.closes_at).plus_ms(SEALS_WITHIN_MS);
    ensure(case.statement.at <= latest, Rule::TerminalSeal, format_args!("sealed by {latest}"), case.statement.at)?;
    let fits = act.counter > from.counter || (act.counter, act.last) == (from.counter, from.last);
    let expected = format_args!("at least {} ballots, the last {}", from.counter, from.last);
    ensure(fits, Rule::TerminalSeal, expected, format_args!("{}, the last {}", act.counter, act.last))?;
    let from = FromTerminal { sealed: Some((act.counter, act.last)), ..from };
    case.put(Part::Terminal(case.session_id()?, case.question_key()?, no, from));
    Ok(())
}
