//! Which statements could still be replayed within their window, in a form that is cheap to copy: a server copies the state
//! for each batch that it appends.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::core::clock::Time;
use crate::core::ids::Digest;

/// Ids after which a group is closed. Copies share closed groups.
const GROUP: usize = 64;

/// Statement ids, each with the time until which it must be known. A function of the record alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    closed: VecDeque<Arc<BTreeSet<(Time, Digest)>>>,
    newest: BTreeSet<(Time, Digest)>,
}

impl Recent {
    /// Whether this id, to be known until that time, is here.
    #[must_use]
    pub fn contains(&self, known_until: Time, id: Digest) -> bool {
        let one = (known_until, id);
        self.newest.contains(&one) || self.closed.iter().any(|group| group.contains(&one))
    }

    /// Adds an id, and lets go those that need not be known any more at `now`: memory stays bounded.
    pub fn add(&mut self, known_until: Time, id: Digest, now: Time) {
        let is_over = |group: &BTreeSet<(Time, Digest)>| group.last().is_none_or(|(until, _)| *until < now);
        self.closed.retain(|group| !is_over(group));
        while self.newest.first().is_some_and(|(until, _)| *until < now) {
            self.newest.pop_first();
        }
        self.newest.insert((known_until, id));
        if self.newest.len() >= GROUP {
            self.closed.push_back(Arc::new(std::mem::take(&mut self.newest)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{GROUP, Recent};
    use crate::core::clock::Time;
    use crate::core::ids::Digest;

    #[test]
    fn ids_are_known_for_as_long_as_they_must_be_and_then_let_go() {
        let at = |ms: i64| Time::from_ms(1_800_000_000_000 + ms).expect("a time");
        let id = |n: i64| Digest([u8::try_from(n % 251).expect("small"); 32]);
        let mut recent = Recent::default();
        let many = 10 * i64::try_from(GROUP).expect("small");
        for n in 0..many {
            // Every second one is due later than the one after it.
            recent.add(at(n + 100 + 7 * (n % 2)), id(n), at(n));
            for known in (n - 100).max(0)..=n {
                assert!(recent.contains(at(known + 100 + 7 * (known % 2)), id(known)), "{known} at {n}");
            }
        }
        assert!(!recent.contains(at(100), id(0)), "long over");
        let kept = recent.newest.len() + recent.closed.iter().map(|group| group.len()).sum::<usize>();
        assert!(kept <= 108 + 2 * GROUP, "{kept}");
    }
}
