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
use crate::system::bounded_file;
use crate::system::machine::ProfileLinks;
use crate::system::profile_search::{self, ProfilePlaces};
use crate::system::registry_file::{GlobalPlace, HOUR, RegistryPlaces};
use crate::system::search_path::SearchPath;

/// The global registry if no setting names one.
const USUAL_REGISTRY: &str = "https://channels.nixos.org/flake-registry.json";

/// Larger lists of users are not read.
const LARGEST_USERS: u64 = 32 << 20;

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

    /// A variable that is set, to nothing perhaps.
    pub(super) fn get_or_empty(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str)
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

    /// The file of the `nix` that commands are run with, if there is one.
    pub(in crate::system) fn nix_on_disk(&self) -> Option<PathBuf> {
        let program = self.program("nix");
        if program.components().count() > 1 {
            return Some(program);
        }
        SearchPath::new(self.get("PATH").unwrap_or_default()).first(program.as_os_str())
    }

    /// firn's own folder for what it can learn again, `~/.cache/firn`.
    pub(super) fn own_cache_folder(&self) -> PathBuf {
        self.folder("FIRN_CACHE_DIR").unwrap_or_else(|| {
            self.folder("XDG_CACHE_HOME").unwrap_or_else(|| self.home().join(".cache")).join("firn")
        })
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
        let users = || bounded_file::read(Path::new("/etc/passwd"), LARGEST_USERS).ok();
        let of_user = || users().and_then(|text| home_of(&String::from_utf8_lossy(&text), user));
        home.or_else(of_user).unwrap_or_else(|| PathBuf::from("/var/empty"))
    }

    /// The same with another value of one variable.
    pub(super) fn with(&self, name: &str, value: &OsStr) -> Self {
        let mut variables = self.variables.clone();
        variables.insert(name.into(), value.to_owned());
        Self { variables }
    }

    /// The folder of the user's configurations, `~/.config`.
    pub(super) fn configuration_home(&self) -> PathBuf {
        self.folder("XDG_CONFIG_HOME").unwrap_or_else(|| self.home().join(".config"))
    }

    /// Nix's configuration folder of the user's own, `~/.config/nix`.
    pub(super) fn own_configuration_folder(&self) -> PathBuf {
        self.folder("NIX_CONFIG_HOME").unwrap_or_else(|| self.configuration_home().join("nix"))
    }

    /// Where profiles can be: the user's, everybody's and the system's, and those that are named in
    /// `NIX_PROFILES`.
    pub(super) fn profile_places(&self, options: &[String]) -> ProfilePlaces {
        let links = self.profile_links(options);
        let default = self.default_profile(options);
        let named = self.get("NIX_PROFILES").and_then(OsStr::to_str).unwrap_or_default();
        let all = self.state_dir().join("profiles");
        let user = self.folder("XDG_STATE_HOME").unwrap_or_else(|| self.home().join(".local/state"));
        let mut folders = vec![user.join("nix/profiles"), all.clone(), all.join("system-profiles")];
        folders.extend(default.made.parent().map(Path::to_owned));
        folders.extend(profile_search::folders_in(&all.join("per-user")));
        let mut seen = Vec::new();
        folders.retain(|folder| {
            !seen.contains(folder) && {
                seen.push(folder.clone());
                true
            }
        });
        let mut found = vec![links.used, links.other];
        found.extend(named.split_whitespace().map(PathBuf::from));
        ProfilePlaces { links: found, folders }
    }

    /// Nix's configuration folders, the user's own first.
    pub(super) fn user_configuration_folders(&self) -> Vec<PathBuf> {
        let own = self.own_configuration_folder();
        let shared = self.get("XDG_CONFIG_DIRS").unwrap_or(OsStr::new("/etc/xdg"));
        std::iter::once(own).chain(std::env::split_paths(shared).map(|folder| folder.join("nix"))).collect()
    }

    /// Nix's configuration folder for all users, `/etc/nix`.
    pub(super) fn system_configuration_folder(&self) -> PathBuf {
        self.folder("NIX_CONF_DIR").unwrap_or_else(|| PathBuf::from("/etc/nix"))
    }

    /// Nix's folder for what it can fetch again, `~/.cache/nix`.
    fn cache_folder(&self) -> PathBuf {
        self.folder("NIX_CACHE_HOME").unwrap_or_else(|| {
            self.folder("XDG_CACHE_HOME").unwrap_or_else(|| self.home().join(".cache")).join("nix")
        })
    }

    /// Where registries are, and what the command line puts before them.
    pub(super) fn registry_places(&self, options: &[String]) -> RegistryPlaces {
        let user = self.own_configuration_folder();
        let told = settings::value("flake-registry", self, options);
        let global = match told.as_deref().unwrap_or(USUAL_REGISTRY) {
            "" => GlobalPlace::None,
            path if path.starts_with('/') => GlobalPlace::File(PathBuf::from(path)),
            url => GlobalPlace::Download {
                url: url.to_owned(),
                kept: self.cache_folder().join("flake-registry.json"),
            },
        };
        let fresh_for = settings::value("tarball-ttl", self, options);
        let is_used = settings::is_not_disabled("use-registries", self, options)
            && !options.iter().any(|option| option == "--no-registries");
        RegistryPlaces {
            user: user.join("registry.json"),
            system: self.system_configuration_folder().join("registry.json"),
            global,
            overrides: overrides(options),
            is_used,
            fresh_for: fresh_for.and_then(|seconds| seconds.parse().ok()).unwrap_or(HOUR),
        }
    }

    /// Nix's folder for the user's data, `~/.local/share/nix`.
    pub(super) fn data_folder(&self) -> PathBuf {
        self.folder("NIX_DATA_HOME").unwrap_or_else(|| {
            self.folder("XDG_DATA_HOME").unwrap_or_else(|| self.home().join(".local/share")).join("nix")
        })
    }

    /// Nix's folder for the user's state, `~/.local/state/nix`.
    pub(super) fn user_state_folder(&self) -> PathBuf {
        self.folder("NIX_STATE_HOME").unwrap_or_else(|| {
            self.folder("XDG_STATE_HOME").unwrap_or_else(|| self.home().join(".local/state")).join("nix")
        })
    }

    /// The user's links to the default profile, classic and XDG.
    pub(super) fn profile_links(&self, options: &[String]) -> ProfileLinks {
        let used = self.default_profile(options).user_link;
        let (classic, xdg) = (self.home().join(".nix-profile"), self.user_state_folder().join("profile"));
        let other = if used == classic { xdg } else { classic };
        ProfileLinks { used, other }
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

/// The words after each `--override-flake`.
fn overrides(options: &[String]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (index, _) in options.iter().enumerate().filter(|(_, word)| *word == "--override-flake") {
        if let [from, to, ..] = &options[index + 1..] {
            found.push((from.clone(), to.clone()));
        }
    }
    found
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
    fn registries_are_where_nix_looks() {
        let variables =
            [("HOME", "/nowhere/home"), ("NIX_CONF_DIR", "/nowhere"), ("NIX_USER_CONF_FILES", "")];
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let plain = environment(&variables).registry_places(&[]);
        assert_eq!(plain.user, Path::new("/nowhere/home/.config/nix/registry.json"));
        assert_eq!(plain.system, Path::new("/nowhere/registry.json"));
        let kept = PathBuf::from("/nowhere/home/.cache/nix/flake-registry.json");
        assert_eq!(plain.global, GlobalPlace::Download { url: USUAL_REGISTRY.to_owned(), kept });
        assert!(plain.is_used);
        let options = words("--override-flake a path:/x --no-registries --flake-registry /g");
        let told = environment(&variables).registry_places(&options);
        assert_eq!(told.overrides, [("a".to_owned(), "path:/x".to_owned())]);
        assert_eq!((told.global, told.is_used), (GlobalPlace::File("/g".into()), false));
        let none = environment(&[("NIX_CONFIG", "flake-registry =\nuse-registries = false")]);
        let none = none.registry_places(&[]);
        assert_eq!((none.global, none.is_used), (GlobalPlace::None, false));
    }

    #[test]
    fn homes_are_read_from_the_list_of_users() {
        let text = "root:x:0:0:root:/root:/bin/sh\nbroken\nann:x:1000:1000::/home/ann:/bin/sh\n";
        assert_eq!(home_of(text, 1000), Some(PathBuf::from("/home/ann")));
        assert_eq!(home_of(text, 0), Some(PathBuf::from("/root")));
        assert_eq!(home_of(text, 7), None);
    }
}
