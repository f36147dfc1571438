//! Stylesheet, scripts and pictures, embedded, under names that carry their content's hash.

use rust_embed::RustEmbed;
use std::{collections::BTreeMap, fmt::Write, sync::LazyLock};

/// Where assets are served.
const ASSET_PATH: &str = "/assets/";

/// What every asset is served with: its name changes with its content, so it never goes stale.
pub const ASSET_CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

#[derive(RustEmbed)]
#[folder = "themes/default/assets"]
struct Files;

/// One asset, ready to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its content.
    pub bytes: Vec<u8>,
    /// The `Content-Type` value.
    pub content_type: &'static str,
    /// The `ETag` value, in its quotes.
    pub etag: String,
}

/// All assets by hashed name, and the hashed name of each plain one.
struct Shelf {
    assets: BTreeMap<String, Asset>,
    hashed_names: BTreeMap<String, String>,
}

static SHELF: LazyLock<Shelf> = LazyLock::new(|| {
    let mut shelf = Shelf { assets: BTreeMap::new(), hashed_names: BTreeMap::new() };
    for name in Files::iter() {
        if let Some(file) = Files::get(&name) {
            let hash = short_hex(&file.metadata.sha256_hash());
            let hashed_name = hashed_name(&name, &hash);
            let asset = Asset {
                bytes: file.data.into_owned(),
                content_type: content_type(&name),
                etag: format!("\"{hash}\""),
            };
            shelf.hashed_names.insert(name.into_owned(), hashed_name.clone());
            shelf.assets.insert(hashed_name, asset);
        }
    }
    shelf
});

/// The asset whose hashed name follows `/assets/` in an address.
pub fn asset(hashed_name: &str) -> Option<&'static Asset> {
    SHELF.assets.get(hashed_name)
}

/// The address of the asset with this plain name, such as `countersign.css`.
pub fn asset_url(name: &str) -> Option<String> {
    SHELF.hashed_names.get(name).map(|hashed_name| format!("{ASSET_PATH}{hashed_name}"))
}

fn short_hex(hash: &[u8]) -> String {
    hash.iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

fn hashed_name(name: &str, hash: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
        None => format!("{name}.{hash}"),
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_found_under_the_name_that_its_address_gives() {
        let url = asset_url("countersign.css").unwrap();
        let asset = asset(url.strip_prefix(ASSET_PATH).unwrap()).unwrap();
        assert_eq!(asset.content_type, "text/css; charset=utf-8");
        assert!(url.contains(asset.etag.trim_matches('"')), "{url} carries the hash");
        assert!(!asset.bytes.is_empty());
    }

    #[test]
    fn an_asset_is_found_under_no_other_name() {
        for name in ["countersign.css", "countersign.0000000000000000.css", "../pages/layout.html", ""] {
            assert!(asset(name).is_none(), "{name}");
        }
        assert!(asset_url("missing.css").is_none());
    }

    #[test]
    fn every_asset_has_a_known_content_type_and_names_no_other_host() {
        for (name, asset) in &SHELF.assets {
            assert_ne!(asset.content_type, "application/octet-stream", "{name}");
            let text = String::from_utf8(asset.bytes.clone()).unwrap();
            let text = text.replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains("http://") && !text.contains("https://"), "{name} names another host");
        }
    }

    #[test]
    fn scripts_import_nothing_because_hashed_names_would_not_resolve() {
        for (name, asset) in SHELF.assets.iter().filter(|(name, _)| name.ends_with(".js")) {
            assert!(!String::from_utf8_lossy(&asset.bytes).contains("import "), "{name}");
        }
    }
}
