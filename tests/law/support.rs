//! A village to try the law on, and a short way to say what is refused.

use sunvote::core::ids::MatterId;
use sunvote::core::model::{Body, Category};
use sunvote::core::reject::{Rejection, Rule};
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::{Founding, Scribe};

/// The body that most tests meet in: 45 on the roster.
pub const ASSEMBLY: Body = Body::RepresentativeAssembly;

/// A founded village: nothing but entry 0, on a Monday morning.
pub fn founded() -> Scribe {
    let time = "2026-03-02T01:00:00.000Z".parse().unwrap();
    let founding = Founding::invented("331102001206".parse().unwrap(), "liandu.example", time, 7);
    Scribe::found(founding).unwrap()
}

/// A village of real size: 45 on the roster, profiles and calendars shipped, everyone with a key.
pub fn village() -> Scribe {
    village_of(&Term::default())
}

/// A village with other numbers.
pub fn village_of(term: &Term) -> Scribe {
    let mut scribe = founded();
    scribe.settle(term).unwrap();
    scribe
}

/// A village with a matter that has been filed and waits for its ballot.
pub fn at_ballot() -> (Scribe, MatterId) {
    let mut scribe = village();
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    (scribe, matter)
}

/// Asserts that something was refused under this rule.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(result: Result<T, Rejection>, rule: Rule) {
    match result {
        Err(rejection) => assert_eq!(rejection.rule, rule, "{rejection}"),
        Ok(done) => panic!("not refused under {rule}: {done:?}"),
    }
}
