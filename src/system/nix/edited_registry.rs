//! An environment in which the user's registry says something else than on disk.
//!
//! Nix finds the user's registry in its configuration folder and nowhere else, so a child that
//! shall see an edited one gets a configuration folder of its own: links to everything that is in
//! the user's, and the edited registry. All of Nix's own rules hold then, for the inputs of
//! flakes as well. (`--override-flake` cannot take an entry away, comes before all other layers, and
//! counts for inputs where the user's registry does not.)

use std::ffi::OsStr;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::environment::NixEnvironment;
use crate::system::machine::StoreError;

/// The text of a registry without entries.
pub(super) const EMPTY: &str = "{\n  \"flakes\": [],\n  \"version\": 2\n}";

/// The environment whose user registry has this text; its files go into `folder`, which is there.
pub(super) fn environment(
    environment: &NixEnvironment,
    folder: &Path,
    registry: &str,
) -> Result<NixEnvironment, StoreError> {
    let failed = |error: std::io::Error| StoreError::file(folder, &error);
    let (whole, own) = (folder.join("config"), folder.join("config/nix"));
    std::fs::create_dir_all(&own).map_err(failed)?;
    link_all(&environment.configuration_home(), &whole, "nix").map_err(failed)?;
    link_all(&environment.own_configuration_folder(), &own, "registry.json").map_err(failed)?;
    std::fs::write(own.join("registry.json"), registry).map_err(failed)?;
    let edited = environment.with("XDG_CONFIG_HOME", whole.as_os_str());
    Ok(match environment.get("NIX_CONFIG_HOME") {
        Some(_) => edited.with("NIX_CONFIG_HOME", own.as_os_str()),
        None => edited,
    })
}

/// Links everything in a folder but one entry into another; a folder that is not there is empty.
fn link_all(from: &Path, to: &Path, but: &str) -> std::io::Result<()> {
    let Ok(entries) = std::fs::read_dir(from) else { return Ok(()) };
    // Relative to where firn was started, or a link would lead elsewhere.
    let from = std::path::absolute(from)?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name != OsStr::new(but) {
            symlink(from.join(&name), to.join(&name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_the_registry_is_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let scratch = folder.path().join("scratch");
        for made in [home.join(".config/nix"), home.join(".config/git"), scratch.clone()] {
            std::fs::create_dir_all(made).unwrap();
        }
        std::fs::write(home.join(".config/nix/nix.conf"), "cores = 1").unwrap();
        std::fs::write(home.join(".config/nix/registry.json"), "old").unwrap();
        std::fs::write(home.join(".config/git/config"), "x").unwrap();
        let variables = [("HOME".into(), home.clone().into_os_string())];
        let edited = environment(&NixEnvironment::new(variables), &scratch, EMPTY).unwrap();
        let user = edited.registry_places(&[]).user;
        assert_eq!(std::fs::read_to_string(&user).unwrap(), EMPTY);
        let own = user.parent().unwrap();
        assert_eq!(std::fs::read_to_string(own.join("nix.conf")).unwrap(), "cores = 1");
        assert_eq!(std::fs::read_to_string(own.join("../git/config")).unwrap(), "x");
        assert_eq!(std::fs::read_to_string(home.join(".config/nix/registry.json")).unwrap(), "old");
        assert_eq!(crate::core::registry::Registry::parse(EMPTY.as_bytes()).fault, None);
    }

    #[test]
    fn a_configuration_folder_of_nix_alone_is_edited_as_well() {
        let folder = tempfile::tempdir().unwrap();
        let told = folder.path().join("told");
        std::fs::create_dir_all(&told).unwrap();
        std::fs::write(told.join("nix.conf"), "cores = 1").unwrap();
        let variables = [("NIX_CONFIG_HOME".into(), told.into_os_string())];
        let edited = environment(&NixEnvironment::new(variables), folder.path(), EMPTY).unwrap();
        let user = edited.registry_places(&[]).user;
        assert_eq!(user, folder.path().join("config/nix/registry.json"));
        assert!(user.with_file_name("nix.conf").exists());
    }
}
