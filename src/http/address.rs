//! Text as part of an address.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but what a query's value holds as it is: unreserved characters (RFC 3986 section 2.3) and the slash (section 3.4).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A query's value, percent-encoded.
#[must_use]
pub fn query_value(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::query_value;

    #[test]
    fn a_value_is_no_more_than_a_value() {
        assert_eq!(query_value("/v/1~2.3_4-x?a=1&b=黄 #"), "/v/1~2.3_4-x%3Fa%3D1%26b%3D%E9%BB%84%20%23");
    }
}
