//! Fetches and builds packages: one `nix build` for all of them, that goes on after a failure.
//!
//! What comes of it is kept by links in a scratch folder, each a garbage collector root, until the
//! store is dropped; by then a profile refers to it. If something failed nix makes no links, so
//! what is valid nevertheless is linked by a second call, which has nothing left to build. A
//! failure tells which derivation, why, the end of its log, and how to see all of it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use super::NixStore;
use super::arguments::{self, Reach};
use super::import;
use super::scratch::{self, ScratchFolder};
use crate::core::plan::ToRealise;
use crate::core::store_path::StorePath;
use crate::system::machine::{Progress, ProgressEvent, Step, StoreError, Watch};
use crate::system::progress::build_line;

/// How much of the end of a log a failure tells.
const LAST_LINES: usize = 10;

/// Of how many builds the ends of logs are kept.
const LOGS: usize = 500;

impl NixStore {
    pub(super) fn realise_all(
        &self,
        wanted: &[ToRealise],
        watch: &Watch<'_>,
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        self.usable()?;
        watch.progress.report(ProgressEvent::Step(Step::Realise));
        let parent = self.environment.temporary_folder();
        scratch::sweep(&parent);
        let scratch = ScratchFolder::make(&parent, scratch::SCRATCH)?;
        let logs = Logs { told: watch.progress, ends: Mutex::default() };
        let watch = Watch { progress: &logs, cancel: watch.cancel };
        let texts: Vec<String> = wanted.iter().map(installable).collect();
        let options = self.options_for(wanted.iter().flat_map(ToRealise::objects));
        let words = arguments::realise(&texts, &scratch.path().join("built"), &options);
        let answers = match self.run(&words, &watch) {
            Ok(_) => wanted.iter().map(|_| Ok(())).collect(),
            Err(StoreError::Command { message, .. }) => {
                let good = self.valid_among(wanted, &watch)?;
                self.keep(wanted, &good, &scratch, &watch)?;
                let failed = |wanted: &ToRealise| logs.failure(wanted, &message);
                let answer = |(wanted, good): (_, &bool)| if *good { Ok(()) } else { Err(failed(wanted)) };
                wanted.iter().zip(&good).map(answer).collect()
            }
            Err(error) => return Err(error),
        };
        self.scratches.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        Ok(answers)
    }

    /// For each whether all of its paths are valid.
    fn valid_among(&self, wanted: &[ToRealise], watch: &Watch<'_>) -> Result<Vec<bool>, StoreError> {
        let paths = wanted.iter().flat_map(ToRealise::paths);
        let present: Vec<StorePath> = paths.filter(|path| import::exists(path)).cloned().collect();
        let valid: HashSet<StorePath> = match present.as_slice() {
            [] => HashSet::new(),
            present => {
                let sizes = self.path_info(present, Reach::Single, watch)?;
                sizes.into_iter().map(|(path, _)| path).collect()
            }
        };
        Ok(wanted.iter().map(|wanted| wanted.paths().all(|path| valid.contains(path))).collect())
    }

    /// Links what is valid, so that it stays.
    fn keep(
        &self,
        wanted: &[ToRealise],
        good: &[bool],
        scratch: &ScratchFolder,
        watch: &Watch<'_>,
    ) -> Result<(), StoreError> {
        let good = wanted.iter().zip(good).filter(|(_, good)| **good).flat_map(|(wanted, _)| wanted.paths());
        let texts: Vec<String> = good.map(ToString::to_string).collect();
        if texts.is_empty() {
            return Ok(());
        }
        let words = arguments::realise(&texts, &scratch.path().join("kept"), &self.options);
        self.run(&words, watch).map(drop)
    }
}

/// What nix calls it: a derivation with its outputs, or a path that a cache has.
fn installable(wanted: &ToRealise) -> String {
    match &wanted.drv_path {
        Some(derivation) => {
            let outputs: Vec<&str> = wanted.outputs.iter().map(|(name, _)| name.as_str()).collect();
            format!("{derivation}^{}", outputs.join(","))
        }
        None => wanted.key().to_owned(),
    }
}

/// Passes progress on and remembers the ends of logs, by what is built.
struct Logs<'a> {
    told: &'a dyn Progress,
    ends: Mutex<HashMap<String, VecDeque<String>>>,
}

impl Progress for Logs<'_> {
    fn report(&self, event: ProgressEvent) {
        // Said once, for all commands.
        if event == ProgressEvent::Step(Step::Realise) {
            return;
        }
        if let ProgressEvent::Log(line) = &event
            && let Some((name, text)) = build_line(line)
        {
            let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
            if ends.len() < LOGS || ends.contains_key(name) {
                let end = ends.entry(name.to_owned()).or_default();
                if end.len() == LAST_LINES {
                    end.pop_front();
                }
                end.push_back(text.to_owned());
            }
        }
        self.told.report(event);
    }
}

impl Logs<'_> {
    /// What to say about one that failed. `complaint` holds the errors of the whole command.
    fn failure(&self, wanted: &ToRealise, complaint: &str) -> StoreError {
        let parts = parts(complaint);
        let about = |derivation: &str| parts.iter().find(|part| part.contains(derivation));
        let own = about(wanted.key());
        // Of a dependency that failed nix says only how many; those that broke themselves are named.
        let broken = parts.iter().find(|part| is_about_builder(part));
        let culprit = match own {
            Some(own) if is_about_builder(own) => Some(own),
            Some(own) => broken.or(Some(own)),
            None => None,
        };
        let message = culprit.cloned().unwrap_or_else(|| complaint.trim().to_owned());
        let derivation = culprit.and_then(|part| derivation_in(part)).unwrap_or(wanted.key()).to_owned();
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let end = ends.get(name_of(&derivation));
        StoreError::Build {
            message: first_lines(&message),
            log: end.map(|lines| lines.iter().cloned().collect()).unwrap_or_default(),
            derivation,
        }
    }
}

/// The errors one by one: each begins with a line that names a derivation or a path.
fn parts(complaint: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in complaint.lines() {
        let begins = ["Cannot build '", "builder for '", "build of '", "path '", "hash mismatch"]
            .iter()
            .any(|words| line.starts_with(words))
            || line.contains("dependencies of derivation '")
            || line.contains("output '");
        match parts.last_mut() {
            Some(part) if !begins => {
                part.push('\n');
                part.push_str(line);
            }
            _ => parts.push(line.to_owned()),
        }
    }
    parts
}

/// Whether the derivation itself is at fault, not one that it needs.
fn is_about_builder(part: &str) -> bool {
    let names_builder = part.starts_with("Cannot build '") || part.starts_with("builder for '");
    names_builder && !part.contains("dependency failed") && !part.contains("dependencies failed")
        || part.starts_with("hash mismatch")
}

fn derivation_in(part: &str) -> Option<&str> {
    part.split('\'').find(|word| word.strip_suffix(".drv").is_some())
}

/// `fails-1` of `/nix/store/…-fails-1.drv`, as logs call it.
fn name_of(derivation: &str) -> &str {
    let base = derivation.rsplit('/').next().unwrap_or(derivation);
    let name = base.get(33..).unwrap_or(base);
    name.strip_suffix(".drv").unwrap_or(name)
}

/// Without the list of paths that are not there.
fn first_lines(message: &str) -> String {
    let lines = message.lines().map(str::trim).take_while(|line| *line != "Output paths:");
    lines.filter(|line| !line.is_empty()).take(20).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::StoreDir;
    use crate::system::machine::NoProgress;

    const HASH: &str = "f7bysflpb3mbba4kwld6jcfxybygphqf";

    fn wanted(name: &str) -> ToRealise {
        let path = |name: &str| StorePath::parse(&StoreDir::new("/s"), &format!("/s/{HASH}-{name}")).unwrap();
        ToRealise {
            element: name.to_owned(),
            drv_path: Some(path(&format!("{name}.drv"))),
            outputs: vec![("doc".to_owned(), path(&format!("{name}-doc"))), ("out".to_owned(), path(name))],
        }
    }

    #[test]
    fn a_derivation_is_named_with_its_outputs() {
        assert_eq!(installable(&wanted("a")), format!("/s/{HASH}-a.drv^doc,out"));
        let path = ToRealise { drv_path: None, ..wanted("a") };
        assert_eq!(installable(&path), format!("/s/{HASH}-a-doc"));
    }

    #[test]
    fn a_failure_tells_the_culprit_and_the_end_of_its_log() {
        let newer = format!(
            "Cannot build '/s/{HASH}-fails.drv'.\nReason: builder failed with exit code 1.\nOutput paths:\n  \
             /s/x\nCannot build '/s/{HASH}-needs.drv'.\nReason: 1 dependency failed.\nOutput paths:\n  /s/y\n\
             build of '/s/{HASH}-fails.drv^out', '/s/{HASH}-needs.drv^out' failed"
        );
        let older = format!(
            "builder for '/s/{HASH}-fails.drv' failed with exit code 1\n\
             1 dependencies of derivation '/s/{HASH}-needs.drv' failed to build\n\
             build of '/s/{HASH}-fails.drv^out', '/s/{HASH}-needs.drv^out' failed"
        );
        let logs = Logs { told: &NoProgress, ends: Mutex::default() };
        for line in 0..30 {
            logs.report(ProgressEvent::Log(format!("fails> line {line}")));
        }
        for complaint in [newer, older] {
            for element in ["fails", "needs"] {
                let StoreError::Build { derivation, message, log } =
                    logs.failure(&wanted(element), &complaint)
                else {
                    panic!("not a failed build")
                };
                assert_eq!(derivation, format!("/s/{HASH}-fails.drv"));
                assert!(message.contains("exit code 1"), "{message}");
                assert_eq!((log.len(), log[9].as_str()), (LAST_LINES, "line 29"));
            }
        }
    }
}
