//! Where a ballot that counts was not opened by the log, its voter can publish what it hides: the only way to a result then
//! (PROTOCOL 8). The device that cast it keeps the opening and fills it in.

use serde_json::Value;

use crate::core::act::Act;
use crate::core::act::voting::Opening;
use crate::core::ids::{Digest, MatterId};
use crate::core::model::{OptionCode, QuestionCode};
use crate::core::state::voting::{Voting, VotingStatus};
use crate::core::statement::Statement;
use crate::http::act::draft::signing;
use crate::http::act::facts;
use crate::http::act::vote::Voter;
use crate::http::pages::vote::Unpublished;
use crate::http::problem::{Code, Problem};
use crate::http::session::Identity;
use crate::http::state::AppState;

impl Voter<'_> {
    /// A form for each own ballot that counts and was not opened though ballots were.
    pub(super) async fn unpublished(&self, state: &AppState, identity: &Identity) -> Result<Vec<Unpublished>, Problem> {
        let mut forms = Vec::new();
        for ((matter, question), voting) in &self.session()?.votings {
            let lacking = voting.status == VotingStatus::BallotsOpened && !voting.choices.contains_key(&self.no);
            let Some(cast) = voting.counting_ballot(self.no).filter(|_| lacking) else { continue };
            let statement = self.opening(voting, *matter, question, cast.revision)?;
            let payload = blank(&statement)?;
            let shown = facts::shown(self.app, self.visit, self.live.state(), &statement, &payload).await?;
            let open = |field: &str| field == "nonce" || field == "choice";
            forms.push(Unpublished {
                question: self.words(*matter, question).await?.1,
                facts: shown.facts.into_iter().filter(|fact| !open(&fact.field)).collect(),
                signing: signing(state, identity, &self.live, &statement, &payload, false).await?,
            });
        }
        Ok(forms)
    }

    fn opening(
        &self,
        voting: &Voting,
        matter: MatterId,
        question: &QuestionCode,
        revision: u32,
    ) -> Result<Statement, Problem> {
        let wrong = || Problem::new(Code::Internal);
        let basis = voting.papers.paper(crate::core::act::Kind::DeliveriesEnded).ok_or_else(wrong)?.at.leaf;
        let choice: OptionCode = OptionCode::ABSTAIN.parse().map_err(|_| wrong())?;
        let opening = Opening { voter: self.no, revision, nonce: Digest([0; 32]), choice };
        Ok(self.statement(matter, question, basis, Act::BallotOpened(opening)))
    }
}

/// The payload with an empty choice: the server doesn't know it, and no form must suggest one.
fn blank(statement: &Statement) -> Result<Vec<u8>, Problem> {
    let wrong = |_| Problem::new(Code::Internal);
    let mut payload: Value = serde_json::from_slice(&statement.to_payload().map_err(wrong)?).map_err(wrong)?;
    payload["choice"] = Value::String(String::new());
    serde_json::to_vec(&payload).map_err(wrong)
}
