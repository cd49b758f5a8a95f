//! Pictures that stand in two matters: which entries name one, and how it looks.

use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, VillageCode};
use crate::core::model::Media;
use crate::core::statement::Statement;
use crate::store::alike::PictureRow;
use crate::store::error::StoreError;
use crate::store::tx::Tx;

/// A picture that an entry of a matter names.
#[derive(Debug)]
pub(in crate::app) struct Named {
    village: VillageCode,
    matter: MatterId,
    document: Digest,
    at: (u64, Time),
}

/// The pictures that an entry names, if it is about a matter.
pub(in crate::app) fn pictures_of(
    statement: &Statement,
    seq: u64,
    time: Time,
) -> impl Iterator<Item = Named> + use<'_> {
    let pictures = statement.documents.iter().filter(|doc| matches!(doc.media, Media::Jpeg | Media::Png | Media::Webp));
    let village = statement.village;
    pictures.filter_map(move |doc| {
        Some(Named { village, matter: statement.matter?, document: doc.sha256, at: (seq, time) })
    })
}

/// Notes in which matters pictures stand, and finds those of other matters that look nearly the same. What was erased since has no looks.
pub(in crate::app) async fn note(tx: &mut Tx<'_>, named: &[Named]) -> Result<(), StoreError> {
    for Named { village, matter, document, at } in named {
        if let Some(looks) = tx.looks(*village, *document).await? {
            tx.put_picture(&PictureRow::new(*village, *matter, *document, *at, looks)).await?;
        }
    }
    Ok(())
}
