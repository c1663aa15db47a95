//! Questions that are answered with yes or no. Every other key means no.

use ratatui::style::Style;

use crate::core::visible;
use crate::system::nix::Front;
use crate::tui::action::Action;
use crate::tui::layout;
use crate::tui::model::{InFrontOffer, Model, Question};
use crate::tui::panes::registry::short;
use crate::tui::theme;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::{counted, wrapped};

const WIDTH: u16 = 62;

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, question: &Question) {
    let model = canvas.model;
    let (title, text, offers) = words(model, question);
    let lines = wrapped(&text, usize::from(WIDTH.min(model.size.0)).saturating_sub(6));
    let around = 6; // the border, a blank line on all sides of the text, and the answers
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(around);
    let area = layout::popup(model.size, WIDTH, height);
    canvas.clear(area);
    let title = Row::new().put(title, canvas.theme.title);
    let inside = canvas.pane(area, &Border { title, focused: true, ..Border::default() });
    let mut rows = vec![Row::new()];
    rows.extend(lines.into_iter().map(|line| Row::text(format!("  {line}"))));
    rows.push(Row::new());
    let mut row = Row::text("  ");
    for (action, words) in offers {
        let key = model.keymap.name(model.scope(), action);
        // the safe answer stands out, as it is the one to take in doubt
        let style = if action == Action::No { canvas.theme.strong } else { Style::new() };
        row = row.put(key, canvas.theme.key).put(format!("  {words}      "), style);
    }
    rows.push(row);
    canvas.rows(inside, &rows);
}

type Offers = Vec<(Action, &'static str)>;

fn words(model: &Model, question: &Question) -> (&'static str, String, Offers) {
    let staged = counted(model.transaction.changes().len(), "staged change");
    match question {
        Question::DropPlan => (
            "Drop the plan?",
            format!("{staged} would be dropped. The profile itself is not touched."),
            vec![(Action::Yes, "drop"), (Action::No, "keep")],
        ),
        Question::OverrideEntry { layer, from, to } => (
            "Override it?",
            format!(
                "{} {} {} stands in the {} registry, which is not yours to edit. An entry of your own is tried before it.",
                short(from),
                theme::ARROW,
                short(to),
                layer.name()
            ),
            vec![(Action::Yes, "write one"), (Action::No, "leave it")],
        ),
        Question::QuitWithPlan => (
            "Quit?",
            format!("{staged} would be forgotten. Saved as a file, the plan can be applied later with firn apply."),
            vec![(Action::Yes, "quit"), (Action::No, "stay"), (Action::SavePlan, "save plan")],
        ),
        Question::OpenProfile(_) => (
            "Open another profile?",
            format!("{staged} would be forgotten: a plan is for one profile."),
            vec![(Action::Yes, "open"), (Action::No, "stay")],
        ),
        Question::Rebuild => (
            "Make it anew?",
            rebuilt(model),
            vec![(Action::Yes, "make it"), (Action::No, "not now")],
        ),
        Question::InFront(offer) => in_front(offer),
        Question::FlakeSettings(wanted) => (
            "Accept its settings?",
            format!(
                "The flake {} wants to set {} for nix while it is evaluated; fetching and building keep your own. Settings can name other caches to trust, \
                 so accept them only of a flake whose author you trust.",
                visible::text(&wanted.flake),
                visible::text(&wanted.settings.join(", "))
            ),
            vec![(Action::Yes, "always"), (Action::Once, "this run"), (Action::No, "never")],
        ),
        Question::CollectGarbage => (
            "Collect garbage?",
            "Everything in the store that nothing needs is deleted, not only what this profile had: old builds and \
             downloads too. It cannot be undone; what is wanted again is fetched or built again."
                .to_owned(),
            vec![(Action::Yes, "collect"), (Action::No, "not now")],
        ),
        Question::QuitWithJob => (
            "Quit?",
            "A job is still running. Quitting stops it first; the profile is left either as it was or as it was meant to be."
                .to_owned(),
            vec![(Action::Yes, "stop and quit"), (Action::No, "stay")],
        ),
    }
}

/// What would get the terminal, and why.
fn in_front(offer: &InFrontOffer) -> (&'static str, String, Offers) {
    let (element, reference) = (visible::text(&offer.element), visible::text(&offer.question.reference));
    match offer.front {
        Front::Fetch => (
            "Fetch it in the terminal?",
            format!(
                "{reference}, where {element} is from, could not be fetched: something had to be asked, a password or \
                 whether a host is known. firn can step aside while nix fetches it in the terminal, and check again."
            ),
            vec![(Action::Yes, "fetch it"), (Action::No, "leave it")],
        ),
        Front::Debug => (
            "Open nix's debugger?",
            format!(
                "{element} of {reference} does not evaluate, and --debugger was given. firn can step aside while nix \
                 shows where it fails; :quit there comes back."
            ),
            vec![(Action::Yes, "open it"), (Action::No, "leave it")],
        ),
    }
}

/// What a new generation in place of the damaged one would hold.
fn rebuilt(model: &Model) -> String {
    let Some(found) = &model.history.rebuild else { return String::new() };
    let elements = counted(found.rebuilt.manifest.elements.len(), "element");
    let guessed = &found.rebuilt.guessed;
    let guessed = match guessed.len() {
        0 => "All of them are known from other generations.".to_owned(),
        number => {
            let names = guessed.iter().take(4).map(|name| visible::text(name)).collect::<Vec<_>>().join(", ");
            let more = if number > 4 { format!(" and {} more", number - 4) } else { String::new() };
            format!("Guessed, with no source: {names}{more}.")
        }
    };
    format!(
        "A new generation with the {elements} that the damaged one refers to. {guessed} The damaged one stays."
    )
}
