//! Serves the assets of pages; their URLs contain a content hash, so browsers may cache them forever.

use crate::{http::fields::known_tags, themes};
use http::{StatusCode, header};
use poem::{Request, Response, Result, handler, web::Path};

/// `GET /assets/<name>.<hash>.<extension>`: the asset, 304 if the browser has it, or 404.
#[handler]
pub fn asset(request: &Request, Path(name): Path<String>) -> Result<Response> {
    let asset = themes::asset(&name).ok_or(StatusCode::NOT_FOUND)?;
    let response = Response::builder()
        .header(header::ETAG, asset.etag.as_str())
        .header(header::CACHE_CONTROL, themes::ASSET_CACHE_CONTROL);
    if known_tags(request.headers()).any(|tag| tag == asset.etag) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    Ok(response.content_type(asset.content_type).body(asset.bytes.as_slice()))
}
