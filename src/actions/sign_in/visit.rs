//! One request of a browser in a sign-in, as use cases see it.

use crate::app::{App, RequestContext};

/// SHA-256 of the two cookies that a browser sends; `None` for one that it did not send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrowserCookies {
    /// The cookie to which a sign-in in progress is bound.
    pub browser: Option<Vec<u8>>,
    /// The cookie of the session.
    pub session: Option<Vec<u8>>,
}

/// One request of a browser: who asks, and by which cookies it is known.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    /// The application.
    pub app: &'a App,
    /// The context of the request. Its actor is anonymous; [`super::LoadedSignIn::context`] says who is
    /// signing in.
    pub context: &'a RequestContext,
    /// The cookies.
    pub cookies: &'a BrowserCookies,
}
