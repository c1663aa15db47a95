//! One staged change to a profile, and its form in a plan file.
//!
//! `{"change":"priority","element":"fltk","to":6}`. Changes are applied in order to
//! a manifest; a change names its element as it is called at that point. Edits of the user's
//! registry stand among them; they are carried out on the registry, in their own order.

use serde::{Deserialize, Serialize};

use super::flake_ref::FlakeRef;
use super::installable::{Installable, InstallableScope};
use super::registry::edit::RegistryEdit;

mod reference;

pub use reference::short as short_reference;

/// One step from the base manifest towards the wanted one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Change {
    /// Takes an element out.
    Remove {
        /// Its name.
        element: String,
    },
    /// Gives an element another priority.
    Priority {
        /// Its name.
        element: String,
        /// The new priority.
        to: i32,
    },
    /// Switches an element on or off.
    Active {
        /// Its name.
        element: String,
        /// Whether its files are linked.
        to: bool,
    },
    /// Adds an element.
    Add {
        /// As typed.
        installable: String,
        /// Instead of the package's own priority.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        priority: Option<i32>,
        /// `--file`: the file the installable is an attribute of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
        /// `--expr`: the expression the installable is an attribute of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expr: Option<String>,
        /// The reference to evaluate in place of the installable's own, which is recorded all the
        /// same: an exported element comes back as it was, and is upgraded as before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        locked: Option<String>,
        /// The element's name, where Nix would derive another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// False for an addition that was switched off while staged.
        #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
        active: bool,
    },
    /// Sets what a reference is replaced by, in the user's registry.
    RegistryAdd {
        /// What is replaced.
        #[serde(with = "reference")]
        from: FlakeRef,
        /// By what.
        #[serde(with = "reference")]
        to: FlakeRef,
    },
    /// Takes every entry for a reference out of the user's registry.
    RegistryRemove {
        /// What is replaced no more.
        #[serde(with = "reference")]
        from: FlakeRef,
    },
    /// Sets a reference to what it means today, in the user's registry.
    RegistryPin {
        /// What is pinned.
        #[serde(with = "reference")]
        from: FlakeRef,
        /// What it is pinned to; what it means by itself if this is `None`.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "reference::optional")]
        to: Option<FlakeRef>,
    },
}

fn yes() -> bool {
    true
}

impl Change {
    /// The element an existing-element change is about; `None` for an addition.
    pub fn element(&self) -> Option<&str> {
        match self {
            Self::Remove { element } | Self::Priority { element, .. } | Self::Active { element, .. } => {
                Some(element)
            }
            Self::Add { .. }
            | Self::RegistryAdd { .. }
            | Self::RegistryRemove { .. }
            | Self::RegistryPin { .. } => None,
        }
    }

    /// The edit of the user's registry that it is; `None` for a change to the profile.
    pub fn registry_edit(&self) -> Option<RegistryEdit> {
        match self {
            Self::RegistryAdd { from, to } => Some(RegistryEdit::Add { from: from.clone(), to: to.clone() }),
            Self::RegistryRemove { from } => Some(RegistryEdit::Remove { from: from.clone() }),
            Self::RegistryPin { from, to } => {
                Some(RegistryEdit::Pin { from: from.clone(), wanted: to.clone() })
            }
            Self::Remove { .. } | Self::Priority { .. } | Self::Active { .. } | Self::Add { .. } => None,
        }
    }

    /// What an edit of the user's registry replaces, without copying it.
    pub(in crate::core) fn registry_from(&self) -> Option<&FlakeRef> {
        match self {
            Self::RegistryAdd { from, .. }
            | Self::RegistryRemove { from }
            | Self::RegistryPin { from, .. } => Some(from),
            Self::Remove { .. } | Self::Priority { .. } | Self::Active { .. } | Self::Add { .. } => None,
        }
    }

    /// An addition that leaves everything else to Nix's rules.
    pub fn addition(installable: impl Into<String>, priority: Option<i32>) -> Self {
        let installable = installable.into();
        Self::Add { installable, priority, file: None, expr: None, locked: None, name: None, active: true }
    }

    /// What an addition adds; `None` for other changes.
    pub fn installable(&self) -> Option<Installable> {
        let Self::Add { installable, file, expr, locked, .. } = self else { return None };
        if let Some(locked) = locked {
            let fragment = installable.find('#').map_or("", |start| &installable[start..]);
            return Some(Installable::flake(format!("{locked}{fragment}")));
        }
        let scope = match (file, expr) {
            (Some(file), _) => InstallableScope::File(file.clone()),
            (None, Some(expression)) => InstallableScope::Expression(expression.clone()),
            (None, None) => InstallableScope::Flake,
        };
        Some(Installable { text: installable.clone(), scope, registry: None })
    }
}
