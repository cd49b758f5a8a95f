//! Every page once, by name: what the render tests read.

use askama::Template;

use crate::http::i18n::Lang;
use crate::http::pages::chrome::{Chrome, Elder};
use crate::http::pages::district::{DistrictPage, SearchPage, TownshipPage};
use crate::http::pages::matter::MatterPage;
use crate::http::pages::village::{NoticePage, NoticesPage, VillagePage};

/// A sample page: its name, and how it is rendered for a frame changed by the caller.
pub struct Sample {
    /// File name without ending.
    pub name: &'static str,
    render: fn(Lang, Elder) -> askama::Result<String>,
}

impl Sample {
    /// The HTML of the page.
    ///
    /// # Errors
    /// When the template fails, which is a bug.
    pub fn render(&self, lang: Lang, elder: Elder) -> askama::Result<String> {
        (self.render)(lang, elder)
    }
}

/// A page that holds a frame.
trait Framed: Template {
    fn chrome(&mut self) -> &mut Chrome;
}

fn framed<P: Framed>(mut page: P, elder: Elder) -> askama::Result<String> {
    page.chrome().elder = elder;
    page.render()
}

macro_rules! samples {
    ($($name:literal => $page:ident :: $make:ident),* $(,)?) => {
        /// Every sample, in the order a visitor would meet the pages.
        pub const ALL: &[Sample] = &[$(Sample {
            name: $name,
            render: |lang, elder| framed($page::$make(lang), elder),
        }),*];
    };
}
macro_rules! framed_pages {
    ($($page:ident),* $(,)?) => {$(
        impl Framed for $page {
            fn chrome(&mut self) -> &mut Chrome {
                &mut self.c
            }
        }
    )*};
}

framed_pages!(DistrictPage, TownshipPage, SearchPage, VillagePage, NoticesPage, NoticePage, MatterPage);

samples! {
    "district" => DistrictPage::sample,
    "township" => TownshipPage::sample,
    "search" => SearchPage::sample,
    "search-empty" => SearchPage::sample_empty,
    "village" => VillagePage::sample,
    "village-empty" => VillagePage::sample_empty,
    "matter" => MatterPage::sample,
    "matter-returned" => MatterPage::sample_returned,
    "matter-voting" => MatterPage::sample_voting,
    "matter-rejected" => MatterPage::sample_rejected,
    "notices" => NoticesPage::sample,
    "notice" => NoticePage::sample,
}
