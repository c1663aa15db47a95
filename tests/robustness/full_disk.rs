//! A disk that fills up at any step: clear words, the old profile, and the next run works.
//!
//! A small tmpfs in a mount namespace of its own is filled until only a few blocks or a few
//! inodes are left, a few more in every round, until applying succeeds. Where no namespace can
//! be made the tests say that they are skipped. (On a tmpfs a link whose target has more than 127
//! bytes takes a block: in a temporary folder with a long name applying takes a hundred, and every
//! round leaves as many behind.)

use std::path::Path;
use std::process::Command;

use crate::arena::{Arena, ran};
use crate::support::{each_nix, say_skipped};

/// What runs in the namespace. `$1` is the folder that gets small, `$2` `blocks` or `inodes`, `$3`
/// how many of them a round has more than the one before, `$4` the profile, `$5` what prepares it, the rest firn's command line without its last word.
const SCRIPT: &str = r#"
small=$1 kind=$2 step=$3 profile=$4 prepare=$5; shift 5
mount -t tmpfs -o size=512m small "$small" || exit 9
sh -c "$prepare" || exit 8
if [ "$kind" = inodes ]; then
    used=$(df --output=iused "$small" | tail -n 1)
    mount -o remount,nr_inodes=$((used + 12000)) "$small" || exit 7
else
    used=$(df --output=used -k "$small" | tail -n 1)
    mount -o remount,size=$((used + 40000))k "$small" || exit 7
fi
mkdir "$small/fill"
left=0 number=100 good=0
while [ $good -lt 2 ] && [ $left -lt 60 ]; do
    if [ "$kind" = inodes ]; then
        (cd "$small/fill" && seq 0 12000 | xargs touch 2>/dev/null)
        at=0; while [ $at -lt $((left * step)) ]; do rm -f "$small/fill/$at"; at=$((at + 1)); done
    else
        dd if=/dev/zero of="$small/fill/all" bs=4096 2>/dev/null
        truncate -s -$((left * step * (1 + left / 4) * 4096)) "$small/fill/all"
    fi
    before=$(readlink -f "$profile")
    said=$("$@" $number 2>&1); status=$?
    after=$(readlink -f "$profile")
    rm -rf "$small"/fill/*
    moved=same; [ "$before" = "$after" ] || moved=moved
    "$@" $((number + 500)) >/dev/null 2>&1; next=$?
    echo "round $left $status $moved $next $(printf %s "$said" | tr '\n' '~')"
    [ $status = 0 ] && good=$((good + 1))
    left=$((left + 1)) number=$((number + 1))
done
"#;

fn check(arena: &Arena, small: &Path, (kind, step): (&str, u32), prepare: &str) {
    let change = arena.command(&["priority", arena.element]);
    let mut command = Command::new("unshare");
    command
        .args(["-rm", "sh", "-c", SCRIPT, "sh"])
        .arg(small)
        .args([kind, &step.to_string()])
        .arg(arena.profile())
        .arg(prepare);
    command.arg(change.get_program()).args(change.get_args());
    command.env_clear().envs(change.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let path = change.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path);
    let mut path = path.unwrap_or_default().to_owned();
    path.push(":/usr/sbin:/usr/bin:/sbin:/bin");
    command.env("PATH", path).current_dir(change.get_current_dir().unwrap());
    let done = ran(command).expect(0);
    let told =
        |rounds: &[Vec<&str>]| rounds.iter().map(|round| round.join(" ")).collect::<Vec<_>>().join("\n");
    let rounds: Vec<Vec<&str>> = done.out.lines().map(|line| line.splitn(6, ' ').collect()).collect();
    let failed = rounds.iter().filter(|round| round[2] != "0").count();
    println!("{} {kind}: {failed} of {} rounds without room", arena.title(), rounds.len());
    assert!(failed > 0 && failed < rounds.len(), "{}", told(&rounds));
    for round in &rounds {
        let words = round[5];
        assert_eq!(round[4], "0", "the next run: {round:?}");
        if round[2] == "0" {
            assert_eq!(round[3], "moved", "{round:?}");
            continue;
        }
        assert_eq!((round[2], round[3]), ("1", "same"), "{round:?}");
        assert!(words.contains("No space left on device"), "{words}");
        assert!(words.contains("hint: make room"), "{words}");
    }
}

fn namespaces(title: &str) -> bool {
    let made = Command::new("unshare").args(["-rm", "sh", "-c", "mount -t tmpfs small /mnt"]).output();
    let works = made.is_ok_and(|made| made.status.success());
    if !works {
        say_skipped(title, "no mount namespace can be made");
    }
    works
}

#[test]
fn a_full_disk_leaves_the_old_playground() {
    if !namespaces("a full disk leaves the old playground") {
        return;
    }
    for kind in [("blocks", 1), ("inodes", 8)] {
        let arena = Arena::playground();
        let playground = arena.root().join("playground");
        std::fs::remove_dir_all(&playground).unwrap();
        std::fs::create_dir(&playground).unwrap();
        let prepare =
            format!("{} --demo={} list >/dev/null", env!("CARGO_BIN_EXE_firn"), playground.display());
        check(&arena, &playground, kind, &prepare);
    }
}

#[test]
fn a_full_disk_leaves_the_old_profile_of_nix() {
    if !namespaces("a full disk leaves the old profile of nix") {
        return;
    }
    // While importing, the temporary folder is full; while switching, the profile's.
    for (folder, kind) in [("tmp", ("blocks", 1)), ("profiles", ("inodes", 1))] {
        each_nix(&format!("a full disk: {folder}"), |nix| {
            let arena = Arena::nix(nix);
            // A mount hides what was in the folder; the profile's links are made again.
            let prepare = if folder == "tmp" {
                "true".to_owned()
            } else {
                let (target, profiles) = (arena.live(), nix.root().join("profiles"));
                format!("cd {} && ln -s {target} p-1-link && ln -s p-1-link p", profiles.display())
            };
            check(&arena, &nix.root().join(folder), kind, &prepare);
        });
    }
}
