//! A profile that may be read and not written: every change says which folder it is and why,
//! and changes nothing; what only looks works, and the interface opens.
//!
//! Once the folder is on a mount that is read-only, made in a namespace of its own; once it is
//! another user's, which root can only try as somebody else.

use std::path::Path;
use std::process::Command;

use crate::arena::{Arena, ran};
use crate::damaged::{changed, contents};
use crate::support::daemon::{Daemon, User};
use crate::support::{each_nix, say_skipped};

/// Verbs that change the profile.
const CHANGES: [&[&str]; 5] = [
    &["remove", "ELEMENT"],
    &["priority", "ELEMENT", "9"],
    &["disable", "ELEMENT"],
    &["rollback"],
    &["wipe-history"],
];

/// Verbs that only look.
const LOOKS: [&[&str]; 7] = [
    &["list"],
    &["tree"],
    &["collisions"],
    &["history"],
    &["remove", "ELEMENT", "--dry-run"],
    &["rollback", "--dry-run"],
    &["wipe-history", "--dry-run"],
];

/// How a command comes to see the profile as not to be written.
type Wrap<'a> = &'a dyn Fn(Command) -> Command;

fn words<'a>(arena: &Arena, words: &[&'a str]) -> Vec<&'a str> {
    words.iter().map(|word| if *word == "ELEMENT" { arena.element } else { word }).collect()
}

fn check(arena: &Arena, reason: &str, wrap: Wrap<'_>) {
    // There is something to go back to, and to delete.
    arena.firn(&["priority", arena.element, "7"]).expect(0);
    let folder = arena.profile().parent().unwrap().to_owned();
    let before = contents(&folder);
    for verb in CHANGES {
        let said = ran(wrap(arena.command(&words(arena, verb)))).expect(1);
        for words in [reason, folder.to_str().unwrap(), "hint: "] {
            assert!(said.err.contains(words), "{verb:?}: no '{words}' in\n{}", said.err);
        }
        assert_eq!(said.out, "", "{verb:?}");
    }
    for verb in LOOKS {
        ran(wrap(arena.command(&words(arena, verb)))).expect(0);
    }
    for keys in ["", "d w y", "- y", "3 d y"] {
        let frame = ran(wrap(arena.command(&["--keys", keys, "--frame", "120x36"]))).expect(0).out;
        let frame = frame.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(frame.contains("read-only") || frame.contains(reason), "{keys}: {frame}");
    }
    assert_eq!(changed(&before, &folder).collect::<Vec<_>>(), [""; 0]);
}

/// The command with the folder of the profile mounted read-only.
fn on_a_read_only_mount(folder: &Path, command: &Command) -> Command {
    let script = r#"folder=$1; shift; mount --bind "$folder" "$folder" && mount -o remount,bind,ro "$folder" || exit 9
        exec "$@""#;
    let mut mounted = Command::new("/usr/bin/env");
    mounted
        .args(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "unshare", "-rm", "sh", "-c", script, "sh"])
        .arg(folder);
    let path = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path).unwrap();
    let mut own_path = std::ffi::OsString::from("PATH=");
    own_path.push(path);
    mounted.arg("/usr/bin/env").arg(own_path).arg(command.get_program()).args(command.get_args());
    mounted.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    mounted.current_dir(command.get_current_dir().unwrap());
    mounted
}

fn mounts(title: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let mut nothing = Command::new("/bin/true");
    nothing.env("PATH", "/bin").current_dir(folder.path());
    let made = on_a_read_only_mount(folder.path(), &nothing).output();
    let works = made.is_ok_and(|made| made.status.success());
    if !works {
        say_skipped(title, "no mount namespace can be made");
    }
    works
}

#[test]
fn a_read_only_mount_is_told() {
    if !mounts("a read-only mount is told") {
        return;
    }
    let checked = |arena: &Arena| {
        let folder = arena.profile().parent().unwrap().to_owned();
        check(arena, "Read-only file system", &|command| on_a_read_only_mount(&folder, &command));
    };
    checked(&Arena::playground());
    each_nix("a read-only mount is told", |nix| checked(&Arena::nix(nix)));
}

#[test]
fn a_folder_of_another_user_is_told() {
    let title = "a folder of another user is told";
    each_nix(title, |nix| {
        if !User::all(nix).contains(&User::Nobody) {
            return say_skipped(title, "only root can run things as somebody else");
        }
        let arena = Arena::nix(nix);
        arena.firn(&["list"]).expect(0);
        let _daemon = Daemon::start(nix, "");
        User::Nobody.moves_in(nix);
        std::os::unix::fs::chown(nix.root().join("profiles"), Some(0), Some(0)).unwrap();
        let program = User::Nobody.program(nix, Path::new(env!("CARGO_BIN_EXE_firn")));
        check(&arena, "Permission denied", &|command| {
            let mut theirs = Command::new(&program);
            theirs.args(command.get_args()).env_clear();
            theirs.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            theirs.env("NIX_REMOTE", "daemon").current_dir(command.get_current_dir().unwrap());
            User::Nobody.runs(&mut theirs);
            theirs
        });
    });
}
