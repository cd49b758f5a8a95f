//! What people without a key write: a suggestion, an objection, an interpellation, a complaint, a rating. The log states it, and the writer keeps a receipt code whose
//! hash stands in the record, so that only who has the code can show to have written it.

use crate::app::App;
use crate::app::error::AppError;
use crate::core::act::Act;
use crate::core::act::inquiry::{Addressee, Asked, InquiryReceived, RatingReceived};
use crate::core::act::matter::{ObjectionReceived, SuggestionReceived};
use crate::core::clock::Time;
use crate::core::commit;
use crate::core::ids::{Digest, MatterId, VillageCode};
use crate::core::model::{Doc, Level};
use crate::core::state::matter::{Matter, Notice};
use crate::core::statement::Header;

/// Longest text, in characters: a page of handwriting.
pub const LONGEST: usize = 2_000;
/// Letters of a receipt code: no two that look alike on paper.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters in a code, 5 bits each.
const CODE: usize = 16;
/// Letters in a group.
const GROUP: usize = 4;

/// A text that is on record now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Index of its entry.
    pub seq: u64,
    /// The receipt code, for its writer alone.
    pub code: String,
}

/// The notice of a matter to which anybody can object at `now`: the one whose window is open.
#[must_use]
pub fn objectable(matter: &Matter, now: Time) -> Option<Notice> {
    [matter.resolution_notice, matter.plan_notice].into_iter().flatten().find(|notice| now < notice.ends)
}

/// The hash of a receipt code as the record has it; hyphens, spaces and small letters make no difference.
#[must_use]
pub fn receipt_of(code: &str) -> Digest {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    commit::plain(plain.as_bytes())
}

impl App {
    /// Puts a suggestion on record; it opens a matter of its own.
    ///
    /// # Errors
    /// `Invalid` for a text as in [`App::keep_text`]; what the judge refuses; the store's.
    pub async fn receive_suggestion(&self, village: VillageCode, text: &str) -> Result<Received, AppError> {
        let text = self.written(village, Level::Public, text).await?;
        let header = Header::of(MatterId::from_bytes(self.random()));
        self.state_received(village, header, |receipt| Act::SuggestionReceived(SuggestionReceived { text, receipt }))
            .await
    }

    /// Puts an objection to a matter's notice on record.
    ///
    /// # Errors
    /// As [`App::receive_suggestion`]; `NotFound` where there is no such matter, or no notice whose window is open.
    pub async fn receive_objection(
        &self,
        village: VillageCode,
        matter: MatterId,
        text: &str,
    ) -> Result<Received, AppError> {
        let live = self.lives().live(village).await?;
        let notice = live.state().matter(matter).and_then(|matter| objectable(matter, self.now()));
        let notice = notice.ok_or(AppError::NotFound { what: "notice" })?;
        let text = self.written(village, Level::Public, text).await?;
        let header = Header::of(matter).on(notice.at.leaf);
        self.state_received(village, header, |receipt| Act::ObjectionReceived(ObjectionReceived { text, receipt }))
            .await
    }

    /// Puts an interpellation or complaint about a matter on record.
    ///
    /// # Errors
    /// As [`App::receive_suggestion`]; `NotFound` where there is no such matter.
    pub async fn receive_inquiry(
        &self,
        village: VillageCode,
        matter: MatterId,
        (what, to): (Asked, Addressee),
        text: &str,
    ) -> Result<Received, AppError> {
        self.check_matter(village, matter).await?;
        let text = self.written(village, to.level(), text).await?;
        let act = |receipt| Act::InquiryReceived(InquiryReceived { what, to, text, receipt });
        self.state_received(village, Header::of(matter), act).await
    }

    /// Puts a rating of what was carried out on record; words may be left out.
    ///
    /// # Errors
    /// As [`App::receive_inquiry`].
    pub async fn receive_rating(
        &self,
        village: VillageCode,
        matter: MatterId,
        score: u8,
        text: &str,
    ) -> Result<Received, AppError> {
        self.check_matter(village, matter).await?;
        let text = match text.trim() {
            "" => None,
            text => Some(self.written(village, Level::Public, text).await?),
        };
        let act = |receipt| Act::RatingReceived(RatingReceived { score, text, receipt });
        self.state_received(village, Header::of(matter), act).await
    }

    async fn check_matter(&self, village: VillageCode, matter: MatterId) -> Result<(), AppError> {
        let live = self.lives().live(village).await?;
        live.state().matter(matter).map(|_| ()).ok_or(AppError::NotFound { what: "matter" })
    }

    async fn written(&self, village: VillageCode, level: Level, text: &str) -> Result<Doc, AppError> {
        if text.chars().count() > LONGEST {
            return Err(AppError::Invalid { field: "text", reason: "too-long" });
        }
        self.keep_text(village, None, level, text).await
    }

    async fn state_received(
        &self,
        village: VillageCode,
        header: Header,
        act: impl FnOnce(Digest) -> Act,
    ) -> Result<Received, AppError> {
        let code = spell(self.random());
        let live = self.lives().live(village).await?;
        let accepted = self.state_as_log(&live, header, act(receipt_of(&code))).await?;
        Ok(Received { seq: accepted.at.seq, code })
    }
}

/// Random bytes as a code that people copy by hand.
fn spell(random: [u8; CODE]) -> String {
    let letters: Vec<char> = random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(GROUP).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::{receipt_of, spell};

    #[test]
    fn a_code_is_known_again_however_it_is_copied() {
        let code = spell(*b"0123456789abcdef");
        assert_eq!(code.len(), 19);
        assert_eq!(receipt_of(&code), receipt_of(&code.replace('-', " ").to_lowercase()));
        assert_ne!(receipt_of(&code), receipt_of(&code[..18]));
    }
}
