//! A Nix daemon of a test's own, and the users who ask it.
//!
//! The daemon runs as whoever runs the test, on a socket in the private state folder, and
//! trusts nobody. A client is untrusted in any case; where the test runs as root there is
//! a real second user, too, who owns nothing but home, temporary folder and profiles.

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::PrivateNix;

/// The user `nobody`.
const NOBODY: u32 = 65534;

/// A running daemon; it ends when this is dropped.
pub struct Daemon(Child);

impl Daemon {
    /// Starts it and waits until it listens. `settings` are lines added to `nix.conf`.
    pub fn start(nix: &PrivateNix, settings: &str) -> Self {
        let conf = nix.root().join("conf/nix.conf");
        let text = std::fs::read_to_string(&conf).unwrap();
        std::fs::write(&conf, format!("{text}trusted-users =\nallowed-users = *\n{settings}\n")).unwrap();
        let socket = nix.root().join("state/daemon-socket/socket");
        let mut child = nix.command("nix-daemon").stderr(Stdio::null()).spawn().unwrap();
        while !socket.exists() {
            assert!(child.try_wait().unwrap().is_none(), "the daemon does not start");
            std::thread::yield_now();
        }
        Self(child)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Who runs a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// Whoever runs the test.
    Tester,
    /// `nobody`.
    Nobody,
}

impl User {
    /// The users there are: `nobody` only where the test runs as root and the Nix that was found can
    /// be run by others.
    pub fn all(nix: &PrivateNix) -> Vec<Self> {
        let mut version = nix.command("nix");
        version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        Self::Nobody.runs(&mut version);
        let can_run = version.status().is_ok_and(|status| status.success());
        if can_run { vec![Self::Tester, Self::Nobody] } else { vec![Self::Tester] }
    }

    /// Lets this user run the command.
    pub fn runs(self, command: &mut Command) -> &mut Command {
        match self {
            Self::Tester => command,
            Self::Nobody => command.uid(NOBODY).gid(NOBODY),
        }
    }

    /// Opens the private folder to this user: the store to read, what is the user's own to write.
    pub fn moves_in(self, nix: &PrivateNix) {
        if self == Self::Tester {
            return;
        }
        for folder in ["", "work", "conf", "store", "state", "log"] {
            let permissions = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(nix.root().join(folder), permissions).unwrap();
        }
        for folder in ["home", "tmp", "profiles"] {
            chown(nix.root().join(folder), Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    /// A copy of a program where this user may run it.
    pub fn program(self, nix: &PrivateNix, program: &Path) -> PathBuf {
        if self == Self::Tester {
            return program.to_owned();
        }
        let copy = nix.root().join(program.file_name().unwrap());
        std::fs::copy(program, &copy).unwrap();
        copy
    }
}
