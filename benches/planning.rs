//! How long it takes to plan a tree: DESIGN.md's "Instant", the part in memory.
//!
//! `cargo bench --bench planning`

#![allow(missing_docs, reason = "criterion's macros make public items")]

mod generated_profile;

use criterion::{Criterion, criterion_group, criterion_main};
use firn::core::link_tree::LinkTree;
use firn::core::nar::NarHasher;
use generated_profile::{GeneratedProfile, generate};

/// The profile with one element's priority changed.
fn reprioritised(profile: &GeneratedProfile) -> Vec<(firn::core::store_path::StorePath, i32)> {
    let mut elements = profile.elements.clone();
    elements[300].1 = 4;
    elements
}

fn planning(criterion: &mut Criterion) {
    let profile = generate();
    let before = LinkTree::build(&profile.elements, &profile.trees, None);
    let changed = reprioritised(&profile);
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
    bench("build after one removal", &mut || build(&changed[1..], &profile.trees, Some(&after)));
    bench("build after learning", &mut || build(&profile.elements, &learnt, Some(&before)));
    bench("collisions", &mut || drop(std::hint::black_box(before.collisions())));
    bench("difference of one priority", &mut || drop(std::hint::black_box(after.difference(&before))));
    bench("links", &mut || drop(std::hint::black_box(before.links())));
    bench("hash the nar", &mut || {
        let hasher = before.write_nar("{}", NarHasher::default()).expect("hashing cannot fail");
        std::hint::black_box(hasher.finish());
    });
}

criterion_group!(benches, planning);
criterion_main!(benches);
