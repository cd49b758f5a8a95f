//! Printed matter: PDF files, and pictures for phones, set by this program itself, without a typesetting language. Texts come in as data, so nothing in
//! a title can be taken for markup, and nothing here reads a file but the font, or the network at all.
//!
//! What is made depends on what goes in alone: no clock, no random ids. The same record gives the same bytes.

pub mod ballot;
pub mod card;
pub mod draw;
pub mod font;
pub mod line;
pub mod picture;
pub mod sheet;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use crate::app::print::font::{FontError, FontFiles, Fonts};

/// How many files are set at a time: each takes a core.
const AT_A_TIME: usize = 2;

/// Why a file can't be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    /// No font, or not one that can be used.
    #[error(transparent)]
    Font(#[from] FontError),
    /// More text than a paper may have.
    #[error("more than {0} pages")]
    TooLong(usize),
    /// The text does not fit on a ballot, even at the smallest size.
    #[error("does not fit on a ballot")]
    DoesNotFit,
    /// The PDF could not be written, or its maker failed.
    #[error("the PDF could not be written: {0}")]
    Writing(String),
}

/// The server's printer: the font, read at its first use, and a few turns.
#[derive(Debug)]
pub struct Printer {
    files: FontFiles,
    fonts: Mutex<Option<Arc<Fonts>>>,
    turns: Semaphore,
    stamp: Option<&'static str>,
}

impl Printer {
    /// That sets with these font files.
    #[must_use]
    pub fn new(files: FontFiles) -> Self {
        Self { files, fonts: Mutex::new(None), turns: Semaphore::new(AT_A_TIME), stamp: None }
    }

    /// That puts these words across every page: what it prints must not be taken for the real thing.
    #[must_use]
    pub fn stamping(self, words: &'static str) -> Self {
        Self { stamp: Some(words), ..self }
    }

    /// Whether there is a font, without reading it.
    ///
    /// # Errors
    /// No file is there.
    pub fn check(&self) -> Result<(), FontError> {
        self.files.find().map(|_| ())
    }

    fn fonts(&self) -> Result<Arc<Fonts>, FontError> {
        let mut kept = self.fonts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fonts) = &*kept {
            return Ok(Arc::clone(fonts));
        }
        let fonts = Arc::new(Fonts::open(&self.files)?.stamped(self.stamp));
        *kept = Some(Arc::clone(&fonts));
        Ok(fonts)
    }

    /// Makes a file aside from the threads that answer requests.
    ///
    /// # Errors
    /// What `make` says; no font.
    pub async fn print<T: Send + 'static>(
        self: &Arc<Self>,
        make: impl FnOnce(&Fonts) -> Result<T, PrintError> + Send + 'static,
    ) -> Result<T, PrintError> {
        let stopped = |_| PrintError::Writing("stopping".to_owned());
        let _turn = self.turns.acquire().await.map_err(stopped)?;
        let printer = Arc::clone(self);
        let made = tokio::task::spawn_blocking(move || make(&*printer.fonts()?)).await;
        made.map_err(|error| PrintError::Writing(error.to_string()))?
    }
}
