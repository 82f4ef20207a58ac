//! Who changed what.

use rest_client::{AuditEntry, AuditQuery, Page, PageQuery};

use super::{
    App,
    error::ApiError,
    extract::{Json, Query, State},
    newest_first,
};
use crate::store::audit;

pub(super) async fn list(
    State(app): State<App>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<AuditEntry>>, ApiError> {
    let part = newest_first(&PageQuery {
        cursor: query.cursor.clone(),
        limit: query.limit,
    })?;
    Ok(Json(audit::list(&app.db, &query, part).await?))
}
