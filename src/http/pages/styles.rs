//! The stylesheet: one file, put together from `web/styles` at compile time.

use crate::http::assets;
use crate::http::pages::embed::Theme;

/// Everything `web/styles` holds, in the order the cascade needs: tokens, elements, parts, pages, elder mode, print.
pub const APP_CSS: &str = concat!(
    include_str!("../../../web/styles/tokens.css"),
    include_str!("../../../web/styles/base.css"),
    include_str!("../../../web/styles/frame.css"),
    include_str!("../../../web/styles/parts.css"),
    include_str!("../../../web/styles/matter.css"),
    include_str!("../../../web/styles/act.css"),
    include_str!("../../../web/styles/client.css"),
    include_str!("../../../web/styles/cards.css"),
    include_str!("../../../web/styles/count.css"),
    include_str!("../../../web/styles/service.css"),
    include_str!("../../../web/styles/rehearsal.css"),
    include_str!("../../../web/styles/elder.css"),
    include_str!("../../../web/styles/print.css"),
);

/// What the hall's screen needs beside it: no other page pays for that.
pub const SCREEN_CSS: &str = include_str!("../../../web/styles/screen.css");

/// What the door of a session needs beside it.
pub const DOOR_CSS: &str = include_str!("../../../web/styles/door.css");

/// What pages of figures need beside it.
pub const FIGURES_CSS: &str = include_str!("../../../web/styles/figures.css");

/// What a village's calendar, search and register need beside it, and the page of what is sent to a group.
pub const VILLAGE_CSS: &str = include_str!("../../../web/styles/village.css");

/// What a terminal in the hall needs beside it.
pub const TERMINAL_CSS: &str = include_str!("../../../web/styles/terminal.css");

/// What the window that other sites embed needs; where its colours follow the device.
const EMBED_CSS: &str = concat!(
    include_str!("../../../web/styles/tokens.css"),
    include_str!("../../../web/styles/base.css"),
    include_str!("../../../web/styles/parts.css"),
    include_str!("../../../web/styles/embed.css"),
    include_str!("../../../web/styles/elder.css"),
);
/// How styles say what holds for dark devices alone.
const DARK: &str = "@media (prefers-color-scheme: dark)";

/// The stylesheet of that window in these colours: what holds for dark devices holds for all, or for none.
#[must_use]
pub fn embed_css(theme: Theme) -> String {
    match theme {
        Theme::Auto => EMBED_CSS.to_owned(),
        Theme::Light => EMBED_CSS.replace(DARK, "@media not all"),
        Theme::Dark => EMBED_CSS.replace(DARK, "@media all"),
    }
}

/// The address of a static file, with the hash of its content.
#[must_use]
pub fn asset(name: &str) -> String {
    assets::all().url(name)
}
