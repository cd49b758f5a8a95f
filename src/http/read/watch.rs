//! What stands above all warnings on a desk: that the record itself, or who watches it, needs a look.

use crate::app::App;
use crate::app::publish::history::{Doubt, Fault};
use crate::app::publish::silence::Silent;
use crate::core::clock::Time;
use crate::core::model::Role;
use crate::http::access::Grant;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::desk::WatchLine;
use crate::http::pages::record::Verdict;
use crate::http::problem::Problem;
use crate::http::read::check;
use crate::http::session::Identity;

/// What the inspectors of a district and its administrator are told: doubt about the history first, then records that a check found
/// altered or lacking, then silent witnesses. Nothing for anybody else.
///
/// # Errors
/// The store's.
pub async fn lines(app: &App, c: &Chrome, identity: &Identity) -> Result<Vec<WatchLine>, Problem> {
    let watches = |grant: &&Grant| matches!(grant.role, Role::DisciplineInspector | Role::DistrictAdmin);
    let Some(district) = identity.grants.iter().find(watches).and_then(|grant| grant.scope.district()) else {
        return Ok(Vec::new());
    };
    let mut lines = Vec::new();
    lines.extend(app.history().doubt().filter(|doubt| doubt.district == district).map(|doubt| doubted(app, c, &doubt)));
    for (village, verdict) in check::failed(district) {
        let place = app.village_place(village).await?;
        lines.push(WatchLine {
            title: c.named("watch-record", verdict.code()).with("village", place.name).to_string(),
            say: c.t(say(verdict)).to_string(),
            href: format!("/check?village={village}"),
            go: c.t("watch-check").to_string(),
        });
    }
    let silent = app.silent_witnesses(district).await?;
    lines.extend(silent.into_iter().map(|silent| is_silent(c, silent)));
    Ok(lines)
}

fn say(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Altered => "verdict-altered-say",
        Verdict::Lacking => "verdict-lacking-say",
        Verdict::Complete => "verdict-complete-say",
        Verdict::Unknown => "verdict-unknown-say",
    }
}

fn doubted(app: &App, c: &Chrome, doubt: &Doubt) -> WatchLine {
    let (code, village) = match doubt.fault {
        Fault::Behind => ("behind", None),
        Fault::Different => ("different", None),
        Fault::Unconfirmed => ("unconfirmed", None),
        Fault::Shorter { village } => ("shorter", Some(village)),
    };
    let say = c.named("watch-doubt-say", code).with("witness", doubt.witness.as_str());
    let say = say.with("village", village.map_or_else(String::new, |village| village.to_string()));
    let witness = app.witnesses().asked().and_then(|asked| {
        let mut parties = asked.policy.witnesses().iter();
        parties.find(|party| party.name == doubt.witness)?.url.clone()
    });
    let (href, go) = match (village, witness) {
        (Some(village), _) => (format!("/check?village={village}"), "watch-check"),
        (None, Some(url)) => (url, "watch-witness"),
        (None, None) => ("/check".to_owned(), "watch-check"),
    };
    WatchLine {
        title: c.t("watch-doubt").to_string(),
        say: say.with("ours", doubt.ours).with("theirs", doubt.theirs).to_string(),
        href,
        go: c.t(go).to_string(),
    }
}

fn is_silent(c: &Chrome, silent: Silent) -> WatchLine {
    let Silent { name, url, since, last } = silent;
    let date = |time: Time| c.lang.date(time.date());
    let say = match last {
        Some(last) => c.t("watch-silent-say").with("since", date(since)).with("last", date(last)).to_string(),
        None => c.t("watch-silent-never").with("since", date(since)).to_string(),
    };
    WatchLine {
        title: c.t("watch-silent").with("witness", name).to_string(),
        say,
        href: url,
        go: c.t("watch-witness").to_string(),
    }
}
