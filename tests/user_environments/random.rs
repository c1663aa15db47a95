//! Random profiles and random changes: the same store path as nix-env's, every time, and a manifest
//! that is read and written without a change.

use crate::packages::{Package, Profile, write_file};
use crate::support::{PrivateNix, each_nix};

/// Numbers that follow from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[usize::try_from(self.below(u32::try_from(items.len()).unwrap())).unwrap()]
    }
}

const NAMES: [&str; 8] = ["a", "b", "cc", "d-tools", "e_1", "lib-x", "gtk", "h"];

const META: [&str; 10] = [
    "",
    "description = \"x\\ty \\\"q\\\" \\\\ \\${a} $ $$ \\n\";",
    "priority = 3;",
    "priority = -10;",
    "priority = \"7\";",
    "nested = { \"a b\" = [ 1 { c = true; d = [ ]; } ]; \"inherit\" = \"x\"; };",
    "big = 123456789.125; small = 0.0001; whole = 2.0; n = -3; none = null; f = x: x;",
    "package = { outPath = \"x\"; }; l = [ { outPath = \"x\"; } ]; path = ./x;",
    "keep = true; active = true;",
    "broken = false; maintainers = [ { name = \"Ä\"; } ];",
];

fn file(random: &mut Random, version: u32) -> Vec<Package> {
    let package = |name: &&str| {
        let mut package = Package::new(name, version);
        if random.below(3) == 0 {
            package.outputs = vec!["out", "man", "dev"];
            if random.below(2) == 0 {
                package.meta.push_str("outputsToInstall = [ \"man\" \"out\" ];");
            }
        }
        package.meta += random.one::<&str>(&META);
        package
    };
    NAMES.iter().map(package).collect()
}

/// A change as JSON, and the command that does the same.
fn change(random: &mut Random, installed: &[String], nix: &PrivateNix) -> (String, Vec<String>) {
    let element = random.one(installed).clone();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let number = random.below(40).to_string();
    match random.below(7) {
        0 => (format!(r#"{{"change":"remove","element":"{element}"}}"#), words(&["-e", &element])),
        1 => (
            format!(r#"{{"change":"priority","element":"{element}","to":{number}}}"#),
            words(&["--set-flag", "priority", &number, &element]),
        ),
        2 => (
            format!(r#"{{"change":"active","element":"{element}","to":false}}"#),
            words(&["--set-flag", "active", "false", &element]),
        ),
        3 => (
            format!(r#"{{"change":"keep","element":"{element}","to":true}}"#),
            words(&["--set-flag", "keep", "true", &element]),
        ),
        4 => {
            let name = random.one(&NAMES);
            (
                format!(r#"{{"change":"add","installable":"{name}","file":"new.nix"}}"#),
                words(&["-f", "new.nix", "-iA", name]),
            )
        }
        5 => {
            let path = nix.add_package(&format!("{}-{number}", random.one(&NAMES)), |root| {
                crate::support::write(root, format!("share/{number}"), "x");
            });
            (format!(r#"{{"change":"add","installable":"{path}"}}"#), words(&["-i", &path]))
        }
        _ => (
            format!(r#"{{"change":"upgrade-from","element":"{element}","file":"new.nix"}}"#),
            words(&["-f", "new.nix", "-u", &element]),
        ),
    }
}

fn names(profile: &Profile<'_>) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(&profile.firn_well(&["list", "--json"])).unwrap();
    json["elements"].as_object().unwrap().keys().cloned().collect()
}

fn one_case(nix: &PrivateNix, case: u64) {
    println!("case {case}");
    let mut random = Random(case.wrapping_mul(977));
    write_file(nix, "old.nix", &file(&mut random, 1));
    write_file(nix, "new.nix", &file(&mut random, 2));
    let profile = Profile::new(nix, &format!("firn{case}"));
    let mut installing = vec!["-f", "old.nix", "-iA"];
    installing.extend(NAMES.iter().filter(|_| random.below(3) > 0));
    profile.nix_env(&installing);
    let other = profile.copied(&format!("other{case}"));
    for round in 0..3 {
        let mut installed = names(&profile);
        // A package that is told apart by a number has no selector that means it alone.
        installed.retain(|name| NAMES.contains(&name.as_str()));
        if installed.is_empty() {
            break;
        }
        let mut changes = Vec::new();
        let mut touched: Vec<String> = Vec::new();
        for _ in 0..=random.below(4) {
            let (json, words) = change(&mut random, &installed, nix);
            let element = words.last().unwrap();
            let element = element.rsplit_once('/').map_or(element.as_str(), |(_, base)| &base[33..]);
            // Two changes to one package fold into one, which nix-env does one after the other.
            if touched.iter().any(|name| name == firn::core::package::PackageName::split(element).name) {
                continue;
            }
            touched.push(firn::core::package::PackageName::split(element).name.to_owned());
            changes.push((json, words));
        }
        let text: Vec<&str> = changes.iter().map(|(json, _)| json.as_str()).collect();
        let planned = profile.apply(&text.join(","));
        for (_, words) in &changes {
            other.nix_env(&words.iter().map(String::as_str).collect::<Vec<_>>());
        }
        let told = format!("case {case}, round {round}: {text:?}");
        assert_eq!(profile.live(), planned, "{told}");
        let (ours, theirs) = (profile.manifest(), other.manifest());
        if ours != theirs {
            // nix-env writes its manifest anew for a change that changes nothing, and what was `true` as
            // the word "true"; firn does nothing then.
            let same = vec!["--set-flag".to_owned(), "x".to_owned(), "y".to_owned(), "*".to_owned()];
            let flags = changes.iter().map(|(_, words)| words).filter(|words| words[0] == "--set-flag");
            for words in flags.chain([&same]) {
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                other.nix_env(&words);
                profile.nix_env(&words);
            }
            assert_eq!(profile.manifest(), other.manifest(), "{told}\n{ours}\n{theirs}");
        }
        assert_eq!(profile.live(), other.live(), "{told}");
    }
}

#[test]
fn random_changes_make_what_nix_env_makes() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    each_nix("random profiles of nix-env", |nix| {
        if let Some(case) = number("FIRN_ENVIRONMENT_CASE") {
            return one_case(nix, case);
        }
        for case in 1..=number("FIRN_ENVIRONMENT_CASES").unwrap_or(6) {
            one_case(nix, case);
        }
    });
}
