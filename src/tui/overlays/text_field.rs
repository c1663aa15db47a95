//! The field for a line of text, with what it means.

use ratatui::style::Style;

use super::add;
use crate::core::counting::counted;
use crate::core::visible;
use crate::tui::layout;
use crate::tui::model::{Asks, TextField};
use crate::tui::panes::bars;
use crate::tui::view::canvas::{Border, Canvas};
use crate::tui::view::row::Row;
use crate::tui::view::words::wrapped;

/// Draws the popup.
pub fn draw(canvas: &mut Canvas<'_>, field: &TextField) {
    let (model, theme) = (canvas.model, canvas.theme);
    let (title, words) = words(&field.asks);
    let room = usize::from(layout::popup(model.size, 70, 8).width).saturating_sub(8);
    let lines = u16::try_from(wrapped(&words, room).len()).unwrap_or(u16::MAX);
    let area = layout::popup(model.size, 70, lines.saturating_add(5).max(8));
    canvas.clear(area);
    let title = Row::new().put(title, theme.title);
    let inside = canvas.pane(area, &Border { title, focused: true, ..Border::default() });
    let mut rows = vec![Row::new(), Row::text("  ").join(add::field(canvas, &field.typed, room)), Row::new()];
    rows.extend(wrapped(&words, room).into_iter().map(|line| Row::text("  ").put(line, Style::new())));
    canvas.rows(inside, &rows);
    bars::popup_hints(canvas, area);
}

fn words(asks: &Asks) -> (String, String) {
    match asks {
        Asks::Label(number) => (
            format!("Label of generation {number}"),
            "A few words to find it by; none take the label away. Noted at once, only here: nix knows no labels."
                .to_owned(),
        ),
        Asks::RunOptions => (
            "Nix options for this run".to_owned(),
            "As on the command line: --impure --override-flake nixpkgs path:/mine. Every nix call from now on has \
             them, until firn ends; none take them away."
                .to_owned(),
        ),
        Asks::ElementOptions => (
            "Nix options remembered for the element".to_owned(),
            "Used whenever nix is asked about it, by 'firn upgrade' too: NIXPKGS_ALLOW_UNFREE=1 --impure. None take \
             them away. They count at once."
                .to_owned(),
        ),
        Asks::ConvertFrom => (
            "Convert to nix profile, with sources from".to_owned(),
            "What is installed stays as it is. Of each package the one of the same name in this flake is proposed \
             as its source, which later upgrades follow; empty for none. Every proposal can be changed before \
             anything is applied."
                .to_owned(),
        ),
        Asks::UpgradeSource(elements) => (
            match elements.as_slice() {
                [name] => format!("Upgrade {} from", visible::text(name)),
                names => format!("Upgrade {} from", counted(names.len(), "package")),
            },
            "What nix-env takes after --file: /home/me/packages.nix, a folder, <nixpkgs>, flake:nixpkgs, the URL of \
             an archive. What is newer there under the same name is staged; the file is remembered for the next time."
                .to_owned(),
        ),
        Asks::KeepLast => (
            "Keep the last".to_owned(),
            "How many stay: the live generation and those right before it; newer ones stay too. The older ones \
             are shown, and asked about, before they go."
                .to_owned(),
        ),
        Asks::OlderThan => (
            "Older than so many days".to_owned(),
            "As nix counts: the generation that was live that long ago stays, and those before it go. They are \
             shown, and asked about, before they go."
                .to_owned(),
        ),
    }
}
