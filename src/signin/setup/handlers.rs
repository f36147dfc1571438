//! `GET` and `POST /setup`.

use super::{
    client_form,
    draft::Draft,
    person_form,
    visit::{Fields, Visit},
};
use crate::{
    app::{App, SetupToken},
    audit::AuditSource,
    http::{request_id::RequestId, source::Source},
    protocol::form_pairs,
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// `GET /setup?token=…`: the first form. Takes nothing away.
#[handler]
pub async fn show(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = Visit::of(app, request);
    let query: Fields =
        form_pairs(request.uri().query().unwrap_or_default()).unwrap_or_default().into_iter().collect();
    let token = SetupToken(query.get("token").cloned().unwrap_or_default());
    if !token.is_good(&app.storage, app.now()).await? {
        return visit.spent().await;
    }
    person_form::show(&visit, &token).await
}

/// `POST /setup`: the first form or, with its sealed draft, the second.
#[handler]
pub async fn accept(request: &Request, body: String, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = Visit::of(app, request);
    let fields = match visit.fields(request, &body) {
        Ok(fields) => fields,
        Err(why) => return visit.forged(why).await,
    };
    let draft = fields.get("draft").and_then(|sealed| Draft::open(app, sealed));
    let token = draft.as_ref().map(Draft::token).or_else(|| fields.get("token").cloned().map(SetupToken));
    let Some(token) = token else { return visit.spent().await };
    if !token.is_good(&app.storage, app.now()).await? {
        return visit.spent().await;
    }
    match draft {
        Some(draft) => client_form::accept(&visit, &draft, &fields, &source_of(request)).await,
        None => person_form::accept(&visit, &token, &fields).await,
    }
}

fn source_of(request: &Request) -> AuditSource {
    AuditSource {
        address: Some(Source::of(request).address.to_string()),
        agent: None,
        request_id: Some(RequestId::of(request).to_string()),
    }
}
