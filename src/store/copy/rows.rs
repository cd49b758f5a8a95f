//! Rows of any table, by its key: read in pages, written over what is there, dropped.

use sqlx::AssertSqlSafe;

use crate::store::error::StoreError;
use crate::store::schema::Table;
use crate::store::sql::{Row, Value, placeholders, val};
use crate::store::tx::Tx;

/// A primary key's values, ordered as the engines order them.
pub(in crate::store) type Key = Vec<Value>;

/// A row: its cells by name, in order of name, since the order of columns may differ where migrations added some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Kept {
    /// Values of the key's columns.
    pub key: Key,
    /// All columns.
    pub cells: Vec<(String, Value)>,
}

/// What makes one page of a table equal to another database's.
#[derive(Debug, Default)]
pub(in crate::store) struct Change {
    /// Rows that are missing or differ.
    pub put: Vec<Kept>,
    /// Keys of rows that must not be there.
    pub drop: Vec<Key>,
}

impl Change {
    /// What turns `theirs` into `mine`, both in order of key.
    pub fn between(mine: Vec<Kept>, theirs: Vec<Kept>) -> Self {
        let mut change = Self::default();
        let mut theirs = theirs.into_iter().peekable();
        for row in mine {
            while let Some(extra) = theirs.next_if(|other| other.key < row.key) {
                change.drop.push(extra.key);
            }
            if theirs.next_if(|other| other.key == row.key).as_ref() != Some(&row) {
                change.put.push(row);
            }
        }
        change.drop.extend(theirs.map(|extra| extra.key));
        change
    }

    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.drop.is_empty()
    }
}

/// Reads a row whole.
pub(in crate::store) fn kept(table: &Table, row: &Row) -> Result<Kept, StoreError> {
    let mut cells = row.cells()?;
    cells.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let of = |column: &&str| cells.iter().find(|(name, _)| name == column).map(|(_, value)| value.clone());
    let key: Option<Key> = table.key.iter().map(of).collect();
    let key = key.ok_or_else(|| StoreError::Damaged(format!("the table {} lacks its key", table.name)))?;
    Ok(Kept { key, cells })
}

// The names in these texts are constants of this crate and the columns that its own migrations made.
impl Tx<'_> {
    /// Rows of a table whose key is above `after`, in order of key, at most `limit`.
    pub(in crate::store) async fn rows_after(
        &mut self,
        table: &Table,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Kept>, StoreError> {
        let key = table.key.join(", ");
        let above = after.map(|after| format!("WHERE ({key}) > {}", placeholders(1, after.len())));
        let mut values = after.cloned().unwrap_or_default();
        values.push(val(limit as u64));
        let (above, last) = (above.unwrap_or_default(), values.len());
        let sql = format!("SELECT * FROM {} {above} ORDER BY {key} LIMIT ${last}", table.name);
        self.rows(AssertSqlSafe(sql), values).await?.iter().map(|row| kept(table, row)).collect()
    }

    /// The highest key of a table; `None` while it is empty.
    pub(in crate::store) async fn last_key(&mut self, table: &Table) -> Result<Option<Key>, StoreError> {
        let order: Vec<String> = table.key.iter().map(|column| format!("{column} DESC")).collect();
        let sql = format!("SELECT * FROM {} ORDER BY {} LIMIT 1", table.name, order.join(", "));
        let row = self.row(AssertSqlSafe(sql), vec![]).await?;
        row.map(|row| kept(table, &row).map(|row| row.key)).transpose()
    }

    /// Carries out a change of one table.
    pub(in crate::store) async fn change(&mut self, table: &Table, change: &Change) -> Result<(), StoreError> {
        let Table { name, key, .. } = table;
        for dropped in &change.drop {
            let sql = format!("DELETE FROM {name} WHERE ({}) = {}", key.join(", "), placeholders(1, dropped.len()));
            self.execute(AssertSqlSafe(sql), dropped.clone()).await?;
        }
        let Some(first) = change.put.first() else { return Ok(()) };
        let columns: Vec<&str> = first.cells.iter().map(|(column, _)| column.as_str()).collect();
        let others = columns.iter().filter(|column| !key.contains(column));
        let sets: Vec<String> = others.map(|column| format!("{column} = excluded.{column}")).collect();
        let written = if sets.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", sets.join(", ")) };
        let head = format!("INSERT INTO {name} ({})", columns.join(", "));
        let tail = format!("ON CONFLICT ({}) DO {written}", key.join(", "));
        let rows: Vec<Vec<Value>> =
            change.put.iter().map(|row| row.cells.iter().map(|(_, value)| value.clone()).collect()).collect();
        self.insert(&head, &tail, rows).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Kept};
    use crate::store::sql::{text, val};

    fn row(key: u64, said: &str) -> Kept {
        Kept { key: vec![val(key)], cells: vec![("key".to_owned(), val(key)), ("said".to_owned(), text(said))] }
    }

    #[test]
    fn a_change_puts_what_is_missing_or_differs_and_drops_what_is_left_over() {
        let mine = vec![row(2, "b"), row(3, "c"), row(5, "e")];
        let theirs = vec![row(1, "a"), row(2, "b"), row(3, "x"), row(4, "d"), row(6, "f")];
        let change = Change::between(mine.clone(), theirs);
        assert_eq!(change.put, [row(3, "c"), row(5, "e")]);
        assert_eq!(change.drop, [row(1, "").key, row(4, "").key, row(6, "").key]);
        assert!(Change::between(mine.clone(), mine).is_empty());
    }
}
