//! The demo's clock: it can be set ahead, so that a newcomer need not wait for notice periods. Never back: a record knows
//! only one direction. A demo may also begin at a moment that is chosen, so that it is the same on every day.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::core::clock::{Clock, DAY_MS, Time};

/// Milliseconds of an hour.
const HOUR_MS: i64 = DAY_MS / 24;
/// Most days in all: a term's length.
const MOST_DAYS: i64 = 1_825;

/// A clock that runs as another does, some time ahead of it or behind. How far is kept in a file, for the next start.
pub struct DemoClock {
    inner: Arc<dyn Clock>,
    ahead_ms: AtomicI64,
    file: PathBuf,
}

impl DemoClock {
    /// A clock as far ahead as `file` says. Where there is none, at `begin` or, without one, not ahead.
    ///
    /// # Errors
    /// The file can't be read or written, or doesn't hold a number.
    pub fn open(inner: Arc<dyn Clock>, file: PathBuf, begin: Option<Time>) -> io::Result<Self> {
        let ahead_ms = match std::fs::read_to_string(&file) {
            Ok(kept) => kept.trim().parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let ahead = begin.map_or(0, |begin| begin.ms() - inner.now().ms());
                std::fs::write(&file, ahead.to_string())?;
                ahead
            }
            Err(error) => return Err(error),
        };
        Ok(Self { inner, ahead_ms: AtomicI64::new(ahead_ms), file })
    }

    /// Sets the clock ahead by some hours.
    ///
    /// # Errors
    /// The file can't be written; the clock is not set then.
    pub fn skip(&self, hours: u16) -> io::Result<()> {
        let before = self.ahead_ms.load(Ordering::SeqCst);
        // A demo may have begun further ahead than the most that is skipped to.
        let ahead = (before + i64::from(hours) * HOUR_MS).min(before.max(MOST_DAYS * DAY_MS));
        std::fs::write(&self.file, ahead.to_string())?;
        self.ahead_ms.fetch_max(ahead, Ordering::SeqCst);
        Ok(())
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Time {
        self.inner.now().plus_ms(self.ahead_ms.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::DemoClock;
    use crate::core::clock::{Clock, Time};

    struct Fixed;
    impl Clock for Fixed {
        fn now(&self) -> Time {
            "2026-11-21T00:00:00.000Z".parse().expect("a time")
        }
    }

    #[test]
    fn days_that_were_skipped_stay_skipped() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || DemoClock::open(Arc::new(Fixed), folder.path().join("clock"), None).expect("opened");
        let clock = open();
        clock.skip(5 * 24).expect("written");
        assert_eq!(clock.now().to_string(), "2026-11-26T00:00:00.000Z");
        assert_eq!(open().now(), clock.now());
    }

    #[test]
    fn a_demo_begins_when_it_is_told_to_and_goes_on_from_where_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = |begin: &str| {
            let begin = Some(begin.parse().expect("a time"));
            DemoClock::open(Arc::new(Fixed), folder.path().join("clock"), begin).expect("opened")
        };
        let clock = open("2026-03-02T01:00:00.000Z");
        assert_eq!(clock.now().to_string(), "2026-03-02T01:00:00.000Z");
        clock.skip(3).expect("written");
        assert_eq!(open("2026-06-01T00:00:00.000Z").now().to_string(), "2026-03-02T04:00:00.000Z");
    }

    #[test]
    fn a_demo_that_began_very_far_ahead_never_goes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let begin = Some("2046-03-02T01:00:00.000Z".parse().expect("a time"));
        let open = || DemoClock::open(Arc::new(Fixed), folder.path().join("clock"), begin).expect("opened");
        open().skip(3).expect("written");
        assert_eq!(Some(open().now()), begin);
    }

    #[test]
    fn a_clock_file_that_holds_no_number_is_told_of() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("clock"), "noon").expect("written");
        assert!(DemoClock::open(Arc::new(Fixed), folder.path().join("clock"), None).is_err());
    }
}
