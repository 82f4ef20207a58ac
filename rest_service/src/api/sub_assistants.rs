//! Which assistants an assistant may ask.

use rest_client::{LinkedSubAssistant, NewSubAssistantLink, Page, limits};
use uuid::Uuid;

use super::{
    App,
    answer::NoContent,
    check::Check,
    error::ApiError,
    extract::{Json, Path, State},
};
use crate::store::sub_assistants;

pub(super) async fn list(
    State(app): State<App>,
    Path(assistant): Path<Uuid>,
) -> Result<Json<Page<LinkedSubAssistant>>, ApiError> {
    Ok(Json(sub_assistants::list(&app.db, assistant).await?))
}

pub(super) async fn get(
    State(app): State<App>,
    Path((assistant, sub)): Path<(Uuid, Uuid)>,
) -> Result<Json<LinkedSubAssistant>, ApiError> {
    Ok(Json(sub_assistants::get(&app.db, assistant, sub).await?))
}

pub(super) async fn link(
    State(app): State<App>,
    Path((assistant, sub)): Path<(Uuid, Uuid)>,
    Json(new): Json<NewSubAssistantLink>,
) -> Result<NoContent, ApiError> {
    let mut check = Check::default();
    check.text("description", &new.description, 0..=limits::SUB_DESCRIPTION);
    check.done()?;
    sub_assistants::link(&app.db, app.now(), assistant, sub, new.description).await?;
    Ok(NoContent)
}

pub(super) async fn unlink(
    State(app): State<App>,
    Path((assistant, sub)): Path<(Uuid, Uuid)>,
) -> Result<NoContent, ApiError> {
    sub_assistants::unlink(&app.db, assistant, sub).await?;
    Ok(NoContent)
}
