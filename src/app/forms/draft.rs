//! A draft: the statement that a form amounts to, judged before anyone signs it.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::spec::specs;
use crate::app::forms::{About, Actor, FieldError, Values, compute};
use crate::app::submit::dry_run;
use crate::core::act::Kind;
use crate::core::clock::Time;
use crate::core::ids::{MatterId, PersonId, PublicKey, SessionId};
use crate::core::judge::Remark;
use crate::core::model::{Body, Role};
use crate::core::reject::Rejection;
use crate::core::state::State;
use crate::core::statement::{Header, Part, Signer, Statement};
use crate::core::table::{self, Field};
use crate::log::dsse;

/// What a form led to.
#[derive(Debug)]
pub enum Drafted {
    /// A statement to be shown and signed.
    Ready {
        /// The statement.
        statement: Box<Statement>,
        /// Its exact bytes.
        payload: Vec<u8>,
        /// What is worth knowing before signing.
        remarks: Vec<Remark>,
    },
    /// Fields can't be read.
    Fields(Vec<FieldError>),
    /// The law would refuse it.
    Refused(Rejection),
}

impl App {
    /// Makes the draft of a statement from a form. `second` is who signs beside the actor, where the kind needs it.
    ///
    /// # Errors
    /// `NotFound` for a kind without a form or something that isn't there; the store's.
    pub async fn draft(
        &self,
        mut about: About,
        actor: &Actor,
        others: &[PersonId],
        values: &Values,
    ) -> Result<Drafted, AppError> {
        let live = self.lives().live(about.village).await?;
        let state = live.state();
        let row = table::row(about.kind);
        let specs = specs(about.kind, actor.role).ok_or(AppError::NotFound { what: "form" })?;
        if row.opens && row.scope.session == Field::Required {
            about.session = Some(SessionId::from_bytes(self.random()));
        } else if row.opens && about.matter.is_none() {
            about.matter = Some(MatterId::from_bytes(self.random()));
        }
        let built = self.read_form(state, &about, specs, values).await?;
        if !built.errors.is_empty() {
            return Ok(Drafted::Fields(built.errors));
        }
        let by = match signers(state, &about, actor, others, self.now()) {
            Ok(by) => by,
            Err(error) => return Ok(Drafted::Fields(vec![error])),
        };
        let mut fields = built.fields;
        // What the record supplies stands, but for a grace that the chair asks for, and names on papers.
        let grace = fields.remove("grace_minutes");
        let papers = fields.remove("named_papers").filter(|papers| papers == "papers_named");
        fields.extend(compute::computed(state, &about, actor, self.now())?);
        fields.extend(grace.map(|minutes| ("grace_minutes".to_owned(), minutes)));
        fields.extend(papers.map(|_| ("named_papers".to_owned(), serde_json::json!(true))));
        if about.kind == Kind::SessionConvened {
            let (body, group) = session_body(state, &fields)?;
            fields.insert("body".to_owned(), serde_json::json!(body));
            fields.extend(group.map(|group| ("group".to_owned(), serde_json::json!(group))));
        }
        if let Err(error) = self.settle(state, &mut about, &mut fields, values).await? {
            return Ok(Drafted::Fields(vec![error]));
        }
        let Ok(act) = about.kind.act(serde_json::Value::Object(fields)) else {
            return Ok(Drafted::Fields(vec![FieldError::new("", "form")]));
        };
        let wants = |field: Field| field != Field::Absent;
        let scope = &row.scope;
        let header = Header {
            matter: about.matter.filter(|_| wants(scope.matter)),
            session: about.session.filter(|_| wants(scope.session)),
            question: about.question.clone().filter(|_| wants(scope.question)),
            basis: compute::basis(state, &about).filter(|_| wants(scope.basis)),
            held_on: built.held_on.filter(|_| wants(scope.held_on)),
            part: (scope.part == Field::Required).then_some(Part { part: 1, of: 1 }),
        };
        let statement = Statement::new(about.village, by, self.now().max(state.last.time), header, act);
        let payload = statement.to_payload().map_err(|_| AppError::Invalid { field: "payload", reason: "json" })?;
        let id = dsse::statement_id(&dsse::pae(dsse::STATEMENT_TYPE, &payload));
        match dry_run(state, &statement, id, self.now()) {
            Ok(remarks) => Ok(Drafted::Ready { statement: Box::new(Statement::parse(&payload)?), payload, remarks }),
            Err(rejection) => Ok(Drafted::Refused(rejection)),
        }
    }
}

/// The body that the first matter on the agenda needs, and the group where it is a group's.
fn session_body(
    state: &State,
    fields: &serde_json::Map<String, serde_json::Value>,
) -> Result<(Body, Option<u16>), AppError> {
    let gone = || AppError::NotFound { what: "matter" };
    let first = fields.get("agenda").and_then(|agenda| agenda.get(0)).ok_or_else(gone)?;
    let matter = first.get("matter").and_then(|id| id.as_str()).and_then(|id| id.parse::<MatterId>().ok());
    let settled = matter.and_then(|id| state.matter(id)).and_then(|matter| matter.settled.as_ref());
    let index = first.get("ballot").and_then(serde_json::Value::as_u64).and_then(|index| usize::try_from(index).ok());
    let ballot = settled.zip(index).and_then(|(settled, index)| settled.ballots.get(index)).ok_or_else(gone)?;
    Ok((ballot.body, ballot.group))
}

/// The signers in order: the actor in the first place that fits, the others in the rest.
fn signers(
    state: &State,
    about: &About,
    actor: &Actor,
    others: &[PersonId],
    now: Time,
) -> Result<Vec<Signer>, FieldError> {
    let Some((alternative, place)) = alternative(state, about.kind, actor.role, now) else {
        return Err(FieldError::new("second", "role"));
    };
    let mut others = others.iter();
    let mut by = Vec::new();
    for (index, roles) in alternative.iter().enumerate() {
        if index == place {
            by.push(Signer { person: Some(actor.person), role: actor.role, key: actor.key });
            continue;
        }
        let person = *others.next().ok_or_else(|| FieldError::new("second", "empty"))?;
        let role = role_of(state, about, person, roles, now).ok_or_else(|| FieldError::new("second", "role"))?;
        let key = newest_key(state, person).ok_or_else(|| FieldError::new("second", "no-key"))?;
        by.push(Signer { person: Some(person), role, key });
    }
    Ok(by)
}

/// The way of signing in which a role has a place, and which place.
#[must_use]
pub fn alternative(state: &State, kind: Kind, role: Role, now: Time) -> Option<(&'static [Vec<Role>], usize)> {
    let ways = &table::row(kind).signers;
    let serves = |roles: &Vec<Role>| state.people.serving(roles, now).any(|serving| serving == role);
    ways.iter().find_map(|way| Some((way.as_slice(), way.iter().position(serves)?)))
}

/// The first of these roles that a person holds here now.
#[must_use]
pub fn role_of(state: &State, about: &About, person: PersonId, roles: &[Role], now: Time) -> Option<Role> {
    let session = about.session.and_then(|id| state.session(id));
    state.people.serving(roles, now).find(|role| match role {
        duty if duty.is_duty() => session.is_some_and(|session| session.has_duty(person, *duty)),
        Role::Voter => session.is_some_and(|session| session.number_of(person).is_some()),
        role => state.people.holds(person, *role, now.date()),
    })
}

/// The key of a person that was enrolled last and is in use.
#[must_use]
pub fn newest_key(state: &State, person: PersonId) -> Option<PublicKey> {
    let own = state.people.keys.iter().filter(|(_, key)| key.person == person && !key.revoked);
    own.max_by_key(|(_, key)| key.enrolled).map(|(public, _)| *public)
}

/// Who can sign beside an actor, for each further place: persons with a key who hold one of the place's roles.
#[must_use]
pub fn candidates(state: &State, about: &About, actor: &Actor, now: Time) -> Vec<Vec<(PersonId, Role)>> {
    let Some((way, place)) = alternative(state, about.kind, actor.role, now) else { return Vec::new() };
    let others = way.iter().enumerate().filter(|(index, _)| *index != place);
    others
        .map(|(_, roles)| {
            let people = state.people.persons.keys().copied();
            people
                .filter(|person| *person != actor.person && !state.people.are_kin(*person, actor.person))
                .filter(|person| newest_key(state, *person).is_some())
                .filter_map(|person| Some((person, role_of(state, about, person, roles, now)?)))
                .collect()
        })
        .collect()
}
