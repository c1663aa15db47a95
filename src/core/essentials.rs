//! What a profile should not lose by accident: the nix and the firn that run from it,
//! the certificates, and home-manager's own package.
//!
//! Such a thing is lost if its element is removed or switched off, or if its file is hidden
//! by one of another package; it is not if another element brings the same thing, a newer nix
//! for instance. Of two manifests only the first two can be told ([`lost_between`]), of a
//! plan whose tree is known all ([`lost_by`]). Of home-manager's package single files may
//! well be hidden; it counts as a whole.

use std::path::PathBuf;

use super::link_tree::{LinkTree, Node};
use super::manifest::{ProfileElement, ProfileManifest};
use super::package::{PackageName, package_name};
use super::plan::Plan;

/// Something that is hard to do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Essential {
    /// The nix that is called.
    Nix,
    /// This program.
    Firn,
    /// The certificates.
    Certificates,
    /// All that home-manager has installed.
    HomeManager,
}

/// A program in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningProgram {
    /// [`Essential::Nix`] or [`Essential::Firn`].
    pub essential: Essential,
    /// Its file and every link on the way to it, absolute.
    pub places: Vec<PathBuf>,
}

/// An element that something rests on, and that is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The element.
    pub element: String,
    /// What it brings.
    pub essential: Essential,
    /// What becomes of the element.
    pub how: How,
}

/// What becomes of an element that is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It goes.
    Removed,
    /// It stays, without its files.
    SwitchedOff,
    /// It stays, and other files win.
    Hidden,
}

/// Where the certificates lie.
const BUNDLE: &str = "etc/ssl/certs/ca-bundle.crt";

impl Essential {
    /// What packages that bring it are called.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Nix => &["nix", "lix", "determinate-nix"],
            Self::Firn => &["firn", "nix-firn"],
            Self::Certificates => &["nss-cacert"],
            Self::HomeManager => &["home-manager-path"],
        }
    }

    fn is_name(self, store_name: &str) -> bool {
        self.names().contains(&PackageName::split(store_name).name)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Nix => "the nix in use: without one nothing can be installed",
            Self::Firn => "this firn: going back then takes 'nix profile rollback'",
            Self::Certificates => "the certificates: without them downloads can fail",
            Self::HomeManager => "everything that home-manager has installed",
        }
    }
}

impl Lost {
    /// What happens, in words.
    pub fn words(&self) -> String {
        let deed = match self.how {
            How::Removed => "removing",
            How::SwitchedOff => "switching off",
            How::Hidden => "hiding the files of",
        };
        let element = super::visible::text(&self.element);
        format!("{deed} '{element}' takes away {}", self.essential.words())
    }
}

/// What is lost on the way from one manifest to another, by element.
pub fn lost_between(
    before: &ProfileManifest,
    after: &ProfileManifest,
    programs: &[RunningProgram],
) -> Vec<Lost> {
    let mut lost = Vec::new();
    for (name, element) in before.elements.iter().filter(|(_, element)| element.active) {
        for essential in brought(element, programs) {
            let brings = |other: &ProfileElement| {
                let is_named = other.store_paths.iter().any(|path| essential.is_name(path.name()));
                other.active && (is_named || brought(other, programs).contains(&essential))
            };
            if !after.elements.values().any(brings) {
                lost.push(Lost { element: name.clone(), essential, how: how(after, name) });
            }
        }
    }
    lost
}

/// What applying a plan would take away, by element.
pub fn lost_by(plan: &Plan, programs: &[RunningProgram]) -> Vec<Lost> {
    if plan.after == plan.base.manifest {
        return Vec::new();
    }
    let mut lost = lost_between(&plan.base.manifest, &plan.after, programs);
    if !plan.needs.is_empty() {
        return lost;
    }
    for (essential, file) in files(plan, programs) {
        let Some(package) = package_at(&plan.tree_before, &file) else { continue };
        if !brings(plan, &package, (essential, &file), programs) {
            continue;
        }
        let Some(element) = plan.element_before(package.as_bytes()) else { continue };
        let known = lost.iter().position(|lost| lost.essential == essential && lost.element == element);
        let after = package_at(&plan.tree_after, &file);
        let stays = after.is_some_and(|after| brings(plan, &after, (essential, &file), programs));
        match known {
            Some(known) if stays => drop(lost.remove(known)),
            None if !stays => {
                lost.push(Lost { element: element.to_owned(), essential, how: how(&plan.after, element) });
            }
            _ => {}
        }
    }
    lost.sort_by(|one, two| one.element.cmp(&two.element));
    lost
}

fn how(after: &ProfileManifest, element: &str) -> How {
    match after.elements.get(element) {
        None => How::Removed,
        Some(element) if !element.active => How::SwitchedOff,
        Some(_) => How::Hidden,
    }
}

/// What an element brings: by its packages' names, or because a program runs from it.
fn brought(element: &ProfileElement, programs: &[RunningProgram]) -> Vec<Essential> {
    let named = [Essential::Certificates, Essential::HomeManager].into_iter().filter(|essential| {
        let mut paths = element.store_paths.iter();
        paths.any(|path| essential.is_name(path.name()))
    });
    let runs = programs.iter().filter(|program| {
        let mut paths = element.store_paths.iter();
        paths.any(|path| program.places.iter().any(|place| place.starts_with(path.as_str())))
    });
    named.chain(runs.map(|program| program.essential)).collect()
}

/// The files that must stay what they are, as paths in the profile.
fn files(plan: &Plan, programs: &[RunningProgram]) -> Vec<(Essential, String)> {
    let store_dir = plan.base.store_dir.as_str();
    let mut files = vec![(Essential::Certificates, BUNDLE.to_owned())];
    for program in programs {
        for place in &program.places {
            let inside = place.strip_prefix(store_dir).ok().and_then(|place| place.to_str());
            let Some((_, file)) = inside.and_then(|inside| inside.split_once('/')) else { continue };
            let file = (program.essential, file.to_owned());
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }
    files
}

/// The package that a path of the tree leads into.
fn package_at(tree: &LinkTree, file: &str) -> Option<String> {
    let ends = file.match_indices('/').map(|(end, _)| end).chain([file.len()]);
    for end in ends {
        match tree.get(&file.as_bytes()[..end])? {
            Node::Directory(_) => {}
            Node::Link(link) if link.folder || end == file.len() => {
                return String::from_utf8(link.package.to_vec()).ok();
            }
            Node::Link(_) => return None,
        }
    }
    None
}

/// Whether a package's file is what it should be: by the package's name, or because it runs.
fn brings(
    plan: &Plan,
    package: &str,
    (essential, file): (Essential, &str),
    programs: &[RunningProgram],
) -> bool {
    let in_store = package.starts_with(plan.base.store_dir.as_str());
    let name = if in_store { package_name(package.as_bytes()) } else { String::new() };
    let place = std::path::Path::new(package).join(file);
    let runs = |program: &RunningProgram| program.essential == essential && program.places.contains(&place);
    essential.is_name(&name) || programs.iter().any(runs)
}

#[cfg(test)]
mod tests;
