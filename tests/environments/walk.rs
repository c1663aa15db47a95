//! The walk of the manual page, step by step, by keys alone: what is on the screen is what is done.

use super::Walk;
use super::support::{PrivateNix, each_nix};

/// A text as keys: each letter for itself.
fn typed(text: &str) -> String {
    let key = |letter: char| if letter == ' ' { "<space>".to_owned() } else { letter.to_string() };
    text.chars().map(key).collect::<Vec<_>>().join(" ")
}

/// The keys that stage all of the environment's file: its path is completed, what is in it is shown.
fn environment() -> String {
    format!("i {} <tab> <enter> <enter>", typed("./my"))
}

#[track_caller]
fn says(frame: &str, words: &[&str]) {
    for words in words {
        assert!(frame.contains(words), "no '{words}' in\n{frame}");
    }
}

/// The store path of the environment that the file comes to now.
fn future(nix: &PrivateNix) -> String {
    nix.run("nix", &["eval", "--raw", "--file", "myproject_env.nix", "outPath"]).trim().to_owned()
}

#[test]
fn an_environment_is_looked_at_inspected_installed_and_updated() {
    each_nix("the walk by keys: dry run, inspection, installation, update", |nix| {
        let walk = Walk::new(nix);
        walk.five("1.2.11");
        // What is typed is a file, not a flake.
        let frame = walk.frame(&format!("i {}", typed("./my")));
        says(&frame, &["./myproject_env.nix", "shows what is in it"]);
        assert!(!frame.contains("its default package"), "{frame}");
        // The dry run: what would be built, and nothing is.
        let frame = walk.frame(&format!("i {} <enter> <ctrl-o>", typed("./my")));
        says(&frame, &["add myproject-env", "builds", "ffmpeg-6.0", "its files are not known"]);
        assert!(!std::path::Path::new(&future(nix)).exists(), "nothing is built");
        // Inspected before it is installed.
        let frame = walk.frame(&format!("{} F", environment()));
        says(&frame, &["+ include/", "from the file", "myproject_env.nix"]);
        assert!(std::path::Path::new(&future(nix)).join("include/zlib.h").exists());
        assert!(!walk.profile.exists(), "it is not installed");
        let frame = walk.frame(&format!("{} w", environment()));
        says(&frame, &["+ add (1)", "profile tree", "0 → 4 links"]);
        walk.frame(&format!("{} w y", environment()));
        assert_eq!(walk.target(), walk.by_nix("nix", &[&["--file", "myproject_env.nix"]]));
        // The file changes: another version, one package goes, one comes.
        walk.environment(
            "1.2.13",
            "libjpeg zlib ffmpeg electron unstable.nodejs",
            "extraOutputsToInstall = [ \"dev\" ];",
        );
        let frame = walk.frame("u");
        says(&frame, &["new build", "inside: zlib 1.2.11 → 1.2.13"]);
        assert!(!frame.contains("buildenv"), "tools are not inside\n{frame}");
        says(&walk.frame("u w"), &["inside", "myproject-env: zlib 1.2.11 → 1.2.13"]);
        says(&walk.frame("u <enter>"), &["environment file", "zlib 1.2.11 → 1.2.13"]);
        walk.environment("1.2.13", "libjpeg zlib ffmpeg nodejs", "");
        let told = "inside: - electron 25.2, zlib 1.2.11 → 1.2.13";
        says(&walk.frame("u"), &[told]);
        let ran = walk.firn(&["upgrade", "--all", "--dry-run"]).expect(0);
        ran.says("  in myproject-env: - electron 25.2, zlib 1.2.11 → 1.2.13");
        assert_eq!(walk.read("lib/libz.so"), "1.2.11");
        // Built, it also tells outputs.
        says(&walk.frame("u F <enter>"), &["- electron 25.2", "libjpeg 9e without dev"]);
        walk.frame("u w y");
        assert_eq!(walk.read("lib/libz.so"), "1.2.13");
        assert!(!walk.has("include") && !walk.has("bin/electron"));
        // And back.
        walk.frame("- y");
        assert!(walk.has("include/zlib.h") && walk.has("bin/electron"));
        assert_eq!(walk.read("lib/libz.so"), "1.2.11");
    });
}

#[test]
fn what_is_reviewed_after_building_is_what_a_new_start_reviews() {
    each_nix("the walk by keys: built, then reviewed", |nix| {
        let walk = Walk::new(nix);
        walk.environment("1.2.11", "ffmpeg nodejs", "");
        walk.frame(&format!("{} w y", environment()));
        walk.environment("1.2.11", "electron nodejs", "");
        let commands = |frame: &str| {
            let lines = frame.lines().skip_while(|line| !line.contains("commands")).take(2);
            lines.flat_map(str::split_whitespace).map(str::to_owned).collect::<Vec<_>>().join(" ")
        };
        let built = walk.frame("u F w");
        says(&commands(&built), &["commands + electron", "- ffmpeg"]);
        assert!(!commands(&built).contains("nodejs"), "{built}");
        assert_eq!(commands(&built), commands(&walk.frame("u w")));
    });
}

#[test]
fn a_collision_with_a_library_is_explained_and_resolved_both_ways() {
    each_nix("the walk by keys: a collision and two ways out", |nix| {
        let walk = Walk::new(nix);
        walk.five("1.2.11");
        let zlib = format!("i {} <enter> w y", typed("./packages.nix zlib"));
        walk.frame(&zlib);
        let alone = walk.target();
        assert_eq!(alone, walk.by_nix("alone", &[&["--file", "packages.nix", "zlib"]]));
        // Before it is built nobody knows; building tells.
        let collide = format!("{} F c", environment());
        let frame = walk.frame(&collide);
        says(&frame, &["contains zlib, which is installed on its own too", "remove zlib", "switch zlib off"]);
        says(&frame, &["myproject-env priority 5 → 6", "lib/libz.so"]);
        let frame = walk.frame(&format!("{collide} <esc> w y"));
        assert_eq!(walk.target(), alone, "what collides is not applied\n{frame}");
        // One way out: without the separate package.
        let way = |frame: &str, words: &str| {
            let line = frame.lines().find(|line| line.contains(words)).unwrap();
            line.chars().find(char::is_ascii_digit).unwrap()
        };
        walk.frame(&format!("{collide} {} <enter> <esc> w y", way(&walk.frame(&collide), "remove zlib")));
        assert_eq!(walk.target(), walk.by_nix("only", &[&["--file", "myproject_env.nix"]]));
        walk.frame("- y");
        assert_eq!(walk.target(), alone);
        // The other: a priority decides.
        let digit = way(&walk.frame(&collide), "priority 5 → 6");
        walk.frame(&format!("{collide} {digit} <enter> <esc> w y"));
        assert!(walk.has("bin/ffmpeg") && walk.has("lib/libz.so") && walk.has("include/zlib.h"));
        walk.frame("- y");
        assert_eq!(walk.target(), alone);
        // Another version of it collides just so.
        walk.five("1.2.13");
        let frame = walk.frame(&collide);
        says(&frame, &["contains another version of zlib, 1.2.13", "myproject-env has 1.2.13"]);
    });
}

#[test]
fn a_collision_inside_is_a_collision_on_every_screen() {
    each_nix("the walk by keys: a collision inside", |nix| {
        let walk = Walk::new(nix);
        walk.environment("1.2.11", "zlib unstable.zlib", "");
        let keys = format!("{} F", environment());
        let frame = walk.frame(&keys);
        says(&frame, &["cannot be applied: an environment collides inside", "! 1"]);
        assert!(!frame.contains("no collisions"), "{frame}");
        let plan = walk.frame(&format!("{keys} c"));
        says(&plan, &["collides inside", "both in this environment"]);
        assert!(!plan.contains("Nothing collides"), "{plan}");
    });
}

#[test]
fn an_environment_that_is_added_again_is_upgraded_by_a_way_out() {
    each_nix("the walk by keys: added again", |nix| {
        let walk = Walk::new(nix);
        walk.five("1.2.11");
        walk.frame(&format!("{} w y", environment()));
        walk.five("1.2.13");
        let keys = format!("{} F c", environment());
        says(&walk.frame(&keys), &["upgrade myproject-env instead", "it is from the same file"]);
        walk.frame(&format!("{keys} 1 <enter> <esc> w y"));
        assert_eq!(walk.target(), walk.by_nix("nix", &[&["--file", "myproject_env.nix"]]));
        assert_eq!(walk.read("lib/libz.so"), "1.2.13");
    });
}

#[test]
fn outputs_are_shown_with_what_to_write_and_two_sources_are_mixed() {
    each_nix("the walk by keys: outputs of one package, two sources", |nix| {
        let walk = Walk::new(nix);
        walk.environment("1.2.11", "zlib", "");
        walk.frame(&format!("{} w y", environment()));
        let frame = walk.frame("O");
        says(&frame, &["Packages of myproject-env", "zlib-1.2.11", "dev", "not in it", "out", "in it"]);
        says(&frame, &["dev of zlib-1.2.11 would add 2 files", "include/zlib.h", "lib/pkgconfig/zlib.pc"]);
        says(&frame, &["write in myproject_env.nix", "zlib.dev", "extraOutputsToInstall = [ \"dev\" ];"]);
        says(&walk.frame("O <enter>"), &["To the clipboard: zlib.dev"]);
        says(&walk.frame("O j j"), &["zlib.static", "lib/libz.a"]);
        says(&walk.frame("O j <enter>"), &["out of zlib-1.2.11 is in the environment already"]);
        says(&walk.frame("O Y"), &["in its paths", "of all packages", "store path"]);
        says(&walk.frame("O Y 2"), &["To the clipboard: extraOutputsToInstall = [ \"dev\" ];"]);
        // What it says is written.
        walk.environment("1.2.11", "zlib zlib.dev", "");
        walk.frame("u w y");
        assert!(walk.has("include/zlib.h") && !walk.has("lib/libz.a"));
        says(&walk.frame("O"), &["dev of zlib-1.2.11 brings 2 files"]);
        // zlib of another source beside the rest of this one.
        walk.environment("1.2.11", "unstable.zlib libjpeg", "extraOutputsToInstall = [ \"dev\" ];");
        says(&walk.frame("u"), &["+ libjpeg 9e", "zlib 1.2.11 → 1.3.1"]);
        walk.frame("u w y");
        assert_eq!(walk.read("include/zlib.h"), "1.3.1");
        assert!(walk.has("include/jpeglib.h"));
        // What is no environment says so.
        walk.frame(&format!("i {} <enter> w y", typed("./packages.nix ffmpeg")));
        says(&walk.frame("g O"), &["It is no environment"]);
    });
}

#[test]
fn packages_of_a_file_are_chosen_and_what_is_wrong_with_one_is_told() {
    each_nix("the walk by keys: a set of packages", |nix| {
        let walk = Walk::new(nix);
        walk.five("1.2.11");
        let opened = format!("i {} <enter>", typed("./packages.nix"));
        let frame = walk.frame(&opened);
        says(&frame, &["5 packages", "libjpeg", "outputs", "add all of packages.nix"]);
        walk.frame(&format!("{opened} {} <tab> <enter> w y", typed("ffm")));
        assert_eq!(walk.target(), walk.by_nix("nix", &[&["--file", "packages.nix", "ffmpeg"]]));
        super::write(nix.root(), "work/wants.nix", "{ what }: what");
        super::write(nix.root(), "work/broken.nix", "{ this is no Nix");
        super::write(
            nix.root(),
            "work/list.nix",
            "let p = import ./packages.nix { }; in [ p.zlib p.ffmpeg ]",
        );
        let wants = walk.frame(&format!("i {} <enter>", typed("./wants.nix")));
        says(&wants, &["there is no package in it", "it is a function"]);
        says(&walk.frame(&format!("i {} <enter>", typed("./broken.nix"))), &["syntax error"]);
        says(&walk.frame(&format!("i {} <enter>", typed("./list.nix"))), &["all of list.nix", "2 packages"]);
        says(&walk.frame(&format!("i {}", typed("./none.nix"))), &["Nothing of that name is here"]);
    });
}
