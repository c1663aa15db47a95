//! A command that gets the terminal: fetching that asks whether a host is known, and nix's debugger.
//! The host is a script in ssh's place, which asks on the terminal unless it may not.

use std::path::{Path, PathBuf};

use portable_pty::CommandBuilder;

use crate::session::{PROGRAM, Session};
use crate::support::{PrivateNix, each_nix, script, write};

/// Asks once whether the host is known, unless it was told not to ask.
const SSH: &str = r#"#!/bin/sh
here=${0%/*}
if [ ! -e "$here/known" ]; then
  case " $* " in *" -oBatchMode=yes "*) echo 'Host key verification failed.' >&2; exit 255;; esac
  printf 'Is this host known? ' > /dev/tty
  read -r answer < /dev/tty
  [ "$answer" = yes ] || exit 255
  : > "$here/known"
fi
for last in "$@"; do :; done
exec /bin/sh -c "$last"
"#;

fn flake(folder: &Path, version: &str, package: &str) {
    let text = format!(
        r#"{{ outputs = {{ self }}: {{ packages.x86_64-linux.tool = {package}derivation {{
             name = "tool-{version}"; system = "x86_64-linux"; builder = "/bin/sh";
             args = [ "-c" "echo {version} > $out" ]; }}; }}; }}"#
    );
    write(folder, "flake.nix", text);
}

fn git(nix: &PrivateNix, folder: &Path, words: &[&str]) {
    let mut git = nix.command("/usr/bin/git");
    assert!(git.current_dir(folder).args(words).output().unwrap().status.success(), "{words:?}");
}

/// firn's interface on the profile, with variables of its own.
fn open(nix: &PrivateNix, arguments: &[&str], variables: &[(&str, PathBuf)]) -> Session {
    let mut command = CommandBuilder::new(PROGRAM);
    command.env_clear();
    for (name, value) in nix.environment() {
        command.env(name, value);
    }
    for (name, value) in variables {
        command.env(name, value);
    }
    command.env("TERM", "xterm-256color");
    command.args(arguments);
    command.arg("--profile");
    command.arg(nix.profile("p"));
    command.cwd(nix.root().join("work"));
    Session::start_until("1 element", command, tempfile::tempdir().unwrap())
}

#[test]
fn what_has_to_be_asked_is_asked_in_the_terminal_and_checked_again() {
    each_nix("what has to be asked is asked in the terminal", |nix| {
        let folder = nix.root().join("work/tool");
        flake(&folder, "1", "");
        git(nix, &folder, &["init", "--quiet", "--initial-branch", "main"]);
        git(nix, &folder, &["add", "."]);
        git(nix, &folder, &["commit", "--quiet", "-m", "1"]);
        let bin = nix.root().join("work/ssh");
        script(&bin, "ssh", SSH);
        write(&bin, "known", "");
        let reference = format!("git+ssh://host{}#tool", folder.display());
        let mut add = nix.command("nix");
        add.env("GIT_SSH_COMMAND", bin.join("ssh"));
        add.args(["profile", "install", "--profile"]).arg(nix.profile("p")).arg(&reference);
        let added = add.output().unwrap();
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        // Another machine would know neither the host nor the repository.
        std::fs::remove_file(bin.join("known")).unwrap();
        let _ = std::fs::remove_dir_all(nix.home().join(".cache/nix"));
        flake(&folder, "2", "");
        git(nix, &folder, &["commit", "--quiet", "-am", "2"]);

        let mut session = open(nix, &[], &[("GIT_SSH_COMMAND", bin.join("ssh"))]);
        session.press("u");
        session.wait_for("Fetch it in the terminal?");
        session.press("y");
        session.wait_until("the question of ssh", |screen| {
            !screen.alternate_screen() && screen.contents().contains("Is this host known?")
        });
        session.press("yes\r");
        session.wait_until("firn again", |screen| {
            screen.alternate_screen() && screen.contents().contains("Staged: tool 1")
        });
        session.press("q");
        session.wait_for("Quit?");
        session.press("y");
        assert!(session.end().success());
        session.assert_given_back();
    });
}

#[test]
fn the_debugger_opens_where_evaluation_fails() {
    each_nix("the debugger opens where evaluation fails", |nix| {
        let folder = nix.root().join("work/tool");
        flake(&folder, "1", "");
        let reference = format!("path:{}#tool", folder.display());
        let profile = nix.profile("p");
        nix.run("nix", &["profile", "install", "--profile", profile.to_str().unwrap(), &reference]);
        flake(&folder, "2", "throw \"here it fails\" ");
        let mut session = open(nix, &["--debugger"], &[]);
        session.press("u");
        session.wait_for("Open nix's debugger?");
        session.press("y");
        session.wait_until("nix's prompt", |screen| {
            !screen.alternate_screen() && screen.contents().contains("nix-repl>")
        });
        session.press(":quit\r");
        session.wait_until("firn again", vt100::Screen::alternate_screen);
        session.wait_for("did not end well");
        session.press("q");
        assert!(session.end().success());
    });
}
