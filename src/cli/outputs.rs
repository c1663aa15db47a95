//! `firn outputs` without a choice: the outputs of a package, and what each would add.
//!
//! As JSON a list of `{"output","storePath","default","installed","files"}`; files are null where
//! nobody knows them without building, the default is where nix-env has recorded a choice in its place. Of an environment it is a list of
//! `{"package","output","storePath","installed","write"}`: what stands in its `paths` for an output that
//! is not installed.

use std::sync::Arc;

use serde_json::{Value, json};

use super::failure::Failure;
use super::interrupt::Interrupt;
use super::meant::Invocation;
use super::{pick, table, tree};
use crate::core::available_outputs::AvailableOutputs;
use crate::core::contained_outputs::{self, ContainedOutput, ContainedPackage};
use crate::core::evaluation::{EvaluationFailure, Question};
use crate::core::facts::{Facts, Needs};
use crate::core::file_tree::{FileTrees, PathBytes, Root};
use crate::core::installable::Installable;
use crate::core::link_tree::TreeNeeds;
use crate::core::manifest::ProfileElement;
use crate::core::plan::Base;
use crate::core::shell_words::quoted;
use crate::core::store_path::StorePath;
use crate::core::user_environment::EnvironmentPackage;
use crate::core::user_environment::offered::PackageQuestion;
use crate::core::visible;
use crate::ops::Context;
use crate::ops::contained_packages::contained_packages;
use crate::ops::gather_facts::gather_facts;
use crate::ops::remember_options::remembered;
use crate::system::machine::Watch;
use crate::system::package_reader::Depth;

/// Lists the outputs of an element, or of an installable.
pub fn run(context: &Context, invocation: &Invocation, text: &str) -> Result<(), Failure> {
    let printer = invocation.printer;
    let base = tree::live(context, invocation)?;
    let element = element(&base, text)?;
    if let Some(package) = name_of(&base, element).and_then(|name| base.manifest.package(name)) {
        return of_nix_env(context, invocation, package);
    }
    let interrupt = Interrupt::watch(printer)?;
    let watch = Watch { progress: &interrupt, cancel: &interrupt.cancel };
    if let Some(environment) = element.filter(|element| element.source.is_none()) {
        let packages = contained_packages(context, &environment.store_paths, &watch)?;
        if !packages.is_empty() {
            return contained(invocation, &packages);
        }
    }
    let known = Facts { options: Arc::new(remembered(context, &base.manifest)?), ..Facts::default() };
    let question = known.with_options(name_of(&base, element), question(text, element)?);
    let needs = Needs { evaluations: vec![question.clone()], ..Needs::default() };
    let mut facts = gather_facts(context, &needs, Depth::Whole, &watch)?;
    let package = match facts.evaluations.remove(&question) {
        Some(Ok(package)) => package,
        Some(Err(failure)) => return Err(not_evaluated(text, element, &failure)),
        None => return Err(anyhow::anyhow!("'{text}' was not evaluated").into()),
    };
    print(context, invocation, (&AvailableOutputs::of_flake(&package), element), &watch)
}

/// Lists the outputs of a package of nix-env: those that are installed, and those of its derivation as
/// long as the store has that.
fn of_nix_env(
    context: &Context,
    invocation: &Invocation,
    package: &EnvironmentPackage,
) -> Result<(), Failure> {
    let interrupt = Interrupt::watch(invocation.printer)?;
    let watch = Watch { progress: &interrupt, cancel: &interrupt.cancel };
    let question = PackageQuestion::Outputs(package.out_path.clone());
    let needs = Needs { packages: vec![question.clone()], ..Needs::default() };
    let answer = gather_facts(context, &needs, Depth::Whole, &watch)?.packages.remove(&question);
    let answer = answer.unwrap_or_else(|| Err(Arc::from("the store did not answer")));
    let available = AvailableOutputs::of_package(package, &answer);
    if let Some(reason) = &available.unknown {
        invocation.printer.warn(&format!("only what is installed is known: {reason}"));
    }
    print(context, invocation, (&available, Some(&package.element())), &watch)
}

fn print(
    context: &Context,
    invocation: &Invocation,
    (package, element): (&AvailableOutputs, Option<&ProfileElement>),
    watch: &Watch<'_>,
) -> Result<(), Failure> {
    let printer = invocation.printer;
    let trees = contents(context, package, watch)?;
    let rows: Vec<Row<'_>> =
        package.outputs.iter().map(|output| Row::of(output, package, element, &trees)).collect();
    if invocation.json {
        return Ok(printer.json(&Value::Array(rows.iter().map(Row::json).collect()))?);
    }
    let cells: Vec<Vec<String>> = rows.iter().map(Row::cells).collect();
    Ok(printer.data(&table::lines(&cells))?)
}

/// Why nothing is known. Of a folder that has changed since, Nix tells only two hashes.
fn not_evaluated(text: &str, element: Option<&ProfileElement>, failure: &EvaluationFailure) -> Failure {
    let source = element.and_then(|element| element.source.as_ref());
    if source.is_some_and(|source| failure.is_changed_folder(&source.url)) {
        return Failure::with_hint(
            anyhow::anyhow!(
                "the folder that '{text}' comes from has changed since, so what it was cannot be asked"
            ),
            format!("'firn upgrade {}' takes what the folder holds now", quoted(text)),
        );
    }
    anyhow::anyhow!("'{text}': {}", failure.message).into()
}

/// Lists the outputs of the packages that an environment is made of, and what to write for others.
fn contained(invocation: &Invocation, packages: &[ContainedPackage]) -> Result<(), Failure> {
    let printer = invocation.printer;
    let outputs = || packages.iter().flat_map(|it| it.outputs.iter().map(move |output| (it, output)));
    if invocation.json {
        let row = |(package, output): (&ContainedPackage, &ContainedOutput)| {
            json!({
                "package": package.name,
                "output": output.name,
                "storePath": output.path.as_ref().map(ToString::to_string),
                "installed": output.is_linked,
                "write": (!output.is_linked).then(|| package.in_paths(&output.name)),
            })
        };
        return Ok(printer.json(&Value::Array(outputs().map(row).collect()))?);
    }
    let row = |(package, output): (&ContainedPackage, &ContainedOutput)| {
        let write = if output.is_linked {
            "installed".to_owned()
        } else {
            format!("paths = [ {} ];", package.in_paths(&output.name))
        };
        [&package.name, &output.name, &write].map(|cell| visible::text(cell)).to_vec()
    };
    printer.data(&table::lines(&outputs().map(row).collect::<Vec<_>>()))?;
    let missing = contained_outputs::not_linked(packages);
    if !missing.is_empty() {
        let line = contained_outputs::extra_outputs(&missing);
        printer.note(&visible::text(&format!(
            "an output that is not installed comes in with its line in the environment's file; of all packages \
             that have it with: {line}"
        )));
    }
    Ok(())
}

/// The element that is meant, if any is: an installable holds a `#`, which names hardly do.
fn element<'a>(base: &'a Base, text: &str) -> Result<Option<&'a ProfileElement>, Failure> {
    let found = base.manifest.elements.get(text);
    if found.is_some() || text.contains('#') {
        return Ok(found);
    }
    let name = pick::element(text, &base.manifest, &base.store_dir)?;
    Ok(name.and_then(|name| base.manifest.elements.get(name)))
}

/// How the profile calls an element.
fn name_of<'a>(base: &'a Base, element: Option<&ProfileElement>) -> Option<&'a str> {
    let element = element?;
    let found = base.manifest.elements.iter().find(|(_, other)| std::ptr::eq(*other, element));
    found.map(|(name, _)| name.as_str())
}

fn question(text: &str, element: Option<&ProfileElement>) -> Result<Question, Failure> {
    let of_source = element.and_then(|element| element.source.as_ref());
    match (of_source, element) {
        (Some(source), _) => Ok(Question::exactly(&source.url, &source.attr_path)),
        (None, Some(_)) => Err(Failure::with_hint(
            anyhow::anyhow!("'{text}' was not added from a flake, so nothing is known of its other outputs"),
            format!("'firn retarget {text} FLAKE#PACKAGE' tells which flake it is from"),
        )),
        (None, None) if !text.contains(['#', ':', '/', '.']) => Err(Failure::with_hint(
            anyhow::anyhow!("the profile has no element '{text}'"),
            format!("'firn outputs nixpkgs#{text}' lists those of a package that is not installed"),
        )),
        (None, None) => {
            let typed = Installable::flake(text);
            let parts = typed.parts()?;
            Ok(Question::as_typed(parts.reference, parts.attribute))
        }
    }
}

/// What is in the outputs, as far as they are here or a binary cache lists them.
fn contents(context: &Context, package: &AvailableOutputs, watch: &Watch<'_>) -> Result<FileTrees, Failure> {
    let paths: Vec<&StorePath> = package.outputs.values().flatten().collect();
    let bytes = |path: &&StorePath| PathBytes::from(path.as_str().as_bytes());
    let tree = TreeNeeds { packages: paths.iter().map(bytes).collect(), directories: Vec::new() };
    let mut facts: Facts = gather_facts(context, &Needs { tree, ..Needs::default() }, Depth::Whole, watch)?;
    let is_absent = |path: &&&StorePath| {
        facts.trees.packages.get(path.as_str().as_bytes()).is_none_or(|package| package.root == Root::Missing)
    };
    let listings: Vec<StorePath> = paths.iter().filter(is_absent).map(|path| (**path).clone()).collect();
    facts.absorb(gather_facts(context, &Needs { listings, ..Needs::default() }, Depth::Whole, watch)?);
    Ok(facts.trees)
}

/// One output.
struct Row<'a> {
    name: &'a str,
    path: Option<&'a StorePath>,
    /// `None` where nix-env recorded a choice in the place of what the package declares.
    is_default: Option<bool>,
    is_installed: bool,
    /// Paths of files and links; `None` where they are not known.
    files: Option<Vec<String>>,
}

impl<'a> Row<'a> {
    fn of(
        (name, path): (&'a String, &'a Option<StorePath>),
        package: &AvailableOutputs,
        element: Option<&ProfileElement>,
        trees: &FileTrees,
    ) -> Self {
        let path = path.as_ref();
        Self {
            name,
            path,
            is_default: package.is_default(name),
            is_installed: path.is_some_and(|path| element.is_some_and(|it| it.store_paths.contains(path))),
            files: path.and_then(|path| trees.files_of(path)),
        }
    }

    fn json(&self) -> Value {
        json!({
            "output": self.name,
            "storePath": self.path.map(ToString::to_string),
            "default": self.is_default,
            "installed": self.is_installed,
            "files": self.files,
        })
    }

    fn cells(&self) -> Vec<String> {
        let mark = match (self.is_installed, self.is_default == Some(true)) {
            (true, true) => "installed, default",
            (true, false) => "installed",
            (false, true) => "default",
            (false, false) => "",
        };
        let files = match &self.files {
            None => "contents unknown until it is built".to_owned(),
            Some(files) if files.len() == 1 => "1 file".to_owned(),
            Some(files) => format!("{} files", files.len()),
        };
        let path = self.path.map_or_else(|| "path unknown until it is built".to_owned(), ToString::to_string);
        [self.name, mark, &files, &path].iter().map(|cell| visible::text(cell)).collect()
    }
}
