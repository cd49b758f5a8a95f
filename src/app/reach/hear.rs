//! Who is to be told what: each new step and task of a village once, from a mark on; a date that is near once. Tables made anew are behind
//! the mark, so nothing old is told again.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::app::error::AppError;
use crate::app::live::Live;
use crate::app::reach::Reason;
use crate::app::reading;
use crate::app::views::told::{About, Told};
use crate::core::act::Kind;
use crate::core::clock::{DAY_MS, Time};
use crate::core::ids::{MatterId, PersonId, VillageCode};
use crate::core::model::Role;
use crate::core::statement::Statement;
use crate::store::outbox::{Mark, Outgoing};
use crate::store::people::TaskRow;
use crate::store::reach::{Listener, ToldTask};
use crate::store::steps::StepRow;

/// Villages whose steps are looked at in one round.
const VILLAGES: u64 = 200;
/// Steps that are looked at together.
const STEPS: u64 = 500;
/// Most tasks of a village that are looked at.
pub(in crate::app) const TASKS: u64 = 2_000;
/// Dates that are told in one round.
const NEAR: u64 = 200;
/// A date is near from so long before on.
const NEAR_MS: i64 = DAY_MS;

/// Steps by which a vote comes and goes.
const BALLOTS: [Kind; 5] =
    [Kind::SessionConvened, Kind::SessionCancelled, Kind::SessionFailed, Kind::VotingOpened, Kind::ResultAnnounced];
/// Steps that answer somebody.
const ANSWERS: [Kind; 6] = [
    Kind::ObjectionAnswered,
    Kind::ConcernAnswered,
    Kind::InquiryAnswered,
    Kind::RatingAnswered,
    Kind::OpinionsAnswered,
    Kind::SupplementProvided,
];

/// A step, who made it, and whom it answers.
struct Stepped {
    row: StepRow,
    kind: Kind,
    by: BTreeSet<PersonId>,
    asked: BTreeSet<PersonId>,
}

/// Somebody who listens, with the roles held in the village.
struct Ear<'a> {
    listener: &'a Listener,
    roles: Vec<Role>,
}

impl<'a> Ear<'a> {
    fn all(live: &Live, listeners: &'a [Listener], now: Time) -> Vec<Self> {
        let roles = |listener: &Listener| reading::roles(live.state(), listener.person, now.date());
        listeners.iter().map(|listener| Ear { listener, roles: roles(listener) }).collect()
    }

    fn is_for(&self, task: &TaskRow) -> bool {
        let role: Option<Role> = task.role.as_ref().and_then(|role| role.parse().ok());
        self.listener.tasks && role.is_some_and(|role| self.roles.contains(&role))
    }

    /// Why a step is told, if it is: nobody hears of the own.
    fn reason(&self, step: &Stepped) -> Option<Reason> {
        let Listener { person, tasks, ballots, steps, .. } = self.listener;
        if step.by.contains(person) {
            return None;
        }
        if *tasks && step.asked.contains(person) {
            return Some(Reason::Answer);
        }
        let votes = self.roles.iter().any(|role| !role.is_official());
        (*steps || (*ballots && votes && BALLOTS.contains(&step.kind))).then_some(Reason::Step)
    }
}

/// Messages by contact and entry: about one entry somebody gets one, the first that is put here.
struct Queue {
    now: Time,
    messages: BTreeMap<(String, u64), Outgoing>,
}

impl Queue {
    fn new(now: Time) -> Self {
        Self { now, messages: BTreeMap::new() }
    }

    fn add(&mut self, to: &Listener, (village, seq): (VillageCode, u64), said: String, matter: Option<MatterId>) {
        let message = || Outgoing {
            channel: to.channel.clone(),
            destination: to.contact.clone(),
            village,
            seq,
            kind: said,
            matter,
            made: self.now,
            next_at: Some(self.now),
            attempts: 0,
            done: None,
            outcome: None,
        };
        self.messages.entry((to.contact.clone(), seq)).or_insert_with(message);
    }

    fn tasks(&mut self, ears: &[Ear<'_>], reason: Reason, tasks: &[TaskRow]) {
        for (ear, task) in ears.iter().flat_map(|ear| tasks.iter().map(move |task| (ear, task))) {
            if ear.is_for(task) {
                self.add(ear.listener, (task.village, task.since_seq), reason.of(&task.kind), task.matter);
            }
        }
    }

    fn steps(&mut self, ears: &[Ear<'_>], steps: &[Stepped]) {
        for (ear, step) in ears.iter().flat_map(|ear| steps.iter().map(move |step| (ear, step))) {
            if let Some(reason) = ear.reason(step) {
                let about = (step.row.village, step.row.seq);
                self.add(ear.listener, about, reason.of(&step.row.kind), step.row.matter);
            }
        }
    }

    fn messages(self) -> Vec<Outgoing> {
        self.messages.into_values().collect()
    }
}

/// What is new in a village after its mark.
struct New {
    listeners: Vec<Listener>,
    tasks: Vec<TaskRow>,
    steps: Vec<StepRow>,
    /// The mark behind it.
    upto: u64,
}

impl App {
    /// Puts what people are to be told of new steps and tasks into the outbox; how many messages that made. Where nobody is told anything,
    /// marks move on all the same.
    ///
    /// # Errors
    /// The store's.
    pub async fn hear_steps(&self) -> Result<u64, AppError> {
        let (mut made, mut after) = (0, None);
        loop {
            let unheard = self.db().read("unheard", |tx| Box::pin(tx.unheard(after, VILLAGES))).await?;
            let Some(last) = unheard.last() else { return Ok(made) };
            after = Some(last.village);
            if self.reach().is_none() {
                self.db().write("pass_heard", |tx| Box::pin(tx.pass_heard())).await?;
                return Ok(0);
            }
            for mark in unheard {
                made += self.hear_of(&mark).await?;
            }
        }
    }

    async fn hear_of(&self, mark: &Mark) -> Result<u64, AppError> {
        let (village, now) = (mark.village, self.now());
        let Some(new) = self.new_since(mark).await? else { return Ok(0) };
        let mut queue = Queue::new(now);
        if !new.listeners.is_empty() {
            let live = self.lives().live(village).await?;
            let ears = Ear::all(&live, &new.listeners, now);
            let mut steps = Vec::with_capacity(new.steps.len());
            for row in new.steps {
                steps.extend(self.stepped(row).await?);
            }
            queue.tasks(&ears, Reason::Task, &new.tasks);
            queue.steps(&ears, &steps);
        }
        let near = now.plus_ms(NEAR_MS);
        // Whose date is as near as that is told so with the task.
        let told = |task: &TaskRow| {
            let reminded = task.due.filter(|due| *due <= near);
            ToldTask { village, task: task.task.clone(), reminded }
        };
        let told: Vec<ToldTask> = new.tasks.iter().map(told).collect();
        let (messages, heard, upto) = (queue.messages(), mark.heard, new.upto);
        let write = self.db().write("hear_steps", |tx| {
            let (messages, told) = (messages.clone(), told.clone());
            Box::pin(async move {
                if !tx.move_heard(village, heard, upto).await? {
                    return Ok(0);
                }
                tx.forget_done_tasks(village).await?;
                tx.put_told_tasks(&told).await?;
                tx.queue(&messages).await
            })
        });
        Ok(write.await?)
    }

    /// What is new, as far as the village's tables go; nothing while they are made anew.
    async fn new_since(&self, mark: &Mark) -> Result<Option<New>, AppError> {
        let Mark { village, known, heard, .. } = *mark;
        let read = self.db().read("new_since", |tx| {
            Box::pin(async move {
                let upto = known.min(tx.projected(village).await?);
                if upto <= heard {
                    return Ok(None);
                }
                let listeners = tx.listeners(village).await?;
                if listeners.is_empty() {
                    return Ok(Some(New { listeners, tasks: Vec::new(), steps: Vec::new(), upto }));
                }
                let steps = tx.steps_between(village, (heard, upto), STEPS).await?;
                let upto = match steps.last() {
                    Some(last) if steps.len() as u64 == STEPS => last.seq + 1,
                    _ => upto,
                };
                let told: BTreeSet<String> = tx.told_tasks(village).await?.into_iter().map(|told| told.task).collect();
                let is_new = |task: &TaskRow| task.since_seq >= heard && !told.contains(&task.task);
                let tasks = tx.tasks(village, TASKS).await?.into_iter().filter(is_new).collect();
                Ok::<_, AppError>(Some(New { listeners, tasks, steps, upto }))
            })
        });
        read.await
    }

    /// A step with who made it and whom it answers.
    async fn stepped(&self, row: StepRow) -> Result<Option<Stepped>, AppError> {
        let Some(told) = self.told_from(row.village, row.seq, 1).await?.pop() else { return Ok(None) };
        let kind = told.statement.kind();
        let asked = if ANSWERS.contains(&kind) { self.who_asked(&told).await? } else { BTreeSet::new() };
        Ok(Some(Stepped { row, kind, by: signers(&told.statement), asked }))
    }

    /// Who signed what an entry answers.
    async fn who_asked(&self, answer: &Told) -> Result<BTreeSet<PersonId>, AppError> {
        let Statement { village, matter, basis, .. } = answer.statement;
        let (Some(matter), Some(basis)) = (matter, basis) else { return Ok(BTreeSet::new()) };
        let all = self.told(village, About::Matter(matter)).await?;
        let asked = all.iter().find(|told| told.at.leaf == basis);
        Ok(asked.map(|told| signers(&told.statement)).unwrap_or_default())
    }

    /// Puts dates that are near into the outbox, each once; of how many tasks.
    ///
    /// # Errors
    /// The store's.
    pub async fn remind(&self) -> Result<usize, AppError> {
        let now = self.now();
        let until = now.plus_ms(NEAR_MS);
        let near = self.db().read("tasks_near", |tx| Box::pin(tx.tasks_near(now, until, NEAR))).await?;
        let many = near.len();
        let mut villages: BTreeMap<VillageCode, Vec<TaskRow>> = BTreeMap::new();
        for task in near {
            villages.entry(task.village).or_default().push(task);
        }
        for (village, tasks) in villages {
            let listeners = self.db().read("listeners", |tx| Box::pin(tx.listeners(village))).await?;
            let live = self.lives().live(village).await?;
            let mut queue = Queue::new(now);
            queue.tasks(&Ear::all(&live, &listeners, now), Reason::Near, &tasks);
            let told = |task: TaskRow| (task.since_seq, ToldTask { village, task: task.task, reminded: task.due });
            let (messages, told) = (queue.messages(), tasks.into_iter().map(told).collect::<Vec<_>>());
            let write = self.db().write("remind", |tx| {
                let (mut messages, told) = (messages.clone(), told.clone());
                Box::pin(async move {
                    // Of several servers the one that notes it first tells it.
                    let mut first = BTreeSet::new();
                    for (seq, told) in told {
                        if tx.put_told_tasks(&[told]).await? == 1 {
                            first.insert(seq);
                        }
                    }
                    messages.retain(|message| first.contains(&message.seq));
                    tx.queue_instead(&messages).await
                })
            });
            write.await?;
        }
        Ok(many)
    }
}

fn signers(statement: &Statement) -> BTreeSet<PersonId> {
    statement.by.iter().filter_map(|signer| signer.person).collect()
}
