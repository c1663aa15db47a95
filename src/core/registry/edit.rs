//! Changes to one registry, as `nix registry add`, `remove` and `pin` make them.
//!
//! A [`RegistryEdit`] is what is asked for. A pin has to be locked first: it tells what
//! ([`RegistryEdit::to_lock`]), and with the answer becomes a [`SettledEdit`], which takes the
//! registry as it was read and gives it as it is to be written. The verbs and the plans both walk
//! this road. A file with a [`Fault`] is not edited: what comes after the fault would be lost.

use super::file::Fault;
use super::{Entry, EntryId, Layer, LookUp, LookUpError, Reach, Registries, Registry};
use crate::core::flake_ref::{FlakeRef, Kind};

/// Why a registry is not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Writing would lose what could not be read.
    #[error("{0}")]
    Damaged(Fault),
    /// There is nothing to remove.
    #[error("there is no entry for '{0}'")]
    Missing(FlakeRef),
}

/// A change of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryEdit {
    /// Sets what a reference is replaced by.
    Add {
        /// What is replaced.
        from: FlakeRef,
        /// By what.
        to: FlakeRef,
    },
    /// Takes away every entry for a reference.
    Remove {
        /// What is replaced no more.
        from: FlakeRef,
    },
    /// Sets a reference to what it means today.
    Pin {
        /// What is pinned.
        from: FlakeRef,
        /// What it is pinned to; what it means by itself if this is `None`.
        wanted: Option<FlakeRef>,
    },
}

/// An edit that nothing has to be found out for any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettledEdit {
    /// Every entry for `from` goes, and one that leads to `to` comes.
    Set {
        /// What is replaced.
        from: FlakeRef,
        /// By what.
        to: FlakeRef,
    },
    /// Every entry for `from` goes.
    Remove {
        /// What is replaced no more.
        from: FlakeRef,
    },
}

/// What decides about a name in the place of the entry that was written for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overruled {
    /// The name that was written.
    pub name: FlakeRef,
    /// The entry that is tried before.
    pub by: EntryId,
    /// That entry.
    pub entry: Entry,
    /// What the name means by it; `None` if it leads nowhere.
    pub means: Option<FlakeRef>,
}

impl Overruled {
    /// A sentence part: `what is written for a/b has no say: the entry a before it decides, …`.
    pub fn words(&self, shown: fn(&FlakeRef) -> String) -> String {
        let (name, by) = (shown(&self.name), shown(&self.entry.from));
        let means = match &self.means {
            Some(means) => format!("{name} means {}", shown(means)),
            None => format!("{name} leads nowhere"),
        };
        let layer = self.by.layer.name();
        format!(
            "what is written for {name} has no say: the {layer} registry's entry {by} before it decides, {means}"
        )
    }
}

impl RegistryEdit {
    /// What is replaced, or no more.
    pub fn from(&self) -> &FlakeRef {
        match self {
            Self::Add { from, .. } | Self::Remove { from } | Self::Pin { from, .. } => from,
        }
    }

    /// What has to be locked before the edit can be made on `layer` of `registries`; nothing, but for a
    /// pin. `layer` is `None` for a file that no look-up uses.
    pub fn to_lock(
        &self,
        registries: &Registries,
        layer: Option<Layer>,
    ) -> Result<Option<FlakeRef>, LookUpError> {
        let Self::Pin { from, wanted } = self else { return Ok(None) };
        registries.pin_target(layer, from, wanted.as_ref().unwrap_or(from)).map(Some)
    }

    /// The edit with what [`Self::to_lock`] asked for; `None` for a pin without it.
    pub fn settled(&self, locked: Option<&FlakeRef>) -> Option<SettledEdit> {
        Some(match self {
            Self::Add { from, to } => SettledEdit::Set { from: from.clone(), to: to.clone() },
            Self::Remove { from } => SettledEdit::Remove { from: from.clone() },
            // The `dir` of a pin is that of what is pinned.
            Self::Pin { from, .. } => {
                SettledEdit::Set { from: from.clone(), to: locked?.with_dir(from.dir()) }
            }
        })
    }
}

impl SettledEdit {
    /// The registry with the edit.
    pub fn on(&self, registry: &Registry) -> Result<Registry, EditError> {
        let mut edited = registry.clone();
        self.carry_out(&mut edited)?;
        Ok(edited)
    }

    /// Edits the registry in its place, so that many edits do not copy it each. After an error it is as
    /// it was.
    pub fn carry_out(&self, registry: &mut Registry) -> Result<(), EditError> {
        match self {
            Self::Set { from, to } => registry.add(from, to.clone()),
            Self::Remove { from } => registry.remove(from),
        }
    }

    /// What decides about the name in the place of the entry that was written. An exact entry that
    /// is written again goes to the end and is exact no more, as in Nix; an entry for the bare name
    /// that stood behind it now comes first. `edited` has the edit, in `layer`. A flag that overrides
    /// the name holds for one command only and does not count.
    pub fn overruled(&self, edited: &Registries, layer: Layer) -> Option<Overruled> {
        let Self::Set { from, .. } = self else { return None };
        let name = from.with_dir(b"");
        let (by, entry) = edited.index.first_match(edited, &name, Reach::All)?;
        if by.layer == Layer::CommandLine || by.layer == layer && entry.from == name {
            return None;
        }
        let means = edited.look_up(&name, Reach::All).ok().map(|found| found.result);
        Some(Overruled { by, entry: entry.clone(), means, name })
    }
}

impl Registry {
    /// Drops every entry for `from`, exact ones too, and appends one that leads to `to`.
    pub fn adding(&self, from: &FlakeRef, to: FlakeRef) -> Result<Self, EditError> {
        let mut changed = self.clone();
        changed.add(from, to)?;
        Ok(changed)
    }

    fn add(&mut self, from: &FlakeRef, to: FlakeRef) -> Result<(), EditError> {
        self.check()?;
        let from = from.with_dir(b"");
        self.entries.retain(|entry| entry.from != from);
        self.entries.push(Entry::new(from, to));
        Ok(())
    }

    /// Drops every entry for `from`. That there is none is an error, other than in Nix.
    pub fn removing(&self, from: &FlakeRef) -> Result<Self, EditError> {
        let mut changed = self.clone();
        changed.remove(from)?;
        Ok(changed)
    }

    fn remove(&mut self, from: &FlakeRef) -> Result<(), EditError> {
        self.check()?;
        let (from, count) = (from.with_dir(b""), self.entries.len());
        self.entries.retain(|entry| entry.from != from);
        if self.entries.len() == count { Err(EditError::Missing(from)) } else { Ok(()) }
    }

    fn check(&self) -> Result<(), EditError> {
        self.fault.as_ref().map_or(Ok(()), |fault| Err(EditError::Damaged(fault.clone())))
    }
}

impl Registries {
    /// What a pin of `from` in `layer` would be made of: what `wanted` means without the pins of `from`
    /// that are there already, so that pinning again moves the pin. (To Nix since 2.33 the pin itself
    /// is the answer, and nothing ever moves.) Where nothing but the pin knows `wanted`, or others know it
    /// as something in another place (the pin replaced an entry of the same file), it is the pin's own
    /// target without its lock. `layer` is `None` for a file that no look-up uses.
    pub fn pin_target(
        &self,
        layer: Option<Layer>,
        from: &FlakeRef,
        wanted: &FlakeRef,
    ) -> Result<FlakeRef, LookUpError> {
        let (mut others, mut pin) = (self.clone(), None);
        if let Some(layer) = layer {
            others.layer_mut(layer).entries.retain(|entry| {
                let is_pin = entry.from.same_input(from) && entry.to.is_pinned();
                pin = pin.take().or_else(|| is_pin.then(|| entry.to.clone()));
                !is_pin
            });
        }
        let is_unknown = |answer: &Result<_, LookUpError>| matches!(answer, Err(LookUpError::Unknown { hops, .. }) if hops.is_empty());
        let is_elsewhere = |answer: &Result<LookUp, LookUpError>, pin: &FlakeRef| {
            let own = wanted.without_reference().same_input(&from.without_reference());
            own && answer.as_ref().is_ok_and(|found| !may_be_same_place(&found.result, pin))
        };
        match (others.look_up(wanted, Reach::All), pin) {
            (answer, Some(pin)) if is_unknown(&answer) || is_elsewhere(&answer, &pin) => {
                let found = Entry::new(from.with_dir(b""), pin.without_lock());
                let layer = layer.unwrap_or(Layer::User);
                others.layer_mut(layer).entries.push(found);
                others.look_up(wanted, Reach::All).map(|found| found.result)
            }
            (answer, _) => answer.map(|found| found.result),
        }
    }
}

/// Whether a reference may be what a pin was made of. Archives may move when they are locked, so
/// of them nothing can be told.
fn may_be_same_place(reference: &FlakeRef, pin: &FlakeRef) -> bool {
    let place = |reference: &FlakeRef| reference.without_lock().without_reference();
    let may_move = |reference: &FlakeRef| matches!(reference.kind(), Kind::Tarball | Kind::File);
    may_move(reference) || may_move(pin) || place(reference).same_input(&place(pin))
}
