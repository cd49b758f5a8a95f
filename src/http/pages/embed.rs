//! The publicity window (公示窗) that other sites embed: everything, a village or a matter, without a head, a cookie or a script.

use askama::Template;

use crate::core::clock::Time;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Emblem, MatterRow, Next, Outcome};
use crate::http::pages::village::NoticeRow;

/// Which colours it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the reader's device is set.
    #[default]
    Auto,
    /// Light, whatever the device.
    Light,
    /// Dark, whatever the device.
    Dark,
}

impl Theme {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// Its word in the address.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one of a word; that of the device for any other.
    #[must_use]
    pub fn of(code: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.code() == code).unwrap_or_default()
    }

    /// Its stylesheet.
    #[must_use]
    pub fn styles(self) -> &'static str {
        match self {
            Self::Auto => "embed.css",
            Self::Light => "embed-light.css",
            Self::Dark => "embed-dark.css",
        }
    }

    /// What the browser's own parts follow.
    #[must_use]
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Auto => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The window.
#[derive(Template, Debug, Clone)]
#[template(path = "embed.html")]
pub struct EmbedPage {
    /// Frame: language, size of text, what is played.
    pub c: Chrome,
    /// Its colours.
    pub theme: Theme,
    /// What it shows.
    pub heading: String,
    /// More of that, or what to do where there is nothing to show.
    pub lead: String,
    /// Address of the full page.
    pub href: String,
    /// Whether there is nothing to show.
    pub refused: bool,
    /// Sums over all villages.
    pub figures: Option<Figures>,
    /// The matter that it is about.
    pub matter: Option<MatterRow>,
    /// Votes of that matter's result: options with their numbers.
    pub counts: Vec<(String, u64)>,
    /// Notices on the village's board.
    pub notices: Vec<NoticeRow>,
    /// Matters of the village under way.
    pub matters: Vec<MatterRow>,
    /// What happened, the newest first.
    pub steps: Vec<StepLine>,
}

/// Sums over all villages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Villages.
    pub villages: u64,
    /// Matters under way.
    pub underway: u64,
    /// Matters that ended.
    pub decided: u64,
}

/// One step.
#[derive(Debug, Clone)]
pub struct StepLine {
    /// When.
    pub at: Time,
    /// The village, where there are several.
    pub village: Option<String>,
    /// Kind of the entry.
    pub kind: &'static str,
    /// Title of its matter, where there are several.
    pub title: Option<String>,
    /// Its page.
    pub href: String,
}
