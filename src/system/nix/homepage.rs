//! Asks a package where its project is at home on the web: `meta.homepage`, by one evaluation.
//!
//! The package is the one that was locked, not today's. One without the attribute answers
//! `null`, so that an error is always one of evaluation; nixpkgs allows a list of addresses.

use serde_json::Value;

use super::NixStore;
use super::arguments;
use crate::core::manifest::ElementSource;
use crate::system::machine::{StoreError, Watch};

impl NixStore {
    pub(super) fn evaluate_homepage(
        &self,
        source: &ElementSource,
        watch: &Watch<'_>,
    ) -> Result<Option<String>, StoreError> {
        self.usable()?;
        let output = self.run(&arguments::homepage(source, &self.options), watch)?;
        first_address(&output).map_err(|reason| StoreError::Output { command: "nix eval".to_owned(), reason })
    }
}

fn first_address(output: &[u8]) -> Result<Option<String>, String> {
    let document: Value = serde_json::from_slice(output).map_err(|error| error.to_string())?;
    match document {
        Value::Null => Ok(None),
        Value::String(address) => Ok(Some(address)),
        Value::Array(addresses) => Ok(addresses.iter().find_map(Value::as_str).map(str::to_owned)),
        _ => Err("the homepage is neither a text nor a list of texts".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_a_list_or_nothing() {
        let read = |text: &str| first_address(text.as_bytes());
        assert_eq!(read("null"), Ok(None));
        assert_eq!(read("\"https://a.b\""), Ok(Some("https://a.b".to_owned())));
        assert_eq!(read("[\"https://a\", \"https://b\"]"), Ok(Some("https://a".to_owned())));
        assert_eq!(read("[]"), Ok(None));
        assert!(read("{}").is_err() && read("").is_err());
    }
}
