//! In a demo one person takes every role, but nobody wants to click for forty-five: the others check in and vote by
//! themselves when asked, with the keys that the demo holds, through the same door as everyone.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::draft::newest_key;
use crate::app::submit::BallotOpening;
use crate::core::act::session::CheckedIn;
use crate::core::act::voting::BallotCast;
use crate::core::act::{Act, Kind};
use crate::core::commit;
use crate::core::ids::{Digest, MatterId, PersonId, SessionId, VillageCode};
use crate::core::model::{Channel, Mode, OptionCode, QuestionCode, Role};
use crate::core::state::session::Session;
use crate::core::state::voting::{Voting, VotingStatus};
use crate::core::statement::{Header, Signer, Statement};

impl App {
    /// Lets everyone who may check in or vote now in this village do so. Gives how many did.
    ///
    /// # Errors
    /// The store's; a refusal by the law only means that this one can't now.
    pub async fn let_others_act(&self, village: VillageCode) -> Result<usize, AppError> {
        let live = self.lives().live(village).await?;
        let mut done = 0;
        for (id, session) in &live.state().sessions {
            if !session.is_live() {
                continue;
            }
            done += self.check_all_in(village, *id, session).await?;
            for ((matter, question), voting) in &session.votings {
                if voting.status == VotingStatus::Open && voting.opening.mode == Mode::Named {
                    done += self.vote_all(village, *id, session, (*matter, question), voting).await?;
                }
            }
        }
        Ok(done)
    }

    async fn check_all_in(&self, village: VillageCode, id: SessionId, session: &Session) -> Result<usize, AppError> {
        let Some(roster) = session.papers.paper(Kind::RosterFixed).map(|paper| paper.at.leaf) else { return Ok(0) };
        let there = session.there();
        let mut done = 0;
        for (no, person) in session.roster.iter().filter(|(no, _)| !there.contains(no)) {
            let act = Act::AttendanceCheckedIn(CheckedIn { voter: *no, channel: Channel::Online });
            let about = (None, id, None, roster);
            done += usize::from(self.act_for(village, *person, about, act, None).await?);
        }
        Ok(done)
    }

    async fn vote_all(
        &self,
        village: VillageCode,
        id: SessionId,
        session: &Session,
        (matter, question): (MatterId, &QuestionCode),
        voting: &Voting,
    ) -> Result<usize, AppError> {
        let basis = voting.opened.leaf;
        let mut done = 0;
        for no in voting.present.difference(&voting.recused).filter(|no| !voting.has_voted(**no)) {
            let Some(person) = session.roster.get(no) else { continue };
            let choice = choice_of(*no, &basis, &voting.opening.options);
            let Some(choice) = choice else { continue };
            let nonce = Digest(self.random());
            let commitment = commit::choice(&basis, *no, 1, &nonce, &choice);
            let act = Act::BallotCast(BallotCast {
                voter: *no,
                revision: 1,
                channel: Channel::Online,
                helper: None,
                terminal: None,
                commitment,
            });
            let about = (Some(matter), id, Some(question.clone()), basis);
            let opening = BallotOpening { nonce, choice };
            done += usize::from(self.act_for(village, *person, about, act, Some(opening)).await?);
        }
        Ok(done)
    }

    async fn act_for(
        &self,
        village: VillageCode,
        person: PersonId,
        (matter, session, question, basis): (Option<MatterId>, SessionId, Option<QuestionCode>, Digest),
        act: Act,
        opening: Option<BallotOpening>,
    ) -> Result<bool, AppError> {
        let live = self.lives().live(village).await?;
        let Some(key) = newest_key(live.state(), person) else { return Ok(false) };
        // Someone who enrolled a phone of the own: the demo doesn't sign for them.
        if !self.demo_holds(village, person, key).await? {
            return Ok(false);
        }
        let statement = Statement::new(
            village,
            vec![Signer { person: Some(person), role: Role::Voter, key }],
            self.now().max(live.state().last.time),
            Header { matter, session: Some(session), question, basis: Some(basis), ..Header::default() },
            act,
        );
        let payload = statement.to_payload().map_err(|_| AppError::Invalid { field: "payload", reason: "json" })?;
        let envelope = self.sign_for_demo(village, person, payload).await?;
        match self.submit(village, envelope, opening).await {
            Ok(_) => Ok(true),
            Err(AppError::Rejected(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Of ten members in a row eight are for the first option, one for the second and one for the last: who, differs from vote to vote, and
/// what needs two thirds of all has them.
fn choice_of(no: u32, vote: &Digest, options: &[OptionCode]) -> Option<OptionCode> {
    let last = options.len().checked_sub(1)?;
    let chosen = match (no + u32::from(vote.0[0])) % 10 {
        0..=7 => 0,
        8 => 1,
        _ => last,
    };
    options.get(chosen.min(last)).cloned()
}
