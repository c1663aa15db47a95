//! Text that is typed or pasted where a text is asked for; and keys that mean nothing.

use crossterm::event::{Event, KeyEvent};
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};

use super::{help, history_filter, installed, palette, picker, priority, registry, search, trace, words};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::{Key, Scope};
use crate::tui::model::{Model, Overlay, Pane};

/// A key that is not bound: a text field takes it, elsewhere help is named.
pub(super) fn typed(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    if model.scope() == Scope::Priority {
        priority::typed(model, event.code);
        return Vec::new();
    }
    if let Some(input) = input(model) {
        input.handle_event(&Event::Key(event));
        return changed(model);
    }
    let scope = model.scope();
    let help = model.keymap.name(scope, Action::Help);
    let yes = model.keymap.name(scope, Action::Yes);
    let key = Key::from_event(event);
    let text = if let Some(text) = works_in_list(model, key) {
        text
    } else if yes.is_empty() {
        format!("{key} does nothing here. Press {help} to see what does.")
    } else {
        format!("{key} does nothing here on purpose; only {yes} says yes.")
    };
    words::say(model, text);
    Vec::new()
}

/// In the preview: that a key works in the list beside it, and what leads back there.
fn works_in_list(model: &Model, key: Key) -> Option<String> {
    let (scope, title, back) = match model.list {
        _ if model.scope() != Scope::Preview => return None,
        Pane::Registry => (Scope::Registry, "Registry", Action::FocusRegistry),
        Pane::History => (Scope::History, "History", Action::FocusHistory),
        Pane::Installed | Pane::Preview => (Scope::Installed, "Installed", Action::FocusInstalled),
    };
    model.keymap.action(scope, key)?;
    let back = model.keymap.name(Scope::Preview, back);
    Some(format!("{key} works in {title}, not in the preview: {back} goes back there."))
}

/// Pasted text goes into the text field, on one line; elsewhere it is no key presses.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let one_line =
        text.trim_end().chars().map(|character| if character.is_control() { ' ' } else { character });
    let Some(input) = input(model) else {
        words::say(model, "Nothing asks for text here, so the pasted text was dropped.");
        return Vec::new();
    };
    for character in one_line {
        input.handle(InputRequest::InsertChar(character));
    }
    changed(model)
}

/// The text field that has the keys.
fn input(model: &mut Model) -> Option<&mut Input> {
    match model.scope() {
        Scope::Filter if model.history.filter.typing => Some(&mut model.history.filter.text),
        Scope::Filter if model.registry.filtering => Some(&mut model.registry.filter),
        Scope::Filter => Some(&mut model.installed.filter),
        Scope::Search => Some(&mut model.preview.search),
        scope if scope.takes_text() => match model.overlays.last_mut() {
            Some(Overlay::TypeName(input)) => Some(input),
            Some(Overlay::Picker(screen)) => Some(&mut screen.input),
            Some(Overlay::Trace(screen)) => Some(&mut screen.input),
            Some(Overlay::Entry(form)) => Some(form.input()),
            Some(Overlay::Source(form)) => Some(form.input()),
            Some(Overlay::Delete(sheet)) => Some(&mut sheet.typed),
            Some(Overlay::Field(field)) => Some(&mut field.typed),
            Some(Overlay::Help(screen)) => Some(&mut screen.filter),
            Some(Overlay::Palette(screen)) => Some(&mut screen.filter),
            Some(Overlay::Log(screen)) => Some(&mut screen.search),
            _ => None,
        },
        _ => None,
    }
}

fn changed(model: &mut Model) -> Vec<Effect> {
    match model.scope() {
        Scope::Add => return picker::typed(model),
        Scope::Filter if model.history.filter.typing => history_filter::arrange(model),
        Scope::Filter if model.registry.filtering => registry::arrange(model),
        Scope::Filter => installed::arrange(model),
        Scope::Trace => trace::typed(model),
        Scope::Help => help::arrange(model),
        Scope::Palette => palette::arrange(model),
        Scope::Search => search::seek(model),
        _ => {}
    }
    Vec::new()
}
