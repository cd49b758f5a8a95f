//! How a picture looks, in 64 bits, so that one that was saved again, smaller or at another quality, is known again: the difference
//! hash of N. Krawetz, *Kind of Like That* (The Hacker Factor Blog, 2013-01-21): the picture in grey, shrunk to nine columns and eight
//! rows, and of each two neighbours in a row whether the right one is brighter.
//!
//! Other than there, brighter means brighter by more than what saving again changes, so that paper without writing gives no bits by
//! chance; and a picture with hardly anything on it has no looks, since all such pictures would look the same.

/// Columns of the shrunk picture.
pub const COLUMNS: usize = 9;
/// Rows of the shrunk picture.
pub const ROWS: usize = 8;
/// What a level of grey is in a cell: cells are means, and finer than levels.
pub const LEVEL: u16 = 16;
/// By how much the right one of two cells has to be brighter: two levels of 256.
const BRIGHTER: u16 = 2 * LEVEL;
/// Bits that a picture with something on it has at least, and lacks at least.
const LEAST: u32 = 4;
/// Pictures whose looks differ in so many bits or fewer are nearly the same.
pub const NEAR: u32 = 3;
/// Parts of the looks by which near ones are looked up. One more than [`NEAR`]: of near ones at least one part is the same.
pub const BANDS: usize = 4;

/// How a picture looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Looks(u64);

impl Looks {
    /// The looks of a shrunk picture, row by row, each cell its mean grey in parts of [`LEVEL`]; none where there is hardly anything on it.
    #[must_use]
    pub fn of(cells: &[[u16; COLUMNS]; ROWS]) -> Option<Self> {
        let neighbours = cells.iter().flat_map(|row| row.windows(2));
        let bits = neighbours.fold(0_u64, |bits, two| bits << 1 | u64::from(two[1] >= two[0].saturating_add(BRIGHTER)));
        (bits.count_ones() >= LEAST && bits.count_zeros() >= LEAST).then_some(Self(bits))
    }

    /// Its parts, each two rows of the picture.
    #[must_use]
    pub fn bands(self) -> [u16; BANDS] {
        let bytes = <[u8; 8]>::from(self);
        std::array::from_fn(|band| u16::from_be_bytes([bytes[band * 2], bytes[band * 2 + 1]]))
    }

    /// In how many bits two differ.
    #[must_use]
    pub fn distance(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }

    /// Whether two pictures are the same or nearly so.
    #[must_use]
    pub fn is_near(self, other: Self) -> bool {
        self.distance(other) <= NEAR
    }
}

impl From<[u8; 8]> for Looks {
    fn from(bytes: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(bytes))
    }
}

impl From<Looks> for [u8; 8] {
    fn from(looks: Looks) -> Self {
        looks.0.to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::{BANDS, COLUMNS, LEVEL, Looks, NEAR, ROWS};

    fn looks(bits: u64) -> Looks {
        Looks::from(bits.to_be_bytes())
    }

    #[test]
    fn near_ones_have_a_band_in_common() {
        assert_eq!(BANDS, NEAR as usize + 1);
        let one = looks(0x0123_4567_89AB_CDEF);
        // One bit in each of three bands: the worst that is still near.
        for spared in 0..4 {
            let flipped = (0..4).filter(|band| *band != spared).fold(0_u64, |bits, band| bits | 1 << (band * 16 + 7));
            let other = looks(0x0123_4567_89AB_CDEF ^ flipped);
            assert_eq!(one.distance(other), 3);
            assert!(one.is_near(other));
            assert_eq!(one.bands().iter().zip(other.bands()).filter(|(a, b)| **a == *b).count(), 1);
        }
        assert!(!one.is_near(looks(0x0123_4567_89AB_CDEF ^ 0b1111)));
        assert_eq!(one.bands(), [0x0123, 0x4567, 0x89AB, 0xCDEF]);
    }

    #[test]
    fn bits_are_neighbours_of_which_the_right_one_is_brighter() {
        let mut cells = [[100 * LEVEL; COLUMNS]; ROWS];
        assert_eq!(Looks::of(&cells), None, "flat");
        for row in &mut cells {
            row[8] = 102 * LEVEL;
        }
        assert_eq!(Looks::of(&cells), Some(looks(0x0101_0101_0101_0101)));
        for row in &mut cells {
            row[8] = 102 * LEVEL - 1;
        }
        assert_eq!(Looks::of(&cells), None, "less than what saving again changes");
        for row in &mut cells {
            for (cell, grey) in row.iter_mut().zip(1..) {
                *cell = grey * 5 * LEVEL;
            }
        }
        assert_eq!(Looks::of(&cells), None, "light from one side and nothing else");
    }
}
