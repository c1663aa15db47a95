//! What a file or an expression comes to: `nix build --dry-run --json` tells the very derivations and
//! outputs that `nix profile add --file` would install, and builds none of them.
//!
//! Asking nix for that, and not for the expression's value, leaves to nix how a function without
//! arguments is called, which packages of a set count, and what a package without
//! `meta.outputsToInstall` installs (all outputs here, where a flake's would be `out`).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::{Evaluation, Group, in_words};
use crate::core::evaluation::{
    Derived, Evaluated, EvaluationFailure, FailureKind, MetaFlags, Question, Search,
};
use crate::core::installable;
use crate::core::store_path::{StoreDir, StorePath};
use crate::system::machine::{Answer, StoreError, Watch};
use crate::system::nix::arguments;

impl Evaluation<'_> {
    /// Answers one question about a file or an expression.
    pub(super) fn file(&self, group: &Group, index: usize, watch: &Watch<'_>) -> Result<(), StoreError> {
        let question = &self.questions[index];
        if let Some(failure) = not_there(question) {
            self.fail(&[index], &failure);
            return Ok(());
        }
        let environment = self.environment(group)?;
        let options = [&self.store.options, group.options.words()].concat();
        let words = arguments::instantiate(question, &options);
        let answer = match self.run(&environment, &words, watch) {
            Ok(output) => answer(&output, &self.store.store_dir),
            Err(error) => Err(EvaluationFailure::of_words(&in_words(error)?)),
        };
        self.tell(index, answer);
        Ok(())
    }
}

/// A file that is not there, in words of its own: nix's are about one of its folders.
fn not_there(question: &Question) -> Option<EvaluationFailure> {
    let path = Some(&question.reference).filter(|_| question.search == Search::File)?;
    let problem = Path::new(installable::path_of_file(path)?).metadata().err()?;
    let reason = match problem.kind() {
        std::io::ErrorKind::NotFound => "is not there".to_owned(),
        _ => format!("cannot be read: {problem}"),
    };
    let message = Arc::from(format!("the file '{path}' {reason}"));
    Some(EvaluationFailure { kind: FailureKind::File, message })
}

/// One thing to build: a derivation with the outputs that are wanted of it, or a path.
#[derive(Deserialize)]
#[serde(untagged)]
enum Buildable {
    Derivation {
        #[serde(rename = "drvPath")]
        drv_path: String,
        outputs: BTreeMap<String, Option<String>>,
    },
    Path(String),
}

fn answer(output: &[u8], store_dir: &StoreDir) -> Answer {
    let unreadable = |reason: String| {
        EvaluationFailure::of_words(&format!("nix printed something firn cannot read: {reason}"))
    };
    let list: Vec<Buildable> =
        serde_json::from_slice(output).map_err(|error| unreadable(error.to_string()))?;
    let derived = list.into_iter().map(|buildable| derived(buildable, store_dir));
    let mut derived = derived.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    if derived.is_empty() {
        return Err(EvaluationFailure {
            kind: FailureKind::NotAPackage,
            message: Arc::from("there is no package in it"),
        });
    }
    let name = derived.iter().map(name_of).collect::<Vec<_>>().join(", ");
    let first = derived.remove(0);
    Ok(Arc::new(Evaluated {
        original_url: String::new(),
        url: String::new(),
        attr_path: String::new(),
        name,
        drv_path: first.drv_path,
        default_outputs: first.outputs.keys().cloned().collect(),
        outputs: first.outputs,
        // Nix reads no priority here.
        priority: None,
        flags: MetaFlags::default(),
        description: None,
        homepage: None,
        licence: None,
        others: derived,
    }))
}

fn derived(buildable: Buildable, store_dir: &StoreDir) -> Result<Derived, String> {
    let parse = |text: &str| StorePath::parse(store_dir, text).map_err(|error| error.to_string());
    match buildable {
        Buildable::Derivation { drv_path, outputs } => {
            // What is built under a path of its contents has none until then.
            let outputs = outputs.into_iter().map(|(name, path)| (name, path.and_then(|it| parse(&it).ok())));
            Ok(Derived { drv_path: Some(parse(&drv_path)?), outputs: outputs.collect() })
        }
        Buildable::Path(path) => {
            let outputs = BTreeMap::from([("out".to_owned(), Some(parse(&path)?))]);
            Ok(Derived { drv_path: None, outputs })
        }
    }
}

fn name_of(derived: &Derived) -> String {
    let path = derived.drv_path.as_ref().or_else(|| derived.outputs.values().flatten().next());
    let name = path.map_or("", StorePath::name);
    name.strip_suffix(".drv").unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "i270m2h1x1mzqnkc1smn1mksy6mqkd8b";

    fn read(text: &str) -> Answer {
        answer(text.as_bytes(), &StoreDir::new("/s"))
    }

    #[test]
    fn derivations_and_paths_are_one_package() {
        let text = format!(
            r#"[{{"drvPath":"/s/{HASH}-a-1.drv","outputs":{{"dev":"/s/{HASH}-a-1-dev","out":"/s/{HASH}-a-1"}}}},
            "/s/{HASH}-b-2",{{"drvPath":"/s/{HASH}-c-3.drv","outputs":{{"out":null}}}}]"#
        );
        let found = read(&text).unwrap();
        assert_eq!((found.name.as_str(), found.default_outputs.len()), ("a-1, b-2, c-3", 2));
        assert_eq!(found.others[0].drv_path, None);
        assert_eq!(found.others[1].outputs["out"], None, "known once it is built");
    }

    #[test]
    fn nothing_is_no_package_and_nonsense_is_told() {
        assert_eq!(read("[]").unwrap_err().kind, FailureKind::NotAPackage);
        for text in ["", "{}", "[7]", r#"["/elsewhere/x"]"#] {
            assert!(read(text).unwrap_err().message.contains("firn cannot read"), "{text}");
        }
    }

    #[test]
    fn a_file_that_is_gone_is_told_before_nix_is_asked() {
        let question = |file: &str| Question { search: Search::File, ..Question::exactly(file, "") };
        assert_eq!(not_there(&question("/no/such/file.nix")).unwrap().kind, FailureKind::File);
        for elsewhere in ["<nixpkgs>", "https://example.org/a.tar.gz", "channel:nixos-25.05", "flake:x"] {
            assert!(not_there(&question(elsewhere)).is_none(), "{elsewhere}");
        }
    }
}
