//! A line of text: a label, which generations are deleted, options of Nix, where upgrades come from.

use tui_input::Input;

use super::words::say;
use super::{deleting, history, nix_options, notes, user_environment};
use crate::core::generation::{self, Deletion};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{Asks, Model, Noting, Overlay, TextField};

/// `e`: asks for the label of the generation under the cursor.
pub(super) fn open_label(model: &mut Model) -> Vec<Effect> {
    let Some(number) = history::generation_under_cursor(model) else { return Vec::new() };
    let note = model.loaded().and_then(|loaded| notes::note_of(loaded, number));
    let label = note.and_then(|note| note.label.clone());
    open(model, Asks::Label(number), label.unwrap_or_default())
}

/// Asks which generations are deleted.
pub(super) fn open_deletion(model: &mut Model, asks: Asks) -> Vec<Effect> {
    open(model, asks, String::new())
}

pub(super) fn open(model: &mut Model, asks: Asks, text: String) -> Vec<Effect> {
    model.overlays.push(Overlay::Field(TextField { asks, typed: Input::new(text) }));
    Vec::new()
}

/// Takes what was typed.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let (Action::Accept, Some(Overlay::Field(field))) = (action, model.overlays.last()) else {
        return Vec::new();
    };
    let text = field.typed.value().trim().to_owned();
    let asks = field.asks.clone();
    match asks {
        Asks::Label(number) => {
            model.overlays.pop();
            vec![Effect::Note { numbers: vec![number], noting: Noting::Label(text) }]
        }
        Asks::RunOptions | Asks::ElementOptions => nix_options::accept(model, &asks, &text),
        Asks::ConvertFrom => user_environment::convert_from(model, &text),
        Asks::UpgradeSource(elements) => user_environment::upgrade_from(model, &elements, &text),
        Asks::KeepLast => match text.parse::<u64>() {
            Ok(newest) => chosen(model, &Deletion::KeepLast(newest)),
            Err(_) => refuse(model, "Type how many stay, for example 5."),
        },
        Asks::OlderThan => {
            let days = text.strip_suffix('d').unwrap_or(&text).trim();
            match generation::parse_age(&format!("{days}d")) {
                Ok(seconds) => chosen(model, &Deletion::OlderThan(model.now.saturating_sub(seconds))),
                Err(_) => refuse(model, "Type a number of days, for example 30."),
            }
        }
    }
}

fn refuse(model: &mut Model, words: &str) -> Vec<Effect> {
    say(model, words);
    Vec::new()
}

/// Opens the sheet for the generations that a deletion takes.
fn chosen(model: &mut Model, deletion: &Deletion) -> Vec<Effect> {
    let Some(loaded) = model.loaded() else { return Vec::new() };
    let generations: Vec<_> = loaded.generations.iter().map(|found| found.generation.clone()).collect();
    let numbers = generation::deleted(&generations, loaded.current, deletion);
    match numbers {
        Ok(numbers) if numbers.is_empty() => refuse(model, "Nothing to delete: no generation is that old."),
        Ok(numbers) => {
            model.overlays.pop();
            deleting::open_for(model, numbers)
        }
        Err(error) => refuse(model, &error.to_string()),
    }
}
