//! The page that shows a [`Failure`].

use super::failure::Failure;
use super::html::Html;
use super::layout::{actions, button_link, card, page};
use super::pages::{facts, lead_text};
use poem::{Response, error::ResponseError, http::StatusCode};

impl ResponseError for Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::Discovery { .. } | Self::TokenEndpoint(_) | Self::IdToken(_) | Self::UserInfo(_) => {
                StatusCode::BAD_GATEWAY
            }
            Self::ErrorResponse { .. } | Self::ForeignForm(_) => StatusCode::FORBIDDEN,
            Self::NoSuchPage => StatusCode::NOT_FOUND,
            Self::UnreadableAnswer(_) | Self::UnknownState | Self::WrongIssuer { .. } | Self::NoCode => {
                StatusCode::BAD_REQUEST
            }
        }
    }

    fn as_response(&self) -> Response {
        let mut page = render(self);
        page.set_status(self.status());
        page
    }
}

/// The error page, with the provider's own error if there is one.
fn render(failure: &Failure) -> Response {
    let mut content = vec![lead_text(&failure.to_string())];
    if let Failure::ErrorResponse { error, description } = failure {
        content.push(card(
            "The provider's words",
            [facts([
                ("error", Html::simple("code", error)),
                ("error_description", Html::text(description.as_deref().unwrap_or("none given"))),
            ])],
        ));
    }
    content.push(actions([
        button_link("/login", "button primary", "Sign in"),
        button_link("/", "button", "First page"),
    ]));
    page(None, failure.title(), content)
}
