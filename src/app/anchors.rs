//! Time anchors: while people vote, the newest cosignature that a witness gave the district's log goes on record in their
//! village (PROTOCOL 8).

use std::collections::HashMap;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::publish::witnesses::Asked;
use crate::core::act::voting::TimeAnchored;
use crate::core::act::{Act, Kind};
use crate::core::ids::{DistrictCode, VillageCode};
use crate::core::judge::witness::may_anchor;
use crate::core::statement::Header;
use crate::log::anchor;
use crate::log::note::{Note, NoteSignature, VerifierKey};
use crate::store::error::StoreError;
use crate::store::tx::Tx;

/// Villages read at a time.
const ROUND: u64 = 500;

impl App {
    /// Puts an anchor on record in each village that this server writes, where people vote and one may come. Returns how many
    /// it made. Called every few seconds; costs one query where nobody votes, and nothing where no witness is named.
    ///
    /// # Errors
    /// The store's, where it can't say who votes. A village in which it fails is passed over.
    pub async fn anchor_votes(&self) -> Result<usize, AppError> {
        let Some(asked) = self.witnesses().asked().filter(|_| !self.history().is_in_doubt()) else { return Ok(0) };
        let mut districts: HashMap<DistrictCode, Vec<TimeAnchored>> = HashMap::new();
        let (mut made, mut after) = (0, None);
        loop {
            let (now, kind) = (self.now(), Kind::VotingClosed.code());
            let read = self.db().read("villages_to_do", |tx| Box::pin(tx.villages_to_do(kind, now, after, ROUND)));
            let voting = read.await?;
            let Some(last) = voting.last() else { return Ok(made) };
            after = Some(*last);
            for village in voting.into_iter().filter(|village| self.writes(*village)) {
                let district = village.district();
                if let std::collections::hash_map::Entry::Vacant(place) = districts.entry(district) {
                    place.insert(self.cosigned(&asked, district).await?);
                }
                match self.anchor_in(village, &districts[&district]).await {
                    Ok(one) => made += usize::from(one),
                    Err(error) => tracing::warn!(%village, %error, "a time anchor could not be put on record"),
                }
            }
        }
    }

    async fn anchor_in(&self, village: VillageCode, cosigned: &[TimeAnchored]) -> Result<bool, AppError> {
        let live = self.lives().live(village).await?;
        let now = self.now().max(live.state().last.time);
        let lawful = cosigned.iter().filter(|act| may_anchor(live.state(), act, now).is_ok());
        let Some(newest) = lawful.max_by_key(|act| act.cosigned_at) else { return Ok(false) };
        match self.state_as_log(&live, Header::default(), Act::TimeAnchored(newest.clone())).await {
            Ok(_) => Ok(true),
            // Another server was first, or the vote closed meanwhile.
            Err(AppError::Rejected(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What the witnesses cosigned last of a district's log.
    async fn cosigned(&self, asked: &Asked, district: DistrictCode) -> Result<Vec<TimeAnchored>, AppError> {
        let keys: Vec<VerifierKey> = asked.policy.witnesses().iter().map(|party| party.key.clone()).collect();
        let keys = &keys;
        let read = self.db().read("cosigned_last", |tx| {
            Box::pin(async move {
                let mut anchors = Vec::new();
                for key in keys {
                    anchors.extend(last_of(tx, district, key).await?);
                }
                Ok::<_, StoreError>(anchors)
            })
        });
        Ok(read.await?)
    }
}

async fn last_of(
    tx: &mut Tx<'_>,
    district: DistrictCode,
    key: &VerifierKey,
) -> Result<Option<TimeAnchored>, StoreError> {
    let Some(head) = tx.district(district).await? else { return Ok(None) };
    let Some(row) = tx.newest_cosignature(&head.origin, &key.to_string()).await? else { return Ok(None) };
    let checkpoint = tx.district_checkpoint_after(district, row.size.saturating_sub(1)).await?;
    let text = checkpoint.and_then(|checkpoint| Note::parse(&checkpoint.note).ok()).map(|note| note.text);
    let line = NoteSignature::parse(&row.line).ok();
    Ok(text.zip(line).and_then(|(text, line)| anchor::of(&Note { text, signatures: vec![line] }, key)))
}
