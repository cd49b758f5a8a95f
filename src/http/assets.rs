//! Static files: what Vite built and the stylesheets, part of the program. Their addresses carry a hash of the content, so
//! that browsers keep them for ever; the plain name works too and is asked about each time.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

use crate::core::ids::Digest;
use crate::http::pages::embed::Theme;
use crate::http::pages::styles::{APP_CSS, DOOR_CSS, FIGURES_CSS, SCREEN_CSS, TERMINAL_CSS, VILLAGE_CSS, embed_css};
use crate::http::problem::{Code, Problem};
use crate::log::district::Files;

/// What Vite built. In a debug build read from the folder at start, else part of the program.
#[derive(rust_embed::RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Built;

/// Pictures that need no build, such as `icon.svg`; the stylesheets there are put together in `pages::styles`.
#[derive(rust_embed::RustEmbed)]
#[folder = "web/styles"]
#[allow_missing = true]
struct Pictures;

/// One static file.
#[derive(Debug, Clone)]
struct Asset {
    bytes: axum::body::Bytes,
    media: &'static str,
    /// First 8 bytes of the content's SHA-256, in hex.
    hash: String,
}

/// Every static file by name.
#[derive(Debug, Default)]
pub struct Assets {
    files: BTreeMap<String, Asset>,
}

/// The files of this build.
static ALL: LazyLock<Assets> = LazyLock::new(Assets::load);

/// The files of this build, read once.
#[must_use]
pub fn all() -> &'static Assets {
    &ALL
}

impl Assets {
    fn load() -> Self {
        let mut assets = Self::default();
        for name in Pictures::iter().filter(|name| !name.ends_with(".css")) {
            if let Some(file) = Pictures::get(&name) {
                assets.add(&name, file.data.into_owned());
            }
        }
        assets.add("app.css", APP_CSS.as_bytes().to_vec());
        assets.add("screen.css", SCREEN_CSS.as_bytes().to_vec());
        assets.add("door.css", DOOR_CSS.as_bytes().to_vec());
        assets.add("figures.css", FIGURES_CSS.as_bytes().to_vec());
        assets.add("village.css", VILLAGE_CSS.as_bytes().to_vec());
        assets.add("terminal.css", TERMINAL_CSS.as_bytes().to_vec());
        for theme in Theme::ALL {
            assets.add(theme.styles(), embed_css(theme).into_bytes());
        }
        for name in Built::iter() {
            if let Some(file) = Built::get(&name) {
                assets.add(&name, file.data.into_owned());
            }
        }
        assets
    }

    /// Adds a file; one whose ending no browser needs (a source map, a note) is left out.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) {
        if let Some(media) = media_type(name) {
            let hash = hex::encode(&Sha256::digest(&bytes)[..8]);
            self.files.insert(name.to_owned(), Asset { bytes: bytes.into(), media, hash });
        }
    }

    /// The address of `name` with the hash of its content: `/assets/app.0123456789abcdef.css`. A name that doesn't exist
    /// keeps its plain address, which answers 404.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        match (self.files.get(name), name.rsplit_once('.')) {
            (Some(asset), Some((stem, ending))) => format!("/assets/{stem}.{}.{ending}", asset.hash),
            (Some(_) | None, _) => format!("/assets/{name}"),
        }
    }

    /// Every file's address with the SHA-256 of its bytes: what a release leaf of the district's log tells (PROTOCOL 4).
    #[must_use]
    pub fn released(&self) -> Files {
        let digest = |asset: &Asset| Digest(Sha256::digest(&asset.bytes).into());
        self.files.iter().map(|(name, asset)| (format!("/assets/{name}"), digest(asset))).collect()
    }

    /// A file's text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(&self.files.get(name)?.bytes).ok()
    }

    /// The file at a path below `/assets/`, and whether the path carries its hash.
    fn find(&self, path: &str) -> Option<(&Asset, bool)> {
        if let Some(asset) = self.files.get(path) {
            // Vite's chunks name each other, and so carry a hash of their own: `scan.Dm3k1x0a.js`.
            let own_hash = path.split('.').count() > 2;
            return Some((asset, own_hash));
        }
        let (rest, ending) = path.rsplit_once('.')?;
        let (stem, hash) = rest.rsplit_once('.')?;
        self.files.get(&format!("{stem}.{ending}")).filter(|asset| asset.hash == hash).map(|asset| (asset, true))
    }
}

/// The media type of the files that browsers ask for.
fn media_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "js" | "mjs" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "png" => Some("image/png"),
        "webp" => Some("image/webp"),
        "ico" => Some("image/x-icon"),
        "wasm" => Some("application/wasm"),
        "webmanifest" => Some("application/manifest+json"),
        "woff2" => Some("font/woff2"),
        _ => None,
    }
}

/// `GET /assets/{*name}`.
///
/// # Errors
/// No such file, or its content has another hash by now.
pub async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let (asset, hashed) = all().find(&name).ok_or_else(|| Problem::new(Code::NotFound))?;
    let keep = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    // Weak, since the same file goes out plain and compressed.
    let tag = format!("W/\"{}\"", asset.hash);
    let known = headers.get(IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let tag = HeaderValue::try_from(tag).map_err(|_| Problem::new(Code::Internal))?;
    let heads = [(CACHE_CONTROL, HeaderValue::from_static(keep)), (ETAG, tag)];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, heads).into_response());
    }
    let media = [(CONTENT_TYPE, HeaderValue::from_static(asset.media))];
    Ok((heads, media, asset.bytes.clone()).into_response())
}

/// `GET /sw.js`: the service worker at the root, so that it serves pages of all villages. Asked about each time.
///
/// # Errors
/// The browser's side was not built.
pub async fn service_worker(headers: HeaderMap) -> Result<Response, Problem> {
    serve(Path("sw.js".to_owned()), headers).await
}

#[cfg(test)]
mod tests {
    use super::Assets;

    #[test]
    fn an_address_changes_with_the_content() {
        let mut assets = Assets::default();
        assets.add("app.css", b"a{}".to_vec());
        let first = assets.url("app.css");
        assert!(first.starts_with("/assets/app.") && first.ends_with(".css"), "{first}");
        let path = first.trim_start_matches("/assets/").to_owned();
        assert!(assets.find(&path).is_some_and(|(_, hashed)| hashed));
        assert!(assets.find("app.css").is_some_and(|(_, hashed)| !hashed));
        assets.add("app.css", b"b{}".to_vec());
        assert_ne!(assets.url("app.css"), first);
        assert!(assets.find(&path).is_none(), "an old address must not answer with new content");
        assert_eq!(assets.url("none.css"), "/assets/none.css");
        assets.add("scan.Dm3k1x0a.js", Vec::new());
        assert!(assets.find("scan.Dm3k1x0a.js").is_some_and(|(_, hashed)| hashed), "Vite's own hash counts");
    }

    #[test]
    fn files_for_developers_are_not_served() {
        let mut assets = Assets::default();
        assets.add("app.js.map", Vec::new());
        assets.add("README.md", Vec::new());
        assert!(assets.files.is_empty());
    }
}
