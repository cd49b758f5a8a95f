//! What people are told, in words: letters, messages on a phone, text messages. Nobody's name is in any of them; a message on a phone and a text
//! message don't say which village either, since others may see them.

use crate::app::reach::{Channel, Letter, News, Reason, Text, Words};
use crate::http::i18n::Lang;

/// Puts letters into words.
pub const WORDS: Words = Words { letter, code };

/// Lines of a message on a phone.
const LINES: usize = 3;
/// Characters of a title where there is little room.
const SHORT: usize = 30;

fn letter(letter: &Letter<'_>) -> Text {
    let lang = Lang::parse(letter.lang).unwrap_or_default();
    let subject = subject(lang, letter.news);
    let body = match letter.channel {
        Channel::Email => email(lang, letter),
        Channel::Push => {
            let lines: Vec<String> = letter.news.iter().take(LINES).map(|news| said(lang, news, SHORT)).collect();
            lines.join("\n")
        }
        Channel::Sms => sms(lang, letter),
    };
    Text { subject, body }
}

/// The head: how many things, or why the one.
fn subject(lang: Lang, news: &[News]) -> String {
    match news {
        [one] => lang.named("letter-subject", one.reason.code()).to_string(),
        _ => lang.t("letter-subject-many").with("n", news.len()).to_string(),
    }
}

/// One thing: what, and about what.
fn said(lang: Lang, news: &News, most: usize) -> String {
    let title = match &news.title {
        Some(title) if title.chars().count() > most => format!("{}…", title.chars().take(most).collect::<String>()),
        Some(title) => title.clone(),
        None => String::new(),
    };
    let about = if title.is_empty() { title } else { lang.t("letter-about").with("title", title).to_string() };
    let words = match news.reason {
        Reason::Task | Reason::Near => lang.named("do", &news.kind),
        Reason::Answer | Reason::Step => lang.named("kind", &news.kind),
    };
    lang.named("letter-say", news.reason.code()).with("what", words).with("about", about).to_string()
}

fn email(lang: Lang, letter: &Letter<'_>) -> String {
    let mut lines = Vec::new();
    for news in letter.news {
        let said = said(lang, news, usize::MAX);
        lines.push(lang.t("letter-place").with("place", news.place.as_str()).with("said", said).to_string());
        lines.push(news.link.clone());
        lines.push(String::new());
    }
    lines.push(lang.t("letter-settings").with("link", letter.settings).to_string());
    if let Some(stop) = letter.stop {
        lines.push(lang.t("letter-stop").with("link", stop).to_string());
    }
    lines.push(String::new());
    lines.join("\r\n")
}

fn sms(lang: Lang, letter: &Letter<'_>) -> String {
    let said = match letter.news {
        [one] => said(lang, one, SHORT),
        _ => subject(lang, letter.news),
    };
    lang.t("letter-sms").with("said", said).with("link", letter.link).to_string()
}

fn code(lang: &str, code: &str) -> Text {
    let lang = Lang::parse(lang).unwrap_or_default();
    let body = lang.t("letter-code").with("code", code).to_string();
    Text { subject: lang.t("letter-subject-code").to_string(), body }
}

#[cfg(test)]
mod tests {
    use super::{WORDS, code};
    use crate::app::reach::{Channel, Letter, News, Reason};
    use crate::http::i18n::Lang;

    fn news(reason: Reason, kind: &str, title: Option<&str>) -> News {
        let link = "https://vote.example/tasks".to_owned();
        News { reason, kind: kind.to_owned(), place: "黄泥墩村".to_owned(), title: title.map(str::to_owned), link }
    }

    fn told(lang: Lang, channel: Channel, news: &[News]) -> (String, String) {
        let (link, settings) = ("https://vote.example/x", "https://vote.example/reach");
        let stop = (channel == Channel::Email).then_some("https://vote.example/reach/stop/abc");
        let text = (WORDS.letter)(&Letter { lang: lang.code(), channel, news, link, settings, stop });
        (text.subject, text.body)
    }

    #[test]
    fn every_reason_has_words_in_both_languages_and_on_every_channel() {
        for lang in Lang::ALL {
            for channel in Channel::ALL {
                for (reason, kind) in [
                    (Reason::Task, "plan.settled"),
                    (Reason::Near, "filing.reviewed"),
                    (Reason::Answer, "concern.answered"),
                    (Reason::Step, "session.convened"),
                ] {
                    for title in [None, Some("村道修到河边")] {
                        let (subject, body) = told(lang, channel, &[news(reason, kind, title)]);
                        assert!(!subject.contains('⟦') && !body.contains('⟦'), "{subject} {body}");
                        assert!(!body.contains('{') && !subject.is_empty() && !body.is_empty(), "{body}");
                        assert!(title.is_none_or(|title| body.contains(title)), "{body}");
                        assert_eq!(body.contains("黄泥墩村"), channel == Channel::Email, "{body}");
                    }
                }
            }
            let text = code(lang.code(), "012345");
            assert!(text.body.contains("012345") && !text.subject.contains('⟦'), "{text:?}");
        }
    }

    #[test]
    fn a_text_message_stays_short() {
        let long = "村".repeat(120);
        let many = vec![news(Reason::Step, "plan.posted", Some(&long)); 30];
        let (_, one) = told(Lang::ZhCn, Channel::Sms, &many[..1]);
        let (_, all) = told(Lang::ZhCn, Channel::Sms, &many);
        assert!(one.chars().count() < 120 && all.chars().count() < 70, "{one} {all}");
        assert!(all.contains("30"), "{all}");
    }
}
