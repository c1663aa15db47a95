//! Paths in the picker: never taken for a flake, opened as files, with what is ambiguous asked.

use super::*;
use crate::core::change::Change;
use crate::core::package_list::{ListedPackage, PackageList, PackageSource};
use crate::core::typed_path::{PathChoice, PathKind};
use crate::system::machine::{Freshness, Listed, WholeFile};
use crate::tui::model::Choice;

fn choice(shown: &str, kind: PathKind) -> PathChoice {
    PathChoice { shown: shown.to_owned(), full: format!("/home/me/{}", &shown[2..]), kind }
}

impl Bench {
    /// Answers the last question about a path.
    fn stands(&mut self, choices: &[PathChoice]) -> &mut Self {
        let asked = self.ordered().into_iter().rev().find_map(|effect| match effect {
            Effect::CompletePath(typed) => Some(typed),
            _ => None,
        });
        self.tell(Msg::PathCompleted(asked.unwrap(), choices.to_vec()));
        self
    }

    fn typed(&self) -> &str {
        let Some(Overlay::Picker(screen)) = self.overlay() else { panic!("no picker") };
        screen.input.value()
    }

    fn lines(&self) -> usize {
        let Some(Overlay::Picker(screen)) = self.overlay() else { panic!("no picker") };
        assert!(!matches!(screen.choice(0), Some(Choice::Typed(_) | Choice::Flake(_))));
        screen.len()
    }

    fn files(&self) -> Vec<(String, Option<String>)> {
        let changes = self.model.transaction.changes().iter();
        let added =
            changes.filter_map(|change| Some((change.installable()?.text, change.file().map(str::to_owned))));
        added.collect()
    }

    fn list(&mut self, whole: WholeFile, attributes: &[&'static str]) {
        let source = PackageSource::file("/home/me/env.nix");
        let wanted = Effect::ListPackages { source: source.clone(), freshness: Freshness::Anew };
        assert!(self.ordered().contains(&wanted));
        let mut list = PackageList::default();
        for attribute in attributes {
            list.push(&ListedPackage { attribute, name: attribute, ..ListedPackage::default() });
        }
        let (original_url, url, system) =
            (source.reference.clone(), source.reference.clone(), "x".to_owned());
        let listed = Listed { original_url, url, system, whole: Some(whole), list: list.finished() };
        self.tell(Msg::PackagesListed(Box::new((source, Ok(Arc::new(listed))))));
        let search = self.ordered().into_iter().find_map(|effect| match effect {
            Effect::SearchPackages { generation, query, .. } => Some((generation, query)),
            _ => None,
        });
        let (generation, query) = search.unwrap();
        let rows = (0..u32::try_from(attributes.len()).unwrap()).collect();
        self.tell(Msg::PackagesFound { generation, query, rows: Some(rows) });
    }
}

fn at_env() -> Bench {
    let mut bench = Bench::on(world());
    bench.keys("i ./en").stands(&[choice("./env.nix", PathKind::NixFile)]);
    bench
}

#[test]
fn a_file_is_opened_and_all_of_it_staged() {
    let mut bench = at_env();
    bench.keys("<enter>");
    bench.list(WholeFile::Package("env".to_owned()), &[]);
    assert_eq!(bench.lines(), 1);
    bench.keys("<enter>");
    assert_eq!(bench.files(), [(String::new(), Some("/home/me/env.nix".to_owned()))]);
    assert_eq!(bench.model.transaction.changes(), [Change::addition_from_file("/home/me/env.nix", "")]);
}

#[test]
fn packages_of_a_file_are_chosen_by_attribute() {
    let mut bench = at_env();
    bench.keys("<enter>");
    bench.list(WholeFile::Set, &["ffmpeg", "zlib"]);
    assert_eq!(bench.lines(), 3, "all of it too");
    bench.keys("<tab> <tab> <enter>");
    let of = |attribute: &str| (attribute.to_owned(), Some("/home/me/env.nix".to_owned()));
    assert_eq!(bench.files(), [of("ffmpeg"), of("zlib")]);
    bench.keys("i");
    assert!(bench.typed().is_empty());
    assert!(bench.model.packages.listed().is_some_and(|listed| listed.whole.is_some()));
    let Some(Overlay::Picker(screen)) = bench.overlay() else { panic!() };
    assert!(!screen.packages, "the file may be another by now");
}

#[test]
fn attributes_can_be_typed_behind_the_file() {
    let mut bench = Bench::on(world());
    bench.keys("i ./env.nix <space> zlib^dev <space> ffmpeg");
    bench.stands(&[choice("./env.nix", PathKind::NixFile)]).keys("<enter>");
    let of = |attribute: &str| (attribute.to_owned(), Some("/home/me/env.nix".to_owned()));
    assert_eq!(bench.files(), [of("zlib^dev"), of("ffmpeg")]);
}

#[test]
fn attributes_can_be_typed_behind_a_folder() {
    let of = |attribute: &str| (attribute.to_owned(), Some("/home/me/pkgs/default.nix".to_owned()));
    let typed = |path: &str, kind: PathKind| {
        let mut bench = Bench::on(world());
        bench.keys(&format!("i {path} <space> zlib <space> ffmpeg^bin"));
        assert_eq!(bench.lines(), 0, "not known yet what stands there");
        bench.stands(&[choice("./pkgs", kind), choice("./pkgs-old", PathKind::DefaultFile)]);
        bench
    };
    for path in ["./pkgs", "./pkgs/"] {
        let mut bench = typed(path, PathKind::DefaultFile);
        bench.keys("<enter>");
        assert_eq!(bench.files(), [of("zlib"), of("ffmpeg^bin")], "{path}");
    }
    let in_flake = ["/home/me/pkgs#zlib", "/home/me/pkgs#ffmpeg^bin"].map(|text| (text.to_owned(), None));
    let mut bench = typed("./pkgs", PathKind::Flake);
    bench.keys("<enter>");
    assert_eq!(bench.files(), in_flake);
    let mut bench = typed("./pkgs", PathKind::FlakeAndDefaultFile);
    assert_eq!(bench.lines(), 3, "only the user knows which is meant");
    bench.keys("<down> <enter>");
    assert_eq!(bench.files(), [of("zlib"), of("ffmpeg^bin")]);
}

#[test]
fn nothing_is_taken_before_it_is_known_what_stands_there() {
    let mut bench = Bench::on(world());
    bench.keys("i ./env.nix");
    assert_eq!(bench.lines(), 0);
    bench.keys("<enter>");
    assert!(bench.staged().is_empty() && bench.overlay().is_some());
    bench.tell(Msg::PathCompleted("./e".to_owned(), vec![choice("./else.nix", PathKind::NixFile)]));
    assert_eq!(bench.lines(), 0, "an answer about what is not typed any more");
    bench.keys("<ctrl-u>");
    bench.keys("nixpkgs#fltk <space> ./env.nix <enter>");
    assert!(bench.toast().starts_with("A file is added alone"), "{}", bench.toast());
    assert!(bench.staged().is_empty());
}

#[test]
fn an_enter_that_comes_early_is_kept_for_the_very_path() {
    let mut bench = Bench::on(world());
    bench.keys("i ./en").stands(&[choice("./env.nix", PathKind::NixFile)]).keys("<tab> <enter>");
    bench.stands(&[choice("./env.nix", PathKind::NixFile), choice("./env.nix.nix", PathKind::NixFile)]);
    let source = PackageSource::file("/home/me/env.nix");
    let lists = |bench: &mut Bench| {
        let wanted = Effect::ListPackages { source: source.clone(), freshness: Freshness::Anew };
        bench.ordered().contains(&wanted)
    };
    assert!(lists(&mut bench));
    let mut bench = Bench::on(world());
    bench.keys("i ./env <enter>").stands(&[choice("./env.nix", PathKind::NixFile)]);
    assert!(!lists(&mut bench), "only a beginning");
    let mut bench = Bench::on(world());
    bench.keys("i ./env.nix <enter> x").stands(&[choice("./env.nixx.nix", PathKind::NixFile)]);
    assert!(!lists(&mut bench), "something else was typed since");
}

#[test]
fn a_folder_is_gone_into_and_one_with_two_files_asks_which() {
    let mut bench = Bench::on(world());
    bench.keys("i ./s").stands(&[choice("./sub", PathKind::Folder)]).keys("<tab>");
    assert_eq!(bench.typed(), "./sub/");
    bench.stands(&[choice("./sub/both", PathKind::FlakeAndDefaultFile)]);
    assert_eq!(bench.lines(), 2);
    bench.keys("<down> <enter>");
    let source = PackageSource::file("/home/me/sub/both/default.nix");
    assert!(bench.ordered().contains(&Effect::ListPackages { source, freshness: Freshness::Anew }));
    let mut bench = Bench::on(world());
    bench.keys("i ./b").stands(&[choice("./both", PathKind::FlakeAndDefaultFile)]).keys("<enter>");
    let source = PackageSource::flake("/home/me/both");
    assert!(bench.ordered().contains(&Effect::ListPackages { source, freshness: Freshness::AsNix }));
}

#[test]
fn a_link_into_the_store_is_added_by_its_whole_path() {
    let mut bench = Bench::on(world());
    bench.keys("i ./re").stands(&[choice("./result", PathKind::StoreLink)]).keys("<enter>");
    assert_eq!(bench.files(), [("/home/me/result".to_owned(), None)]);
}
