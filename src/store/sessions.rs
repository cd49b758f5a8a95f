//! Logging in and enrolling: login sessions, challenges that count once, open enrolment slips. All of them expire.

use sqlx::AssertSqlSafe;
use ulid::Ulid;

use crate::core::clock::Time;
use crate::core::ids::{Digest, PersonId, PublicKey, VillageCode};
use crate::store::error::StoreError;
use crate::store::sql::{TableRow as _, Value, table_row, val};
use crate::store::tx::Tx;

/// Most log-ins looked up in one statement.
const MOST_ASKED: usize = 256;

table_row! {
/// A person who is logged in. The token is known to the browser only; its hash is kept.
"sessions" pub struct LoginSession {
    /// SHA-256 of the token.
    pub token_hash: Digest,
    /// The village of the person; `None` for an official who works in several.
    pub village: Option<VillageCode>,
    /// Who.
    pub person: PersonId,
    /// The key that signed the challenge.
    pub public_key: PublicKey,
    /// What forms must send back.
    pub csrf: [u8; 32],
    /// When it began.
    pub created: Time,
    /// From when on it no longer counts.
    pub expires: Time,
    /// The account elsewhere that began it; `None`: the key did.
    pub account: Option<Digest>,
    /// Whether a phone that has the key let this computer in.
    pub paired: bool,
}
}

table_row! {
/// An enrolment that was begun: a slip was printed, no key came back yet.
"enrolments" pub struct Enrolment {
    /// Its id.
    pub enrolment: Ulid,
    /// The village that enrols.
    pub village: VillageCode,
    /// Who is to be enrolled.
    pub person: PersonId,
    /// The key that came back.
    pub public_key: PublicKey,
    /// What else is known of it, as JSON.
    pub body: String,
    /// When it was begun.
    pub created: Time,
    /// From when on it no longer counts.
    pub expires: Time,
}
}

impl Tx<'_> {
    /// Keeps a new login session.
    pub async fn add_session(&mut self, session: &LoginSession) -> Result<(), StoreError> {
        self.put(std::slice::from_ref(session), "").await.map(|_| ())
    }

    /// Keeps many new login sessions at once.
    pub async fn add_sessions(&mut self, sessions: &[LoginSession]) -> Result<(), StoreError> {
        self.put(sessions, "").await.map(|_| ())
    }

    /// The login session of a token, unless it expired by `now`.
    pub async fn session(&mut self, token_hash: Digest, now: Time) -> Result<Option<LoginSession>, StoreError> {
        self.first("WHERE token_hash = $1 AND expires > $2", vec![val(token_hash), val(now)]).await
    }

    /// Those of the log-in sessions that have not expired by `now`.
    pub async fn sessions(&mut self, token_hashes: &[Digest], now: Time) -> Result<Vec<LoginSession>, StoreError> {
        let mut found = Vec::with_capacity(token_hashes.len());
        for some in token_hashes.chunks(MOST_ASKED) {
            // Filled up to a power of two with the last of them: few distinct statements, each prepared once.
            let all = some.iter().chain(std::iter::repeat(&some[some.len() - 1])).take(some.len().next_power_of_two());
            let values: Vec<Value> = std::iter::once(val(now)).chain(all.map(|hash| val(*hash))).collect();
            let list: Vec<String> = (2..=values.len()).map(|n| format!("${n}")).collect();
            // Safe: constants and placeholders, no value is part of the text.
            let sql = format!("{} WHERE expires > $1 AND token_hash IN ({})", LoginSession::SELECT, list.join(", "));
            for row in self.rows(AssertSqlSafe(sql), values).await? {
                found.push(LoginSession::read(&row)?);
            }
        }
        Ok(found)
    }

    /// Logs out; `false` if there was no such session.
    pub async fn end_session(&mut self, token_hash: Digest) -> Result<bool, StoreError> {
        Ok(self.execute("DELETE FROM sessions WHERE token_hash = $1", vec![val(token_hash)]).await? == 1)
    }

    /// Ends every session that a key began, as when it is revoked; how many.
    pub async fn end_sessions_of_key(&mut self, key: PublicKey) -> Result<u64, StoreError> {
        self.execute("DELETE FROM sessions WHERE public_key = $1", vec![val(key)]).await
    }

    /// Keeps a challenge that was handed out.
    pub async fn add_challenge(&mut self, challenge: [u8; 32], expires: Time) -> Result<(), StoreError> {
        let row = [val(challenge), val(expires)];
        self.insert("INSERT INTO challenges (challenge, expires)", "", [row]).await.map(|_| ())
    }

    /// Uses a challenge up: `true` once, and only before it expires.
    pub async fn take_challenge(&mut self, challenge: [u8; 32], now: Time) -> Result<bool, StoreError> {
        let sql = "DELETE FROM challenges WHERE challenge = $1 AND expires > $2";
        Ok(self.execute(sql, vec![val(challenge), val(now)]).await? == 1)
    }

    /// Keeps an enrolment in place of earlier ones of the same key, and of its person's only the `most` newest: whoever floods
    /// a person's slip is pushed out by the person's next try.
    pub async fn put_enrolment(&mut self, enrolment: &Enrolment, most: u64) -> Result<(), StoreError> {
        let (village, person) = (enrolment.village, enrolment.person);
        let sql = "DELETE FROM enrolments WHERE village = $1 AND person = $2 AND public_key = $3";
        self.execute(sql, vec![val(village), val(person), val(enrolment.public_key)]).await?;
        // Room is made first: of several that came in the same millisecond the last always stays.
        let sql = "DELETE FROM enrolments WHERE village = $1 AND person = $2 AND enrolment NOT IN \
                   (SELECT enrolment FROM enrolments WHERE village = $1 AND person = $2 \
                    ORDER BY created DESC, enrolment DESC LIMIT $3)";
        self.execute(sql, vec![val(village), val(person), val(most.saturating_sub(1))]).await?;
        self.put(std::slice::from_ref(enrolment), "").await.map(|_| ())
    }

    /// A village's open enrolments, the newest first, at most `limit`.
    pub async fn enrolments(
        &mut self,
        village: VillageCode,
        now: Time,
        limit: u64,
    ) -> Result<Vec<Enrolment>, StoreError> {
        let clause = "WHERE village = $1 AND expires > $2 ORDER BY created DESC, enrolment DESC LIMIT $3";
        self.all(clause, vec![val(village), val(now), val(limit)]).await
    }

    /// Closes the enrolments of a key that is on record now; how many there were.
    pub async fn end_enrolments(
        &mut self,
        village: VillageCode,
        person: PersonId,
        key: PublicKey,
    ) -> Result<u64, StoreError> {
        let sql = "DELETE FROM enrolments WHERE village = $1 AND person = $2 AND public_key = $3";
        self.execute(sql, vec![val(village), val(person), val(key)]).await
    }

    /// Removes what expired by `now`: sessions, challenges, enrolments, half-signed statements, counts of cards that were never
    /// made, computers that were not let in and browsers that came back from no provider; how many rows.
    pub async fn sweep_expired(&mut self, now: Time) -> Result<u64, StoreError> {
        let mut swept = 0;
        for sql in [
            "DELETE FROM sessions WHERE expires <= $1",
            "DELETE FROM challenges WHERE expires <= $1",
            "DELETE FROM enrolments WHERE expires <= $1",
            "DELETE FROM half_signed WHERE expires <= $1",
            "DELETE FROM cards WHERE expires <= $1",
            "DELETE FROM pairings WHERE expires <= $1",
            "DELETE FROM provider_asks WHERE expires <= $1",
            "DELETE FROM offered_accounts WHERE expires <= $1",
        ] {
            swept += self.execute(sql, vec![val(now)]).await?;
        }
        Ok(swept)
    }
}
