//! Roots, rules, profiles, calendars, corrections.

use std::sync::Arc;

use crate::core::act::Kind;
use crate::core::act::village::{
    AffairsDisclosed, CalendarAdopted, CatalogueAdopted, ClericalCorrected, DelegationRecorded, EntryAnnulled,
    LogKeyRotated, Merged, ProfileAdopted, RootsChanged, RulesAdopted,
};
use crate::core::ids::{Digest, MatterId};
use crate::core::judge::case::{Case, length, sorted};
use crate::core::judge::{Part, Remark, founding};
use crate::core::keys;
use crate::core::model::{Body, Outcome};
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::state::matter::Standing;
use crate::core::state::{Delegation, Papers};

pub(crate) fn roots_changed(case: &mut Case<'_>, act: &RootsChanged) -> Result<(), Rejection> {
    founding::check_roots(&act.roots)?;
    founding::check_apart(&case.state.people, &act.roots, case.state.log_key)?;
    case.put(Part::Roots(act.roots.clone()));
    Ok(())
}

pub(crate) fn log_key_rotated(case: &mut Case<'_>, act: &LogKeyRotated) -> Result<(), Rejection> {
    let used = case.state.people.keys.contains_key(&act.log_key) || case.state.roots.contains(&act.log_key);
    ensure(keys::is_fit(&act.log_key) && !used, Rule::KeyUnfit, "a sound key of nobody else", act.log_key)?;
    case.put(Part::LogKey(act.log_key));
    Ok(())
}

pub(crate) fn rules_adopted(case: &mut Case<'_>, act: &RulesAdopted) -> Result<(), Rejection> {
    let known = act.rules > case.state.law.rules && act.rules <= founding::RULES;
    ensure(known, Rule::RulesUnknown, founding::RULES, act.rules)?;
    case.step_law(|law| law.rules = act.rules);
    Ok(())
}

pub(crate) fn profile_adopted(case: &mut Case<'_>, act: &ProfileAdopted) -> Result<(), Rejection> {
    let profile = &act.profile;
    ensure(profile.is_sane(), Rule::ValueRange, "numbers that fit together", profile.code.as_str())?;
    sorted(&profile.categories, 10)?;
    let same = case.state.law.profiles.iter().filter(|(_, other)| other.code == profile.code);
    let newest = same.map(|(_, other)| other.version).max().unwrap_or(0);
    ensure(profile.version > newest, Rule::ValueRange, "a rising version", profile.version)?;
    if !profile.confirmed {
        case.remark(Remark::ProfileUnconfirmed);
    }
    let leaf = case.at.leaf;
    case.step_law(|law| law.profiles.push((leaf, profile.clone())));
    Ok(())
}

pub(crate) fn catalogue_adopted(case: &mut Case<'_>, act: &CatalogueAdopted) -> Result<(), Rejection> {
    let catalogue = &act.catalogue;
    ensure(catalogue.is_sane(), Rule::ValueRange, "a catalogue that fits together", "another one")?;
    let newest = case.state.law.catalogues.last().map_or(0, |(_, other)| other.version);
    ensure(catalogue.version > newest, Rule::ValueRange, "a rising version", catalogue.version)?;
    let at = case.at;
    case.step_law(|law| law.catalogues.push((at, catalogue.clone())));
    Ok(())
}

pub(crate) fn affairs_disclosed(case: &mut Case<'_>, act: &AffairsDisclosed) -> Result<(), Rejection> {
    ensure(act.from <= act.until, Rule::ValueRange, "a first day and a last day", act.until)?;
    ensure(act.until <= case.date, Rule::ValueRange, "a time that is over", act.until)?;
    length(&act.papers, 0, 50)?;
    length(&act.places, 1, 9)?;
    let (at, subject, until) = (case.at, act.subject, act.until);
    let begins = case.state.law.disclosure_begins(subject, case.date);
    // What is disclosed once more, or of long ago, takes nothing back; what leaves days out counts for none, and those stay due.
    let further = case.state.law.disclosed.get(&subject).is_none_or(|(_, last)| until > *last);
    if further && begins.is_none_or(|begins| act.from <= begins) {
        case.step_law(|law| {
            law.disclosed.insert(subject, (at, until));
        });
    }
    Ok(())
}

pub(crate) fn calendar_adopted(case: &mut Case<'_>, act: &CalendarAdopted) -> Result<(), Rejection> {
    sorted(&act.holidays, 60)?;
    sorted(&act.workdays, 60)?;
    let year = |parts: (i16, i8, i8)| u16::try_from(parts.0).is_ok_and(|year| year == act.year);
    let fits = act.holidays.iter().chain(&act.workdays).all(|day| year(day.parts()));
    ensure(fits, Rule::ValueRange, act.year, "days of another year")?;
    case.step_law(|law| law.calendar.extend(&act.holidays, &act.workdays));
    Ok(())
}

pub(crate) fn merged(case: &mut Case<'_>, act: &Merged) -> Result<(), Rejection> {
    ensure(act.into != case.state.village, Rule::ValueRange, "another village", "this one")?;
    case.put(Part::MergedInto(act.into));
    Ok(())
}

/// Takes back what an unlawful entry brought about, as far as that can be done without judging anew what rests on it: keys
/// that it enrolled, a delegation that it recorded, a kinship that it declared, the whole matter that it belongs to. Roles end by their own statements,
/// and a profile by its next version; an annulment that would change nothing is refused.
pub(crate) fn entry_annulled(case: &mut Case<'_>, act: &EntryAnnulled) -> Result<(), Rejection> {
    length(&act.keys, 0, 200)?;
    let people = &case.state.people;
    let own = act.keys.iter().all(|key| people.keys.get(key).is_some_and(|key| key.entry == act.entry));
    ensure(own, Rule::KeyUnfit, "keys that the entry enrolled", "another key")?;
    let delegated = case.state.law.delegations.iter().any(|delegation| delegation.entry == act.entry);
    let kin = people.kin.values().any(|declared| declared.leaf == act.entry);
    let matter = case.statement.matter;
    let idle = act.keys.is_empty() && !delegated && !kin && matter.is_none();
    ensure(!idle, Rule::AnnulmentIdle, "keys, a delegation, a kinship or a matter of the entry", "none")?;
    if let Some(id) = matter {
        ensure(belongs(case, id, act.entry)?, Rule::BasisStale, "an entry of the matter", act.entry)?;
    }
    case.remark(Remark::Annulled);
    if kin || !act.keys.is_empty() {
        case.step_people(|people| {
            people.kin.retain(|_, declared| declared.leaf != act.entry);
            for key in &act.keys {
                people.keys.entry(*key).and_modify(|key| key.revoked = true);
            }
        });
    }
    if delegated {
        case.step_law(|law| law.delegations.retain(|delegation| delegation.entry != act.entry));
    }
    if matter.is_some() {
        case.step_matter(|matter| matter.standing = Standing::Ended(Outcome::Annulled))?;
    }
    Ok(())
}

/// Whether an entry is one that the matter still rests on: its own, or one of a session that has it on the agenda.
fn belongs(case: &Case<'_>, id: MatterId, leaf: Digest) -> Result<bool, Rejection> {
    let matter = case.matter()?;
    let named = |papers: &Papers| papers.iter().any(|(_, paper)| paper.at.leaf == leaf);
    let stands = [Some(matter.opened), Some(matter.updated)].into_iter().flatten();
    let notices = [matter.plan_notice, matter.resolution_notice].into_iter().flatten().map(|notice| notice.at);
    let suggested = matter.suggestions.iter().map(|suggestion| suggestion.at);
    let decided = matter.results.iter().map(|decided| decided.at);
    let open = matter.open.values().map(|point| point.at);
    let own = stands.chain(notices).chain(suggested).chain(decided).chain(open).any(|at| at.leaf == leaf);
    let mut sessions = case.state.sessions.values().filter(|session| session.item(id).is_some());
    let held = sessions.any(|session| {
        let votes = session.votings.iter().filter(|((matter, _), _)| *matter == id);
        named(&session.papers) || votes.map(|(_, voting)| voting).any(|voting| named(&voting.papers))
    });
    Ok(own || named(&matter.papers) || held)
}

pub(crate) fn delegation_recorded(case: &mut Case<'_>, act: &DelegationRecorded) -> Result<(), Rejection> {
    sorted(&act.categories, 10)?;
    // Each assembly to its own representatives: villagers and members of the cooperative are not the same people.
    let own = matches!(
        (act.from, act.to),
        (Body::VillagersAssembly, Body::RepresentativeAssembly) | (Body::MembersAssembly, Body::MembersRepresentatives)
    );
    ensure(own, Rule::ValueRange, "from an assembly to its representatives", "other bodies")?;
    ensure(act.until >= case.date, Rule::ValueRange, "a day to come", act.until)?;
    let (entry, categories) = (case.at.leaf, act.categories.clone());
    let delegation = Delegation { entry, to: act.to, categories, until: act.until };
    case.step_law(|law| law.delegations.push(delegation));
    Ok(())
}

/// Kinds whose documents hold no plan, roster, question or result, so that a slip in them may be put right.
pub const CORRECTABLE: &[Kind] = &[
    Kind::SuggestionEntered,
    Kind::EnlargedMeetingRecorded,
    Kind::JointMeetingRecorded,
    Kind::VisitsRecorded,
    Kind::PlanPosted,
    Kind::FilingReviewed,
    Kind::FilingFiled,
    Kind::SessionConvened,
    Kind::MinutesSigned,
    Kind::ResolutionPosted,
    Kind::ProgressRecorded,
];

pub(crate) fn clerical_corrected(case: &mut Case<'_>, act: &ClericalCorrected) -> Result<(), Rejection> {
    ensure(
        CORRECTABLE.contains(&act.of),
        Rule::CorrectionForbidden,
        "a paper without plan, roster or result",
        act.of.code(),
    )?;
    let original = |papers: &Papers| {
        let paper = papers.paper(act.of).filter(|paper| Some(paper.at.leaf) == case.statement.basis);
        paper.is_some_and(|paper| paper.documents.contains(&act.old))
    };
    let in_matter = case.statement.matter.is_some() && original(&case.matter()?.papers);
    let in_session = case.statement.session.is_some() && original(&case.session()?.papers);
    ensure(in_matter || in_session, Rule::BasisStale, "the entry with the slip", "another entry")?;
    let at = case.at;
    if in_matter {
        let mut matter = case.matter()?.clone();
        matter.corrected.push(at);
        case.put(Part::Matter(case.matter_id()?, Arc::new(matter)));
    }
    if in_session {
        let mut session = case.session()?.clone();
        session.corrected.push(at);
        case.put(Part::Session(case.session_id()?, Arc::new(session)));
    }
    Ok(())
}
