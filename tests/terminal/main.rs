//! Level 8: the real program in a pseudo-terminal. What it draws is read with a terminal
//! emulator; tests wait for what is on screen, never for time to pass.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

mod in_front;
mod session;
mod stopping;
#[path = "../support/mod.rs"]
mod support;
mod two_terminals;

use std::path::PathBuf;
use std::sync::Arc;

use firn::ops::Context;
use firn::system::machine::{Clock, Store as _};
use firn::system::own_folders::OwnFolders;
use firn::system::playground::PlaygroundStore;
use portable_pty::PtySize;
use rustix::process::{Signal, WaitOptions, waitpid};

use session::{PROGRAM, Session, command, firn};

#[test]
fn quitting_gives_the_terminal_back() {
    let mut session = Session::demo();
    let screen = session.screen.screen();
    assert!(screen.alternate_screen() && screen.bracketed_paste());
    session.press("q");
    assert!(session.end().success());
    session.assert_given_back();
}

#[test]
fn signals_give_the_terminal_back_and_are_what_it_died_of() {
    for (signal, name) in [(Signal::TERM, "Terminated"), (Signal::INT, "Interrupt"), (Signal::HUP, "Hangup")]
    {
        let mut session = Session::demo();
        session.kill(signal);
        let status = session.end();
        assert_eq!(status.signal(), Some(name), "{status:?}");
        session.assert_given_back();
    }
}

#[test]
fn ctrl_z_stops_and_a_continuation_draws_again() {
    let mut session = Session::demo();
    session.press("j\x1a");
    let (_, status) = waitpid(Some(session.pid()), WaitOptions::UNTRACED).unwrap().unwrap();
    assert!(status.stopped(), "{status:?}");
    session.wait_until("the shell's screen", |screen| !screen.alternate_screen());
    session.assert_given_back();
    session.kill(Signal::CONT);
    session.wait_until("the interface", vt100::Screen::alternate_screen);
    session.wait_for("2 of 25");
    session.press("q");
    assert!(session.end().success());
    session.assert_given_back();
}

#[test]
fn another_size_is_another_layout() {
    let mut session = Session::demo();
    for (rows, cols) in [(12, 40), (50, 200), (1, 1), (3, 300), (24, 80)] {
        session.terminal.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        session.screen.screen_mut().set_size(rows, cols);
        session.press("jk");
    }
    session.wait_for("1 Installed▐");
    session.press("q");
    assert!(session.end().success());
}

#[test]
fn a_collision_is_resolved_applied_and_rolled_back() {
    let mut session = Session::demo();
    assert_eq!(session.generation(), "profile-8-link");
    session.press("inixpkgs#fltk\r");
    session.wait_for("files collide: c shows ways out");
    session.press("c");
    session.wait_for("fltk priority 5 → 6");
    session.press("\r");
    session.wait_for("nothing blocks the plan");
    session.press("w");
    session.wait_for("nothing has changed yet");
    assert_eq!(session.generation(), "profile-8-link");
    session.press("y");
    session.wait_for("Generation 9 is live. Press - then y to go back to 8.");
    assert_eq!(session.generation(), "profile-9-link");
    assert!(session.profile().join("bin/fluid").exists());
    session.press("r");
    session.wait_for("Roll back?");
    session.press("y");
    session.wait_for("Generation 8 is live.");
    assert_eq!(session.generation(), "profile-8-link");
    session.press("q");
    assert!(session.end().success());
}

#[test]
fn another_program_s_change_is_noticed_and_the_plan_put_on_top() {
    let mut session = Session::demo();
    session.press("d");
    session.wait_for("Staged: remove bat");
    let other = firn(&["--demo", "rollback"], session.folder.path());
    assert!(other.status.success(), "{other:?}");
    session.wait_for("Another program changed the profile: generation 7 is live now.");
    session.press("q");
    session.wait_for("y");
    session.press("y");
    assert!(session.end().success());
}

#[test]
fn another_program_s_edit_of_a_registry_is_shown_by_itself() {
    let mut session = Session::demo();
    session.press("2");
    session.wait_for("[2] Registry");
    for (name, shown) in [("first", "github:o/first"), ("second", "github:o/second")] {
        let other = firn(&["--demo", "registry", "add", name, shown], session.folder.path());
        assert!(other.status.success(), "{other:?}");
        session.wait_for(name);
    }
    session.press("q");
    assert!(session.end().success());
}

#[test]
fn scripted_keys_print_what_a_terminal_shows() {
    let mut session = Session::demo();
    let keys = ["d", "j", "j", "<space>", "0", "]", "1", "p", "3"];
    let printed = firn(&["demo", "--keys", &keys.join(" "), "--frame", "120x36"], session.folder.path());
    assert!(printed.status.success(), "{printed:?}");
    session.press(&keys.concat().replace("<space>", " "));
    let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    let printed = String::from_utf8(printed.stdout).unwrap();
    session.wait_until(&printed, |screen| lines(&screen.contents()) == lines(&printed));
    session.press("\r");
    session.wait_for("Staged: priority 3");
    session.press("qy");
    assert!(session.end().success());
}

#[test]
fn the_mouse_selects_and_can_be_left_to_the_terminal() {
    let mut session = Session::demo();
    assert_ne!(session.screen.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    session.press("\x1b[<0;10;6M\x1b[<0;10;6m");
    session.wait_for("3 of 25");
    session.press("M");
    session.wait_until("the mouse of the terminal", |screen| {
        screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    });
    session.press("M");
    session.wait_until("the mouse of firn", |screen| {
        screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None
    });
    session.press("q");
    assert!(session.end().success());
    session.assert_given_back();
}

#[test]
fn a_wrong_configuration_is_told_and_opens_the_interface() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    std::fs::create_dir(&config).unwrap();
    let text = "thme = \"dark\"\nmouse = false\nkeys = [{ on = \"x\", run = \"quit\", scope = \"main\" }]\n";
    std::fs::write(config.join("config.toml"), text).unwrap();
    let mut command = command(PROGRAM.as_ref(), folder.path());
    command.arg("demo");
    command.env("FIRN_CONFIG_DIR", &config);
    let mut session = Session::start(command, folder);
    session.wait_for("┏Configuration");
    session.wait_for("config.toml:1:");
    session.press("\r");
    session.wait_until("the main screen", |screen| !screen.contents().contains("┏Configuration"));
    assert_eq!(session.screen.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    session.press("x");
    assert!(session.end().success());
    session.assert_given_back();
}

#[test]
fn without_colour_bold_stays() {
    let mut session = Session::without_colour();
    session.press("dw");
    session.wait_for("nothing has changed yet");
    let cells = |screen: &vt100::Screen, holds: &dyn Fn(&vt100::Cell) -> bool| {
        let all = (0..36).flat_map(|row| (0..120).map(move |column| (row, column)));
        all.filter_map(|(row, column)| screen.cell(row, column)).filter(|cell| holds(cell)).count()
    };
    let screen = session.screen.screen();
    let coloured = |cell: &vt100::Cell| {
        cell.fgcolor() != vt100::Color::Default || cell.bgcolor() != vt100::Color::Default
    };
    assert_eq!(cells(screen, &coloured), 0);
    assert!(cells(screen, &|cell| cell.bold()) > 0, "bold went with the colours");
    session.press("nqy");
    assert!(session.end().success());
}

/// Not a test: the program that panics, started by the one below in a terminal of its own.
#[test]
fn a_program_that_panics() {
    let Some(folder) = std::env::var_os("FIRN_TEST_PANICS").map(PathBuf::from) else { return };
    let store = PlaygroundStore::open(&folder.join("data/playground"), false).unwrap();
    let context = Context {
        profile: store.default_profile().unwrap(),
        store: Arc::new(store),
        folders: OwnFolders {
            state: folder.join("state"),
            data: folder.join("data"),
            config: folder.join("config"),
        },
        clock: Arc::new(FragileClock { trigger: folder.join("trigger") }),
        read_only: false,
    };
    let _ = firn::tui::run(context, firn::tui::Options::default());
}

/// Panics as soon as a file is there.
struct FragileClock {
    trigger: PathBuf,
}

impl Clock for FragileClock {
    fn now(&self) -> i64 {
        assert!(!self.trigger.exists(), "the clock broke");
        0
    }
}

#[test]
fn a_panic_gives_the_terminal_back_before_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let trigger = folder.path().join("trigger");
    let mut command = command(std::env::current_exe().unwrap().as_ref(), folder.path());
    command.args(["--exact", "a_program_that_panics", "--nocapture"]);
    command.env("FIRN_TEST_PANICS", folder.path());
    let mut session = Session::start(command, folder);
    std::fs::write(trigger, "").unwrap();
    session.press("j");
    assert!(!session.end().success());
    session.assert_given_back();
    let words = session.screen.screen().contents();
    assert!(words.contains("the clock broke"), "its words are not on the shell's screen:\n{words}");
}
