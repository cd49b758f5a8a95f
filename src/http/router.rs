//! The router, made from the table of routes, with what surrounds every request.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

use crate::app::cluster::wire::MAX_BYTES;
use crate::config::Origin;
use crate::http::access::{Endpoint, Sends};
use crate::http::gate::gate;
use crate::http::observe::WorthCompressing;
use crate::http::problem::{Code, Problem};
use crate::http::state::AppState;
use crate::http::{
    act, api, assets, cluster, logs, observe, openapi, ops, package, print, problem, read, rehearsal, security,
    settings,
};

/// The handler of each endpoint. No arm for "all others": a new endpoint must be given one.
#[expect(clippy::too_many_lines, reason = "a line for each endpoint")]
fn handler(endpoint: Endpoint) -> MethodRouter<AppState> {
    match endpoint {
        Endpoint::Health => get(ops::health),
        Endpoint::Ready => get(ops::ready),
        Endpoint::Metrics => get(ops::metrics),
        Endpoint::ClusterAppend => post(cluster::append),
        Endpoint::Asset => get(assets::serve),
        Endpoint::ServiceWorker => get(assets::service_worker),
        Endpoint::Settings => post(settings::change),
        Endpoint::District => get(read::district::district),
        Endpoint::Place => get(read::district::place),
        Endpoint::Township => get(read::district::township),
        Endpoint::Feed => get(read::feed::all),
        Endpoint::VillageFeed => get(read::feed::village),
        Endpoint::MatterFeed => get(read::feed::matter),
        Endpoint::Embed => get(read::embed::all),
        Endpoint::EmbedVillage => get(read::embed::village),
        Endpoint::EmbedMatter => get(read::embed::matter),
        Endpoint::SentOut => get(read::deliveries::show),
        Endpoint::SendAgain => post(read::deliveries::again),
        Endpoint::Search => get(read::search::search),
        Endpoint::Village => get(read::village::village),
        Endpoint::Calendar => get(read::calendar::show),
        Endpoint::CalendarFile => get(read::calendar::file),
        Endpoint::Find => get(read::find::find),
        Endpoint::Suggest => get(act::received::suggest),
        Endpoint::SuggestSend => post(act::received::send_suggestion),
        Endpoint::Object => get(act::received::object),
        Endpoint::ObjectSend => post(act::received::send_objection),
        Endpoint::Ask => get(act::received::ask),
        Endpoint::AskSend => post(act::received::send_inquiry),
        Endpoint::Rate => get(act::received::rate),
        Endpoint::RateSend => post(act::received::send_rating),
        Endpoint::Received => get(act::received::received),
        Endpoint::People => get(read::people::people),
        Endpoint::Matter => get(read::matter::matter),
        Endpoint::Opinions => get(read::opinions::show),
        Endpoint::OpinionsFile => get(read::opinions::file),
        Endpoint::Share => get(read::share::show),
        Endpoint::ShareFile => get(read::share::file),
        Endpoint::Talk => get(read::talk::show),
        Endpoint::TalkEvents => get(read::events::of_village),
        Endpoint::Session => get(read::session::session),
        Endpoint::Screen => get(read::screen::screen),
        Endpoint::Terminal => get(read::terminal::terminal),
        Endpoint::Events => get(read::events::events),
        Endpoint::Door => get(act::door::door),
        Endpoint::DoorMeeting => post(act::door::meeting),
        Endpoint::Number => get(act::door::number),
        Endpoint::Notices => get(read::notices::notices),
        Endpoint::Notice => get(read::sheet::notice),
        Endpoint::NoticeFile => get(print::notice::file),
        Endpoint::NoticeSpoken => get(print::notice::spoken),
        Endpoint::NoticeSpokenText => get(print::notice::spoken_text),
        Endpoint::Minutes => get(print::minutes::file),
        Endpoint::PaperBallots => get(print::ballots::ask),
        Endpoint::PaperBallotsFile => get(print::ballots::file),
        Endpoint::Count => get(act::count::show),
        Endpoint::CountEnter => post(act::count::enter),
        Endpoint::CountPhotos => post(act::count::photograph),
        Endpoint::CountDraft => post(act::count::draft),
        Endpoint::Rehearsal => get(act::rehearsal::show),
        Endpoint::RehearsalMake => post(act::rehearsal::make),
        Endpoint::RehearsalEnd => post(act::rehearsal::end),
        Endpoint::Service => get(act::service::show),
        Endpoint::ServiceNote => post(act::service::note),
        Endpoint::ServiceUndo => post(act::service::undo),
        Endpoint::ServiceDuties => post(act::service::duties),
        Endpoint::SessionReady => get(act::service::ready),
        Endpoint::SessionConfirm => post(act::service::confirm),
        Endpoint::SessionList => get(print::lists::file),
        Endpoint::SessionPackage => get(package::session),
        Endpoint::MatterPackage => get(package::matter),
        Endpoint::Catalogue => get(read::catalogue::show),
        Endpoint::Funds => get(read::funds::show),
        Endpoint::FundsFile => get(read::funds::file),
        Endpoint::FundsImport => get(act::funds::show),
        Endpoint::FundsImportRead => post(act::funds::read),
        Endpoint::FundsImportKeep => post(act::funds::keep),
        Endpoint::Filled => get(act::filled::show),
        Endpoint::FilledForm => get(act::filled::open),
        Endpoint::FilledFile => get(print::filled::file),
        Endpoint::Households => get(act::households::show),
        Endpoint::HouseholdsChange => post(act::households::change),
        Endpoint::HouseholdsFile => get(print::households::file),
        Endpoint::Evidence => get(package::evidence),
        Endpoint::Accesses => get(read::accesses::show),
        Endpoint::Record => get(read::record::record),
        Endpoint::RecordFile => get(read::record::file),
        Endpoint::Document => get(read::document::document),
        Endpoint::DocumentFile => get(read::document::file),
        Endpoint::DocumentThumb => get(read::document::thumb),
        Endpoint::Check => get(read::check::check),
        Endpoint::Dispute => get(read::check::dispute),
        Endpoint::MyBallots => get(read::check::my_ballots),
        Endpoint::Receipt => get(read::receipt::receipt),
        Endpoint::ReceiptOf => get(read::receipt::of_statement),
        Endpoint::ReceiptFile => get(read::receipt::file),
        Endpoint::Help => get(read::check::help),
        Endpoint::SettingsPage => get(read::check::settings),
        Endpoint::Login => get(act::login::show),
        Endpoint::LetIn => get(act::pairing::let_in),
        Endpoint::ProviderAsk => get(act::provider::ask),
        Endpoint::ProviderBack => get(act::provider::back),
        Endpoint::ProviderOut => get(act::provider::out),
        Endpoint::Account => get(act::provider::account),
        Endpoint::AccountLink => post(act::provider::link),
        Endpoint::AccountUnlink => post(act::provider::unlink),
        Endpoint::LogOut => post(act::login::log_out),
        Endpoint::Enter => get(rehearsal::entrance::show),
        Endpoint::EnterCode => post(rehearsal::entrance::enter),
        Endpoint::DemoRoles => get(act::demo::show),
        Endpoint::DemoTake => post(act::demo::take),
        Endpoint::DemoTime => post(act::demo::skip),
        Endpoint::DemoOthers => post(act::demo::others),
        Endpoint::Reach => get(act::reach::show),
        Endpoint::ReachChange => post(act::reach::change),
        Endpoint::ReachStop => get(act::reach::stop),
        Endpoint::ReachStopNow => post(act::reach::stop_now),
        Endpoint::Tasks => get(act::tasks::show),
        Endpoint::Desk => get(read::desk::show),
        Endpoint::DeskEvents => get(read::events::desk),
        Endpoint::Figures => get(read::figures::show),
        Endpoint::FiguresList => get(read::figures::list),
        Endpoint::FiguresFile => get(read::figures::file),
        Endpoint::FiguresListFile => get(read::figures::list_file),
        Endpoint::FiguresReport => get(print::figures::file),
        Endpoint::Filings => get(act::filings::show),
        Endpoint::FilingsPrepare => post(act::filings::keep),
        Endpoint::Reminder => get(print::reminder::file),
        Endpoint::DeskNote => post(read::desk::note_down),
        Endpoint::ActForm => get(act::form::show),
        Endpoint::ActSend => post(act::form::send),
        Endpoint::DraftDrop => post(act::form::drop_draft),
        Endpoint::Pending => get(act::draft::pending),
        Endpoint::PendingDrop => post(act::pairing::take_back),
        Endpoint::SignSeveral => get(act::pairing::several),
        Endpoint::DemoSign => post(act::draft::sign),
        Endpoint::Done => get(act::draft::done),
        Endpoint::VoteWhich => get(act::vote::which),
        Endpoint::VotePlan => get(act::vote::plan),
        Endpoint::VoteChoose => get(act::vote::choose),
        Endpoint::VoteConfirm => post(act::vote::confirm),
        Endpoint::DemoCast => post(act::vote::cast_for_demo),
        Endpoint::Enrol => get(act::enrol::device),
        Endpoint::Slips => get(act::enrol::slips),
        Endpoint::SlipsDraft => post(act::enrol::draft),
        Endpoint::CardUse => get(act::cards::card),
        Endpoint::Cards => get(act::cards::cards),
        Endpoint::CardsDraft => post(act::cards::draft),
        Endpoint::LoginChallenge => post(act::login::challenge),
        Endpoint::LoginAnswer => post(act::login::log_in),
        Endpoint::ComputerAsks => post(act::pairing::ask),
        Endpoint::ComputerShown => get(act::pairing::asking),
        Endpoint::ComputerAnswered => post(act::pairing::answer),
        Endpoint::ComputerSession => post(act::pairing::asked),
        Endpoint::PendingKeep => post(act::pairing::hand_over),
        Endpoint::PendingState => get(act::pairing::handed_over),
        Endpoint::Statements => post(act::statements::submit),
        Endpoint::PendingSignatures => post(act::statements::add_signature),
        Endpoint::EnrolmentAnswer => post(act::enrol::answer),
        Endpoint::EnrolmentAnswers => get(act::enrol::answers),
        Endpoint::CardsMake => post(act::cards::make),
        Endpoint::CardsAnswers => get(act::cards::answers),
        Endpoint::CardEvaluate => post(act::cards::evaluate),
        Endpoint::CardProof => post(act::cards::prove),
        Endpoint::CardAnswer => post(act::cards::answer),
        Endpoint::DoorLive => get(act::door::live),
        Endpoint::DoorNote => post(act::door::note),
        Endpoint::ApiWarnings => get(api::warnings::warnings),
        Endpoint::ApiTownships => get(api::villages::townships),
        Endpoint::ApiTownshipVillages => get(api::villages::of_township),
        Endpoint::ApiVillages => get(api::villages::villages),
        Endpoint::ApiVillage => get(api::villages::village),
        Endpoint::ApiMatters => get(api::matters::matters),
        Endpoint::ApiMatter => get(api::matters::matter),
        Endpoint::ApiSessions => get(api::sessions::sessions),
        Endpoint::ApiSession => get(api::sessions::session),
        Endpoint::ApiHall => get(api::hall::hall),
        Endpoint::Deliveries => post(act::deliveries::deliver),
        Endpoint::ApiEntries => get(api::record::entries),
        Endpoint::ApiCheckpoint => get(api::record::checkpoint),
        Endpoint::ApiReceipt => get(api::record::receipt),
        Endpoint::LogVillageCheckpoint => get(logs::village_checkpoint),
        Endpoint::LogVillageTile => get(logs::village_tile),
        Endpoint::LogVillageCosignatures => post(logs::cosignatures),
        Endpoint::LogDistrictCheckpoint => get(logs::district_checkpoint),
        Endpoint::LogDistrictTile => get(logs::district_tile),
        Endpoint::ReceiptDistrictFile => get(read::receipt::district_file),
        Endpoint::OpenApi => get(openapi::document),
        Endpoint::ApiDocs => get(openapi::page),
    }
}

/// The whole server as a service.
pub fn router(state: AppState) -> Router {
    router_with(state, handler)
}

/// The same with other handlers behind the gates: for tests of the table itself.
pub fn router_with(state: AppState, handler: impl Fn(Endpoint) -> MethodRouter<AppState>) -> Router {
    surrounded(routed(&state, Endpoint::ALL, handler), state, &[])
}

/// Some of the endpoints beside a program's own routes, with the same surroundings.
pub fn router_beside(state: AppState, endpoints: &[Endpoint], trusted: &Origin, own: Router<AppState>) -> Router {
    surrounded(routed(&state, endpoints, handler).merge(own), state, &[trusted])
}

/// Some of the endpoints alone; whatever else is asked for, `otherwise` answers.
pub fn router_at<H: Handler<T, AppState>, T: 'static>(state: AppState, endpoints: &[Endpoint], otherwise: H) -> Router {
    surrounded(routed(&state, endpoints, handler).fallback(otherwise), state, &[])
}

fn routed(
    state: &AppState,
    endpoints: &[Endpoint],
    handler: impl Fn(Endpoint) -> MethodRouter<AppState>,
) -> Router<AppState> {
    let mut router = Router::new();
    for endpoint in endpoints {
        let rule = endpoint.rule();
        let limits = state.limits();
        let (bytes, seconds) = match rule.sends {
            Sends::Form => (limits.body_bytes, limits.request_seconds),
            Sends::Upload => (limits.upload_bytes, limits.upload_seconds),
            Sends::Message => (MAX_BYTES, limits.request_seconds),
        };
        let late = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(seconds));
        let limits = ServiceBuilder::new()
            .layer(late)
            .layer(DefaultBodyLimit::disable())
            .layer(RequestBodyLimitLayer::new(bytes));
        let guarded =
            handler(*endpoint).route_layer(from_fn_with_state((state.clone(), *endpoint), gate)).route_layer(limits);
        router = router.route(rule.path, guarded);
    }
    router.fallback(|| async { Problem::new(Code::NotFound) })
}

/// From the outside in: the first layer sees a request first and its answer last. All in one: each use of [`Router::layer`]
/// puts a route into a box of its own, and every middleware copies the boxes within.
fn surrounded(router: Router<AppState>, state: AppState, trusted: &[&Origin]) -> Router {
    let idle = Duration::from_secs(state.limits().idle_seconds);
    let cross_site = |_: ProtectionError| -> Response { Problem::new(Code::CrossSite).into_response() };
    let own = CsrfLayer::new().with_rejection_response(cross_site);
    // Origins were parsed by stricter rules than the layer's: it can't refuse one.
    let csrf = trusted
        .iter()
        .chain([&state.origin()])
        .fold(own, |layer, origin| layer.clone().add_trusted_origin(origin.as_str()).unwrap_or(layer));
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(state.clone(), observe::observe))
        .layer(CompressionLayer::new().compress_when(WorthCompressing))
        .layer(from_fn_with_state(state.clone(), security::headers))
        .layer(from_fn_with_state(state.clone(), problem::render))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(csrf)
        .layer(from_fn_with_state(state.clone(), settings::keep_language))
        .layer(RequestBodyTimeoutLayer::new(idle));
    router.layer(layers).with_state(state)
}

/// A handler that panicked is a fault of ours; the panic's text goes to the log only.
#[expect(clippy::needless_pass_by_value, reason = "the signature is the layer's")]
fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("no text"), "a handler panicked");
    Problem::new(Code::Internal).into_response()
}
