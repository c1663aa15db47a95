//! How long it takes to plan a tree: DESIGN.md's "Instant", the part in memory.
//!
//! `cargo bench --bench planning`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that fails may panic"
)]
#![allow(missing_docs, reason = "criterion's macros make public items")]

mod generated_profile;

use criterion::{Criterion, criterion_group, criterion_main};
use firn::core::link_tree::LinkTree;
use firn::core::nar::NarHasher;
use firn::core::store_path::StorePath;
use generated_profile::{GeneratedProfile, generate};

/// A package like most: programs, manual pages, documentation.
const COMMON: usize = 302;

/// One that has a part in nearly every folder, and becomes the first in all of them.
const EVERYWHERE: usize = 300;

/// The profile with one element's priority changed.
fn reprioritised(profile: &GeneratedProfile, element: usize, priority: i32) -> Vec<(StorePath, i32)> {
    let mut elements = profile.elements.clone();
    elements[element].1 = priority;
    elements
}

fn planning(criterion: &mut Criterion) {
    let profile = generate();
    let before = LinkTree::build(&profile.elements, &profile.trees, None);
    let changed = reprioritised(&profile, COMMON, 8);
    let worst = reprioritised(&profile, EVERYWHERE, 4);
    let after = LinkTree::build(&changed, &profile.trees, Some(&before));
    let mut learnt = profile.trees.clone();
    // Writing to the map gives it a new identity, as learning something new does.
    learnt.directories.remove(&b"/nowhere"[..]);
    let counts = before.root.counts;
    println!("{} packages, {} files: {counts:?}", profile.elements.len(), profile.files);

    let mut bench = |name: &str, run: &mut dyn FnMut()| {
        criterion.bench_function(name, |bencher| bencher.iter(&mut *run));
    };
    let build = |elements, trees, previous| {
        std::hint::black_box(LinkTree::build(elements, trees, previous));
    };
    bench("build cold", &mut || build(&profile.elements, &profile.trees, None));
    bench("build after one priority", &mut || build(&changed, &profile.trees, Some(&before)));
    bench("build after one priority, everywhere first", &mut || build(&worst, &profile.trees, Some(&before)));
    bench("build after one removal", &mut || build(&changed[1..], &profile.trees, Some(&after)));
    bench("build after learning", &mut || build(&profile.elements, &learnt, Some(&before)));
    bench("collisions", &mut || drop(std::hint::black_box(before.collisions())));
    bench("difference of one priority", &mut || drop(std::hint::black_box(after.difference(&before))));
    bench("links", &mut || drop(std::hint::black_box(before.links())));
    bench("hash the nar", &mut || {
        std::hint::black_box(before.write_nar("{}", NarHasher::default()).map(NarHasher::finish)).ok();
    });
}

criterion_group!(benches, planning);
criterion_main!(benches);
