//! The same through a daemon, as a user whom it does not trust.

use crate::packages::{Package, Profile, write_file};
use crate::support::daemon::{Daemon, User};
use crate::support::{PrivateNix, nix_bin_folders, say_skipped};

#[test]
fn a_user_whom_the_daemon_does_not_trust_changes_a_profile_of_nix_env() {
    let title = "a profile of nix-env through a daemon";
    if nix_bin_folders().is_empty() {
        return say_skipped(title, "there is no Nix (set FIRN_TEST_NIX, see tests/fetch-real-nix)");
    }
    for folder in nix_bin_folders() {
        let nix = PrivateNix::new(&folder);
        let user = *User::all(&nix).last().unwrap();
        println!("{title}: {}, {user:?}", folder.display());
        let _daemon = Daemon::start(&nix, "");
        user.moves_in(&nix);
        write_file(&nix, "f.nix", &[Package::new("a", 1), Package::new("b", 1), Package::new("c", 1)]);
        let profile = Profile::new(&nix, "firn");
        let run = |program: &std::path::Path, words: &[&str]| {
            let mut command = nix.command(program);
            command.env("NIX_REMOTE", "daemon").arg("--profile").arg(&profile.path).args(words);
            let output = user.runs(&mut command).output().unwrap();
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{} {words:?}: {error}", program.display());
            String::from_utf8(output.stdout).unwrap()
        };
        let firn = user.program(&nix, std::path::Path::new(env!("CARGO_BIN_EXE_firn")));
        let nix_env = folder.join("nix-env");
        run(&nix_env, &["--file", "f.nix", "--install", "--attr", "a", "b"]);
        run(&firn, &["add", "--file", "f.nix", "c"]);
        run(&firn, &["remove", "a"]);
        assert_eq!(run(&nix_env, &["--query"]), "b-1.0\nc-1.0\n");
        run(&nix_env, &["--set-flag", "active", "false", "b"]);
        run(&nix_env, &["--rollback"]);
        assert!(profile.path.join("bin/b-1.0-out").exists());
    }
}
