use super::*;
use crate::core::installable::Installable;
use crate::core::package_list::{ListedPackage, PackageList, PackageSource};
use crate::core::package_search::{ordered, scores};
use crate::core::search_ranking::Query;
use crate::ops::search_packages::Tried;
use crate::system::machine::{Freshness, Listed, ListingProgress};
use crate::tui::model::{ListingState, Trial};

fn listed() -> Arc<Listed> {
    let mut list = PackageList::default();
    for attribute in ["bat", "fltk", "hello", "hello-wayland"] {
        list.push(&ListedPackage { attribute, name: attribute, ..ListedPackage::default() });
    }
    let (original_url, url) = ("flake:nixpkgs".to_owned(), "path:/nixpkgs".to_owned());
    Arc::new(Listed { original_url, url, system: "x".to_owned(), whole: None, list: list.finished() })
}

fn nixpkgs() -> PackageSource {
    PackageSource::flake("nixpkgs")
}

impl Bench {
    /// Answers searches, the last one only.
    fn search(&mut self) -> &mut Self {
        let searches = self.ordered().into_iter().filter_map(|effect| match effect {
            Effect::SearchPackages { generation, listed, query, among } => {
                Some((generation, listed, query, among))
            }
            _ => None,
        });
        let Some((generation, listed, query, among)) = searches.last() else { return self };
        let typed = Query::new(&query);
        let all: Vec<u32> = (0..u32::try_from(listed.list.len()).unwrap()).collect();
        let part = among.map_or(all, |among| among.to_vec());
        let rows = ordered(scores(&listed.list, &typed, part.into_iter())).into();
        self.tell(Msg::PackagesFound { generation, query, rows: Some(rows) });
        self
    }

    fn found(&self) -> usize {
        let Some(Overlay::Picker(screen)) = self.overlay() else { panic!("no picker") };
        screen.found.len()
    }
}

/// The picker on the packages of `nixpkgs`, which one element follows.
fn opened() -> Bench {
    let mut bench = Bench::on(world().of_nixpkgs("hello"));
    bench.keys("i <enter>");
    let orders = bench.ordered();
    let wanted = Effect::ListPackages { source: nixpkgs(), freshness: Freshness::AsNix };
    assert!(orders.contains(&wanted), "{orders:?}");
    bench.tell(Msg::PackagesListed(Box::new((nixpkgs(), Ok(listed())))));
    bench.search();
    bench
}

#[test]
fn a_flake_is_opened_searched_and_staged_from() {
    let mut bench = opened();
    assert_eq!(bench.found(), 4);
    bench.keys("flt").search();
    assert_eq!(bench.found(), 1);
    bench.keys("<enter>");
    assert_eq!(bench.staged(), ["add nixpkgs#fltk"]);
    assert!(bench.overlay().is_none());
    bench.learn();
    assert_eq!(bench.toast(), "1 file collides: c shows ways out.");
    bench.keys("i");
    assert!(
        !bench.ordered().iter().any(|effect| matches!(effect, Effect::ListPackages { .. })),
        "it is there"
    );
}

#[test]
fn several_are_marked_and_staged_at_once() {
    let mut bench = opened();
    bench.keys("<tab> <tab> <enter>");
    assert_eq!(bench.staged(), ["add nixpkgs#bat", "add nixpkgs#fltk"]);
    bench.keys("z");
    assert!(bench.staged().is_empty(), "one step");
}

#[test]
fn only_the_newest_search_counts_and_longer_words_look_among_what_was_found() {
    let mut bench = opened();
    bench.keys("h");
    let first = bench.ordered().pop().unwrap();
    bench.keys("e").search();
    assert_eq!(bench.found(), 2);
    let Effect::SearchPackages { generation, query, .. } = first else { panic!() };
    bench.tell(Msg::PackagesFound { generation, query, rows: Some(Arc::from([0])) });
    assert_eq!(bench.found(), 2, "an old answer");
    bench.keys("l");
    let narrower = bench.ordered().pop().unwrap();
    assert!(matches!(narrower, Effect::SearchPackages { among: Some(among), .. } if among.len() == 2));
    bench.keys("<backspace> <backspace>");
    let wider = bench.ordered().pop().unwrap();
    assert!(matches!(wider, Effect::SearchPackages { among: None, .. }));
}

#[test]
fn a_whole_installable_is_taken_as_it_is_whatever_is_listed() {
    let mut bench = opened();
    bench.keys("nixpkgs#fltk <enter>");
    assert_eq!(bench.staged(), ["add nixpkgs#fltk"]);
    bench.keys("i github:o/r <enter>");
    assert_eq!(bench.staged(), ["add nixpkgs#fltk", "add github:o/r"]);
}

#[test]
fn esc_goes_back_step_by_step_and_stops_what_runs() {
    let mut bench = opened();
    bench.keys("x <esc>").search();
    assert_eq!(bench.found(), 4);
    bench.keys("<esc> <esc>");
    assert!(bench.overlay().is_none());
    let mut bench = Bench::on(world().of_nixpkgs("hello"));
    bench.keys("i <enter>");
    bench.tell(Msg::ListingProgressed(ListingProgress { done: 1, of: 9, packages: 1 }));
    let state = &bench.model.packages.listing.as_ref().unwrap().state;
    assert!(matches!(state, ListingState::Running(progress, _) if progress.of == 9));
    bench.ordered();
    bench.keys("<enter>");
    assert_eq!(bench.toast(), "The packages are still being listed.");
    bench.keys("<esc>");
    assert!(bench.ordered().contains(&Effect::StopListing));
    bench.tell(Msg::PackagesListed(Box::new((nixpkgs(), Err("cancelled".to_owned())))));
    assert!(bench.model.packages.listing.is_none() && bench.overlay().is_some());
}

#[test]
fn what_cannot_be_listed_says_so_and_can_be_tried_again() {
    let mut bench = Bench::on(world().of_nixpkgs("hello"));
    bench.keys("i <enter>");
    bench.ordered();
    bench.tell(Msg::PackagesListed(Box::new((nixpkgs(), Err("no network".to_owned())))));
    assert!(bench.toast().contains("no network"));
    bench.keys("<ctrl-r>");
    let wanted = Effect::ListPackages { source: nixpkgs(), freshness: Freshness::Anew };
    assert!(bench.ordered().contains(&wanted));
}

#[test]
fn what_an_addition_leads_to_is_found_out_on_a_key_only() {
    let mut bench = opened();
    bench.keys("fltk").search();
    assert!(!bench.ordered().iter().any(|effect| matches!(effect, Effect::TryAddition { .. })));
    bench.keys("<ctrl-o> <ctrl-o>");
    let orders = bench.ordered();
    let fltk = Installable::flake("nixpkgs#fltk");
    let asked = |effect: &&Effect| matches!(effect, Effect::TryAddition { addition, .. } if addition.installable() == Some(fltk.clone()));
    assert_eq!(orders.iter().filter(asked).count(), 1);
    let mut learnt = Facts::default();
    learnt.evaluations.clone_from(&bench.world.facts.evaluations);
    let tried = Tried { learnt, ..Tried::default() };
    bench.tell(Msg::AdditionTried(Box::new(fltk.clone()), Ok(Box::new(tried))));
    assert!(matches!(bench.model.packages.tried[&fltk], (_, Trial::Done(_))));
    bench.keys("<enter>");
    let plan = bench.model.plan.as_ref().unwrap();
    assert!(plan.needs.evaluations.is_empty(), "what was learnt is not asked for again");
}
