//! Opens web pages with the desktop's own program: `xdg-open`, on macOS `open`.
//!
//! The address comes from a package and is one argument of that program, never a part of a
//! command line for a shell; only `http://` and `https://` are opened, and nothing hidden may be
//! in it. Where no desktop is, nothing is started: `xdg-open` would run a browser in the terminal,
//! and only firn touches that.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use super::search_path::SearchPath;
use crate::core::visible;

/// How long the program may take to say that it failed; some stay for as long as the browser.
const PATIENCE: Duration = Duration::from_secs(3);
/// Longer addresses are none that a person would want to open.
const LONGEST: usize = 4096;

/// What can be started in an environment.
#[derive(Clone, Debug)]
pub struct Opener {
    variables: BTreeMap<OsString, OsString>,
}

/// What became of opening a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The desktop has it.
    Yes,
    /// There is no desktop here, or nothing on it that opens pages.
    NoDesktop,
}

/// Why a page was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Not an address of the web.
    #[error("'{0}' is not an address of a web page")]
    NotWeb(String),
    /// The program could not be run.
    #[error("'{program}' cannot be run: {source}")]
    NoProgram {
        /// Its path.
        program: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// The program failed.
    #[error("'{program}' could not open '{address}' ({status})")]
    Failed {
        /// Its path.
        program: PathBuf,
        /// The address.
        address: String,
        /// How it ended.
        status: ExitStatus,
    },
}

impl Opener {
    /// That of this process.
    pub fn of_process() -> Self {
        Self::new(std::env::vars_os())
    }

    /// One that sees exactly these variables.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self { variables: variables.into_iter().collect() }
    }

    /// Opens an address of the web. Waits a moment for the program to fail, not for it to end.
    pub fn open(&self, address: &str) -> Result<Opened, OpenError> {
        if !is_web_address(address) {
            return Err(OpenError::NotWeb(visible::text(address)));
        }
        let Some(program) = self.program() else { return Ok(Opened::NoDesktop) };
        let mut command = Command::new(&program);
        // In a group of its own it outlives firn and cannot read the terminal.
        command.arg(address).env_clear().envs(&self.variables).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn();
        let mut child = child.map_err(|source| OpenError::NoProgram { program: program.clone(), source })?;
        let (sender, ended) = channel();
        // Somebody has to take note of its end, however late that is.
        std::thread::spawn(move || sender.send(child.wait()));
        match ended.recv_timeout(PATIENCE) {
            Ok(Ok(status)) if !status.success() => {
                Err(OpenError::Failed { program, address: address.to_owned(), status })
            }
            Ok(Err(source)) => Err(OpenError::NoProgram { program, source }),
            Ok(Ok(_)) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(Opened::Yes),
        }
    }

    fn program(&self) -> Option<PathBuf> {
        let is_set = |name: &str| self.get(name).is_some();
        let (name, is_here) = if cfg!(target_os = "macos") {
            // Over ssh it would open on the screen of a machine somewhere else.
            ("open", !is_set("SSH_CONNECTION"))
        } else {
            ("xdg-open", is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"))
        };
        if !is_here {
            return None;
        }
        SearchPath::new(self.get("PATH").unwrap_or_default()).first(OsStr::new(name))
    }

    fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }
}

/// Whether it is an address that may be opened: of the web, and all of it to be seen.
fn is_web_address(address: &str) -> bool {
    let has_scheme = |scheme: &str| {
        let start = address.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme)) && address.len() > scheme.len()
    };
    let is_plain = !address.contains(char::is_whitespace) && visible::text(address) == address;
    (has_scheme("https://") || has_scheme("http://")) && is_plain && address.len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::*;

    const PAGE: &str = "https://example.org/?a=1&b=$(id);'x'";

    /// A desktop whose program for pages is a script.
    fn desktop(folder: &Path, script: &str) -> Opener {
        for name in ["xdg-open", "open"] {
            let program = folder.join(name);
            std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let folder = folder.as_os_str().to_owned();
        Opener::new([
            ("DISPLAY".into(), ":0".into()),
            ("PATH".into(), folder.clone()),
            ("OUT".into(), folder),
        ])
    }

    /// Another test's child may still have the script open for writing.
    fn open(opener: &Opener, address: &str) -> Result<Opened, OpenError> {
        loop {
            match opener.open(address) {
                Err(OpenError::NoProgram { source, .. })
                    if source.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
                answer => return answer,
            }
        }
    }

    #[test]
    fn the_address_is_one_argument_and_no_shell_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let opener =
            desktop(folder.path(), "printf '%s|' \"$#\" \"$@\" > \"$OUT/said\"; echo noise; echo noise >&2");
        assert_eq!(open(&opener, PAGE).unwrap(), Opened::Yes);
        assert_eq!(std::fs::read_to_string(folder.path().join("said")).unwrap(), format!("1|{PAGE}|"));
    }

    #[test]
    fn what_fails_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let error = open(&desktop(folder.path(), "exit 3"), PAGE).unwrap_err().to_string();
        assert!(error.contains("could not open 'https://example.org") && error.contains('3'), "{error}");
    }

    #[test]
    fn without_a_desktop_nothing_is_started() {
        let folder = tempfile::tempdir().unwrap();
        let mut opener = desktop(folder.path(), "echo > \"$OUT/said\"");
        opener.variables.remove(OsStr::new("DISPLAY"));
        opener.variables.insert("SSH_CONNECTION".into(), "a b".into());
        assert_eq!(opener.open(PAGE).unwrap(), Opened::NoDesktop);
        let bare = Opener::new([("DISPLAY".into(), ":0".into())]);
        assert_eq!(bare.open(PAGE).unwrap(), Opened::NoDesktop);
        assert!(!folder.path().join("said").exists());
    }

    #[test]
    fn only_the_web_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let opener = desktop(folder.path(), "echo > \"$OUT/said\"");
        for address in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "--help",
            "https://",
            "httpsx://a",
            "https://a b",
            "https://a\u{1b}[2J",
            "https://a\u{202e}b",
            "nowhere, it is your own",
            "",
        ] {
            assert!(matches!(opener.open(address), Err(OpenError::NotWeb(_))), "{address:?}");
        }
        assert!(!folder.path().join("said").exists());
        assert!(is_web_address("HTTP://example.org/ü"));
    }
}
