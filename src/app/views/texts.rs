//! A village's texts in memory, to be searched: those that everyone or the whole village may read. What is closed to the village is never
//! read for it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::app::App;
use crate::app::error::AppError;
use crate::app::kept::Kept;
use crate::app::views::library::{Known, Wanted};
use crate::core::act::{Act, Kind};
use crate::core::ids::{Digest, VillageCode};
use crate::core::model::Level;

/// Most bytes of texts of all villages together.
const MOST_BYTES: u64 = 64 << 20;
/// Most letters of a text that are searched: a plan's attachments are papers of their own.
const LETTERS: usize = 20_000;

/// A village's texts at one size of its record.
#[derive(Debug, Default)]
pub struct Texts {
    size: u64,
    words: HashMap<Digest, Option<(Level, Arc<str>)>>,
}

impl Texts {
    /// A text in small letters, where everyone or the village may read it, with who.
    #[must_use]
    pub fn text(&self, name: Digest) -> Option<(Level, &str)> {
        let (level, words) = self.words.get(&name)?.as_ref()?;
        Some((*level, words))
    }

    fn bytes(&self) -> u64 {
        let words = self.words.values().flatten().map(|(_, words)| words.len()).sum::<usize>();
        (words + self.words.len() * size_of::<(Digest, Option<(Level, Arc<str>)>)>()) as u64
    }
}

/// The texts of the villages that were searched last.
#[derive(Debug)]
pub(in crate::app) struct KeptTexts(Mutex<Kept<Arc<Texts>>>);

impl Default for KeptTexts {
    fn default() -> Self {
        Self(Mutex::new(Kept::new(MOST_BYTES)))
    }
}

impl App {
    /// Texts of a village whose record has `size` entries, among them those named. What is known from before is read no second time, except
    /// that what was withdrawn since is forgotten.
    ///
    /// # Errors
    /// The store's.
    pub async fn texts(
        &self,
        village: VillageCode,
        size: u64,
        names: impl IntoIterator<Item = Digest>,
    ) -> Result<Arc<Texts>, AppError> {
        let before = self.kept_texts().0.lock().unwrap_or_else(PoisonError::into_inner).get(village).map(Arc::clone);
        let before = before.unwrap_or_default();
        if before.size == size {
            return Ok(before);
        }
        let mut words = HashMap::new();
        let mut spoken = BTreeSet::new();
        for name in names {
            match before.words.get(&name) {
                Some(known) => drop(words.insert(name, known.clone())),
                None => drop(spoken.insert(name)),
            }
        }
        let wanted = Wanted { spoken, ..Wanted::default() };
        let library = self.library(village, &wanted, |level| !level.is_closed()).await?;
        for name in wanted.spoken {
            let level = library.known(name).map(Known::level);
            let text = library.text(name).map(|text| text.chars().take(LETTERS).collect::<String>().to_lowercase());
            words.insert(name, level.zip(text.map(Arc::from)));
        }
        for told in self.told_of_kind(village, Kind::DocumentWithdrawn).await? {
            if let Act::DocumentWithdrawn(act) = told.statement.act {
                words.entry(act.document).and_modify(|known| *known = None);
            }
        }
        let texts = Arc::new(Texts { size, words });
        let mut kept = self.kept_texts().0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(village, Arc::clone(&texts), texts.bytes());
        Ok(texts)
    }
}
