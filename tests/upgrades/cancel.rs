//! Stopping at any point changes nothing and leaves no process and no folder behind.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::flakes::{FIRN, add, expect, firn, leftovers};
use crate::support::daemon::{Daemon, User};
use crate::support::loopback::Loopback;
use crate::support::{PrivateNix, each_nix, script, write};

/// Evaluates until it is stopped, in little memory, and hears nothing meanwhile.
const ENDLESS: &str = "builtins.foldl' (a: b: a + (let f = n: if n == 0 then 0 else f (n - 1); in f 1000)) 0
    (builtins.genList (x: x) 1000000)";

/// As [`ENDLESS`], and prints all the time.
const NOISY: &str = r#"builtins.foldl' (a: b: builtins.foldl' (c: d: builtins.trace "noise" d) 0 (builtins.genList (x: x) 1000))
    0 (builtins.genList (x: x) 1000000)"#;

fn flake(folder: &Path, package: &str, more: &str) {
    let text = format!(
        r#"{{ outputs = {{ self }}: {{ packages.x86_64-linux.p = derivation {{ name = "p-1"; system = "x86_64-linux";
        builder = "/bin/sh"; PATH = "/usr/bin:/bin"; args = [ "-c" "{package}" ]; {more} }}; }}; }}"#
    );
    write(folder, "flake.nix", text);
}

/// firn, upgrading everything.
fn upgrade(nix: &PrivateNix, profile: &Path) -> Command {
    let mut command = nix.command(FIRN);
    command.args(["upgrade", "--all", "-L", "--debug", "--profile"]).arg(profile);
    command
}

/// Starts an upgrade and waits until it says a word.
fn until(mut command: Command, word: &str) -> Child {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains(word) {
        let mut line = Vec::new();
        assert!(lines.read_until(b'\n', &mut line).unwrap() > 0, "it ended before '{word}':\n{text}");
        text.push_str(&String::from_utf8_lossy(&line));
    }
    // What it says from here on nobody hears.
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    child
}

/// Processes that have a word among their environment and arguments, by looking at all there are.
fn processes(word: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let command = |entry: std::fs::DirEntry| {
        let read = |name: &str| std::fs::read(entry.path().join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&read("environ")).into_owned();
        let is_ours = text.contains(word) && entry.file_name() != *std::process::id().to_string();
        is_ours.then(|| String::from_utf8_lossy(&read("cmdline")).replace('\0', " "))
    };
    entries.filter_map(command).filter(|command| !command.is_empty()).collect()
}

fn stops(nix: &PrivateNix, profile: &Path, word: &str) {
    stops_there(nix, profile, until(upgrade(nix, profile), word), word);
}

/// Interrupts what runs: it ends at once, and everything is as it was.
fn stops_there(nix: &PrivateNix, profile: &Path, mut child: Child, place: &str) {
    let before = std::fs::read_link(profile).unwrap();
    let begun = Instant::now();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let status = child.wait().unwrap();
    let took = begun.elapsed();
    println!("stopped at '{place}' within {took:?}");
    assert_eq!(status.code(), Some(130), "{place}");
    assert!(took < Duration::from_secs(2), "{place}: {took:?}");
    assert_eq!(std::fs::read_link(profile).unwrap(), before);
    assert_eq!(leftovers(nix), [""; 0], "{place}");
    // A daemon ends its builders a moment after the client has gone.
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let mut left = processes(nix.root().to_str().unwrap());
        left.retain(|command| !command.contains("nix-daemon"));
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "{place}: {left:?}");
        std::thread::yield_now();
    }
}

#[test]
fn stopping_while_it_evaluates_or_builds_changes_nothing() {
    each_nix("stopping while it evaluates or builds changes nothing", |nix| {
        let folder = nix.root().join("work/flake");
        let profile = nix.profile("profile");
        flake(&folder, "echo 1 > $out", "");
        add(nix, &profile, &[format!("path:{}#p", folder.display())]);
        // What nix can do is asked once.
        let (_, err) = expect(&firn(nix, &profile, &["upgrade", "--all"]), 0);
        assert!(err.contains("nothing to do"), "{err}");
        flake(&folder, "echo 2 > $out", &format!("x = {ENDLESS};"));
        stops(nix, &profile, "evaluating");
        flake(&folder, "echo ready; while :; do :; done", "");
        stops(nix, &profile, "p-1> ready");
        flake(&folder, "echo 3 > $out", &format!("x = {NOISY};"));
        stops(nix, &profile, "noise");
    });
}

/// A flake as an archive on a web server.
fn archive(nix: &PrivateNix, folder: &Path, to: &Path) {
    let mut tar = nix.command("/usr/bin/tar");
    tar.arg("-czf").arg(to).arg("-C").arg(folder.parent().unwrap()).arg(folder.file_name().unwrap());
    assert!(tar.status().unwrap().success());
}

#[test]
fn stopping_while_it_locks_changes_nothing() {
    each_nix("stopping while it locks changes nothing", |nix| {
        let (folder, public) = (nix.root().join("work/flake"), nix.root().join("work/public"));
        let profile = nix.profile("profile");
        flake(&folder, "echo 1 > $out", "");
        std::fs::create_dir(&public).unwrap();
        archive(nix, &folder, &public.join("flake.tar.gz"));
        let server = Loopback::serve(&public);
        add(nix, &profile, &[format!("tarball+{}/flake.tar.gz#p", server.url)]);
        server.falls_silent("flake.tar.gz");
        let child = until(upgrade(nix, &profile), "evaluating");
        server.until_somebody_waits();
        stops_there(nix, &profile, child, "locking");
    });
}

#[test]
fn stopping_while_it_fetches_changes_nothing() {
    each_nix("stopping while it fetches changes nothing", |nix| {
        let (folder, cache) = (nix.root().join("work/flake"), nix.root().join("work/cache"));
        let profile = nix.profile("profile");
        flake(&folder, "echo 1 > $out", "");
        let package = format!("path:{}#p", folder.display());
        add(nix, &profile, std::slice::from_ref(&package));
        flake(&folder, "echo 2 > $out", "");
        nix.run("nix", &["copy", "--to", &format!("file://{}?compression=none", cache.display()), &package]);
        nix.run("nix", &["store", "gc"]);
        let server = Loopback::serve(&cache);
        let mut command = upgrade(nix, &profile);
        command.args(["--option", "substituters", &server.url, "--option", "require-sigs", "false"]);
        command.args(["--option", "narinfo-cache-positive-ttl", "0"]);
        server.falls_silent("/nar/");
        let child = until(command, "copying path");
        server.until_somebody_waits();
        stops_there(nix, &profile, child, "fetching");
    });
}

/// Stands where nix is expected and waits for ever where a profile is copied into the store.
const SLOW_COPY: &str = r#"here=${0%/*}
case $1 in copy) echo "it copies" >&2; read line < "$here/never" ;; esac
exec "$here/real/nix" "$@""#;

#[test]
fn stopping_while_the_profile_is_imported_changes_nothing() {
    each_nix("stopping while the profile is imported changes nothing", |nix| {
        let folder = nix.root().join("work/flake");
        let (profile, bin) = (nix.profile("profile"), nix.root().join("work/bin"));
        flake(&folder, "echo 1 > $out", "");
        add(nix, &profile, &[format!("path:{}#p", folder.display())]);
        flake(&folder, "echo 2 > $out", "");
        script(&bin, "nix", SLOW_COPY);
        std::os::unix::fs::symlink(nix.bin(), bin.join("real")).unwrap();
        assert!(nix.command("/usr/bin/mkfifo").arg(bin.join("never")).status().unwrap().success());
        let mut command = upgrade(nix, &profile);
        command.env("FIRN_NIX_BIN", &bin);
        stops_there(nix, &profile, until(command, "it copies"), "importing");
    });
}

#[test]
fn who_asks_a_daemon_upgrades_and_stops_too() {
    each_nix("who asks a daemon upgrades and stops too", |nix| {
        let daemon = Daemon::start(nix, "");
        for user in User::all(nix) {
            // Everybody comes to an empty home.
            for name in ["home", "tmp"] {
                std::fs::remove_dir_all(nix.root().join(name)).unwrap();
                std::fs::create_dir(nix.root().join(name)).unwrap();
            }
            user.moves_in(nix);
            let folder = nix.root().join(format!("work/{user:?}"));
            let profile = nix.profile(&format!("{user:?}"));
            let program = user.program(nix, Path::new(FIRN));
            let command = |program: &Path, words: &[&str]| {
                let mut command = nix.command(program);
                command.args(words).arg("--profile").arg(&profile).env("NIX_REMOTE", "daemon");
                user.runs(&mut command);
                command
            };
            flake(&folder, "echo 1 > $out", "");
            let package = format!("path:{}#p", folder.display());
            let added = command(&nix.bin().join("nix"), &["profile", "install", &package]).output().unwrap();
            expect(&added, 0);
            flake(&folder, "echo ready; while :; do :; done", "");
            let words = ["upgrade", "--all", "-L", "--debug"];
            let child = until(command(&program, &words), "p-1> ready");
            stops_there(nix, &profile, child, "building by the daemon");
            flake(&folder, "echo 2 > $out", "");
            let (_, err) = expect(&command(&program, &words[..2]).output().unwrap(), 0);
            assert!(err.contains("generation 2 is live"), "{err}");
            assert_eq!(leftovers(nix), [""; 0]);
        }
        drop(daemon);
    });
}
