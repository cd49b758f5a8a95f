//! One question's vote: opening, ballots by phone and on paper, closing, count, result.

use crate::core::act::matter::Text;
use crate::core::act::voting::{
    BallotCast, BallotsOpened, MobileBoxVisited, NamedPaper, Nothing, Opening, OptionCount, PaperCounted, PaperIssued,
    VoidReason, VotingOpened, VotingVoided,
};
use crate::core::act::{Act, Kind};
use crate::core::clock::MINUTE_MS;
use crate::core::commit;
use crate::core::ids::{Digest, MatterId, SessionId};
use crate::core::judge::session::profile_of;
use crate::core::judge::voting::{at_home, least_grace};
use crate::core::model::{Body, Channel, Doc, Level, Media, Mode, OptionCode, QuestionCode, Role};
use crate::core::reject::{Rejection, Rule};
use crate::core::state::voting::Voting;
use crate::core::statement::{Header, Part};
use crate::core::tally;
use crate::log::ledger::Appended;
use crate::log::scribe::matter::{option_code, question_code};
use crate::log::scribe::{Hand, Scribe};
use crate::log::signed::Signed;

/// Openings in one entry.
const ROWS: usize = 200;
/// How long a vote stays open.
const OPEN_MS: i64 = 60 * MINUTE_MS;

/// Names the vote on one question in one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// The session.
    pub session: SessionId,
    /// The matter.
    pub matter: MatterId,
    /// The question.
    pub question: QuestionCode,
}

impl Vote {
    /// Names a vote.
    ///
    /// # Errors
    /// A code that is none.
    pub fn on(session: SessionId, matter: MatterId, question: &str) -> Result<Self, Rejection> {
        Ok(Self { session, matter, question: question_code(question)? })
    }

    pub(in crate::log::scribe) fn header(&self, basis: Digest) -> Header {
        let question = Some(self.question.clone());
        Header { session: Some(self.session), question, ..Header::of(self.matter) }.on(basis)
    }
}

fn none(what: &str) -> Rejection {
    Rejection::new(Rule::VotingState, what, "none")
}

/// Between ballots of a hall.
const APART_MS: i64 = 2_000;

impl Scribe {
    /// The state of a vote.
    #[must_use]
    pub fn voting(&self, vote: &Vote) -> Option<&Voting> {
        let session = self.state().session(vote.session)?;
        session.voting_of(vote.matter, &vote.question).map(AsRef::as_ref)
    }

    /// The leaf hash of a vote's paper; zeros where there is none, which the judge refuses.
    #[must_use]
    pub fn vote_paper(&self, vote: &Vote, kind: Kind) -> Digest {
        let paper = self.voting(vote).and_then(|voting| voting.papers.paper(kind));
        paper.map_or(Digest([0; 32]), |paper| paper.at.leaf)
    }

    /// What the chair signs to open this vote now, for an hour.
    ///
    /// # Errors
    /// `voting.state` where the session, the matter or the question is not there.
    pub fn opening_of(&self, vote: &Vote) -> Result<VotingOpened, Rejection> {
        let session = self.state().session(vote.session).ok_or_else(|| none("a session"))?;
        let matter = self.state().matter(vote.matter).ok_or_else(|| none("a matter"))?;
        let item = session.item(vote.matter).ok_or_else(|| none("an agenda item"))?;
        let settled = matter.settled.as_ref().ok_or_else(|| none("a settled plan"))?;
        let question = matter.question(item.ballot, &vote.question).ok_or_else(|| none("a question"))?;
        let profile = profile_of(self.state(), item).ok_or_else(|| none("a profile"))?;
        let there = session.there();
        let recused = there.iter().filter(|no| session.recused.contains(&(vote.matter, **no))).count();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let channels = match profile.mode {
            Mode::Named => session.channels.clone(),
            Mode::PaperSecret => vec![Channel::Paper],
        };
        let box_goes = !at_home(session, vote.matter, profile).is_empty();
        Ok(VotingOpened {
            profile: settled.ballots.get(usize::from(item.ballot)).map_or(Digest([0; 32]), |ballot| ballot.profile),
            mode: profile.mode,
            title: question.title.sha256,
            plan: settled.plan.sha256,
            options: question.options.clone(),
            labels: question.labels.iter().map(|doc| doc.sha256).collect(),
            grace_minutes: least_grace(self.state(), &channels, box_goes, self.now().date()),
            channels,
            named_papers: false,
            closes_at: self.now().plus_ms(OPEN_MS),
            eligible: session.eligible(),
            present: tally::present(profile, count(there.len()), count(recused)),
        })
    }

    /// Opens the vote for an hour.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn open_vote(&mut self, vote: &Vote) -> Result<Appended, Rejection> {
        let act = Act::VotingOpened(self.opening_of(vote)?);
        self.act(&[self.hand(Role::Chair)], vote.header(self.roster(vote.session)), act)
    }

    /// Opens a vote by name for an hour, in which papers are named, too.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn open_named(&mut self, vote: &Vote) -> Result<Appended, Rejection> {
        let act = Act::VotingOpened(VotingOpened { named_papers: true, ..self.opening_of(vote)? });
        self.act(&[self.hand(Role::Chair)], vote.header(self.roster(vote.session)), act)
    }

    /// The next ballot of a voter, with its opening.
    ///
    /// # Errors
    /// A code that is none.
    pub fn ballot(&mut self, vote: &Vote, voter: u32, choice: &str) -> Result<(BallotCast, Opening), Rejection> {
        let last = self.voting(vote).and_then(|voting| voting.ballots.get(&(voter, Channel::Online)));
        let revision = last.map_or(1, |cast| cast.revision + 1);
        let (basis, nonce) = (self.vote_paper(vote, Kind::VotingOpened), Digest(self.draw()));
        let choice: OptionCode = option_code(choice)?;
        let commitment = commit::choice(&basis, voter, revision, &nonce, &choice);
        let opening = Opening { voter, revision, nonce, choice };
        let (channel, helper, terminal) = (Channel::Online, None, None);
        Ok((BallotCast { voter, revision, channel, helper, terminal, commitment }, opening))
    }

    /// A voter casts a ballot with the own phone.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn cast(&mut self, vote: &Vote, voter: u32, choice: &str) -> Result<Appended, Rejection> {
        let (ballot, opening) = self.ballot(vote, voter, choice)?;
        let commitment = ballot.commitment;
        let hand = Hand::Person(self.voter(vote.session, voter), Role::Voter);
        let header = vote.header(self.vote_paper(vote, Kind::VotingOpened));
        let appended = self.act(&[hand], header, Act::BallotCast(ballot))?;
        self.openings.insert(commitment, opening);
        Ok(appended)
    }

    /// Those present cast in order of their numbers: the first so many this choice, the next so many that one. Recused
    /// members and those with a paper ballot are passed over.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn cast_all(&mut self, vote: &Vote, choices: &[(&str, usize)]) -> Result<(), Rejection> {
        let voting = self.voting(vote).ok_or_else(|| none("an open vote"))?;
        let may = |no: &&u32| !voting.recused.contains(*no) && !voting.paper_issued.contains(*no);
        let mut voters = voting.present.iter().filter(may).copied().collect::<Vec<_>>().into_iter();
        for (choice, count) in choices {
            for voter in voters.by_ref().take(*count) {
                // A hall doesn't vote in one instant.
                self.wait_ms(APART_MS).cast(vote, voter, choice)?;
            }
        }
        Ok(())
    }

    /// The mobile box is with these members, and each is handed a paper there.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn carry_box(&mut self, vote: &Vote, voters: &[u32]) -> Result<Appended, Rejection> {
        let signed = self.sign_visit(vote, voters)?;
        self.append(&signed)
    }

    /// What the three who carry the mobile box sign with these members, to be entered now or later.
    ///
    /// # Errors
    /// Somebody whom the scribe does not know.
    pub fn sign_visit(&self, vote: &Vote, voters: &[u32]) -> Result<Signed, Rejection> {
        let named = self.state().session(vote.session).and_then(|session| session.mobile_box.as_ref());
        let three = named.map_or_else(Vec::new, |named| named.scrutineers.clone());
        let by: Vec<Hand> = three.into_iter().map(|person| Hand::Person(person, Role::BoxScrutineer)).collect();
        let header = vote.header(self.vote_paper(vote, Kind::VotingOpened));
        let act = Act::MobileBoxVisited(MobileBoxVisited { voters: voters.to_vec() });
        self.sign(&by, &self.draft(&by, header, act)?)
    }

    /// Hands paper ballots to voters, by clerk and supervision committee.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn issue_paper(&mut self, vote: &Vote, voters: &[u32]) -> Result<Appended, Rejection> {
        let header = vote.header(self.vote_paper(vote, Kind::VotingOpened));
        self.act(&self.two(), header, Act::PaperIssued(PaperIssued { voters: voters.to_vec() }))
    }

    /// Clerk and supervision committee sign for papers at the time that is set. It is not on record before it is appended: the
    /// hall is cut off.
    ///
    /// # Errors
    /// Somebody whom the scribe does not know.
    pub fn sign_papers(&self, vote: &Vote, voters: &[u32]) -> Result<Signed, Rejection> {
        let header = vote.header(self.vote_paper(vote, Kind::VotingOpened));
        let act = Act::PaperIssued(PaperIssued { voters: voters.to_vec() });
        self.sign(&self.two(), &self.draft(&self.two(), header, act)?)
    }

    /// The chair closes early, or the log closes once the time has come.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn close(&mut self, vote: &Vote) -> Result<Appended, Rejection> {
        let due = self.voting(vote).is_some_and(|voting| self.now() >= voting.opening.closes_at);
        let by =
            if due { vec![Hand::Log] } else { vec![self.hand(Role::Chair), self.hand(Role::SupervisionCommittee)] };
        let header = vote.header(self.vote_paper(vote, Kind::VotingOpened));
        self.act(&by, header, Act::VotingClosed(Nothing {}))
    }

    /// The time comes at which the vote closes by itself, and the log closes it.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn close_on_time(&mut self, vote: &Vote) -> Result<Appended, Rejection> {
        let closes_at = self.voting(vote).ok_or_else(|| none("an open vote"))?.opening.closes_at;
        self.at(closes_at).close(vote)
    }

    /// The time comes at which deliveries end, and the log ends them.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn end_deliveries(&mut self, vote: &Vote) -> Result<Appended, Rejection> {
        let header = vote.header(self.vote_paper(vote, Kind::VotingClosed));
        let until = self.voting(vote).and_then(Voting::deliveries_until);
        self.at(until.unwrap_or(self.now()).max(self.now()));
        self.act(&[Hand::Log], header, Act::DeliveriesEnded(Nothing {}))
    }

    /// Counter and scrutineer count the box: so many for each option, in the question's order.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn count_paper(&mut self, vote: &Vote, counts: &[u32], invalid: u32) -> Result<Appended, Rejection> {
        let (count, by) = self.count_of(vote, counts, invalid)?;
        self.act(&by, vote.header(self.vote_paper(vote, Kind::DeliveriesEnded)), Act::PaperCounted(count))
    }

    /// Counter and scrutineer count a box of named papers: each valid one by its voter, and so many invalid ones.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn count_named(&mut self, vote: &Vote, papers: &[(u32, &str)], invalid: u32) -> Result<Appended, Rejection> {
        let (count, by) = self.named_count_of(vote, papers, invalid)?;
        self.act(&by, vote.header(self.vote_paper(vote, Kind::DeliveriesEnded)), Act::PaperCounted(count))
    }

    /// Counter, scrutineer and supervision committee count a box of named papers again.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn recount_named(&mut self, vote: &Vote, papers: &[(u32, &str)], invalid: u32) -> Result<Appended, Rejection> {
        let (count, [counter, scrutineer]) = self.named_count_of(vote, papers, invalid)?;
        let by = [counter, scrutineer, self.hand(Role::SupervisionCommittee)];
        self.act(&by, vote.header(self.first_dispute(vote)), Act::PaperRecounted(count))
    }

    /// Counter and scrutineer count the box, with documents of photographs.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn count_with_photos(&mut self, vote: &Vote, counts: &[u32], photos: &[Doc]) -> Result<Appended, Rejection> {
        let (count, by) = self.count_of(vote, counts, 0)?;
        let act = Act::PaperCounted(PaperCounted { photos: photos.to_vec(), ..count });
        self.act(&by, vote.header(self.vote_paper(vote, Kind::DeliveriesEnded)), act)
    }

    /// What names a document with photographs; the higher `nth`, the later it stands among others.
    #[must_use]
    pub fn album(&self, nth: u8) -> Doc {
        Doc { sha256: Digest([nth; 32]), size: 100_000, media: Media::Pdf, level: Level::Officials }
    }

    fn named_count_of(
        &self,
        vote: &Vote,
        papers: &[(u32, &str)],
        invalid: u32,
    ) -> Result<(PaperCounted, [Hand; 2]), Rejection> {
        let row = |(voter, choice): &(u32, &str)| Ok(NamedPaper { voter: *voter, choice: option_code(choice)? });
        let rows = papers.iter().map(row).collect::<Result<Vec<_>, Rejection>>()?;
        let options = self.voting(vote).map_or(&[][..], |voting| &voting.opening.options);
        let of = |option: &OptionCode| rows.iter().filter(|row| row.choice == *option).count();
        let counts: Vec<u32> = options.iter().map(|option| u32::try_from(of(option)).unwrap_or(u32::MAX)).collect();
        let (count, by) = self.count_of(vote, &counts, invalid)?;
        Ok((PaperCounted { rows, ..count }, by))
    }

    /// Counter, scrutineer and supervision committee count the box again, on the first dispute that waits.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn recount_paper(&mut self, vote: &Vote, counts: &[u32], invalid: u32) -> Result<Appended, Rejection> {
        let (count, [counter, scrutineer]) = self.count_of(vote, counts, invalid)?;
        let by = [counter, scrutineer, self.hand(Role::SupervisionCommittee)];
        self.act(&by, vote.header(self.first_dispute(vote)), Act::PaperRecounted(count))
    }

    /// What a count says, and the two who sign each.
    fn count_of(&self, vote: &Vote, counts: &[u32], invalid: u32) -> Result<(PaperCounted, [Hand; 2]), Rejection> {
        let voting = self.voting(vote).ok_or_else(|| none("a vote"))?;
        let rows = voting.opening.options.iter().cloned().zip(counts);
        let counts: Vec<_> = rows.map(|(option, count)| OptionCount { option, count: *count }).collect();
        let in_box = counts.iter().map(|row| row.count).sum::<u32>() + invalid;
        let tellers = self.state().session(vote.session).and_then(|session| session.tellers.clone());
        let tellers = tellers.ok_or_else(|| none("tellers"))?;
        let by = [Hand::Person(tellers.counter, Role::Counter), Hand::Person(tellers.scrutineer, Role::Scrutineer)];
        Ok((PaperCounted { in_box, counts, invalid, rows: Vec::new(), photos: Vec::new() }, by))
    }

    /// The first dispute of a vote; zeros where there is none.
    fn first_dispute(&self, vote: &Vote) -> Digest {
        self.voting(vote).and_then(|voting| voting.disputes().next()).unwrap_or(Digest([0; 32]))
    }

    /// The first point of a vote that waits, by leaf hash; zeros where none does.
    fn first_open(&self, vote: &Vote) -> Digest {
        let open = self.voting(vote).and_then(|voting| voting.open.keys().min().copied());
        open.unwrap_or(Digest([0; 32]))
    }

    /// The openings of the ballots that count, sorted by voter.
    #[must_use]
    pub fn counting_openings(&self, vote: &Vote) -> Vec<Opening> {
        let Some(voting) = self.voting(vote) else { return Vec::new() };
        let casts = voting.counting_voters().into_iter().filter_map(|voter| voting.counting_ballot(voter));
        casts.filter_map(|cast| self.openings.get(&cast.commitment)).cloned().collect()
    }

    /// The log opens these ballots, in as many parts as it needs.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn open_ballots_with(&mut self, vote: &Vote, rows: &[Opening]) -> Result<(), Rejection> {
        let of = u16::try_from(rows.len().div_ceil(ROWS).max(1)).unwrap_or(u16::MAX);
        for part in 1..=of {
            let rows = rows.chunks(ROWS).nth(usize::from(part) - 1).unwrap_or(&[]).to_vec();
            let header = vote.header(self.vote_paper(vote, Kind::DeliveriesEnded));
            let header = Header { part: Some(Part { part, of }), ..header };
            self.act(&[Hand::Log], header, Act::BallotsOpened(BallotsOpened { rows }))?;
        }
        Ok(())
    }

    /// The log opens the ballots that count.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn open_ballots(&mut self, vote: &Vote) -> Result<(), Rejection> {
        self.open_ballots_with(vote, &self.counting_openings(vote))
    }

    /// The result is announced as it is.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn announce(&mut self, vote: &Vote) -> Result<Appended, Rejection> {
        let voting = self.voting(vote).ok_or_else(|| none("a vote"))?;
        let item = self.state().session(vote.session).and_then(|session| session.item(vote.matter));
        let profile = item.and_then(|item| profile_of(self.state(), item)).ok_or_else(|| none("a profile"))?;
        let result = tally::result(profile, &tally::gather(voting));
        let by = [self.hand(Role::Chair), self.hand(Role::SupervisionCommittee)];
        let header = vote.header(self.vote_paper(vote, Kind::DeliveriesEnded));
        self.act(&by, header, Act::ResultAnnounced(result))
    }

    /// The vote is declared void.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn void_vote(&mut self, vote: &Vote, reason: VoidReason) -> Result<Appended, Rejection> {
        let act = Act::VotingVoided(VotingVoided { reason, text: self.text("本次票决无效") });
        let by = [self.hand(Role::Chair), self.hand(Role::SupervisionCommittee)];
        self.act(&by, vote.header(self.vote_paper(vote, Kind::VotingOpened)), act)
    }

    /// A voter disputes what was done in the own name.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn dispute(&mut self, vote: &Vote, voter: u32, text: &str) -> Result<Appended, Rejection> {
        let act = Act::BallotDisputed(Text { text: self.text(text) });
        let hand = Hand::Person(self.voter(vote.session, voter), Role::Voter);
        self.act(&[hand], vote.header(self.vote_paper(vote, Kind::VotingOpened)), act)
    }

    /// The first dispute that waits is answered.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn answer_dispute(&mut self, vote: &Vote, text: &str) -> Result<Appended, Rejection> {
        let basis = self.first_open(vote);
        let act = Act::DisputeAnswered(Text { text: self.text(text) });
        let by = [self.hand(Role::Chair), self.hand(Role::SupervisionCommittee)];
        self.act(&by, vote.header(basis), act)
    }

    /// After the last ballot: closing, end of deliveries, openings, result.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn conclude(&mut self, vote: &Vote) -> Result<Appended, Rejection> {
        let everyone = self.voting(vote).is_some_and(Voting::all_have_voted);
        if everyone {
            self.close(vote)?
        } else {
            self.close_on_time(vote)?
        };
        self.end_deliveries(vote)?;
        self.open_ballots(vote)?;
        self.wait_minutes(1).announce(vote)
    }

    /// A whole vote by phone, from opening to result.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn hold(&mut self, vote: &Vote, choices: &[(&str, usize)]) -> Result<Appended, Rejection> {
        self.open_vote(vote)?;
        self.wait_minutes(2).cast_all(vote, choices)?;
        self.wait_minutes(2).conclude(vote)
    }

    /// A whole session on one matter's question `q1`: called, held with this many present, decided, minutes signed.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn decide(
        &mut self,
        body: Body,
        matter: MatterId,
        present: u32,
        choices: &[(&str, usize)],
    ) -> Result<SessionId, Rejection> {
        let session = self.gather(body, &[matter], present)?;
        self.hold(&Vote::on(session, matter, "q1")?, choices)?;
        self.wait_minutes(10).sign_minutes(session)?;
        Ok(session)
    }
}
