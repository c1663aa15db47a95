//! The program in a terminal of its own, and what a test does with it.

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_firn");

/// Long enough for a slow machine; reached only by failures.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program in a terminal of its own, on a playground of its own.
pub struct Session {
    pub terminal: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn std::io::Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    pub screen: vt100::Parser,
    pub folder: tempfile::TempDir,
}

impl Session {
    /// `firn demo` at 120x36.
    pub fn demo() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(PROGRAM.as_ref(), folder.path());
        command.arg("demo");
        Self::start(command, folder)
    }

    pub fn without_colour() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(PROGRAM.as_ref(), folder.path());
        command.arg("demo");
        command.env("NO_COLOR", "1");
        Self::start(command, folder)
    }

    /// The command, until it shows the elements of the playground.
    pub fn start(command: CommandBuilder, folder: tempfile::TempDir) -> Self {
        Self::start_until("25 elements", command, folder)
    }

    /// The command, until it shows a text.
    pub fn start_until(shown: &str, command: CommandBuilder, folder: tempfile::TempDir) -> Self {
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
        session.wait_for(shown);
        session
    }

    /// Reads until the screen shows the text.
    pub fn wait_for(&mut self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    pub fn wait_until(&mut self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !holds(self.screen.screen()) {
            match self.output.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(error) => panic!("no '{what}' ({error}) on\n{}", self.screen.screen().contents()),
            }
        }
    }

    pub fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.process_id().unwrap()).unwrap()).unwrap()
    }

    pub fn kill(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits for the end and reads the rest of the output.
    pub fn end(&mut self) -> ExitStatus {
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
    pub fn assert_given_back(&self) {
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

    pub fn profile(&self) -> PathBuf {
        self.folder.path().join("data/playground/profiles/profile")
    }

    pub fn generation(&self) -> String {
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
pub fn command(program: &OsStr, folder: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.env_clear();
    for (name, value) in sealed(folder) {
        command.env(name, value);
    }
    command.cwd(folder);
    command
}

pub fn firn(arguments: &[&str], folder: &Path) -> Output {
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
