//! home-manager's package in a profile, and whether the next `home-manager switch` will work.
//!
//! Used without NixOS and nix-darwin, home-manager puts all it installs into one package,
//! `home-manager-path`, and that into the user's profile. A switch takes every store path of that
//! name out (`nix profile remove`), then installs the new one by store path, so that it is switched
//! on at priority 5 whatever it was before. Two generations, then, and each can be refused:
//!
//! - without the package, two elements that it hid can tie;
//! - with the new one, an element of priority 5 that has one of its files ties with it, and a file
//!   that meets a folder of it clashes.
//!
//! In both cases the profile is left without the new package, in the second without the old one,
//! too. In a profile of nix-env it is one step, `nix-env --install`, that replaces the old package;
//! one with nix-env's flag `keep` stays beside the new one, with the same files.
//! What the next package holds is not known: it is taken for the one that is there.
//! `tests/home_manager.rs` holds this against what Nix does. (nix-darwin and NixOS write into no
//! profile of a user: what they make is a [`super::profile_kind::ProfileKind::System`].)

use std::collections::BTreeSet;
use std::sync::Arc;

use super::change::Change;
use super::facts::Facts;
use super::link_tree::{Claimant, Collisions, TreeNeeds};
use super::manifest::{DEFAULT_PRIORITY, ProfileElement, ProfileManifest};
use super::plan::{Base, Plan};
use super::shell_words::quoted;
use super::visible;

/// What its package is called in the store.
const PACKAGE: &str = "home-manager-path";

/// What is known about the next switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextSwitch {
    /// home-manager does not write into this profile.
    NotUsed,
    /// Folders have to be read first; empty while the plan itself cannot be applied.
    Unknown(TreeNeeds),
    /// It can be carried out.
    Works,
    /// Nix would refuse it.
    Fails(SwitchTrouble),
}

/// Why a switch fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchTrouble {
    /// At which of its steps.
    pub step: SwitchStep,
    /// A path that collides.
    pub path: String,
    /// How many there are.
    pub files: usize,
    /// The elements that collide there; those of home-manager are left out.
    pub elements: Vec<String>,
    /// What mends that: a weaker priority for the last of them, or its removal; letting go of what is
    /// kept.
    pub way: Change,
}

/// The steps of a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchStep {
    /// Taking the old package out.
    Removing,
    /// Installing the new one.
    Installing,
    /// Both at once, as nix-env does it.
    Replacing,
    /// The new one beside the old one, which nix-env was told to keep.
    Keeping,
}

/// Whether home-manager has put an element there.
pub fn is_its_own(element: &ProfileElement) -> bool {
    element.store_paths.iter().any(|path| path.name() == PACKAGE)
}

/// The elements that the next switch takes out.
pub fn elements(manifest: &ProfileManifest) -> impl Iterator<Item = (&String, &ProfileElement)> {
    manifest.elements.iter().filter(|(_, element)| is_its_own(element))
}

/// What the next switch does after the plan was applied.
pub fn next_switch(plan: &Plan, facts: &Facts) -> NextSwitch {
    let Some((_, package)) = elements(&plan.after).chain(elements(&plan.base.manifest)).next() else {
        return NextSwitch::NotUsed;
    };
    if !plan.needs.is_empty() || plan.collisions.blocking() > 0 {
        return NextSwitch::Unknown(TreeNeeds::default());
    }
    if let Some(trouble) = elements(&plan.after).find_map(|(name, _)| kept(&plan.after, name)) {
        return NextSwitch::Fails(trouble);
    }
    let mut without = plan.after.clone();
    without.elements.retain(|name, element| !is_its_own(element) || plan.after.keeps(name));
    let mut with = without.clone();
    let installed =
        ProfileElement { active: true, priority: DEFAULT_PRIORITY, source: None, ..package.clone() };
    let name = with.add(PACKAGE, installed);
    let base = Arc::new(Base { manifest: without, ..(*plan.base).clone() });
    let switch = Plan::between(&base, &with, facts, Some(plan));
    if !switch.needs.is_empty() {
        return NextSwitch::Unknown(switch.needs.tree);
    }
    let installing = Doing { switch: &switch, what: SwitchStep::Installing, installed: &name };
    let removing = Doing { what: SwitchStep::Removing, ..installing };
    let replacing = Doing { what: SwitchStep::Replacing, ..installing };
    let trouble = match &plan.after.environment {
        Some(_) => replacing.trouble(&switch.collisions),
        None => removing
            .trouble(&switch.tree_before.collisions())
            .or_else(|| installing.trouble(&switch.collisions)),
    };
    match trouble {
        Some(trouble) => NextSwitch::Fails(trouble),
        None => NextSwitch::Works,
    }
}

/// Why nix-env cannot install the new package beside one that it was told to keep.
fn kept(manifest: &ProfileManifest, name: &str) -> Option<SwitchTrouble> {
    let element = manifest.elements.get(name)?;
    let collides = manifest.keeps(name) && element.active && element.priority == DEFAULT_PRIORITY;
    collides.then(|| SwitchTrouble {
        step: SwitchStep::Keeping,
        // All of its files.
        path: String::new(),
        files: 1,
        elements: vec![name.to_owned()],
        way: Change::Keep { element: name.to_owned(), to: false },
    })
}

#[derive(Clone, Copy)]
struct Doing<'a> {
    switch: &'a Plan,
    what: SwitchStep,
    /// What home-manager's element is called.
    installed: &'a str,
}

impl Doing<'_> {
    fn trouble(self, found: &Collisions) -> Option<SwitchTrouble> {
        let clash = found.type_clashes.first().map(|clash| (&clash.path, &clash.claimants, None));
        let tie = found.ties.first().map(|tie| (&tie.path, &tie.claimants, Some(tie.priority)));
        let (path, claimants, priority) = tie.or(clash)?;
        let elements = self.elements(claimants);
        let element = elements.last().cloned()?;
        let way = match priority.and_then(|priority| priority.checked_add(1)) {
            Some(to) => Change::Priority { element, to },
            None => Change::Remove { element },
        };
        let files = found.blocking();
        Some(SwitchTrouble { step: self.what, path: visible::bytes(path), files, elements, way })
    }

    /// Whose the claimants are, each once, without home-manager's own.
    fn elements(self, claimants: &[Claimant]) -> Vec<String> {
        let owner = |claimant: &Claimant| match self.what {
            SwitchStep::Removing => self.switch.element_before(&claimant.package),
            SwitchStep::Installing | SwitchStep::Replacing | SwitchStep::Keeping => {
                self.switch.element_of(&claimant.package)
            }
        };
        let owners: BTreeSet<&str> = claimants.iter().filter_map(owner).collect();
        owners.into_iter().filter(|owner| *owner != self.installed).map(str::to_owned).collect()
    }
}

impl SwitchTrouble {
    /// What to type to prevent it. `program` is how firn is called for this profile.
    pub fn to_type(&self, program: &str) -> String {
        match &self.way {
            Change::Priority { element, to } => format!("{program} priority {} {to}", quoted(element)),
            Change::Keep { element, to } => {
                let change = serde_json::json!({"change": "keep", "element": element, "to": to});
                let file = format!("{{\"version\":1,\"changes\":[{change}]}}");
                format!("echo {} | {program} apply -", quoted(&file))
            }
            other => format!("{program} remove {}", quoted(other.element().unwrap_or_default())),
        }
    }

    /// What to stage to prevent it, in words.
    pub fn to_stage(&self) -> String {
        match &self.way {
            Change::Priority { element, to } => {
                format!("priority {to} for '{}' prevents that", visible::text(element))
            }
            Change::Keep { element, .. } => {
                format!("taking the flag 'keep' from '{}' prevents that", visible::text(element))
            }
            other => {
                format!("removing '{}' prevents that", visible::text(other.element().unwrap_or_default()))
            }
        }
    }

    /// What happens, in words.
    pub fn words(&self) -> String {
        let names: Vec<String> =
            self.elements.iter().map(|name| format!("'{}'", visible::text(name))).collect();
        let names = names.join(" and ");
        let more = match self.files {
            1 => String::new(),
            files => format!(" and {} more", files - 1),
        };
        let path = format!("{}{more}", self.path);
        match self.step {
            SwitchStep::Removing => format!(
                "the next 'home-manager switch' fails: it takes its package out first, which hides {path} of \
                 {names} now; without it they collide"
            ),
            SwitchStep::Replacing => format!(
                "the next 'home-manager switch' fails: the package it installs, at priority \
                 {DEFAULT_PRIORITY}, collides with {names} over {path}"
            ),
            SwitchStep::Keeping => format!(
                "the next 'home-manager switch' fails: nix-env leaves {names} in place, which has the flag \
                 'keep', and the package it installs has the same files at the same priority"
            ),
            SwitchStep::Installing => format!(
                "the next 'home-manager switch' fails half-way, when its old package is out: the new one, at \
                 priority {DEFAULT_PRIORITY}, collides with {names} over {path}"
            ),
        }
    }
}

/// What of a plan the next switch takes back, in words, one for each element.
pub fn taken_back(plan: &Plan) -> Vec<String> {
    let back = |(name, before): (&String, &ProfileElement)| {
        let element = visible::text(name);
        let after = plan.after.elements.get(name);
        match after {
            None => Some(format!("the next 'home-manager switch' brings '{element}' back")),
            Some(after) if plan.after.keeps(name) => {
                let is_changed = after != before || !plan.base.manifest.keeps(name);
                let hides = after.active && after.priority < DEFAULT_PRIORITY;
                let end = if hides { ", where it hides what is new" } else { "" };
                is_changed.then(|| {
                    format!(
                        "the next 'home-manager switch' leaves '{element}' beside its new package, because \
                         of the flag 'keep'{end}"
                    )
                })
            }
            Some(after) if before.active && !after.active => {
                Some(format!("the next 'home-manager switch' switches '{element}' on again"))
            }
            Some(after) if after.priority != before.priority && after.priority != DEFAULT_PRIORITY => Some(
                format!("the next 'home-manager switch' gives '{element}' priority {DEFAULT_PRIORITY} again"),
            ),
            Some(_) => None,
        }
    };
    elements(&plan.base.manifest).filter_map(back).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::{StoreDir, StorePath};
    use crate::core::test_world::{World, add};
    use crate::core::user_environment::{Derivations, EnvironmentPackage, UserEnvironment};

    fn world() -> World {
        World::new()
            .installed("home-manager-path", 5, &["bin/vi", "bin/hello", "share/x/y"])
            .installed("jq-1", 5, &["bin/jq"])
            .offered("hello-2", 5, &["bin/hello", "bin/vi"])
            .offered("weak-3", 6, &["bin/hello", "bin/vi"])
            .offered("weaker-4", 6, &["bin/hello"])
            .offered("clash-5", 6, &["share/x"])
            .offered("fd-6", 5, &["bin/fd"])
    }

    fn after(changes: Vec<Change>) -> NextSwitch {
        let mut world = world();
        world.stage(changes);
        next_switch(&world.plan(), &world.facts)
    }

    fn active(to: bool) -> Change {
        Change::Active { element: PACKAGE.to_owned(), to }
    }

    fn priority(element: &str, to: i32) -> Change {
        Change::Priority { element: element.to_owned(), to }
    }

    fn fails(next: &NextSwitch) -> &SwitchTrouble {
        let NextSwitch::Fails(trouble) = next else { panic!("{next:?}") };
        trouble
    }

    #[test]
    fn a_profile_that_it_does_not_write_into_has_no_next_switch() {
        let world = World::new().installed("jq-1", 5, &["bin/jq"]);
        assert_eq!(next_switch(&world.plan(), &world.facts), NextSwitch::NotUsed);
        assert!(elements(&world.plan().after).next().is_none());
    }

    #[test]
    fn what_meets_its_files_at_its_own_priority_is_refused() {
        assert_eq!(after(Vec::new()), NextSwitch::Works);
        assert_eq!(after(vec![add("fd"), add("weak")]), NextSwitch::Works);
        let next = after(vec![priority(PACKAGE, 4), add("hello")]);
        let trouble = fails(&next);
        assert_eq!((trouble.step, trouble.files), (SwitchStep::Installing, 2));
        assert_eq!(trouble.elements, ["hello"]);
        assert_eq!(trouble.way, priority("hello", 6));
        assert!(trouble.words().contains("'hello' over bin/hello and 1 more"), "{}", trouble.words());
        assert_eq!(fails(&after(vec![active(false), add("hello")])), trouble, "it is switched on again");
        let gone = Change::Remove { element: PACKAGE.to_owned() };
        assert_eq!(fails(&after(vec![gone, add("hello")])), trouble, "it comes back");
    }

    #[test]
    fn what_it_hides_must_not_collide_without_it() {
        let next = after(vec![add("weak"), add("weaker")]);
        let trouble = fails(&next);
        assert_eq!((trouble.step, trouble.files), (SwitchStep::Removing, 1));
        assert_eq!(trouble.way, priority("weaker", 7));
        assert!(trouble.words().contains("bin/hello of 'weak' and 'weaker'"), "{}", trouble.words());
        assert_eq!(after(vec![add("weak"), add("weaker"), trouble.way.clone()]), NextSwitch::Works);
    }

    #[test]
    fn no_number_lets_a_file_through_that_meets_a_folder() {
        let next = after(vec![active(false), add("clash")]);
        // Weaker and last, it is dropped without a word.
        assert_eq!(next, NextSwitch::Works);
        let next = after(vec![active(false), add("clash"), priority("clash", 4)]);
        assert_eq!(fails(&next).way, Change::Remove { element: "clash".to_owned() });
    }

    #[test]
    fn what_the_switch_sets_back_is_told() {
        let back = |changes| {
            let mut world = world();
            world.stage(changes);
            taken_back(&world.plan())
        };
        assert!(back(vec![add("fd")]).is_empty());
        assert!(back(vec![priority(PACKAGE, 4)])[0].contains("priority 5 again"));
        assert!(back(vec![active(false)])[0].contains("on again"));
        assert!(back(vec![Change::Remove { element: PACKAGE.to_owned() }])[0].contains("back"));
    }

    #[test]
    fn what_nix_env_keeps_stays_beside_what_is_new() {
        let told = |priority: i32, keep: bool| {
            let path = StorePath::parse(
                &StoreDir::new("/nix/store"),
                &format!("/nix/store/{}-{PACKAGE}", "a".repeat(32)),
            );
            let package = EnvironmentPackage::of_store_path(&path.unwrap());
            let environment = UserEnvironment::of_packages(vec![package], Derivations::Dropped);
            let manifest = ProfileManifest::of_environment(environment);
            let mut after = manifest.clone();
            after.set_keep(PACKAGE, keep);
            after.set_priority(PACKAGE, priority);
            let base = Base { store_path: None, manifest, store_dir: StoreDir::new("/nix/store") };
            let plan = Plan::between(&Arc::new(base), &after, &Facts::default(), None);
            (kept(&plan.after, PACKAGE), taken_back(&plan).join("; "))
        };
        assert_eq!(told(5, false).0, None);
        let trouble = told(5, true).0.unwrap();
        assert!(trouble.words().contains("leaves 'home-manager-path' in place"), "{}", trouble.words());
        assert!(trouble.to_stage().contains("taking the flag 'keep'"), "{}", trouble.to_stage());
        let command = "echo '{\"version\":1,\"changes\":[{\"change\":\"keep\",\"element\":\"home-manager-path\",\
                       \"to\":false}]}' | firn apply -";
        assert_eq!(trouble.to_type("firn"), command);
        let (trouble, words) = told(4, true);
        assert!(trouble.is_none() && words.contains("hides what is new"), "{words}");
        assert!(told(6, true).1.ends_with("because of the flag 'keep'"), "{}", told(6, true).1);
        assert!(told(6, false).1.contains("priority 5 again"));
    }
}
