//! Embedded stylesheets, scripts and pictures, named by the hash of their content.

use rust_embed::RustEmbed;
use std::{collections::BTreeMap, fmt::Write, sync::LazyLock};

/// The path prefix of assets.
const ASSET_PATH: &str = "/assets/";

/// The `Cache-Control` value of every asset: the name changes with the content, so caches may keep it
/// forever.
pub const ASSET_CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

#[derive(RustEmbed)]
#[folder = "themes/default/assets"]
struct Files;

/// An asset with its response headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The content.
    pub bytes: Vec<u8>,
    /// The `Content-Type` value.
    pub content_type: &'static str,
    /// The `ETag` value, including the quotes.
    pub etag: String,
}

/// All assets by hashed name, and the hashed name of each plain name.
struct AssetIndex {
    assets: BTreeMap<String, Asset>,
    hashed_names: BTreeMap<String, String>,
}

static ASSETS: LazyLock<AssetIndex> = LazyLock::new(|| {
    let mut index = AssetIndex { assets: BTreeMap::new(), hashed_names: BTreeMap::new() };
    for name in Files::iter() {
        if let Some(file) = Files::get(&name) {
            let hash = short_hex(&file.metadata.sha256_hash());
            let hashed_name = hashed_name(&name, &hash);
            let asset = Asset {
                bytes: file.data.into_owned(),
                content_type: content_type(&name),
                etag: format!("\"{hash}\""),
            };
            index.hashed_names.insert(name.into_owned(), hashed_name.clone());
            index.assets.insert(hashed_name, asset);
        }
    }
    index
});

/// Finds an asset by its hashed name, the part of the URL after `/assets/`.
pub fn asset(hashed_name: &str) -> Option<&'static Asset> {
    ASSETS.assets.get(hashed_name)
}

/// Returns the URL path of the asset with this plain name, such as `countersign.css`.
pub fn asset_url(name: &str) -> Option<String> {
    ASSETS.hashed_names.get(name).map(|hashed_name| format!("{ASSET_PATH}{hashed_name}"))
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
    fn an_asset_is_found_by_the_name_in_its_url() {
        let url = asset_url("countersign.css").unwrap();
        let asset = asset(url.strip_prefix(ASSET_PATH).unwrap()).unwrap();
        assert_eq!(asset.content_type, "text/css; charset=utf-8");
        assert!(url.contains(asset.etag.trim_matches('"')), "{url} does not contain the hash");
        assert!(!asset.bytes.is_empty());
    }

    #[test]
    fn an_asset_is_not_found_by_another_name() {
        for name in ["countersign.css", "countersign.0000000000000000.css", "../pages/layout.html", ""] {
            assert!(asset(name).is_none(), "{name}");
        }
        assert!(asset_url("missing.css").is_none());
    }

    #[test]
    fn every_asset_has_a_known_content_type_and_names_no_other_host() {
        for (name, asset) in &ASSETS.assets {
            assert_ne!(asset.content_type, "application/octet-stream", "{name}");
            let text = String::from_utf8(asset.bytes.clone()).unwrap();
            let text = text.replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains("http://") && !text.contains("https://"), "{name} names another host");
        }
    }

    #[test]
    fn scripts_import_nothing_because_hashed_names_would_not_resolve() {
        for (name, asset) in ASSETS.assets.iter().filter(|(name, _)| name.ends_with(".js")) {
            assert!(!String::from_utf8_lossy(&asset.bytes).contains("import "), "{name}");
        }
    }
}
