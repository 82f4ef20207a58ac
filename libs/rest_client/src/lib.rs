//! The REST resources' types, shared with the server, and the typed client every other service uses.
