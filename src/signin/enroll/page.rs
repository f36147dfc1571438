//! Shows the page of an enrollment by its state.

use super::{offer, overtaken::page_after, status};
use crate::{
    app::App,
    audit::Via,
    clock::Timestamp,
    journey::Step,
    signin::{
        identifier::{Query, redirect_to_current_step},
        load::LoadedSignIn,
        password::{seconds_until, username},
    },
    storage::{
        Fault,
        authenticators::{self, Authenticator},
        enrollments::Enrollment,
    },
    themes::{EnrollPage, EnrollStage, qr_svg},
    web::{Browser, page},
};
use ::entity::enums::EnrollmentState;
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Shows the page.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let query = Query::of(request);
    let loaded = LoadedSignIn::load(app, &browser, query.handles()).await?;
    let step = loaded.step(&browser);
    let Step::Enroll(_) = step else {
        return match page_after(&app.storage, &loaded, &step).await? {
            Some(address) => page::see_other(&address),
            None => redirect_to_current_step(app, &browser, &loaded, &step),
        };
    };
    let enrollment = status::newest(&app.storage, &loaded).await?;
    let (stage, version) = match &enrollment {
        Some(enrollment) => {
            (stage(app, enrollment, browser.context.now).await?, enrollment.version_at(browser.context.now))
        }
        None => (EnrollStage::Ready, 0),
    };
    let error = match stage {
        EnrollStage::Ready | EnrollStage::Expired => None,
        _ => loaded.stored.state.notice.clone(),
    };
    page::show(&EnrollPage {
        frame: page::frame(&browser.context),
        step: loaded.page_step(app, &browser, None),
        username: username(app, &loaded).await?,
        enrollment: stage,
        version: u64::try_from(version).unwrap_or_default(),
        error,
    })
}

async fn stage(app: &App, enrollment: &Enrollment, now: Timestamp) -> Result<EnrollStage, Fault> {
    Ok(match enrollment.state_at(now) {
        EnrollmentState::Offered => offered(app, enrollment, now)?,
        EnrollmentState::Claimed => EnrollStage::Claimed,
        EnrollmentState::Completed => EnrollStage::Completed { device: device_name(app, enrollment).await? },
        EnrollmentState::Expired => EnrollStage::Expired,
        EnrollmentState::Failed | EnrollmentState::Cancelled => EnrollStage::Failed,
        // The phone was added and has been removed since.
        EnrollmentState::Confirmed => EnrollStage::Ready,
    })
}

fn offered(app: &App, enrollment: &Enrollment, now: Timestamp) -> Result<EnrollStage, Fault> {
    let shown = offer::shown(app, enrollment)?;
    let qr_svg = qr_svg(&shown.link)
        .map_err(|error| Fault::because("the link of an enrollment does not fit into a QR code", error))?;
    Ok(EnrollStage::Offered {
        qr_svg,
        link: shown.link,
        activation_code: shown.activation_code,
        authenticator_url: app.addresses.authenticator_url.clone(),
        seconds_left: seconds_until(Some(enrollment.expires_at()), now).unwrap_or_default(),
    })
}

async fn device_name(app: &App, enrollment: &Enrollment) -> Result<String, Fault> {
    let device = match enrollment.authenticator_id() {
        Some(device) => authenticators::find(&app.storage, device).await?,
        None => None,
    };
    Ok(device.map_or_else(|| "Your phone".to_owned(), Authenticator::into_name))
}
