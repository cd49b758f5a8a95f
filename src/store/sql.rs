//! One SQL text for two engines: the three column types (BIGINT, TEXT, BLOB/BYTEA), how values go in and rows come out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sqlx::Row as _;
use ulid::Ulid;

use crate::core::clock::{Date, Time};
use crate::core::ids::{
    CardId, Digest, DistrictCode, MatterId, PersonId, PublicKey, SessionId, TownshipCode, VillageCode,
};
use crate::core::looks::Looks;
use crate::store::error::StoreError;

/// A value on its way into a statement. Each of the three types has its own empty value, since `PostgreSQL` wants it typed.
/// Values of one column are ordered as both engines order them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// BIGINT
    Int(Option<i64>),
    /// TEXT
    Text(Option<String>),
    /// BLOB or BYTEA
    Bytes(Option<Vec<u8>>),
}

/// A row of either engine.
pub enum Row {
    /// From `SQLite`.
    Sqlite(sqlx::sqlite::SqliteRow),
    /// From `PostgreSQL`.
    Postgres(sqlx::postgres::PgRow),
}

/// A type that fits one of the three column types.
pub trait Column: Sized {
    /// What the database keeps.
    type Raw: Raw;
    /// From what the database keeps; `None` if it is not a valid value of this type.
    fn from_raw(raw: Self::Raw) -> Option<Self>;
    /// To what the database keeps.
    fn into_raw(self) -> Self::Raw;
}

/// One of the three column types as Rust knows it.
pub trait Raw: Sized {
    /// Wraps it for a statement.
    fn value(raw: Option<Self>) -> Value;
    /// Reads it from a row; `None` for NULL.
    ///
    /// # Errors
    /// The column is missing or of another type.
    fn read(row: &Row, column: &str) -> Result<Option<Self>, sqlx::Error>;
}

macro_rules! raw {
    ($type:ty, $variant:ident) => {
        impl Raw for $type {
            fn value(raw: Option<Self>) -> Value {
                Value::$variant(raw)
            }
            fn read(row: &Row, column: &str) -> Result<Option<Self>, sqlx::Error> {
                match row {
                    Row::Sqlite(row) => row.try_get(column),
                    Row::Postgres(row) => row.try_get(column),
                }
            }
        }
        impl Column for $type {
            type Raw = Self;
            fn from_raw(raw: Self) -> Option<Self> {
                Some(raw)
            }
            fn into_raw(self) -> Self {
                self
            }
        }
    };
}
raw!(i64, Int);
raw!(String, Text);
raw!(Vec<u8>, Bytes);

/// Typed identifiers and dates are kept as their one text form.
macro_rules! text_column {
    ($($type:ty),*) => {$(
        impl Column for $type {
            type Raw = String;
            fn from_raw(raw: String) -> Option<Self> {
                raw.parse().ok()
            }
            fn into_raw(self) -> String {
                self.to_string()
            }
        }
    )*};
}
text_column!(VillageCode, DistrictCode, TownshipCode, PersonId, MatterId, SessionId, Date);

macro_rules! bytes_column {
    ($($type:ident),*) => {$(
        impl Column for $type {
            type Raw = Vec<u8>;
            fn from_raw(raw: Vec<u8>) -> Option<Self> {
                raw.try_into().ok().map($type)
            }
            fn into_raw(self) -> Vec<u8> {
                self.0.to_vec()
            }
        }
    )*};
}
bytes_column!(CardId, Digest, PublicKey);

impl Column for bool {
    type Raw = i64;
    fn from_raw(raw: i64) -> Option<Self> {
        (raw == 0 || raw == 1).then_some(raw == 1)
    }
    fn into_raw(self) -> i64 {
        self.into()
    }
}

impl Column for [u8; 32] {
    type Raw = Vec<u8>;
    fn from_raw(raw: Vec<u8>) -> Option<Self> {
        raw.try_into().ok()
    }
    fn into_raw(self) -> Vec<u8> {
        self.to_vec()
    }
}

/// Eight bytes, the first row of the picture first.
impl Column for Looks {
    type Raw = Vec<u8>;
    fn from_raw(raw: Vec<u8>) -> Option<Self> {
        <[u8; 8]>::try_from(raw).ok().map(Self::from)
    }
    fn into_raw(self) -> Vec<u8> {
        <[u8; 8]>::from(self).to_vec()
    }
}

/// Ids of private rows; only ever printed in the one upper-case form, which sorts by time.
impl Column for Ulid {
    type Raw = String;
    fn from_raw(raw: String) -> Option<Self> {
        Self::from_string(&raw).ok()
    }
    fn into_raw(self) -> String {
        self.to_string()
    }
}

impl Column for Time {
    type Raw = i64;
    fn from_raw(raw: i64) -> Option<Self> {
        Self::from_ms(raw)
    }
    fn into_raw(self) -> i64 {
        self.ms()
    }
}

/// Counts, sizes and amounts: the record knows none above 2^53−1, so the cast into BIGINT never loses anything.
impl Column for u64 {
    type Raw = i64;
    fn from_raw(raw: i64) -> Option<Self> {
        Self::try_from(raw).ok()
    }
    fn into_raw(self) -> i64 {
        i64::try_from(self).unwrap_or(i64::MAX)
    }
}

impl Row {
    /// All columns by name, whatever they are.
    ///
    /// # Errors
    /// A column of a type that our tables don't have.
    pub fn cells(&self) -> Result<Vec<(String, Value)>, StoreError> {
        let columns: Vec<(String, String)> = match self {
            Self::Sqlite(row) => row.columns().iter().map(described).collect(),
            Self::Postgres(row) => row.columns().iter().map(described).collect(),
        };
        let cell = |(name, kind): (String, String)| {
            let value = match kind.as_str() {
                "BIGINT" | "INTEGER" | "INT8" => <i64 as Raw>::read(self, &name).map(<i64 as Raw>::value)?,
                "TEXT" => <String as Raw>::read(self, &name).map(<String as Raw>::value)?,
                "BLOB" | "BYTEA" => <Vec<u8> as Raw>::read(self, &name).map(<Vec<u8> as Raw>::value)?,
                other => return Err(StoreError::Damaged(format!("column {name} is of type {other}"))),
            };
            Ok((name, value))
        };
        columns.into_iter().map(cell).collect()
    }

    /// The value of a column that is never NULL.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when it is NULL or not a value of the wanted type.
    pub fn one<T: Column>(&self, column: &str) -> Result<T, StoreError> {
        self.maybe(column)?.ok_or_else(|| StoreError::Damaged(format!("column {column} is NULL")))
    }

    /// The value of a column that may be NULL.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when it is not a value of the wanted type.
    pub fn maybe<T: Column>(&self, column: &str) -> Result<Option<T>, StoreError> {
        let read = T::Raw::read(self, column);
        let Some(raw) = read.map_err(|error| StoreError::Damaged(format!("column {column}: {error}")))? else {
            return Ok(None);
        };
        T::from_raw(raw).map(Some).ok_or_else(|| StoreError::Damaged(format!("column {column} holds no valid value")))
    }
}

fn described(column: &impl sqlx::Column) -> (String, String) {
    (column.name().to_owned(), column.type_info().to_string())
}

/// A field of a row: a value that is there or may be absent.
pub trait Field: Sized {
    /// Wraps it for a statement.
    fn value(&self) -> Value;
    /// Reads it from a row.
    fn read(row: &Row, column: &str) -> Result<Self, StoreError>;
}

impl<T: Column + Clone> Field for T {
    fn value(&self) -> Value {
        val(self.clone())
    }
    fn read(row: &Row, column: &str) -> Result<Self, StoreError> {
        row.one(column)
    }
}

impl<T: Column + Clone> Field for Option<T> {
    fn value(&self) -> Value {
        opt(self.clone())
    }
    fn read(row: &Row, column: &str) -> Result<Self, StoreError> {
        row.maybe(column)
    }
}

/// A struct whose fields are the columns of a table.
pub trait TableRow: Sized {
    /// `INSERT INTO table (columns)`
    const INSERT: &'static str;
    /// `SELECT columns FROM table`
    const SELECT: &'static str;
    /// The fields in order of the columns.
    fn values(&self) -> Vec<Value>;
    /// Reads all fields.
    fn read(row: &Row) -> Result<Self, StoreError>;
}

/// Declares a struct together with its [`TableRow`], so that a column is written down once.
macro_rules! table_row {
    (
        $(#[$doc:meta])*
        $table:literal pub struct $name:ident {
            $(#[$first_doc:meta])* pub $first:ident: $first_type:ty,
            $($(#[$field_doc:meta])* pub $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name {
            $(#[$first_doc])* pub $first: $first_type,
            $($(#[$field_doc])* pub $field: $type,)*
        }
        impl crate::store::sql::TableRow for $name {
            const INSERT: &'static str =
                concat!("INSERT INTO ", $table, " (", stringify!($first) $(, ", ", stringify!($field))*, ")");
            const SELECT: &'static str =
                concat!("SELECT ", stringify!($first) $(, ", ", stringify!($field))*, " FROM ", $table);
            fn values(&self) -> Vec<crate::store::sql::Value> {
                vec![
                    crate::store::sql::Field::value(&self.$first),
                    $(crate::store::sql::Field::value(&self.$field),)*
                ]
            }
            fn read(row: &crate::store::sql::Row) -> Result<Self, crate::store::error::StoreError> {
                Ok(Self {
                    $first: crate::store::sql::Field::read(row, stringify!($first))?,
                    $($field: crate::store::sql::Field::read(row, stringify!($field))?,)*
                })
            }
        }
    };
}
pub(in crate::store) use table_row;

/// Wraps a value that is there.
pub fn val<T: Column>(value: T) -> Value {
    T::Raw::value(Some(value.into_raw()))
}

/// Wraps a value that may be absent.
pub fn opt<T: Column>(value: Option<T>) -> Value {
    T::Raw::value(value.map(T::into_raw))
}

/// Wraps a text.
pub fn text(value: &str) -> Value {
    Value::Text(Some(value.to_owned()))
}

/// The end of the range of texts that begin with `prefix`, so that an index answers `>= prefix AND < beyond(prefix)`.
pub fn beyond(prefix: &str) -> Value {
    Value::Text(Some(format!("{prefix}{}", char::MAX)))
}

/// Wraps bytes.
pub fn bytes(value: &[u8]) -> Value {
    Value::Bytes(Some(value.to_vec()))
}

/// Of rows with equal keys the last: one INSERT may not change a row twice on `PostgreSQL`.
pub(in crate::store) fn latest<T: Clone, K: Ord>(rows: &[T], key: impl Fn(&T) -> K) -> Vec<T> {
    rows.iter().map(|row| (key(row), row.clone())).collect::<BTreeMap<K, T>>().into_values().collect()
}

/// The most rows in one INSERT. `SQLite` takes 32,766 values in a statement, our widest table has 14 columns.
const MOST_ROWS: usize = 256;

/// So many rows or fewer are one statement.
const FEW_ROWS: usize = 32;

/// How many of `rows` rows go into the next INSERT: if they are many a power of two, so that few distinct statements (and so
/// few prepared ones, [`STATEMENTS`]) serve every batch length.
pub(in crate::store) fn chunk(rows: usize) -> usize {
    let power = || rows.checked_ilog2().map_or(0, |log| MOST_ROWS.min(1 << log));
    if rows <= FEW_ROWS { rows } else { power() }
}

/// Prepared statements that a connection keeps: those of a batch of any length for some ten tables.
pub(in crate::store) const STATEMENTS: usize = 512;

/// `(?, ?), (?, ?)`: placeholders without numbers for `rows` rows of `columns` columns. Only `SQLite` reads them; it looks for
/// a numbered one among all of a statement's at each value, which is dear in a statement of a thousand.
pub(in crate::store) fn marks(rows: usize, columns: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    vec![row; rows].join(", ")
}

/// `($1, $2), ($3, $4)`: placeholders for `rows` rows of `columns` columns.
pub(in crate::store) fn placeholders(rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 5);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=columns {
            // Writing to a String cannot fail.
            let _ = write!(text, "{}${}", if column == 1 { "" } else { ", " }, row * columns + column);
        }
        text.push(')');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{chunk, marks, placeholders};

    #[test]
    fn chunks_are_a_few_rows_or_the_largest_power_of_two_that_fits() {
        let chunks = [0, 1, 2, 3, 32, 33, 255, 256, 257, 1000].map(chunk);
        assert_eq!(chunks, [0, 1, 2, 3, 32, 32, 128, 256, 256, 256]);
    }

    #[test]
    fn placeholders_count_through_all_rows() {
        assert_eq!(placeholders(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(marks(2, 3), "(?, ?, ?), (?, ?, ?)");
    }
}
