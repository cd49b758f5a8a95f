//! Bytes of documents, in a folder or any other place that `object_store` knows. Rows about them are in `documents`.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt as _};

use crate::store::error::StoreError;
use crate::store::fault::{Fault, FaultPlan, planned};

/// Where the bytes of documents lie. Cheap to clone.
#[derive(Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    faults: FaultPlan,
}

impl Objects {
    /// A folder of this machine, made if missing. What is put there is synced to disk, names included.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the folder can't be made or read.
    pub fn folder(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::unavailable(&error))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| StoreError::unavailable(&error))?;
        Ok(Self::at(Arc::new(store.with_fsync(true))))
    }

    /// A folder whose files reach the disk in the system's own time: for what can be made again, such as a demo.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the folder can't be made or read.
    pub fn folder_unsynced(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::unavailable(&error))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| StoreError::unavailable(&error))?;
        Ok(Self::at(Arc::new(store)))
    }

    /// Any other place, which must acknowledge only what is durable.
    #[must_use]
    pub fn at(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, faults: FaultPlan::default() }
    }

    /// The same place with planned failures; only tests plan any.
    #[must_use]
    pub fn with_faults(self, faults: FaultPlan) -> Self {
        Self { faults, ..self }
    }

    /// Keeps `bytes` under `key`; durable when this returns. The same key again replaces the bytes.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] above `limit` bytes, [`StoreError::Unavailable`] when they can't be kept.
    pub async fn put(&self, key: &str, bytes: Vec<u8>, limit: usize) -> Result<(), StoreError> {
        if bytes.len() > limit {
            return Err(StoreError::TooLarge { limit });
        }
        let fault = self.faults.begin();
        if fault == Some(Fault::NotWritten) {
            return Err(planned(false));
        }
        let put = self.store.put(&path(key)?, bytes.into()).await;
        put.map_err(|error| StoreError::unavailable(&error))?;
        if fault == Some(Fault::ButWritten) { Err(planned(true)) } else { Ok(()) }
    }

    /// The bytes under `key`; `None` if there are none.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] above `limit` bytes, found before any is read.
    pub async fn fetch(&self, key: &str, limit: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let found = match self.store.get(&path(key)?).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(StoreError::unavailable(&error)),
        };
        if found.meta.size > limit as u64 {
            return Err(StoreError::TooLarge { limit });
        }
        let bytes = found.bytes().await.map_err(|error| StoreError::unavailable(&error))?;
        Ok(Some(bytes.into()))
    }

    /// Erases the bytes under `key`; nothing happens if there are none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when they can't be erased.
    pub async fn erase(&self, key: &str) -> Result<(), StoreError> {
        match self.store.delete(&path(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }

    /// Copies to `other` every object that it does not hold yet; how many were copied.
    ///
    /// Objects are never changed under their key, so what is there already is the same.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when either place fails.
    pub async fn copy_to(&self, other: &Self) -> Result<u64, StoreError> {
        let mut copied = 0;
        let mut all = self.store.list(None).map(|found| found.map_err(|error| StoreError::unavailable(&error)));
        while let Some(found) = all.try_next().await? {
            if other.store.head(&found.location).await.is_ok_and(|there| there.size == found.size) {
                continue;
            }
            let bytes = match self.store.get(&found.location).await {
                Ok(found) => found.bytes().await.map_err(|error| StoreError::unavailable(&error))?,
                // Erased since it was listed.
                Err(object_store::Error::NotFound { .. }) => continue,
                Err(error) => return Err(StoreError::unavailable(&error)),
            };
            let put = other.store.put(&found.location, bytes.into()).await;
            put.map_err(|error| StoreError::unavailable(&error))?;
            copied += 1;
        }
        Ok(copied)
    }
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Objects({})", self.store)
    }
}

fn path(key: &str) -> Result<object_store::path::Path, StoreError> {
    object_store::path::Path::parse(key).map_err(|error| StoreError::Damaged(error.to_string()))
}
