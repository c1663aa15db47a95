//! URLs as Nix reads and prints them: the ground that flake references stand on.
//!
//! The grammar is RFC 3986, strict, with Nix's exceptions for text that people
//! typed: blanks and `"` in a query, and those, `^` and `#` in a fragment. Parts are kept
//! decoded, as bytes, since `%ff` is a byte and no character. Printing encodes all
//! but letters, digits and `-._~`; paths keep `:@`, queries `:@/?`; the query comes
//! out sorted by key, the first of equal keys wins, a key without `=` is dropped.
//!
//! `git+https://x/a b` is no URL, `git+https://x/a%20b?b=1&a="` prints as
//! `git+https://x/a%20b?a=%22&b=1`.

use std::collections::BTreeMap;

/// The parts of a URL, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedUrl {
    /// As written, upper case stays; `git+https`.
    pub scheme: String,
    /// What stands after `//`, printed anew; `Some("")` for `file:///`.
    pub authority: Option<Authority>,
    /// The parts between slashes; the first is empty for an absolute path.
    pub path: Vec<Vec<u8>>,
    /// Keys with their values.
    pub query: Query,
    /// What stands after `#`, empty if there is none.
    pub fragment: Vec<u8>,
}

/// Parameters, decoded, in the order they print.
pub type Query = BTreeMap<Vec<u8>, Vec<u8>>;

/// User, host and port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authority {
    /// User and password as they print, with the `@`; empty if there is none.
    credentials: String,
    /// The host as it prints; empty for `file:///`.
    pub host: String,
    /// Never 0.
    port: Option<u16>,
}

/// Why a text is not a URL, in words that follow "it is not a valid URL:".
pub type UrlError = &'static str;

impl ParsedUrl {
    /// Reads a URL as a person or an older Nix may have written it.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let (rest, fragment) = split_optional(text, '#');
        let (rest, query) = split_optional(rest, '?');
        let (scheme, rest) = rest.split_once(':').ok_or("it has no scheme")?;
        if !is_scheme(scheme) {
            return Err("it has no scheme");
        }
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                (Some(Authority::parse(&rest[..end])?), &rest[end..])
            }
            None => (None, rest),
        };
        let is_file = scheme_parts(scheme).1 == "file";
        if is_file && authority.as_ref().is_some_and(|authority| !authority.host.is_empty()) {
            return Err("a file URL has no host");
        }
        check(path, |byte| is_path_byte(byte) || byte == b'/')?;
        let fragment = decode_fragment(fragment.unwrap_or_default())?;
        let path = if is_file && path.is_empty() { "/" } else { path };
        Ok(Self {
            scheme: scheme.to_owned(),
            authority,
            path: path.split('/').map(decode).collect(),
            query: decode_query(query.unwrap_or_default())?,
            fragment,
        })
    }

    /// The scheme's application and transport: `git+https` is `Some("git")` and `https`.
    pub fn scheme_parts(&self) -> (Option<&str>, &str) {
        scheme_parts(&self.scheme)
    }

    /// The same with another path.
    #[must_use]
    pub fn with_path(self, path: Vec<Vec<u8>>) -> Self {
        Self { path, ..self }
    }

    /// The path with slashes, decoded.
    pub fn joined_path(&self) -> Vec<u8> {
        self.path.join(&b'/')
    }
}

impl std::fmt::Display for ParsedUrl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:", self.scheme)?;
        if let Some(authority) = &self.authority {
            write!(formatter, "//{}{}", authority.credentials, authority.host)?;
            if let Some(port) = authority.port {
                write!(formatter, ":{port}")?;
            }
        }
        for (position, part) in self.path.iter().enumerate() {
            let slash = if position == 0 { "" } else { "/" };
            write!(formatter, "{slash}{}", encode(part, b":@"))?;
        }
        let mut separator = '?';
        for (key, value) in &self.query {
            write!(formatter, "{separator}{}={}", encode(key, b":@/?"), encode(value, b":@/?"))?;
            separator = '&';
        }
        if !self.fragment.is_empty() {
            write!(formatter, "#{}", encode(&self.fragment, b""))?;
        }
        Ok(())
    }
}

impl Authority {
    fn parse(text: &str) -> Result<Self, UrlError> {
        let (credentials, rest) = match text.rsplit_once('@') {
            Some((credentials, rest)) => (parse_credentials(credentials)?, rest),
            None => (String::new(), text),
        };
        let bracketed = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (host, port) = if let Some((address, port)) = bracketed {
            (parse_bracketed(address)?, port)
        } else {
            let (name, port) = rest.split_at(rest.find(':').unwrap_or(rest.len()));
            check(name, is_name_byte)?;
            (encode(&decode(name), b""), port)
        };
        Ok(Self { credentials, host, port: parse_port(port)? })
    }
}

fn parse_credentials(text: &str) -> Result<String, UrlError> {
    check(text, |byte| is_name_byte(byte) || byte == b':')?;
    Ok(match text.split_once(':') {
        Some((user, password)) => {
            format!("{}:{}@", encode(&decode(user), b""), encode(&decode(password), b""))
        }
        None => format!("{}@", encode(&decode(text), b"")),
    })
}

/// An IPv6 address without a zone.
fn parse_bracketed(text: &str) -> Result<String, UrlError> {
    match text.parse::<::core::net::Ipv6Addr>() {
        Ok(_) => Ok(format!("[{text}]")),
        Err(_) => Err("the host between brackets is not an IPv6 address"),
    }
}

fn parse_port(text: &str) -> Result<Option<u16>, UrlError> {
    match text.strip_prefix(':') {
        None if text.is_empty() => Ok(None),
        None => Err("something stands between the host and the path"),
        Some("") => Ok(None),
        Some(digits) if !digits.bytes().all(|byte| byte.is_ascii_digit()) => Err("the port is not a number"),
        Some(digits) => match digits.parse() {
            Ok(0) | Err(_) => Err("the port is not between 1 and 65535"),
            Ok(port) => Ok(Some(port)),
        },
    }
}

/// Reads what stands after `?`; blanks and `"` need not be encoded.
pub fn decode_query(text: &str) -> Result<Query, UrlError> {
    check(text, |byte| is_query_byte(byte) || b"\" ".contains(&byte))?;
    let mut query = Query::new();
    for (key, value) in text.split('&').filter_map(|parameter| parameter.split_once('=')) {
        query.entry(decode(key)).or_insert_with(|| decode(value));
    }
    Ok(query)
}

/// Reads what stands after `#`; blanks, `"`, `^` and another `#` need not be encoded.
pub fn decode_fragment(text: &str) -> Result<Vec<u8>, UrlError> {
    check(text, |byte| is_path_byte(byte) || b"/?#\" ^".contains(&byte))?;
    Ok(decode(text))
}

/// Decodes any text in which every `%` is followed by two digits.
pub fn percent_decode(text: &str) -> Result<Vec<u8>, UrlError> {
    check(text, |byte| byte != b'%')?;
    Ok(decode(text))
}

/// Encodes all bytes but letters, digits, `-._~` and those in `keep`.
pub fn encode(bytes: &[u8], keep: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if is_unreserved(byte) || keep.contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    text
}

/// Decodes `%xx`; what is not that stays (it has been checked before).
fn decode(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(text).collect()
}

fn scheme_parts(scheme: &str) -> (Option<&str>, &str) {
    match scheme.split_once('+') {
        Some((application, transport)) => (Some(application), transport),
        None => (None, scheme),
    }
}

fn split_optional(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn is_name_byte(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,;=".contains(&byte)
}

fn is_path_byte(byte: u8) -> bool {
    is_name_byte(byte) || b":@".contains(&byte)
}

fn is_query_byte(byte: u8) -> bool {
    is_path_byte(byte) || b"/?[]".contains(&byte)
}

/// Checks that every byte is allowed or part of a `%xx`.
fn check(text: &str, is_allowed: impl Fn(u8) -> bool) -> Result<(), UrlError> {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut is_digit = || bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit());
            if !(is_digit() && is_digit()) {
                return Err("'%' is not followed by two hexadecimal digits");
            }
        } else if !is_allowed(byte) {
            return Err("it holds a character that must be percent-encoded");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(url: &str) -> String {
        ParsedUrl::parse(url).unwrap().to_string()
    }

    #[test]
    fn parts_are_decoded() {
        let url =
            ParsedUrl::parse("git+https://h.example/a%2Fb//c?dir=x%20y&k=1&k=2&lost#fr%41g ^\"").unwrap();
        assert_eq!(url.scheme_parts(), (Some("git"), "https"));
        assert_eq!(url.authority.as_ref().unwrap().host, "h.example");
        assert_eq!(url.path, [b"".to_vec(), b"a/b".to_vec(), b"".to_vec(), b"c".to_vec()]);
        assert_eq!(url.joined_path(), b"/a/b//c");
        assert_eq!(url.query.len(), 2);
        assert_eq!(url.query[b"dir".as_slice()], b"x y");
        assert_eq!(url.query[b"k".as_slice()], b"1");
        assert_eq!(url.fragment, b"frAg ^\"");
    }

    #[test]
    fn printing_sorts_and_encodes() {
        for (url, expected) in [
            ("x:", "x:"),
            ("a+b.c-d:e", "a+b.c-d:e"),
            ("http://h?b=1&a=2", "http://h?a=2&b=1"),
            ("http://h/a+b=c", "http://h/a%2Bb%3Dc"),
            ("http://h/a:b@c?q=a:b@c/d?e", "http://h/a:b@c?q=a:b@c/d?e"),
            ("http://h/%c3%a4%7e", "http://h/%C3%A4~"),
            ("http://h/?q=a b\"", "http://h/?q=a%20b%22"),
            ("http://u:p%40:q@h:080/x", "http://u:p%40%3Aq@h:80/x"),
            ("http://u@h:/x", "http://u@h/x"),
            ("http://[::1]:8/x", "http://[::1]:8/x"),
            ("file:", "file:/"),
            ("file:///a", "file:///a"),
            ("x:#a b", "x:#a%20b"),
            ("x:#", "x:"),
            ("x:#a#b", "x:#a%23b"),
        ] {
            assert_eq!(printed(url), expected, "{url}");
        }
    }

    #[test]
    fn what_breaks_the_grammar_is_refused() {
        for url in [
            "",
            "x",
            "1:a",
            ":a",
            "/a",
            "x:a b",
            "x:ä",
            "x:%",
            "x:%4",
            "x:%gg",
            "x:?a=^",
            "x:a[b]",
            "x:#[",
            "http://h:0/",
            "http://h:65536/",
            "http://h:a/",
            "http://[::1/",
            "http://[::g]/",
            "http://[::1]a/",
            "http://a b/",
            "http://a@b@c/",
            "file://h/a",
            "git+file://h/a",
        ] {
            assert!(ParsedUrl::parse(url).is_err(), "{url}");
        }
    }
}
