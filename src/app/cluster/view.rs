//! What a server knows of the leases since it looked last.

use std::sync::Arc;

use tokio::time::Instant;

use crate::app::cluster::plan::{Job, lane_lease};
use crate::core::clock::Time;
use crate::store::leases::Lease;

/// Who writes the records of a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// This server.
    Here,
    /// The one at this address.
    There(Arc<str>),
    /// Nobody that is known of.
    Nobody,
}

/// The leases as they were at one moment.
#[derive(Debug, Clone)]
pub struct View {
    lanes: Vec<Place>,
    jobs: [bool; Job::ALL.len()],
    /// When what is held here ends, by this machine's steady clock.
    until: Instant,
    /// How far the database's clock is ahead of this server's, in milliseconds.
    ahead_ms: i64,
}

impl View {
    /// What the rows mean to server `me`; `now` is the database's time, `until` when it must stop doing what it holds.
    #[must_use]
    pub fn of(leases: &[Lease], me: &str, now: Time, lanes: u64, until: Instant, ahead_ms: i64) -> Self {
        let held = |name: &str| leases.iter().find(|lease| lease.name == name && lease.is_held(now));
        let place = |lane| match held(&lane_lease(lane)) {
            Some(lease) if lease.holder == me => Place::Here,
            Some(lease) => Place::There(lease.address.as_str().into()),
            None => Place::Nobody,
        };
        let jobs = Job::ALL.map(|job| held(job.lease()).is_some_and(|lease| lease.holder == me));
        Self { lanes: (0..lanes).map(place).collect(), jobs, until, ahead_ms }
    }

    /// How many lanes there are.
    #[must_use]
    pub fn lanes(&self) -> u64 {
        self.lanes.len() as u64
    }

    /// Who writes a lane at `now`. A lease that could not be renewed is no longer held.
    #[must_use]
    pub fn place(&self, lane: u64, now: Instant) -> Place {
        let place = usize::try_from(lane).ok().and_then(|lane| self.lanes.get(lane)).unwrap_or(&Place::Nobody);
        if *place == Place::Here && now >= self.until { Place::Nobody } else { place.clone() }
    }

    /// Whether a job is this server's at `now`.
    #[must_use]
    pub fn does(&self, job: Job, now: Instant) -> bool {
        now < self.until && Job::ALL.iter().zip(self.jobs).any(|(one, held)| *one == job && held)
    }

    /// The database's time when this server's clock shows `own`.
    #[must_use]
    pub fn database_time(&self, own: Time) -> Time {
        own.plus_ms(self.ahead_ms)
    }

    /// Lanes that are held here and were not in `before`.
    #[must_use]
    pub fn gained(&self, before: &Self) -> Vec<u64> {
        let gained = |lane: &u64| self.is_here(*lane) && !before.is_here(*lane);
        (0..self.lanes()).filter(gained).collect()
    }

    /// Whether publication is done here and was not in `before`.
    #[must_use]
    pub fn begins(&self, job: Job, before: &Self) -> bool {
        let at = Job::ALL.iter().position(|one| *one == job);
        at.is_some_and(|at| self.jobs[at] && !before.jobs[at])
    }

    fn is_here(&self, lane: u64) -> bool {
        usize::try_from(lane).ok().and_then(|lane| self.lanes.get(lane)) == Some(&Place::Here)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Place, View};
    use crate::app::cluster::plan::{Job, lane_lease};
    use crate::core::clock::Time;
    use crate::store::leases::Lease;

    fn lease(name: &str, holder: &str, ends: Time) -> Lease {
        Lease { name: name.to_owned(), holder: holder.to_owned(), address: format!("http://{holder}"), term: 1, ends }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    fn what_could_not_be_renewed_is_not_held() {
        let now = Time::from_ms(1_790_000_000_000).expect("a time");
        let later = now.plus_ms(50);
        let start = Instant::now();
        let until = start + Duration::from_secs(4);
        let rows = [
            lease(&lane_lease(0), "a", later),
            lease(&lane_lease(1), "b", later),
            lease(&lane_lease(2), "b", now),
            lease(Job::Sweep.lease(), "a", later),
        ];
        let view = View::of(&rows, "a", now, 4, until, 7);
        let places = |at| [0, 1, 2, 3].map(|lane| view.place(lane, at));
        let there = Place::There("http://b".into());
        assert_eq!(places(start), [Place::Here, there.clone(), Place::Nobody, Place::Nobody]);
        assert_eq!(places(until), [Place::Nobody, there, Place::Nobody, Place::Nobody]);
        assert!(view.does(Job::Sweep, start) && !view.does(Job::Sweep, until));
        assert!(!view.does(Job::Publication, start));
        assert_eq!(view.database_time(now), now.plus_ms(7));
        let before = View::of(&[], "a", now, 4, start, 0);
        assert_eq!(view.gained(&before), [0]);
        assert!(view.begins(Job::Sweep, &before) && !view.begins(Job::Sweep, &view));
    }
}
