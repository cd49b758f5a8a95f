//! `sunvote receipt check --ask-witnesses`: hands the witnesses of the policy the district's checkpoint that the holder has, and
//! judges what they answer (PROTOCOL 6, 7). Nothing that they or the server say is believed but what is signed.

use std::time::Duration;

use crate::app::fetch::Client;
use crate::app::remote::Remote;
use crate::log::checkpoint::Checkpoint;
use crate::log::district;
use crate::log::evidence::{Evidence, Unproven};
use crate::log::note::{Note, VerifierKey};
use crate::log::policy::Party;
use crate::store::district::LogOf;

/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a witness had to say.
pub(in crate::cli) enum Heard {
    /// It was shown the same history; when it last confirmed it, seconds since 1970.
    Same(u64),
    /// The log signed two histories.
    Other(Box<Evidence>),
    /// The hashes that would show it are not served.
    Unknown,
    /// It has confirmed nothing yet.
    Nothing,
    /// Its answer is not a checkpoint that log and witness signed.
    Odd,
    /// It did not answer.
    Silent(String),
}

/// What the holder has, and where the log is shown.
pub(in crate::cli) struct Asking<'a> {
    /// The district log's key.
    pub log: &'a VerifierKey,
    /// Its checkpoint.
    pub note: &'a Note,
    /// Where the log is shown, if the policy says so: its prefix.
    pub place: Option<&'a str>,
}

impl Asking<'_> {
    /// Asks one witness.
    pub(in crate::cli) async fn ask(&self, witness: &Party, url: &str) -> Heard {
        let (client, url) = (Client::new(PATIENCE), url.trim_end_matches('/'));
        let sent = client.post(format!("{url}/seen"), "text/plain", self.note.to_string().into_bytes()).await;
        let answer = match sent {
            Err(error) => return Heard::Silent(error.to_string()),
            Ok(answer) => answer,
        };
        match answer.status {
            200 => {}
            204 => return Heard::Nothing,
            status => return Heard::Silent(format!("status {status}")),
        }
        let theirs = Note::parse(&answer.body).ok().and_then(|note| self.cosigned(note, &witness.key));
        let Some((theirs, time)) = theirs else { return Heard::Odd };
        for evidence in self.comparisons(&client, &theirs, url).await {
            match evidence.judge(self.log) {
                Ok(_) => return Heard::Other(Box::new(evidence)),
                Err(Unproven::Same | Unproven::Consistent) => return Heard::Same(time),
                Err(_) => {}
            }
        }
        Heard::Unknown
    }

    /// The answer, if log and witness signed it, and when the witness did.
    fn cosigned(&self, note: Note, witness: &VerifierKey) -> Option<(Note, u64)> {
        Checkpoint::open(&note, self.log).ok()?;
        let time = note.verify(std::slice::from_ref(witness)).ok()?.first()?.time?;
        Some((note, time))
    }

    /// Both checkpoints with the hashes that are served: where the policy says, and by the witness, which shows its own copy of
    /// the log beside it. Equal sizes need none.
    async fn comparisons(&self, client: &Client, other: &Note, witness: &str) -> Vec<Evidence> {
        let size = |note: &Note| Checkpoint::parse(&note.text).map_or(0, |checkpoint| checkpoint.size);
        let (old, new) = (size(self.note).min(size(other)), size(self.note).max(size(other)));
        let with = |hashes| Evidence::new(self.note.clone(), other.clone(), hashes).ok();
        if old == new {
            return with(Vec::new()).into_iter().collect();
        }
        let Some((_, code)) = district::district_of(self.log.name()) else { return Vec::new() };
        let of_policy = self.place.and_then(|place| place.trim_end_matches('/').strip_suffix(&format!("/d/{code}")));
        let of_witness = witness.strip_suffix("/witness").map(|host| format!("{host}/log"));
        let mut found = Vec::new();
        for logs in [of_policy, of_witness.as_deref()].into_iter().flatten() {
            let remote = Remote::new(client, logs, LogOf::District(code));
            if let Ok(Ok(hashes)) = remote.prefix(old, new).await {
                found.extend(with(hashes));
            }
        }
        found
    }
}
