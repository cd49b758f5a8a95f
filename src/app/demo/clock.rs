//! The demo's clock: it can be set ahead, so that a newcomer need not wait for notice periods. Never back: a record knows
//! only one direction.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::core::clock::{Clock, DAY_MS, Time};

/// Milliseconds of an hour.
const HOUR_MS: i64 = DAY_MS / 24;
/// Most days in all: a term's length.
const MOST_DAYS: i64 = 1_825;

/// A clock that runs as another does, some days ahead of it. How far is kept in a file, for the next start.
pub struct DemoClock {
    inner: Arc<dyn Clock>,
    ahead_ms: AtomicI64,
    file: PathBuf,
}

impl DemoClock {
    /// A clock as far ahead as `file` says; not ahead where there is none.
    #[must_use]
    pub fn open(inner: Arc<dyn Clock>, file: PathBuf) -> Self {
        let kept = std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok());
        let ahead_ms = AtomicI64::new(kept.unwrap_or(0_i64).clamp(0, MOST_DAYS * DAY_MS));
        Self { inner, ahead_ms, file }
    }

    /// Sets the clock ahead by some hours.
    ///
    /// # Errors
    /// The file can't be written; the clock is not set then.
    pub fn skip(&self, hours: u16) -> io::Result<()> {
        let ahead = self.ahead_ms.load(Ordering::SeqCst) + i64::from(hours) * HOUR_MS;
        let ahead = ahead.min(MOST_DAYS * DAY_MS);
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
        let open = || DemoClock::open(Arc::new(Fixed), folder.path().join("clock"));
        let clock = open();
        clock.skip(5 * 24).expect("written");
        assert_eq!(clock.now().to_string(), "2026-11-26T00:00:00.000Z");
        assert_eq!(open().now(), clock.now());
    }
}
