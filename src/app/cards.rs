//! Printed cards with a PIN (PROTOCOL 14): the server's half of restoring a card's key, and how often it may be asked for it.
//!
//! Each evaluation is one guess at a PIN. It is counted, on disk, before its result goes out; only a signature by the card's
//! own key, which the right PIN alone restores, makes the count begin anew. A card that was never made here is counted and
//! answered like any other, so an answer never says which cards there are.

use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::app::error::AppError;
use crate::app::oprf::{Blinded, Evaluated, OprfKey};
use crate::core::clock::{DAY_MS, MINUTE_MS, Time};
use crate::core::ids::{CardId, Digest, PersonId, PublicKey, SessionId, VillageCode};
use crate::core::keys;
use crate::core::model::KeyKind;
use crate::core::state::State;
use crate::log::dsse::Envelope;
use crate::store::cards::Card;
use crate::store::error::StoreError;
use crate::store::vault::{Place, Secret};

/// Kind of vault row with the 32 bytes that a village's cards take their keys of the function from.
pub const CARD_SEED: &str = "card-seed";
/// What a card's key of the function is derived for, before village and card.
const KEY_INFO: &[u8] = b"sunvote/card/oprf/v1\n";
/// Tries that follow one another freely. After this many, and after each further one, the card is locked for a while.
pub const FREE_TRIES: u64 = 5;
/// The first lock; each further one is twice as long.
const FIRST_LOCK_MS: i64 = MINUTE_MS;
/// Doublings of a lock: an hour and four minutes at most.
const MOST_DOUBLINGS: u64 = 6;
/// Tries without the right PIN after which a card is of no use any more.
pub const MOST_TRIES: u64 = 20;
/// Wrong tries of a card's whole life after which it is of no use any more.
pub const MOST_MISSES: u64 = 100;
/// How long a card that was never made here is remembered: longer than any lock lasts.
const FORGOTTEN_AFTER_MS: i64 = 30 * DAY_MS;

/// A card about to be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewCard {
    /// The card.
    pub card: CardId,
    /// Whom it is for.
    pub person: PersonId,
}

/// What a question about a card is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardAnswer {
    /// It was evaluated, and counted.
    Evaluated {
        /// The result.
        result: Evaluated,
        /// The public key that the proof is for.
        oprf_key: [u8; 32],
    },
    /// Nothing is evaluated before this time.
    Locked(Time),
    /// Never again: tried too often, or its key was revoked.
    Closed,
}

/// What is decided on a try before it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Try {
    Counted,
    Overtaken,
    Locked(Time),
    Closed,
}

/// Until when a card is locked that was tried for the `tries`-th time.
#[must_use]
pub fn lock_after(tries: u64, now: Time) -> Option<Time> {
    let doublings = tries.checked_sub(FREE_TRIES)?.min(MOST_DOUBLINGS);
    Some(now.plus_ms(FIRST_LOCK_MS << doublings))
}

/// Whether a card was tried so often that it is of no use any more.
#[must_use]
pub fn is_spent(card: &Card) -> bool {
    card.tries >= MOST_TRIES || card.misses + card.tries >= MOST_MISSES
}

/// What the page of a session's door knows a card by, 64 hex digits. The page stays in a browser; a card's id, with which PINs can be
/// tried, does not stand on it.
#[must_use]
pub fn door_mark(card: &CardId, session: SessionId) -> String {
    hex::encode(Sha256::digest(format!("sunvote/door/v1\n{session}\n{card}")))
}

/// Whether the card's key was revoked on the record.
#[must_use]
pub fn is_revoked(card: &Card, state: &State) -> bool {
    let key = card.public_key.and_then(|key| state.people.keys.get(&key));
    key.is_some_and(|key| key.revoked)
}

/// Whether a key is on record as this card's: of the person that it was made for, and of the kind.
fn is_of(card: &Card, key: PublicKey, state: &State) -> bool {
    let enrolled = state.people.keys.get(&key).filter(|key| !key.revoked && key.kind == KeyKind::Card);
    card.public_key == Some(key) && enrolled.is_some_and(|key| Some(key.person) == card.person)
}

impl App {
    /// Keeps cards that the clerk's browser has made, and gives the public key of the function for each, in order.
    ///
    /// # Errors
    /// `Invalid` where somebody is not on the village's record, or is an official; the store's.
    pub async fn make_cards(&self, village: VillageCode, new: &[NewCard]) -> Result<Vec<[u8; 32]>, AppError> {
        let live = self.lives().live(village).await?;
        let people = &live.state().people;
        if new.iter().any(|one| !people.persons.contains_key(&one.person) || people.is_official(one.person)) {
            return Err(AppError::Invalid { field: "person", reason: "choice" });
        }
        let made = self.now();
        let rows: Vec<Card> = new
            .iter()
            .map(|one| Card { person: Some(one.person), expires: None, ..asked_about(village, one.card, made) })
            .collect();
        let write = self.db().write("make_cards", |tx| {
            let rows = rows.clone();
            Box::pin(async move { tx.add_cards(&rows).await })
        });
        if write.await? != u64::try_from(new.len()).unwrap_or(u64::MAX) {
            return Err(AppError::Invalid { field: "card", reason: "form" });
        }
        let seed = self.card_seed(village).await?;
        Ok(new.iter().map(|one| key_of(&seed, village, one.card).public()).collect())
    }

    /// One try: counts it, then evaluates what the card's holder blinded.
    ///
    /// # Errors
    /// `NotFound` for a village without a record; the store's. Where the count could not be written, nothing is evaluated.
    pub async fn evaluate_card(
        &self,
        village: VillageCode,
        card: CardId,
        blinded: &Blinded,
    ) -> Result<CardAnswer, AppError> {
        let seed = self.card_seed(village).await?;
        loop {
            match self.take_try(village, card).await? {
                Try::Counted => break,
                // Somebody else's try was counted: that one can happen as often as there are tries.
                Try::Overtaken => {}
                Try::Locked(until) => return Ok(CardAnswer::Locked(until)),
                Try::Closed => return Ok(CardAnswer::Closed),
            }
        }
        let key = key_of(&seed, village, card);
        let result = key.evaluate(blinded, &mut self.rng());
        Ok(CardAnswer::Evaluated { result, oprf_key: key.public() })
    }

    async fn take_try(&self, village: VillageCode, card: CardId) -> Result<Try, AppError> {
        let live = self.lives().live(village).await?;
        let now = self.now();
        let write = self.db().write("count_card_try", |tx| {
            let live = live.clone();
            Box::pin(async move {
                tx.add_cards(&[asked_about(village, card, now)]).await?;
                let Some(row) = tx.card(village, card).await? else { return Ok(Try::Overtaken) };
                if is_spent(&row) || is_revoked(&row, live.state()) {
                    return Ok(Try::Closed);
                }
                if let Some(until) = row.locked_until.filter(|until| now < *until) {
                    return Ok(Try::Locked(until));
                }
                let counted = tx.count_try(&row, lock_after(row.tries + 1, now)).await?;
                Ok::<_, StoreError>(if counted { Try::Counted } else { Try::Overtaken })
            })
        });
        Ok(write.await?)
    }

    /// Keeps the key that a card's holder made with it, for the clerk. The first one stays: `false` for another.
    ///
    /// # Errors
    /// `NotFound` for a village without a record; `Invalid` for a key that could not be enrolled; the store's.
    pub async fn answer_card(
        &self,
        village: VillageCode,
        card: CardId,
        key: PublicKey,
        mac: Digest,
    ) -> Result<bool, AppError> {
        let live = self.lives().live(village).await?;
        if !keys::is_fit(&key) {
            return Err(AppError::Invalid { field: "key", reason: "form" });
        }
        // One that is on record is nobody's new key, but the same answer may come twice.
        let elsewhere = live.state().people.keys.contains_key(&key);
        let now = self.now();
        let write = self.db().write("answer_card", |tx| {
            Box::pin(async move {
                tx.add_cards(&[asked_about(village, card, now)]).await?;
                let known = tx.card(village, card).await?.and_then(|row| row.public_key) == Some(key);
                if elsewhere && !known {
                    return Ok(false);
                }
                tx.answer_card(village, card, key, mac).await
            })
        });
        let kept: Result<bool, StoreError> = write.await;
        Ok(kept?)
    }

    /// Lets a card's tries begin anew for who signed a challenge with its key: the PIN was right.
    ///
    /// # Errors
    /// As [`App::log_in`], for any other key alike; the store's.
    pub async fn prove_card(
        &self,
        origin: &str,
        village: VillageCode,
        card: CardId,
        envelope: &Envelope,
    ) -> Result<(), AppError> {
        let (key, _) = self.challenged(origin, envelope).await?;
        let settled = self.settle_card(village, key).await?;
        if settled == Some(card) { Ok(()) } else { Err(AppError::NotFound { what: "card" }) }
    }

    /// The same for a key that has been shown to be the asker's; the card that it belongs to, if any.
    pub(in crate::app) async fn settle_card(
        &self,
        village: VillageCode,
        key: PublicKey,
    ) -> Result<Option<CardId>, AppError> {
        let live = self.lives().live(village).await?;
        let row = self.db().read("card_of_key", |tx| Box::pin(tx.card_of_key(village, key))).await?;
        let Some(row) = row.filter(|row| is_of(row, key, live.state()) && !is_spent(row)) else { return Ok(None) };
        self.db().write("settle_card", |tx| Box::pin(tx.settle_tries(village, row.card))).await?;
        Ok(Some(row.card))
    }

    /// What the village's cards take their keys from: made at the first question about any of them.
    async fn card_seed(&self, village: VillageCode) -> Result<Secret, AppError> {
        let place = Place { kind: CARD_SEED, village, name: "current" };
        // A village that isn't here gets no seed.
        self.lives().live(village).await?;
        let vault = self.vault();
        let read = || self.db().read("card_seed", |tx| Box::pin(async move { tx.secret(vault, &place).await }));
        if let Some(seed) = read().await? {
            return Ok(seed);
        }
        let row = vault.row(&place, &self.random::<32>(), &mut self.rng())?;
        // Of two who are first at once, one seed is kept, and both go on with that.
        self.db()
            .write("add_card_seed", |tx| {
                let row = row.clone();
                Box::pin(async move { tx.add_secret(&row).await })
            })
            .await?;
        read().await?.ok_or(AppError::NotFound { what: "card seed" })
    }
}

/// The row of a card that was never made here.
fn asked_about(village: VillageCode, card: CardId, now: Time) -> Card {
    Card {
        village,
        card,
        person: None,
        public_key: None,
        mac: None,
        tries: 0,
        misses: 0,
        locked_until: None,
        made: now,
        expires: Some(now.plus_ms(FORGOTTEN_AFTER_MS)),
    }
}

fn key_of(seed: &Secret, village: VillageCode, card: CardId) -> OprfKey {
    let info = [KEY_INFO, village.to_string().as_bytes(), &card.0].concat();
    OprfKey::derive(seed.expose(), &info).expect("32 bytes and a short text are within the limits of RFC 9497")
}

#[cfg(test)]
mod tests {
    use super::{FREE_TRIES, MOST_TRIES, lock_after};
    use crate::core::clock::{MINUTE_MS, Time};

    #[test]
    fn locks_begin_after_the_free_tries_and_double_up_to_an_hour() {
        let now = Time::from_ms(1_800_000_000_000).expect("a time in range");
        let minutes = |tries| lock_after(tries, now).map(|until| (until.ms() - now.ms()) / MINUTE_MS);
        let all: Vec<Option<i64>> = (1..=MOST_TRIES).map(minutes).collect();
        assert!(all[..4].iter().all(Option::is_none));
        assert_eq!(all[usize::try_from(FREE_TRIES).expect("few") - 1..][..8], [1, 2, 4, 8, 16, 32, 64, 64].map(Some));
        // The lock after the last of them holds nobody up.
        let between = &all[..all.len() - 1];
        assert!(between.iter().flatten().sum::<i64>() > 10 * 60, "twenty guesses take ten hours");
    }
}
