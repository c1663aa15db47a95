//! Listing all packages of a flake with real Nix: broken ones cost only themselves, nothing is built,
//! and what was listed is not listed again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails may panic")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use firn::core::package_list::{PackageList, PackageSource, UNTOLD};
use firn::system::machine::{
    Cancel, Freshness, Listed, ListingProgress, Progress, ProgressEvent, Store as _, StoreError, Watch,
};
use firn::system::nix::{NixEnvironment, NixStore};

use support::{PrivateNix, each_nix, write};

/// 300 packages that are well, and some that are not, in every way.
const FLAKE: &str = r#"{
    outputs = { self }: let
        make = name: more: derivation {
            inherit name; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo > $out" ];
        } // more;
        numbered = builtins.listToAttrs (builtins.genList (number: rec {
            name = "tool-${toString number}";
            value = make "${name}-1.${toString number}" { meta.description = "tool number ${toString number}"; };
        }) 300);
    in {
        packages.x86_64-linux = { default = make "default-1" {}; hello = make "hello-2" {}; };
        legacyPackages.x86_64-linux = numbered // {
            hello = make "hello-1" {};
            throws = throw "it was removed";
            aborts = abort "no way";
            odd = { type = "derivation"; name = 7 + "x"; };
            no-package = { type = "other"; recurseForDerivations = false; a = make "hidden-1" {}; };
            function = x: x;
            bad-meta = make "bad-meta-1" { meta = throw "meta throws"; };
            bad-words = make "bad-words-1" { meta = { description = throw "x"; homepage = [ "https://a.example" ]; }; };
            unfree = make "unfree-3.1" {
                drvPath = throw "unfree!";
                meta = { unfree = true; license = { spdxId = "X-1"; free = false; }; description = builtins.fromJSON ''"b\n\u001b[31mred"''; };
            };
            many = make "many-1" { outputs = [ "out" "man" ]; pname = "many"; version = "1.0-rc"; };
            nested = {
                recurseForDerivations = true;
                good = make "good-1" {};
                "dot.ted" = make "dotted-1" {};
                aborts = abort "in here";
                deeper = { recurseForDerivations = true; last = make "last-9" {}; throws = throw "x"; };
            };
        };
    };
}"#;

#[derive(Default)]
struct Heard(Mutex<Vec<String>>, Cancel);

impl Progress for Heard {
    fn report(&self, event: ProgressEvent) {
        if let ProgressEvent::Started(command) = event {
            self.0.lock().unwrap().push(command);
        }
    }
}

impl Heard {
    fn evaluations(&self) -> usize {
        self.0.lock().unwrap().iter().filter(|command| command.contains(" eval ")).count()
    }
}

fn store(nix: &PrivateNix, options: &[&str]) -> NixStore {
    let options = options.iter().map(|&word| word.to_owned()).collect();
    NixStore::in_environment(NixEnvironment::new(nix.environment()), options).unwrap()
}

fn list(store: &NixStore, reference: &str, heard: &Heard) -> Result<Listed, StoreError> {
    let source = PackageSource::flake(reference);
    let watch = Watch { progress: heard, cancel: &heard.1 };
    store.list_packages(&source, Freshness::AsNix, &|_| {}, &watch)
}

/// `attribute name version` of each row that evaluates.
fn rows(list: &PackageList) -> Vec<String> {
    let rows = (0..list.len()).map(|index| list.get(index).unwrap());
    let good = rows.filter(|row| row.failure.is_none());
    good.map(|row| format!("{} {} {}", row.attribute, row.name, row.version)).collect()
}

fn kept(nix: &PrivateNix) -> Vec<PathBuf> {
    let folder = nix.home().join(".cache/firn/listings");
    let entries = folder.read_dir().into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn flake(nix: &PrivateNix) -> String {
    write(nix.root(), "work/flake/flake.nix", FLAKE);
    format!("path:{}", nix.root().join("work/flake").display())
}

#[test]
fn everything_is_listed_and_what_is_broken_costs_only_itself() {
    each_nix("everything is listed", |nix| {
        let reference = flake(nix);
        let (store, heard) = (store(nix, &[]), Heard::default());
        let source = PackageSource::flake(&reference);
        let steps = Mutex::new(Vec::new());
        let told = |progress: ListingProgress| steps.lock().unwrap().push(progress);
        let watch = Watch { progress: &heard, cancel: &heard.1 };
        let Listed { original_url, list, .. } =
            store.list_packages(&source, Freshness::AsNix, &told, &watch).unwrap();
        assert_eq!(original_url, reference);
        let rows = rows(&list);
        assert_eq!(rows.iter().filter(|row| row.starts_with("tool-")).count(), 300);
        let others: Vec<&str> =
            rows.iter().map(String::as_str).filter(|row| !row.starts_with("tool-")).collect();
        assert_eq!(
            others,
            [
                "bad-words bad-words 1",
                "default default 1",
                "hello hello 2",
                "hello hello 1",
                "many many 1.0-rc",
                "nested.\"dot.ted\" dotted 1",
                "nested.deeper.last last 9",
                "nested.good good 1",
                "unfree unfree 3.1",
            ]
        );
        let get = |attribute: &str| {
            (0..list.len())
                .map(|index| list.get(index).unwrap())
                .find(|row| row.attribute == attribute)
                .unwrap()
        };
        let failure = |attribute: &str| get(attribute).failure.unwrap().to_owned();
        assert_eq!(failure("throws"), UNTOLD);
        assert_eq!(failure("nested.deeper.throws"), UNTOLD);
        assert!(failure("aborts").contains("no way"), "{}", failure("aborts"));
        assert!(failure("nested.aborts").contains("in here"), "{}", failure("nested.aborts"));
        assert!(failure("bad-meta").contains("meta"));
        assert!(!failure("odd").is_empty());
        assert_eq!(list.failing(), 6);
        let unfree = get("unfree");
        assert_eq!(unfree.marks.words().collect::<Vec<_>>(), ["unfree"]);
        assert_eq!((unfree.licence, unfree.description), ("X-1", "b\n\u{1b}[31mred"));
        assert_eq!((get("many").outputs, get("bad-words").homepage), ("out man", "https://a.example"));
        let hello = |index: usize| list.installable(index, "f", "x86_64-linux").unwrap();
        let hellos: Vec<_> = (0..list.len()).map(hello).filter(|text| text.ends_with("hello")).collect();
        assert_eq!(hellos, ["f#hello", "f#legacyPackages.x86_64-linux.hello"]);
        let steps = steps.into_inner().unwrap();
        let last = steps.last().unwrap();
        assert_eq!((steps[0], last.done, last.packages), (ListingProgress::default(), last.of, list.len()));
        let names = nix.store_dir().read_dir().unwrap().map(|entry| entry.unwrap().file_name());
        let names = names.filter(|name| name != ".links");
        let built: Vec<_> = names.filter(|name| !name.to_string_lossy().ends_with("-source")).collect();
        assert!(built.is_empty(), "{built:?}");
    });
}

#[test]
fn a_listing_is_kept_for_exactly_the_flake_it_was_made_of() {
    each_nix("a listing is kept", |nix| {
        let reference = flake(nix);
        let first = list(&store(nix, &[]), &reference, &Heard::default()).unwrap();
        let again = |options: &[&str]| {
            let heard = Heard::default();
            let listed = list(&store(nix, options), &reference, &heard).unwrap();
            (listed, heard.evaluations())
        };
        let (second, evaluations) = again(&[]);
        if evaluations > 0 {
            // Nix before 2.28 tells no fingerprint.
            assert!(kept(nix).is_empty());
            return;
        }
        assert_eq!((rows(&second.list), second.url.clone()), (rows(&first.list), first.url));
        assert_eq!(kept(nix).len(), 1);
        assert!(again(&["--impure"]).1 > 0, "it may look at the machine");
        let file = kept(nix).remove(0);
        let mut bytes = std::fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&file, bytes).unwrap();
        let (third, evaluations) = again(&[]);
        assert!(evaluations > 0 && rows(&third.list) == rows(&first.list), "a damaged one is made anew");
        assert_eq!(again(&[]).1, 0);
        write(nix.root(), "work/flake/flake.nix", FLAKE.replace("hello-2", "hello-3"));
        let (other, evaluations) = again(&[]);
        assert!(evaluations > 0 && other.url != second.url);
        assert!(rows(&other.list).contains(&"hello hello 3".to_owned()));
    });
}

#[test]
fn what_cannot_be_listed_says_why() {
    each_nix("what cannot be listed says why", |nix| {
        let store = store(nix, &[]);
        write(nix.root(), "work/empty/flake.nix", "{ outputs = _: { }; }");
        write(nix.root(), "work/wrong/flake.nix", "{ outputs = _: { packages = abort \"never\"; }; }");
        let at = |name: &str| format!("path:{}", nix.root().join("work").join(name).display());
        assert!(list(&store, &at("empty"), &Heard::default()).unwrap().list.is_empty());
        let words = |reference: &str| list(&store, reference, &Heard::default()).unwrap_err().to_string();
        assert!(words(&at("wrong")).contains("never"));
        assert!(words(&at("none")).contains("does not exist") || words(&at("none")).contains("No such file"));
        assert!(words("nosuch").contains("cannot find flake 'flake:nosuch'"));
    });
}

#[test]
fn listing_stops_at_once_and_leaves_nothing() {
    /// Cancels when the first evaluation begins.
    #[derive(Default)]
    struct Stopping(Cancel, Mutex<Option<Instant>>);
    impl Progress for Stopping {
        fn report(&self, event: ProgressEvent) {
            if let ProgressEvent::Started(command) = event
                && command.contains(" eval ")
            {
                self.1.lock().unwrap().get_or_insert_with(Instant::now);
                self.0.request();
            }
        }
    }
    each_nix("listing stops at once", |nix| {
        let endless = "{ outputs = _: { packages.x86_64-linux = \
                       let count = n: if n < 0 then 0 else count (n + 1); in builtins.seq (count 0) { }; }; }";
        write(nix.root(), "work/flake/flake.nix", endless);
        let reference = format!("path:{}", nix.root().join("work/flake").display());
        let stopping = Stopping::default();
        let watch = Watch { progress: &stopping, cancel: &stopping.0 };
        let source = PackageSource::flake(reference);
        let answer = store(nix, &[]).list_packages(&source, Freshness::AsNix, &|_| {}, &watch);
        assert!(matches!(answer, Err(StoreError::Cancelled)), "{answer:?}");
        let took = stopping.1.lock().unwrap().unwrap().elapsed();
        // On an idle machine this is below 100 ms; other tests run beside it here.
        assert!(took.as_secs() < 5, "{took:?}");
        let left = Path::new(&nix.root().join("tmp")).read_dir().unwrap().count();
        assert_eq!(left, 0);
    });
}
