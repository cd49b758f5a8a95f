//! Downloads a village's record: with bounds on time and size, since whoever serves it is not trusted.

use std::io::{self, BufRead, BufReader};
use std::time::Duration;

use ureq::Agent;
use ureq::http::Uri;

use crate::core::ids::VillageCode;

/// The longest record taken, bytes: a village of forty years with every entry of the largest size stays below it.
const MAX_BYTES: u64 = 4 << 30;
/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(15);
/// The longest wait for an answer to begin.
const ANSWER: Duration = Duration::from_mins(1);
/// The longest time for all of it.
const WHOLE: Duration = Duration::from_hours(1);
/// Most redirections followed.
const REDIRECTS: u32 = 3;

/// Where a village's record is downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Address {
    origin: String,
    village: VillageCode,
}

impl Address {
    /// Reads the address of any of a village's pages: `<origin>/v/<code>`, with or without more behind it.
    pub(in crate::cli) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text}: not the address of a village's page, such as https://host/v/331102001206");
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let (scheme, authority) = (uri.scheme_str().ok_or_else(wrong)?, uri.authority().ok_or_else(wrong)?);
        let rest = uri.path().strip_prefix("/v/").ok_or_else(wrong)?;
        let village = rest.split('/').next().unwrap_or_default().parse().map_err(|_| wrong())?;
        Ok(Self { origin: format!("{scheme}://{authority}"), village })
    }

    /// The village.
    pub(in crate::cli) fn village(&self) -> VillageCode {
        self.village
    }

    fn file(&self) -> String {
        format!("{}/v/{}/record/file", self.origin, self.village)
    }

    /// Begins the download. A transfer that breaks off or grows beyond all bounds ends in an error of the reader.
    pub(in crate::cli) fn fetch(&self) -> io::Result<(Box<dyn BufRead + Send>, Option<u64>)> {
        let agent = Agent::config_builder()
            .https_only(self.origin.starts_with("https:"))
            .max_redirects(REDIRECTS)
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(ANSWER))
            .timeout_global(Some(WHOLE))
            .user_agent(concat!("sunvote/", env!("CARGO_PKG_VERSION")))
            .build();
        let answer = Agent::from(agent).get(self.file()).header("accept", "*/*").call().map_err(io::Error::other)?;
        let body = answer.into_body();
        let bytes = body.content_length();
        let reader = body.into_with_config().limit(MAX_BYTES).reader();
        Ok((Box::new(BufReader::with_capacity(64 * 1024, reader)), bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn any_page_of_a_village_names_its_record() {
        for text in [
            "https://vote.example/v/331102001206",
            "https://vote.example/v/331102001206/",
            "https://vote.example/v/331102001206/record/file",
            "https://vote.example/v/331102001206/record?lang=en",
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.file(), "https://vote.example/v/331102001206/record/file");
        }
        for text in ["https://vote.example/", "https://vote.example/v/33110", "ftp:/v/331102001206", "/v/331102001206"]
        {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}
