//! The mouse: what is clicked is what is seen, and no click ever says yes.

use firn::tui::model::{Overlay, Pane, PreviewTab};
use firn::tui::msg::{CommandReport, Msg};
use firn::tui::pointer::{Deed, Pointer};

use crate::session::Session;
use crate::with_fltk;

const SIZES: [(u16, u16); 7] = [(50, 12), (60, 20), (80, 24), (90, 50), (110, 26), (120, 36), (200, 60)];

impl Session {
    /// Where a text is seen first, from the upper left.
    fn find(&self, text: &str) -> (u16, u16) {
        let buffer = self.buffer();
        for row in 0..buffer.area.height {
            let symbols: Vec<&str> = (0..buffer.area.width).map(|x| buffer[(x, row)].symbol()).collect();
            if let Some(at) = symbols.concat().find(text) {
                let mut bytes = 0;
                let column = symbols.iter().position(|symbol| {
                    bytes += symbol.len();
                    bytes > at
                });
                return (u16::try_from(column.unwrap()).unwrap(), row);
            }
        }
        panic!("'{text}' is not on\n{}", self.frame());
    }

    fn point(mut self, deed: Deed, text: &str) -> Self {
        let (column, row) = self.find(text);
        self.send(Msg::Pointed(Pointer { deed, column, row }));
        self
    }

    fn click(self, text: &str) -> Self {
        self.point(Deed::Click, text)
    }

    fn element(&self) -> &str {
        let plan = self.model.plan.as_ref().unwrap();
        &plan.elements[self.model.installed.rows[self.model.installed.cursor.selected]].name
    }
}

#[test]
fn a_click_on_a_row_selects_it_whatever_the_layout() {
    for (width, height) in SIZES {
        let session = Session::new(width, height).click(" direnv ");
        assert_eq!((session.element(), session.model.focus), ("direnv", Pane::Installed), "{width}x{height}");
        let session = Session::new(width, height).keys("3").click("2 d ago");
        assert_eq!((session.model.history.cursor.selected, session.model.focus), (1, Pane::History));
        let session = Session::new(width, height).keys("0 ] ] ]").click("bin/");
        let line = &session.model.preview.lines[session.model.preview.cursor.selected];
        assert_eq!((line.path.as_slice(), session.model.focus), (&b"bin"[..], Pane::Preview));
    }
}

#[test]
fn a_click_on_a_pane_gives_it_the_focus() {
    for (width, height) in [(120, 36), (200, 60), (90, 50), (110, 26)] {
        let session = Session::new(width, height).click("[3] History");
        assert_eq!(session.model.focus, Pane::History, "{width}x{height}");
        let session = session.click("[1] Installed");
        assert_eq!(session.model.focus, Pane::Installed, "{width}x{height}");
        let session = session.click("[0]");
        assert_eq!(session.model.focus, Pane::Preview, "{width}x{height}");
    }
}

#[test]
fn tabs_can_be_clicked() {
    let session = Session::new(80, 24).click("3 History");
    assert_eq!(session.model.focus, Pane::History);
    let session = session.click("0 Preview").click("1 Installed");
    assert_eq!(session.model.focus, Pane::Installed);
    for (width, height) in [(120, 36), (90, 50)] {
        let session = Session::new(width, height).click("Diff");
        assert_eq!((session.model.preview.tab, session.model.focus), (PreviewTab::Diff, Pane::Installed));
        let session = session.click("Info");
        assert_eq!(session.model.preview.tab, PreviewTab::Info);
        let session = session.click("Tree");
        assert_eq!(session.model.preview.tab, PreviewTab::Tree);
    }
    let wide = Session::new(200, 60).click("Diff");
    assert_eq!(wide.model.preview.tab, PreviewTab::Diff);
}

#[test]
fn a_double_click_does_what_enter_does() {
    let folded = Session::new(120, 36).point(Deed::DoubleClick, "▾ bin/");
    folded.find("▹ bin/");
    let details = Session::new(120, 36).point(Deed::DoubleClick, " direnv ");
    let entered = Session::new(120, 36).click(" direnv ").keys("<enter>");
    assert_eq!(details.frame(), entered.frame());
}

#[test]
fn the_wheel_scrolls_what_is_under_it() {
    let session = Session::new(120, 24).keys("0 .").keys("1");
    let before = session.model.installed.cursor;
    let rolled = session.point(Deed::WheelDown, "bin/");
    assert_eq!((rolled.model.preview.cursor.offset, rolled.model.focus), (3, Pane::Installed));
    assert_eq!(rolled.model.installed.cursor, before);
    let rolled = Session::new(80, 24).point(Deed::WheelDown, "[1]");
    assert_eq!((rolled.model.installed.cursor.offset, rolled.model.installed.cursor.selected), (3, 3));
    let back = rolled.point(Deed::WheelUp, "[1]").point(Deed::WheelUp, "[1]");
    assert_eq!((back.model.installed.cursor.offset, back.model.installed.cursor.selected), (0, 3));
    let text = with_fltk(120, 24).click("Diff").point(Deed::WheelDown, "▌Diff");
    assert_eq!(text.model.preview.scroll, 0, "a tab is no text");
    let review = with_fltk(60, 12).keys("c <enter> w").point(Deed::WheelDown, "Review");
    assert!(matches!(review.model.overlays.last(), Some(Overlay::Review(screen)) if screen.scroll == 3));
}

#[test]
fn what_is_typed_stays_when_a_row_is_clicked() {
    let session = Session::new(120, 36).keys("/").types("j").click(" jujutsu ");
    assert!(!session.model.installed.filtering);
    assert_eq!((session.model.installed.filter.value(), session.element()), ("j", "jujutsu"));
}

#[test]
fn screens_on_top_take_clicks_for_selecting_only() {
    let screen = |session: &Session| match session.model.overlays.last() {
        Some(Overlay::Collisions(screen)) => (screen.group.selected, screen.way),
        other => panic!("{other:?}"),
    };
    let session = with_fltk(120, 36).keys("c").click("~ shadowed");
    assert_eq!(screen(&session), (1, 0));
    let session = session.click("! tie").click("use ");
    assert_eq!(screen(&session), (0, 1));
    let staged = session.model.transaction.changes().len();
    let session = session.point(Deed::DoubleClick, "use ");
    assert_eq!(session.model.transaction.changes().len(), staged);
    let session = Session::new(120, 36).keys("?").point(Deed::DoubleClick, "set a priority");
    let Some(Overlay::Help(help)) = session.model.overlays.last() else { panic!("help is gone") };
    assert!(help.rows[help.cursor.selected].description.starts_with("set a priority"));
}

/// Every place of every screen, at every layout: nothing is staged, answered, applied or left.
#[test]
fn no_click_ever_says_yes() {
    let screens = [
        "",
        "c",
        "c <enter> <esc> w",
        "?",
        ":",
        "Y",
        "@",
        "p",
        "i",
        "3 j j r",
        "0",
        "0 ]",
        "q",
        "X",
        "/",
        "0 /",
        "3",
    ];
    for keys in screens {
        for (width, height) in [(60, 20), (80, 24), (120, 36)] {
            let mut session = with_fltk(width, height).keys(keys);
            let (staged, screens) = (session.model.transaction.to_json(), session.model.overlays.len());
            for row in (0..height).step_by(2) {
                for column in [3, width / 4, width / 2, width - 4] {
                    session.send(Msg::Pointed(Pointer { deed: Deed::DoubleClick, column, row }));
                }
                session.send(Msg::Pointed(Pointer { deed: Deed::WheelDown, column: row, row }));
            }
            let model = &session.model;
            assert_eq!(model.transaction.to_json(), staged, "{keys} {width}x{height}");
            assert_eq!(model.overlays.len(), screens, "{keys} {width}x{height}");
            assert!(model.job.is_none() && !model.quit, "{keys} {width}x{height}");
        }
    }
}

#[test]
fn the_mouse_can_be_left_to_the_terminal() {
    let session = Session::new(120, 36).keys("M");
    session.find("The mouse is the terminal's now");
    let session = session.click(" direnv ");
    assert_ne!(session.element(), "direnv");
    let session = session.keys("M").click(" direnv ");
    assert_eq!(session.element(), "direnv");
}

#[test]
fn an_open_range_grows_with_a_click_and_with_the_wheel() {
    let marks = |session: &Session| session.model.installed.marks.iter().cloned().collect::<Vec<_>>();
    let session = Session::new(120, 36).keys("v").click(" direnv ");
    assert_eq!(marks(&session).last().map(String::as_str), Some("direnv"), "{:?}", marks(&session));
    let before = marks(&session).len();
    let session = session.keys("j");
    assert_eq!(marks(&session).len(), before + 1);
    let session = Session::new(80, 24).keys("v").point(Deed::WheelDown, "[1]");
    assert!(marks(&session).len() > 1);
    let session = Session::new(120, 36).keys("<shift-down>").click(" hello ");
    assert_eq!(marks(&session).len(), 2, "a click ends what shift began");
}

#[test]
fn the_log_stays_on_the_newest_line_however_one_got_there() {
    let mut session = Session::new(80, 24);
    let report = |session: &mut Session, lines: std::ops::Range<u32>| {
        for line in lines {
            let printed = CommandReport::Printed(format!("line {line}"));
            session.send(Msg::CommandReported(1, printed));
        }
    };
    session.send(Msg::CommandReported(1, CommandReport::Started("nix build".to_owned())));
    report(&mut session, 0..60);
    let follows = |session: &Session| match session.model.overlays.last() {
        Some(Overlay::Log(screen)) => screen.follows,
        other => panic!("{other:?}"),
    };
    let mut session = session.keys("@");
    assert!(follows(&session));
    session = session.point(Deed::WheelUp, "Command log");
    assert!(!follows(&session));
    session = session.point(Deed::WheelDown, "Command log");
    assert!(follows(&session), "the wheel leads back to the end");
    session = session.click("line 50");
    assert!(!follows(&session));
    session = session.click("line 59");
    assert!(follows(&session));
    report(&mut session, 60..70);
    session.find("line 69");
}

#[test]
fn entries_and_known_names_are_clicked() {
    for (width, height) in SIZES {
        let session = Session::new(width, height).keys("2").click(" mine ");
        let pane = &session.model.registry;
        let name = pane.name_of(pane.selected().unwrap()).unwrap();
        assert_eq!(
            (name.1.as_str(), session.model.focus),
            ("flake:mine", Pane::Registry),
            "{width}x{height}"
        );
        let session = session.keys("t").point(Deed::Click, "nixpkgs  mine");
        let Some(Overlay::Trace(screen)) = session.model.overlays.last() else { panic!("{width}x{height}") };
        assert_eq!(screen.input.value(), "nixpkgs", "{width}x{height}");
    }
}
