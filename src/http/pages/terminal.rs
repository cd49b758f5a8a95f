//! A terminal in the hall (投票终端): a shell, which the browser fills.

use askama::Template;

use crate::core::ids::SessionId;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::Place;

/// The page of a terminal. It carries nobody's data: browsers keep it for when there is no network.
#[derive(Template, Debug, Clone)]
#[template(path = "terminal.html")]
pub struct TerminalPage {
    /// Frame.
    pub c: Chrome,
    /// Its village.
    pub place: Place,
    /// The session.
    pub session: SessionId,
}
