//! What the user has set: every theme at every size, columns, and what is wrong with the file.

use std::sync::Arc;

use firn::system::terminal_colours::ColourDepth;
use firn::tui::configuration::{Column, default_text, read};
use firn::tui::model::{Notice, NoticeScreen, Overlay};
use firn::tui::theme::Theme;

use crate::session::Session;
use crate::{frame, with_fltk};

const SIZES: [(u16, u16); 5] = [(60, 20), (80, 24), (100, 28), (120, 36), (200, 60)];

fn themed(name: &str, (width, height): (u16, u16)) -> Session {
    let mut session = with_fltk(width, height);
    session.model.theme = Arc::new(Theme::named(name).unwrap());
    session
}

#[test]
fn themes() {
    for name in Theme::names() {
        for size in SIZES {
            frame!(format!("theme_{name}_{}x{}", size.0, size.1), themed(name, size));
        }
    }
}

#[test]
fn themes_with_a_ground_of_their_own_fill_every_screen() {
    for name in ["dark", "light"] {
        let ground = Theme::named(name).unwrap().text;
        for keys in ["", "c", "w", "?", "p", "i", "3 j j r", "0", "]", "q", "/", "X"] {
            let session = themed(name, (120, 36)).keys(keys);
            for cell in session.buffer().content {
                assert!(cell.fg != ratatui::style::Color::Reset, "{name} {keys}: {:?}", cell.symbol());
                assert!(cell.bg != ratatui::style::Color::Reset, "{name} {keys}: {:?}", cell.symbol());
            }
        }
        frame!(format!("theme_{name}_collisions_120x36"), themed(name, (120, 36)).keys("c"));
        frame!(format!("theme_{name}_help_120x36"), themed(name, (120, 36)).keys("?"));
        let mut few = themed(name, (80, 24));
        few.model.theme = Arc::new(Theme::named(name).unwrap().shown_with(ColourDepth::Indexed));
        assert_ne!(few.model.theme.text, ground);
        frame!(format!("theme_{name}_256_80x24"), few);
    }
}

#[test]
fn columns() {
    let with = |columns: &[Column], (width, height): (u16, u16)| {
        let mut session = with_fltk(width, height);
        session.model.settings.columns = columns.to_vec();
        session
    };
    frame!("columns_turned_120x36", with(&[Column::Source, Column::Priority, Column::Version], (120, 36)));
    frame!("columns_source_80x24", with(&[Column::Source], (80, 24)));
    frame!("columns_none_120x36", with(&[], (120, 36)));
}

#[test]
fn what_is_wrong_is_told() {
    let text = default_text().replace("mouse = true", "mouse = 1").replace("\"reverse\"", "\"revrse\"")
        + "theme2 = 1\n";
    let file = "/home/ada/.config/firn/config.toml";
    let find = |name: &str| Theme::named(name).map(|theme| (theme, Vec::new())).ok_or_else(String::new);
    let problems = read(file, &text, None, &find).problems;
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 3, "{problems:#?}");
    for (width, height) in [(120, 36), (80, 24), (60, 20), (50, 12)] {
        let mut session = Session::new(width, height);
        let screen = NoticeScreen { notice: Notice::Configuration(problems.clone()), scroll: 0 };
        session.model.overlays.push(Overlay::Notice(screen));
        frame!(format!("notice_{width}x{height}"), session);
        assert!(session.keys("j G <enter>").model.overlays.is_empty());
    }
}
