//! Films on their way in: the boxes in which phones and programs write where and by whom a film was made are blanked.

/// Boxes that hold other boxes (ISO/IEC 14496-12).
const HOLDERS: [&[u8]; 5] = [b"moov", b"trak", b"mdia", b"minf", b"moof"];
/// Boxes in which something is written beside the film.
const BESIDE: [&[u8]; 3] = [b"udta", b"meta", b"uuid"];
/// Boxes within boxes, at most.
const DEEPEST: u8 = 6;

/// A film without what was written beside it: such boxes become free space, so that nothing else moves. Nothing for bytes that
/// are no film, or for one with a track that is neither picture nor sound, such as positions.
#[must_use]
pub fn clean(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    blank(&mut bytes, DEEPEST)?;
    Some(bytes)
}

fn blank(bytes: &mut [u8], deepest: u8) -> Option<()> {
    let mut at = 0;
    while at < bytes.len() {
        let (head, length) = length(bytes.get(at..)?)?;
        let whole = bytes.get_mut(at..at.checked_add(length)?)?;
        let (front, body) = whole.split_at_mut_checked(head)?;
        let kind: &[u8] = front.get(4..8)?;
        if BESIDE.contains(&kind) {
            front.get_mut(4..8)?.copy_from_slice(b"free");
            body.fill(0);
        } else if HOLDERS.contains(&kind) {
            blank(body, deepest.checked_sub(1)?)?;
        } else if kind == b"hdlr" && !matches!(body.get(8..12)?, b"vide" | b"soun") {
            return None;
        }
        at += length;
    }
    Some(())
}

/// Bytes of a box's head, and of the whole box; a box of length 0 goes to the end.
fn length(bytes: &[u8]) -> Option<(usize, usize)> {
    let short = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
    let (head, length) = match short {
        0 => (8, bytes.len()),
        1 => (16, usize::try_from(u64::from_be_bytes(bytes.get(8..16)?.try_into().ok()?)).ok()?),
        _ => (8, usize::try_from(short).ok()?),
    };
    (head <= length).then_some((head, length))
}

#[cfg(test)]
mod tests {
    use super::clean;

    fn boxed(kind: &[u8], body: &[u8]) -> Vec<u8> {
        [&u32::try_from(body.len() + 8).unwrap().to_be_bytes()[..], kind, body].concat()
    }

    fn film(handler: &[u8]) -> Vec<u8> {
        let handler = boxed(b"hdlr", &[&[0; 8], handler, &[0; 12]].concat());
        let track = boxed(b"trak", &boxed(b"mdia", &handler));
        let place = boxed(b"udta", b"+28.45+119.92/");
        let all = [boxed(b"ftyp", b"isom0000"), boxed(b"moov", &[track, place].concat()), boxed(b"mdat", b"pictures")];
        all.concat()
    }

    #[test]
    fn a_film_loses_its_place_and_nothing_moves() {
        let (told, cleaned) = (film(b"vide"), clean(film(b"vide")).unwrap());
        assert_eq!(cleaned.len(), told.len());
        assert!(!cleaned.windows(6).any(|part| part == b"+28.45") && cleaned.ends_with(b"pictures"));
        assert_eq!(clean(cleaned.clone()), Some(cleaned));
    }

    #[test]
    fn a_track_of_positions_and_a_broken_film_are_refused() {
        assert_eq!(clean(film(b"meta")), None);
        let mut cut = film(b"vide");
        cut.truncate(cut.len() - 1);
        assert_eq!(clean(cut), None);
        assert_eq!(clean(vec![0, 0, 0, 4, b'f', b't', b'y', b'p']), None, "shorter than its own head");
    }
}
