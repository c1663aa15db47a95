//! Level 8: the real program in a pseudo-terminal. What it draws is read with a terminal
//! emulator; tests wait for what is on screen, never for time to pass.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use firn::ops::Context;
use firn::system::machine::{Clock, Store as _};
use firn::system::own_folders::OwnFolders;
use firn::system::playground::PlaygroundStore;
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

const PROGRAM: &str = env!("CARGO_BIN_EXE_firn");

/// Long enough for a slow machine; reached only by failures.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program in a terminal of its own, on a playground of its own.
struct Session {
    terminal: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn std::io::Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    folder: tempfile::TempDir,
}

impl Session {
    /// `firn demo` at 120x36.
    fn demo() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(PROGRAM.as_ref(), folder.path());
        command.arg("demo");
        Self::start(command, folder)
    }

    fn without_colour() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(PROGRAM.as_ref(), folder.path());
        command.arg("demo");
        command.env("NO_COLOR", "1");
        Self::start(command, folder)
    }

    fn start(command: CommandBuilder, folder: tempfile::TempDir) -> Self {
        let size = PtySize { rows: 36, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut chunk) {
                if sender.send(chunk[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        let screen = vt100::Parser::new(36, 120, 0);
        let mut session = Self { terminal: pair.master, keyboard, child, output, screen, folder };
        session.wait_for("25 elements");
        session
    }

    /// Reads until the screen shows the text.
    fn wait_for(&mut self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    fn wait_until(&mut self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !holds(self.screen.screen()) {
            match self.output.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(error) => panic!("no '{what}' ({error}) on\n{}", self.screen.screen().contents()),
            }
        }
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.process_id().unwrap()).unwrap()).unwrap()
    }

    fn kill(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits for the end and reads the rest of the output.
    fn end(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.output.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it goes on:\n{}", self.screen.screen().contents()),
            }
        }
        self.child.wait().unwrap()
    }

    /// The terminal is as a shell wants it.
    fn assert_given_back(&self) {
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "still on the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert!(!screen.bracketed_paste(), "pastes are still marked");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse is still ours");
        if let Some(modes) = self.terminal.get_termios() {
            let flags = format!("{:?}", modes.local_flags);
            assert!(flags.contains("ICANON") && flags.contains("ECHO"), "still raw: {flags}");
        }
    }

    fn profile(&self) -> PathBuf {
        self.folder.path().join("data/playground/profiles/profile")
    }

    fn generation(&self) -> String {
        std::fs::read_link(self.profile()).unwrap().to_string_lossy().into_owned()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A test that fails must not leave a program behind.
        let _ = self.child.kill();
    }
}

/// A program that sees nothing of the machine but its own folder.
fn command(program: &OsStr, folder: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.env_clear();
    for (name, value) in sealed(folder) {
        command.env(name, value);
    }
    command.cwd(folder);
    command
}

fn firn(arguments: &[&str], folder: &Path) -> Output {
    Command::new(PROGRAM).args(arguments).env_clear().envs(sealed(folder)).output().unwrap()
}

fn sealed(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    vec![
        ("HOME", folder.join("home")),
        ("FIRN_STATE_DIR", folder.join("state")),
        ("FIRN_DATA_DIR", folder.join("data")),
        ("PATH", PathBuf::from("/usr/bin:/bin")),
        ("TERM", PathBuf::from("xterm-256color")),
        ("TZ", PathBuf::from("UTC")),
    ]
}

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
