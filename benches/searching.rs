//! How long the picker takes on 120,000 packages: looking through them, and from a key to the frame.
//!
//! `cargo bench --bench searching`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that fails may panic"
)]
#![allow(missing_docs, reason = "criterion's macros make public items")]

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use firn::core::package_list::{ListedPackage, PackageList, PackageSource, file};
use firn::core::search_ranking::Query;
use firn::ops::search_packages::search_packages;
use firn::system::machine::{Cancel, Listed};
use firn::tui::effect::Effect;
use firn::tui::keymap::Keymap;
use firn::tui::model::{Listing, ListingState, Model, Overlay, PickerScreen};
use firn::tui::msg::Msg;
use firn::tui::update::update;
use firn::tui::view::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const PACKAGES: usize = 120_000;

const SYLLABLES: [&str; 16] =
    ["ba", "ki", "lo", "mu", "ne", "ro", "sa", "ti", "vu", "ze", "git", "lib", "py", "rust", "term", "qt"];

/// As many packages as nixpkgs has, a third of them in sets.
fn listing() -> PackageList {
    let mut list = PackageList::default();
    for number in 0..PACKAGES {
        let part = |shift: usize| SYLLABLES[(number >> shift) % SYLLABLES.len()];
        let name = format!("{}{}{}-{}{}", part(0), part(4), part(8), part(12), number % 97);
        let attribute = match number % 6 {
            0 => format!("python3Packages.{name}"),
            1 => format!("haskellPackages.{name}"),
            _ => name.clone(),
        };
        let description = format!("A {} tool for {} with {}", part(4), part(8), part(2));
        list.push(&ListedPackage {
            attribute: &attribute,
            name: &name,
            version: "1.2.3",
            description: &description,
            outputs: "out man",
            homepage: "https://example.org/project",
            licence: "MIT",
            ..ListedPackage::default()
        });
    }
    list.finished()
}

fn searching(criterion: &mut Criterion) {
    let list = listing();
    let cancel = Cancel::default();
    for text in ["a", "git", "rust term", "haskellpackages", "zzzz"] {
        let query = Query::new(text);
        criterion.bench_function(&format!("look for '{text}' in {PACKAGES} packages"), |bencher| {
            bencher.iter(|| search_packages(&list, &query, None, &cancel).unwrap().len());
        });
    }
    let bytes = file::to_bytes(&list, "key");
    criterion.bench_function(&format!("read a listing of {} MB", bytes.len() >> 20), |bencher| {
        bencher.iter(|| file::parse(&bytes, "key").unwrap().len());
    });
}

/// The picker on the listing.
fn model(list: PackageList) -> Model {
    let mut model = Model::new(Arc::new(Keymap::embedded().unwrap()), (120, 36));
    let source = PackageSource::flake("nixpkgs");
    let (original_url, url) = ("flake:nixpkgs".to_owned(), "path:/n".to_owned());
    let listed = Arc::new(Listed { original_url, url, system: "x86_64-linux".to_owned(), whole: None, list });
    model.packages.listing = Some(Listing { source, state: ListingState::Done(listed) });
    model.overlays.push(Overlay::Picker(PickerScreen { packages: true, ..PickerScreen::default() }));
    model
}

/// What the runtime does with a key: update, search, update, draw.
fn press(model: &mut Model, terminal: &mut Terminal<TestBackend>, code: KeyCode) {
    for effect in update(model, Msg::Key(KeyEvent::new(code, KeyModifiers::NONE))) {
        if let Effect::SearchPackages { generation, listed, query, among } = effect {
            let typed = Query::new(&query);
            let rows = search_packages(&listed.list, &typed, among.as_deref(), &Cancel::default());
            update(model, Msg::PackagesFound { generation, query, rows });
        }
    }
    terminal.draw(|frame| view(model, frame)).unwrap();
}

fn keys(criterion: &mut Criterion) {
    let mut model = model(listing());
    let mut terminal = Terminal::new(TestBackend::new(120, 36)).unwrap();
    criterion.bench_function("a letter and its removal, to the frame each", |bencher| {
        bencher.iter(|| {
            press(&mut model, &mut terminal, KeyCode::Char('a'));
            press(&mut model, &mut terminal, KeyCode::Backspace);
        });
    });
}

criterion_group!(benches, searching, keys);
criterion_main!(benches);
