//! The enrollment step: stand-in.
use super::{progress::Progress, visit::Visit};
use crate::{
    app::App,
    storage::{Fault, Unit},
};
pub(super) async fn offer(
    _app: &App,
    _visit: &Visit,
    _progress: &Progress,
    _unit: &Unit,
) -> Result<(), Fault> {
    Ok(())
}
