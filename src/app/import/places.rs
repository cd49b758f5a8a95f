//! places.csv: names of provinces, prefectures and districts, for a server that has villages of several districts.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::import::{Fault, Reason, name, parse, rows};
use crate::app::views::region::Area;

/// The header.
pub const HEADER: &str = "code,name";
const COLUMNS: [&str; 2] = ["code", "name"];

/// A place with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceRow {
    /// A province of 2, a prefecture of 4 or a district of 6 digits.
    pub area: Area,
    /// Its name as it is shown.
    pub name: String,
}

/// Reads `code,name`.
///
/// # Errors
/// Every fault, at most [`super::MOST_FAULTS`], in order of lines.
pub fn places(bytes: &[u8]) -> Result<Vec<PlaceRow>, Vec<Fault>> {
    let mut seen = BTreeMap::new();
    rows(bytes, COLUMNS, HEADER, |line, row, faults| {
        let expected = "the 2, 4 or 6 digits of a province, prefecture or district";
        let area = parse::<Area>(line, COLUMNS[0], row[0], expected, faults);
        let named = name(line, COLUMNS[1], row[1], faults);
        let area = area?;
        if let Some(first) = seen.insert(area.to_string(), line) {
            faults.add(line, Some(COLUMNS[0]), Reason::Duplicate(first));
        }
        named.then(|| PlaceRow { area, name: row[1].to_owned() })
    })
}

impl App {
    /// Keeps the names of places; one that is named again has the new name.
    ///
    /// # Errors
    /// The store's.
    pub async fn name_places(&self, rows: &[PlaceRow]) -> Result<(), AppError> {
        let names: Vec<(String, String)> = rows.iter().map(|row| (row.area.to_string(), row.name.clone())).collect();
        let names = &names;
        Ok(self.db().write("places", |tx| Box::pin(tx.put_places(names))).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn places_are_read_and_each_fault_is_told() {
        let rows = places("code,name\n33,浙江省\n3311,丽水市\n331102,莲都区\n".as_bytes()).unwrap();
        assert_eq!((rows.len(), rows[1].area.to_string(), rows[2].name.as_str()), (3, "3311".to_owned(), "莲都区"));
        let faults = places("code,name\n33,浙江省\n331,丽水市\n33,浙江省\n3301,\n".as_bytes()).unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [3, 4, 5]);
    }
}
