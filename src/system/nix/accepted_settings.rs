//! Settings that a flake makes (`nixConfig`) and that the user accepts.
//!
//! Nix applies them to the whole command that looks at the flake, so also to what that fetches and
//! builds. firn looks at flakes in one command and fetches in another, which is therefore given what the
//! flakes of its packages set, as `--option NAME VALUE`: the same settings, by the same words that Nix
//! makes of them. Packages of other flakes do not get them unless they are fetched together.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::environment::NixEnvironment;
use super::{arguments, settings};
use crate::core::evaluation::Evaluated;
use crate::core::store_path::StorePath;

/// By derivation and store path what its flake sets, as words of a command line.
#[derive(Default)]
pub(super) struct AcceptedSettings(Mutex<HashMap<String, Arc<[String]>>>);

impl AcceptedSettings {
    /// Notes what holds for a package.
    pub(super) fn note(&self, package: &Evaluated, options: &Arc<[String]>) {
        if options.is_empty() {
            return;
        }
        let others = package.others.iter().flat_map(|other| other.drv_path.iter());
        let outputs = package.outputs.values().flatten();
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for path in package.drv_path.iter().chain(others).chain(outputs) {
            noted.insert(path.as_str().to_owned(), Arc::clone(options));
        }
    }

    /// The words for a command about these, each flake's once, in the order of the paths.
    pub(super) fn of<'a>(&self, paths: impl IntoIterator<Item = &'a StorePath>) -> Vec<String> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<&Arc<[String]>> = Vec::new();
        if noted.is_empty() {
            return Vec::new();
        }
        for options in paths.into_iter().filter_map(|path| noted.get(path.as_str())) {
            if !found.contains(&options) {
                found.push(options);
            }
        }
        found.into_iter().flat_map(|options| options.iter().cloned()).collect()
    }
}

/// Whether what flakes set is accepted with these options.
pub(super) fn are_accepted(environment: &NixEnvironment, options: &[String]) -> bool {
    settings::is_enabled("accept-flake-config", environment, options)
}

/// The words that read what a flake sets; `None` where nix does not tell where the flake lies.
pub(super) fn question(metadata: &Value, options: &[String]) -> Option<Vec<OsString>> {
    let folder = metadata.get("path").and_then(Value::as_str)?;
    let below = ["locked", "resolved", "original"]
        .iter()
        .find_map(|place| metadata.get(place)?.get("dir")?.as_str())
        .unwrap_or_default();
    let file = Path::new(folder).join(below).join("flake.nix");
    Some(arguments::flake_settings(&file, options))
}

/// What nix printed, as words of a command line. What is no setting is left out: nix has refused it by
/// then.
pub(super) fn words(printed: &[u8]) -> Arc<[String]> {
    let Ok(Value::Object(settings)) = serde_json::from_slice(printed) else { return Arc::default() };
    let option = |(name, value): (String, Value)| Some(["--option".to_owned(), name, text(&value)?]);
    settings.into_iter().filter_map(option).flatten().collect()
}

/// A value as Nix prints it into a setting.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(words) => {
            let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
            Some(words?.join(" "))
        }
        Value::Null | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_become_words_as_nix_prints_them() {
        let printed = br#"{"extra-substituters":["file:///a","file:///b"],"cores":2,"fallback":true,"odd":{},
            "extra-trusted-public-keys":"k:x"}"#;
        let expected = "--option cores 2 --option extra-substituters file:///a file:///b \
                        --option extra-trusted-public-keys k:x --option fallback true";
        assert_eq!(words(printed).join(" "), expected);
        assert!(words(b"{}").is_empty() && words(b"").is_empty() && words(b"[]").is_empty());
    }

    #[test]
    fn the_flake_s_file_is_read_where_it_lies() {
        let question = |text: &str| {
            let words = question(&serde_json::from_str(text).unwrap(), &[])?;
            words.into_iter().find(|word| word.to_string_lossy().ends_with("flake.nix"))
        };
        assert_eq!(question(r#"{"path":"/s/x-source"}"#).unwrap(), "/s/x-source/flake.nix");
        let below = r#"{"path":"/s/x-source","locked":{"dir":"a/b"}}"#;
        assert_eq!(question(below).unwrap(), "/s/x-source/a/b/flake.nix");
        assert_eq!(question("{}"), None);
    }
}
