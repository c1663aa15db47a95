//! Which registry entry decides what an element's name means: the way of the look-up, and the files of
//! its entries.

use super::sheet::Sheet;
use crate::core::flake_ref::FlakeRef;
use crate::core::plan::PlannedElement;
use crate::core::registry::Layer;
use crate::core::visible;
use crate::tui::model::Model;
use crate::tui::panes::registry::short;

/// `means   nixpkgs → github:NixOS/nixpkgs/nixos-unstable (user registry)` and the file; nothing for an
/// element without a name that registries replace.
pub(super) fn lines(model: &Model, sheet: &mut Sheet<'_>, found: &PlannedElement) {
    let Some(name) = name(model, found) else { return };
    let Some(registry) = model.plan.as_deref().and_then(|plan| plan.registry.as_deref()) else { return };
    let Some(words) = registry.way_words(&name, short) else { return };
    sheet.fact("means", &words);
    let layers = registry.way(&name).into_iter().map(|hop| hop.entry.layer);
    let mut told: Vec<Layer> = Vec::new();
    for layer in layers {
        if told.contains(&layer) {
            continue;
        }
        told.push(layer);
        let file = model.registry.loaded().and_then(|loaded| loaded.file(layer));
        if let Some(file) = file {
            let path = visible::text(&file.path.to_string_lossy());
            sheet.styled("", &format!("in {path}"), sheet.theme.faint);
        }
    }
}

/// The name that is looked up: of a staged addition as typed, else as the element recorded it.
fn name(model: &Model, found: &PlannedElement) -> Option<FlakeRef> {
    if let Some(index) = found.added_by {
        return model.plan.as_ref()?.changes.get(index)?.name_to_look_up();
    }
    let source = found.after.as_ref().or(found.before.as_ref())?.source.as_ref()?;
    FlakeRef::parse(&source.original_url).ok().filter(FlakeRef::is_indirect)
}
