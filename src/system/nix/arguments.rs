//! The command lines of every nix call firn makes: values in, words out.
//!
//! Each function builds the arguments of one call. All carry the experimental features
//! that `nix profile` needs, so a machine without them in its `nix.conf` works, and the
//! machine-readable log. What the user gave firn to pass on goes in after these, by what
//! it applies to: evaluation options make no sense where a finished profile is copied.

use std::ffi::OsString;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::in_front::Front;
use crate::core::evaluation::{Question, Search};
use crate::core::installable::{Installable, InstallableScope};
use crate::core::manifest::ElementSource;
use crate::core::plan::ToRealise;
use crate::core::store_path::{StoreDir, StorePath};
use crate::system::machine::Freshness;

/// What `nix profile add` is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AddVerb {
    /// Since 2.30.
    Add,
    /// Before, and in Lix.
    Install,
}

/// Options that evaluate or look at flakes, with the number of words that follow each.
const EVALUATION_OPTIONS: &[(&str, usize)] = &[
    ("--arg", 2),
    ("--arg-from-file", 2),
    ("--arg-from-stdin", 1),
    ("--argstr", 2),
    ("--commit-lock-file", 0),
    ("--debugger", 0),
    ("--eval-store", 1),
    ("--impure", 0),
    ("--include", 1),
    ("-I", 1),
    ("--inputs-from", 1),
    ("--no-registries", 0),
    ("--no-update-lock-file", 0),
    ("--no-write-lock-file", 0),
    ("--output-lock-file", 1),
    ("--override-flake", 2),
    ("--override-input", 2),
    ("--recreate-lock-file", 0),
    ("--reference-lock-file", 1),
    ("--repair", 0),
    ("--update-input", 1),
];

/// Options that `nix eval` refuses for a flake, though to an upgrade they only mean nothing; and one
/// that was obeyed when the flake was locked.
const NOT_FOR_OUTPUTS: &[(&str, usize)] =
    &[("--arg", 2), ("--argstr", 2), ("--arg-from-file", 2), ("--arg-from-stdin", 1), ("--refresh", 0)];

/// What stays as it is in a `file://` address.
const PATH_CHARACTERS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// `nix profile add` of one installable into a profile of its own.
///
/// A lock file is never written: evaluating is not the user's word to change a flake.
pub(super) fn profile_add(
    verb: AddVerb,
    profile: &Path,
    installable: &Installable,
    options: &[String],
) -> Vec<OsString> {
    let verb = match verb {
        AddVerb::Add => "add",
        AddVerb::Install => "install",
    };
    let mut words = start(&["profile", verb]);
    words.extend(options.iter().map(OsString::from));
    words.push("--no-write-lock-file".into());
    words.extend(["--profile".into(), profile.as_os_str().to_owned()]);
    match &installable.scope {
        InstallableScope::Flake => {}
        InstallableScope::File(file) => words.extend(["--file".into(), file.into()]),
        InstallableScope::Expression(text) => words.extend(["--expr".into(), text.into()]),
    }
    // With --file or --expr, no word means the whole file.
    if installable.scope == InstallableScope::Flake || !installable.text.is_empty() {
        // An installable that starts with a dash must not read as an option.
        words.extend(["--".into(), OsString::from(&installable.text)]);
    }
    words
}

/// Copies paths, without what they refer to, from a cache in a folder into the store. The cache is
/// told the store folder: it does not follow the setting `store`.
pub(super) fn copy_from_folder(
    folder: &Path,
    store_dir: &StoreDir,
    paths: &[&StorePath],
    options: &[String],
) -> Vec<OsString> {
    let mut words = start(&["copy"]);
    words.extend(store_options(options));
    let folder = percent_encode(folder.as_os_str().as_encoded_bytes(), PATH_CHARACTERS);
    let store = percent_encode(store_dir.as_str().as_bytes(), PATH_CHARACTERS);
    words.extend(["--no-recursive".into(), "--from".into(), format!("file://{folder}?store={store}").into()]);
    words.extend(paths.iter().map(|path| OsString::from(path.as_str())));
    words
}

/// Builds what a derivation in the store is for. A user environment is made on the spot, by links:
/// no cache has it.
pub(super) fn build_environment(derivation: &StorePath, options: &[String]) -> Vec<OsString> {
    let mut words = start(&["build"]);
    words.extend(store_options(options));
    words.extend(["--option", "substitute", "false", "--no-link"].map(OsString::from));
    words.push(format!("{derivation}^out").into());
    words
}

/// Makes the next generation of a profile point to a valid store path.
///
/// Substitution is switched off: a path that a garbage collection has just taken cannot be in any
/// cache, and asking would use the network and time while the lock is held.
pub(super) fn switch_profile(profile: &Path, path: &StorePath, options: &[String]) -> Vec<OsString> {
    let mut words = start(&["build"]);
    words.extend(store_options(options));
    words.extend(["--option", "substitute", "false", "--no-link", "--profile"].map(OsString::from));
    words.extend([profile.as_os_str().to_owned(), path.as_str().into()]);
    words
}

/// Whose sizes are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The paths alone.
    Single,
    /// All they refer to, too.
    Closure,
}

/// Asks what would have to be fetched or built, and does neither.
pub(super) fn dry_run(wanted: &[ToRealise], options: &[String]) -> Vec<OsString> {
    let mut words = start(&["build", "--dry-run", "--no-link"]);
    words.extend(store_options(options));
    for wanted in wanted {
        match &wanted.drv_path {
            Some(drv_path) => {
                let outputs: Vec<&str> = wanted.outputs.iter().map(|(name, _)| name.as_str()).collect();
                words.push(format!("{drv_path}^{}", outputs.join(",")).into());
            }
            None => words.extend(wanted.paths().map(|path| OsString::from(path.as_str()))),
        }
    }
    words
}

/// Asks for all settings as JSON.
pub(super) fn settings(options: &[String]) -> Vec<OsString> {
    let mut words = start(&["config", "show", "--json"]);
    words.extend(store_options(options));
    words
}

/// Asks for the sizes of paths as JSON. `format` is for versions that want to be told which.
pub(super) fn path_info(
    paths: &[StorePath],
    reach: Reach,
    format: Option<&str>,
    options: &[String],
) -> Vec<OsString> {
    let mut words = start(&["path-info", "--json"]);
    words.extend(store_options(options));
    if let Some(format) = format {
        words.extend(["--json-format", format].map(OsString::from));
    }
    if reach == Reach::Closure {
        words.push("--recursive".into());
    }
    words.extend(paths.iter().map(|path| OsString::from(path.as_str())));
    words
}

/// Asks what derivations consist of.
pub(super) fn show_derivations(derivations: &[StorePath], options: &[String]) -> Vec<OsString> {
    let mut words = start(&["derivation", "show"]);
    words.extend(store_options(options));
    words.extend(derivations.iter().map(|path| OsString::from(path.as_str())));
    words
}

/// Asks what keeps paths from being collected. Of `nix-store`: `nix store` has no such question.
pub(super) fn print_roots() -> Vec<OsString> {
    ["--gc", "--print-roots"].map(OsString::from).into()
}

/// Deletes what nothing needs.
pub(super) fn collect_garbage(options: &[String]) -> Vec<OsString> {
    let mut words = start(&["store", "gc"]);
    words.extend(store_options(options));
    words
}

/// Asks for the closure differences between the generations of a profile.
pub(super) fn diff_closures(profile: &Path, options: &[String]) -> Vec<OsString> {
    let mut words = start(&["profile", "diff-closures"]);
    words.extend(store_options(options));
    words.extend(["--profile".into(), profile.as_os_str().to_owned()]);
    words
}

/// Pins a reference in a registry file of our own, to learn what it is locked to.
pub(super) fn registry_pin(file: &Path, from: &str, target: &str, options: &[String]) -> Vec<OsString> {
    let mut words = start(&["registry", "pin"]);
    words.extend(store_options(options));
    words.extend(["--registry".into(), file.as_os_str().to_owned()]);
    words.extend(["--", from, target].map(OsString::from));
    words
}

/// Lists the registries, for which Nix downloads the global one if it has to.
pub(super) fn registry_list(freshness: Freshness, options: &[String]) -> Vec<OsString> {
    let mut words = start(&["registry", "list"]);
    words.extend(store_options(options));
    words.extend((freshness == Freshness::Anew).then(|| OsString::from("--refresh")));
    words
}

/// Evaluates the homepage of a locked package; `null` if it has none.
pub(super) fn homepage(source: &ElementSource, options: &[String]) -> Vec<OsString> {
    let mut words = start(&["eval", "--json"]);
    words.extend(options.iter().map(OsString::from));
    words.push("--no-write-lock-file".into());
    words.extend(["--apply", "package: package.meta.homepage or null", "--"].map(OsString::from));
    words.push(format!("{}#{}", source.url, source.attr_path).into());
    words
}

/// Fetches a flake and tells what it is locked to.
pub(super) fn flake_metadata(reference: &str, freshness: Freshness, options: &[String]) -> Vec<OsString> {
    let mut words = start(&["flake", "metadata", "--json"]);
    words.extend(options.iter().map(OsString::from));
    words.extend(lock_file_options(options));
    // Before 2.35 `nix profile upgrade` takes what was fetched within the last hour for new.
    if freshness == Freshness::Anew && !options.iter().any(|option| option == "--offline") {
        words.push("--refresh".into());
    }
    words.extend(["--".into(), OsString::from(reference)]);
    words
}

/// Reads what a flake sets, without looking at the rest of it.
pub(super) fn flake_settings(file: &Path, options: &[String]) -> Vec<OsString> {
    let mut words = start(&["eval", "--json"]);
    words.extend(store_options(options));
    words.extend(["--file".into(), file.as_os_str().to_owned()]);
    words.extend(["--apply", "flake: flake.nixConfig or { }"].map(OsString::from));
    words
}

/// What gets the terminal: prints for people, and may prompt.
pub(super) fn in_front(question: &Question, front: Front, options: &[String]) -> Vec<OsString> {
    let mut words: Vec<OsString> = match front {
        Front::Fetch => ["flake", "metadata"].map(OsString::from).into(),
        Front::Debug => ["eval", "--debugger"].map(OsString::from).into(),
    };
    words.extend(["--extra-experimental-features", "nix-command flakes"].map(OsString::from));
    match front {
        Front::Fetch => {
            words.extend(options.iter().map(OsString::from));
            words.extend(lock_file_options(options));
            words.extend(["--".into(), OsString::from(&question.reference)]);
        }
        Front::Debug => {
            words.extend(without(options, NOT_FOR_OUTPUTS));
            words.extend(lock_file_options(options));
            words.extend(["--apply", "package: package.drvPath"].map(OsString::from));
            words.extend(debugged(question));
        }
    }
    words
}

/// What the debugger is opened on.
fn debugged(question: &Question) -> Vec<OsString> {
    let scope = match question.search {
        Search::Exactly | Search::AsTyped => {
            return vec!["--".into(), format!("{}#{}", question.reference, question.attribute).into()];
        }
        Search::File => "--file",
        Search::Expression => "--expr",
    };
    let mut words = vec![OsString::from(scope), OsString::from(&question.reference)];
    let attribute = question.attribute.split('^').next().unwrap_or_default();
    if !attribute.is_empty() {
        words.extend(["--".into(), OsString::from(attribute)]);
    }
    words
}

/// Evaluates a function of a flake's outputs.
pub(super) fn evaluate_outputs(reference: &str, function: &str, options: &[String]) -> Vec<OsString> {
    let mut words = start(&["eval", "--json"]);
    words.extend(without(options, NOT_FOR_OUTPUTS));
    words.extend(lock_file_options(options));
    words.extend(["--apply", function, "--"].map(OsString::from));
    // The dot says that what follows is to be taken as it is: here nothing, the outputs themselves.
    words.push(format!("{reference}#.").into());
    words
}

/// Applies a function to what an installable is, its outputs left out.
pub(super) fn evaluate_packages(
    installable: &Installable,
    function: &str,
    options: &[String],
) -> Vec<OsString> {
    let mut words = start(&["eval", "--json"]);
    words.extend(options.iter().map(OsString::from));
    words.extend(lock_file_options(options));
    match &installable.scope {
        InstallableScope::Flake => {}
        InstallableScope::File(file) => words.extend(["--file".into(), file.into()]),
        InstallableScope::Expression(text) => words.extend(["--expr".into(), text.into()]),
    }
    words.extend(["--apply", function].map(OsString::from));
    let text = installable.text.rsplit_once('^').map_or(installable.text.as_str(), |(rest, _)| rest);
    if installable.scope == InstallableScope::Flake || !text.is_empty() {
        words.extend(["--".into(), OsString::from(text)]);
    }
    words
}

/// Asks what a file or an expression comes to, and builds none of it.
pub(super) fn instantiate(question: &Question, options: &[String]) -> Vec<OsString> {
    let mut words = start(&["build", "--dry-run", "--json", "--no-link"]);
    words.extend(options.iter().map(OsString::from));
    words.extend(lock_file_options(options));
    let scope = if question.search == Search::File { "--file" } else { "--expr" };
    words.extend([scope.into(), OsString::from(&question.reference)]);
    // Without a word it is the whole file.
    if !question.attribute.is_empty() {
        words.extend(["--".into(), OsString::from(&question.attribute)]);
    }
    words
}

/// A lock file is written only where the user asked for it.
fn lock_file_options(options: &[String]) -> Option<OsString> {
    let asks = |option: &String| option == "--commit-lock-file" || option == "--output-lock-file";
    (!options.iter().any(asks)).then(|| "--no-write-lock-file".into())
}

/// Fetches or builds what is named, goes on after a failure, and keeps the results by links.
pub(super) fn realise(wanted: &[String], out_link: &Path, options: &[String]) -> Vec<OsString> {
    let mut words = start(&["build", "--keep-going", "--json"]);
    words.extend(options.iter().map(OsString::from));
    words.extend(["--out-link".into(), out_link.as_os_str().to_owned(), "--".into()]);
    words.extend(wanted.iter().map(OsString::from));
    words
}

/// Asks for the version.
pub(super) fn version() -> Vec<OsString> {
    vec!["--version".into()]
}

/// Asks for all commands and options as JSON.
pub(super) fn dump_command_line() -> Vec<OsString> {
    vec!["__dump-cli".into()]
}

fn start(verb: &[&str]) -> Vec<OsString> {
    let common = ["--extra-experimental-features", "nix-command flakes", "--log-format", "internal-json"];
    verb.iter().chain(&common).map(OsString::from).collect()
}

/// The options that are left for calls that evaluate nothing.
fn store_options(options: &[String]) -> Vec<OsString> {
    without(options, EVALUATION_OPTIONS)
}

/// The words of some options, and their values, taken out.
fn without(options: &[String], left_out: &[(&str, usize)]) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut rest = options.iter();
    while let Some(word) = rest.next() {
        match left_out.iter().find(|(name, _)| name == word) {
            Some((_, values)) => rest.by_ref().take(*values).for_each(drop),
            None => words.push(OsString::from(word)),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::StoreDir;

    const FEATURES: &str = "--extra-experimental-features|nix-command flakes|--log-format|internal-json";

    fn joined(words: &[OsString]) -> String {
        words.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join("|")
    }

    fn words(text: &str) -> Vec<String> {
        text.split_ascii_whitespace().map(str::to_owned).collect()
    }

    fn path() -> StorePath {
        let path = "/nix/store/i270m2h1x1mzqnkc1smn1mksy6mqkd8b-profile";
        StorePath::parse(&StoreDir::new("/nix/store"), path).unwrap()
    }

    #[test]
    fn adding_passes_everything_on_and_guards_the_installable() {
        let installable = Installable::flake("-x#y");
        let options = words("--impure --option cores 1");
        let found = profile_add(AddVerb::Add, Path::new("/t/p"), &installable, &options);
        assert_eq!(
            joined(&found),
            format!(
                "profile|add|{FEATURES}|--impure|--option|cores|1|--no-write-lock-file|--profile|/t/p|--|-x#y"
            )
        );
    }

    #[test]
    fn adding_from_a_file_or_an_expression_names_the_scope() {
        let scope = InstallableScope::File("./a.nix".to_owned());
        let whole = Installable { text: String::new(), scope, registry: None };
        let found = joined(&profile_add(AddVerb::Install, Path::new("/t/p"), &whole, &[]));
        assert_eq!(
            found,
            format!("profile|install|{FEATURES}|--no-write-lock-file|--profile|/t/p|--file|./a.nix")
        );
        let scope = InstallableScope::Expression("{ }".to_owned());
        let attribute = Installable { text: "a.b".to_owned(), scope, registry: None };
        let found = joined(&profile_add(AddVerb::Add, Path::new("/t/p"), &attribute, &[]));
        assert!(found.ends_with("|--expr|{ }|--|a.b"), "{found}");
    }

    #[test]
    fn a_file_is_asked_for_what_would_be_built() {
        let scope = InstallableScope::File("./a b.nix".to_owned());
        let installable = Installable { text: "-a^dev".to_owned(), scope, registry: None };
        let question = Question::of_expression(&installable).unwrap();
        let found = joined(&instantiate(&question, &words("--impure")));
        let common = format!("build|--dry-run|--json|--no-link|{FEATURES}|--impure|--no-write-lock-file");
        assert_eq!(found, format!("{common}|--file|./a b.nix|--|-a^dev"));
        let whole = Question { search: Search::Expression, ..Question::exactly("{ }", "") };
        assert_eq!(joined(&instantiate(&whole, &words("--impure"))), format!("{common}|--expr|{{ }}"));
    }

    #[test]
    fn copying_encodes_the_folder_and_leaves_evaluation_out() {
        let options = words("--impure --arg a b --option cores 1 -I x --offline");
        let found = copy_from_folder(Path::new("/t/a b?c%/ü"), &StoreDir::new("/s t"), &[&path()], &options);
        assert_eq!(
            joined(&found),
            format!(
                "copy|{FEATURES}|--option|cores|1|--offline|--no-recursive|--from|\
                 file:///t/a%20b%3Fc%25/%C3%BC?store=/s%20t|{}",
                path()
            )
        );
    }

    #[test]
    fn switching_asks_no_substituter() {
        let found = joined(&switch_profile(Path::new("/t/p"), &path(), &[]));
        let wanted =
            format!("build|{FEATURES}|--option|substitute|false|--no-link|--profile|/t/p|{}", path());
        assert_eq!(found, wanted);
    }

    #[test]
    fn pinning_is_done_in_a_file_of_our_own() {
        let found =
            joined(&registry_pin(Path::new("/t/r"), "flake:a", "path:/x", &words("--impure --offline")));
        assert_eq!(found, format!("registry|pin|{FEATURES}|--offline|--registry|/t/r|--|flake:a|path:/x"));
        let found = joined(&registry_list(Freshness::Anew, &[]));
        assert_eq!(found, format!("registry|list|{FEATURES}|--refresh"));
    }

    #[test]
    fn the_homepage_is_that_of_the_locked_package() {
        let source = ElementSource {
            original_url: "flake:a".to_owned(),
            url: "path:/a?narHash=x".to_owned(),
            attr_path: "packages.x86_64-linux.b".to_owned(),
            outputs: crate::core::manifest::ExtendedOutputsSpec::All,
        };
        let found = joined(&homepage(&source, &words("--offline")));
        let asked =
            "--apply|package: package.meta.homepage or null|--|path:/a?narHash=x#packages.x86_64-linux.b";
        assert_eq!(found, format!("eval|--json|{FEATURES}|--offline|--no-write-lock-file|{asked}"));
    }

    #[test]
    fn sizes_are_asked_as_json() {
        let found = joined(&path_info(&[path()], Reach::Closure, Some("1"), &[]));
        let wanted = format!("path-info|--json|{FEATURES}|--json-format|1|--recursive|{}", path());
        assert_eq!(found, wanted);
    }
}
