//! The environment Nix works in: folders, programs, and the words children get.
//!
//! It is read once, here, and kept as a value: everything below `nix/` asks this value
//! and never the process, so tests run many private stores in one process. The rules
//! for folders are Nix's own, `NIX_…` variables before the platform's.
//!
//! `FIRN_NIX_BIN` names the folder of the Nix programs; without it they are found on PATH.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::settings;

/// Variables of the environment, and what follows from them.
#[derive(Clone, Debug)]
pub struct NixEnvironment {
    variables: BTreeMap<OsString, OsString>,
}

/// Where the user's default profile is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultProfile {
    /// `~/.nix-profile`, or `$XDG_STATE_HOME/nix/profile`.
    pub user_link: PathBuf,
    /// What that link points to where Nix makes it.
    pub made: PathBuf,
}

impl NixEnvironment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        Self::new(std::env::vars_os())
    }

    /// An environment of exactly these variables.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self { variables: variables.into_iter().collect() }
    }

    /// All variables, for children.
    pub(super) fn variables(&self) -> &BTreeMap<OsString, OsString> {
        &self.variables
    }

    /// A variable that is set and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    fn folder(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// The store folder, `/nix/store` unless Nix is told otherwise.
    pub fn store_dir(&self) -> PathBuf {
        let told = self.folder("NIX_STORE_DIR").or_else(|| self.folder("NIX_STORE"));
        told.unwrap_or_else(|| PathBuf::from("/nix/store"))
    }

    /// Nix's state folder, `/nix/var/nix`.
    pub fn state_dir(&self) -> PathBuf {
        self.folder("NIX_STATE_DIR").unwrap_or_else(|| PathBuf::from("/nix/var/nix"))
    }

    /// The program of this name: in `FIRN_NIX_BIN`, else left to PATH.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder("FIRN_NIX_BIN").map_or_else(|| PathBuf::from(name), |folder| folder.join(name))
    }

    /// Where temporary folders go.
    pub(super) fn temporary_folder(&self) -> PathBuf {
        self.folder("TMPDIR").unwrap_or_else(|| PathBuf::from("/tmp"))
    }

    /// The user's home as Nix sees it: a HOME that belongs to somebody else (`sudo`) does not count.
    pub fn home(&self) -> PathBuf {
        let user = rustix::process::geteuid().as_raw();
        let home = self.folder("HOME").filter(|home| match home.metadata() {
            Ok(status) => status.uid() == user,
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        });
        let of_user = || std::fs::read_to_string("/etc/passwd").ok().and_then(|text| home_of(&text, user));
        home.or_else(of_user).unwrap_or_else(|| PathBuf::from("/var/empty"))
    }

    /// Nix's configuration folders, the user's own first.
    pub(super) fn user_configuration_folders(&self) -> Vec<PathBuf> {
        let own = self.folder("NIX_CONFIG_HOME").unwrap_or_else(|| {
            self.folder("XDG_CONFIG_HOME").unwrap_or_else(|| self.home().join(".config")).join("nix")
        });
        let shared = self.get("XDG_CONFIG_DIRS").unwrap_or(OsStr::new("/etc/xdg"));
        std::iter::once(own).chain(std::env::split_paths(shared).map(|folder| folder.join("nix"))).collect()
    }

    /// Nix's folder for the user's state, `~/.local/state/nix`.
    fn user_state_folder(&self) -> PathBuf {
        self.folder("NIX_STATE_HOME").unwrap_or_else(|| {
            self.folder("XDG_STATE_HOME").unwrap_or_else(|| self.home().join(".local/state")).join("nix")
        })
    }

    /// Where the default profile is. `options` can set `use-xdg-base-directories`.
    pub(super) fn default_profile(&self, options: &[String]) -> DefaultProfile {
        let xdg = settings::is_enabled("use-xdg-base-directories", self, options);
        let user_link =
            if xdg { self.user_state_folder().join("profile") } else { self.home().join(".nix-profile") };
        let profiles = if rustix::process::getuid().is_root() {
            self.state_dir().join("profiles/per-user/root")
        } else {
            self.user_state_folder().join("profiles")
        };
        DefaultProfile { user_link, made: profiles.join("profile") }
    }
}

/// The home of a user in the text of `/etc/passwd`.
fn home_of(passwd: &str, user: u32) -> Option<PathBuf> {
    let user = user.to_string();
    passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        match fields.as_slice() {
            [_, _, id, _, _, home, ..] if *id == user && Path::new(home).is_absolute() => {
                Some(PathBuf::from(home))
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> NixEnvironment {
        NixEnvironment::new(variables.iter().map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn folders_are_where_nix_looks() {
        let plain = environment(&[("HOME", "/nowhere/home")]);
        assert_eq!(plain.store_dir(), Path::new("/nix/store"));
        assert_eq!(plain.state_dir(), Path::new("/nix/var/nix"));
        assert_eq!(plain.home(), Path::new("/nowhere/home"));
        assert_eq!(plain.program("nix"), Path::new("nix"));
        let told = environment(&[
            ("NIX_STORE_DIR", ""),
            ("NIX_STORE", "/s"),
            ("NIX_STATE_DIR", "/v"),
            ("FIRN_NIX_BIN", "/b"),
            ("HOME", "/nowhere/home"),
            ("XDG_STATE_HOME", "/x"),
        ]);
        assert_eq!(told.store_dir(), Path::new("/s"));
        assert_eq!(told.program("nix"), Path::new("/b/nix"));
        let option = ["--use-xdg-base-directories".to_owned()];
        assert_eq!(told.default_profile(&option).user_link, Path::new("/x/nix/profile"));
    }

    #[test]
    fn the_default_profile_depends_on_the_user_and_a_setting() {
        let environment = environment(&[
            ("HOME", "/nowhere/home"),
            ("NIX_STATE_DIR", "/v"),
            ("NIX_CONF_DIR", "/nowhere"),
            ("XDG_CONFIG_DIRS", "/nowhere"),
        ]);
        let usual = environment.default_profile(&[]);
        assert_eq!(usual.user_link, Path::new("/nowhere/home/.nix-profile"));
        let root = rustix::process::getuid().is_root();
        let made = if root {
            "/v/profiles/per-user/root/profile"
        } else {
            "/nowhere/home/.local/state/nix/profiles/profile"
        };
        assert_eq!(usual.made, Path::new(made));
        let option = ["--use-xdg-base-directories".to_owned()];
        let xdg = environment.default_profile(&option);
        assert_eq!(xdg.user_link, Path::new("/nowhere/home/.local/state/nix/profile"));
    }

    #[test]
    fn homes_are_read_from_the_list_of_users() {
        let text = "root:x:0:0:root:/root:/bin/sh\nbroken\nann:x:1000:1000::/home/ann:/bin/sh\n";
        assert_eq!(home_of(text, 1000), Some(PathBuf::from("/home/ann")));
        assert_eq!(home_of(text, 0), Some(PathBuf::from("/root")));
        assert_eq!(home_of(text, 7), None);
    }
}
