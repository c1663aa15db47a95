//! What a check for upgrades found, element by element, and why it could not find more.
//!
//! [`UpgradeRow::of`] says where an element comes from and how it moves ([`Follows`]), what its
//! flake has for it today ([`UpgradeState`]) and what would change that ([`Mend`]). Store paths
//! are compared, never URLs: Nix calls an element upgraded when nothing but a lock has moved.
//!
//! An element that is held, locked or without a flake is never asked about, so its row needs
//! no facts; all others are [`UpgradeState::NotChecked`] until the answer to
//! [`question`] is among the facts.

use super::change::Change;
use super::evaluation::Question;
use super::facts::Facts;
use super::file_source::{FileSource, RememberedFiles};
use super::flake_ref::{FlakeRef, Kind};
use super::manifest::{ElementSource, ExtendedOutputsSpec, ProfileElement, ProfileManifest};
use super::package::PackageName;
use super::plan::LeftReason;
use super::registry::{Entry, EntryId, Layer, Reach, Registries};
use super::store_path::StorePath;
use super::user_environment::EnvironmentPackage;
use super::user_environment::offered::{
    Again, NoCandidates, PackageQuestion, UpgradeQuestion, again, best_upgrade,
};
use super::version::compare_versions;

/// Where an element comes from, and what makes it move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Follows {
    /// A flake elsewhere, by its own reference.
    Reference {
        /// The reference.
        reference: String,
    },
    /// A name that a registry leads to something that moves.
    Registry {
        /// The name, as the element has it.
        name: String,
        /// What it means.
        target: String,
        /// The last entry on the way.
        entry: EntryId,
    },
    /// A name that a registry leads to one fixed revision.
    Pinned {
        /// The name, as the element has it.
        name: String,
        /// What it means.
        target: String,
        /// What the entry that fixes it replaces: the name itself, or one that it leads to.
        pin: String,
        /// The entry that fixes it.
        entry: EntryId,
        /// From when the revision is, in seconds since 1970, if the entry says so.
        since: Option<u64>,
    },
    /// A name that no registry knows, or that leads nowhere.
    Nowhere {
        /// The name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A folder on this machine.
    Folder {
        /// The reference.
        reference: String,
    },
    /// A reference that always means the same.
    Locked {
        /// The reference.
        reference: String,
    },
    /// A file or an expression that firn remembers.
    File {
        /// In words: `/home/me/environment.nix`.
        words: String,
    },
    /// Nothing but the name: a package of nix-env, looked for where that is.
    ByName {
        /// In words: `nix-env's default expression`.
        place: String,
    },
    /// No flake: a store path, or a file that nobody remembers.
    NoSource,
}

/// What a check found out about an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpgradeState {
    /// Nobody has asked yet.
    NotChecked,
    /// Its flake has the very same store paths.
    Same,
    /// Its flake has other store paths of the same version.
    Rebuilt,
    /// Its flake has a higher version, or one that cannot be compared.
    Upgrade,
    /// Its flake has a lower version.
    Downgrade,
    /// It could not be told.
    Failed(LeftReason),
}

/// What makes an element move that does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    /// Take the pin out of the registry.
    Unpin {
        /// What is pinned.
        name: String,
        /// The entry.
        entry: EntryId,
    },
    /// Let it follow another reference.
    Retarget,
    /// Tell which flake it is from.
    AttachSource,
    /// Take the hold away.
    Unhold,
    /// Allow it by a variable that nixpkgs reads, if one is named, with the machine in sight: `--impure`.
    Impure(Option<&'static str>),
    /// Update the system.
    UpdateSystem,
    /// Put the file back, or follow a flake instead.
    MendFile,
}

/// A row of a check for upgrades.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpgradeRow {
    /// The element's name.
    pub element: String,
    /// Where it comes from.
    pub follows: Follows,
    /// Whether the user holds it back.
    pub held: bool,
    /// What its flake has.
    pub state: UpgradeState,
    /// The version that is installed; may be empty.
    pub from: String,
    /// The version its flake has; empty while that is not known.
    pub to: String,
    /// Whether something has to be built for it, as far as that is known.
    pub builds: bool,
    /// What went wrong, in the words of who said it.
    pub problem: Option<String>,
}

/// What an upgrade of the element asks; `None` for what no upgrade moves.
pub fn question(name: &str, element: &ProfileElement, files: &RememberedFiles) -> Option<Question> {
    if let Some(file) = files.of(name, element) {
        return file.question();
    }
    let source = element.source.as_ref().filter(|source| !source.is_locked())?;
    Some(Question::exactly(&source.original_url, &source.attr_path))
}

/// What an upgrade of a package of nix-env has evaluated again; `None` where its name is looked for.
pub fn package_question(
    name: &str,
    element: &ProfileElement,
    files: &RememberedFiles,
) -> Option<PackageQuestion> {
    files.of(name, element)?.package_question()
}

/// What an upgrade of a package of nix-env looks for, and where.
pub fn looks_for(
    name: &str,
    element: &ProfileElement,
    package: &EnvironmentPackage,
    files: &RememberedFiles,
) -> UpgradeQuestion {
    let file = files.of(name, element).and_then(|source| source.file.clone());
    UpgradeQuestion { file, name: package.short_name().to_owned() }
}

/// The change that upgrades an element: a package of nix-env that was found in a file by its name is
/// looked for there once more.
pub fn change(name: &str, manifest: &ProfileManifest, files: &RememberedFiles) -> Change {
    let element = name.to_owned();
    let remembered = manifest.elements.get(name).and_then(|element| files.of(name, element));
    let found_in = remembered.filter(|source| source.by_name).and_then(|source| source.file.clone());
    match found_in.filter(|_| manifest.environment.is_some()) {
        Some(file) => Change::UpgradeFrom { element, file },
        None => Change::Upgrade { element },
    }
}

/// The change that keeps an element at the revision it is locked to; `None` if it follows no flake or
/// is pinned already.
pub fn pin(name: &str, element: &ProfileElement) -> Option<Change> {
    let source = element.source.as_ref().filter(|source| !source.is_locked())?;
    // A tree with changes has no lock to pin to.
    FlakeRef::parse(&source.url).ok().filter(|url| url.is_locked(true))?;
    Some(Change::Retarget { element: name.to_owned(), to: source.url.clone() })
}

/// The change that lets a pinned element move again: with the reference that the last of the
/// generations before, newest first, has for the same package. `None` if none of them has one that
/// moves.
pub fn unpin<'a>(
    name: &str,
    element: &ProfileElement,
    past: impl IntoIterator<Item = &'a ProfileManifest>,
) -> Option<Change> {
    let pinned = element.source.as_ref().filter(|source| source.is_locked())?;
    let is_same = |source: &&ElementSource| {
        !source.is_locked() && source.short_attribute(None) == pinned.short_attribute(None)
    };
    let earlier = past.into_iter().filter_map(|manifest| manifest.elements.get(name)?.source.as_ref());
    let to = earlier.into_iter().find(is_same)?.original_url.clone();
    Some(Change::Retarget { element: name.to_owned(), to })
}

impl UpgradeRow {
    /// The row of an element.
    pub fn of(
        name: &str,
        element: &ProfileElement,
        held: bool,
        facts: &Facts,
        (registries, reach): (&Registries, Reach),
    ) -> Self {
        let mut row = Self {
            element: name.to_owned(),
            follows: match facts.files.of(name, element).filter(|file| file.question().is_some()) {
                Some(file) => Follows::File { words: file.words() },
                None => Follows::of(element, registries, reach),
            },
            held,
            state: UpgradeState::NotChecked,
            from: element.plain_versions(),
            to: String::new(),
            builds: false,
            problem: None,
        };
        if let Some(question) = question(name, element, &facts.files) {
            let question = facts.with_options(Some(name), question);
            row.look_at(element, &question, facts);
        }
        row
    }

    /// Takes in what was found under the name of a package of nix-env.
    pub fn look_for(&mut self, package: &EnvironmentPackage, question: &UpgradeQuestion, facts: &Facts) {
        self.follows = Follows::ByName { place: question.place() };
        self.state = match facts.candidates.get(question) {
            None => UpgradeState::NotChecked,
            Some(Err(NoCandidates::NoSource(_))) => UpgradeState::Failed(LeftReason::NoSource),
            Some(Err(NoCandidates::Fails(_))) => UpgradeState::Failed(LeftReason::EvaluationFailed),
            Some(Ok(candidates)) => match best_upgrade(package, candidates) {
                None => UpgradeState::Same,
                Some(newer) if newer.package.is_none() => UpgradeState::Failed(LeftReason::EvaluationFailed),
                Some(newer) => {
                    PackageName::split(&newer.name).version.clone_into(&mut self.to);
                    UpgradeState::Upgrade
                }
            },
        };
    }

    /// Takes in what the file of a package of nix-env came to.
    pub fn look_again(&mut self, package: &EnvironmentPackage, question: &PackageQuestion, facts: &Facts) {
        if let PackageQuestion::Installable(installable) = question
            && let Some(source) = FileSource::of(installable)
        {
            self.follows = Follows::File { words: source.words() };
        }
        let failed = UpgradeState::Failed;
        self.state = match facts.packages.get(question) {
            None => UpgradeState::NotChecked,
            Some(Err(reason)) => {
                self.problem = Some(reason.to_string());
                failed(LeftReason::EvaluationFailed)
            }
            Some(Ok(offered)) => match again(package, offered) {
                Again::Same => UpgradeState::Same,
                Again::Gone => failed(LeftReason::AttributeGone),
                Again::Several => failed(LeftReason::NotAPackage),
                Again::Other(found) => {
                    found.package.version().clone_into(&mut self.to);
                    let path = |package: &EnvironmentPackage| [package.out_path.clone()];
                    compare(&path(package), &path(&found.package))
                }
            },
        };
    }

    fn look_at(&mut self, element: &ProfileElement, question: &Question, facts: &Facts) {
        let Some(answer) = facts.evaluations.get(question) else { return };
        let by_default = ExtendedOutputsSpec::Default;
        let outputs = element.source.as_ref().map_or(&by_default, |source| &source.outputs);
        let fail = |reason, problem: String| (UpgradeState::Failed(reason), Some(problem));
        let found = match answer {
            Err(failure) => Err(fail(LeftReason::of(failure.kind), failure.message.to_string())),
            Ok(evaluated) => evaluated
                .element(outputs)
                .map(|newer| (evaluated, newer))
                .map_err(|error| fail(LeftReason::NoSuchOutput, error.to_string())),
        };
        let (evaluated, newer) = match found {
            Ok(found) => found,
            Err((state, problem)) => {
                (self.state, self.problem) = (state, problem);
                return;
            }
        };
        self.to = newer.plain_versions();
        self.state = compare(&element.store_paths, &newer.store_paths);
        self.builds = evaluated.drv_path.as_ref().is_some_and(|drv_path| facts.builds.contains(drv_path));
        let key = evaluated.drv_path.as_ref().or(newer.store_paths.first());
        if let Some(log) = key.and_then(|key| facts.failed_builds.get(key.as_str()))
            && self.state != UpgradeState::Same
        {
            self.state = UpgradeState::Failed(LeftReason::of_failed_build(log));
            self.problem = Some(log.to_string());
        }
    }

    /// Whether an upgrade would change something.
    pub fn is_newer(&self) -> bool {
        matches!(self.state, UpgradeState::Rebuilt | UpgradeState::Upgrade | UpgradeState::Downgrade)
    }

    /// What makes it move, if it does not.
    pub fn mend(&self) -> Option<Mend> {
        if self.held {
            return Some(Mend::Unhold);
        }
        if let UpgradeState::Failed(reason) = self.state
            && let Some(allows) = allows(reason)
        {
            return Some(allows);
        }
        match &self.follows {
            Follows::Pinned { entry: EntryId { layer: Layer::System, .. }, .. } => Some(Mend::UpdateSystem),
            Follows::Pinned { pin, entry: entry @ EntryId { layer: Layer::User, .. }, .. } => {
                Some(Mend::Unpin { name: pin.clone(), entry: *entry })
            }
            // No entry of the user's own that could be removed, or nothing that keeps it in its place.
            Follows::Pinned { entry: EntryId { layer: Layer::CommandLine, .. }, .. }
            | Follows::ByName { .. } => None,
            Follows::Pinned { .. } | Follows::Locked { .. } | Follows::Nowhere { .. } => Some(Mend::Retarget),
            Follows::NoSource => Some(Mend::AttachSource),
            Follows::File { .. } => {
                let is_gone = matches!(
                    self.state,
                    UpgradeState::Failed(
                        LeftReason::FileGone | LeftReason::AttributeGone | LeftReason::NotAPackage
                    )
                );
                is_gone.then_some(Mend::MendFile)
            }
            Follows::Reference { .. } | Follows::Registry { .. } | Follows::Folder { .. } => {
                let is_gone = matches!(
                    self.state,
                    UpgradeState::Failed(LeftReason::AttributeGone | LeftReason::NotAPackage)
                );
                is_gone.then_some(Mend::Retarget)
            }
        }
    }
}

/// What nixpkgs and Nix take for a yes, where a failure is a question of allowing.
pub fn allows(reason: LeftReason) -> Option<Mend> {
    Some(Mend::Impure(match reason {
        LeftReason::Unfree => Some("NIXPKGS_ALLOW_UNFREE"),
        LeftReason::Insecure => Some("NIXPKGS_ALLOW_INSECURE"),
        LeftReason::Broken => Some("NIXPKGS_ALLOW_BROKEN"),
        LeftReason::Platform => Some("NIXPKGS_ALLOW_UNSUPPORTED_SYSTEM"),
        LeftReason::NeedsImpure => None,
        _ => return None,
    }))
}

/// What other store paths mean: packages of the same name are compared by version.
fn compare(before: &[StorePath], after: &[StorePath]) -> UpgradeState {
    if before == after {
        return UpgradeState::Same;
    }
    let lowest = |paths: &[StorePath]| {
        let versions = paths.iter().map(|path| PackageName::split(path.name()).version.to_owned());
        versions.filter(|version| !version.is_empty()).min_by(|a, b| compare_versions(a, b))
    };
    match (lowest(before), lowest(after)) {
        (Some(before), Some(after)) => match compare_versions(&before, &after) {
            std::cmp::Ordering::Less => UpgradeState::Upgrade,
            std::cmp::Ordering::Equal => UpgradeState::Rebuilt,
            std::cmp::Ordering::Greater => UpgradeState::Downgrade,
        },
        (None, None) => UpgradeState::Rebuilt,
        _ => UpgradeState::Upgrade,
    }
}

impl Follows {
    /// Where an element comes from, by the registries as they are.
    pub fn of(element: &ProfileElement, registries: &Registries, reach: Reach) -> Self {
        let Some(source) = &element.source else { return Self::NoSource };
        let name = source.original_url.clone();
        let Ok(reference) = FlakeRef::parse(&name) else {
            return Self::Reference { reference: name };
        };
        if reference.is_locked(true) {
            return Self::Locked { reference: name };
        }
        if !reference.is_indirect() {
            let is_local = reference.kind() == Kind::Path || name.starts_with("git+file:");
            return if is_local {
                Self::Folder { reference: name }
            } else {
                Self::Reference { reference: name }
            };
        }
        match registries.look_up_to_fetch(&reference, reach) {
            Err(error) => Self::Nowhere { name, problem: error.to_string() },
            Ok(found) => {
                let Some(hop) = found.hops.last() else {
                    return Self::Nowhere { name, problem: "no registry is used".to_owned() };
                };
                let (target, entry) = (found.result.to_string(), hop.entry);
                // What a pin leaves of a folder without a hash is marked as final, and moves all the same.
                if !found.result.is_locked(true) {
                    return Self::Registry { name, target, entry };
                }
                let hops = found.hops.iter().rev();
                let mut entries = hops.filter_map(|hop| Some((hop.entry, registries.entry(hop.entry)?)));
                match entries.find(|(_, entry)| fixes(entry, &found.result)) {
                    // The commit is in the reference's own words.
                    None => Self::Locked { reference: name },
                    Some((entry, fixing)) => {
                        let since = found.result.last_modified();
                        Self::Pinned { name, target, pin: fixing.from.to_string(), entry, since }
                    }
                }
            }
        }
    }

    /// A sentence part: where it comes from and how it moves. `date` prints seconds since 1970.
    pub fn words(&self, date: &dyn Fn(u64) -> String) -> String {
        match self {
            Self::Reference { reference } => match branch(reference) {
                Some(branch) => format!("tracks the branch {branch} of {reference}"),
                None => format!("tracks {reference}"),
            },
            Self::Registry { name, target, entry } => match entry.layer {
                Layer::System if is_in_store(target) => {
                    format!("{name} is {target} by the system registry, moves with the OS")
                }
                layer => format!("tracks {target}, which the {} registry calls {name}", layer.name()),
            },
            Self::Pinned { entry: EntryId { layer: Layer::System, .. }, name, pin, .. } => {
                format!("{} fixed by the system registry, moves with the OS", led_to(name, pin))
            }
            Self::Pinned { name, pin, entry, since, .. } => {
                let since = since.map(|since| format!(" since {}", date(since))).unwrap_or_default();
                let name = led_to(name, pin);
                format!("{name} pinned by the {} registry{since}", entry.layer.name())
            }
            Self::Nowhere { problem, .. } => problem.clone(),
            Self::Folder { reference } => format!("local folder {reference}"),
            Self::Locked { reference } => format!("locked reference {reference}, never moves"),
            Self::File { words } => format!("environment file {words}, evaluated again by an upgrade"),
            Self::ByName { place } => format!("looked for by its name in {place}"),
            Self::NoSource => "added as a store path or from a file, no flake to ask".to_owned(),
        }
    }
}

impl Mend {
    /// What to type.
    pub fn words(&self, element: &str) -> String {
        match self {
            Self::Unpin { name, .. } => format!("'firn registry remove {name}' takes the pin away"),
            Self::Retarget => format!("'firn retarget {element} REFERENCE' lets it follow another flake"),
            Self::AttachSource => {
                format!("'firn retarget {element} FLAKE#PACKAGE' tells which flake it is from")
            }
            Self::Unhold => format!("'firn unhold {element}' lets it go"),
            Self::Impure(None) => format!("'firn upgrade {element} --impure' lets it look at the machine"),
            Self::Impure(Some(variable)) => {
                format!("'{variable}=1 firn upgrade {element} --impure' allows it")
            }
            Self::MendFile => format!(
                "put the file back as it was; 'firn retarget {element} FLAKE#PACKAGE' lets it follow a flake"
            ),
            Self::UpdateSystem => "updating the system moves it".to_owned(),
        }
    }
}

/// Whether an entry is what locks a reference that was led over it.
fn fixes(entry: &Entry, locked: &FlakeRef) -> bool {
    match locked.revision() {
        // A commit may be carried over by the entries after it.
        Some(revision) => entry.to.revision() == Some(revision),
        None => entry.to.is_locked(true),
    }
}

/// `flake:mine leads to flake:nixpkgs, which is`, or only `flake:nixpkgs is`.
fn led_to(name: &str, pin: &str) -> String {
    let reference = |text| FlakeRef::parse(text).ok();
    match (reference(name), reference(pin)) {
        (Some(asked), Some(pinned)) if !asked.same_input(&pinned) => {
            format!("{name} leads to {pin}, which is")
        }
        _ => format!("{name} is"),
    }
}

/// Whether a folder is one of a store, by its name: only these are made anew with the system.
fn is_in_store(reference: &str) -> bool {
    let is_hash = |text: &str| {
        text.len() == 32 && text.bytes().all(|letter| letter.is_ascii_digit() || letter.is_ascii_lowercase())
    };
    let path = reference.split('?').next().unwrap_or_default();
    path.starts_with("path:")
        && path.split('/').any(|part| part.split_once('-').is_some_and(|(hash, _)| is_hash(hash)))
}

fn branch(reference: &str) -> Option<String> {
    let parsed = FlakeRef::parse(reference).ok()?;
    parsed.reference().map(|branch| String::from_utf8_lossy(branch).into_owned())
}

#[cfg(test)]
mod tests;
