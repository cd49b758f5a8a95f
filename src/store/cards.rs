//! Printed cards: whom each was made for, which key its holder made with it, and how often it was tried.

use crate::core::clock::Time;
use crate::core::ids::{CardId, Digest, PersonId, PublicKey, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{opt, table_row, val};
use crate::store::tx::Tx;

table_row! {
/// A card, made here or only asked about.
"cards" pub struct Card {
    /// The village.
    pub village: VillageCode,
    /// The card.
    pub card: CardId,
    /// Whom it was made for; `None` for a card that was asked about and never made here.
    pub person: Option<PersonId>,
    /// The key that its holder made with it.
    pub public_key: Option<PublicKey>,
    /// The proof, for the clerk's browser, that who made the key held the card.
    pub mac: Option<Digest>,
    /// Evaluations since the right PIN was last proved.
    pub tries: u64,
    /// Wrong ones of all the time before.
    pub misses: u64,
    /// Until when nothing is evaluated.
    pub locked_until: Option<Time>,
    /// When it was made, or first asked about.
    pub made: Time,
    /// When it is forgotten: cards that were never made here.
    pub expires: Option<Time>,
}
}

impl Tx<'_> {
    /// Keeps new cards; of one that is there already the row stays. How many were kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_cards(&mut self, cards: &[Card]) -> Result<u64, StoreError> {
        self.put(cards, "ON CONFLICT DO NOTHING").await
    }

    /// A card, made here or only asked about.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn card(&mut self, village: VillageCode, card: CardId) -> Result<Option<Card>, StoreError> {
        self.first("WHERE village = $1 AND card = $2", vec![val(village), val(card)]).await
    }

    /// The card with which a key was made.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn card_of_key(&mut self, village: VillageCode, key: PublicKey) -> Result<Option<Card>, StoreError> {
        let clause = "WHERE village = $1 AND public_key = $2 ORDER BY made LIMIT 1";
        self.first(clause, vec![val(village), val(key)]).await
    }

    /// The cards that were made in a village, the newest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn cards(&mut self, village: VillageCode, limit: u64) -> Result<Vec<Card>, StoreError> {
        let clause = "WHERE village = $1 AND person IS NOT NULL ORDER BY made DESC, card LIMIT $2";
        self.all(clause, vec![val(village), val(limit)]).await
    }

    /// Counts one try more of a card as it was read, and locks it; `false` where another try was counted or settled meanwhile.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn count_try(&mut self, card: &Card, locked_until: Option<Time>) -> Result<bool, StoreError> {
        let sql = "UPDATE cards SET tries = tries + 1, locked_until = $1 \
                   WHERE village = $2 AND card = $3 AND tries = $4 AND misses = $5";
        let Card { village, card, tries, misses, .. } = card;
        let values = vec![opt(locked_until), val(*village), val(*card), val(*tries), val(*misses)];
        Ok(self.execute(sql, values).await? == 1)
    }

    /// The right PIN was proved: what was tried before and was wrong is counted among the misses, and the lock ends. `false`
    /// where nothing was tried.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn settle_tries(&mut self, village: VillageCode, card: CardId) -> Result<bool, StoreError> {
        let sql = "UPDATE cards SET misses = misses + tries - 1, tries = 0, locked_until = NULL \
                   WHERE village = $1 AND card = $2 AND tries > 0";
        Ok(self.execute(sql, vec![val(village), val(card)]).await? == 1)
    }

    /// Keeps the key that a card's holder made with it. The first one stays: `false` for another key, or no such card.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn answer_card(
        &mut self,
        village: VillageCode,
        card: CardId,
        key: PublicKey,
        mac: Digest,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE cards SET public_key = $1, mac = $2 \
                   WHERE village = $3 AND card = $4 AND (public_key IS NULL OR public_key = $1)";
        Ok(self.execute(sql, vec![val(key), val(mac), val(village), val(card)]).await? == 1)
    }
}
