//! One staged change to a profile, and its form in a plan file.
//!
//! `{"change":"priority","element":"fltk","to":6}`. Changes are applied in order to
//! a manifest; a change names its element as it is called at that point. Edits of the user's
//! registry stand among them; they are carried out on the registry, in their own order.

use serde::{Deserialize, Serialize};

use super::flake_ref::FlakeRef;
use super::installable::{Installable, InstallableScope};
use super::manifest::ExtendedOutputsSpec;
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
    /// Takes what the element's flake has today; of a package of nix-env the newer one of its name that
    /// nix-env's default expression holds, as `nix-env --upgrade` does.
    Upgrade {
        /// Its name.
        element: String,
    },
    /// The same of a package of nix-env from a file, as `nix-env --file FILE --upgrade` does.
    UpgradeFrom {
        /// Its name.
        element: String,
        /// The file, or what else `--file` takes: a folder, `<nixpkgs>`, `flake:nixpkgs`, a URL.
        file: String,
    },
    /// Sets nix-env's flag `keep`: an installation or upgrade of another version leaves it alone.
    Keep {
        /// Its name.
        element: String,
        /// Whether it is kept.
        to: bool,
    },
    /// Chooses which outputs of the package are installed, at the revision it is locked to.
    Outputs {
        /// Its name.
        element: String,
        /// The outputs; null for those that the package itself declares, `"*"` for all.
        #[serde(with = "outputs_form")]
        to: ExtendedOutputsSpec,
    },
    /// Makes the element follow another flake, and takes what that has today.
    Retarget {
        /// Its name.
        element: String,
        /// The reference of the flake.
        to: String,
    },
    /// Tells the element which package of a flake it is, and leaves its store paths as they are: only
    /// later upgrades follow the flake.
    Attach {
        /// Its name.
        element: String,
        /// The package, as `FLAKE#PACKAGE`.
        to: String,
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
        /// More store paths of the element, beside the one that is the installable: no source tells that
        /// they belong together.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        with: Vec<String>,
        /// The element's name, where Nix would derive another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// False for an addition that was switched off while staged.
        #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
        active: bool,
    },
    /// Makes an empty profile one of nix-env.
    UserEnvironment {
        /// The text of its `manifest.nix`: packages with all that nix-env records of them.
        manifest: String,
    },
    /// Makes a profile of nix-env one of `nix profile`: all outputs, priorities and what is switched off
    /// stay; where packages came from only [`Self::Attach`] can tell.
    Convert,
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
            Self::Remove { element }
            | Self::Priority { element, .. }
            | Self::Active { element, .. }
            | Self::Upgrade { element }
            | Self::UpgradeFrom { element, .. }
            | Self::Keep { element, .. }
            | Self::Outputs { element, .. }
            | Self::Attach { element, .. }
            | Self::Retarget { element, .. } => Some(element),
            Self::Add { .. }
            | Self::UserEnvironment { .. }
            | Self::Convert
            | Self::RegistryAdd { .. }
            | Self::RegistryRemove { .. }
            | Self::RegistryPin { .. } => None,
        }
    }

    /// Whether it is an edit of the user's registry, which makes no generation.
    pub fn is_registry_edit(&self) -> bool {
        self.registry_from().is_some()
    }

    /// The edit of the user's registry that it is; `None` for a change to the profile.
    pub fn registry_edit(&self) -> Option<RegistryEdit> {
        match self {
            Self::RegistryAdd { from, to } => Some(RegistryEdit::Add { from: from.clone(), to: to.clone() }),
            Self::RegistryRemove { from } => Some(RegistryEdit::Remove { from: from.clone() }),
            Self::RegistryPin { from, to } => {
                Some(RegistryEdit::Pin { from: from.clone(), wanted: to.clone() })
            }
            _ => None,
        }
    }

    /// What an edit of the user's registry replaces, without copying it.
    pub(in crate::core) fn registry_from(&self) -> Option<&FlakeRef> {
        match self {
            Self::RegistryAdd { from, .. }
            | Self::RegistryRemove { from }
            | Self::RegistryPin { from, .. } => Some(from),
            _ => None,
        }
    }

    /// Whether carrying it out asks what a package of a flake is.
    pub fn evaluates(&self) -> bool {
        matches!(
            self,
            Self::Upgrade { .. } | Self::UpgradeFrom { .. } | Self::Outputs { .. } | Self::Retarget { .. }
        )
    }

    /// An addition that leaves everything else to Nix's rules.
    pub fn addition(installable: impl Into<String>, priority: Option<i32>) -> Self {
        let installable = installable.into();
        Self::Add {
            installable,
            priority,
            file: None,
            expr: None,
            locked: None,
            with: Vec::new(),
            name: None,
            active: true,
        }
    }

    /// An addition of an attribute of a file, or of all of it.
    pub fn addition_from_file(file: impl Into<String>, attribute: impl Into<String>) -> Self {
        let mut change = Self::addition(attribute, None);
        if let Self::Add { file: of, .. } = &mut change {
            *of = Some(file.into());
        }
        change
    }

    /// An addition with a later change of the element it makes folded in; `None` where that cannot be
    /// said by an addition. An addition takes what its flake has today, unless it was told otherwise.
    pub fn folded(&self, later: &Self) -> Option<Self> {
        let mut folded = self.clone();
        let Self::Add { installable, locked, file, expr, .. } = &mut folded else { return None };
        let is_path = installable.starts_with('/') && !installable.contains('#');
        let written = Installable::flake(installable.clone());
        match later {
            Self::Upgrade { .. } if !is_path => *locked = None,
            Self::Outputs { to, .. } if !is_path => *installable = written.with_outputs(to).text,
            Self::Retarget { to, .. } if !is_path && file.is_none() && expr.is_none() => {
                *installable = written.of_flake(to).text;
                *locked = None;
            }
            _ => return None,
        }
        Some(folded)
    }

    /// The file that an addition is from, if it is from one.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::Add { file, .. } => file.as_deref(),
            _ => None,
        }
    }

    /// The name that registries have to replace before an addition can be evaluated, if it has one.
    pub fn name_to_look_up(&self) -> Option<FlakeRef> {
        let Self::Add { locked: None, file: None, expr: None, .. } = self else { return None };
        let installable = self.installable()?;
        FlakeRef::parse(installable.parts().ok()?.reference).ok().filter(FlakeRef::is_indirect)
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

/// The form of chosen outputs in a plan file: `null`, `"*"` or a list of names; `["*"]` is read too.
mod outputs_form {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::ExtendedOutputsSpec;

    #[derive(Serialize, Deserialize)]
    #[serde(untagged, expecting = "null, \"*\" or a list of outputs")]
    enum Form {
        Default(()),
        All(String),
        Names(Vec<String>),
    }

    pub fn serialize<S: Serializer>(outputs: &ExtendedOutputsSpec, to: S) -> Result<S::Ok, S::Error> {
        match outputs {
            ExtendedOutputsSpec::Default => Form::Default(()),
            ExtendedOutputsSpec::All => Form::All("*".to_owned()),
            ExtendedOutputsSpec::Names(names) => Form::Names(names.clone()),
        }
        .serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<ExtendedOutputsSpec, D::Error> {
        let text = match Form::deserialize(from)? {
            Form::Default(()) => return Ok(ExtendedOutputsSpec::Default),
            Form::All(text) => text,
            Form::Names(names) if names.is_empty() => {
                return Err(D::Error::custom(
                    "an element has one output at least; null means the package's own",
                ));
            }
            Form::Names(names) => names.join(","),
        };
        ExtendedOutputsSpec::parse(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_null_a_star_or_names() {
        let read = |to: &str| {
            serde_json::from_str::<Change>(&format!(r#"{{"change":"outputs","element":"git","to":{to}}}"#))
        };
        let names = ExtendedOutputsSpec::Names(vec!["doc".to_owned(), "out".to_owned()]);
        for (text, outputs, printed) in [
            ("null", ExtendedOutputsSpec::Default, "null"),
            (r#""*""#, ExtendedOutputsSpec::All, r#""*""#),
            (r#"["*"]"#, ExtendedOutputsSpec::All, r#""*""#),
            (r#"["out","doc","out"]"#, names, r#"["doc","out"]"#),
        ] {
            let change = read(text).unwrap();
            assert_eq!(change, Change::Outputs { element: "git".to_owned(), to: outputs }, "{text}");
            let json = serde_json::to_string(&change).unwrap();
            assert_eq!(json, format!(r#"{{"change":"outputs","element":"git","to":{printed}}}"#));
        }
        for text in ["[]", "7", r#"["a b"]"#, r#""""#] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
