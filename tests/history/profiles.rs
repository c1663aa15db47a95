//! Profiles are found wherever Nix keeps them, and those with a tool of their own are left to it.

use std::os::unix::fs::symlink;
use std::sync::Arc;

use firn::core::profile_kind::ProfileKind;
use firn::ops::Context;
use firn::ops::find_profiles::{FoundProfile, find_profiles};
use firn::system::machine::SystemClock;
use firn::system::nix::{NixEnvironment, NixStore};
use firn::system::own_folders::OwnFolders;

use crate::support::{PrivateNix, each_nix, link, write};
use crate::{firn, firn_ok, nix_add, package};

pub fn context(nix: &PrivateNix, more: &[(&str, String)]) -> Context {
    let mut variables = nix.environment();
    variables.extend(more.iter().map(|(name, value)| ((*name).into(), value.into())));
    let store = NixStore::in_environment(NixEnvironment::new(variables), Vec::new()).unwrap();
    let folder = |name: &str| nix.root().join(name);
    let folders = OwnFolders { state: folder("own"), data: folder("own"), config: folder("own") };
    let profile = nix.profile("open");
    Context { store: Arc::new(store), profile, folders, clock: Arc::new(SystemClock), read_only: false }
}

#[test]
fn profiles_of_nix_env_have_a_history_too() {
    each_nix("history of a nix-env profile", |nix| {
        let profile = nix.profile("old");
        let text = profile.display().to_string();
        for name in ["tool-1", "tool-2"] {
            let path = package(nix, name, 5);
            nix.run("nix-env", &["--profile", &text, "--install", "--remove-all", &path]);
        }
        let history = firn_ok(nix, &profile, &["history"]);
        assert!(history.contains("upgraded tool") && history.contains("added tool"), "{history}");
        let difference = firn_ok(nix, &profile, &["diff", "2", "1"]);
        assert!(difference.contains("↓ tool 2 → 1"), "{difference}");
        firn_ok(nix, &profile, &["rollback"]);
        assert_eq!(crate::live(&profile), 1);
    });
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
        let system = |name: &str, packages: &[&String]| {
            let references: Vec<String> = packages.iter().map(|path| (*path).clone()).collect();
            let software = nix.add_object("system-path", &references, |root| {
                for path in packages {
                    let program = path.rsplit_once('-').map_or("x", |(rest, _)| &rest[rest.len() - 4..]);
                    link(root, format!("bin/{program}"), format!("{path}/bin/{program}"));
                }
            });
            nix.add_object(name, std::slice::from_ref(&software), |root| {
                link(root, "sw", &software);
                write(root, "bin/switch-to-configuration", "");
            })
        };
        let other = package(nix, "othe-2", 5);
        let home = nix.add_package("home-manager-generation", |root| write(root, "activate", ""));
        for (number, target) in [
            (1, system("nixos-system-box-24.11", &[&path])),
            (2, system("nixos-system-box-25.05", &[&path, &other])),
        ] {
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
        let found = find_profiles(&context(nix, &[("NIX_PROFILES", list)]), &[]);
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
    let history = firn_ok(nix, system, &["history"]);
    assert!(history.contains("added othe; upgraded nixos-system-box"), "{history}");
    let difference = firn_ok(nix, system, &["diff", "1", "2"]);
    assert!(difference.contains("↑ nixos-system-box 24.11 → 25.05"), "{difference}");
    assert!(difference.contains("bin/othe appears: of othe"), "{difference}");
    assert_eq!(firn(nix, system, &["diff-closures"]).status.code(), Some(0));
}
