//! Counts of attempts per network address or key, in bounded memory and with a clock that is handed in; and of connections
//! that stay open.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::core::clock::Time;
use crate::http::problem::{Code, Problem};
use crate::http::state::AppState;

/// Addresses or keys remembered before the older half is let go: two generations of this size at most.
const REMEMBERED: usize = 8_192;
/// When to come back who found every place taken.
const FULL_SECONDS: u32 = 30;

/// Allows `most` attempts per address, or per key, in a row, refilled evenly over `window_ms` (generic cell rate algorithm).
#[derive(Debug)]
pub struct RateLimit<K = IpAddr> {
    /// Milliseconds until one attempt is given back.
    step_ms: i64,
    /// How far ahead of the present an address may run, in milliseconds.
    burst_ms: i64,
    seen: Mutex<Generations<K>>,
}

/// When each address will have all its attempts back. When the newer map is full it becomes the older one: under a flood
/// of addresses the least recent are forgotten, and memory stays bounded.
#[derive(Debug)]
struct Generations<K> {
    newer: HashMap<K, i64>,
    older: HashMap<K, i64>,
}

impl RateLimit {
    /// Takes one attempt of `address`.
    ///
    /// # Errors
    /// As [`RateLimit::take_one`].
    pub fn take(&self, address: IpAddr, now: Time) -> Result<(), u32> {
        self.take_one(network(address), now)
    }
}

impl<K: Copy + Eq + Hash> RateLimit<K> {
    /// At most `most` attempts per `window_ms` milliseconds; 0 refuses all.
    #[must_use]
    pub fn new(most: u32, window_ms: i64) -> Self {
        let step_ms = window_ms / i64::from(most.max(1));
        let burst_ms = if most == 0 { -1 } else { window_ms - step_ms };
        let seen = Mutex::new(Generations { newer: HashMap::new(), older: HashMap::new() });
        Self { step_ms, burst_ms, seen }
    }

    /// Takes one attempt of `who`.
    ///
    /// # Errors
    /// The seconds to wait, at least 1, when none is left.
    pub fn take_one(&self, who: K, now: Time) -> Result<(), u32> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = seen.full_at(who).unwrap_or(0).max(now.ms());
        let ahead_ms = full_at - now.ms();
        if ahead_ms > self.burst_ms {
            let wait_ms = ahead_ms - self.burst_ms;
            return Err(u32::try_from((wait_ms + 999) / 1_000).unwrap_or(u32::MAX));
        }
        seen.set(who, full_at + self.step_ms);
        Ok(())
    }
}

impl<K: Copy + Eq + Hash> Generations<K> {
    fn full_at(&self, who: K) -> Option<i64> {
        self.newer.get(&who).or_else(|| self.older.get(&who)).copied()
    }

    fn set(&mut self, who: K, full_at: i64) {
        if self.newer.len() >= REMEMBERED && !self.newer.contains_key(&who) {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(who, full_at);
    }
}

/// Places for connections that stay open: so many in all, so many of one address.
#[derive(Debug)]
pub struct Seats {
    most: usize,
    each: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by: HashMap<IpAddr, usize>,
}

/// A place that is taken until it is dropped.
#[derive(Debug)]
pub struct Seat {
    taken: Arc<Mutex<Taken>>,
    visitor: IpAddr,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// All are taken.
    All,
    /// This address has as many as one may have.
    Address,
}

fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Seats {
    /// `most` in all, `each` of one address.
    #[must_use]
    pub fn new(most: usize, each: usize) -> Self {
        Self { most, each, taken: Arc::default() }
    }

    /// Takes a place for `address`.
    ///
    /// # Errors
    /// Why there is none.
    pub fn take(&self, address: IpAddr) -> Result<Seat, Full> {
        let visitor = network(address);
        let mut taken = lock(&self.taken);
        let own = taken.by.get(&visitor).copied().unwrap_or(0);
        if own >= self.each {
            return Err(Full::Address);
        }
        if taken.all >= self.most {
            return Err(Full::All);
        }
        taken.all += 1;
        taken.by.insert(visitor, own + 1);
        Ok(Seat { taken: Arc::clone(&self.taken), visitor })
    }

    /// How many are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        lock(&self.taken).all
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        taken.all = taken.all.saturating_sub(1);
        match taken.by.get_mut(&self.visitor) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                taken.by.remove(&self.visitor);
            }
        }
    }
}

/// The answer to whoever has no attempt left for so many seconds.
#[must_use]
pub fn too_many(state: &AppState, seconds: u32) -> Problem {
    state.metrics().rate_limited();
    Problem::new(Code::TooManyAttempts).retry_after(seconds)
}

/// The answer to whoever found no place.
#[must_use]
pub fn no_seat(state: &AppState, full: Full) -> Problem {
    match full {
        Full::All => Problem::new(Code::Unavailable).retry_after(FULL_SECONDS),
        Full::Address => too_many(state, FULL_SECONDS),
    }
}

/// What counts as one visitor: an IPv4 address, or the /64 network that one IPv6 connection usually has.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::{Full, REMEMBERED, RateLimit, Seats, lock};
    use crate::core::clock::Time;

    fn at(ms: i64) -> Time {
        Time::from_ms(1_800_000_000_000 + ms).expect("a time in range")
    }

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(n))
    }

    #[test]
    fn attempts_run_out_and_come_back_one_by_one() {
        let limit = RateLimit::new(3, 60_000);
        for _ in 0..3 {
            assert_eq!(limit.take(address(1), at(0)), Ok(()));
        }
        assert_eq!(limit.take(address(1), at(0)), Err(20));
        assert_eq!(limit.take(address(1), at(19_001)), Err(1));
        assert_eq!(limit.take(address(2), at(0)), Ok(()), "another address has its own attempts");
        assert_eq!(limit.take(address(1), at(20_000)), Ok(()));
        assert_eq!(limit.take(address(1), at(20_000)), Err(20));
    }

    #[test]
    fn refused_attempts_do_not_lengthen_the_wait() {
        let limit = RateLimit::new(1, 10_000);
        assert_eq!(limit.take(address(1), at(0)), Ok(()));
        for _ in 0..100 {
            assert_eq!(limit.take(address(1), at(5_000)), Err(5));
        }
        assert_eq!(limit.take(address(1), at(10_000)), Ok(()));
    }

    #[test]
    fn a_clock_that_steps_back_never_gives_attempts() {
        let limit = RateLimit::new(1, 10_000);
        assert_eq!(limit.take(address(1), at(10_000)), Ok(()));
        assert_eq!(limit.take(address(1), at(0)), Err(20));
    }

    #[test]
    fn zero_refuses_all() {
        assert!(RateLimit::new(0, 1_000).take(address(1), at(0)).is_err());
    }

    #[test]
    fn an_ipv6_network_is_one_visitor() {
        let limit = RateLimit::new(1, 10_000);
        let [one, same, other] =
            ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"].map(|a| a.parse().expect("an address"));
        assert_eq!(limit.take(one, at(0)), Ok(()));
        assert!(limit.take(same, at(0)).is_err());
        assert_eq!(limit.take(other, at(0)), Ok(()));
    }

    #[test]
    fn places_run_out_for_one_address_and_for_all_and_are_given_back() {
        let seats = Seats::new(3, 2);
        let taken = [seats.take(address(1)), seats.take(address(1))];
        assert_eq!(seats.take(address(1)).expect_err("both are taken"), Full::Address);
        let other = seats.take(address(2)).expect("another address has its own");
        assert_eq!(seats.take(address(3)).expect_err("all are taken"), Full::All);
        drop(other);
        let third = seats.take(address(3)).expect("one was given back");
        drop(taken);
        assert_eq!(seats.taken(), 1);
        drop(third);
        assert!(lock(&seats.taken).by.is_empty(), "nobody is remembered who has left");
    }

    #[test]
    fn memory_stays_bounded_under_a_flood_of_addresses() {
        let limit = RateLimit::new(5, 60_000);
        for n in 0..100_000 {
            assert_eq!(limit.take(address(n), at(0)), Ok(()));
        }
        let seen = limit.seen.lock().expect("no test thread failed");
        assert!(seen.newer.len() <= REMEMBERED && seen.older.len() <= REMEMBERED);
    }
}
