//! A nation of invented villages, to see what a server does with all of them: as many townships, districts, prefectures and
//! provinces as a real nation has, each village with a lawful founding under real keys. Codes have the shape of statistical
//! codes but begin with digits that no province has, and names are of stems and branches: nobody takes one for a place.

use ed25519_dalek::SigningKey;
use rand_core::Rng as _;

use crate::app::demo::{key, rng_for};
use crate::app::import::VillageRow;
use crate::core::clock::Time;
use crate::core::ids::{TownshipCode, VillageCode};
use crate::core::reject::Rejection;
use crate::log::scribe::people::Someone;
use crate::log::scribe::{Founding, Scribe};

/// Villages of China by the national statistics of 2023.
pub const ALL: usize = 487_144;
/// Villages of a township, townships of a district, districts of a prefecture, prefectures of a province: rounded means of
/// the real ones.
const SHAPE: [usize; 4] = [12, 14, 9, 11];
/// Villages of a district.
pub const OF_DISTRICT: usize = SHAPE[0] * SHAPE[1];
/// First two digits that no province has (GB/T 2260).
const PROVINCES: [u64; 31] = [
    16, 17, 18, 19, 24, 25, 26, 27, 28, 29, 38, 39, 47, 48, 49, 55, 56, 57, 58, 59, 66, 67, 68, 69, 72, 73, 74, 75, 76,
    77, 78,
];
const STEMS: [char; 10] = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'];
const BRANCHES: [char; 12] = ['子', '丑', '寅', '卯', '辰', '巳', '午', '未', '申', '酉', '戌', '亥'];
/// What ends the name of a village: a quarter of all share one, as real ones share 新.
const GROUNDS: [char; 24] = [
    '坪', '坑', '源', '头', '岭', '湾', '塘', '垟', '新', '新', '新', '新', '新', '新', '坞', '溪', '滩', '岗', '田',
    '桥', '山', '井', '洋', '渡',
];

/// A nation whose keys follow from the seed: they are nobody's.
#[derive(Debug, Clone)]
pub struct Nation {
    seed: u64,
    host: String,
    founded: Time,
    roots: Vec<SigningKey>,
}

/// A village just founded, with its place in the list.
#[derive(Debug)]
pub struct Settled {
    /// Code and names.
    pub village: VillageRow,
    /// Its record, people and keys.
    pub scribe: Scribe,
}

impl Nation {
    /// `host`: what each log's origin begins with; `founded`: when all villages are founded.
    #[must_use]
    pub fn new(seed: u64, host: &str, founded: Time) -> Self {
        let mut rng = rng_for(seed, "nation");
        let roots = (0..3).map(|_| key(&mut rng)).collect();
        Self { seed, host: host.to_owned(), founded, roots }
    }

    /// The root keys, shared by all.
    #[must_use]
    pub fn roots(&self) -> &[SigningKey] {
        &self.roots
    }

    /// The founding of the village at `index` of the list.
    ///
    /// # Errors
    /// What the judge refuses: a fault of this program.
    pub fn settle(&self, index: usize) -> Result<Settled, Rejection> {
        let village = village(index);
        let mut rng = rng_for(self.seed, &format!("village {}", village.code));
        let founding = Founding {
            village: village.code,
            host: self.host.clone(),
            time: self.founded,
            seed: rng.next_u64(),
            roots: self.roots.clone(),
            clerk: Someone::invent(&mut rng),
            supervisor: Someone::invent(&mut rng),
        };
        Ok(Settled { village, scribe: Scribe::found(founding)? })
    }
}

/// The places that the village at `index` lies in, from the province's number down to its own in the township.
fn path(index: usize) -> [usize; 5] {
    let mut rest = index;
    let [village, township, district, prefecture] = SHAPE.map(|of| {
        let own = rest % of;
        rest /= of;
        own
    });
    [rest, prefecture, district, township, village]
}

/// Code and names of the village at `index` of the list, which is in order of codes.
///
/// # Panics
/// Never: the digits fit their codes.
#[must_use]
#[expect(clippy::expect_used, reason = "the digits fit their codes, as a test of the whole list says")]
pub fn village(index: usize) -> VillageRow {
    let [province, prefecture, district, township, own] = path(index);
    let head = PROVINCES.get(province).copied().unwrap_or(79);
    let township_code = format!("{head}{:02}{:02}{:03}", prefecture + 1, district + 1, 100 + township);
    let code = format!("{township_code}{:03}", 200 + own);
    // Twelve villages of a township have other branches; neighbours have other stems and grounds.
    let turn = index / SHAPE[0];
    let name = [STEMS[turn % 10], BRANCHES[own], GROUNDS[(turn / 10 + own) % 24], '村'];
    let ending = if township < 3 { "街道" } else { "乡" };
    let township_name = format!("{}{}{ending}", STEMS[district], BRANCHES[township % 12]);
    VillageRow {
        line: index as u64 + 2,
        code: code.parse::<VillageCode>().expect("12 digits"),
        name: name.iter().collect(),
        township: township_code.parse::<TownshipCode>().expect("9 digits"),
        township_name,
    }
}

/// Codes and names of the provinces, prefectures and districts of the first `count` villages: 2, 4 and 6 digits.
pub fn places(count: usize) -> impl Iterator<Item = (String, String)> {
    let whole = |index: usize, of: usize| index.is_multiple_of(of);
    (0..count).step_by(OF_DISTRICT).flat_map(move |index| {
        let [province, prefecture, district, ..] = path(index);
        let code = village(index).code.to_string();
        let of_prefecture = OF_DISTRICT * SHAPE[2];
        let of_province = of_prefecture * SHAPE[3];
        let two = |n: usize| [STEMS[n % 10], BRANCHES[n % 12]].iter().collect::<String>();
        [
            whole(index, of_province).then(|| (code[..2].to_owned(), format!("例{}省", two(province)))),
            whole(index, of_prefecture).then(|| (code[..4].to_owned(), format!("例{}市", two(prefecture)))),
            Some((code[..6].to_owned(), format!("例{}区", two(district)))),
        ]
        .into_iter()
        .flatten()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{ALL, Nation, OF_DISTRICT, places, village};
    use crate::core::privacy::check_name;

    #[test]
    fn the_list_is_in_order_of_codes_and_as_a_nation_is() {
        let (mut before, mut names) = (None, BTreeMap::<String, usize>::new());
        for index in 0..ALL {
            let village = village(index);
            assert!(before < Some(village.code), "{index}");
            assert_eq!(village.code.township(), village.township);
            assert!(!village.code.to_string().starts_with("33"), "no real province");
            before = Some(village.code);
            *names.entry(village.name).or_default() += 1;
        }
        assert!(names.keys().all(|name| check_name(name).is_ok()));
        assert!(names.len() > 500, "{} names", names.len());
        let counts = |digits: usize| places(ALL).filter(|(code, _)| code.len() == digits).count();
        assert_eq!([2, 4, 6].map(counts), [30, 323, ALL.div_ceil(OF_DISTRICT)]);
    }

    #[test]
    fn a_village_is_founded_the_same_each_time_and_unlike_another() {
        let nation = Nation::new(1, "vote.example", "2026-11-21T12:00:00.000Z".parse().unwrap());
        let [one, again, other] = [5, 5, 6].map(|index| nation.settle(index).unwrap());
        assert_eq!(one.scribe.export().unwrap(), again.scribe.export().unwrap());
        assert_ne!(one.scribe.log_key().to_bytes(), other.scribe.log_key().to_bytes());
        assert_eq!(one.scribe.state().village, one.village.code);
    }
}
