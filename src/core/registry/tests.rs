use proptest::prelude::*;

use super::edit::RegistryEdit;
use super::file::Fault;
use super::*;

fn reference(text: &str) -> FlakeRef {
    FlakeRef::parse(text).unwrap()
}

/// Entries as `from to` or `from = to` for an exact one.
fn registry(lines: &[&str]) -> Registry {
    let entries = lines.iter().map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let to = reference(words.last().unwrap());
        Entry { exact: words.len() == 3, ..Entry::new(reference(words[0]), to) }
    });
    Registry { entries: entries.collect(), fault: None }
}

fn registries(user: &[&str], global: &[&str]) -> Registries {
    Registries::default().with(Layer::User, registry(user)).with(Layer::Global, registry(global))
}

fn resolved(registries: &Registries, text: &str) -> String {
    match registries.look_up(&reference(text), Reach::All) {
        Ok(found) => found.result.to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_manual_s_examples_of_matching() {
    for (from, text, expected) in [
        ("nixpkgs", "nixpkgs", true),
        ("nixpkgs", "nixpkgs/nixos-20.09", true),
        ("nixpkgs/nixos-20.09", "nixpkgs", false),
        ("nixpkgs", "git://github.com/NixOS/patchelf", false),
    ] {
        let all = registries(&[&format!("{from} path:/x")], &[]);
        let found = all.index.first_match(&all, &reference(text), Reach::All).is_some();
        assert_eq!(found, expected, "{from} and {text}");
    }
}

#[test]
fn the_manual_s_example_of_a_file() {
    let text = r#"{
      "version": 2,
      "flakes": [
        {
          "from": { "type": "indirect", "id": "nixpkgs" },
          "to": { "type": "github", "owner": "NixOS", "repo": "nixpkgs" }
        }
      ]
    }"#;
    assert_eq!(Registry::parse(text.as_bytes()), registry(&["nixpkgs github:NixOS/nixpkgs"]));
}

#[test]
fn the_manual_s_examples_of_unification() {
    for (to, text, expected) in [
        ("github:NixOS/nixpkgs", "nixpkgs", "github:NixOS/nixpkgs"),
        ("github:NixOS/nixpkgs", "nixpkgs/nixos-20.09", "github:NixOS/nixpkgs/nixos-20.09"),
        ("github:NixOS/nixpkgs/master", "nixpkgs/nixos-20.09", "github:NixOS/nixpkgs/nixos-20.09"),
    ] {
        assert_eq!(resolved(&registries(&[&format!("nixpkgs {to}")], &[]), text), expected);
    }
}

#[test]
fn direct_references_are_redirected_too() {
    let registries = registries(&["github:NixOS/patchelf path:/fork"], &[]);
    assert_eq!(resolved(&registries, "github:NixOS/patchelf"), "path:/fork");
    assert_eq!(resolved(&registries, "github:NixOS/nix"), "github:NixOS/nix");
    let patchelf = reference("github:NixOS/patchelf");
    let fetched = registries.look_up_to_fetch(&patchelf, Reach::All).unwrap();
    assert_eq!((fetched.hops.len(), fetched.result), (0, patchelf));
}

#[test]
fn a_branch_in_from_matches_only_that_branch() {
    let all = registries(&["a/x github:o/r"], &[]);
    assert_eq!(resolved(&all, "a/x"), "github:o/r");
    let commit = "0123456789abcdef0123456789abcdef01234567";
    for text in ["a".to_owned(), format!("a/x/{commit}"), "a/y".to_owned()] {
        assert_eq!(resolved(&all, &text), format!("no registry knows 'flake:{text}'"));
    }
}

#[test]
fn one_exact_and_one_loose_entry_have_chains_of_their_own() {
    let all = registries(&[], &["nixpkgs = github:me/fork", "nixpkgs github:NixOS/nixpkgs"]);
    assert_eq!(resolved(&all, "nixpkgs"), "github:me/fork");
    assert_eq!(resolved(&all, "nixpkgs/some-branch"), "github:NixOS/nixpkgs/some-branch");
    let id = |index| EntryId { layer: Layer::Global, index };
    let expected = [(id(0), Standing::Winning), (id(1), Standing::Partly(id(0)))];
    assert_eq!(all.standings(), expected);
}

#[test]
fn standings_name_the_first_in_the_way() {
    let all =
        registries(&["a path:/1", "b/x path:/2"], &["a path:/3", "a/x path:/4", "b path:/5", "a = path:/6"]);
    let id = |layer, index| EntryId { layer, index };
    let first = id(Layer::User, 0);
    assert_eq!(
        all.standings(),
        [
            (first, Standing::Winning),
            (id(Layer::User, 1), Standing::Winning),
            (id(Layer::Global, 0), Standing::Shadowed(first)),
            (id(Layer::Global, 1), Standing::Shadowed(first)),
            (id(Layer::Global, 2), Standing::Winning),
            (id(Layer::Global, 3), Standing::Shadowed(first)),
        ]
    );
}

#[test]
fn every_hop_is_told() {
    let all = registries(&["a b/x"], &["b github:o/r?dir=d"]);
    let found = all.look_up(&reference("a"), Reach::All).unwrap();
    let chain: Vec<String> = found.hops.iter().map(|hop| format!("{} → {}", hop.before, hop.after)).collect();
    assert_eq!(chain, ["flake:a → flake:b/x", "flake:b/x → github:o/r/x?dir=d"]);
    let id = |layer| EntryId { layer, index: 0 };
    assert_eq!(found.hops[1].entry, id(Layer::Global));
    assert_eq!(all.followed(&reference("a"), Reach::All), [id(Layer::User), id(Layer::Global)]);
    assert_eq!(all.followed(&reference("github:o/r"), Reach::All), []);
}

#[test]
fn only_the_last_dir_counts() {
    let all = registries(&["a flake:b?dir=x", "b github:o/r", "c github:o/r?dir=y"], &[]);
    assert_eq!(resolved(&all, "a"), "github:o/r");
    assert_eq!(resolved(&all, "flake:a?dir=own"), "github:o/r?dir=own");
    assert_eq!(resolved(&all, "flake:c?dir=own"), "github:o/r?dir=y");
}

#[test]
fn what_cannot_carry_over_is_an_error() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let all = registries(&["p path:/x", "f github:o/r", "g git+https://h/r"], &[]);
    for (text, words) in [
        ("p/x".to_owned(), "'path:/x' cannot be given a branch, tag or commit"),
        (format!("f/x/{commit}"), "'github:o/r' cannot be given both a branch or tag and a commit"),
        (format!("g/{commit}"), "'git+https://h/r' has a commit but no branch or tag"),
    ] {
        assert!(resolved(&all, &text).ends_with(words), "{}", resolved(&all, &text));
    }
    let expected = format!("git+https://h/r?ref=x&rev={commit}");
    assert_eq!(resolved(&all, &format!("g/x/{commit}")), expected);
}

#[test]
fn a_look_up_does_not_go_over_all_entries() {
    // Going over them, 20,000 look-ups in 20,000 entries take minutes.
    let count = 20_000;
    let entries = (0..count)
        .map(|number| Entry::new(reference(&format!("n{number}")), reference(&format!("path:/{number}"))));
    let user = Registry { entries: entries.collect(), fault: None };
    let mut all = Registries::default().with(Layer::User, user.clone());
    for (index, entry) in user.entries.iter().enumerate() {
        let found = all.look_up(&entry.from, Reach::All).unwrap();
        assert_eq!((found.hops[0].entry.index, &found.result), (index, &entry.to));
    }
    assert!(all.look_up(&reference("n0"), Reach::Inputs).is_err());
    // What is changed afterwards counts.
    all.layer_mut(Layer::User).entries.remove(0);
    assert!(all.look_up(&reference("n0"), Reach::All).is_err());
    assert_eq!(resolved(&all, "n1"), "path:/1");
}

#[test]
fn the_first_of_equal_entries_matches_and_a_circle_ends_where_it_began() {
    let all = registries(&["a/x = path:/1", "a = path:/2", "a path:/3", "a path:/4"], &["a/x path:/5"]);
    for (text, target) in [("a", "path:/2"), ("a/x", "path:/1")] {
        assert_eq!(resolved(&all, text), target);
    }
    let circle = registries(&["a b", "b c", "c b"], &[]);
    let Err(error) = circle.look_up(&reference("a"), Reach::All) else { panic!("it ends") };
    let chain: Vec<String> = error.hops().iter().map(|hop| hop.before.to_string()).collect();
    assert_eq!(chain, ["flake:a", "flake:b", "flake:c"]);
    // The branch makes it another reference on every round but the first.
    let turning = registries(&["a b/x", "b a"], &[]);
    assert!(resolved(&turning, "a").contains("round in a circle"));
}

#[test]
fn ninety_nine_hops_work_and_a_hundred_are_a_cycle() {
    let chain = |length: usize| {
        let mut lines: Vec<String> = (0..length).map(|n| format!("a{n} a{}", n + 1)).collect();
        lines[length - 1] = format!("a{} path:/x", length - 1);
        registries(&lines.iter().map(String::as_str).collect::<Vec<_>>(), &[])
    };
    assert_eq!(resolved(&chain(99), "a0"), "path:/x");
    assert!(resolved(&chain(100), "a0").contains("round in a circle"));
    assert!(resolved(&registries(&["a b", "b a"], &[]), "a").contains("round in a circle"));
}

#[test]
fn inputs_of_flakes_use_fewer_layers() {
    let all = registries(&["a path:/user"], &["a path:/global"]);
    let ask = |reach| all.look_up(&reference("a"), reach).unwrap().result.to_string();
    assert_eq!(ask(Reach::All), "path:/user");
    assert_eq!(ask(Reach::Inputs), "path:/global");
    assert_eq!(ask(Reach::Nothing), "flake:a");
}

const FILE: &str = r#"{
  "flakes": [
    {
      "exact": true,
      "from": {
        "id": "nixpkgs",
        "type": "indirect"
      },
      "to": {
        "dir": "d",
        "lastModified": 7,
        "owner": "NixOS",
        "repo": "nixpkgs",
        "type": "github"
      }
    },
    {
      "from": {
        "id": "nixpkgs",
        "type": "indirect"
      },
      "to": {
        "dir": "",
        "path": "/x",
        "type": "path"
      }
    }
  ],
  "version": 2
}"#;

#[test]
fn a_file_is_written_as_it_was_read() {
    let read = Registry::parse(FILE.as_bytes());
    assert_eq!(read.fault, None);
    assert!(read.entries[0].exact && !read.entries[1].exact);
    assert_eq!(read.to_text().unwrap(), FILE);
    let empty = "{\n  \"flakes\": null,\n  \"version\": 2\n}";
    assert_eq!(Registry::default().to_text().unwrap(), empty);
    assert_eq!(Registry::parse(empty.as_bytes()), Registry::default());
}

#[test]
fn an_empty_dir_takes_the_own_one_away() {
    let user = Registry::parse(FILE.replace("\"exact\": true,", "").replace("nixpkgs", "n").as_bytes());
    let mut all = Registries::default().with(Layer::User, user);
    all.layer_mut(Layer::User).entries.remove(0);
    assert_eq!(resolved(&all, "flake:n?dir=own"), "path:/x");
    // Nix's list shows it.
    assert_eq!(all.layer(Layer::User).entries[0].printed_target(), "path:/x?dir=");
}

#[test]
fn what_comes_before_a_fault_counts() {
    let damaged = FILE.replace("\"path\": \"/x\"", "\"path\": null");
    let read = Registry::parse(damaged.as_bytes());
    assert_eq!(read.entries.len(), 1);
    let fault = read.fault.as_ref().unwrap().to_string();
    assert_eq!(fault, "line 17: entry 2: a value in its 'to' is not a text, a number, true or false");
    let edit = read.adding(&reference("x"), reference("path:/y"));
    assert!(matches!(edit, Err(edit::EditError::Damaged(_))));
}

#[test]
fn faults_say_where_they_are() {
    let fault = |text: &str| Registry::parse(text.as_bytes()).fault.map(|fault| fault.to_string());
    for (text, expected) in [
        ("", "line 1, column 1: it is not JSON: EOF while parsing a value"),
        ("{\n\"version\": 2,\n}", "line 3, column 1: it is not JSON: trailing comma"),
        ("[]", "it is not a registry: it is not an object"),
        ("{}", "it is not a registry: it has no version"),
        ("{\"flakes\":[],\n\"version\":3}", "line 2: it is of version 3; only version 2 is known"),
        (r#"{"version":"2"}"#, "line 1: it is of version \"2\"; only version 2 is known"),
        (r#"{"version":2,"flakes":1}"#, "it is not a registry: its 'flakes' is not a list"),
        (r#"{"version":2,"flakes":[1]}"#, "line 1: entry 1: it is not an object"),
        ("{\"version\":2,\"flakes\":[\n{}]}", "line 2: entry 1: it has no 'from'"),
    ] {
        assert_eq!(fault(text).as_deref(), Some(expected), "{text}");
    }
    assert_eq!(fault(r#"{"version":2}"#), None);
    let entry = r#"{"version":2,"flakes":[{"from":{"type":"indirect","id":"n"},"to":{"type":"cvs"}}]}"#;
    let words = fault(entry).unwrap();
    assert!(words.ends_with("its attribute 'type' is not one that firn knows"), "{words}");
    let deep = "[".repeat(200_000);
    assert!(matches!(Registry::parse(deep.as_bytes()).fault, Some(Fault::Json { .. })));
}

#[test]
fn entries_have_lines() {
    assert_eq!(file::entry_lines(FILE.as_bytes()), [3, 17]);
    assert!(file::entry_lines(b"{\"version\":2,\"flakes\":[ ]}").is_empty());
    assert_eq!(file::entry_lines(b"{\"flakes\": [\n{\"from\": {\"id\": \"}],\"}}, {}\n]}"), [2, 2]);
}

#[test]
fn edits_drop_all_for_the_same_name_and_append() {
    let before = registry(&["a path:/1", "b path:/2", "a = path:/3", "a/x path:/4"]);
    let after = before.adding(&reference("flake:a?dir=d"), reference("path:/5")).unwrap();
    assert_eq!(after, registry(&["b path:/2", "a/x path:/4", "a path:/5"]));
    let removed = before.removing(&reference("a")).unwrap();
    assert_eq!(removed, registry(&["b path:/2", "a/x path:/4"]));
    let missing = removed.removing(&reference("a")).unwrap_err();
    assert_eq!(missing.to_string(), "there is no entry for 'flake:a'");
    let pin = RegistryEdit::Pin { from: reference("flake:a?dir=d"), wanted: None };
    assert_eq!(pin.settled(None), None);
    let pinned = pin.settled(Some(&reference("path:/6"))).unwrap().on(&before).unwrap();
    assert_eq!(pinned.entries.last().unwrap().to.to_string(), "path:/6?dir=d");
}

#[test]
fn pinning_again_looks_past_the_pin() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let pin = format!("a github:o/r/{commit}");
    let target = |user: &[&str], global: &[&str], layer, wanted: &str| {
        let target = registries(user, global).pin_target(layer, &reference("a"), &reference(wanted));
        target.map_or_else(|error| error.to_string(), |target| target.to_string())
    };
    let user = Some(Layer::User);
    assert_eq!(target(&[], &["a github:o/r/main"], user, "a"), "github:o/r/main");
    assert_eq!(target(&[&pin], &["a github:o/r/main"], user, "a"), "github:o/r/main");
    assert_eq!(target(&[&pin], &["a github:o/r/main"], user, "a/x"), "github:o/r/x");
    assert_eq!(target(&[&pin], &[], user, "a"), "github:o/r");
    assert_eq!(target(&[&pin], &["a github:o/r/main"], None, "a"), format!("github:o/r/{commit}"));
    assert_eq!(target(&["a b"], &["b path:/x"], user, "a"), "path:/x");
    assert_eq!(target(&[], &[], user, "a"), "no registry knows 'flake:a'");
    assert_eq!(target(&[&pin], &[], user, "path:/y"), "path:/y");
    // The pin replaced an entry of the same file: what others say of the name is something else.
    assert_eq!(target(&[&pin], &["a github:other/r"], user, "a"), "github:o/r");
    assert_eq!(target(&[&pin], &["a github:other/r"], user, "a/x"), "github:o/r/x");
    assert_eq!(target(&[&pin], &["a github:other/r"], user, "github:other/r"), "github:other/r");
    let git = format!("a git+file:///r?ref=main&rev={commit}");
    assert_eq!(target(&[&git], &["a github:o/r"], user, "a"), "git+file:///r?ref=main");
    assert_eq!(target(&[&git], &["a https://h/x.tar.gz"], user, "a"), "https://h/x.tar.gz");
}

proptest! {
    #[test]
    fn reading_never_panics(text in ".*", start in 0_usize..600, bytes in prop::collection::vec(any::<u8>(), 0..9)) {
        let _ = Registry::parse(text.as_bytes());
        let mut damaged = FILE.as_bytes().to_vec();
        let start = start.min(damaged.len());
        damaged.splice(start..(start + bytes.len()).min(FILE.len()), bytes);
        let read = Registry::parse(&damaged);
        let all = Registries::default().with(Layer::User, read);
        let _ = (all.standings(), all.look_up(&reference("nixpkgs/x"), Reach::All));
    }

    /// The index finds what going over all entries finds.
    #[test]
    fn the_first_match_is_the_first(
        entries in prop::collection::vec(("[ab]", prop::option::of("[xy]"), any::<bool>(), any::<bool>()), 0..9),
        asked in "[ab](/[xy])?",
    ) {
        let mut all = Registries::default();
        for (number, (id, branch, exact, is_global)) in entries.into_iter().enumerate() {
            let from = branch.map_or(id.clone(), |branch| format!("{id}/{branch}"));
            let to = reference(&format!("path:/{number}"));
            let layer = if is_global { Layer::Global } else { Layer::User };
            all.layer_mut(layer).entries.push(Entry { exact, ..Entry::new(reference(&from), to) });
        }
        let asked = reference(&asked);
        let bare = asked.without_reference();
        for reach in [Reach::All, Reach::Inputs] {
            let expected = all.entries().find(|(id, entry)| {
                (reach == Reach::All || id.layer == Layer::Global)
                    && (entry.from.same_input(&asked) || !entry.exact && entry.from.same_input(&bare))
            });
            prop_assert_eq!(all.index.first_match(&all, &asked, reach), expected);
        }
    }

    /// What is written reads as it was, and is written the same again.
    #[test]
    fn files_come_back(
        entries in prop::collection::vec(("[a-c]", prop::option::of("[x-z]"), "[a-c](/[x-z])?", any::<bool>()), 0..5),
    ) {
        let entries = entries.into_iter().map(|(id, branch, to, exact)| {
            let from = branch.map_or(id.clone(), |branch| format!("{id}/{branch}"));
            Entry { exact, ..Entry::new(reference(&from), reference(&to)) }
        });
        let registry = Registry { entries: entries.collect(), fault: None };
        let text = registry.to_text().unwrap();
        let read = Registry::parse(text.as_bytes());
        prop_assert_eq!(&read, &registry);
        prop_assert_eq!(read.to_text().unwrap(), text);
    }
}
