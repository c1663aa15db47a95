//! What firn says when there is no Nix, a wrong one, or one that refuses: every case is really
//! provoked, and every answer names what to do next and leaves the profile as it was.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

mod support;

use std::path::Path;
use std::process::Command;

use support::daemon::{Daemon, User};
use support::{PrivateNix, each_nix, script, write};

/// Runs firn on the profile `p` and gives its words; it must fail and change nothing.
fn refusal(nix: &PrivateNix, user: User, change: impl FnOnce(&mut Command)) -> String {
    let firn = user.program(nix, Path::new(env!("CARGO_BIN_EXE_firn")));
    let mut command = nix.command(firn);
    command.arg("--profile").arg(nix.profile("p"));
    change(user.runs(&mut command));
    refused(nix, command)
}

fn refused(nix: &PrivateNix, mut command: Command) -> String {
    let before = std::fs::read_link(nix.profile("p")).ok();
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(std::fs::read_link(nix.profile("p")).ok(), before, "{said}");
    said
}

/// A profile with one element to change; gives that element's store path.
fn make_profile(nix: &PrivateNix) -> String {
    let package = nix.add_package("tool-1.0", |root| write(root, "bin/tool", "1"));
    nix.run("nix", &["profile", "install", "--profile", nix.profile("p").to_str().unwrap(), &package]);
    package
}

fn assert_says(said: &str, words: &str) {
    assert!(said.contains(words), "'{words}' is missing in\n{said}");
}

/// A private folder whose `nix` is this shell script.
fn with_fake(text: &str) -> PrivateNix {
    let folder = tempfile::tempdir().unwrap();
    script(folder.path(), "nix", text);
    // Kept until the process ends: what is private holds the path alone.
    PrivateNix::new(&folder.keep())
}

#[test]
fn no_nix_and_no_real_nix_are_told_apart() {
    for (text, words, advice) in [
        ("exit 0", "names no version", "FIRN_NIX_BIN names the folder of the right one"),
        ("echo 'nix (Nix) 2.8.0'", "nix 2.8.0 is too old", "Nix 2.20 or later works, and any Lix"),
    ] {
        let nix = with_fake(text);
        let said = refusal(&nix, User::Tester, |command| _ = command.args(["add", "some#thing"]));
        assert_says(&said, words);
        assert_says(&said, advice);
        std::fs::remove_file(nix.bin().join("nix")).unwrap();
        for program in ["missing", "folder"] {
            let said = refusal(&nix, User::Tester, |command| {
                _ = command.args(["add", "some#thing"]).env("FIRN_NIX_BIN", nix.bin());
            });
            assert_says(&said, "nix' cannot be run");
            assert_says(&said, "install Nix, or name the folder of its programs in FIRN_NIX_BIN");
            if program == "missing" {
                std::fs::create_dir(nix.bin().join("nix")).unwrap();
            }
        }
        std::fs::remove_dir_all(nix.bin()).unwrap();
    }
}

/// Answers as Lix does once the file `nix.is-lix` lies beside it, with the help of a real Nix.
const LIX: &str = r#"
real=REAL
if [ ! -e "$0.is-lix" ]; then exec "$real" "$@"; fi
case "$1 $2" in
--version*) echo 'nix (Lix, like Nix) 2.93.0'; exit ;;
__dump-cli*) echo '{"args":{"commands":{"profile":{"commands":{"install":{}}},"path-info":{"flags":{"json":{}}}}}}'; exit ;;
'profile add') echo "error: 'add' is not a recognised command" >&2; exit 1 ;;
esac
for word; do
    if [ "$word" = --json-format ]; then echo "error: unrecognised flag '--json-format'" >&2; exit 1; fi
done
exec "$real" "$@"
"#;

#[test]
fn lix_is_asked_in_its_own_words() {
    each_nix("lix is asked in its own words", |nix| {
        let package = make_profile(nix);
        let real = nix.bin().join("nix");
        script(nix.root(), "lix/nix", &LIX.replace("REAL", real.to_str().unwrap()));
        let profile = nix.profile("p");
        let flake = r#"{ outputs = _: { packages.x86_64-linux.default = derivation { name = "made-1";
            system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo made > $out" ]; }; }; }"#;
        write(nix.root(), "work/flake/flake.nix", flake);
        let flake = format!("path:{}", nix.root().join("work/flake").display());
        let lix = |arguments: &[&str]| {
            let mut command = nix.command(env!("CARGO_BIN_EXE_firn"));
            command.env("FIRN_NIX_BIN", nix.root().join("lix")).arg("--profile").arg(&profile);
            let output = command.args(arguments).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        lix(&["add", &flake]);
        // What firn knows of this program is not true any more, and nothing of the program has changed.
        write(nix.root(), "lix/nix.is-lix", "");
        lix(&["add", &flake, "--priority", "6"]);
        std::fs::remove_dir_all(nix.home().join(".cache/firn")).unwrap();
        lix(&["add", &flake, "--priority", "8"]);
        lix(&["priority", "tool", "7"]);
        let listed = nix.run("nix", &["profile", "list", "--profile", profile.to_str().unwrap()]);
        assert!(listed.contains("flake-2") && listed.contains(&package), "{listed}");
    });
}

#[test]
fn a_daemon_that_is_not_there_or_does_not_want_the_user() {
    each_nix("a daemon that is not there or does not want the user", |nix| {
        make_profile(nix);
        let removal = |user| {
            refusal(nix, user, |command| _ = command.args(["remove", "tool"]).env("NIX_REMOTE", "daemon"))
        };
        assert_says(&removal(User::Tester), "hint: the Nix daemon does not run");
        let daemon = Daemon::start(nix, "allowed-users = nosuchuser");
        assert_says(&removal(User::Tester), "'allowed-users' in its nix.conf says who may use it");
        drop(daemon);
        assert_says(&removal(User::Tester), "hint: the Nix daemon does not run");
    });
}

#[test]
fn a_store_or_a_profile_of_somebody_else() {
    each_nix("a store or a profile of somebody else", |nix| {
        if !User::all(nix).contains(&User::Nobody) {
            return support::say_skipped("a store or a profile of somebody else", "there is no second user");
        }
        make_profile(nix);
        User::Nobody.moves_in(nix);
        let removal = || refusal(nix, User::Nobody, |command| _ = command.args(["remove", "tool"]));
        assert_says(&removal(), "hint: the store belongs to another user; start the Nix daemon");
        std::os::unix::fs::chown(nix.profile(""), Some(0), Some(0)).unwrap();
        let _daemon = Daemon::start(nix, "");
        let said = refusal(nix, User::Nobody, |command| {
            _ = command.args(["remove", "tool"]).env("NIX_REMOTE", "daemon");
        });
        assert_says(&said, "Permission denied");
        assert_says(&said, "hint: it belongs to another user; --profile names a profile of your own");
    });
}

#[test]
fn a_store_that_is_not_on_this_machine() {
    each_nix("a store that is not on this machine", |nix| {
        make_profile(nix);
        let chroot = nix.root().join("chroot");
        for (store, words) in [
            ("ssh-ng://localhost", "the store 'ssh-ng://localhost' is not on this machine"),
            ("nosuch://x", "the store 'nosuch://x' is not on this machine"),
            (chroot.to_str().unwrap(), "the store lies in"),
        ] {
            let said =
                refusal(nix, User::Tester, |command| _ = command.args(["remove", "tool", "--store", store]));
            assert_says(&said, words);
            assert_says(&said, "hint: firn and 'nix profile' need a store that lies where its paths say");
            assert!(!chroot.exists(), "nix was not even asked");
        }
    });
}

#[test]
fn a_store_that_only_a_setting_names() {
    each_nix("a store that only a setting names", |nix| {
        let root = nix.root().join("own");
        let place = |name: &str| root.join(name).display().to_string();
        let store = format!("local?store={0}&real={0}&state={1}", place("store"), place("state"));
        let conf = std::fs::read_to_string(nix.root().join("conf/nix.conf")).unwrap();
        write(nix.root(), "conf/nix.conf", format!("{conf}store = {store}\n"));
        write(nix.root(), "work/tool/bin/tool", "1");
        let run = |program: &str, arguments: &[&str]| {
            let mut command = nix.command(program);
            for name in ["NIX_STORE_DIR", "NIX_STATE_DIR"] {
                command.env_remove(name);
            }
            let output = command.args(arguments).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let path = run("nix", &["store", "add-path", "./tool"]);
        let (path, profile) = (path.trim(), nix.profile("p"));
        let profile = profile.to_str().unwrap();
        run(env!("CARGO_BIN_EXE_firn"), &["--profile", profile, "add", path]);
        run(env!("CARGO_BIN_EXE_firn"), &["--profile", profile, "priority", "tool", "7"]);
        assert!(path.starts_with(&place("store")) && nix.profile("p/bin/tool").exists());
        assert!(run("nix", &["profile", "list", "--profile", profile]).contains(path));
        support::make_writable(&root.join("store"));
    });
}

/// Attributes that fail, each in its own way.
const FAILING: &str = r#"{ outputs = _: let make = more: derivation ({ name = "x"; system = "x86_64-linux";
    builder = "/bin/sh"; args = [ "-c" "echo x > $out" ]; } // more);
in { packages.x86_64-linux = {
    unfree = throw "Package ‘x’ has an unfree license (‘unfree’), refusing to evaluate.";
    impure = builtins.readFile /etc/hostname;
    hash = make { outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; outputHashMode = "flat"; };
    other = make { system = "riscv64-linux"; };
    addressed = make { __contentAddressed = true; outputHashMode = "recursive"; outputHashAlgo = "sha256"; };
}; }; }"#;

#[test]
fn installables_that_nix_refuses() {
    each_nix("installables that nix refuses", |nix| {
        make_profile(nix);
        write(nix.root(), "work/failing/flake.nix", FAILING);
        let flake = format!("path:{}", nix.root().join("work/failing").display());
        for (installable, advice) in [
            (format!("{flake}#unfree"), "NIXPKGS_ALLOW_UNFREE=1 before the command"),
            (format!("{flake}#impure"), "; --impure lets it read"),
            (format!("{flake}#hash"), "; what lies at the address is not what the package expects"),
            (format!("{flake}#other"), "; this package is built on another kind of machine"),
            (format!("{flake}#addressed"), "; add --extra-experimental-features NAME"),
            (format!("{flake}#nosuch"), "; 'nix search' with the flake and a word"),
            ("nosuch#x".to_owned(), "; 'nix registry list' shows the names Nix knows"),
            ("http://127.0.0.1:1/x.tar.gz".to_owned(), "; look at the network connection"),
        ] {
            let said = refusal(nix, User::Tester, |command| {
                _ = command.args(["add", &installable, "--option", "download-attempts", "1"]);
            });
            assert_says(&said, advice);
        }
    });
}

/// Puts a small file system at `$1`, filled from the folder `$2` and then to the last byte, and runs
/// the rest.
const FULL: &str = r#"mount -t tmpfs -o size=$3 none "$1" && cp -a "$2/." "$1/" || exit 99
cat /dev/zero > "$1/.filler" 2> /dev/null
shift 3; exec "$@""#;

#[test]
fn a_disk_that_is_full() {
    each_nix("a disk that is full", |nix| {
        make_profile(nix);
        let copy = nix.root().join("copy");
        let status = Command::new("cp").arg("-a").arg(nix.store_dir()).arg(&copy).status().unwrap();
        assert!(status.success());
        for (place, from, advice) in [
            (nix.store_dir(), copy.clone(), "hint: make room and try again: 'firn --profile"),
            (nix.root().join("tmp"), nix.root().join("work"), "hint: make room there, or let TMPDIR name"),
        ] {
            let full = |program: &str| {
                let mut command = nix.command("/usr/bin/unshare");
                command.args(["--map-root-user", "--mount", "sh", "-c", FULL, "sh"]);
                command.args([&place, &from]).args(["1m", program]);
                command
            };
            if !full("true").output().is_ok_and(|probe| probe.status.success()) {
                return support::say_skipped("a disk that is full", "no file system can be mounted");
            }
            let mut command = full(env!("CARGO_BIN_EXE_firn"));
            command.arg("--profile").arg(nix.profile("p")).args(["remove", "tool"]);
            let said = refused(nix, command);
            assert_says(&said, "o space left on device");
            assert_says(&said, advice);
        }
        let _ = Command::new("chmod").args(["-R", "u+w"]).arg(&copy).status();
    });
}
