//! Pictures that stand in two matters of a district. How a picture looks is private and lasts as long as the picture; where it stands
//! and what it is like follow from that and from the records, in whatever order they are projected: each matter points at the pair that
//! was there first.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::clock::Time;
use crate::core::ids::{Digest, DistrictCode, MatterId, VillageCode};
use crate::core::looks::{BANDS, Looks};
use crate::core::warnings::Rule;
use crate::store::error::StoreError;
use crate::store::sql::{table_row, text, val};
use crate::store::tx::Tx;
use crate::store::warnings::WarningRow;

/// Of pictures with the same band only so many, the first ones of the district, are held against others by that band: one that many
/// have tells nothing, and the work of a picture stays bounded.
pub const MOST_OF_A_BAND: u64 = 256;

table_row! {
/// A picture of a matter.
"pictures" pub struct PictureRow {
    /// Whose record.
    pub village: VillageCode,
    /// The matter.
    pub matter: MatterId,
    /// The document.
    pub document: Digest,
    /// The village's district.
    pub district: DistrictCode,
    /// Index of the first entry of the matter that names it.
    pub seq: u64,
    /// When that was recorded.
    pub time: Time,
    /// How it looks.
    pub looks: Looks,
    /// Its first and second row.
    pub band_a: u64,
    /// Its third and fourth row.
    pub band_b: u64,
    /// Its fifth and sixth row.
    pub band_c: u64,
    /// Its last rows.
    pub band_d: u64,
}
}

table_row! {
/// A matter a picture of which stands in another matter, too.
"pictures_again" pub struct AgainRow {
    /// Whose record.
    pub village: VillageCode,
    /// The matter.
    pub matter: MatterId,
    /// Since when both pictures are on record.
    pub stands_from: Time,
    /// The entry that names this matter's picture.
    pub seq: u64,
    /// This matter's picture.
    pub document: Digest,
    /// The other matter's village.
    pub other_village: VillageCode,
    /// The other matter.
    pub other_matter: MatterId,
    /// The entry that names the other matter's picture.
    pub other_seq: u64,
    /// The other matter's picture.
    pub other_document: Digest,
}
}

impl PictureRow {
    /// A picture that an entry of a matter names.
    #[must_use]
    pub fn new(
        village: VillageCode,
        matter: MatterId,
        document: Digest,
        (seq, time): (u64, Time),
        looks: Looks,
    ) -> Self {
        let [band_a, band_b, band_c, band_d] = looks.bands().map(u64::from);
        let district = village.district();
        Self { village, matter, document, district, seq, time, looks, band_a, band_b, band_c, band_d }
    }

    fn bands(&self) -> [u64; BANDS] {
        [self.band_a, self.band_b, self.band_c, self.band_d]
    }

    /// Whether the other one is nearly the same, and of another matter.
    fn is_again(&self, other: &Self) -> bool {
        (self.village, self.matter) != (other.village, other.matter) && self.looks.is_near(other.looks)
    }
}

impl AgainRow {
    /// A picture and one like it, seen from the first one's matter.
    fn new(own: &PictureRow, other: &PictureRow) -> Self {
        Self {
            village: own.village,
            matter: own.matter,
            stands_from: own.time.max(other.time),
            seq: own.seq,
            document: own.document,
            other_village: other.village,
            other_matter: other.matter,
            other_seq: other.seq,
            other_document: other.document,
        }
    }

    /// Of a matter's pairs the first one by this is kept: who was there first, and nothing that depends on who was projected first.
    fn order(&self) -> (Time, VillageCode, u64, MatterId, Digest, u64, Digest) {
        let Self { stands_from, seq, document, other_village, other_matter, other_seq, other_document, .. } = *self;
        (stands_from, other_village, other_seq, other_matter, other_document, seq, document)
    }

    fn warning(&self) -> WarningRow {
        let (rule, weight) = (Rule::PictureAgain, Rule::PictureAgain.weight());
        WarningRow {
            village: self.village,
            warning: format!("{rule}/{}//", self.matter),
            rule: rule.code().to_owned(),
            rank: weight.grade.rank(),
            personal: weight.personal,
            matter: Some(self.matter),
            session: None,
            question: None,
            stands_from: self.stands_from,
            entries: serde_json::json!([self.seq]).to_string(),
            number: 0,
            whole: 0,
        }
    }
}

/// The first of each matter's pairs.
#[derive(Debug, Default)]
struct Firsts(BTreeMap<(VillageCode, MatterId), AgainRow>);

impl Firsts {
    fn add(&mut self, pair: AgainRow) {
        let of = (pair.village, pair.matter);
        if self.0.get(&of).is_none_or(|first| pair.order() < first.order()) {
            self.0.insert(of, pair);
        }
    }

    /// All pairs of a picture with those beside it, seen from both sides.
    fn meet(&mut self, own: &PictureRow, beside: &[PictureRow]) {
        for other in beside.iter().filter(|other| own.is_again(other)) {
            self.add(AgainRow::new(own, other));
            self.add(AgainRow::new(other, own));
        }
    }
}

impl Tx<'_> {
    /// Keeps how pictures look. The same again changes nothing.
    pub(in crate::store) async fn put_looks(
        &mut self,
        rows: &[(VillageCode, Digest, Looks)],
    ) -> Result<(), StoreError> {
        let values = rows.iter().map(|(village, document, looks)| [val(*village), val(*document), val(*looks)]);
        let head = "INSERT INTO picture_looks (village, commitment, looks)";
        self.insert(head, "ON CONFLICT (village, commitment) DO NOTHING", values).await.map(|_| ())
    }

    /// How a picture looks; nothing for a document that is no picture, has nothing on it, or was erased.
    pub async fn looks(&mut self, village: VillageCode, document: Digest) -> Result<Option<Looks>, StoreError> {
        let sql = "SELECT looks FROM picture_looks WHERE village = $1 AND commitment = $2";
        self.row(sql, vec![val(village), val(document)]).await?.map(|row| row.one("looks")).transpose()
    }

    /// Notes that a picture stands in a matter, and what it is like, for both matters. What was noted before stays.
    pub async fn put_picture(&mut self, picture: &PictureRow) -> Result<(), StoreError> {
        self.picture_turn(picture.district).await?;
        let tail = "ON CONFLICT (village, matter, document) DO NOTHING";
        if self.put(std::slice::from_ref(picture), tail).await? == 0 {
            return Ok(());
        }
        let (mut firsts, mut pushed) = (Firsts::default(), BTreeSet::new());
        for band in 0..BANDS {
            let (beside, next) = self.beside(picture, band).await?;
            if beside.contains(picture) {
                firsts.meet(picture, &beside);
                // One of those that were looked at by this band has lost its place.
                pushed.extend(next.map(|next| (next.village, next.matter, next.document)));
            }
        }
        self.put_firsts(firsts).await?;
        for (village, matter, document) in pushed {
            self.look_again(village, matter, document).await?;
        }
        Ok(())
    }

    /// Forgets a picture that is erased: how it looks, where it stands, and what was like it.
    pub(in crate::store) async fn forget_picture(
        &mut self,
        village: VillageCode,
        document: Digest,
    ) -> Result<(), StoreError> {
        let of = || vec![val(village), val(document)];
        if self.execute("DELETE FROM picture_looks WHERE village = $1 AND commitment = $2", of()).await? == 0 {
            return Ok(());
        }
        self.picture_turn(village.district()).await?;
        let stood: Vec<PictureRow> = self.all("WHERE village = $1 AND document = $2", of()).await?;
        self.execute("DELETE FROM pictures WHERE village = $1 AND document = $2", of()).await?;
        for picture in &stood {
            self.look_again(picture.village, picture.matter, picture.document).await?;
            let mut firsts = Firsts::default();
            for band in 0..BANDS {
                let (beside, _) = self.beside(picture, band).await?;
                // The last one may only now have come among those that are looked at.
                if let Some(last) = beside.last().filter(|_| beside.len() as u64 == MOST_OF_A_BAND) {
                    firsts.meet(last, &beside);
                }
            }
            self.put_firsts(firsts).await?;
        }
        Ok(())
    }

    /// What a matter's picture is like in another matter.
    pub async fn picture_again(
        &mut self,
        village: VillageCode,
        matter: MatterId,
    ) -> Result<Option<AgainRow>, StoreError> {
        self.first("WHERE village = $1 AND matter = $2", vec![val(village), val(matter)]).await
    }

    /// Waits until nobody else looks through the district's pictures, and keeps others waiting until the transaction ends: two who put
    /// pictures side by side would not see each other's.
    async fn picture_turn(&mut self, district: DistrictCode) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (district) DO UPDATE SET district = excluded.district";
        self.insert("INSERT INTO picture_turns (district)", tail, [[val(district)]]).await.map(|_| ())
    }

    /// The first pictures of the district with the same band, and the one after them.
    async fn beside(
        &mut self,
        picture: &PictureRow,
        band: usize,
    ) -> Result<(Vec<PictureRow>, Option<PictureRow>), StoreError> {
        const CLAUSES: [&str; BANDS] = [
            "WHERE district = $1 AND band_a = $2 ORDER BY time, village, seq, document, matter LIMIT $3",
            "WHERE district = $1 AND band_b = $2 ORDER BY time, village, seq, document, matter LIMIT $3",
            "WHERE district = $1 AND band_c = $2 ORDER BY time, village, seq, document, matter LIMIT $3",
            "WHERE district = $1 AND band_d = $2 ORDER BY time, village, seq, document, matter LIMIT $3",
        ];
        let values = vec![val(picture.district), val(picture.bands()[band]), val(MOST_OF_A_BAND + 1)];
        let mut beside: Vec<PictureRow> = self.all(CLAUSES[band], values).await?;
        let next = if beside.len() as u64 > MOST_OF_A_BAND { beside.pop() } else { None };
        Ok((beside, next))
    }

    /// Keeps pairs that were there before what is kept of their matters.
    async fn put_firsts(&mut self, firsts: Firsts) -> Result<(), StoreError> {
        for ((village, matter), pair) in firsts.0 {
            let before = self.picture_again(village, matter).await?;
            if before.is_none_or(|before| pair.order() < before.order()) {
                self.put_again(&pair).await?;
            }
        }
        Ok(())
    }

    async fn put_again(&mut self, pair: &AgainRow) -> Result<(), StoreError> {
        let tail = "ON CONFLICT (village, matter) DO UPDATE SET stands_from = excluded.stands_from, seq = excluded.seq, \
                    document = excluded.document, other_village = excluded.other_village, \
                    other_matter = excluded.other_matter, other_seq = excluded.other_seq, \
                    other_document = excluded.other_document";
        self.put(std::slice::from_ref(pair), tail).await?;
        self.put_warning(&pair.warning()).await
    }

    /// Finds the pairs anew of a picture's matter, and of those that point at this picture of it.
    async fn look_again(&mut self, village: VillageCode, matter: MatterId, document: Digest) -> Result<(), StoreError> {
        let pointing: Vec<AgainRow> =
            self.all("WHERE other_village = $1 AND other_document = $2", vec![val(village), val(document)]).await?;
        let pointing = pointing.iter().filter(|pair| pair.other_matter == matter);
        let matters: BTreeSet<_> =
            pointing.map(|pair| (pair.village, pair.matter)).chain([(village, matter)]).collect();
        for (village, matter) in matters {
            self.settle_again(village, matter).await?;
        }
        Ok(())
    }

    async fn settle_again(&mut self, village: VillageCode, matter: MatterId) -> Result<(), StoreError> {
        let of = || vec![val(village), val(matter)];
        let own: Vec<PictureRow> = self.all("WHERE village = $1 AND matter = $2", of()).await?;
        let mut firsts = Firsts::default();
        for picture in &own {
            for band in 0..BANDS {
                let (beside, _) = self.beside(picture, band).await?;
                if beside.contains(picture) {
                    firsts.meet(picture, &beside);
                }
            }
        }
        if let Some(pair) = firsts.0.get(&(village, matter)) {
            return self.put_again(pair).await;
        }
        self.execute("DELETE FROM pictures_again WHERE village = $1 AND matter = $2", of()).await?;
        let sql = "DELETE FROM warnings WHERE village = $1 AND matter = $2 AND rule = $3";
        let values = [of(), vec![text(Rule::PictureAgain.code())]].concat();
        self.execute(sql, values).await.map(|_| ())
    }
}
