//! What a file holds under the names of installed packages, as `nix-env --upgrade` would find it.
//!
//! All names that are looked for in one file are one evaluation. If that fails as a whole the names are
//! asked for in halves, so that one package that cannot be evaluated costs only itself; a file that
//! fails without any name is told at once. Nothing is built.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value as Json;

use super::NixStore;
use super::default_expression::{self, NoExpression};
use super::offered::{self, PackageAnswer};
use crate::core::installable::{Installable, InstallableScope};
use crate::core::nix_text;
use crate::core::package::PackageName;
use crate::core::store_path::StoreDir;
use crate::core::user_environment::offered::{Candidate, NoCandidates, UpgradeQuestion};
use crate::system::machine::{Candidates, StoreError, Watch};

#[derive(Deserialize)]
struct CandidateAnswer {
    name: String,
    priority: Json,
    package: Option<PackageAnswer>,
}

/// Answers all questions, in order.
pub(super) fn answers(
    store: &NixStore,
    questions: &[UpgradeQuestion],
    watch: &Watch<'_>,
) -> Result<Vec<Candidates>, StoreError> {
    let mut by_file: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
    for question in questions {
        by_file.entry(question.file.as_deref()).or_default().push(&question.name);
    }
    let mut answers: HashMap<(Option<&str>, &str), Candidates> = HashMap::new();
    for (file, names) in by_file {
        let found = match default_expression::scope(file, &store.environment, &store.options) {
            Ok(scope) => Asking { store, scope, watch }.names(&names)?,
            Err(reason) => {
                let words = Arc::from(reason.to_string());
                let answer = match reason {
                    NoExpression::NoDefault(_) => NoCandidates::NoSource(words),
                    NoExpression::EmptyFolder(_) | NoExpression::Unreadable { .. } => {
                        NoCandidates::Fails(words)
                    }
                };
                names.iter().map(|name| (*name, Err(answer.clone()))).collect()
            }
        };
        answers.extend(found.into_iter().map(|(name, answer)| ((file, name), answer)));
    }
    let answer = |question: &UpgradeQuestion| {
        let key = (question.file.as_deref(), question.name.as_str());
        answers.get(&key).cloned().unwrap_or_else(|| Ok(Vec::new()))
    };
    Ok(questions.iter().map(answer).collect())
}

/// One file that is asked.
struct Asking<'a> {
    store: &'a NixStore,
    scope: InstallableScope,
    watch: &'a Watch<'a>,
}

type Found<'a> = Vec<(&'a str, Candidates)>;

impl Asking<'_> {
    fn names<'a>(&self, names: &[&'a str]) -> Result<Found<'a>, StoreError> {
        match self.evaluate(names)? {
            Ok(found) => Ok(found),
            Err(message) if names.len() == 1 => Ok(all_fail(names, &message)),
            // The file itself may be at fault.
            Err(_) => match self.evaluate(&[])? {
                Err(message) => Ok(all_fail(names, &message)),
                Ok(_) => self.halves(names),
            },
        }
    }

    fn halves<'a>(&self, names: &[&'a str]) -> Result<Found<'a>, StoreError> {
        let (one, other) = names.split_at(names.len() / 2);
        let mut found = Vec::with_capacity(names.len());
        for half in [one, other] {
            match self.evaluate(half)? {
                Ok(more) => found.extend(more),
                Err(message) if half.len() == 1 => found.extend(all_fail(half, &message)),
                Err(_) => found.extend(self.halves(half)?),
            }
        }
        Ok(found)
    }

    /// The outer error is for when nothing can be asked at all.
    fn evaluate<'a>(&self, names: &[&'a str]) -> Result<Result<Found<'a>, Arc<str>>, StoreError> {
        let installable = Installable { text: String::new(), scope: self.scope.clone(), registry: None };
        let quoted: Vec<String> = names.iter().map(|name| nix_text::string(name)).collect();
        let function = offered::function(&format!("[ {} ]", quoted.join(" ")));
        let output = match offered::apply(self.store, &installable, &function, self.watch) {
            Ok(output) => output,
            Err(StoreError::Evaluation { message, .. }) => return Ok(Err(Arc::from(message))),
            Err(error) => return Err(error),
        };
        match candidates(&output, names, &self.store.store_dir) {
            Ok(found) => Ok(Ok(found)),
            Err(reason) => Err(StoreError::Output { command: "nix eval".to_owned(), reason }),
        }
    }
}

fn all_fail<'a>(names: &[&'a str], message: &Arc<str>) -> Found<'a> {
    names.iter().map(|name| (*name, Err(NoCandidates::Fails(Arc::clone(message))))).collect()
}

fn candidates<'a>(output: &[u8], names: &[&'a str], store_dir: &StoreDir) -> Result<Found<'a>, String> {
    let answers: Vec<CandidateAnswer> = serde_json::from_slice(output).map_err(|error| error.to_string())?;
    let mut found: Found<'a> = names.iter().map(|name| (*name, Ok(Vec::new()))).collect();
    for answer in answers {
        let short = PackageName::split(&answer.name).name;
        let package = answer.package.map(|package| offered::package(package, store_dir)).transpose()?;
        let priority = match &answer.priority {
            Json::Number(number) => number.as_i64().unwrap_or(0),
            Json::String(text) => text.parse().unwrap_or(0),
            _ => 0,
        };
        let slot = found.iter_mut().find(|(name, _)| *name == short);
        if let Some((_, Ok(candidates))) = slot {
            candidates.push(Candidate { priority, package, name: answer.name });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_told_apart_by_name_and_one_that_fails_is_there() {
        let text =
            r#"[{"name":"a-2","priority":"7","package":null},{"name":"a-b-1","priority":3,"package":null}]"#;
        let found = candidates(text.as_bytes(), &["a", "a-b", "c"], &StoreDir::new("/s")).unwrap();
        let told = |answer: &Candidates| {
            let candidates = answer.as_ref().unwrap();
            candidates.iter().map(|it| (it.name.clone(), it.priority)).collect::<Vec<_>>()
        };
        let told: Vec<_> = found.iter().map(|(name, answer)| (*name, told(answer))).collect();
        let expected =
            [("a", vec![("a-2".to_owned(), 7)]), ("a-b", vec![("a-b-1".to_owned(), 3)]), ("c", vec![])];
        assert_eq!(told, expected);
        assert!(candidates(b"{}", &["a"], &StoreDir::new("/s")).is_err());
    }
}
