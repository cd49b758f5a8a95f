//! Where the record, the private rows and the derived tables are kept.
