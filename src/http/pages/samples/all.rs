//! Every page once, by name: what the render tests read.

use askama::Template;

use crate::http::i18n::Lang;
use crate::http::pages::accesses::AccessesPage;
use crate::http::pages::account::{
    AccountPage, DemoPage, DisputePage, EnrolPage, ErrorPage, HelpPage, LetInPage, LoginPage, MyBallotsPage,
    ProviderPage, SettingsPage, SignSeveralPage, SlipsPage, TasksPage,
};
use crate::http::pages::act::{ActPage, DonePage, DraftPage};
use crate::http::pages::calendar::CalendarPage;
use crate::http::pages::cards::{CardPage, CardsPage};
use crate::http::pages::catalogue::CataloguePage;
use crate::http::pages::chrome::{Chrome, Elder};
use crate::http::pages::count::CountPage;
use crate::http::pages::deliveries::DeliveriesPage;
use crate::http::pages::desk::DeskPage;
use crate::http::pages::district::{DistrictPage, SearchPage, TownshipPage};
use crate::http::pages::door::{DoorPage, NumberPage};
use crate::http::pages::figures::{FiguresListPage, FiguresPage};
use crate::http::pages::filings::FilingsPage;
use crate::http::pages::filled::FilledPage;
use crate::http::pages::find::FindPage;
use crate::http::pages::funds::{FundsPage, ImportPage};
use crate::http::pages::households::HouseholdsPage;
use crate::http::pages::matter::MatterPage;
use crate::http::pages::opinions::OpinionsPage;
use crate::http::pages::people::PeoplePage;
use crate::http::pages::printed::{BallotsPage, SpokenPage};
use crate::http::pages::reach::{ReachPage, ReachStopPage};
use crate::http::pages::received::{ReceivedPage, WritePage};
use crate::http::pages::record::{CheckPage, DocumentPage, RecordPage};
use crate::http::pages::rehearsal::{EnterPage, RehearsalPage};
use crate::http::pages::screen::ScreenPage;
use crate::http::pages::service::{ReadyPage, ServicePage};
use crate::http::pages::session::SessionPage;
use crate::http::pages::share::SharePage;
use crate::http::pages::talk::TalkPage;
use crate::http::pages::terminal::TerminalPage;
use crate::http::pages::village::{NoticePage, NoticesPage, VillagePage};
use crate::http::pages::vote::{ReceiptPage, VoteChoicePage, VoteConfirmPage, VotePlanPage, VoteWhichPage};
use crate::http::pages::witness::WitnessPage;

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

framed_pages!(
    DistrictPage,
    TownshipPage,
    SearchPage,
    VillagePage,
    CalendarPage,
    FindPage,
    PeoplePage,
    WritePage,
    ReceivedPage,
    NoticesPage,
    NoticePage,
    SpokenPage,
    BallotsPage,
    ServicePage,
    ReadyPage,
    MatterPage,
    OpinionsPage,
    SharePage,
    TalkPage,
    SessionPage,
    DoorPage,
    NumberPage,
    ScreenPage,
    TerminalPage,
    RecordPage,
    DocumentPage,
    CheckPage,
    LoginPage,
    ProviderPage,
    AccountPage,
    LetInPage,
    SignSeveralPage,
    CardPage,
    CardsPage,
    CountPage,
    EnrolPage,
    SlipsPage,
    TasksPage,
    DeskPage,
    DeliveriesPage,
    AccessesPage,
    CataloguePage,
    FilingsPage,
    FundsPage,
    ImportPage,
    HouseholdsPage,
    FilledPage,
    ReachPage,
    ReachStopPage,
    FiguresPage,
    FiguresListPage,
    SettingsPage,
    RehearsalPage,
    EnterPage,
    HelpPage,
    DisputePage,
    MyBallotsPage,
    DemoPage,
    ErrorPage,
    ActPage,
    DraftPage,
    DonePage,
    VoteWhichPage,
    VotePlanPage,
    VoteChoicePage,
    VoteConfirmPage,
    ReceiptPage,
    WitnessPage,
);

samples! {
    "district" => DistrictPage::sample,
    "province" => DistrictPage::sample_province,
    "township" => TownshipPage::sample,
    "search" => SearchPage::sample,
    "search-empty" => SearchPage::sample_empty,
    "village" => VillagePage::sample,
    "village-empty" => VillagePage::sample_empty,
    "calendar" => CalendarPage::sample,
    "calendar-empty" => CalendarPage::sample_empty,
    "find" => FindPage::sample,
    "find-none" => FindPage::sample_none,
    "find-unasked" => FindPage::sample_unasked,
    "people" => PeoplePage::sample,
    "write" => WritePage::sample,
    "write-refused" => WritePage::sample_refused,
    "write-ask" => WritePage::sample_ask,
    "write-rate" => WritePage::sample_rate,
    "received" => ReceivedPage::sample,
    "received-answered" => ReceivedPage::sample_answered,
    "people-public" => PeoplePage::sample_public,
    "matter" => MatterPage::sample,
    "matter-returned" => MatterPage::sample_returned,
    "matter-voting" => MatterPage::sample_voting,
    "matter-rejected" => MatterPage::sample_rejected,
    "opinions" => OpinionsPage::sample,
    "opinions-empty" => OpinionsPage::sample_empty,
    "share" => SharePage::sample,
    "talk" => TalkPage::sample,
    "talk-empty" => TalkPage::sample_empty,
    "notices" => NoticesPage::sample,
    "notice" => NoticePage::sample,
    "spoken" => SpokenPage::sample,
    "ballots" => BallotsPage::sample,
    "count" => CountPage::sample,
    "count-wrong" => CountPage::sample_wrong,
    "count-named" => CountPage::sample_named,
    "count-named-differing" => CountPage::sample_named_differing,
    "count-sent" => CountPage::sample_sent,
    "count-differing" => CountPage::sample_differing,
    "count-agreed" => CountPage::sample_agreed,
    "count-excess" => CountPage::sample_excess,
    "count-shut" => CountPage::sample_shut,
    "notice-call" => NoticePage::sample_call,
    "service" => ServicePage::sample,
    "service-read" => ServicePage::sample_read,
    "ready" => ReadyPage::sample,
    "ready-member" => ReadyPage::sample_member,
    "ready-phone" => ReadyPage::sample_phone,
    "ready-other" => ReadyPage::sample_other,
    "session" => SessionPage::sample,
    "session-called" => SessionPage::sample_called,
    "session-voting" => SessionPage::sample_voting,
    "door" => DoorPage::sample,
    "door-early" => DoorPage::sample_early,
    "number" => NumberPage::sample,
    "terminal" => TerminalPage::sample,
    "screen-called" => ScreenPage::sample_called,
    "screen-checking-in" => ScreenPage::sample_checking_in,
    "screen-reading" => ScreenPage::sample_reading,
    "screen-voting" => ScreenPage::sample,
    "screen-long" => ScreenPage::sample_long,
    "screen-waiting" => ScreenPage::sample_waiting,
    "screen-counting" => ScreenPage::sample_counting,
    "screen-passed" => ScreenPage::sample_passed,
    "screen-rejected" => ScreenPage::sample_rejected,
    "screen-assembly" => ScreenPage::sample_assembly,
    "screen-void" => ScreenPage::sample_void,
    "screen-failed" => ScreenPage::sample_failed,
    "record" => RecordPage::sample,
    "document" => DocumentPage::sample,
    "document-withdrawn" => DocumentPage::sample_withdrawn,
    "document-closed" => DocumentPage::sample_closed,
    "check" => CheckPage::sample,
    "check-empty" => CheckPage::sample_empty,
    "check-altered" => CheckPage::sample_altered,
    "check-lacking" => CheckPage::sample_lacking,
    "check-at-witness" => CheckPage::sample_at_witness,
    "check-at-witness-empty" => CheckPage::sample_at_witness_empty,
    "login" => LoginPage::sample,
    "provider" => ProviderPage::sample,
    "provider-onward" => ProviderPage::sample_onward,
    "provider-cancelled" => ProviderPage::sample_cancelled,
    "provider-checked" => ProviderPage::sample_checked,
    "provider-another-name" => ProviderPage::sample_another_name,
    "provider-stale" => ProviderPage::sample_stale,
    "provider-refused" => ProviderPage::sample_refused,
    "provider-away" => ProviderPage::sample_away,
    "provider-out" => ProviderPage::sample_out,
    "account" => AccountPage::sample,
    "account-linked" => AccountPage::sample_linked,
    "account-by-account" => AccountPage::sample_by_account,
    "let-in" => LetInPage::sample,
    "sign" => SignSeveralPage::sample,
    "sign-empty" => SignSeveralPage::sample_empty,
    "enrol" => EnrolPage::sample,
    "slips" => SlipsPage::sample,
    "card" => CardPage::sample,
    "card-again" => CardPage::sample_in_use,
    "cards" => CardsPage::sample,
    "desk" => DeskPage::sample,
    "desk-empty" => DeskPage::sample_empty,
    "catalogue" => CataloguePage::sample,
    "catalogue-none" => CataloguePage::sample_none,
    "filings" => FilingsPage::sample,
    "filings-empty" => FilingsPage::sample_empty,
    "funds" => FundsPage::sample,
    "funds-empty" => FundsPage::sample_empty,
    "funds-import" => ImportPage::sample,
    "funds-import-kept" => ImportPage::sample_kept,
    "funds-import-unreadable" => ImportPage::sample_unreadable,
    "filled" => FilledPage::sample,
    "filled-empty" => FilledPage::sample_empty,
    "households" => HouseholdsPage::sample,
    "households-edit" => HouseholdsPage::sample_edit,
    "households-empty" => HouseholdsPage::sample_empty,
    "households-watch" => HouseholdsPage::sample_watch,
    "accesses" => AccessesPage::sample,
    "accesses-empty" => AccessesPage::sample_empty,
    "deliveries" => DeliveriesPage::sample,
    "deliveries-empty" => DeliveriesPage::sample_empty,
    "reach" => ReachPage::sample,
    "reach-first" => ReachPage::sample_first,
    "reach-card" => ReachPage::sample_card,
    "reach-none" => ReachPage::sample_none,
    "reach-stop" => ReachStopPage::sample,
    "reach-stop-done" => ReachStopPage::sample_done,
    "figures" => FiguresPage::sample,
    "figures-empty" => FiguresPage::sample_empty,
    "figures-list" => FiguresListPage::sample,
    "figures-list-empty" => FiguresListPage::sample_empty,
    "tasks" => TasksPage::sample,
    "tasks-empty" => TasksPage::sample_empty,
    "settings" => SettingsPage::sample,
    "help" => HelpPage::sample,
    "dispute" => DisputePage::sample,
    "my-ballots" => MyBallotsPage::sample,
    "demo" => DemoPage::sample,
    "rehearsal-parts" => DemoPage::sample_rehearsal,
    "rehearsal" => RehearsalPage::sample,
    "rehearsal-ready" => RehearsalPage::sample_ready,
    "rehearsal-begun" => RehearsalPage::sample_begun,
    "rehearsal-not-set" => RehearsalPage::sample_not_set,
    "enter" => EnterPage::sample,
    "enter-wrong" => EnterPage::sample_wrong,
    "enter-over" => EnterPage::sample_over,
    "error" => ErrorPage::sample,
    "error-refused" => ErrorPage::sample_refused,
    "act" => ActPage::sample,
    "act-vouched" => ActPage::sample_vouched,
    "draft" => DraftPage::sample,
    "draft-vouched" => DraftPage::sample_vouched,
    "draft-second" => DraftPage::sample_second,
    "done" => DonePage::sample,
    "done-half" => DonePage::sample_half,
    "vote-which" => VoteWhichPage::sample,
    "vote-none" => VoteWhichPage::sample_empty,
    "vote-unpublished" => VoteWhichPage::sample_unpublished,
    "vote-plan" => VotePlanPage::sample,
    "vote-choice" => VoteChoicePage::sample,
    "vote-choice-helped" => VoteChoicePage::sample_helped,
    "vote-confirm" => VoteConfirmPage::sample,
    "receipt" => ReceiptPage::sample,
    "witness" => WitnessPage::sample,
    "witness-waiting" => WitnessPage::sample_waiting,
    "witness-alarmed" => WitnessPage::sample_alarmed,
}
