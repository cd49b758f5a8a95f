//! Typed values from a form's texts; texts become documents.

use serde_json::{Map, Value, json};

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::compute;
use crate::app::forms::settle::inquiry_of;
use crate::app::forms::spec::{Input, Pool, Spec};
use crate::app::forms::{About, FieldError, Values, vouched};
use crate::core::act::Kind;
use crate::core::catalogue::PaperKind;
use crate::core::clock::{Date, MINUTE_MS, Time};
use crate::core::model::{Doc, Level};
use crate::core::state::State;

/// Ending of the field that carries photographs of a filled paper beside what is typed.
pub const PHOTOGRAPHED: &str = ".photo";

/// The statement's own fields from a form, with what is wrong where it can't be read.
pub(in crate::app) struct Built {
    pub fields: Map<String, Value>,
    pub held_on: Option<Date>,
    pub errors: Vec<FieldError>,
}

impl App {
    /// Reads a form against its specs. Texts are kept as documents only when every field can be read.
    pub(in crate::app) async fn read_form(
        &self,
        state: &State,
        about: &About,
        specs: &[Spec],
        values: &Values,
    ) -> Result<Built, AppError> {
        let mut built = Built { fields: Map::new(), held_on: None, errors: Vec::new() };
        for spec in specs {
            if let Err(reason) = self.read_field(state, about, spec, values, &mut built).await? {
                built.errors.push(FieldError::new(spec.name, reason));
            }
        }
        Ok(built)
    }

    async fn read_field(
        &self,
        state: &State,
        about: &About,
        spec: &Spec,
        values: &Values,
        built: &mut Built,
    ) -> Result<Result<(), &'static str>, AppError> {
        let one = values.one(spec.name);
        let filled = one.is_some() || values.papers.contains_key(spec.name) || !photographed(spec, values).is_empty();
        let simple = !matches!(spec.input, Input::Replies | Input::Questions | Input::Counts | Input::Materials);
        if simple && !filled {
            return Ok(self.empty_field(spec, built));
        }
        let text = one.unwrap_or_default();
        let attached = values.papers.get(spec.name).and_then(|docs| docs.first());
        let value = match spec.input {
            Input::Long if let (None, Some(doc)) = (one, attached) => json!(doc),
            Input::Line | Input::Long => match self.text_at(about, level(state, about, values), text).await? {
                Ok(doc) => json!(doc),
                Err(reason) => return Ok(Err(reason)),
            },
            Input::Lines => match self.listed(about, spec, values, text).await? {
                Ok(docs) => json!(docs),
                Err(reason) => return Ok(Err(reason)),
            },
            Input::Replies => {
                let needed = replies_needed(state, about);
                let names: Vec<String> = (0..needed).map(|nth| format!("{}.{nth}", spec.name)).collect();
                let texts: Vec<&str> = names.iter().filter_map(|name| values.one(name)).collect();
                if texts.len() != needed {
                    return Ok(Err("reply-missing"));
                }
                match self.text_list(about, texts.into_iter()).await? {
                    Ok(docs) => json!(docs),
                    Err(reason) => return Ok(Err(reason)),
                }
            }
            Input::Materials => {
                built.errors.extend(materials(state, about, spec, values, self.now(), &mut built.fields));
                return Ok(Ok(()));
            }
            Input::Papers => json!(values.papers.get(spec.name).map_or(&[][..], Vec::as_slice)),
            Input::Questions => match self.ballots(state, about, values).await? {
                Ok(ballots) => {
                    built.fields.insert("ballots".to_owned(), ballots);
                    return Ok(Ok(()));
                }
                Err(reason) => return Ok(Err(reason)),
            },
            Input::People => match self.people_rows(state, about.village, spec.name, values).await? {
                Ok(rows) => json!(rows),
                Err(errors) => {
                    built.errors.extend(errors);
                    return Ok(Ok(()));
                }
            },
            Input::Milestones => match self.milestones(about, spec.name, text).await? {
                Ok(rows) => json!(rows),
                Err(errors) => {
                    built.errors.extend(errors);
                    return Ok(Ok(()));
                }
            },
            Input::Vouched => match vouched::read(spec.name, text) {
                Ok(rows) => json!(rows),
                Err(errors) => {
                    built.errors.extend(errors);
                    return Ok(Ok(()));
                }
            },
            Input::Date => {
                let Ok(date) = text.parse::<Date>() else { return Ok(Err("date")) };
                if spec.name == "held_on" {
                    built.held_on = Some(date);
                    return Ok(Ok(()));
                }
                json!(date)
            }
            _ => match plain_value(state, about, spec, values, self.now()) {
                Ok(value) => value,
                Err(reason) => return Ok(Err(reason)),
            },
        };
        built.fields.insert(spec.name.to_owned(), value);
        Ok(Ok(()))
    }

    /// Texts, one a line, and photographs of the paper on which others stand.
    async fn listed(
        &self,
        about: &About,
        spec: &Spec,
        values: &Values,
        text: &str,
    ) -> Result<Result<Vec<Doc>, &'static str>, AppError> {
        let texts = self.text_list(about, text.lines().map(str::trim)).await?;
        Ok(texts.map(|docs| [&docs, photographed(spec, values)].concat()))
    }

    fn empty_field(&self, spec: &Spec, built: &mut Built) -> Result<(), &'static str> {
        if spec.required {
            return Err("empty");
        }
        // What may be empty and is a list must still be there in the statement.
        if matches!(spec.input, Input::Lines | Input::Papers | Input::Milestones | Input::PickSeveral(_)) {
            built.fields.insert(spec.name.to_owned(), json!([]));
        }
        Ok(())
    }

    pub(in crate::app) async fn text_field(
        &self,
        about: &About,
        text: &str,
    ) -> Result<Result<Doc, &'static str>, AppError> {
        self.text_at(about, Level::Public, text).await
    }

    async fn text_at(&self, about: &About, level: Level, text: &str) -> Result<Result<Doc, &'static str>, AppError> {
        match self.keep_text(about.village, about.by, level, text).await {
            Ok(doc) => Ok(Ok(doc)),
            Err(AppError::Invalid { reason, .. }) => Ok(Err(reason)),
            Err(error) => Err(error),
        }
    }

    pub(in crate::app) async fn text_list(
        &self,
        about: &About,
        texts: impl Iterator<Item = &str> + Send,
    ) -> Result<Result<Vec<Doc>, &'static str>, AppError> {
        let mut docs = Vec::new();
        for text in texts.filter(|text| !text.is_empty()) {
            match self.text_field(about, text).await? {
                Ok(doc) => docs.push(doc),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        Ok(Ok(docs))
    }
}

/// Photographs of a filled paper on which a list stands, each a document among those of the list.
fn photographed<'v>(spec: &Spec, values: &'v Values) -> &'v [Doc] {
    let name = format!("{}{PHOTOGRAPHED}", spec.name);
    let listed = matches!(spec.input, Input::Lines);
    values.papers.get(&name).filter(|_| listed).map_or(&[][..], Vec::as_slice)
}

/// Papers that the form's matter needs for its filing, each with the name of its field.
#[must_use]
pub fn papers_needed<'a>(state: &'a State, about: &About, spec: &Spec, now: Time) -> Vec<(String, &'a PaperKind)> {
    let category = compute::matter(state, about).ok().and_then(|matter| Some(matter.proposal.as_ref()?.category));
    let needed = category.map_or(&[][..], |category| state.law.papers_needed(category, now.date()));
    needed.iter().map(|paper| (format!("{}.{}", spec.name, paper.code), paper)).collect()
}

/// The needed papers first, as they are named, then all others; with those that are missing.
fn materials(
    state: &State,
    about: &About,
    spec: &Spec,
    values: &Values,
    now: Time,
    fields: &mut Map<String, Value>,
) -> Vec<FieldError> {
    let (mut codes, mut first, mut others, mut missing) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (name, paper) in papers_needed(state, about, spec, now) {
        match values.papers.get(&name).and_then(|docs| docs.split_first()) {
            Some((doc, more)) => {
                codes.push(paper.code.clone());
                first.push(doc.clone());
                others.extend_from_slice(more);
            }
            None => missing.push(FieldError::new(&name, "empty")),
        }
    }
    others.extend(values.papers.get(spec.name).into_iter().flatten().cloned());
    first.append(&mut others);
    if !codes.is_empty() {
        fields.insert("papers".to_owned(), json!(codes));
    }
    fields.insert(spec.name.to_owned(), json!(first));
    missing
}

/// Who may read what a form's words say: everybody, but where somebody outside the village is asked, or answers.
fn level(state: &State, about: &About, values: &Values) -> Level {
    let to = match about.kind {
        Kind::InquiryEntered => values.one("inquiry").and_then(inquiry_of),
        Kind::InquiryAnswered => {
            let point = compute::matter(state, about).ok().zip(about.basis);
            point.and_then(|(matter, leaf)| matter.waiting(leaf)?.inquiry)
        }
        _ => None,
    };
    to.map_or(Level::Public, |(_, to)| to.level())
}

/// How many replies the basis needs.
#[must_use]
pub fn replies_needed(state: &State, about: &About) -> usize {
    let point = compute::matter(state, about).ok().zip(about.basis);
    point.and_then(|(matter, leaf)| matter.open.get(&leaf)).map_or(0, |point| point.answers)
}

/// Yuan as people write them, with up to two decimals, in fen.
#[must_use]
pub fn yuan(text: &str) -> Option<u64> {
    let text: String = text.chars().filter(|c| !matches!(c, ',' | '\u{ff0c}' | ' ')).collect();
    let (whole, cents) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || cents.len() > 2 || !digits(whole) || !digits(cents) {
        return None;
    }
    let fen = format!("{cents:0<2}").parse::<u64>().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(fen)
}

/// Date and time of day in Asia/Shanghai, as `YYYY-MM-DDTHH:MM`.
#[must_use]
pub fn date_time(text: &str) -> Option<Time> {
    let (date, clock) = text.split_once('T')?;
    let (hour, minute) = clock.get(..5)?.split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let sound = (0..24).contains(&hour) && (0..60).contains(&minute);
    sound.then_some(())?;
    Some(date.parse::<Date>().ok()?.start().plus_ms((hour * 60 + minute) * MINUTE_MS))
}

fn plain_value(state: &State, about: &About, spec: &Spec, values: &Values, now: Time) -> Result<Value, &'static str> {
    let text = values.one(spec.name).unwrap_or_default();
    match spec.input {
        Input::Yuan => yuan(text).map(|fen| json!(fen)).ok_or("yuan"),
        Input::Number(min, max) => number(text, min, max).map(|n| json!(n)),
        Input::Minutes => {
            let minutes = number(text, 5, 20_000)?;
            Ok(json!(now.plus_ms(i64::from(minutes) * MINUTE_MS)))
        }
        Input::DateTime => date_time(text).map(|time| json!(time)).ok_or("date-time"),
        Input::Choice(codes) => codes.contains(&text).then(|| json!(text)).ok_or("choice"),
        Input::Several(codes) => {
            let chosen = values.all(spec.name);
            let mut kept: Vec<&str> = codes.iter().copied().filter(|code| chosen.contains(code)).collect();
            if spec.name == "channels" {
                // The record keeps channels in the order of their declaration.
                kept.sort_by_key(|code| crate::core::model::Channel::ALL.iter().position(|c| c.code() == *code));
            }
            Ok(json!(kept))
        }
        Input::Pick(pool) => pick(pool, text),
        Input::PickSeveral(Pool::Filed) => agenda(state, values),
        Input::PickThree(_) if values.all(spec.name).len() != 3 => Err("three"),
        Input::PickSeveral(pool) | Input::PickThree(pool) => several(pool, &values.all(spec.name)),
        Input::Counts => counts(state, about, values),
        Input::NamedPapers => named_papers(&values.all(spec.name)),
        _ => Err("value"),
    }
}

fn number(text: &str, min: u32, max: u32) -> Result<u32, &'static str> {
    text.parse().ok().filter(|n| (min..=max).contains(n)).ok_or("number")
}

fn pick(pool: Pool, text: &str) -> Result<Value, &'static str> {
    match pool {
        Pool::Roster | Pool::RosterAway | Pool::PaperVoters | Pool::BoxVoters => {
            number(text, 1, 10_000).map(|no| json!(no))
        }
        // The judge knows whether it fits; a text that is none at all fails when the act is read.
        _ => Ok(json!(text)),
    }
}

fn several(pool: Pool, chosen: &[&str]) -> Result<Value, &'static str> {
    match pool {
        Pool::Roster | Pool::RosterAway | Pool::PaperVoters | Pool::BoxVoters => {
            let mut numbers = chosen.iter().map(|no| number(no, 1, 10_000)).collect::<Result<Vec<_>, _>>()?;
            numbers.sort_unstable();
            numbers.dedup();
            Ok(json!(numbers))
        }
        Pool::Held => {
            chosen.iter().map(|held| held_role(held)).collect::<Option<Vec<_>>>().map(|rows| json!(rows)).ok_or("value")
        }
        _ => {
            let mut texts = chosen.to_vec();
            texts.sort_unstable();
            texts.dedup();
            Ok(json!(texts))
        }
    }
}

/// `number:choice` of each named paper as rows of the statement.
fn named_papers(papers: &[&str]) -> Result<Value, &'static str> {
    let row = |paper: &&str| {
        let (voter, choice) = paper.split_once(':').ok_or("value")?;
        Ok(json!({"voter": number(voter, 1, 10_000)?, "choice": choice}))
    };
    papers.iter().map(row).collect::<Result<Vec<Value>, &'static str>>().map(|rows| json!(rows))
}

/// `person/role` of a choice as a row of the statement.
fn held_role(held: &str) -> Option<Value> {
    let (person, role) = held.split_once('/')?;
    Some(json!({"person": person, "role": role}))
}

fn agenda(state: &State, values: &Values) -> Result<Value, &'static str> {
    let chosen = values.all("agenda");
    let items = compute::filed(state).filter(|(id, _)| chosen.contains(&id.to_string().as_str()));
    let items: Vec<_> = items.filter_map(|(id, matter)| compute::agenda_item(matter, id)).collect();
    if items.is_empty() { Err("empty") } else { Ok(json!(items)) }
}

fn counts(state: &State, about: &About, values: &Values) -> Result<Value, &'static str> {
    let voting = compute::voting(state, about).map_err(|_| "value")?;
    let mut rows = Vec::new();
    for option in &voting.opening.options {
        let text = values.one(&format!("counts.{option}")).ok_or("empty")?;
        rows.push(json!({"option": option, "count": number(text, 0, 10_000)?}));
    }
    Ok(json!(rows))
}

#[cfg(test)]
mod tests {
    use super::{date_time, yuan};

    #[test]
    fn yuan_are_read_as_people_write_them() {
        assert_eq!(yuan("12,345.6"), Some(1_234_560));
        assert_eq!(yuan("0"), Some(0));
        for bad in ["", "-1", "1.234", "一百", "1e3"] {
            assert_eq!(yuan(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_time_of_day_is_that_of_liandu() {
        let time = date_time("2026-11-21T09:30").unwrap();
        assert_eq!(time.to_string(), "2026-11-21T01:30:00.000Z");
        assert!(date_time("2026-11-21T24:00").is_none());
    }
}
