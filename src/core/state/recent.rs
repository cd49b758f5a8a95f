//! Which statements could still be replayed within their window, in a form that is cheap to copy: a server copies the state
//! for each batch that it appends.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::core::clock::Time;
use crate::core::ids::Digest;

/// Ids after which a group is closed. Copies share closed groups.
const GROUP: usize = 64;

/// An id, after the time until which it must be known.
type Known = (Time, Digest);

/// Statement ids, each with the time until which it must be known. A function of the record alone.
///
/// Closed groups are sorted, and each is larger than the one after it: of `n` ids there are about log2(n / 64) groups, and each
/// id is moved into a larger one as often.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    closed: Vec<Arc<Vec<Known>>>,
    newest: BTreeSet<Known>,
}

impl Recent {
    /// Whether this id, to be known until that time, is here.
    #[must_use]
    pub fn contains(&self, known_until: Time, id: Digest) -> bool {
        let one = (known_until, id);
        self.newest.contains(&one) || self.closed.iter().any(|group| group.binary_search(&one).is_ok())
    }

    /// Adds an id, and lets go those that need not be known any more at `now`, or soon after: memory stays bounded.
    pub fn add(&mut self, known_until: Time, id: Digest, now: Time) {
        self.closed.retain(|group| group.last().is_some_and(|(until, _)| *until >= now));
        while self.newest.first().is_some_and(|(until, _)| *until < now) {
            self.newest.pop_first();
        }
        self.newest.insert((known_until, id));
        if self.newest.len() >= GROUP {
            self.close(now);
        }
    }

    fn close(&mut self, now: Time) {
        let mut group: Vec<Known> = std::mem::take(&mut self.newest).into_iter().collect();
        while let Some(last) = self.closed.pop_if(|last| last.len() <= group.len()) {
            group.extend(last.iter().filter(|(until, _)| *until >= now));
            // Two sorted runs: found and merged in one pass.
            group.sort();
        }
        self.closed.push(Arc::new(group));
    }
}

#[cfg(test)]
mod tests {
    use super::{GROUP, Recent};
    use crate::core::clock::Time;
    use crate::core::ids::Digest;

    fn at(ms: i64) -> Time {
        Time::from_ms(1_800_000_000_000 + ms).expect("a time")
    }

    fn id(n: i64) -> Digest {
        Digest([u8::try_from(n % 251).expect("small"); 32])
    }

    fn kept(recent: &Recent) -> usize {
        recent.newest.len() + recent.closed.iter().map(|group| group.len()).sum::<usize>()
    }

    #[test]
    fn ids_are_known_for_as_long_as_they_must_be_and_then_let_go() {
        let mut recent = Recent::default();
        let many = 30 * i64::try_from(GROUP).expect("small");
        for n in 0..many {
            // Every second one is due later than the one after it.
            recent.add(at(n + 100 + 7 * (n % 2)), id(n), at(n));
            for known in (n - 100).max(0)..=n {
                assert!(recent.contains(at(known + 100 + 7 * (known % 2)), id(known)), "{known} at {n}");
            }
            assert!(kept(&recent) <= 2 * 108 + 2 * GROUP, "{} at {n}", kept(&recent));
        }
        assert!(!recent.contains(at(100), id(0)), "long over");
    }

    #[test]
    fn many_ids_are_in_few_groups() {
        let mut recent = Recent::default();
        for n in 0..10_000 {
            recent.add(at(n + 1_000_000), id(n), at(n));
        }
        assert!((0..10_000).all(|n| recent.contains(at(n + 1_000_000), id(n))));
        assert_eq!(kept(&recent), 10_000);
        assert!(recent.closed.len() <= 8, "{}", recent.closed.len());
    }
}
