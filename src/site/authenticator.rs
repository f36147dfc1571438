//! Serves the files of the authenticator web app, embedded so that the server is one binary.

use crate::http::{
    representation::{Caching, Representation},
    urls,
};
use http::{HeaderValue, StatusCode, header};
use poem::{Endpoint, Request, Response, Result, handler, web::Redirect};
use rust_embed::RustEmbed;
use std::collections::BTreeMap;

/// The app's policy: its own files only, no markup from strings, no forms; the QR scanner needs `blob:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                      connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src blob:; \
                      form-action 'none'; base-uri 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'";

#[derive(RustEmbed)]
#[folder = "authenticator/src"]
#[prefix = "src/"]
struct Scripts;

#[derive(RustEmbed)]
#[folder = "authenticator/icons"]
#[prefix = "icons/"]
struct Icons;

#[derive(RustEmbed)]
#[folder = "authenticator/vendor"]
#[prefix = "vendor/"]
struct Vendor;

/// The files of the app shell; `enroll` is the link of the QR code and serves the same page.
const SHELL: [(&str, &[u8]); 5] = [
    ("index.html", include_bytes!("../../authenticator/index.html")),
    ("enroll", include_bytes!("../../authenticator/index.html")),
    ("manifest.webmanifest", include_bytes!("../../authenticator/manifest.webmanifest")),
    ("styles.css", include_bytes!("../../authenticator/styles.css")),
    ("worker.js", include_bytes!("../../authenticator/worker.js")),
];

/// All files of the authenticator by their path below `/authenticator/`; the empty path is `index.html`.
pub struct AuthenticatorFiles(BTreeMap<String, Representation>);

impl Default for AuthenticatorFiles {
    fn default() -> Self {
        let mut files = BTreeMap::new();
        let mut add = |name: &str, bytes: hyper::body::Bytes| {
            if let Some(content_type) = content_type(name) {
                files.insert(name.to_owned(), Representation::new(content_type, bytes, Caching::Revalidate));
            }
        };
        for (name, bytes) in SHELL {
            add(name, bytes.into());
        }
        embedded::<Scripts>(&mut add);
        embedded::<Icons>(&mut add);
        embedded::<Vendor>(&mut add);
        Self(files)
    }
}

/// Adds the files of one folder.
fn embedded<Folder: RustEmbed>(add: &mut impl FnMut(&str, hyper::body::Bytes)) {
    for name in Folder::iter() {
        if let Some(file) = Folder::get(&name) {
            let bytes = match file.data {
                std::borrow::Cow::Borrowed(bytes) => bytes.into(),
                std::borrow::Cow::Owned(bytes) => bytes.into(),
            };
            add(&name, bytes);
        }
    }
}

/// The content type by extension; `None` for licenses and notes, which are not served.
fn content_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.').map_or(name, |(_, extension)| extension) {
        "html" | "enroll" => Some("text/html; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "png" => Some("image/png"),
        "webmanifest" => Some("application/manifest+json"),
        _ => None,
    }
}

impl Endpoint for AuthenticatorFiles {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let path = request.uri().path();
        let name = path.strip_prefix(urls::Path::Authenticator.as_str()).unwrap_or_default();
        let name = if name.is_empty() { "index.html" } else { name };
        let mut response = self.0.get(name).ok_or(StatusCode::NOT_FOUND)?.answer(request.headers());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        Ok(response)
    }
}

/// `GET /authenticator`: redirects to the URL with a slash, because the app's URLs are relative.
#[handler]
pub fn to_authenticator() -> Redirect {
    Redirect::moved_permanent(urls::Path::Authenticator.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(path: &'static str) -> (u16, String, String) {
        let request = Request::builder().uri_str(path).finish();
        let response = AuthenticatorFiles::default().get_response(request).await;
        let text = |name: &str| response.header(name).unwrap_or_default().to_owned();
        (response.status().as_u16(), text("content-type"), text("content-security-policy"))
    }

    #[tokio::test]
    async fn the_files_of_the_app_are_served_with_their_type_and_policy() {
        for (path, expected) in [
            ("/authenticator/", "text/html; charset=utf-8"),
            ("/authenticator/enroll", "text/html; charset=utf-8"),
            ("/authenticator/worker.js", "text/javascript; charset=utf-8"),
            ("/authenticator/src/main.js", "text/javascript; charset=utf-8"),
            ("/authenticator/src/screens/home.js", "text/javascript; charset=utf-8"),
            ("/authenticator/vendor/qr/index.js", "text/javascript; charset=utf-8"),
            ("/authenticator/icons/icon-192.png", "image/png"),
            ("/authenticator/manifest.webmanifest", "application/manifest+json"),
        ] {
            let (status, content_type, policy) = get(path).await;
            assert_eq!((status, content_type.as_str()), (200, expected), "{path}");
            assert!(policy.contains("require-trusted-types-for 'script'"), "{path}");
        }
    }

    #[tokio::test]
    async fn no_other_file_of_the_folder_is_served() {
        for path in [
            "/authenticator/README.md",
            "/authenticator/package.json",
            "/authenticator/vendor/vendor.lock",
            "/authenticator/test/vectors.json",
            "/authenticator/src/../index.html",
        ] {
            assert_eq!(get(path).await.0, 404, "{path}");
        }
    }
}
