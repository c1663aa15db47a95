//! The part of a diagnosis that is about files which elements were added from: whether each is still
//! there, and still has what was added.
//!
//! A file is evaluated for that, without the network and without building what it imports: a file that
//! needs either is not judged. What is wrong with a file otherwise its upgrade tells.
//!
//! `'tools' was added from tools of /home/me/environment.nix, which has no such package any more`

use crate::core::diagnosis::{Finding, Problem};
use crate::core::evaluation::{FailureKind, Question};
use crate::core::facts::{Facts, Needs};
use crate::core::file_source::FileSource;
use crate::core::manifest::ProfileManifest;
use crate::core::shell_words::quoted;
use crate::system::machine::Watch;
use crate::system::package_reader::Depth;

use super::Context;
use super::gather_facts::gather_facts;
use super::remember_files::remembered_files;
use super::remember_options::remembered;

/// What keeps an evaluation from fetching and building anything.
const WITHOUT_OTHERS: [&str; 2] = ["--offline", "--no-allow-import-from-derivation"];

/// One finding for each element whose file is gone, or does not have it any more.
pub(super) fn environment_files(
    context: &Context,
    program: &str,
    manifest: &ProfileManifest,
    watch: &Watch<'_>,
) -> Vec<Finding> {
    let files = match remembered_files(context) {
        Ok(files) => files,
        Err(error) => {
            let message = format!("{error:#}; what was added from files cannot be upgraded");
            let mend = "mend the file, or take it away: what is added from then on is remembered again";
            return vec![Finding::new(Problem::EnvironmentFile, message, mend)];
        }
    };
    let options = remembered(context, manifest).unwrap_or_default();
    let known = Facts { options: options.into(), ..Facts::default() };
    let asked = manifest.elements.iter().filter_map(|(name, element)| {
        let source = files.of(name, element)?;
        let question = known.with_options(Some(name), source.question()?);
        let options = WITHOUT_OTHERS.iter().fold(question.options.clone(), |all, word| all.and(word));
        Some((name, source, Question { options, ..question }))
    });
    let asked: Vec<(&String, &FileSource, Question)> = asked.collect();
    let needs = Needs {
        evaluations: asked.iter().map(|(.., question)| question.clone()).collect(),
        ..Needs::default()
    };
    if asked.is_empty() {
        return Vec::new();
    }
    let Ok(facts) = gather_facts(context, &needs, Depth::Whole, watch) else { return Vec::new() };
    let finding = |(name, source, question): &(&String, &FileSource, Question)| {
        let failure = facts.evaluations.get(question)?.as_ref().err()?;
        finding(program, name, source, failure.kind)
    };
    asked.iter().filter_map(finding).collect()
}

fn finding(program: &str, name: &str, source: &FileSource, failure: FailureKind) -> Option<Finding> {
    let again = |file: &str| {
        let attribute = match source.attribute.as_str() {
            "" => String::new(),
            _ => " ATTRIBUTE".to_owned(),
        };
        format!("{program} remove {} && {program} add --file {file}{attribute}", quoted(name))
    };
    let (fault, mend) = match failure {
        FailureKind::File => (
            "is not there any more",
            format!("put the file back, or from where it is now: {}", again("FILE")),
        ),
        FailureKind::AttributeGone | FailureKind::NotAPackage => (
            "has no such package any more",
            match &source.file {
                Some(file) => format!("put it back into the file, or add another: {}", again(&quoted(file))),
                None => format!("{program} remove {}", quoted(name)),
            },
        ),
        _ => return None,
    };
    let message = format!("'{name}' was added from {}, which {fault}: it cannot be upgraded", source.words());
    Some(Finding::new(Problem::EnvironmentFile, message, mend))
}
