//! Which store Nix works on, and where its folder really lies.
//!
//! The setting `store` (before it `NIX_REMOTE`, after it `--store`) names a daemon, a store
//! of files with folders of its own, or a *chroot store*: `/mnt` means paths that read
//! `/nix/store/…` and lie in `/mnt/nix/store`. Without a daemon, without `/nix` and without
//! being root, Nix uses a chroot store in `~/.local/share/nix/root` of its own accord.
//!
//! In a chroot store the links of a profile lead nowhere when seen from outside. `nix
//! profile add`, too, fails there, in words that name neither the store nor the reason;
//! firn tells both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::environment::NixEnvironment;
use super::settings;
use crate::system::machine::StoreError;

/// The schemes of stores whose files are on this machine.
const ON_THIS_MACHINE: [&str; 6] = ["auto", "daemon", "unix", "local", "local-overlay", "mounted-ssh-ng"];

/// Where the store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StorePlace {
    /// The folder that store paths begin with.
    pub(super) written: PathBuf,
    real: Real,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Real {
    /// The folder in which the store paths lie.
    Folder(PathBuf),
    /// On another machine, as the setting says it.
    Elsewhere(String),
}

impl StorePlace {
    /// Reads settings and looks for folders; starts nothing.
    pub(super) fn find(environment: &NixEnvironment, options: &[String]) -> Self {
        let told = settings::value("store", environment, options);
        let told = told.or_else(|| environment.get("NIX_REMOTE").map(|text| text.to_string_lossy().into()));
        match told.as_deref().filter(|text| !text.is_empty()) {
            None | Some("auto") => match own_root(environment) {
                Some(root) => Self::below(&root, environment.store_dir()),
                None => Self::plain(environment.store_dir()),
            },
            Some(text) => Self::told(text, environment.store_dir()),
        }
    }

    fn told(text: &str, usual: PathBuf) -> Self {
        let (place, query) = text.split_once('?').unwrap_or((text, ""));
        let parameters = parameters(query);
        let written = parameters.get("store").map_or(usual, PathBuf::from);
        if let Some(real) = parameters.get("real") {
            return Self { written, real: Real::Folder(PathBuf::from(real)) };
        }
        // A path is short for a chroot store.
        let root = if place.starts_with(['/', '.']) { Some(place) } else { None };
        if let Some(root) = parameters.get("root").map(String::as_str).or(root) {
            let root = std::path::absolute(root).unwrap_or_else(|_| PathBuf::from(root));
            return Self::below(&root, written);
        }
        let scheme = place.split(':').next().unwrap_or_default();
        if ON_THIS_MACHINE.contains(&scheme) {
            return Self::plain(written);
        }
        Self { written, real: Real::Elsewhere(text.to_owned()) }
    }

    fn plain(folder: PathBuf) -> Self {
        Self { written: folder.clone(), real: Real::Folder(folder) }
    }

    fn below(root: &Path, written: PathBuf) -> Self {
        Self { written, real: Real::Folder(root.join("nix/store")) }
    }

    /// Refuses a store whose profiles lead nowhere on this machine.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        match &self.real {
            Real::Folder(real) if *real == self.written => Ok(()),
            Real::Folder(real) => Err(StoreError::StoreElsewhere(format!(
                "the store lies in '{}', but its paths begin with '{}': profiles in it lead nowhere",
                real.display(),
                self.written.display()
            ))),
            Real::Elsewhere(told) => Err(StoreError::StoreElsewhere(format!(
                "the store '{told}' is not on this machine: profiles in it lead nowhere"
            ))),
        }
    }
}

/// The chroot store that Nix uses of its own accord.
fn own_root(environment: &NixEnvironment) -> Option<PathBuf> {
    let is_told = ["NIX_STORE_DIR", "NIX_STATE_DIR"].iter().any(|name| environment.get(name).is_some());
    let is_usual = is_told || rustix::process::geteuid().is_root() || environment.state_dir().exists();
    (cfg!(target_os = "linux") && !is_usual).then(|| environment.data_folder().join("root"))
}

/// What stands behind the question mark.
fn parameters(query: &str) -> BTreeMap<String, String> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> StorePlace {
        StorePlace::told(text, PathBuf::from("/nix/store"))
    }

    #[test]
    fn a_daemon_and_local_stores_lie_where_their_paths_say() {
        for text in ["daemon", "local", "unix:///run/socket", "unix:///s?x=y", "auto?trusted=1"] {
            assert_eq!(place(text), StorePlace::plain("/nix/store".into()), "{text}");
            assert!(place(text).check().is_ok());
        }
        let own = place("local?store=/a%20b/s&state=/v&real=/a%20b/s");
        assert_eq!(own, StorePlace::plain("/a b/s".into()));
        assert_eq!(place("local?store=/s"), StorePlace::plain("/s".into()));
        assert!(place("/").check().is_ok(), "the root of the machine itself");
    }

    #[test]
    fn a_store_that_lies_elsewhere_is_refused_by_name() {
        let says = |text: &str| place(text).check().unwrap_err().to_string();
        for text in ["/mnt", "local?root=/mnt", "unix:///s?root=/mnt", "local?real=/mnt/nix/store"] {
            assert!(says(text).starts_with("the store lies in '/mnt/nix/store', but"), "{text}");
        }
        for text in ["ssh-ng://host", "https://cache", "dummy://", "s3://bucket?region=x"] {
            assert!(says(text).starts_with(&format!("the store '{text}' is not on this machine")));
        }
    }

    #[test]
    fn the_setting_wins_over_the_variable_and_the_option_over_both() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("nix.conf"), "store = /conf\n").unwrap();
        let find = |conf: &str, options: &[&str]| {
            let environment = NixEnvironment::new([
                ("NIX_REMOTE".into(), "/remote".into()),
                ("NIX_CONF_DIR".into(), conf.into()),
                ("NIX_USER_CONF_FILES".into(), "".into()),
            ]);
            let options: Vec<String> = options.iter().map(|&word| word.to_owned()).collect();
            StorePlace::find(&environment, &options).real
        };
        let real = |root: &str| Real::Folder(PathBuf::from(root).join("nix/store"));
        let conf = folder.path().to_str().unwrap();
        assert_eq!(find("/nowhere", &[]), real("/remote"));
        assert_eq!(find(conf, &[]), real("/conf"));
        assert_eq!(find(conf, &["--store", "/option"]), real("/option"));
        assert_eq!(find(conf, &["--option", "store", "daemon"]), Real::Folder("/nix/store".into()));
    }
}
