//! Images of link previews, for those who may read the message.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use uuid::Uuid;

use super::attachments::{CACHE_CONTROL, FILE_CSP};
use crate::{
    domain::{ChatError, ConversationId, Seq},
    server::{App, auth::current_user::CurrentUser, store::PreviewImage},
};

/// One image. It was re-encoded here.
pub(in crate::server::http) async fn image(
    State(app): State<App>,
    user: CurrentUser,
    Path((conversation, message, id)): Path<(String, String, String)>,
) -> Response {
    let (Ok(conversation), Ok(message), Ok(id)) =
        (conversation.parse::<ConversationId>(), message.parse().map(Seq), id.parse::<Uuid>())
    else {
        return ChatError::not_found().into_response();
    };
    match app.store.preview_image(user.person.id, conversation, message, id).await {
        Ok(PreviewImage { media, bytes }) => {
            let mut response = bytes.into_response();
            let headers = response.headers_mut();
            if let Ok(media) = HeaderValue::from_str(&media) {
                headers.insert(header::CONTENT_TYPE, media);
            }
            headers.insert(header::CACHE_CONTROL, CACHE_CONTROL);
            headers.insert(header::VARY, HeaderValue::from_static("cookie"));
            headers.insert(header::CONTENT_SECURITY_POLICY, FILE_CSP);
            response
        }
        Err(error) => ChatError::from(error).into_response(),
    }
}
