//! Profiles are found wherever Nix keeps them, and those with a tool of their own are left to it.

use std::os::unix::fs::symlink;
use std::sync::Arc;

use firn::core::profile_kind::ProfileKind;
use firn::ops::Context;
use firn::ops::find_profiles::{FoundProfile, find_profiles};
use firn::system::machine::SystemClock;
use firn::system::nix::{NixEnvironment, NixStore};
use firn::system::own_folders::OwnFolders;

use crate::support::{PrivateNix, each_nix, write};
use crate::{firn, nix_add, package};

fn context(nix: &PrivateNix, more: &[(&str, String)]) -> Context {
    let mut variables = nix.environment();
    variables.extend(more.iter().map(|(name, value)| ((*name).into(), value.into())));
    let store = NixStore::in_environment(NixEnvironment::new(variables), Vec::new()).unwrap();
    let folder = |name: &str| nix.root().join(name);
    let folders = OwnFolders { state: folder("own"), data: folder("own"), config: folder("own") };
    let profile = nix.profile("open");
    Context { store: Arc::new(store), profile, folders, clock: Arc::new(SystemClock), read_only: false }
}

#[test]
fn all_places_are_looked_at() {
    each_nix("profiles on the machine", |nix| {
        let path = package(nix, "tool-1", 5);
        let state = nix.root().join("state/profiles");
        let user = nix.home().join(".local/state/nix/profiles");
        std::fs::create_dir_all(&user).unwrap();
        std::fs::create_dir_all(state.join("per-user/other")).unwrap();
        nix_add(nix, &user.join("profile"), &path);
        let _ = std::fs::remove_file(nix.home().join(".nix-profile"));
        symlink(user.join("profile"), nix.home().join(".nix-profile")).unwrap();
        let old = state.join("per-user/other/profile").display().to_string();
        nix.run("nix-env", &["--profile", &old, "--set", &path]);
        let system = |name: &str| {
            nix.add_package(name, |root| {
                write(root, "sw/bin/ls", "");
                write(root, "bin/switch-to-configuration", "");
            })
        };
        let home = nix.add_package("home-manager-generation", |root| write(root, "activate", ""));
        for (number, target) in [(1, system("nixos-system-box-24.11")), (2, system("nixos-system-box-25.05"))]
        {
            symlink(target, state.join(format!("system-{number}-link"))).unwrap();
        }
        symlink("system-2-link", state.join("system")).unwrap();
        symlink(home, user.join("home-manager-4-link")).unwrap();
        symlink("home-manager-4-link", user.join("home-manager")).unwrap();
        nix_add(nix, &nix.profile("open"), &path);
        let named = nix.root().join("elsewhere");
        std::fs::create_dir(&named).unwrap();
        nix_add(nix, &named.join("mine"), &path);
        let list = format!("/nowhere/default {}", named.join("mine").display());
        let found = find_profiles(&context(nix, &[("NIX_PROFILES", list)]));
        let get = |link: &std::path::Path| -> FoundProfile {
            found.iter().find(|it| it.link == link).unwrap_or_else(|| panic!("{link:?}: {found:#?}")).clone()
        };
        let default = get(&user.join("profile"));
        assert!(default.is_default && default.writable && default.kind == ProfileKind::NixProfile);
        assert_eq!(default.names, [nix.home().join(".nix-profile")]);
        assert_eq!((default.generations, default.current), (1, Some(1)));
        assert_eq!(default.chain.len(), 3);
        assert!(get(&nix.profile("open")).is_open);
        assert_eq!(get(&state.join("system")).kind, ProfileKind::System);
        assert_eq!(get(&state.join("system")).generations, 2);
        assert_eq!(get(&user.join("home-manager")).kind, ProfileKind::HomeManager);
        assert_eq!(get(&named.join("mine")).kind, ProfileKind::NixProfile);
        assert_eq!(get(&state.join("per-user/other/profile")).generations, 1);
        assert_eq!(found[0].link, default.link);
        check_own_tools(nix, &state.join("system"));
    });
}

fn check_own_tools(nix: &PrivateNix, system: &std::path::Path) {
    for words in [&["rollback"][..], &["rollback", "--to", "1"]] {
        let refused = firn(nix, system, words);
        let text = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{text}");
        assert!(text.contains("--switch-generation 1 && sudo"), "{text}");
    }
    assert_eq!(crate::live(system), 2);
    let refused = firn(nix, system, &["add", "/x", "--force"]);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(firn(nix, system, &["history"]).status.code(), Some(0));
    assert_eq!(firn(nix, system, &["diff-closures"]).status.code(), Some(0));
}
