//! The part of the review about the user's registry, apart from the profile's changes: no rollback
//! brings it back.
//!
//! ```text
//!  registry            not undone by a rollback   ~/.config/nix/registry.json
//!    + set             nixpkgs   github:NixOS/nixpkgs (global) → path:/mine
//!    * pin             mine      github:ada/mine → github:ada/mine/e83c516
//! ```

use ratatui::style::Style;

use crate::core::change::short_reference;
use crate::core::flake_ref::FlakeRef;
use crate::core::plan::{EditOutcome, Plan, PlannedEdit, RegistryPlan};
use crate::core::registry::Layer;
use crate::core::visible;
use crate::tui::panes::registry::short;
use crate::tui::panes::registry_edit;
use crate::tui::theme::{self, Theme};
use crate::tui::view::row::Row;
use crate::tui::view::words::{width, wrapped};

/// How the section is laid out.
#[derive(Clone, Copy)]
pub struct Shape<'a> {
    /// Columns in all.
    pub width: usize,
    /// Columns of titles.
    pub lead: usize,
    /// Colours.
    pub theme: &'a Theme,
}

/// The edits of the plan, each with what the name leads to before and after; nothing if there are none.
pub fn section(plan: &Plan, shape: Shape<'_>) -> Vec<Row> {
    let Some(registry) = plan.registry.as_deref().filter(|registry| !registry.edits.is_empty()) else {
        return Vec::new();
    };
    let names = registry.edits.iter().map(|edit| width(short_reference(edit.edit.from())));
    let names = names.max().unwrap_or(0).clamp(6, 26);
    let mut rows = vec![title(registry, shape)];
    for edit in &registry.edits {
        let Some(change) = plan.changes.get(edit.change) else { continue };
        let (sign, _) = registry_edit::sign(change, shape.theme);
        let lead = Row::text("   ").put(format!("{} {}", sign.glyph, sign.word), sign.style);
        let start = lead.to(shape.lead + 1).cell(short_reference(edit.edit.from()), names, Style::new());
        let start = start.put("  ", Style::new());
        let indent = start.width();
        let lines = wrapped(&words(edit), shape.width.saturating_sub(indent + 1));
        for (number, line) in lines.into_iter().enumerate() {
            let before = if number == 0 { start.clone() } else { Row::new().to(indent) };
            rows.push(before.put(line, Style::new()));
        }
    }
    rows
}

/// What the names in the staged additions lead to, one line each: which entry has the say.
pub fn names(plan: &Plan) -> Vec<String> {
    let registry = plan.registry.as_deref();
    registry.map(|registry| registry.names_in_additions(&plan.changes, short)).unwrap_or_default()
}

/// What applying does to the registry, as a step of it.
pub fn step(plan: &Plan) -> Option<&'static str> {
    let registry = plan.registry.as_deref().filter(|registry| registry.changes())?;
    Some(if registry.user_before().entries.is_empty() {
        "write your registry"
    } else {
        "write your registry; the old file is kept"
    })
}

fn title(registry: &RegistryPlan, shape: Shape<'_>) -> Row {
    let file = visible::text(registry.before.file.as_deref().unwrap_or_default());
    let row = Row::text(" ").cell("registry", shape.lead, shape.theme.faint);
    row.put("not undone by a rollback", shape.theme.changed).put(format!("   {file}"), shape.theme.faint)
}

fn words(edit: &PlannedEdit) -> String {
    let before = leads_to(edit.said());
    match &edit.outcome {
        EditOutcome::Settled(_) => {
            let loose = if edit.is_loose() { ", not locked: it can mean something else one day" } else { "" };
            let overruled = edit.overruled.as_ref().map(|overruled| format!("; {}", overruled.words(short)));
            let rest = format!("{loose}{}", overruled.unwrap_or_default());
            format!("{before} {} {}{rest}", theme::ARROW, leads_to(edit.will_say()))
        }
        EditOutcome::Locking(target) => {
            format!("{before} {} checking… what {} is today", theme::ARROW, short(target))
        }
        EditOutcome::Refused(_) => before,
    }
}

/// `github:NixOS/nixpkgs (global)`; the user's own needs no word.
fn leads_to(found: Option<(&FlakeRef, Layer)>) -> String {
    match found {
        None => "nothing".to_owned(),
        Some((reference, Layer::User)) => short(reference),
        Some((reference, layer)) => format!("{} ({})", short(reference), layer.name()),
    }
}
