//! PDFs on their way in: cleaned of what programs note beside the pages, such as who wrote them, with which program, and
//! where a scanned photograph was taken (ISO 32000-2: 14.3 metadata, 14.5 page-piece dictionaries).

use lopdf::{Dictionary, Document, LoadOptions, Object, Stream, decode_text_string};

use crate::app::App;
use crate::app::error::AppError;
use crate::app::pictures;
use crate::core::model::Media;
use crate::core::statement::Statement;

/// Most bytes that one compressed part of a file may unpack to: a few hundred times what files of offices need.
const MOST_UNPACKED: usize = 64 << 20;
/// What a dictionary says beside the page it belongs to.
const BESIDE: [&[u8]; 2] = [b"Metadata", b"PieceInfo"];
/// What the document information dictionary says about people and programs.
const NOTES: [&[u8]; 6] = [b"Author", b"Title", b"Subject", b"Keywords", b"Creator", b"Producer"];
/// Longest note that is told, in characters.
const MOST_TOLD: usize = 60;

/// Why a file stays as it is, with all that it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Digitally signed: any change would break the signature.
    Signed,
    /// Encrypted.
    Locked,
    /// Not written as the standard says: it would not come out as it went in.
    Unreadable,
}

impl Left {
    /// Stable code, for the reader's words.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Locked => "locked",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A file that stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Why.
    pub left: Left,
    /// What it is known to carry: author, title and the like.
    pub carries: Vec<String>,
}

/// A PDF without what was noted beside its pages. One that has nothing beside them stays byte for byte.
///
/// # Errors
/// Why it has to stay as it is: then nothing was changed.
pub fn clean(bytes: &[u8]) -> Result<Vec<u8>, Told> {
    let mut pdf = read(bytes).ok_or_else(|| told(bytes, None))?;
    if let Some(left) = fixed(&pdf) {
        return Err(Told { left, carries: notes(&pdf) });
    }
    if !strip(&mut pdf) {
        return Ok(bytes.to_vec());
    }
    pdf.prune_objects();
    let mut plain = Vec::with_capacity(bytes.len());
    let saved = pdf.save_to(&mut plain).is_ok() && read(&plain).is_some_and(|again| is_same(&pdf, &again));
    if saved { Ok(plain) } else { Err(told(bytes, Some(&pdf))) }
}

impl App {
    /// The PDFs that a statement names and that stay as they are, with what they carry: for whoever is about to sign it.
    ///
    /// # Errors
    /// The store's.
    pub async fn pdfs_left(&self, statement: &Statement) -> Result<Vec<Told>, AppError> {
        let mut all = Vec::new();
        for doc in statement.documents.iter().filter(|doc| doc.media == Media::Pdf) {
            let (_, content) = self.document(statement.village, doc.sha256).await?;
            let Some(content) = content else { continue };
            let left = tokio::task::spawn_blocking(move || clean(&content.bytes).err()).await;
            all.extend(left.ok().flatten());
        }
        Ok(all)
    }
}

fn told(bytes: &[u8], pdf: Option<&Document>) -> Told {
    // A file that can't be read whole may be signed or locked all the same.
    let has = |what: &[u8]| memchr::memmem::find(bytes, what).is_some();
    let left = match () {
        () if has(b"/ByteRange") => Left::Signed,
        () if has(b"/Encrypt") => Left::Locked,
        () => Left::Unreadable,
    };
    Told { left, carries: pdf.map(notes).unwrap_or_default() }
}

/// A file as it was written; nothing for one that had to be repaired to be read.
fn read(bytes: &[u8]) -> Option<Document> {
    let options = LoadOptions { max_decompressed_size: Some(MOST_UNPACKED), ..LoadOptions::default() };
    let pdf = Document::load_mem_with_options(bytes, options).ok()?;
    (pdf.xref_recovery.is_none() && pdf.page_iter().next().is_some()).then_some(pdf)
}

/// Why a file must not be changed.
fn fixed(pdf: &Document) -> Option<Left> {
    if pdf.is_encrypted() || pdf.was_encrypted() {
        return Some(Left::Locked);
    }
    let signs = |dict: &Dictionary| dict.has(b"ByteRange") || dict.has_type(b"Sig") || dict.has_type(b"DocTimeStamp");
    let signed = pdf.objects.values().any(|object| any(object, &signs));
    signed.then_some(Left::Signed)
}

/// Whether a dictionary in this object, at any depth, is such.
fn any(object: &Object, is: &impl Fn(&Dictionary) -> bool) -> bool {
    let inside = |dict: &Dictionary| is(dict) || dict.iter().any(|(_, value)| any(value, is));
    match object {
        Object::Dictionary(dict) => inside(dict),
        Object::Stream(stream) => inside(&stream.dict),
        Object::Array(items) => items.iter().any(|item| any(item, is)),
        _ => false,
    }
}

/// What the file's information dictionary says, as `Author: …`.
fn notes(pdf: &Document) -> Vec<String> {
    let info = pdf.trailer.get(b"Info").ok().and_then(|info| pdf.dereference(info).ok());
    let Some(info) = info.and_then(|(_, info)| info.as_dict().ok()) else { return Vec::new() };
    let note = |name: &[u8]| {
        let text = decode_text_string(info.get(name).ok()?).ok()?;
        let text: String = text.chars().filter(|c| !c.is_control()).take(MOST_TOLD).collect();
        (!text.trim().is_empty()).then(|| format!("{}: {}", String::from_utf8_lossy(name), text.trim()))
    };
    NOTES.iter().filter_map(|name| note(name)).collect()
}

/// Takes out what stands beside the pages; whether there was anything.
fn strip(pdf: &mut Document) -> bool {
    let mut changed = pdf.trailer.remove(b"Info").is_some();
    for object in pdf.objects.values_mut() {
        changed |= strip_object(object);
    }
    changed
}

fn strip_object(object: &mut Object) -> bool {
    match object {
        Object::Dictionary(dict) => strip_dictionary(dict),
        Object::Stream(stream) => {
            let photograph = strip_photograph(stream);
            strip_dictionary(&mut stream.dict) || photograph
        }
        Object::Array(items) => {
            let mut changed = false;
            for item in items {
                changed |= strip_object(item);
            }
            changed
        }
        _ => false,
    }
}

fn strip_dictionary(dict: &mut Dictionary) -> bool {
    let mut changed = false;
    for name in BESIDE {
        changed |= dict.remove(name).is_some();
    }
    for (_, value) in dict.iter_mut() {
        changed |= strip_object(value);
    }
    changed
}

/// A photograph in the file is a JPEG, and may say where it was taken.
fn strip_photograph(stream: &mut Stream) -> bool {
    let Some(jpeg) = photograph(stream) else { return false };
    match pictures::jpeg(&jpeg).filter(|cleaned| *cleaned != jpeg) {
        Some(cleaned) => {
            stream.dict.set("Filter", "DCTDecode");
            stream.dict.remove(b"DecodeParms");
            stream.set_content(cleaned);
            true
        }
        None => false,
    }
}

/// The bytes of a photograph's JPEG, from under what else it was packed with (ISO 32000-2, 7.4).
fn photograph(stream: &Stream) -> Option<Vec<u8>> {
    let filters = stream.filters().ok()?;
    let (last, before) = filters.split_last()?;
    if *last != b"DCTDecode" {
        return None;
    }
    if before.is_empty() {
        return Some(stream.content.clone());
    }
    let names = before.iter().map(|name| Object::Name(name.to_vec())).collect::<Vec<_>>();
    let packed = Stream::new(Dictionary::from_iter([("Filter", Object::Array(names))]), stream.content.clone());
    packed.decompressed_content_with_limit(MOST_UNPACKED).ok()
}

/// Whether what was written reads as it was meant, object for object.
fn is_same(meant: &Document, written: &Document) -> bool {
    let same = |one: &Object, other: &Object| match (one, other) {
        (Object::Stream(one), Object::Stream(other)) => one.dict == other.dict && one.content == other.content,
        (one, other) => one == other,
    };
    let kept = |object: &&Object| !object.type_name().is_ok_and(|name| name == b"ObjStm" || name == b"XRef");
    let objects = |pdf: &Document| pdf.objects.values().filter(kept).count();
    let root = |pdf: &Document| pdf.trailer.get(b"Root").ok().cloned();
    let mut meant_objects = meant.objects.iter().filter(|(_, object)| kept(object));
    root(meant) == root(written)
        && objects(meant) == objects(written)
        && meant_objects.all(|(id, object)| written.objects.get(id).is_some_and(|other| same(object, other)))
}

#[cfg(test)]
pub(in crate::app) mod tests {
    use lopdf::{Document, Object, SaveOptions, Stream, StringFormat, dictionary};

    use super::{Left, clean, read};

    /// What the tests' files say about their author.
    pub(in crate::app) const AUTHOR: &[u8] = b"Wu Guixiang";

    /// Two pages by a word processor, with what it notes: information dictionary, XMP for the file, private data of a page.
    fn office() -> Document {
        let mut pdf = Document::with_version("1.7");
        let pages = pdf.new_object_id();
        let xmp = [b"<x:xmpmeta>".as_slice(), AUTHOR, b"</x:xmpmeta>"].concat();
        let xmp = pdf.add_object(Stream::new(dictionary! { "Type" => "Metadata", "Subtype" => "XML" }, xmp));
        let kids: Vec<Object> = [b"BT (one) Tj ET".as_slice(), b"BT (two) Tj ET"]
            .into_iter()
            .map(|text| {
                let contents = pdf.add_object(Stream::new(dictionary! {}, text.to_vec()));
                let private = dictionary! { "Word" => dictionary! { "Private" => note(AUTHOR) } };
                let page = dictionary! {
                    "Type" => "Page", "Parent" => pages, "Contents" => contents, "PieceInfo" => private,
                    "MediaBox" => vec![0.into(), 0.into(), 595.32.into(), 841.92.into()],
                };
                pdf.add_object(page).into()
            })
            .collect();
        let tree = dictionary! { "Type" => "Pages", "Count" => 2, "Kids" => kids };
        pdf.objects.insert(pages, Object::Dictionary(tree));
        let root = pdf.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages, "Metadata" => xmp });
        let info = pdf.add_object(dictionary! { "Author" => note(AUTHOR), "Producer" => note(b"Writer 7") });
        pdf.trailer.set("Root", root);
        pdf.trailer.set("Info", info);
        pdf
    }

    fn note(text: &[u8]) -> Object {
        Object::String(text.to_vec(), StringFormat::Literal)
    }

    fn written(mut pdf: Document) -> Vec<u8> {
        let mut bytes = Vec::new();
        pdf.save_to(&mut bytes).unwrap();
        bytes
    }

    /// A file with notes.
    pub(in crate::app) fn office_file() -> Vec<u8> {
        written(office())
    }

    /// The same with a digital signature.
    pub(in crate::app) fn signed_file() -> Vec<u8> {
        let mut pdf = office();
        let range = vec![0.into(), 10.into(), 20.into(), 30.into()];
        pdf.add_object(dictionary! { "Type" => "Sig", "ByteRange" => range, "Contents" => note(&[0; 16]) });
        written(pdf)
    }

    fn says(bytes: &[u8], what: &[u8]) -> bool {
        memchr::memmem::find(bytes, what).is_some()
    }

    #[test]
    fn what_a_program_noted_goes_and_the_pages_stay() {
        let before = office_file();
        let after = clean(&before).unwrap();
        assert!(says(&before, AUTHOR) && says(&before, b"Writer 7") && says(&before, b"xmpmeta"));
        assert!(!says(&after, AUTHOR) && !says(&after, b"Writer 7") && !says(&after, b"xmpmeta"));
        let (before, after) = (read(&before).unwrap(), read(&after).unwrap());
        let pages = |pdf: &Document| pdf.page_iter().map(|page| pdf.get_page_content(page)).collect::<Vec<_>>();
        assert_eq!((pages(&before), pages(&before).len()), (pages(&after), 2));
        assert!(after.trailer.get(b"Info").is_err());
    }

    #[test]
    fn notes_in_packed_objects_go_too_and_nothing_of_an_earlier_version_stays() {
        let mut packed = Vec::new();
        let options = SaveOptions { use_object_streams: true, use_xref_streams: true, ..SaveOptions::default() };
        let mut pdf = office();
        pdf.save_with_options(&mut packed, options).unwrap();
        assert!(!super::notes(&read(&packed).unwrap()).is_empty());
        let after = clean(&packed).unwrap();
        assert!(super::notes(&read(&after).unwrap()).is_empty() && !says(&after, AUTHOR));
    }

    /// What a phone writes into a photograph: Exif with the place (GPS latitude 28° 27′ 3″ north), and much that packs well.
    fn exif() -> Vec<u8> {
        let first = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x88\x25\0\x04\0\0\0\x01\0\0\0\x1A\0\0\0\0";
        let place = b"\0\x02\0\x01\0\x02\0\0\0\x02N\0\0\0\0\x02\0\x05\0\0\0\x03\0\0\0\x38\0\0\0\0";
        let degrees = [28_u32, 1, 27, 1, 3, 1].map(u32::to_be_bytes).concat();
        [first.as_slice(), place, &degrees, &[0; 4000]].concat()
    }

    /// A JPEG as a phone makes it, and the same without what it wrote.
    fn photographs() -> (Vec<u8>, Vec<u8>) {
        let mut plain = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_pixel(16, 8, image::Rgb([200, 90, 30]))
            .write_to(&mut plain, image::ImageFormat::Jpeg)
            .unwrap();
        let (plain, exif) = (plain.into_inner(), exif());
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        ([&plain[..2], &[0xFF, 0xE1], &length, &exif, &plain[2..]].concat(), plain)
    }

    #[test]
    fn a_photograph_in_the_file_loses_the_place_where_it_was_taken_however_it_is_packed() {
        let (taken, plain) = photographs();
        let mut packed = Stream::new(dictionary! {}, taken.clone());
        packed.compress().unwrap();
        assert!(packed.content.len() < taken.len(), "packed");
        let name = |name: &str| Object::Name(name.as_bytes().to_vec());
        let ways = [
            (name("DCTDecode"), taken.clone()),
            (Object::Array(vec![name("DCTDecode")]), taken),
            (Object::Array(vec![name("FlateDecode"), name("DCTDecode")]), packed.content),
        ];
        for (filter, content) in ways {
            let mut pdf = read(&clean(&office_file()).unwrap()).unwrap();
            let image = dictionary! {
                "Type" => "XObject", "Subtype" => "Image", "Width" => 16, "Height" => 8, "ColorSpace" => "DeviceRGB",
                "BitsPerComponent" => 8, "Filter" => filter,
            };
            let image = pdf.add_object(Stream::new(image, content));
            let page = pdf.page_iter().next().unwrap();
            let page = pdf.get_dictionary_mut(page).unwrap();
            page.set("Resources", dictionary! { "XObject" => dictionary! { "Photo" => image } });
            let after = clean(&written(pdf)).unwrap();
            assert!(!says(&after, b"Exif"));
            let after = read(&after).unwrap();
            let of_image =
                |object: &Object| object.as_stream().ok().filter(|stream| stream.dict.has(b"Width")).cloned();
            let kept = after.objects.values().find_map(of_image).unwrap();
            assert_eq!(super::photograph(&kept).unwrap(), plain, "the picture stays, and nothing else");
        }
    }

    #[test]
    fn a_file_without_notes_stays_byte_for_byte() {
        let plain = clean(&office_file()).unwrap();
        assert_eq!(clean(&plain).unwrap(), plain);
    }

    #[test]
    fn a_signed_file_is_left_and_what_it_carries_is_told() {
        let told = clean(&signed_file()).unwrap_err();
        assert_eq!(told.left, Left::Signed);
        assert_eq!(told.carries, ["Author: Wu Guixiang", "Producer: Writer 7"]);
    }

    #[test]
    fn what_can_not_be_read_or_is_broken_is_left() {
        assert_eq!(clean(b"%PDF-1.7 and nothing more").unwrap_err().left, Left::Unreadable);
        let file = office_file();
        for end in (0..file.len()).step_by(97) {
            assert!(clean(&file[..end]).is_err(), "cut after {end} bytes");
        }
        assert_eq!(clean(b"%PDF-1.7 /Encrypt 3 0 R").unwrap_err().left, Left::Locked);
    }
}
