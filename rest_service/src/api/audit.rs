//! Who changed what.

use rest_client::{AuditEntry, AuditQuery, PageQuery};

use super::{
    App,
    answer::Paged,
    check::Check,
    error::ApiError,
    extract::{Query, State},
    newest_first,
};
use crate::store::audit;

pub(super) async fn list(
    State(app): State<App>,
    Query(query): Query<AuditQuery>,
) -> Result<Paged<AuditEntry>, ApiError> {
    let mut check = Check::default();
    if let Some(since) = query.since {
        check.instant("since", since);
    }
    check.done()?;
    let part = newest_first(&PageQuery {
        cursor: query.cursor.clone(),
        limit: query.limit,
    })?;
    Ok(Paged(audit::list(&app.db, &query, part).await?))
}
