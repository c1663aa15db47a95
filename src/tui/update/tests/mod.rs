//! Level 3: state and messages in, state and effects out.
//!
//! [`Bench`] holds a model on a small world of `core`. Keys are written as for
//! `--keys`; effects are collected, and answered only when a test says so.

use std::sync::Arc;

use super::update;
use crate::core::evaluation::{EvaluationFailure, Search};
use crate::core::facts::Facts;
use crate::core::file_tree::{Basis, Package, PathBytes, Propagated, Root};
use crate::core::generation::Generation;
use crate::core::plan::PlanState;
use crate::core::resolution;
use crate::core::test_world::World;
use crate::ops::load_profile::{LoadedGeneration, LoadedProfile};
use crate::system::profile_folder::ProfileState;
use crate::tui::effect::Effect;
use crate::tui::keymap::{Key, Keymap};
use crate::tui::model::{Model, Overlay};
use crate::tui::msg::Msg;

mod adding;
mod answers;
mod collisions;
mod command_log;
mod comparing;
mod contained;
mod copying;
mod deleting;
mod doctor;
mod history_filter;
mod homepage;
mod in_front;
mod lists;
mod nix_options;
mod outputs;
mod palette;
mod picking;
mod picking_paths;
mod preview;
mod priority;
mod profiles;
mod realising;
mod rebuilding;
mod registry;
mod registry_edits;
mod registry_plans;
mod review;
mod rollback;
mod sourcing;
mod staging;
mod surroundings;
mod trace;
mod upgrading;

/// A model under test, with the world that answers it.
struct Bench {
    model: Model,
    world: World,
    effects: Vec<Effect>,
    /// What is only looked up for the screen.
    background: Vec<Effect>,
}

fn is_background(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Compare { .. }
            | Effect::CheckNotes
            | Effect::ReadHolds(_)
            | Effect::ReadOptions(_)
            | Effect::MeasureCost { .. }
            | Effect::LookUpProgram(_)
            | Effect::CompareEnvironments(_)
    )
}

/// hello and fltk share `bin/hello`; jj is hidden by jujutsu; tmux is alone.
fn world() -> World {
    World::new()
        .installed("hello-2.12.3", 5, &["bin/hello", "share/man/hello.1"])
        .installed("jj-1.9.2", 6, &["bin/jj"])
        .installed("jujutsu-0.29.0", 5, &["bin/jj", "bin/jj-lsp"])
        .installed("tmux-3.5", 5, &["bin/tmux", "share/man/tmux.1"])
        .offered("fltk-1.3.11", 5, &["bin/hello", "bin/fluid"])
}

impl Bench {
    /// A profile that has been read and whose packages are known; generations 40, 41 and 42, of
    /// which 42 is live and 40 was before.
    fn on(world: World) -> Self {
        let mut bench = Self::starting(world);
        bench.load(42);
        bench.learn();
        bench.effects.clear();
        bench.background.clear();
        bench
    }

    /// Before anything has been read.
    fn starting(world: World) -> Self {
        let model = Model::new(Arc::new(Keymap::embedded().unwrap()), (120, 36));
        Self { model, world, effects: Vec::new(), background: Vec::new() }
    }

    fn profile(&self, current: u64) -> LoadedProfile {
        let generation = |number: u64| LoadedGeneration {
            generation: Generation { number, target: format!("/nix/store/{number}"), time: 0 },
            manifest: Ok(Arc::default()),
            made_on: None,
            probably_on: None,
            remarks: crate::ops::load_profile::Remarks::default(),
        };
        LoadedProfile {
            base: Arc::clone(&self.world.base),
            state: ProfileState::Present,
            generations: [40, 41, 42].map(generation).into(),
            current: Some(current),
            last_live: Some(40),
            writable: true,
            damaged: None,
            files: Arc::default(),
        }
    }

    /// The profile is read, with this generation live.
    fn load(&mut self, current: u64) {
        let profile = self.profile(current);
        self.tell(Msg::ProfileLoaded(Ok(Box::new(profile))));
    }

    fn tell(&mut self, msg: Msg) {
        let effects = update(&mut self.model, msg);
        let (asks, orders): (Vec<_>, Vec<_>) = effects.into_iter().partition(is_background);
        self.effects.extend(orders);
        self.background.extend(asks);
    }

    /// Presses keys: `j <enter> G`; a word without brackets is typed letter by letter.
    fn keys(&mut self, keys: &str) -> &mut Self {
        for word in keys.split_whitespace() {
            let name = word.strip_prefix('<').and_then(|word| word.strip_suffix('>'));
            let names =
                name.map_or_else(|| word.chars().map(String::from).collect(), |name| vec![name.to_owned()]);
            for name in names {
                self.tell(Msg::Key(Key::parse(&name).unwrap().to_event()));
            }
        }
        self
    }

    /// Answers what is to be learnt with everything the world knows of it.
    fn learn(&mut self) -> &mut Self {
        while let Some(position) =
            self.effects.iter().position(|effect| matches!(effect, Effect::LearnFacts(_)))
        {
            let Effect::LearnFacts(needs) = self.effects.remove(position) else { continue };
            let mut facts = Facts { trees: self.world.facts.trees.clone(), ..Facts::default() };
            for installable in needs.installables {
                match self.world.facts.installables.get(&installable) {
                    Some(resolved) => facts.installables.insert(installable, resolved.clone()).is_some(),
                    None => facts.refused.insert(installable, "error: no such attribute".into()).is_some(),
                };
            }
            for path in needs.listings {
                // No binary cache lists it.
                let unknown = Package {
                    root: Root::Missing,
                    propagated: Propagated::Paths(Vec::new()),
                    basis: Basis::Unknown,
                };
                let path = PathBytes::from(path.as_str().as_bytes());
                self.world.facts.trees.packages.insert(path.clone(), unknown.clone());
                facts.trees.packages.insert(path, unknown);
            }
            for question in needs.evaluations {
                let typed = question.search == Search::AsTyped;
                let unknown = || typed.then(|| Err(EvaluationFailure::of_words("error: no such attribute")));
                let known = self.world.facts.evaluations.get(&question).cloned();
                if let Some(answer) = known.or_else(unknown) {
                    facts.evaluations.insert(question, answer);
                }
            }
            self.tell(Msg::FactsLearnt(Ok(Box::new(facts))));
        }
        self
    }

    /// Answers the search for ways out.
    fn find_ways(&mut self) -> &mut Self {
        while let Some(position) =
            self.effects.iter().position(|effect| matches!(effect, Effect::FindWays { .. }))
        {
            let Effect::FindWays { revision, index, group, plan, transaction, facts } =
                self.effects.remove(position)
            else {
                continue;
            };
            let ways = resolution::ways(&plan, &transaction, &facts, &group);
            self.tell(Msg::WaysFound { revision, group: index, ways });
        }
        self
    }

    /// Takes what was ordered so far.
    fn ordered(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    fn toast(&self) -> &str {
        self.model.toast.as_ref().map_or("", |toast| toast.text.as_str())
    }

    fn state(&self) -> PlanState {
        self.model.plan.as_ref().unwrap().state()
    }

    /// Staged changes in short: `remove hello`, `hello 7`, `hello off`, `add nixpkgs#fltk`.
    fn staged(&self) -> Vec<String> {
        use crate::core::change::Change;
        let words = |change: &Change| match change {
            Change::Remove { element } => format!("remove {element}"),
            Change::Priority { element, to } => format!("{element} {to}"),
            Change::Active { element, to } => format!("{element} {}", if *to { "on" } else { "off" }),
            Change::Add { installable, priority: Some(priority), .. } => {
                format!("add {installable} {priority}")
            }
            Change::Add { installable, active: false, .. } => format!("add {installable} off"),
            Change::Upgrade { element } => format!("upgrade {element}"),
            Change::Convert => "convert".to_owned(),
            Change::UserEnvironment { .. } => "packages of nix-env".to_owned(),
            Change::UpgradeFrom { element, file } => format!("upgrade {element} from {file}"),
            Change::Keep { element, to } => format!("{element} {}", if *to { "kept" } else { "let go" }),
            Change::Outputs { element, to } => format!("outputs {element}{to}"),
            Change::Attach { element, to } => format!("attach {element} {to}"),
            Change::Retarget { element, to } => format!("retarget {element} {to}"),
            Change::Add { installable, .. } => format!("add {installable}"),
            Change::RegistryAdd { from, to } => format!("registry add {from} {to}"),
            Change::RegistryRemove { from } => format!("registry remove {from}"),
            Change::RegistryPin { from, .. } => format!("registry pin {from}"),
        };
        self.model.transaction.changes().iter().map(words).collect()
    }

    /// Names of the rows shown, the one under the cursor with a `>`.
    fn rows(&self) -> Vec<String> {
        let plan = self.model.plan.as_ref().unwrap();
        let pane = &self.model.installed;
        let title = |(position, row): (usize, &usize)| {
            let cursor = if position == pane.cursor.selected { ">" } else { "" };
            format!("{cursor}{}", plan.elements[*row].name)
        };
        pane.rows.iter().enumerate().map(title).collect()
    }

    fn overlay(&self) -> Option<&Overlay> {
        self.model.overlays.last()
    }
}
