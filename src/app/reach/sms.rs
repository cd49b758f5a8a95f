//! Text messages: to a gateway that the district names, as a webhook signed by Standard Webhooks 1.0. What the gateway is, is its affair.

use serde::Serialize;

use crate::app::fetch::Client;
use crate::app::reach::Tried;
use crate::app::webhooks::endpoint::Endpoint;
use crate::core::clock::Time;

/// Where text messages are handed in.
#[derive(Debug)]
pub struct Gateway {
    /// Its address, and what is signed with.
    pub endpoint: Endpoint,
    /// Asks it.
    pub client: Client,
}

/// What the gateway is told.
#[derive(Serialize)]
struct Payload<'a> {
    to: &'a str,
    text: &'a str,
}

impl Gateway {
    /// Hands a text message in. `id`: the same at each try.
    pub async fn send(&self, to: &str, id: &str, text: &str, now: Time) -> Tried {
        // Texts only: serialising can't fail.
        let body = serde_json::to_vec(&Payload { to, text }).unwrap_or_default();
        let headers = self.endpoint.headers(&format!("sms_{id}"), now, &body);
        match self.client.tell(self.endpoint.url.clone(), headers, body).await {
            Ok(status) => match Tried::of(status) {
                // The gateway's own address, not the phone's: the phone may well be there.
                Tried::Gone(words) => Tried::Later(words),
                // The gateway understood, and won't.
                Tried::Later(words) if status == 422 => Tried::Never(words),
                other => other,
            },
            Err(_) => Tried::Later("unreached".to_owned()),
        }
    }
}

/// A phone number as somebody typed it in, in the one form that is kept: `+8613800000000`. Chinese mobile numbers need no country.
#[must_use]
pub fn number(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let digits = bare.strip_prefix("+").or_else(|| bare.strip_prefix("00"));
    let whole = match digits {
        Some(digits) => digits.to_owned(),
        None if bare.len() == 11 && bare.starts_with('1') => format!("86{bare}"),
        None => return None,
    };
    let plain = whole.bytes().all(|byte| byte.is_ascii_digit()) && (8..=15).contains(&whole.len());
    // Of a Chinese number it is known how a mobile one begins.
    let mobile = whole.strip_prefix("86").is_none_or(|rest| {
        rest.len() == 11
            && rest.starts_with('1')
            && rest.as_bytes().get(1).is_some_and(|second| (b'3'..=b'9').contains(second))
    });
    (plain && mobile && !whole.starts_with('0')).then(|| format!("+{whole}"))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_number_has_one_form_however_it_is_typed() {
        for good in ["13800000000", "138 0000 0000", "+86 138-0000-0000", "008613800000000"] {
            assert_eq!(number(good).as_deref(), Some("+8613800000000"), "{good}");
        }
        assert_eq!(number("+44 7700 900123").as_deref(), Some("+447700900123"));
        for bad in [
            "",
            "110",
            "12800000000",
            "1380000000",
            "+861380000000",
            "0578-2000000",
            "+0123456789",
            "13800000000x",
            "+1234567890123456",
        ] {
            assert_eq!(number(bad), None, "{bad}");
        }
    }
}
