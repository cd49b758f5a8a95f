//! Where somebody wants to be told things: an address counts once a code sent there was typed in. Addresses are in the vault alone.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use p256::ecdsa::SigningKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use crate::app::App;
use crate::app::error::AppError;
use crate::app::login::holder;
use crate::app::reach::push::{self, Subscription};
use crate::app::reach::send::STOP;
use crate::app::reach::{Channel, Reach, Text, Tried, mail, sms};
use crate::core::clock::{DAY_MS, MINUTE_MS, Time};
use crate::core::ids::{PublicKey, VillageCode};
use crate::store::error::StoreError;
use crate::store::reach::{ADDRESS, Contact, Wishes};
use crate::store::vault::Place;

/// How long a code can be typed in.
pub const CODE_MS: i64 = 10 * MINUTE_MS;
/// How often one may be typed in wrongly.
pub const MOST_TRIES: u64 = 5;
/// Codes that are sent for one key in a day.
pub const MOST_CODES: u64 = 5;
/// Browsers of one key.
pub const MOST_DEVICES: usize = 5;
/// A code has six digits.
const CODES: u64 = 1_000_000;
/// Nothing is sent from nine in the evening until seven in the morning, unless somebody wants it so.
const QUIET: (u64, u64) = (21 * 60, 7 * 60);
/// Kind of vault row that holds the key by which push services know a village's server.
const PUSH_KEY: &str = "push-key";
/// Contacts that are looked at together.
const PAGE: u64 = 200;

/// What the vault has of a contact. Wiped when dropped.
#[derive(Serialize, Deserialize)]
struct Sealed {
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

impl Drop for Sealed {
    fn drop(&mut self) {
        self.address.zeroize();
        self.code.zeroize();
    }
}

/// What somebody chose to hear, and when not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
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
}

impl Default for Choice {
    fn default() -> Self {
        Self { tasks: true, ballots: true, steps: false, quiet_from: QUIET.0, quiet_until: QUIET.1 }
    }
}

/// A contact as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its name.
    pub contact: String,
    /// By which way.
    pub channel: Channel,
    /// As much of the address as its owner needs to know it again.
    pub address: String,
    /// When it was given.
    pub made: Time,
    /// Whether it counts; else a code is waited for, until then.
    pub waits_until: Option<Time>,
}

fn invalid(field: &'static str, reason: &'static str) -> AppError {
    AppError::Invalid { field, reason }
}

impl App {
    /// What the holder of a key chose, and the ways by which they are reached.
    ///
    /// # Errors
    /// The store's.
    pub async fn reached_by(&self, key: PublicKey) -> Result<(Choice, Vec<Shown>), AppError> {
        let (wishes, contacts) = self.kept(key).await?;
        let mut shown = Vec::with_capacity(contacts.len());
        for contact in contacts {
            let Some(channel) = Channel::parse(&contact.channel) else { continue };
            let waits_until = contact.code_until.filter(|_| contact.confirmed.is_none());
            // Where the code's time is over it is as if it had never been given.
            if contact.confirmed.is_none() && waits_until.is_none_or(|until| until <= self.now()) {
                continue;
            }
            let address = self.address(&contact).await?.map(|address| masked(channel, &address)).unwrap_or_default();
            shown.push(Shown { contact: contact.contact, channel, address, made: contact.made, waits_until });
        }
        let choice = wishes.map_or_else(Choice::default, |wishes| Choice {
            tasks: wishes.tasks,
            ballots: wishes.ballots,
            steps: wishes.steps,
            quiet_from: wishes.quiet_from,
            quiet_until: wishes.quiet_until,
        });
        Ok((choice, shown))
    }

    async fn kept(&self, key: PublicKey) -> Result<(Option<Wishes>, Vec<Contact>), AppError> {
        let read = self.db().read("reached_by", |tx| {
            Box::pin(async move { Ok::<_, StoreError>((tx.wishes(key).await?, tx.contacts_of(key).await?)) })
        });
        Ok(read.await?)
    }

    /// Keeps what the holder of a key chose.
    ///
    /// # Errors
    /// `Invalid` for times that no day has; the store's.
    pub async fn choose(&self, key: PublicKey, choice: Choice) -> Result<(), AppError> {
        if choice.quiet_from >= 24 * 60 || choice.quiet_until >= 24 * 60 {
            return Err(invalid("quiet", "time"));
        }
        let (before, _) = self.kept(key).await?;
        let wishes = Wishes {
            tasks: choice.tasks,
            ballots: choice.ballots,
            steps: choice.steps,
            quiet_from: choice.quiet_from,
            quiet_until: choice.quiet_until,
            ..before.unwrap_or_else(|| self.first_wishes(key))
        };
        self.put_wishes(wishes).await
    }

    fn first_wishes(&self, key: PublicKey) -> Wishes {
        let Choice { tasks, ballots, steps, quiet_from, quiet_until } = Choice::default();
        let codes_since = self.now();
        Wishes { public_key: key, tasks, ballots, steps, quiet_from, quiet_until, codes: 0, codes_since }
    }

    async fn put_wishes(&self, wishes: Wishes) -> Result<(), AppError> {
        self.db()
            .write("put_wishes", |tx| {
                let wishes = wishes.clone();
                Box::pin(async move { tx.put_wishes(&wishes).await })
            })
            .await
            .map_err(AppError::Store)
    }

    /// Takes an e-mail address or phone number and sends a code there. What counted before does until the code is typed in.
    ///
    /// # Errors
    /// `Invalid` for what is no address, where too many codes were sent, or where this one could not be; `NotFound` for a channel that
    /// isn't offered or a key that is enrolled nowhere; the store's.
    pub async fn give_address(
        &self,
        key: PublicKey,
        channel: Channel,
        typed: &str,
        lang: &str,
    ) -> Result<(), AppError> {
        let reach = self.offering(channel)?;
        let address = match channel {
            Channel::Email => mail::address(typed).map(|address| address.to_string()),
            Channel::Sms => sms::number(typed),
            Channel::Push => None,
        };
        let address = address.ok_or_else(|| invalid("address", channel.code()))?;
        let (before, contacts) = self.kept(key).await?;
        let wishes = before.unwrap_or_else(|| self.first_wishes(key));
        let code = self.new_code();
        let contact = self.new_contact(key, channel, lang).await?;
        let contact = Contact { code_until: Some(contact.made.plus_ms(CODE_MS)), ..contact };
        let waiting = contacts.into_iter().filter(|other| other.channel == channel.code() && other.confirmed.is_none());
        let sealed = Sealed { address: address.clone(), code: Some(code.to_string()) };
        self.keep_contact(&contact, &sealed, wishes, waiting.collect()).await?;
        let text = (reach.words.code)(lang, &code);
        match self.tell(reach, channel, &contact, &address, &contact.contact, (&text, "", None)).await? {
            Tried::Taken(_) => Ok(()),
            Tried::Later(words) | Tried::Never(words) | Tried::Gone(words) => {
                tracing::warn!(channel = channel.code(), outcome = words, "a code could not be sent");
                Err(invalid("address", "unsent"))
            }
        }
    }

    fn offering(&self, channel: Channel) -> Result<&Reach, AppError> {
        let reach = self.reach().filter(|reach| reach.offers(channel));
        reach.ok_or(AppError::NotFound { what: "channel" })
    }

    fn new_code(&self) -> Zeroizing<String> {
        let drawn = u64::from_le_bytes(self.random());
        format!("{:06}", drawn % CODES).into()
    }

    /// A contact under a random name, in a village in which the key is enrolled.
    async fn new_contact(&self, key: PublicKey, channel: Channel, lang: &str) -> Result<Contact, AppError> {
        let village = self.home(key).await?;
        let contact = hex::encode(self.random::<16>());
        let (channel, lang, made) = (channel.code().to_owned(), lang.to_owned(), self.now());
        let (code_until, confirmed, told) = (None, None, None);
        Ok(Contact { contact, public_key: key, village, channel, lang, made, code_until, tries: 0, confirmed, told })
    }

    async fn home(&self, key: PublicKey) -> Result<VillageCode, AppError> {
        self.villages_of(key, 1).await?.pop().ok_or(AppError::NotFound { what: "village" })
    }

    /// Keeps a contact in place of others. One to which a code goes is one of the few of a day, whatever else is asked at the same
    /// moment.
    async fn keep_contact(
        &self,
        contact: &Contact,
        sealed: &Sealed,
        wishes: Wishes,
        instead: Vec<Contact>,
    ) -> Result<(), AppError> {
        // Texts only: serialising can't fail.
        let secret = Zeroizing::new(serde_json::to_vec(sealed).unwrap_or_default());
        let place = Place { kind: ADDRESS, village: contact.village, name: &contact.contact };
        let row = self.vault().row(&place, &secret, &mut self.rng())?;
        let (now, coded) = (self.now(), sealed.code.is_some());
        let write = self.db().write("keep_contact", |tx| {
            let (contact, row, wishes, instead) = (contact.clone(), row.clone(), wishes.clone(), instead.clone());
            Box::pin(async move {
                tx.put_wishes(&wishes).await?;
                if coded && !tx.count_code(wishes.public_key, now, now.plus_ms(-DAY_MS), MOST_CODES).await? {
                    return Ok(false);
                }
                for other in &instead {
                    tx.remove_contact(other).await?;
                }
                tx.insert_vault(&[&row]).await?;
                tx.add_contact(&contact).await?;
                Ok::<_, StoreError>(true)
            })
        });
        if write.await? { Ok(()) } else { Err(invalid("address", "codes")) }
    }

    async fn sealed(&self, contact: &Contact) -> Result<Option<Sealed>, AppError> {
        let (vault, place) = (self.vault(), Place { kind: ADDRESS, village: contact.village, name: &contact.contact });
        let read = self.db().read("contact_address", |tx| Box::pin(async move { tx.secret(vault, &place).await }));
        let secret = read.await?;
        Ok(secret.and_then(|secret| serde_json::from_slice(secret.expose()).ok()))
    }

    /// Where a contact leads; nothing if that was erased.
    pub(in crate::app::reach) async fn address(
        &self,
        contact: &Contact,
    ) -> Result<Option<Zeroizing<String>>, AppError> {
        Ok(self.sealed(contact).await?.map(|mut sealed| std::mem::take(&mut sealed.address).into()))
    }

    /// Takes the code that was sent: the address counts from then on, in place of an earlier one.
    ///
    /// # Errors
    /// `Invalid` for a wrong code, or where none can be typed in any more; the store's.
    pub async fn type_code(&self, key: PublicKey, channel: Channel, typed: &str) -> Result<(), AppError> {
        let now = self.now();
        let (_, contacts) = self.kept(key).await?;
        let of_channel: Vec<Contact> =
            contacts.into_iter().filter(|contact| contact.channel == channel.code()).collect();
        let over = || invalid("code", "code-over");
        let contact = of_channel.iter().find(|contact| contact.confirmed.is_none()).ok_or_else(over)?;
        let name = contact.contact.as_str();
        // Counted before it is looked at: of many at once no more are right than of one after the other.
        let may = self.db().write("try_code", |tx| Box::pin(tx.try_code(name, MOST_TRIES, now))).await?;
        let mut sealed = self.sealed(contact).await?.filter(|_| may).ok_or_else(over)?;
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let hash = |text: &str| Sha256::digest(text.as_bytes());
        // Of hashes it tells nothing how long it takes to compare them.
        if sealed.code.as_ref().is_none_or(|code| hash(code.as_str()) != hash(&digits)) {
            return Err(invalid("code", if contact.tries + 1 >= MOST_TRIES { "code-over" } else { "code-wrong" }));
        }
        let place = Place { kind: ADDRESS, village: contact.village, name };
        sealed.code = None;
        let secret = Zeroizing::new(serde_json::to_vec(&sealed).unwrap_or_default());
        let row = self.vault().row(&place, &secret, &mut self.rng())?;
        let others: Vec<Contact> = of_channel.iter().filter(|other| other.contact != name).cloned().collect();
        self.db()
            .write("confirm_contact", |tx| {
                let (row, others) = (row.clone(), others.clone());
                Box::pin(async move {
                    if tx.confirm_contact(name, now).await? {
                        tx.insert_vault(&[&row]).await?;
                        for other in &others {
                            tx.remove_contact(other).await?;
                        }
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .map_err(AppError::Store)
    }

    /// Takes a browser's subscription: it has shown whose it is by being there. The same one again takes its own place.
    ///
    /// # Errors
    /// `Invalid` for what is none, or leads where nothing is sent; `NotFound` as [`App::give_address`]; the store's.
    pub async fn add_device(&self, key: PublicKey, json: &str, lang: &str) -> Result<(), AppError> {
        let reach = self.offering(Channel::Push)?;
        let read = reach.push.as_ref().and_then(|push| push.read(json));
        let subscription = read.ok_or_else(|| invalid("subscription", "push"))?;
        let (wishes, contacts) = self.kept(key).await?;
        let devices = contacts.into_iter().filter(|contact| contact.channel == Channel::Push.code());
        let (mut instead, mut others) = (Vec::new(), Vec::new());
        for device in devices {
            let same = self.subscription(&device).await?.is_none_or(|known| known.endpoint == subscription.endpoint);
            if same { instead.push(device) } else { others.push(device) }
        }
        // The oldest make room.
        let beyond = (others.len() + 1).saturating_sub(MOST_DEVICES);
        instead.extend(others.drain(..beyond));
        let contact = self.new_contact(key, Channel::Push, lang).await?;
        let contact = Contact { confirmed: Some(contact.made), ..contact };
        // A struct of texts: serialising can't fail.
        let address = serde_json::to_string(&subscription).unwrap_or_default();
        let wishes = wishes.unwrap_or_else(|| self.first_wishes(key));
        self.keep_contact(&contact, &Sealed { address, code: None }, wishes, instead).await
    }

    async fn subscription(&self, contact: &Contact) -> Result<Option<Subscription>, AppError> {
        let address = self.address(contact).await?;
        Ok(address.and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// What a browser must be told to subscribe: the public key by which push services know this server. Nothing where it isn't offered.
    ///
    /// # Errors
    /// The store's.
    pub async fn push_key_for(&self, key: PublicKey) -> Result<Option<String>, AppError> {
        if self.offering(Channel::Push).is_err() {
            return Ok(None);
        }
        let village = self.home(key).await?;
        Ok(Some(push::public_text(&self.push_key(village).await?)))
    }

    /// The key of a village, made at the first use.
    async fn push_key(&self, village: VillageCode) -> Result<SigningKey, AppError> {
        let (vault, place) = (self.vault(), Place { kind: PUSH_KEY, village, name: "current" });
        let row = vault.row(&place, &*push::new_key(&mut self.rng()), &mut self.rng())?;
        let read = || self.db().read("push_key", |tx| Box::pin(async move { tx.secret(vault, &place).await }));
        let secret: Option<_> = read().await.map_err(AppError::Store)?;
        let secret = if secret.is_some() {
            secret
        } else {
            self.db().write("new_push_key", |tx| Box::pin(tx.add_secret(&row))).await?;
            // Of two at once the first one's is kept.
            read().await.map_err(AppError::Store)?
        };
        let key = secret.and_then(|secret| SigningKey::from_slice(secret.expose()).ok());
        key.ok_or_else(|| StoreError::Damaged("a push key is none".to_owned()).into())
    }

    /// Sends one text to an address. `id`: the same at each try.
    pub(in crate::app::reach) async fn tell(
        &self,
        reach: &Reach,
        channel: Channel,
        contact: &Contact,
        address: &str,
        id: &str,
        (text, link, stop): (&Text, &str, Option<&str>),
    ) -> Result<Tried, AppError> {
        let off = || Tried::Later("off".to_owned());
        let now = self.now();
        match channel {
            Channel::Email => match &reach.mail {
                Some(mail) => Ok(mail.send(address, id, text, stop, now).await),
                None => Ok(off()),
            },
            Channel::Sms => match &reach.sms {
                Some(sms) => Ok(sms.send(address, id, &text.body, now).await),
                None => Ok(off()),
            },
            Channel::Push => {
                let Some(push) = &reach.push else { return Ok(off()) };
                let Some(to) = push.read(address) else { return Ok(Tried::Gone("unfit".to_owned())) };
                let key = self.push_key(contact.village).await?;
                Ok(push.send(&to, &key, (text, link), now, &mut self.rng()).await)
            }
        }
    }

    /// Removes one of the ways by which the holder of a key is reached.
    ///
    /// # Errors
    /// `NotFound` where it is none of theirs; the store's.
    pub async fn remove_contact(&self, key: PublicKey, name: &str) -> Result<(), AppError> {
        let (_, contacts) = self.kept(key).await?;
        let contact = contacts.into_iter().find(|contact| contact.contact == name);
        self.erase(&[contact.ok_or(AppError::NotFound { what: "contact" })?]).await
    }

    /// Forgets all ways by which the holder of a key is reached, and what they chose; not how many codes of today were sent.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget_reach(&self, key: PublicKey) -> Result<(), AppError> {
        let (_, contacts) = self.kept(key).await?;
        self.erase(&contacts).await?;
        let (first, since) = (self.first_wishes(key), self.now().plus_ms(-DAY_MS));
        let write = self.db().write("forget_wishes", |tx| {
            let first = first.clone();
            Box::pin(async move {
                tx.put_wishes(&first).await?;
                tx.forget_wishes(key, since).await
            })
        });
        write.await.map_err(AppError::Store)
    }

    async fn erase(&self, contacts: &[Contact]) -> Result<(), AppError> {
        self.db()
            .write("erase_contacts", |tx| {
                let contacts = contacts.to_vec();
                Box::pin(async move {
                    for contact in &contacts {
                        tx.remove_contact(contact).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .map_err(AppError::Store)
    }

    /// What stands in the address by which a contact is removed without log-in: its name, sealed, so that nobody else can make one.
    pub(in crate::app::reach) fn stop_token(&self, contact: &str) -> Result<String, AppError> {
        let sealed = self.vault().seal_message(STOP, contact.as_bytes(), &mut self.rng())?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode(sealed))
    }

    /// The contact that such an address names; `None` if it was removed.
    ///
    /// # Errors
    /// `NotFound` where it is none of ours; the store's.
    async fn stopped(&self, token: &str) -> Result<Option<Contact>, AppError> {
        let none = || AppError::NotFound { what: "contact" };
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| none())?;
        let name = self.vault().open_message(STOP, &sealed).map_err(|_| none())?;
        let name = String::from_utf8(name.expose().to_vec()).map_err(|_| none())?;
        let name = name.as_str();
        Ok(self.db().read("contact", |tx| Box::pin(tx.contact(name))).await?)
    }

    /// Whether something is still sent to the contact that such an address names.
    ///
    /// # Errors
    /// `NotFound` where it is none of ours; the store's.
    pub async fn is_reached(&self, token: &str) -> Result<bool, AppError> {
        Ok(self.stopped(token).await?.is_some())
    }

    /// Removes it. What was removed before stays so.
    ///
    /// # Errors
    /// `NotFound` where it is none of ours; the store's.
    pub async fn stop_reaching(&self, token: &str) -> Result<(), AppError> {
        match self.stopped(token).await? {
            Some(contact) => self.erase(&[contact]).await,
            None => Ok(()),
        }
    }

    /// Erases addresses that never counted, and those of keys that are no longer in use; how many.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep_contacts(&self) -> Result<usize, AppError> {
        let now = self.now();
        let stale = self.db().read("stale_contacts", |tx| Box::pin(tx.stale_contacts(now, PAGE))).await?;
        self.erase(&stale).await?;
        let (mut swept, mut after) = (stale.len(), String::new());
        loop {
            let name = after.as_str();
            let keyless = self.db().read("keyless_contacts", |tx| Box::pin(tx.keyless_contacts(name, PAGE))).await?;
            let Some(last) = keyless.last() else { return Ok(swept) };
            let next = last.contact.clone();
            for contact in keyless {
                // Tables that are made anew know no keys for a moment; the record does.
                let live = self.lives().live(contact.village).await?;
                if holder(live.state(), &contact.public_key).is_none() {
                    self.erase(std::slice::from_ref(&contact)).await?;
                    let key = contact.public_key;
                    self.db().write("forget_wishes", |tx| Box::pin(tx.forget_wishes(key, now))).await?;
                    swept += 1;
                }
            }
            after = next;
        }
    }
}

/// As much of an address as its owner needs to know it again: others may look on.
fn masked(channel: Channel, address: &str) -> String {
    match channel {
        Channel::Email => {
            let (name, domain) = address.split_once('@').unwrap_or((address, ""));
            format!("{}***@{domain}", name.chars().take(1).collect::<String>())
        }
        Channel::Sms => {
            let bare = address.strip_prefix("+86").unwrap_or(address);
            let (head, tail) = (bare.chars().count().saturating_sub(8), bare.chars().count().saturating_sub(4));
            let shown = |at: usize, c: char| if (head..tail).contains(&at) { '*' } else { c };
            bare.chars().enumerate().map(|(at, c)| shown(at, c)).collect()
        }
        // The push service's name, as far as it says which browser it is.
        Channel::Push => {
            let subscription: Option<Subscription> = serde_json::from_str(address).ok();
            let uri = subscription.and_then(|known| known.endpoint.parse::<axum::http::Uri>().ok());
            uri.and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::masked;
    use crate::app::reach::Channel;

    #[test]
    fn an_address_is_known_again_by_its_owner_alone() {
        assert_eq!(masked(Channel::Email, "wang.min@mail.example"), "w***@mail.example");
        assert_eq!(masked(Channel::Sms, "+8613812345678"), "138****5678");
        assert_eq!(masked(Channel::Sms, "+447700900123"), "+4477****0123");
        let json = r#"{"endpoint":"https://push.example/send/abc","keys":{"p256dh":"x","auth":"y"}}"#;
        assert_eq!(masked(Channel::Push, json), "push.example");
    }
}
