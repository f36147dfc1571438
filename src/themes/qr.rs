//! Renders QR codes as inline SVG.

use qrcode::{EcLevel, QrCode, render::svg};
use thiserror::Error;

/// The error for a text that does not fit into a QR code.
#[derive(Debug, Error)]
#[error("{length} bytes do not fit into a QR code")]
pub struct QrFault {
    length: usize,
    source: qrcode::types::QrError,
}

/// Renders a text as a QR code: an `<svg>` element, dark on light, with the quiet zone of four modules that
/// scanners need. Fails for a text that is too long.
pub fn qr_svg(text: &str) -> Result<String, QrFault> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|source| QrFault { length: text.len(), source })?;
    let document = code.render::<svg::Color>().min_dimensions(240, 240).build();
    let element = document.find("<svg").and_then(|start| document.get(start..));
    Ok(element.unwrap_or(&document).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_an_svg_element_that_fits_into_a_page() {
        let svg = qr_svg("https://id.example/authenticator/enroll#1.enr_x.secret").unwrap();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
        assert!(!svg.contains("style="), "the pages' policy forbids inline styles");
    }

    #[test]
    fn a_text_that_does_not_fit_is_refused_with_its_length() {
        let fault = qr_svg(&"x".repeat(4000)).unwrap_err();
        assert_eq!(fault.to_string(), "4000 bytes do not fit into a QR code");
    }
}
