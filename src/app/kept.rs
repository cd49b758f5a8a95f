//! What stays in memory: as much of what was used last as a fixed weight allows, so memory doesn't grow with the number of
//! villages.

use hashlink::LruCache;

use crate::core::ids::VillageCode;

/// Values of villages, each with a weight; together no heavier than the most, or one value alone.
#[derive(Debug)]
pub(in crate::app) struct Kept<V> {
    villages: LruCache<VillageCode, (V, u64)>,
    weight: u64,
    most: u64,
}

impl<V> Kept<V> {
    /// Nothing kept yet, and never more than `most` in weight.
    pub(in crate::app) fn new(most: u64) -> Self {
        Self { villages: LruCache::new_unbounded(), weight: 0, most }
    }

    /// A village's value, which is now the one used last.
    pub(in crate::app) fn get(&mut self, village: VillageCode) -> Option<&V> {
        self.villages.get(&village).map(|(value, _)| value)
    }

    /// The same, to be changed.
    pub(in crate::app) fn get_mut(&mut self, village: VillageCode) -> Option<&mut V> {
        self.villages.get_mut(&village).map(|(value, _)| value)
    }

    /// Keeps a value in the place of the village's former one, and lets go of those not used for longest.
    pub(in crate::app) fn insert(&mut self, village: VillageCode, value: V, weight: u64) {
        self.remove(village);
        self.weight += weight;
        self.villages.insert(village, (value, weight));
        while self.weight > self.most && self.villages.len() > 1 {
            let Some((_, (_, weight))) = self.villages.remove_lru() else { return };
            self.weight -= weight;
        }
    }

    /// Lets go of a village.
    pub(in crate::app) fn remove(&mut self, village: VillageCode) {
        if let Some((_, weight)) = self.villages.remove(&village) {
            self.weight -= weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;
    use crate::core::ids::VillageCode;

    fn village(n: u64) -> VillageCode {
        format!("331102001{n:03}").parse().unwrap()
    }

    fn there(kept: &mut Kept<&'static str>) -> Vec<u64> {
        (0..9).filter(|n| kept.villages.contains_key(&village(*n))).collect()
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let mut kept = Kept::new(10);
        for n in 0..3 {
            kept.insert(village(n), "state", 3);
        }
        assert_eq!(kept.get(village(0)), Some(&"state"));
        kept.insert(village(3), "state", 4);
        assert_eq!(there(&mut kept), [0, 2, 3]);
        kept.insert(village(4), "state", 7);
        assert_eq!(there(&mut kept), [4], "each of the others and this one are too heavy");
        assert_eq!(kept.get(village(2)), None);
    }

    #[test]
    fn a_village_weighs_what_it_weighed_last() {
        let mut kept = Kept::new(10);
        for weight in [4, 9, 2] {
            kept.insert(village(0), "state", weight);
        }
        kept.insert(village(1), "state", 8);
        assert_eq!(there(&mut kept), [0, 1]);
        kept.remove(village(1));
        kept.remove(village(1));
        kept.insert(village(2), "state", 8);
        assert_eq!((there(&mut kept), kept.weight), (vec![0, 2], 10));
    }

    #[test]
    fn what_is_too_heavy_alone_is_kept_while_it_is_used() {
        let mut kept = Kept::new(10);
        kept.insert(village(0), "state", 50);
        assert_eq!(there(&mut kept), [0]);
        kept.insert(village(1), "state", 1);
        assert_eq!((there(&mut kept), kept.weight), (vec![1], 1));
    }
}
