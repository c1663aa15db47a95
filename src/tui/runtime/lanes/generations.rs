//! The lanes for History: comparing generations, noting things about them, asking for their space.

use std::path::PathBuf;
use std::sync::Arc;

use super::{LaneName, Lanes, guarded};
use crate::ops::compare_closures::compare_closures;
use crate::ops::compare_generations::compare_manifests;
use crate::ops::find_profiles::find_profiles;
use crate::ops::measure_generations::GenerationSpace;
use crate::ops::note_generation::{keep_generation, label_generation, read_notes};
use crate::ops::on_path::on_path;
use crate::system::machine::{Cancel, ProgressEvent, StoreError, Watch};
use crate::tui::effect::Effect;
use crate::tui::model::{Compared, Noting};
use crate::tui::msg::Msg;

/// Sets of generations, and what the store has told before.
pub(super) type SpaceOrder = (Vec<Vec<u64>>, Option<Arc<GenerationSpace>>);

impl Lanes {
    pub(super) fn start_compare(&mut self, order: Effect) {
        let Effect::Compare { compared, before, after, mut known } = order else { return };
        self.compare.runs = true;
        let context = self.context.clone();
        self.spawn(LaneName::Compare, move |_| {
            let answer = guarded(|| compare_manifests(&context, &before, &after, &mut known).map(Arc::new));
            Msg::Compared(compared, answer.map(|comparison| Box::new((comparison, *known))))
        });
    }

    pub(super) fn note(&mut self, numbers: Vec<u64>, noting: Noting) {
        self.saving += 1;
        let context = self.context.clone();
        self.spawn(LaneName::Save, move |_| {
            let note = |number: u64| {
                let noted = match &noting {
                    Noting::Keep(kept) => keep_generation(&context, number, *kept),
                    Noting::Label(text) => label_generation(&context, number, text),
                };
                noted.map(|note| (number, note))
            };
            let answer = guarded(|| numbers.iter().map(|number| note(*number)).collect());
            Msg::Noted(noting, answer)
        });
    }

    pub(super) fn check_notes(&mut self) {
        self.saving += 1;
        let context = self.context.clone();
        self.spawn(LaneName::Save, move |_| Msg::NotesChecked(guarded(|| read_notes(&context)).err()));
    }

    /// What was ordered before is wanted no more.
    pub(super) fn order_space(&mut self, sets: Vec<Vec<u64>>, known: Option<Arc<GenerationSpace>>) {
        if let Some(running) = &self.space {
            running.request();
            self.space_next = Some((sets, known));
            return;
        }
        let cancel = Cancel::default();
        self.space = Some(cancel.clone());
        let context = self.context.clone();
        self.spawn(LaneName::Space, move |progress| {
            let watch = Watch { progress, cancel: &cancel };
            let answer = guarded(|| {
                let space = match known {
                    Some(space) => space,
                    None => Arc::new(GenerationSpace::learn(&context, &watch)?),
                };
                let mut measured = Vec::with_capacity(sets.len());
                for set in &sets {
                    if cancel.is_requested() {
                        return Err(StoreError::Cancelled.into());
                    }
                    measured.push((set.clone(), space.freed(set)?.bytes));
                }
                Ok((measured, Some(space)))
            });
            Msg::SpaceMeasured(sets, answer)
        });
    }

    /// One at a time; `update` sees to it.
    pub(super) fn compare_closures(&mut self, compared: Compared, numbers: (u64, u64)) {
        let cancel = Cancel::default();
        self.closures = Some(cancel.clone());
        let context = self.context.clone();
        self.spawn(LaneName::Closures, move |progress| {
            let watch = Watch { progress, cancel: &cancel };
            let answer = guarded(|| compare_closures(&context, numbers, &watch).map(Arc::new));
            Msg::ClosuresCompared(compared, answer)
        });
    }

    /// Whether the store is being asked what generations need.
    pub(super) fn is_store_asked(&self) -> bool {
        self.space.is_some() || self.closures.is_some() || self.cost.is_some()
    }

    pub(super) fn find_profiles(&mut self) {
        self.saving += 1;
        let (context, before) = (self.context.clone(), self.opened_before.clone());
        self.spawn(LaneName::Save, move |progress| {
            let found = guarded(|| Ok(find_profiles(&context, &before)));
            Msg::ProfilesFound(found.unwrap_or_else(|words| {
                progress.report(ProgressEvent::Log(words));
                Vec::new()
            }))
        });
    }

    pub(super) fn look_up_program(&mut self, name: Vec<u8>) {
        self.saving += 1;
        let context = self.context.clone();
        self.spawn(LaneName::Save, move |_| {
            let found = on_path(&context, &name);
            Msg::ProgramLookedUp(name, found)
        });
    }

    /// What is being read of the profile before is wanted no more.
    pub(super) fn open_profile(&mut self, link: PathBuf) {
        let before = std::mem::replace(&mut self.context.profile, link);
        if !self.opened_before.contains(&before) {
            self.opened_before.push(before);
        }
        if self.load.runs {
            self.load.next = Some(());
        }
        for asked in [&self.space, &self.closures].into_iter().flatten() {
            asked.request();
        }
        self.space_next = None;
    }

    /// The profile that the lanes work on.
    #[cfg(test)]
    pub(in crate::tui::runtime) fn profile(&self) -> &std::path::Path {
        &self.context.profile
    }
}
