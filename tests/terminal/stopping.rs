//! Ctrl-c stops what runs, in the interface too, and a log without an end keeps no key waiting.

use std::ffi::OsStr;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;

use super::session::{PROGRAM, Session};
use super::support::{PrivateNix, each_nix, write};

/// A package whose builder prints without an end.
const ENDLESS: &str = "echo ready; while :; do echo more; done";

fn flake(nix: &PrivateNix, script: &str) {
    let text = format!(
        r#"{{ outputs = {{ self }}: {{ packages.x86_64-linux.p = derivation {{ name = "p-1"; system = "x86_64-linux";
        builder = "/bin/sh"; PATH = "/usr/bin:/bin"; args = [ "-c" "{script}" ]; }}; }}; }}"#
    );
    write(nix.root(), "work/flake/flake.nix", text);
}

/// The interface on a real profile.
fn interface(nix: &PrivateNix) -> Session {
    let mut command = CommandBuilder::new(OsStr::new(PROGRAM));
    command.env_clear();
    for (name, value) in nix.environment() {
        command.env(name, value);
    }
    command.env("TERM", "xterm-256color");
    command.arg("--profile");
    command.arg(nix.profile("profile"));
    command.cwd(nix.root().join("work"));
    Session::start_until("1 element", command, tempfile::tempdir().unwrap())
}

/// Processes of this nix that build. Review asks what it costs again, once nothing is built any more.
fn at_work(nix: &PrivateNix) -> Vec<String> {
    let root = nix.root().to_str().unwrap();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let commands = entries.filter_map(|entry| {
        let read = |name: &str| {
            let bytes = std::fs::read(entry.path().join(name)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).replace('\0', " ")
        };
        (read("environ").contains(root) && !read("cmdline").contains(PROGRAM)).then(|| read("cmdline"))
    });
    commands.filter(|command| command.contains("nix build") || command.contains("echo more")).collect()
}

#[test]
fn ctrl_c_stops_a_build_that_prints_without_end() {
    each_nix("ctrl-c stops a build that prints without end", |nix| {
        flake(nix, "echo 1 > $out");
        let reference = format!("path:{}/work/flake#p", nix.root().display());
        let profile = nix.profile("profile");
        nix.run("nix", &["profile", "install", "--profile", profile.to_str().unwrap(), &reference]);
        flake(nix, ENDLESS);
        let before = std::fs::read_link(&profile).unwrap();
        let mut session = interface(nix);
        session.press("u");
        session.wait_for("new build");
        session.press("w");
        session.wait_for("y  apply");
        session.press("y");
        session.wait_for("p-1  more");
        assert!(!at_work(nix).is_empty());
        // Keys are heard all the while.
        session.press("@");
        session.wait_for("Command log");
        session.press("\x1b");
        // An Esc and a key that come together are one key.
        session.wait_until("the review again", |screen| {
            let text = screen.contents();
            text.contains("Progress") && !text.contains("Command log")
        });
        let begun = Instant::now();
        session.press("\x03");
        session.wait_for("Cancelled. Nothing has changed");
        println!("stopped within {:?}", begun.elapsed());
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert_eq!((at_work(nix), std::fs::read_link(&profile).unwrap()), (Vec::new(), before));
        session.kill(rustix::process::Signal::TERM);
        session.end();
    });
}

#[test]
fn work_in_the_demo_is_seen_and_can_be_stopped() {
    let mut session = Session::demo();
    session.press("U");
    session.wait_for("checking…");
    session.press("\x03");
    session.wait_until("the end of the check", |screen| !screen.contents().contains("checking…"));
    assert!(!session.screen.screen().contents().contains("1 failed (zed)"), "all was asked about");
    session.press("U");
    session.wait_for("1 failed (zed)");
    session.press("w");
    session.wait_for("y  apply");
    session.press("y");
    session.wait_for("difftastic-0.63.0  building");
    session.press("\x03");
    session.wait_for("Cancelled. Nothing has changed");
    session.kill(rustix::process::Signal::TERM);
    session.end();
}
