//! What a shell can complete after `firn registry`: its verbs, and the names that registries know.
//!
//! `remove` is about the names of one file, the user's own or that of `--registry`; the other verbs
//! take any name there is. Reading them fetches nothing and starts no process.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use clap::ValueEnum as _;

use super::typed::RegistryVerb;
use crate::core::registry::{Entry, Layer, Registry};
use crate::ops::Context;
use crate::ops::load_registries::{load_registries, load_registry_file};

/// The words of `registry` among those typed so far, without options; `None` for another command.
/// The second is the value of `--registry`.
pub fn words(typed: &[OsString]) -> Option<(Vec<String>, Option<String>)> {
    let mut texts = typed.iter().map(|word| word.to_string_lossy().into_owned());
    texts.find(|word| word == "registry")?;
    let (mut words, mut file) = (Vec::new(), None);
    while let Some(word) = texts.next() {
        if word == "--registry" {
            // bash cuts `--registry=x` into three.
            file = texts.next().and_then(|next| if next == "=" { texts.next() } else { Some(next) });
        } else if let Some(named) = word.strip_prefix("--registry=") {
            file = Some(named.to_owned());
        } else if !word.starts_with('-') {
            words.push(word);
        }
    }
    Some((words, file))
}

/// What can come next, sorted.
pub fn names(context: &Context, words: &[String], file: Option<&str>) -> Vec<String> {
    let Some(verb) = words.first() else { return verbs() };
    let known: BTreeSet<String> = match (RegistryVerb::from_str(verb, false), file) {
        (Ok(RegistryVerb::List) | Err(_), _) => BTreeSet::new(),
        (Ok(RegistryVerb::Remove), Some(file)) => {
            ids(load_registry_file(Path::new(file)).registries.layer(Layer::User))
        }
        (Ok(RegistryVerb::Remove), None) => ids(load_registries(context).registries.layer(Layer::User)),
        _ => {
            let loaded = load_registries(context);
            Layer::ALL.iter().flat_map(|layer| ids(loaded.registries.layer(*layer))).collect()
        }
    };
    known.into_iter().collect()
}

fn ids(registry: &Registry) -> BTreeSet<String> {
    let name = |entry: &Entry| entry.from.id().unwrap_or(entry.from.as_str()).to_owned();
    registry.entries.iter().map(name).collect()
}

fn verbs() -> Vec<String> {
    let names = RegistryVerb::value_variants().iter().filter_map(RegistryVerb::to_possible_value);
    names.map(|verb| verb.get_name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_registry_are_found_among_options() {
        let found = |line: &str| {
            let typed: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            words(&typed).map(|(words, file)| format!("{} {}", words.join(","), file.unwrap_or_default()))
        };
        assert_eq!(found("remove registry-tool"), None);
        assert_eq!(found("--demo registry").as_deref(), Some(" "));
        assert_eq!(found("registry -v add a").as_deref(), Some("add,a "));
        assert_eq!(found("registry remove --registry r.json").as_deref(), Some("remove r.json"));
        assert_eq!(found("registry --registry = r.json pin").as_deref(), Some("pin r.json"));
        assert_eq!(found("registry --registry=r.json pin").as_deref(), Some("pin r.json"));
    }
}
