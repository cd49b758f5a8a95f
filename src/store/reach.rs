//! By which way people want to be told things, what they want to hear, and what they have been told. Addresses are in the vault.

use crate::core::clock::Time;
use crate::core::ids::{PersonId, PublicKey, VillageCode};
use crate::store::error::StoreError;
use crate::store::outbox::{Mark, Outgoing};
use crate::store::people::TaskRow;
use crate::store::sql::{opt, table_row, text, val};
use crate::store::tx::Tx;

/// Kind of vault row that holds a contact's address, named by the contact.
pub const ADDRESS: &str = "contact";

table_row! {
/// A way by which somebody wants to be told things.
"contacts" pub struct Contact {
    /// Its name: random, and all that other tables know of it.
    pub contact: String,
    /// Whose it is: the key with which it was given.
    pub public_key: PublicKey,
    /// A village in which that key is enrolled: the vault's row belongs to it.
    pub village: VillageCode,
    /// The channel, such as `email`.
    pub channel: String,
    /// Tag of the language in which it is told.
    pub lang: String,
    /// When it was given.
    pub made: Time,
    /// Until when the code that was sent there can be typed in.
    pub code_until: Option<Time>,
    /// How often a wrong code was typed in.
    pub tries: u64,
    /// Since when it counts.
    pub confirmed: Option<Time>,
    /// When something was last sent there.
    pub told: Option<Time>,
}
}

table_row! {
/// What the holder of a key wants to hear, and when not.
"wishes" pub struct Wishes {
    /// The key.
    pub public_key: PublicKey,
    /// What waits for this person.
    pub tasks: bool,
    /// Sessions and votes.
    pub ballots: bool,
    /// Every step.
    pub steps: bool,
    /// Nothing is sent from this minute of the day on.
    pub quiet_from: u64,
    /// Until this one.
    pub quiet_until: u64,
    /// So many codes were sent.
    pub codes: u64,
    /// Since then.
    pub codes_since: Time,
}
}

table_row! {
/// A task of which people were told.
"told_tasks" pub struct ToldTask {
    /// The village.
    pub village: VillageCode,
    /// The task's name.
    pub task: String,
    /// The date for which they were told that it is near.
    pub reminded: Option<Time>,
}
}

/// Somebody to be told things in a village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// By which way.
    pub contact: String,
    /// The channel.
    pub channel: String,
    /// Who it is in this village.
    pub person: PersonId,
    /// Whether tasks are wanted.
    pub tasks: bool,
    /// Whether sessions and votes are.
    pub ballots: bool,
    /// Whether all steps are.
    pub steps: bool,
}

impl Tx<'_> {
    /// Keeps a way to reach somebody.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_contact(&mut self, contact: &Contact) -> Result<(), StoreError> {
        self.put(std::slice::from_ref(contact), "").await.map(|_| ())
    }

    /// A way to reach somebody, by its name.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn contact(&mut self, contact: &str) -> Result<Option<Contact>, StoreError> {
        self.first("WHERE contact = $1", vec![text(contact)]).await
    }

    /// The ways to reach the holder of a key, oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn contacts_of(&mut self, key: PublicKey) -> Result<Vec<Contact>, StoreError> {
        self.all("WHERE public_key = $1 ORDER BY made, contact", vec![val(key)]).await
    }

    /// Counts a try at a contact's code, as long as there are fewer than `most` and it can still be typed in at `now`; `false` otherwise.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn try_code(&mut self, contact: &str, most: u64, now: Time) -> Result<bool, StoreError> {
        let sql = "UPDATE contacts SET tries = tries + 1 WHERE contact = $1 AND confirmed IS NULL AND tries < $2 AND code_until > $3";
        Ok(self.execute(sql, vec![text(contact), val(most), val(now)]).await? == 1)
    }

    /// Makes a contact count; `false` if it did, or is gone.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn confirm_contact(&mut self, contact: &str, now: Time) -> Result<bool, StoreError> {
        let sql = "UPDATE contacts SET confirmed = $2, code_until = NULL WHERE contact = $1 AND confirmed IS NULL";
        Ok(self.execute(sql, vec![text(contact), val(now)]).await? == 1)
    }

    /// Notes when something was last sent to a contact.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn told_contact(&mut self, contact: &str, now: Time) -> Result<(), StoreError> {
        let sql = "UPDATE contacts SET told = $2 WHERE contact = $1";
        self.execute(sql, vec![text(contact), val(now)]).await.map(|_| ())
    }

    /// Removes a contact, its address and all that was to be sent there or was sent; `false` if there was none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn remove_contact(&mut self, contact: &Contact) -> Result<bool, StoreError> {
        let name = || vec![text(&contact.contact)];
        let vault = "DELETE FROM vault WHERE kind = $1 AND village = $2 AND name = $3";
        self.execute(vault, vec![text(ADDRESS), val(contact.village), text(&contact.contact)]).await?;
        let sent = "DELETE FROM outbox WHERE channel = $1 AND destination = $2";
        self.execute(sent, vec![text(&contact.channel), text(&contact.contact)]).await?;
        Ok(self.execute("DELETE FROM contacts WHERE contact = $1", name()).await? == 1)
    }

    /// Contacts whose code can't be typed in any more, at most `limit`: they never counted.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn stale_contacts(&mut self, now: Time, limit: u64) -> Result<Vec<Contact>, StoreError> {
        let clause = "WHERE confirmed IS NULL AND code_until <= $1 ORDER BY contact LIMIT $2";
        self.all(clause, vec![val(now), val(limit)]).await
    }

    /// Contacts after `after` whose key the tables know nowhere, in order of name, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn keyless_contacts(&mut self, after: &str, limit: u64) -> Result<Vec<Contact>, StoreError> {
        let clause = "WHERE contact > $1 AND NOT EXISTS (SELECT 1 FROM keys WHERE keys.public_key = contacts.public_key) \
                      ORDER BY contact LIMIT $2";
        self.all(clause, vec![text(after), val(limit)]).await
    }

    /// What the holder of a key wants to hear; `None` where nothing was ever said.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn wishes(&mut self, key: PublicKey) -> Result<Option<Wishes>, StoreError> {
        self.first("WHERE public_key = $1", vec![val(key)]).await
    }

    /// Keeps what the holder of a key wants to hear; how many codes were sent stays as it is.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_wishes(&mut self, wishes: &Wishes) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (public_key) DO UPDATE SET tasks = excluded.tasks, ballots = excluded.ballots, steps = excluded.steps, \
                    quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until";
        self.put(std::slice::from_ref(wishes), tail).await.map(|_| ())
    }

    /// Counts one code more for the holder of a key who has wishes; `false` where `most` were sent since `since`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn count_code(&mut self, key: PublicKey, now: Time, since: Time, most: u64) -> Result<bool, StoreError> {
        let sql = "UPDATE wishes SET codes = CASE WHEN codes_since <= $3 THEN 1 ELSE codes + 1 END, \
                   codes_since = CASE WHEN codes_since <= $3 THEN $2 ELSE codes_since END \
                   WHERE public_key = $1 AND (codes_since <= $3 OR codes < $4)";
        Ok(self.execute(sql, vec![val(key), val(now), val(since), val(most)]).await? == 1)
    }

    /// Forgets it, unless codes were sent after `since`: they are counted on.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn forget_wishes(&mut self, key: PublicKey, since: Time) -> Result<(), StoreError> {
        let sql = "DELETE FROM wishes WHERE public_key = $1 AND (codes = 0 OR codes_since <= $2)";
        self.execute(sql, vec![val(key), val(since)]).await.map(|_| ())
    }

    /// Who is to be told things in a village: those whose key is in use there.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn listeners(&mut self, village: VillageCode) -> Result<Vec<Listener>, StoreError> {
        let sql = "SELECT c.contact AS contact, c.channel AS channel, k.person AS person, \
                   w.tasks AS tasks, w.ballots AS ballots, w.steps AS steps \
                   FROM keys k JOIN contacts c ON c.public_key = k.public_key JOIN wishes w ON w.public_key = k.public_key \
                   WHERE k.village = $1 AND c.confirmed IS NOT NULL ORDER BY c.contact";
        let rows = self.rows(sql, vec![val(village)]).await?;
        rows.iter()
            .map(|row| {
                Ok(Listener {
                    contact: row.one("contact")?,
                    channel: row.one("channel")?,
                    person: row.one("person")?,
                    tasks: row.one("tasks")?,
                    ballots: row.one("ballots")?,
                    steps: row.one("steps")?,
                })
            })
            .collect()
    }

    /// Villages after `after` with steps of which people were not told, in order of code, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn unheard(&mut self, after: Option<VillageCode>, limit: u64) -> Result<Vec<Mark>, StoreError> {
        let after = after.map_or_else(|| text(""), val);
        self.all("WHERE known > heard AND village > $1 ORDER BY village LIMIT $2", vec![after, val(limit)]).await
    }

    /// Moves the mark of what people were told of on; `false` if somebody else has moved it since: the transaction must then be given up.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn move_heard(&mut self, village: VillageCode, heard: u64, to: u64) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox_marks SET heard = $1 WHERE village = $2 AND heard = $3";
        Ok(self.execute(sql, vec![val(to), val(village), val(heard)]).await? == 1)
    }

    /// Moves all these marks on where nobody is told anything; how many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn pass_heard(&mut self) -> Result<u64, StoreError> {
        self.execute("UPDATE outbox_marks SET heard = known WHERE known > heard", vec![]).await
    }

    /// Tasks of a village of which people were told.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn told_tasks(&mut self, village: VillageCode) -> Result<Vec<ToldTask>, StoreError> {
        self.all("WHERE village = $1 ORDER BY task", vec![val(village)]).await
    }

    /// Keeps of which tasks people were told; of one that is there already the date is taken over. How many that changed: none where
    /// somebody else was first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_told_tasks(&mut self, told: &[ToldTask]) -> Result<u64, StoreError> {
        let tail = "ON CONFLICT (village, task) DO UPDATE SET reminded = excluded.reminded \
                    WHERE told_tasks.reminded IS DISTINCT FROM excluded.reminded";
        self.put(told, tail).await
    }

    /// Forgets tasks that are none any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn forget_done_tasks(&mut self, village: VillageCode) -> Result<u64, StoreError> {
        let sql = "DELETE FROM told_tasks WHERE village = $1 AND NOT EXISTS \
                   (SELECT 1 FROM tasks t WHERE t.village = told_tasks.village AND t.task = told_tasks.task)";
        self.execute(sql, vec![val(village)]).await
    }

    /// People's tasks that are due after `now` and by `until`, in villages where somebody listens, and of which nobody was told that the date
    /// is near, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn tasks_near(&mut self, now: Time, until: Time, limit: u64) -> Result<Vec<TaskRow>, StoreError> {
        let clause = "WHERE due > $1 AND due <= $2 AND role NOT IN ('log', 'voter') \
                      AND NOT EXISTS (SELECT 1 FROM told_tasks d WHERE d.village = tasks.village AND d.task = tasks.task AND d.reminded = tasks.due) \
                      AND EXISTS (SELECT 1 FROM keys k JOIN contacts c ON c.public_key = k.public_key \
                                  WHERE k.village = tasks.village AND c.confirmed IS NOT NULL) \
                      ORDER BY village, task LIMIT $3";
        self.all(clause, vec![val(now), val(until), val(limit)]).await
    }

    /// Puts messages into the outbox in place of what was said before to the same people about the same entries: a date that is near.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn queue_instead(&mut self, messages: &[Outgoing]) -> Result<u64, StoreError> {
        let tail = "ON CONFLICT (channel, destination, village, seq) DO UPDATE SET kind = excluded.kind, made = excluded.made, \
                    next_at = excluded.next_at, attempts = 0, done = NULL, outcome = NULL";
        self.put(messages, tail).await
    }

    /// To whom something is due by `now` on one of the people's channels, the longest due first, at most `limit` messages looked at.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn due_to_people(&mut self, now: Time, limit: u64) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT channel, destination FROM outbox WHERE next_at IS NOT NULL AND next_at <= $1 AND channel IN ('email', 'push', 'sms') \
                   ORDER BY next_at, channel, destination LIMIT $2";
        let rows = self.rows(sql, vec![val(now), val(limit)]).await?;
        let mut found: Vec<(String, String)> = Vec::new();
        for row in &rows {
            let one = (row.one("channel")?, row.one("destination")?);
            if !found.contains(&one) {
                found.push(one);
            }
        }
        Ok(found)
    }

    /// Puts off what is due to somebody by `now`; how many messages.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_off(
        &mut self,
        (channel, destination): (&str, &str),
        now: Time,
        until: Time,
    ) -> Result<u64, StoreError> {
        let sql = "UPDATE outbox SET next_at = $4 WHERE channel = $1 AND destination = $2 AND next_at IS NOT NULL AND next_at <= $3";
        self.execute(sql, vec![text(channel), text(destination), val(now), val(until)]).await
    }

    /// Takes a message back that is past.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn take_back(&mut self, message: &Outgoing) -> Result<(), StoreError> {
        let sql =
            "DELETE FROM outbox WHERE channel = $1 AND destination = $2 AND village = $3 AND seq = $4 AND next_at = $5";
        let Outgoing { channel, destination, village, seq, next_at, .. } = message;
        let values = vec![text(channel), text(destination), val(*village), val(*seq), opt(*next_at)];
        self.execute(sql, values).await.map(|_| ())
    }

    /// Takes back all that is still to be sent to somebody who is not to be reached there any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn take_all_back(&mut self, channel: &str, destination: &str) -> Result<u64, StoreError> {
        let sql = "DELETE FROM outbox WHERE channel = $1 AND destination = $2 AND next_at IS NOT NULL";
        self.execute(sql, vec![text(channel), text(destination)]).await
    }

    /// Whether a key is in use in a village.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn key_is_in(&mut self, village: VillageCode, key: PublicKey) -> Result<bool, StoreError> {
        let sql = "SELECT person FROM keys WHERE village = $1 AND public_key = $2";
        Ok(self.row(sql, vec![val(village), val(key)]).await?.is_some())
    }
}
