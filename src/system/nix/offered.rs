//! Packages as nix-env would record them: asks the evaluator for all of a package's `meta`, and
//! derivations for the outputs that are not installed.
//!
//! The rules stand in `offered.nix`; its answer is JSON, from which a float that is a whole number
//! comes back as one. Nothing is built.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value as Json;

use super::environment::NixEnvironment;
use super::run::{self, Patience};
use super::scratch::{self, ScratchFolder};
use super::{NixStore, arguments, edited_registry};
use crate::core::derivation;
use crate::core::installable::Installable;
use crate::core::store_path::{StoreDir, StorePath};
use crate::core::user_environment::offered::{OfferedPackage, PackageQuestion};
use crate::core::user_environment::{Attributes, EnvironmentPackage, Value};
use crate::system::bounded_file;
use crate::system::machine::{Store as _, StoreError, Watch};

const FUNCTION: &str = include_str!("offered.nix");

/// More than this is no derivation.
const DERIVATION_LIMIT: u64 = 64 << 20;

/// Answers one question.
pub(super) fn answer(
    store: &NixStore,
    question: &PackageQuestion,
    watch: &Watch<'_>,
) -> Result<Vec<OfferedPackage>, StoreError> {
    match question {
        PackageQuestion::Installable(installable) => evaluate(store, installable, watch),
        PackageQuestion::Outputs(path) => siblings(store, path, watch).map(|offered| vec![offered]),
    }
}

fn evaluate(
    store: &NixStore,
    installable: &Installable,
    watch: &Watch<'_>,
) -> Result<Vec<OfferedPackage>, StoreError> {
    let parent = store.environment.temporary_folder();
    scratch::sweep(&parent);
    let folder = ScratchFolder::make(&parent, scratch::SCRATCH)?;
    let environment = match &installable.registry {
        Some(text) => edited_registry::environment(&store.environment, folder.path(), text)?,
        None => store.environment.clone(),
    };
    let words = arguments::evaluate_packages(installable, &function("null"), &store.options);
    let output = run(&environment, installable, &words, watch)?;
    let found = packages(&output, &store.store_dir)
        .map_err(|reason| StoreError::Output { command: "nix eval".to_owned(), reason })?;
    if found.is_empty() {
        Err(failed(installable, "there is no package in it".to_owned()))
    } else {
        Ok(found)
    }
}

/// What asks for packages: of these names, a list in the Nix language, or `null` for all.
pub(super) fn function(names: &str) -> String {
    format!("(\n{FUNCTION}) {names}")
}

/// Evaluates a function of the value of a file or an expression, which may name other files.
pub(super) fn apply(
    store: &NixStore,
    installable: &Installable,
    function: &str,
    watch: &Watch<'_>,
) -> Result<Vec<u8>, StoreError> {
    let options = [store.options.as_slice(), &["--impure".to_owned()]].concat();
    let words = arguments::evaluate_packages(installable, function, &options);
    run(&store.environment, installable, &words, watch)
}

fn run(
    environment: &NixEnvironment,
    installable: &Installable,
    words: &[OsString],
    watch: &Watch<'_>,
) -> Result<Vec<u8>, StoreError> {
    match run::run_with_patience(environment, words, Patience::Short, watch) {
        Err(StoreError::Command { message, .. }) => Err(failed(installable, message)),
        answer => answer,
    }
}

fn failed(installable: &Installable, message: String) -> StoreError {
    StoreError::Evaluation { installable: installable.text.clone(), message }
}

/// All outputs of what made a path, as long as its derivation is there.
fn siblings(store: &NixStore, path: &StorePath, watch: &Watch<'_>) -> Result<OfferedPackage, StoreError> {
    let infos = store.path_infos(std::slice::from_ref(path), watch)?;
    let gone = || StoreError::Vanished(path.to_string());
    let info = infos.into_iter().find(|info| info.path == *path).ok_or_else(gone)?;
    let derivation = info.deriver.ok_or_else(|| {
        StoreError::Unsupported(format!("the store does not know the derivation that made '{path}'"))
    })?;
    let file = Path::new(derivation.as_str());
    let text = bounded_file::read(file, DERIVATION_LIMIT).map_err(|error| {
        StoreError::Unsupported(format!("the derivation '{derivation}' that made it cannot be read: {error}"))
    })?;
    let outputs = derivation::outputs(&text, &store.store_dir).ok_or_else(|| StoreError::Output {
        command: derivation.to_string(),
        reason: "it is no derivation with outputs at known paths".to_owned(),
    })?;
    let mut offered = OfferedPackage::of_store_path(path);
    offered.package.drv_path = Some(derivation);
    Ok(OfferedPackage { outputs, ..offered })
}

/// A package, as `offered.nix` tells it.
#[derive(Deserialize)]
pub(super) struct PackageAnswer {
    name: String,
    system: String,
    path: String,
    derivation: String,
    meta: BTreeMap<String, Json>,
    all: BTreeMap<String, String>,
    install: Vec<String>,
}

fn packages(output: &[u8], store_dir: &StoreDir) -> Result<Vec<OfferedPackage>, String> {
    let answers: Vec<PackageAnswer> = serde_json::from_slice(output).map_err(|error| error.to_string())?;
    answers.into_iter().map(|answer| package(answer, store_dir)).collect()
}

pub(super) fn package(answer: PackageAnswer, store_dir: &StoreDir) -> Result<OfferedPackage, String> {
    let parse = |text: &str| StorePath::parse(store_dir, text).map_err(|error| error.to_string());
    let named = |(name, path): (String, String)| Ok((name, parse(&path)?));
    let outputs = answer.all.into_iter().map(named).collect::<Result<BTreeMap<_, _>, String>>()?;
    let missing = |name: &String| format!("'{}' has no output '{name}' to install", answer.name);
    let install = |name: &String| {
        outputs.get(name).map(|path| (name.clone(), path.clone())).ok_or_else(|| missing(name))
    };
    let package = EnvironmentPackage {
        outputs: answer.install.iter().map(install).collect::<Result<_, _>>()?,
        system: Some(answer.system),
        out_path: parse(&answer.path)?,
        drv_path: Some(parse(&answer.derivation)?),
        meta: attributes(answer.meta)?,
        name: answer.name,
    };
    Ok(OfferedPackage { package, outputs })
}

fn attributes(set: impl IntoIterator<Item = (String, Json)>) -> Result<Attributes, String> {
    set.into_iter().map(|(name, json)| Ok((name, value(json)?))).collect()
}

/// The depth is bounded by the JSON reader.
fn value(json: Json) -> Result<Value, String> {
    Ok(match json {
        Json::Bool(flag) => Value::Bool(flag),
        Json::String(text) => Value::String(text),
        Json::Array(items) => Value::List(items.into_iter().map(value).collect::<Result<_, _>>()?),
        Json::Object(set) => Value::Set(attributes(set)?),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => Value::Int(number),
            (None, Some(number)) => Value::Float(number),
            (None, None) => return Err(format!("{number} is no number that Nix knows")),
        },
        Json::Null => return Err("'meta' holds null".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "i270m2h1x1mzqnkc1smn1mksy6mqkd8b";

    #[test]
    fn an_answer_is_a_package_with_its_meta() {
        let text = format!(
            r#"[{{"all":{{"doc":"/s/{HASH}-a-1-doc","out":"/s/{HASH}-a-1"}},"derivation":"/s/{HASH}-a-1.drv",
            "install":["out"],"meta":{{"b":[1,1.5,true,{{"c":"x"}}],"f":1.0}},"name":"a-1",
            "path":"/s/{HASH}-a-1","system":"x86_64-linux"}}]"#
        );
        let store_dir = StoreDir::new("/s");
        let found = packages(text.as_bytes(), &store_dir).unwrap();
        assert_eq!(found[0].outputs.len(), 2);
        let printed = found[0].package.to_string();
        assert!(printed.contains(r#"meta = { b = [ 1 1.5 true { c = "x"; } ]; f = 1; };"#), "{printed}");
        assert!(printed.contains(r#"outputs = [ "out" ]"#), "{printed}");
        for bad in [text.replace("\"out\"]", "\"man\"]"), text.replace("1.5", "null"), "{}".to_owned()] {
            assert!(packages(bad.as_bytes(), &store_dir).is_err(), "{bad}");
        }
    }
}
