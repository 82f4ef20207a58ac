//! The languages, and how a text becomes words.

use std::sync::LazyLock;

use fluent_bundle::{FluentResource, concurrent::FluentBundle};
use unic_langid::{LanguageIdentifier, langid};

use crate::Text;

/// A language that the product speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, which is also for whoever speaks none of the others.
    #[default]
    English,
    /// German.
    German,
    /// Spanish.
    Spanish,
    /// Russian.
    Russian,
}

/// Schedules are described in the same languages.
impl From<Language> for schedule::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::English => Self::English,
            Language::German => Self::German,
            Language::Spanish => Self::Spanish,
            Language::Russian => Self::Russian,
        }
    }
}

/// And the other way round.
impl From<schedule::Language> for Language {
    fn from(language: schedule::Language) -> Self {
        language.pick(Self::ALL)
    }
}

/// The words of each language, in the order of [`Language::ALL`].
static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 4]> =
    LazyLock::new(|| Language::ALL.map(Language::bundle));

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::Spanish, Self::Russian];

    /// That of a locale, such as `de-AT`; English where there is no better one.
    pub fn of(locale: &str) -> Self {
        let language = locale.split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|one| one.code().eq_ignore_ascii_case(language))
            .unwrap_or_default()
    }

    /// Its code (ISO 639-1).
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Spanish => "es",
            Self::Russian => "ru",
        }
    }

    /// What its speakers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::Spanish => "Español",
            Self::Russian => "Русский",
        }
    }

    /// A text in this language.
    pub fn say(self, text: &Text<'_>) -> String {
        self.try_say(text)
            .or_else(|| Self::English.try_say(text))
            .unwrap_or_else(|| text.id().to_owned())
    }

    /// A text in this language; `None` where it lacks the text, or a field of it.
    pub fn try_say(self, text: &Text<'_>) -> Option<String> {
        let bundle = self.words();
        let pattern = bundle.get_message(text.id())?.value()?;
        let arguments = text.arguments();
        let mut errors = Vec::new();
        let words = bundle.format_pattern(pattern, Some(&arguments), &mut errors);
        errors.is_empty().then(|| words.into_owned())
    }

    /// Its words as they are written down.
    pub fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../catalogue/en.ftl"),
            Self::German => include_str!("../catalogue/de.ftl"),
            Self::Spanish => include_str!("../catalogue/es.ftl"),
            Self::Russian => include_str!("../catalogue/ru.ftl"),
        }
    }

    fn words(self) -> &'static FluentBundle<FluentResource> {
        let [english, german, spanish, russian] = &*BUNDLES;
        match self {
            Self::English => english,
            Self::German => german,
            Self::Spanish => spanish,
            Self::Russian => russian,
        }
    }

    fn identifier(self) -> LanguageIdentifier {
        match self {
            Self::English => langid!("en"),
            Self::German => langid!("de"),
            Self::Spanish => langid!("es"),
            Self::Russian => langid!("ru"),
        }
    }

    fn bundle(self) -> FluentBundle<FluentResource> {
        let mut bundle = FluentBundle::new_concurrent(vec![self.identifier()]);
        // The marks that would keep a name's direction apart are letters to whoever copies the text.
        bundle.set_use_isolating(false);
        // What cannot be read is left out, and a test finds it.
        let resource = match FluentResource::try_new(self.source().to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
        bundle
    }
}
