//! Calls about assistants and tools.

use uuid::Uuid;

use super::{Again, Client};
use crate::{
    Assistant, AssistantListQuery, AssistantPatch, Error, LinkedSubAssistant, NewAssistant,
    NewSubAssistantLink, NewTool, Page, PageQuery, Tool, ToolListQuery, ToolPatch,
};

impl Client {
    /// Makes an assistant.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn create_assistant(&self, new: &NewAssistant) -> Result<Assistant, Error> {
        self.post(&["assistants"], new, Again::Once).await
    }

    /// One assistant.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn assistant(&self, id: Uuid) -> Result<Assistant, Error> {
        self.get(&["assistants", &id.to_string()]).await
    }

    /// Assistants, the oldest first unless the query says otherwise.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn assistants(&self, query: &AssistantListQuery) -> Result<Page<Assistant>, Error> {
        self.get_with(&["assistants"], query).await
    }

    /// Changes an assistant.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn update_assistant(&self, id: Uuid, patch: &AssistantPatch) -> Result<Assistant, Error> {
        self.patch(&["assistants", &id.to_string()], patch).await
    }

    /// Changes an assistant that must have this version.
    ///
    /// # Errors
    /// [`Error::Stale`] when it has another; see [`Error`].
    pub async fn update_assistant_if(
        &self,
        id: Uuid,
        version: i64,
        patch: &AssistantPatch,
    ) -> Result<Assistant, Error> {
        self.patch_if(&["assistants", &id.to_string()], version, patch)
            .await
    }

    /// Deletes an assistant that nothing refers to.
    ///
    /// # Errors
    /// [`crate::ConflictKind::InUse`] when something does; see [`Error`].
    pub async fn delete_assistant(&self, id: Uuid) -> Result<(), Error> {
        self.delete(&["assistants", &id.to_string()]).await
    }

    /// Makes a tool.
    ///
    /// # Errors
    /// [`crate::ConflictKind::AlreadyExists`] when the name is taken; see [`Error`].
    pub async fn create_tool(&self, new: &NewTool) -> Result<Tool, Error> {
        self.post(&["tools"], new, Again::Once).await
    }

    /// One tool.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn tool(&self, id: Uuid) -> Result<Tool, Error> {
        self.get(&["tools", &id.to_string()]).await
    }

    /// Tools, the oldest first unless the query says otherwise.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn tools(&self, query: &ToolListQuery) -> Result<Page<Tool>, Error> {
        self.get_with(&["tools"], query).await
    }

    /// Changes a tool.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn update_tool(&self, id: Uuid, patch: &ToolPatch) -> Result<Tool, Error> {
        self.patch(&["tools", &id.to_string()], patch).await
    }

    /// Deletes a tool; assistants lose it.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn delete_tool(&self, id: Uuid) -> Result<(), Error> {
        self.delete(&["tools", &id.to_string()]).await
    }

    /// An assistant's tools, the oldest first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn assistant_tools(&self, assistant: Uuid, page: &PageQuery) -> Result<Page<Tool>, Error> {
        self.get_with(&["assistants", &assistant.to_string(), "tools"], page)
            .await
    }

    /// Gives an assistant a tool; again is the same.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn link_tool(&self, assistant: Uuid, tool: Uuid) -> Result<(), Error> {
        let path = ["assistants", &assistant.to_string(), "tools", &tool.to_string()];
        self.put(&path, &serde_json::Map::new()).await
    }

    /// Takes a tool from an assistant; again is the same.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn unlink_tool(&self, assistant: Uuid, tool: Uuid) -> Result<(), Error> {
        self.delete(&["assistants", &assistant.to_string(), "tools", &tool.to_string()])
            .await
    }

    /// The sub-assistants that an assistant may ask, by id.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn sub_assistants(&self, assistant: Uuid) -> Result<Page<LinkedSubAssistant>, Error> {
        self.get(&["assistants", &assistant.to_string(), "sub_assistants"])
            .await
    }

    /// One sub-assistant that an assistant may ask.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn sub_assistant(&self, assistant: Uuid, sub: Uuid) -> Result<LinkedSubAssistant, Error> {
        let path = [
            "assistants",
            &assistant.to_string(),
            "sub_assistants",
            &sub.to_string(),
        ];
        self.get(&path).await
    }

    /// Lets an assistant ask a sub-assistant; again changes the description.
    ///
    /// # Errors
    /// [`Error::Invalid`] when that closes a circle or goes too deep; see [`Error`].
    pub async fn link_sub_assistant(
        &self,
        assistant: Uuid,
        sub: Uuid,
        link: &NewSubAssistantLink,
    ) -> Result<(), Error> {
        let path = [
            "assistants",
            &assistant.to_string(),
            "sub_assistants",
            &sub.to_string(),
        ];
        self.put(&path, link).await
    }

    /// No longer lets an assistant ask a sub-assistant; again is the same.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn unlink_sub_assistant(&self, assistant: Uuid, sub: Uuid) -> Result<(), Error> {
        let path = [
            "assistants",
            &assistant.to_string(),
            "sub_assistants",
            &sub.to_string(),
        ];
        self.delete(&path).await
    }
}
