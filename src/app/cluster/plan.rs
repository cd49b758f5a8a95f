//! Which leases a server takes and which it gives up: a function of what the database shows, so that every case is tested.

use crate::core::clock::Time;
use crate::core::ids::VillageCode;
use crate::log::text::sha256;
use crate::store::leases::Lease;

/// Begins the name of the lease by which a server says that it is there.
pub const SERVER: &str = "server/";

/// What one server at a time does for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Publishes checkpoints and asks the witnesses.
    Publication,
    /// Removes what expired.
    Sweep,
}

impl Job {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Publication, Self::Sweep];

    /// Name of its lease.
    #[must_use]
    pub fn lease(self) -> &'static str {
        match self {
            Self::Publication => "job/publication",
            Self::Sweep => "job/sweep",
        }
    }
}

/// Name of a lane's lease.
#[must_use]
pub fn lane_lease(lane: u64) -> String {
    format!("lane/{lane:03}")
}

/// The lane of a village, of so many: the same on every server.
#[must_use]
pub fn lane_of(village: VillageCode, lanes: u64) -> u64 {
    let hash = sha256(&[b"sunvote/lane/v1 ", village.to_string().as_bytes()]).0;
    let (first, _) = hash.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    u64::from_be_bytes(*first) % lanes.max(1)
}

/// What a server does about leases besides renewing those that it has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Leases that nobody has and that are this server's part.
    pub take: Vec<String>,
    /// Leases beyond its part.
    pub give_up: Vec<String>,
}

/// What server `me` takes and gives up at `now` of `lanes` lanes and all jobs. Each server that is there has an equal part
/// of each. One that is not `fit` to write has none.
#[must_use]
pub fn plan(leases: &[Lease], me: &str, now: Time, lanes: u64, fit: bool) -> Plan {
    let held = |name: &str| leases.iter().find(|lease| lease.name == name && lease.is_held(now));
    let there = |lease: &&Lease| lease.name.starts_with(SERVER) && lease.is_held(now) && lease.holder != me;
    let servers = leases.iter().filter(there).count() + usize::from(fit);
    let mut plan = Plan::default();
    let jobs = Job::ALL.map(|job| job.lease().to_owned()).to_vec();
    for mut names in [(0..lanes).map(lane_lease).collect(), jobs] {
        let part = if fit { names.len().div_ceil(servers) } else { 0 };
        // In an order of its own: servers that take at the same time seldom reach for the same.
        names.sort_by_key(|name: &String| sha256(&[me.as_bytes(), b" ", name.as_bytes()]));
        let (mine, others): (Vec<_>, Vec<_>) =
            names.into_iter().partition(|name| held(name).is_some_and(|lease| lease.holder == me));
        let free = others.into_iter().filter(|name| held(name).is_none());
        plan.take.extend(free.take(part.saturating_sub(mine.len())));
        plan.give_up.extend(mine.into_iter().skip(part));
    }
    // One order for all, so that two servers never wait for each other.
    plan.take.sort_unstable();
    plan.give_up.sort_unstable();
    plan
}

/// Furthest that a server's clock may be from the database's, in milliseconds, for it to write: entries bear its time.
const FURTHEST_MS: i64 = 2_000;

/// Whether a server's clock is near enough to the database's, which was asked between `before` and `after`.
#[must_use]
pub fn is_near(before: Time, database: Time, after: Time) -> bool {
    before.ms() - FURTHEST_MS <= database.ms() && database.ms() <= after.ms() + FURTHEST_MS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Job, SERVER, is_near, lane_lease, lane_of, plan};
    use crate::core::clock::Time;
    use crate::store::leases::Lease;

    const LANES: u64 = 16;

    fn time(ms: i64) -> Time {
        Time::from_ms(1_790_000_000_000 + ms).expect("a time")
    }

    fn lease(name: &str, holder: &str, ends: i64) -> Lease {
        let address = format!("http://{holder}.example");
        Lease { name: name.to_owned(), holder: holder.to_owned(), address, term: 1, ends: time(ends) }
    }

    /// A table of leases to which servers do what their plans say, one after another.
    #[derive(Default)]
    struct Table(BTreeMap<String, Lease>);

    impl Table {
        fn round(&mut self, me: &str, now: i64, fit: bool) {
            let rows: Vec<Lease> = self.0.values().cloned().collect();
            let plan = plan(&rows, me, time(now), LANES, fit);
            for lease in self.0.values_mut().filter(|lease| lease.holder == me && lease.is_held(time(now))) {
                lease.ends = time(now + 50);
            }
            for name in plan.give_up {
                self.0.insert(name.clone(), lease(&name, "", now));
            }
            let there = fit.then(|| format!("{SERVER}{me}"));
            for name in plan.take.into_iter().chain(there) {
                self.0.insert(name.clone(), lease(&name, me, now + 50));
            }
        }

        fn lanes(&self, who: &str, now: i64) -> usize {
            let held = |n: &u64| self.0.get(&lane_lease(*n)).is_some_and(|l| l.holder == who && l.is_held(time(now)));
            (0..LANES).filter(held).count()
        }

        fn jobs(&self, who: &str, now: i64) -> usize {
            let held = |job: &Job| self.0.get(job.lease()).is_some_and(|l| l.holder == who && l.is_held(time(now)));
            Job::ALL.iter().filter(|job| held(job)).count()
        }
    }

    #[test]
    fn one_server_does_all() {
        let mut table = Table::default();
        table.round("a", 0, true);
        assert_eq!((table.lanes("a", 0), table.jobs("a", 0)), (16, 2));
    }

    #[test]
    fn servers_that_join_get_their_part_and_none_is_left_over() {
        let mut table = Table::default();
        let mut now = 0;
        for there in [&["a"][..], &["a", "b"], &["a", "b", "c"], &["a", "b", "c", "d", "e"]] {
            for _ in 0..3 {
                for me in there {
                    now += 1;
                    table.round(me, now, true);
                }
            }
            let lanes: Vec<usize> = there.iter().map(|me| table.lanes(me, now)).collect();
            let jobs: usize = there.iter().map(|me| table.jobs(me, now)).sum();
            assert_eq!((lanes.iter().sum::<usize>(), jobs), (16, 2), "{lanes:?}");
            assert!(lanes.iter().all(|held| *held <= 16_usize.div_ceil(there.len())), "{lanes:?}");
        }
    }

    #[test]
    fn what_a_dead_server_had_is_taken_when_its_leases_have_ended_and_not_before() {
        let mut table = Table::default();
        for now in 0..6 {
            table.round(if now % 2 == 0 { "a" } else { "b" }, now, true);
        }
        assert_eq!((table.lanes("a", 5), table.lanes("b", 5)), (8, 8));
        // The last that was heard of a is at 4: its leases end at 54.
        table.round("b", 53, true);
        assert_eq!(table.lanes("b", 53), 8);
        table.round("b", 54, true);
        assert_eq!((table.lanes("b", 54), table.jobs("b", 54)), (16, 2));
    }

    #[test]
    fn a_server_that_may_not_write_gives_everything_up_and_counts_for_nothing() {
        let mut table = Table::default();
        for now in 0..6 {
            table.round(if now % 2 == 0 { "a" } else { "b" }, now, true);
        }
        table.round("a", 10, false);
        assert_eq!(table.lanes("a", 10), 0);
        table.round("b", 60, true);
        assert_eq!(table.lanes("b", 60), 16);
    }

    #[test]
    fn villages_are_spread_over_the_lanes_and_each_has_one() {
        let mut count = [0; 16];
        for n in 0..1_600 {
            let village = format!("33110220{:04}", 1_000 + n).parse().expect("a code");
            let lane = lane_of(village, LANES);
            assert_eq!(lane, lane_of(village, LANES));
            count[usize::try_from(lane).expect("small")] += 1;
        }
        assert!(count.iter().all(|villages| (60..140).contains(villages)), "{count:?}");
        // A change of this function would have two versions of the program disagree.
        assert_eq!(lane_of("331102206201".parse().expect("a code"), LANES), 4);
    }

    #[test]
    fn a_clock_may_be_two_seconds_off() {
        assert!(is_near(time(0), time(2_000), time(0)) && is_near(time(0), time(-2_000), time(0)));
        assert!(!is_near(time(0), time(2_001), time(0)) && !is_near(time(0), time(-2_001), time(0)));
        assert!(is_near(time(0), time(2_500), time(600)), "the answer may have taken as long");
    }
}
