//! The fields of an entry of the user's registry, with what the entry would mean, told anew on
//! every key.

use ratatui::layout::Rect;
use ratatui::style::Style;
use tui_input::Input;

use super::add;
use crate::core::flake_ref::FlakeRef;
use crate::core::manifest::ElementSource;
use crate::core::registry::trace::TraceEnd;
use crate::core::registry::{Entry, EntryId, Layer, Reach, Registries};
use crate::tui::layout;
use crate::tui::model::{EntryField, EntryForm, FormKind, Model};
use crate::tui::panes::bars;
use crate::tui::panes::info::sheet::Sheet;
use crate::tui::panes::registry::short;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::counted;

const WIDTH: u16 = 88;
const HEIGHT: u16 = 18;
/// Cells before a field.
const LABEL: usize = 9;

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, form: &EntryForm) {
    let (model, theme) = (canvas.model, canvas.theme);
    let area = layout::popup(model.size, WIDTH, HEIGHT);
    canvas.clear(area);
    let title = match form.kind {
        FormKind::Add => "Add an entry to your registry",
        FormKind::Edit => "Another target",
        FormKind::Override(_) => "Override in your own registry",
    };
    let title = Row::new().put(title, theme.title);
    let inside = canvas.pane(area, &Border { title, focused: true, ..Border::default() });
    let (head, rest) = layout::split_rows(inside, 4);
    canvas.row(head, 1, &field(canvas, form, EntryField::From, head.width));
    canvas.row(head, 2, &field(canvas, form, EntryField::To, head.width));
    let lines = lines(model, form, usize::from(inside.width));
    canvas.rows(
        Rect { height: rest.height.saturating_sub(u16::from(area.height == model.size.1)), ..rest },
        &lines,
    );
    bars::popup_hints(canvas, area);
}

fn field(canvas: &Canvas<'_>, form: &EntryForm, which: EntryField, width: u16) -> Row {
    let theme = canvas.theme;
    let (label, input): (_, &Input) = match which {
        EntryField::From => ("replace", &form.from),
        EntryField::To => ("by", &form.to),
    };
    let row = Row::text("  ").cell(label, LABEL, theme.faint);
    if form.field == which {
        return row.join(add::field(canvas, input, usize::from(width).saturating_sub(LABEL + 4)));
    }
    let style = if form.kind == FormKind::Add { Style::new() } else { theme.faint };
    row.put("  ", Style::new()).put(input.value(), style)
}

fn lines(model: &Model, form: &EntryForm, width: usize) -> Vec<Row> {
    let mut sheet = Sheet::new(&model.theme, width);
    let (from, to) = (form.read(EntryField::From), form.read(EntryField::To));
    if form.from.value().trim().is_empty() {
        let text =
            "A name like nixpkgs, with a branch or tag if only that is meant, or any other flake reference.";
        sheet.text(text, sheet.theme.faint);
        return sheet.finish();
    }
    match (&from, &to) {
        (Err(reason), _) => sheet.styled("replace", reason, sheet.theme.error),
        (Ok(_), Err(_)) if form.to.value().trim().is_empty() => {
            let text =
                "What it leads to: github:owner/repo, a path from / on, another name, any flake reference.";
            sheet.text(text, sheet.theme.faint);
        }
        (Ok(_), Err(reason)) => sheet.styled("by", reason, sheet.theme.error),
        (Ok(from), Ok(to)) => meaning(model, &mut sheet, from, to),
    }
    sheet.finish()
}

/// What the entry would mean.
fn meaning(model: &Model, sheet: &mut Sheet<'_>, from: &FlakeRef, to: &FlakeRef) {
    let Some(registries) = model.registry.registries() else { return };
    let user = registries.layer(Layer::User);
    let Ok(edited) = user.adding(from, to.clone()) else { return };
    let gone: Vec<&Entry> = user.entries.iter().filter(|entry| entry.from == from.with_dir(b"")).collect();
    let id = EntryId { layer: Layer::User, index: edited.entries.len() - 1 };
    let edited = registries.clone().with(Layer::User, edited);
    leads(sheet, &edited, from);
    if matches!(gone.as_slice(), [only] if !only.exact && only.to == *to) {
        sheet.fact("now", "it is like that already");
    }
    for entry in gone.into_iter().filter(|entry| entry.exact || entry.to != *to) {
        let exact = if entry.exact { ", which is exact; the new one is not" } else { "" };
        sheet.styled(
            "replaces",
            &format!("your entry {} {}{exact}", theme::ARROW, short(&entry.to)),
            sheet.theme.changed,
        );
    }
    let over = edited.overridden_by(id);
    if !over.is_empty() {
        let words = |id: EntryId| {
            let to = edited.entry(id).map(|entry| short(&entry.to)).unwrap_or_default();
            format!("{} entry {}, {} {to}", id.layer.name(), id.index + 1, theme::ARROW)
        };
        sheet.fact("overrides", &over.into_iter().map(words).collect::<Vec<_>>().join("; "));
    }
    if from.is_indirect() {
        let many = followers(model, &edited, id);
        if many == 0 {
            sheet.styled("followed by", "no element of this profile", sheet.theme.faint);
        } else {
            let words = format!("{}; what is installed stays until it is upgraded", counted(many, "element"));
            sheet.fact("followed by", &words);
        }
    } else {
        let words = "what is installed from it is fetched as it is written; only 'registry resolve' and \
                     'registry pin' look it up";
        sheet.styled("but", words, sheet.theme.changed);
    }
    sheet.fact("inputs", "a flake's own inputs do not see it, from Nix 2.29 on");
}

/// Where the name would lead.
fn leads(sheet: &mut Sheet<'_>, registries: &Registries, from: &FlakeRef) {
    let trace = registries.trace(from, Reach::All);
    let way: Vec<String> = trace.hops.iter().map(|hop| short(&hop.after)).collect();
    let way = format!("{} {} {}", short(from), theme::ARROW, way.join(&format!(" {} ", theme::ARROW)));
    let by = trace.hops.first().map(|hop| hop.entry.layer);
    match &trace.end {
        TraceEnd::Direct(_) if by == Some(Layer::CommandLine) => {
            let words = format!("{way}: --override-flake is tried before it");
            sheet.styled("means", &words, sheet.theme.changed);
        }
        TraceEnd::Direct(_) => sheet.styled("means", &way, sheet.theme.good),
        TraceEnd::Circle(_) => {
            sheet.styled("means", &format!("{way}: round in a circle"), sheet.theme.error);
        }
        TraceEnd::Unknown(unknown) => {
            let words = format!("{way}, and no registry knows {}", short(unknown));
            sheet.styled("means", &words, sheet.theme.error);
        }
        TraceEnd::Unfit { problem, .. } => sheet.styled("means", &problem.to_string(), sheet.theme.error),
    }
}

/// How many elements would follow the entry.
fn followers(model: &Model, registries: &Registries, id: EntryId) -> usize {
    let Some(plan) = model.plan.as_deref() else { return 0 };
    let mut known = std::collections::HashMap::new();
    let mut follows = |source: &ElementSource| -> bool {
        *known.entry(source.original_url.clone()).or_insert_with_key(|url| {
            let reference = FlakeRef::parse(url).ok().filter(FlakeRef::is_indirect);
            reference.is_some_and(|reference| registries.followed(&reference, Reach::All).contains(&id))
        })
    };
    let sources = plan.after.elements.values().filter_map(|element| element.source.as_ref());
    sources.filter(|source| follows(source)).count()
}
