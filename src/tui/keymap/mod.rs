//! Keys to actions: a table read from `assets/keymap.toml`, from which hints and help are made.
//!
//! A key means what the place says that has the keys ([`Scope`]); if the place says
//! nothing, the places around it are asked ([`Scope::and_around`]). Nothing else in
//! firn knows a key: texts that name one ask [`Keymap::name`].

use serde::Deserialize;

use super::action::Action;
use crate::core::toml_depth;

mod key;
mod names;
mod rebinding;

pub use key::{Key, KeyNameError};
pub use names::{from_name, name_of, names};
pub use rebinding::Rebinding;

/// The text of the table that comes with firn.
pub const EMBEDDED: &str = include_str!("../../../assets/keymap.toml");

/// The whole table, in the file's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Any of these runs it; none if only the palette offers it.
    pub keys: Vec<Key>,
    /// What it runs.
    pub action: Action,
    /// Where.
    pub scopes: Vec<Scope>,
    /// What help says.
    pub description: String,
    /// The word in the hint line, if it is there.
    pub hint: Option<String>,
    /// 0 stays on the narrowest screen, 2 goes first.
    pub rank: u8,
}

/// A place that can have the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Also while text is typed.
    Always,
    /// Everywhere but where text is typed.
    Everywhere,
    /// The three panes.
    Main,
    /// Pane 1.
    Installed,
    /// Pane 2.
    Registry,
    /// Pane 3.
    History,
    /// Pane 0.
    Preview,
    /// Typing the filter of a list.
    Filter,
    /// Typing what to search the tree for.
    Search,
    /// The collisions screen.
    Collisions,
    /// The review screen.
    Review,
    /// The rollback sheet.
    Rollback,
    /// The sheet before generations are deleted: a field for their count.
    Delete,
    /// A field of History: a label, which generations are deleted.
    Field,
    /// The chooser of profiles.
    Profiles,
    /// The priority field.
    Priority,
    /// The field for what to add.
    Add,
    /// The field for the names of what a plan takes away.
    TypeName,
    /// The help.
    Help,
    /// The command log.
    Log,
    /// Typing what to search the command log for.
    LogSearch,
    /// The list of all actions.
    Palette,
    /// The fields of a registry entry.
    Entry,
    /// The field for a reference to be traced.
    Trace,
    /// The menu of what can be copied.
    Copy,
    /// The outputs of a package.
    Outputs,
    /// The outputs of an environment's packages.
    Contained,
    /// Where an element comes from.
    Source,
    /// A yes or no question.
    Question,
    /// The question before quitting with a plan.
    Quit,
    /// The question whether a flake may make settings.
    Settings,
    /// What is wrong with the configuration.
    Notice,
}

/// A table that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// Not TOML, or an entry of the wrong shape.
    #[error("the key table cannot be read: {0}")]
    Syntax(String),
    /// A key name that is none.
    #[error("the key table has a wrong key in '{description}': {source}")]
    Key {
        /// The entry.
        description: String,
        /// What is wrong.
        source: KeyNameError,
    },
    /// Two entries for one key in one place.
    #[error("the key table has '{key}' twice in {scope:?}")]
    Twice {
        /// The key as shown.
        key: String,
        /// The place.
        scope: Scope,
    },
}

impl Scope {
    /// The place and those around it, inner ones first.
    pub fn and_around(self) -> &'static [Self] {
        match self {
            Self::Always => &[Self::Always],
            Self::Everywhere => &[Self::Everywhere, Self::Always],
            Self::Main => &[Self::Main, Self::Everywhere, Self::Always],
            Self::Installed => &[Self::Installed, Self::Main, Self::Everywhere, Self::Always],
            Self::Registry => &[Self::Registry, Self::Main, Self::Everywhere, Self::Always],
            Self::History => &[Self::History, Self::Main, Self::Everywhere, Self::Always],
            Self::Preview => &[Self::Preview, Self::Main, Self::Everywhere, Self::Always],
            Self::Filter => &[Self::Filter, Self::Always],
            Self::Search => &[Self::Search, Self::Always],
            Self::Collisions => &[Self::Collisions, Self::Everywhere, Self::Always],
            Self::Review => &[Self::Review, Self::Everywhere, Self::Always],
            Self::Rollback => &[Self::Rollback, Self::Everywhere, Self::Always],
            Self::Delete => &[Self::Delete, Self::Always],
            Self::Field => &[Self::Field, Self::Always],
            Self::Profiles => &[Self::Profiles, Self::Everywhere, Self::Always],
            Self::Priority => &[Self::Priority, Self::Always],
            Self::Add => &[Self::Add, Self::Always],
            Self::TypeName => &[Self::TypeName, Self::Always],
            Self::Help => &[Self::Help, Self::Always],
            Self::Log => &[Self::Log, Self::Everywhere, Self::Always],
            Self::LogSearch => &[Self::LogSearch, Self::Always],
            Self::Palette => &[Self::Palette, Self::Always],
            Self::Entry => &[Self::Entry, Self::Always],
            Self::Trace => &[Self::Trace, Self::Always],
            Self::Outputs => &[Self::Outputs, Self::Everywhere, Self::Always],
            Self::Contained => &[Self::Contained, Self::Everywhere, Self::Always],
            Self::Source => &[Self::Source, Self::Always],
            Self::Copy => &[Self::Copy, Self::Everywhere, Self::Always],
            Self::Question => &[Self::Question, Self::Everywhere, Self::Always],
            Self::Notice => &[Self::Notice, Self::Everywhere, Self::Always],
            Self::Settings => &[Self::Settings, Self::Everywhere, Self::Always],
            Self::Quit => &[Self::Quit, Self::Everywhere, Self::Always],
        }
    }
}

impl Scope {
    /// Whether letters are typed there.
    pub fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Filter
                | Self::Search
                | Self::LogSearch
                | Self::Add
                | Self::Delete
                | Self::Field
                | Self::TypeName
                | Self::Help
                | Self::Palette
                | Self::Trace
                | Self::Entry
                | Self::Source
        )
    }
}

impl Keymap {
    /// The table that comes with firn.
    pub fn embedded() -> Result<Self, KeymapError> {
        Self::parse(EMBEDDED)
    }

    /// Reads a table.
    pub fn parse(text: &str) -> Result<Self, KeymapError> {
        if let Some(line) = toml_depth::too_deep(text) {
            return Err(KeymapError::Syntax(format!("line {line} nests too deep")));
        }
        let file: File = toml::from_str(text).map_err(|error| KeymapError::Syntax(error.to_string()))?;
        let bindings = file.bindings.into_iter().map(Entry::read).collect::<Result<Vec<_>, _>>()?;
        let mut seen = std::collections::HashSet::new();
        for binding in &bindings {
            for scope in &binding.scopes {
                for key in &binding.keys {
                    if !seen.insert((*key, *scope)) {
                        return Err(KeymapError::Twice { key: key.to_string(), scope: *scope });
                    }
                }
            }
        }
        Ok(Self { bindings })
    }

    /// Every entry, in the file's order.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// What a key does in a place.
    pub fn action(&self, scope: Scope, key: Key) -> Option<Action> {
        scope.and_around().iter().find_map(|place| {
            self.bindings
                .iter()
                .find(|binding| binding.scopes.contains(place) && binding.keys.contains(&key))
                .map(|binding| binding.action)
        })
    }

    /// The entries that count in a place, in the file's order; keys that a place nearer by has
    /// taken for something else are left out.
    pub fn here(&self, scope: Scope) -> Vec<(&Binding, Vec<Key>)> {
        self.bindings
            .iter()
            .filter(|binding| binding.scopes.iter().any(|place| scope.and_around().contains(place)))
            .filter_map(|binding| {
                let counts = |key: &&Key| self.finds(scope, **key).is_some_and(|found| found == binding);
                let keys: Vec<Key> = binding.keys.iter().filter(counts).copied().collect();
                (!keys.is_empty()).then_some((binding, keys))
            })
            .collect()
    }

    /// As [`Keymap::here`], with those entries that have no key and are for the palette only.
    pub fn actions(&self, scope: Scope) -> Vec<(&Binding, Vec<Key>)> {
        let keyless = self.bindings.iter().filter(|binding| {
            binding.keys.is_empty() && binding.scopes.iter().any(|place| scope.and_around().contains(place))
        });
        self.here(scope).into_iter().chain(keyless.map(|binding| (binding, Vec::new()))).collect()
    }

    /// Key and word for the last line of the screen, as many as fit in `width` cells when joined
    /// by two blanks and each word stands a blank behind its key. Narrow screens keep rank 0.
    pub fn hints(&self, scope: Scope, width: usize) -> Vec<(String, String)> {
        self.hints_for(scope, width, |_| true)
    }

    /// The same, of those actions that are worth a hint now.
    pub fn hints_for(
        &self,
        scope: Scope,
        width: usize,
        is_worth: impl Fn(Action) -> bool,
    ) -> Vec<(String, String)> {
        let mut hints: Vec<(String, String, u8)> = Vec::new();
        for (binding, keys) in self.here(scope) {
            if !is_worth(binding.action) {
                continue;
            }
            let (Some(word), Some(key)) = (&binding.hint, keys.first()) else { continue };
            match hints.last_mut() {
                Some((shown, last, _)) if last == word => {
                    shown.push('/');
                    shown.push_str(&key.to_string());
                }
                _ => hints.push((key.to_string(), word.clone(), binding.rank)),
            }
        }
        for rank in [2, 1] {
            while room(&hints) > width {
                let Some(last) = hints.iter().rposition(|(_, _, hint)| *hint == rank) else { break };
                hints.remove(last);
            }
        }
        while room(&hints) > width && hints.len() > 1 {
            hints.remove(hints.len() - 2);
        }
        hints.into_iter().map(|(key, word, _)| (key, word)).collect()
    }

    /// How the first key of an action is called in a place; empty if it has none there.
    pub fn name(&self, scope: Scope, action: Action) -> String {
        let binding = self.here(scope).into_iter().find(|(binding, _)| binding.action == action);
        binding.and_then(|(_, keys)| keys.first().map(ToString::to_string)).unwrap_or_default()
    }

    fn finds(&self, scope: Scope, key: Key) -> Option<&Binding> {
        scope.and_around().iter().find_map(|place| {
            self.bindings.iter().find(|binding| binding.scopes.contains(place) && binding.keys.contains(&key))
        })
    }
}

fn room(hints: &[(String, String, u8)]) -> usize {
    use unicode_width::UnicodeWidthStr;
    hints.iter().map(|(key, word, _)| key.width() + word.width() + 3).sum::<usize>().saturating_sub(2)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    bindings: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    on: OneOrMany<String>,
    run: Action,
    scope: OneOrMany<Scope>,
    desc: String,
    hint: Option<String>,
    rank: Option<u8>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

impl Entry {
    fn read(self) -> Result<Binding, KeymapError> {
        let keys = self.on.into_vec().iter().map(|name| Key::parse(name)).collect::<Result<Vec<_>, _>>();
        Ok(Binding {
            keys: keys.map_err(|source| KeymapError::Key { description: self.desc.clone(), source })?,
            action: self.run,
            scopes: self.scope.into_vec(),
            description: self.desc,
            hint: self.hint,
            rank: self.rank.unwrap_or(1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keymap() -> Keymap {
        Keymap::embedded().unwrap()
    }

    fn at(scope: Scope, name: &str) -> Option<Action> {
        keymap().action(scope, Key::parse(name).unwrap())
    }

    #[test]
    fn inner_places_come_first() {
        assert_eq!(at(Scope::Installed, "r"), Some(Action::RollBack));
        assert_eq!(at(Scope::Collisions, "1"), Some(Action::ChooseWay));
        assert_eq!(at(Scope::Installed, "1"), Some(Action::FocusInstalled));
        assert_eq!(at(Scope::Preview, "l"), Some(Action::Unfold));
        assert_eq!(at(Scope::Review, "enter"), None);
        assert_eq!(at(Scope::Filter, "?"), None);
        assert_eq!(at(Scope::Filter, "ctrl-c"), Some(Action::Interrupt));
    }

    #[test]
    fn y_only_means_yes_and_nothing_that_opens_confirms() {
        let keymap = keymap();
        let yes = Key::parse("y").unwrap();
        for binding in &keymap.bindings {
            assert_eq!(binding.keys.contains(&yes), binding.action == Action::Yes, "{binding:?}");
            assert!(binding.action != Action::Yes || binding.keys == [yes], "{binding:?}");
        }
    }

    #[test]
    fn enter_never_says_yes_and_esc_never_quits() {
        for scope in [Scope::Installed, Scope::History, Scope::Preview, Scope::Review, Scope::Rollback] {
            assert!(!matches!(at(scope, "enter"), Some(Action::Yes | Action::Quit)));
            assert!(!matches!(at(scope, "esc"), Some(Action::Yes | Action::Quit | Action::Interrupt)));
        }
    }

    #[test]
    fn hints_fit_and_keep_help() {
        let keymap = keymap();
        for width in [20, 50, 78, 118] {
            for scope in [Scope::Installed, Scope::History, Scope::Preview, Scope::Collisions, Scope::Review]
            {
                let hints = keymap.hints(scope, width);
                assert_eq!(hints.last().map(|(key, _)| key.as_str()), Some("?"), "{scope:?} {width}");
                let shown: usize = hints.iter().map(|(key, word)| key.chars().count() + word.len() + 3).sum();
                assert!(shown <= width + 2, "{scope:?} {width}: {hints:?}");
            }
        }
        assert_eq!(keymap.hints(Scope::Installed, 200)[0], ("j/k".to_owned(), "move".to_owned()));
    }

    #[test]
    fn a_key_is_not_bound_twice_in_one_place() {
        let twice = "bindings = [\n  { on = \"j\", run = \"down\", scope = \"main\", desc = \"a\" },\n  \
                     { on = \"j\", run = \"up\", scope = \"main\", desc = \"b\" },\n]";
        assert!(matches!(Keymap::parse(twice), Err(KeymapError::Twice { .. })));
    }
}
