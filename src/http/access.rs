//! The one table of routes: every address the server answers at, who may use it, and how much it may send.
//!
//! The router is made from [`Endpoint::ALL`], so an address without a rule can't exist; `tests/http` walks the table with
//! every role. A new address is one entry here and one arm in `crate::http::router::handler`.

use axum::http::Method;

use crate::app::programs::Reads;
use crate::core::ids::{DistrictCode, TownshipCode, VillageCode};
use crate::core::model::Role;

/// Who may use an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everyone; nobody is looked up, so the answer is the same for all.
    Anyone,
    /// Everyone; who is logged in may see more.
    Public,
    /// Whoever is logged in; where the path names a village, with a key that is enrolled there.
    SignedIn,
    /// Who holds one of these roles in a place that covers the one named in the path; in any place if the path names none.
    Roles(&'static [Role]),
    /// A program on the same machine, not through a proxy: metrics.
    ThisMachine,
    /// A program that shows a token for this; the handler asks in which place.
    Program(Reads),
    /// Another server on the same database, which shows it by the seal of what it sends. Nobody where there is no other.
    Servers,
}

/// Which part of the server an address belongs to. Decides the form of errors and the headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Pages for people; errors are pages.
    Pages,
    /// The JSON API; errors are problem documents.
    Api,
    /// The logs: public, cacheable, readable from any origin.
    Logs,
    /// Health, metrics and static files.
    Machine,
}

/// How much a request may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    /// At most `limits.body_bytes`.
    Form,
    /// At most `limits.upload_bytes`.
    Upload,
    /// At most what one server sends another in one message.
    Message,
}

/// Which count of attempts a request is held against, per network address unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempts {
    /// Not counted.
    Free,
    /// `limits.logins_per_minute`.
    LogIn,
    /// `limits.cards_per_minute`.
    Card,
    /// `limits.cards_per_minute`, counted apart: a whole hall comes in to a rehearsal at once.
    Entrance,
    /// `limits.enrolments_per_hour`.
    Enrolment,
    /// `limits.submissions_per_hour`.
    Submission,
    /// `limits.statements_per_hour`, per key.
    Statement,
    /// `limits.handed_in_per_hour`.
    HandedIn,
}

/// What holds for one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The method; GET answers HEAD too.
    pub method: Method,
    /// The path with `{names}`; `{code}` is a village, `{township}` a township.
    pub path: &'static str,
    /// Part of the server.
    pub area: Area,
    /// Who may use it.
    pub who: Who,
    /// How much it may send.
    pub sends: Sends,
    /// Which attempts are counted.
    pub attempts: Attempts,
}

impl Rule {
    /// Takes what another server sends.
    #[must_use]
    pub fn message(self) -> Self {
        Self { sends: Sends::Message, ..self }
    }

    /// Takes documents and photos.
    #[must_use]
    pub fn upload(self) -> Self {
        Self { sends: Sends::Upload, ..self }
    }

    /// Counts attempts.
    #[must_use]
    pub fn counted(self, attempts: Attempts) -> Self {
        Self { attempts, ..self }
    }
}

fn rule(method: Method, path: &'static str, area: Area, who: Who) -> Rule {
    Rule { method, path, area, who, sends: Sends::Form, attempts: Attempts::Free }
}

fn get(path: &'static str, area: Area, who: Who) -> Rule {
    rule(Method::GET, path, area, who)
}

fn post(path: &'static str, area: Area, who: Who) -> Rule {
    rule(Method::POST, path, area, who)
}

/// Declares the endpoints: a name, its documentation, its rule.
macro_rules! endpoints {
    ($($(#[$doc:meta])* $name:ident = $rule:expr;)+) => {
        /// An address the server answers at.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Endpoint { $($(#[$doc])* $name,)+ }

        impl Endpoint {
            /// Every endpoint, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// What holds for it.
            #[must_use]
            pub fn rule(self) -> Rule {
                match self { $(Self::$name => $rule,)+ }
            }
        }
    };
}

/// Who keeps the register of service, and who watches that it is kept.
const KEEPERS_BEFORE: &[Role] = &[Role::Clerk, Role::SupervisionCommittee];

/// Who has papers filled in by hand.
pub const PAPERS: &[Role] = &[Role::Clerk, Role::GridWorker, Role::Chair, Role::SupervisionCommittee];

/// Who speaks for households, and who sees in numbers that they are asked.
pub const HOUSEHOLDS: &[Role] = &[Role::Representative, Role::Clerk, Role::SupervisionCommittee];

/// Who watches over several villages.
const OFFICIALS: &[Role] = &[
    Role::TownshipDrafter,
    Role::TownshipApprover,
    Role::TownshipDisciplineOfficer,
    Role::DisciplineInspector,
    Role::DistrictAdmin,
];

/// Who reviews and files for the township.
const REVIEWERS: &[Role] = &[Role::TownshipDrafter, Role::TownshipApprover];

/// Who inspects: sees who read what, and takes evidence along.
pub const INSPECTORS: &[Role] = &[Role::TownshipDisciplineOfficer, Role::DisciplineInspector];

/// Who prepares and leads a session.
const LEADERS: &[Role] = &[Role::Clerk, Role::Chair];

endpoints! {
    /// Whether the process answers.
    Health = get("/healthz", Area::Machine, Who::Anyone);
    /// Whether the server can take work: the database answers and no shutdown has begun.
    Ready = get("/readyz", Area::Machine, Who::Anyone);
    /// Counters and durations for Prometheus.
    Metrics = get("/metrics", Area::Machine, Who::ThisMachine);
    /// Takes statements for lanes of this server that came in at another.
    ClusterAppend = post("/cluster/append", Area::Machine, Who::Servers).message();
    /// A static file, by its name or by its name with the hash of its content.
    Asset = get("/assets/{*name}", Area::Machine, Who::Anyone);
    /// The service worker, by which pages of a hall come back without the network: at the root, since they lie below villages.
    ServiceWorker = get("/sw.js", Area::Machine, Who::Anyone);
    /// The reader's size of text.
    Settings = post("/settings", Area::Pages, Who::Public);
    /// The front page: the district.
    District = get("/", Area::Pages, Who::Public);
    /// A province, prefecture or district: what it is divided into.
    Place = get("/p/{place}", Area::Pages, Who::Public);
    /// A township and its villages.
    Township = get("/t/{township}", Area::Pages, Who::Public);
    // Publicity: feeds, the window that other sites embed, what is sent out.
    /// A feed of all villages' steps.
    Feed = get("/feed.atom", Area::Pages, Who::Anyone);
    /// A feed of a village's steps.
    VillageFeed = get("/v/{code}/feed.atom", Area::Pages, Who::Anyone);
    /// A feed of a matter's steps.
    MatterFeed = get("/v/{code}/m/{matter}/feed.atom", Area::Pages, Who::Anyone);
    /// The window that other sites embed: all villages.
    Embed = get("/embed", Area::Pages, Who::Anyone);
    /// The same of a village.
    EmbedVillage = get("/embed/v/{code}", Area::Pages, Who::Anyone);
    /// The same of a matter.
    EmbedMatter = get("/embed/v/{code}/m/{matter}", Area::Pages, Who::Anyone);
    /// What was sent to other programs, and how that went.
    SentOut = get("/deliveries", Area::Pages, Who::Roles(&[Role::DistrictAdmin]));
    /// Sends one of it again.
    SendAgain = post("/v/{code}/deliveries", Area::Pages, Who::Roles(&[Role::DistrictAdmin])).counted(Attempts::Statement);
    /// Villages by name.
    Search = get("/search", Area::Pages, Who::Public);
    /// A village.
    Village = get("/v/{code}", Area::Pages, Who::Public);
    /// A village's calendar.
    Calendar = get("/v/{code}/calendar", Area::Pages, Who::Public);
    /// The same for phones.
    CalendarFile = get("/v/{code}/calendar.ics", Area::Pages, Who::Anyone);
    /// Search in a village.
    Find = get("/v/{code}/search", Area::Pages, Who::Public);
    /// The form for a suggestion of somebody without a key.
    Suggest = get("/v/{code}/suggest", Area::Pages, Who::Public);
    /// Takes the suggestion.
    SuggestSend = post("/v/{code}/suggest", Area::Pages, Who::Public).counted(Attempts::Submission);
    /// The form for an objection of somebody without a key.
    Object = get("/v/{code}/m/{matter}/object", Area::Pages, Who::Public);
    /// Takes the objection.
    ObjectSend = post("/v/{code}/m/{matter}/object", Area::Pages, Who::Public).counted(Attempts::Submission);
    /// The form for an interpellation or complaint of somebody without a key.
    Ask = get("/v/{code}/m/{matter}/ask", Area::Pages, Who::Public);
    /// Takes it.
    AskSend = post("/v/{code}/m/{matter}/ask", Area::Pages, Who::Public).counted(Attempts::Submission);
    /// The form for a rating by somebody without a key.
    Rate = get("/v/{code}/m/{matter}/rate", Area::Pages, Who::Public);
    /// Takes it.
    RateSend = post("/v/{code}/m/{matter}/rate", Area::Pages, Who::Public).counted(Attempts::Submission);
    /// What was written without a key, for who wrote it.
    Received = get("/v/{code}/received/{seq}", Area::Pages, Who::Public);
    /// A village's people and roles.
    People = get("/v/{code}/people", Area::Pages, Who::Public);
    /// A matter.
    Matter = get("/v/{code}/m/{matter}", Area::Pages, Who::Public);
    /// The register of opinions on a matter.
    Opinions = get("/v/{code}/m/{matter}/opinions", Area::Pages, Who::Public);
    /// The same as a file.
    OpinionsFile = get("/v/{code}/m/{matter}/opinions/{form}/file", Area::Pages, Who::Public);
    /// A matter as it is sent to a group. The same for everyone: who gets it is nobody's to know.
    Share = get("/v/{code}/m/{matter}/share", Area::Pages, Who::Public);
    /// Its picture.
    ShareFile = get("/v/{code}/m/{matter}/share/file", Area::Pages, Who::Anyone);
    /// The hall between sessions: what is said there.
    Talk = get("/v/{code}/talk", Area::Pages, Who::Public);
    /// Tells such a page for as long as it is open that the village's record has grown.
    TalkEvents = get("/v/{code}/talk/events", Area::Pages, Who::Anyone);
    /// A session.
    Session = get("/v/{code}/s/{session}", Area::Pages, Who::Public);
    /// The hall's screen: what a session is at.
    Screen = get("/v/{code}/s/{session}/screen", Area::Pages, Who::Public);
    /// A terminal in the hall. The same for everyone: it is kept in browsers, and knows nobody.
    Terminal = get("/v/{code}/s/{session}/terminal", Area::Pages, Who::Anyone);
    /// Tells a page for as long as it is open that the village's record has grown.
    Events = get("/v/{code}/s/{session}/events", Area::Pages, Who::Anyone);
    /// The door of a session, for those who keep it: the handler asks the record who they are.
    Door = get("/v/{code}/s/{session}/door", Area::Pages, Who::SignedIn);
    /// Keeps the link to the meeting of those who are elsewhere: the clerk.
    DoorMeeting = post("/v/{code}/s/{session}/door/meeting", Area::Pages, Who::SignedIn);
    /// A member's own number, to be scanned at the door.
    Number = get("/v/{code}/s/{session}/number", Area::Pages, Who::SignedIn);
    /// A village's notice board.
    Notices = get("/v/{code}/notices", Area::Pages, Who::Public);
    /// One notice, to be printed.
    Notice = get("/v/{code}/notices/{seq}", Area::Pages, Who::Public);
    /// One notice as a PDF.
    NoticeFile = get("/v/{code}/notices/{seq}/file", Area::Pages, Who::Public);
    /// What the loudspeaker says of a notice.
    NoticeSpoken = get("/v/{code}/notices/{seq}/spoken", Area::Pages, Who::Public);
    /// The same as a text file.
    NoticeSpokenText = get("/v/{code}/notices/{seq}/spoken/file", Area::Pages, Who::Public);
    /// A session's minutes as a PDF; with names for those who keep the village's papers.
    Minutes = get("/v/{code}/s/{session}/minutes/file", Area::Pages, Who::Public);
    /// Where paper ballots are asked for.
    PaperBallots = get("/v/{code}/s/{session}/ballots", Area::Pages, Who::Roles(&[Role::Clerk]));
    /// Paper ballots as a PDF.
    PaperBallotsFile =
        get("/v/{code}/s/{session}/ballots/{matter}/{question}/file", Area::Pages, Who::Roles(&[Role::Clerk]));
    /// Where a teller enters what was found in the box.
    Count = get("/v/{code}/s/{session}/count/{matter}/{question}", Area::Pages, Who::SignedIn);
    /// Takes it.
    CountEnter = post("/v/{code}/s/{session}/count/{matter}/{question}", Area::Pages, Who::SignedIn);
    /// Keeps photographs of papers that a teller took while counting.
    CountPhotos = post("/v/{code}/s/{session}/count/{matter}/{question}/photos", Area::Pages, Who::SignedIn).upload();
    /// Drafts the count that both tellers sign.
    CountDraft = post("/v/{code}/s/{session}/count/{matter}/{question}/draft", Area::Pages, Who::SignedIn);
    /// Rehearsing a session: made, running, ended.
    Rehearsal = get("/v/{code}/s/{session}/rehearsal", Area::Pages, Who::Roles(LEADERS));
    /// Makes a rehearsal.
    RehearsalMake = post("/v/{code}/s/{session}/rehearsal", Area::Pages, Who::Roles(LEADERS));
    /// Ends it and wipes what it left.
    RehearsalEnd = post("/v/{code}/s/{session}/rehearsal/end", Area::Pages, Who::Roles(LEADERS));
    /// Before a session: who was told of it, whose key works.
    Service = get("/v/{code}/s/{session}/service", Area::Pages, Who::Roles(KEEPERS_BEFORE));
    /// Notes that members were told.
    ServiceNote = post("/v/{code}/s/{session}/service", Area::Pages, Who::Roles(&[Role::Clerk]));
    /// Takes such a note back.
    ServiceUndo = post("/v/{code}/s/{session}/service/undo", Area::Pages, Who::Roles(&[Role::Clerk]));
    /// Keeps who does what at a session.
    ServiceDuties = post("/v/{code}/s/{session}/service/duties", Area::Pages, Who::Roles(&[Role::Clerk]));
    /// Where a member tries the own key before a session.
    SessionReady = get("/v/{code}/s/{session}/ready", Area::Pages, Who::Public);
    /// A member's own "I was told".
    SessionConfirm = post("/v/{code}/s/{session}/ready", Area::Pages, Who::SignedIn);
    /// A list for a session as a PDF; some for everyone, some for those who keep its papers.
    SessionList = get("/v/{code}/s/{session}/lists/{list}/file", Area::Pages, Who::Public);
    /// A session's package for the archive.
    SessionPackage = get("/v/{code}/s/{session}/package/file", Area::Pages, Who::Public);
    /// A matter's package for the archive.
    MatterPackage = get("/v/{code}/m/{matter}/package/file", Area::Pages, Who::Public);
    /// What goes to a vote, and what is only disclosed.
    Catalogue = get("/v/{code}/catalogue", Area::Pages, Who::Public);
    /// A village's money: approved, agreed, paid.
    Funds = get("/v/{code}/funds", Area::Pages, Who::Public);
    /// The same as a file.
    FundsFile = get("/v/{code}/funds/{form}/file", Area::Pages, Who::Public);
    /// Where payments are taken in from a spreadsheet.
    FundsImport = get("/v/{code}/funds/import", Area::Pages, Who::Roles(&[Role::Clerk]));
    /// Shows what is in it.
    FundsImportRead =
        post("/v/{code}/funds/import", Area::Pages, Who::Roles(&[Role::Clerk])).upload().counted(Attempts::Statement);
    /// Keeps its rows as statements to be signed.
    FundsImportKeep =
        post("/v/{code}/funds/import/keep", Area::Pages, Who::Roles(&[Role::Clerk])).counted(Attempts::Statement);
    /// Papers that are filled in by hand: printed, and photographs of filled ones.
    Filled = get("/v/{code}/paper", Area::Pages, Who::Roles(PAPERS));
    /// Where a paper's code leads: to the form for its photograph.
    FilledForm = get("/v/{code}/paper/{what}/{id}", Area::Pages, Who::SignedIn);
    /// A paper to be filled in, as a PDF.
    FilledFile = get("/v/{code}/paper/{what}/{id}/file", Area::Pages, Who::Roles(PAPERS));
    /// Linked households: a representative's own list, numbers for those who watch.
    Households = get("/v/{code}/households", Area::Pages, Who::Roles(HOUSEHOLDS));
    /// Changes the own list, and notes who was asked and told.
    HouseholdsChange =
        post("/v/{code}/households", Area::Pages, Who::Roles(&[Role::Representative])).counted(Attempts::Statement);
    /// The own list as a PDF.
    HouseholdsFile = get("/v/{code}/households/file", Area::Pages, Who::Roles(&[Role::Representative]));
    /// An inspector's evidence package of a matter.
    Evidence = get("/v/{code}/m/{matter}/evidence/file", Area::Pages, Who::Roles(INSPECTORS));
    /// Who read what of a village that is not public.
    Accesses = get("/v/{code}/accesses", Area::Pages, Who::Roles(INSPECTORS));
    /// A village's record in words.
    Record = get("/v/{code}/record", Area::Pages, Who::Public);
    /// A village's record as one file.
    RecordFile = get("/v/{code}/record/file", Area::Pages, Who::Anyone);
    /// What a document is.
    Document = get("/v/{code}/d/{commitment}", Area::Pages, Who::Public);
    /// A document's bytes, for those who may read it.
    DocumentFile = get("/v/{code}/d/{commitment}/file", Area::Pages, Who::Public);
    /// A picture made small.
    DocumentThumb = get("/v/{code}/d/{commitment}/thumb", Area::Pages, Who::Public);
    /// Checking a record or receipt.
    Check = get("/check", Area::Pages, Who::Public);
    /// What to do when something is wrong with a ballot or receipt.
    Dispute = get("/dispute", Area::Pages, Who::Public);
    /// The ballots that this device keeps, checked by it.
    MyBallots = get("/my-ballots", Area::Pages, Who::Public);
    /// What a receipt proves.
    Receipt = get("/receipt/{code}/{index}", Area::Pages, Who::Public);
    /// The receipt of a statement, found by its id: what a terminal's slip leads to.
    ReceiptOf = get("/receipt/{code}/of/{statement}", Area::Pages, Who::Public);
    /// A receipt as a file.
    ReceiptFile = get("/receipt/{code}/{index}/file", Area::Pages, Who::Anyone);
    /// How it works.
    Help = get("/help", Area::Pages, Who::Public);
    /// Language and size of text.
    SettingsPage = get("/settings", Area::Pages, Who::Public);
    /// Log in.
    Login = get("/login", Area::Pages, Who::Public);
    /// A phone lets a computer in.
    LetIn = get("/login/computer", Area::Pages, Who::Public);
    // Log-in by an account elsewhere.
    /// Goes to the provider.
    ProviderAsk = get("/login/provider", Area::Pages, Who::Public).counted(Attempts::LogIn);
    /// Comes back from it.
    ProviderBack = get("/login/provider/back", Area::Pages, Who::Public).counted(Attempts::LogIn);
    /// Logged out here: where to log out at the provider, too.
    ProviderOut = get("/login/provider/out", Area::Pages, Who::Public);
    /// My account elsewhere.
    Account = get("/account", Area::Pages, Who::SignedIn);
    /// Links the account that I came back with.
    AccountLink = post("/account", Area::Pages, Who::SignedIn);
    /// Takes the link away.
    AccountUnlink = post("/account/unlink", Area::Pages, Who::SignedIn);
    /// Log out.
    LogOut = post("/logout", Area::Pages, Who::SignedIn);
    /// The entrance of rehearsals, at an address of their own; nothing on a real server.
    Enter = get("/enter", Area::Pages, Who::Anyone);
    /// Takes the entrance code.
    EnterCode = post("/enter", Area::Pages, Who::Anyone).counted(Attempts::Entrance);
    /// The roles of a demo or rehearsal; nothing on a real server.
    DemoRoles = get("/demo", Area::Pages, Who::Public);
    /// Takes a role of the demo.
    DemoTake = post("/demo", Area::Pages, Who::Public);
    /// Sets the demo's clock ahead.
    DemoTime = post("/demo/time", Area::Pages, Who::Public);
    /// Lets the demo's other people check in and vote.
    DemoOthers = post("/demo/others", Area::Pages, Who::Public);
    // How people are told things.
    /// How who is logged in is told things.
    Reach = get("/reach", Area::Pages, Who::SignedIn);
    /// Takes an address, a code, what was chosen.
    ReachChange = post("/reach", Area::Pages, Who::SignedIn).counted(Attempts::Statement);
    /// Where a letter's link leads by which it is stopped: whoever has the letter has the link.
    ReachStop = get("/reach/stop/{token}", Area::Pages, Who::Anyone);
    /// Stops it.
    ReachStopNow = post("/reach/stop/{token}", Area::Pages, Who::Anyone);
    /// What waits for me.
    Tasks = get("/tasks", Area::Pages, Who::SignedIn);
    /// What waits for the township's review or filing.
    Filings = get("/filings", Area::Pages, Who::Roles(REVIEWERS));
    /// Prepares several for signing.
    FilingsPrepare = post("/filings", Area::Pages, Who::Roles(REVIEWERS)).counted(Attempts::Statement);
    /// What in the villages' records deserves a look, for who watches over several.
    Desk = get("/desk", Area::Pages, Who::Roles(OFFICIALS));
    /// Tells a desk that stays open that one of the official's villages has changed.
    DeskEvents = get("/desk/events", Area::Pages, Who::Roles(OFFICIALS));
    /// Figures of a place: what its villages' records amount to.
    Figures = get("/figures", Area::Pages, Who::Public);
    /// The matters behind a figure.
    FiguresList = get("/figures/list", Area::Pages, Who::Public);
    /// Figures as a file.
    FiguresFile = get("/figures/{form}/file", Area::Pages, Who::Public);
    /// The matters behind a figure as a file.
    FiguresListFile = get("/figures/list/{form}/file", Area::Pages, Who::Public);
    /// Figures as a report on paper.
    FiguresReport = get("/figures/report/file", Area::Pages, Who::Public);
    /// A reminder of a warning on paper.
    Reminder = get("/v/{code}/warnings/reminder/file", Area::Pages, Who::Roles(OFFICIALS));
    /// Keeps what an official found or did about a warning.
    DeskNote = post("/v/{code}/warnings", Area::Pages, Who::Roles(OFFICIALS)).counted(Attempts::Statement);
    /// The form of an act; the law itself says who may sign it.
    ActForm = get("/v/{code}/do/{kind}", Area::Pages, Who::SignedIn);
    /// Takes a filled form.
    ActSend = post("/v/{code}/do/{kind}", Area::Pages, Who::SignedIn).upload().counted(Attempts::Statement);
    /// Throws one of my drafts away.
    DraftDrop = post("/v/{code}/drafts/{draft}/drop", Area::Pages, Who::SignedIn);
    /// A statement that waits for my signature.
    Pending = get("/v/{code}/pending/{id}", Area::Pages, Who::SignedIn);
    /// Throws away what I handed over and nobody has signed.
    PendingDrop = post("/v/{code}/pending/{id}/drop", Area::Pages, Who::SignedIn);
    /// All that waits for my signature, to be signed at one go.
    SignSeveral = get("/sign", Area::Pages, Who::SignedIn);
    /// Signs with a key that the demo holds.
    DemoSign = post("/v/{code}/sign", Area::Pages, Who::SignedIn);
    /// After signing.
    Done = get("/v/{code}/done/{id}", Area::Pages, Who::SignedIn);
    /// The voter's path: which question.
    VoteWhich = get("/v/{code}/vote/{session}", Area::Pages, Who::SignedIn);
    /// The voter's path: the plan.
    VotePlan = get("/v/{code}/vote/{session}/{matter}/{question}", Area::Pages, Who::SignedIn);
    /// The voter's path: the options.
    VoteChoose = get("/v/{code}/vote/{session}/{matter}/{question}/choose", Area::Pages, Who::SignedIn);
    /// The voter's path: confirm.
    VoteConfirm = post("/v/{code}/vote/{session}/{matter}/{question}/confirm", Area::Pages, Who::SignedIn);
    /// Casts with a key that the demo holds.
    DemoCast = post("/v/{code}/vote/{session}/{matter}/{question}/cast", Area::Pages, Who::SignedIn);
    /// A new device's side of an enrolment.
    Enrol = get("/enrol", Area::Pages, Who::Public);
    /// The clerk's side of an enrolment.
    Slips = get("/v/{code}/slips", Area::Pages, Who::Roles(&[Role::Clerk]));
    /// Drafts the list of keys that two people sign.
    SlipsDraft = post("/v/{code}/slips", Area::Pages, Who::Roles(&[Role::Clerk]));
    /// A card's holder: logs in with card and PIN, or chooses the PIN of a new card.
    CardUse = get("/card", Area::Pages, Who::Public);
    /// The clerk's side of printed cards.
    Cards = get("/v/{code}/cards", Area::Pages, Who::Roles(&[Role::Clerk]));
    /// Drafts the list of cards' keys that two people sign.
    CardsDraft = post("/v/{code}/cards", Area::Pages, Who::Roles(&[Role::Clerk]));
    /// A challenge to sign.
    LoginChallenge = post("/api/v1/login/challenge", Area::Api, Who::Public).counted(Attempts::LogIn);
    /// A signed challenge.
    LoginAnswer = post("/api/v1/login", Area::Api, Who::Public).counted(Attempts::LogIn);
    /// A computer asks to be let in.
    ComputerAsks = post("/api/v1/login/computers", Area::Api, Who::Public).counted(Attempts::LogIn);
    /// What a phone is shown of it.
    ComputerShown = get("/api/v1/login/computers/{asking}", Area::Api, Who::Public).counted(Attempts::LogIn);
    /// A phone lets it in.
    ComputerAnswered = post("/api/v1/login/computers/{asking}", Area::Api, Who::Public).counted(Attempts::LogIn);
    /// It looks whether it was let in.
    ComputerSession = post("/api/v1/login/computers/{asking}/session", Area::Api, Who::Public);
    /// A draft to be signed on another device.
    PendingKeep = post("/api/v1/villages/{code}/pending", Area::Api, Who::SignedIn).counted(Attempts::Statement);
    /// What became of it.
    PendingState = get("/api/v1/villages/{code}/pending/{id}", Area::Api, Who::SignedIn);
    /// A signed statement.
    Statements =
        post("/api/v1/villages/{code}/statements", Area::Api, Who::SignedIn).counted(Attempts::Statement);
    /// A further signature under a statement that waits.
    PendingSignatures = post("/api/v1/villages/{code}/pending/{id}/signatures", Area::Api, Who::SignedIn)
        .counted(Attempts::Statement);
    /// A new device's answer to a slip.
    EnrolmentAnswer =
        post("/api/v1/villages/{code}/enrolments", Area::Api, Who::Public).counted(Attempts::Enrolment);
    /// The answers, for the clerk's browser.
    EnrolmentAnswers = get("/api/v1/villages/{code}/enrolments", Area::Api, Who::Roles(&[Role::Clerk]));
    /// New cards of the clerk's.
    CardsMake = post("/api/v1/villages/{code}/cards", Area::Api, Who::Roles(&[Role::Clerk]));
    /// The village's cards and what their holders answered, for the clerk's browser.
    CardsAnswers = get("/api/v1/villages/{code}/cards", Area::Api, Who::Roles(&[Role::Clerk]));
    /// One try at a card's PIN.
    CardEvaluate =
        post("/api/v1/villages/{code}/cards/{card}/evaluate", Area::Api, Who::Public).counted(Attempts::Card);
    /// The proof that the PIN was right.
    CardProof = post("/api/v1/villages/{code}/cards/{card}/proof", Area::Api, Who::Public).counted(Attempts::Card);
    /// The key that a new card's holder made.
    CardAnswer =
        post("/api/v1/villages/{code}/cards/{card}/answer", Area::Api, Who::Public).counted(Attempts::Enrolment);
    /// What changes at the door, for those who keep it.
    DoorLive = get("/api/v1/villages/{code}/sessions/{session}/door", Area::Api, Who::SignedIn);
    /// Notes something at the door beside the record.
    DoorNote = post("/api/v1/villages/{code}/sessions/{session}/door/notes", Area::Api, Who::SignedIn);
    /// Warnings in the place of a program's token.
    ApiWarnings = get("/api/v1/warnings", Area::Api, Who::Program(Reads::Warnings));
    /// Townships with sums.
    ApiTownships = get("/api/v1/townships", Area::Api, Who::Anyone);
    /// Villages of a township.
    ApiTownshipVillages = get("/api/v1/townships/{township}/villages", Area::Api, Who::Anyone);
    /// Villages, all or by name.
    ApiVillages = get("/api/v1/villages", Area::Api, Who::Anyone);
    /// One village.
    ApiVillage = get("/api/v1/villages/{code}", Area::Api, Who::Anyone);
    /// A village's matters.
    ApiMatters = get("/api/v1/villages/{code}/matters", Area::Api, Who::Anyone);
    /// One matter.
    ApiMatter = get("/api/v1/villages/{code}/matters/{matter}", Area::Api, Who::Anyone);
    /// A village's sessions.
    ApiSessions = get("/api/v1/villages/{code}/sessions", Area::Api, Who::Anyone);
    /// One session.
    ApiSession = get("/api/v1/villages/{code}/sessions/{session}", Area::Api, Who::Anyone);
    /// What a terminal in the hall needs to know of a session.
    ApiHall = get("/api/v1/villages/{code}/sessions/{session}/hall", Area::Api, Who::Anyone);
    /// What terminals signed. No log-in: a registered terminal's signature stands for it.
    Deliveries = post("/api/v1/villages/{code}/sessions/{session}/deliveries", Area::Api, Who::Anyone);
    /// Entries of a village's record.
    ApiEntries = get("/api/v1/villages/{code}/entries", Area::Api, Who::Anyone);
    /// A village's newest checkpoint.
    ApiCheckpoint = get("/api/v1/villages/{code}/checkpoint", Area::Api, Who::Anyone);
    /// The receipt of an entry.
    ApiReceipt = get("/api/v1/villages/{code}/receipts/{index}", Area::Api, Who::Anyone);
    /// A village log's newest published checkpoint.
    LogVillageCheckpoint = get("/log/v/{code}/checkpoint", Area::Logs, Who::Anyone);
    /// Hashes and entries of a village's log.
    LogVillageTile = get("/log/v/{code}/tile/{*path}", Area::Logs, Who::Anyone);
    /// Takes cosignatures of witnesses who found a village's record lawful.
    LogVillageCosignatures = post("/log/v/{code}/cosignatures", Area::Logs, Who::Anyone);
    /// The district log's newest checkpoint.
    LogDistrictCheckpoint = get("/log/d/{district}/checkpoint", Area::Logs, Who::Anyone);
    /// Hashes and leaves of the district's log.
    LogDistrictTile = get("/log/d/{district}/tile/{*path}", Area::Logs, Who::Anyone);
    /// The second file of a receipt.
    ReceiptDistrictFile = get("/receipt/{code}/{index}/district", Area::Pages, Who::Anyone);
    /// The API described in OpenAPI 3.1.
    OpenApi = get("/api/v1/openapi.json", Area::Api, Who::Anyone);
    /// The same description as a page.
    ApiDocs = get("/api/v1/docs", Area::Pages, Who::Public);
}

/// A place in which a role holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One village.
    Village(VillageCode),
    /// All villages of a township or street.
    Township(TownshipCode),
    /// All villages of a district.
    District(DistrictCode),
}

impl Scope {
    /// Whether `place` lies in this one. Statistical codes of villages begin with their township's and district's.
    #[must_use]
    pub fn covers(self, place: Scope) -> bool {
        place.code().starts_with(&self.code())
    }

    /// The district in which it lies.
    #[must_use]
    pub fn district(self) -> Option<DistrictCode> {
        self.code().get(..6)?.parse().ok()
    }

    fn code(self) -> String {
        match self {
            Self::Village(code) => code.to_string(),
            Self::Township(code) => code.to_string(),
            Self::District(code) => code.to_string(),
        }
    }

    /// The place that a path names by `{code}` or `{township}`; `None` if it names none, an error if it is no code.
    ///
    /// # Errors
    /// The value is no code of a village or township.
    pub fn of_path<'a>(
        mut parameters: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Option<Self>, crate::core::ids::IdError> {
        let named = parameters.find(|(name, _)| ["code", "township"].contains(name));
        match named {
            Some(("code", value)) => value.parse().map(|code| Some(Self::Village(code))),
            Some((_, value)) => value.parse().map(|code| Some(Self::Township(code))),
            None => Ok(None),
        }
    }
}

/// A role and the place in which it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where it holds.
    pub scope: Scope,
}

/// Whether one of `grants` is one of `roles` in a scope that covers `place`.
#[must_use]
pub fn allows(roles: &[Role], grants: &[Grant], place: Option<Scope>) -> bool {
    let reaches = |grant: &Grant| place.is_none_or(|place| grant.scope.covers(place));
    grants.iter().any(|grant| roles.contains(&grant.role) && reaches(grant))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Endpoint, Grant, OFFICIALS, Scope, allows};
    use crate::core::model::Role;

    fn village(code: &str) -> Scope {
        Scope::Village(code.parse().expect("a village code"))
    }

    fn township(code: &str) -> Scope {
        Scope::Township(code.parse().expect("a township code"))
    }

    #[test]
    fn a_place_covers_what_lies_in_it_and_nothing_else() {
        let district = Scope::District("331102".parse().expect("a district code"));
        assert!(district.covers(township("331102001")) && district.covers(village("331102001206")));
        assert!(township("331102001").covers(village("331102001206")));
        assert!(!township("331102002").covers(village("331102001206")));
        assert!(!village("331102001206").covers(township("331102001")));
        assert!(!village("331102001206").covers(village("331102001207")));
    }

    #[test]
    fn the_desk_is_for_whom_the_roots_grant_an_office() {
        let officials: Vec<Role> = Role::ALL.iter().copied().filter(|role| role.is_official()).collect();
        assert_eq!(OFFICIALS, officials);
    }

    #[test]
    fn a_role_counts_only_in_its_place() {
        let here = Grant { role: Role::Clerk, scope: village("331102001206") };
        assert!(allows(&[Role::Clerk], &[here], Some(village("331102001206"))));
        assert!(allows(&[Role::Clerk], &[here], None));
        assert!(!allows(&[Role::Clerk], &[here], Some(village("331102001207"))));
        assert!(!allows(&[Role::Chair], &[here], Some(village("331102001206"))));
        let official = Grant { role: Role::TownshipApprover, scope: township("331102001") };
        assert!(allows(&[Role::TownshipApprover], &[official], Some(village("331102001207"))));
    }

    #[test]
    fn a_path_names_its_place() {
        let place = |pairs: &[(&'static str, &'static str)]| Scope::of_path(pairs.iter().copied());
        assert_eq!(place(&[("code", "331102001206"), ("matter", "x")]), Ok(Some(village("331102001206"))));
        assert_eq!(place(&[("township", "331102001")]), Ok(Some(township("331102001"))));
        assert_eq!(place(&[("name", "x")]), Ok(None));
        assert!(place(&[("code", "33110200120")]).is_err());
    }

    #[test]
    fn no_two_endpoints_share_an_address() {
        let mut seen = HashSet::new();
        for endpoint in Endpoint::ALL {
            let rule = endpoint.rule();
            assert!(seen.insert((rule.method, rule.path)), "{endpoint:?} repeats an address");
        }
    }
}
