//! Shows the page of an enrollment by its state.

use crate::{
    actions::{
        enrollment::{self, Enrollment, shown},
        sign_in::LoadedSignIn,
    },
    app::{App, RequestContext},
    clock::Timestamp,
    fault::Fault,
    journey::Step,
    signin::{
        navigation::{PageVisit, overtaken_address},
        step_page::{self, seconds_until},
    },
    themes::{EnrollPage, EnrollStage, qr_svg},
    web::page,
};
use ::entity::enums::EnrollmentState;
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Shows the page.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = PageVisit::load(app, request).await?;
    let sign_in = &visit.sign_in;
    let Step::Enroll { .. } = visit.step else {
        return match sign_in.overtaken_page(app, &visit.step).await? {
            Some(at) => page::see_other(&overtaken_address(sign_in, at)),
            None => visit.leave(app),
        };
    };
    show(app, &visit).await
}

/// Shows the page of this sign-in, whose turn it is.
pub(in crate::signin) async fn show(app: &App, visit: &PageVisit) -> Result<Response> {
    let (browser, sign_in, now) = (&visit.browser, &visit.sign_in, visit.browser.context.now);
    let enrollment = sign_in.newest_enrollment(app).await?;
    let (stage, version) = match &enrollment {
        _ if sign_in.owes_ticket(browser.visit(app)).await? => (ticket(sign_in, now), 0),
        Some(enrollment) => (stage(app, &browser.context, enrollment).await?, enrollment.version_at(now)),
        None => (EnrollStage::Ready, 0),
    };
    let error = match stage {
        EnrollStage::Ready | EnrollStage::Expired => None,
        _ => sign_in.state().notice.clone(),
    };
    page::show(&EnrollPage {
        frame: page::frame(&browser.context),
        step: step_page::frame(app, browser, sign_in, None),
        username: sign_in.shown_username(app).await?,
        enrollment: stage,
        version: u64::try_from(version).unwrap_or_default(),
        error,
    })
}

fn ticket(sign_in: &LoadedSignIn, now: Timestamp) -> EnrollStage {
    EnrollStage::Ticket { retry_after_seconds: seconds_until(sign_in.state().blocked_until, now) }
}

async fn stage(app: &App, context: &RequestContext, enrollment: &Enrollment) -> Result<EnrollStage, Fault> {
    Ok(match enrollment.state_at(context.now) {
        EnrollmentState::Offered => offered(app, context, enrollment)?,
        EnrollmentState::Claimed => EnrollStage::Claimed,
        EnrollmentState::Completed => {
            let device = enrollment::device_name(app, enrollment).await?;
            EnrollStage::Completed { device: device.unwrap_or_else(|| "Your phone".to_owned()) }
        }
        EnrollmentState::Expired => EnrollStage::Expired,
        EnrollmentState::Failed | EnrollmentState::Cancelled => EnrollStage::Failed,
        // The phone was added and has been removed since.
        EnrollmentState::Confirmed => EnrollStage::Ready,
    })
}

fn offered(app: &App, context: &RequestContext, enrollment: &Enrollment) -> Result<EnrollStage, Fault> {
    let shown = shown(app, &context.tenant, enrollment)?;
    let qr_svg = qr_svg(&shown.link)
        .map_err(|error| Fault::because("the link of an enrollment does not fit into a QR code", error))?;
    Ok(EnrollStage::Offered {
        qr_svg,
        link: shown.link,
        activation_code: shown.activation_code,
        authenticator_url: app.addresses.authenticator_url.clone(),
        seconds_left: seconds_until(Some(enrollment.expires_at()), context.now).unwrap_or_default(),
    })
}
