//! Makes a failing case smaller: drops operations, packages and entries one at a time
//! for as long as the case still fails, so that the report fits on a screen.

use std::time::{Duration, Instant};

use crate::case_text::Case;

/// How long making smaller may take.
const BUDGET: Duration = Duration::from_secs(90);

/// The smallest case found that still fails.
pub fn shrink(case: &Case, still_fails: &dyn Fn(&Case) -> bool) -> Case {
    let mut smallest = case.clone();
    let start = Instant::now();
    loop {
        let before = smallest.clone();
        for index in (0..parts(&smallest)).rev() {
            if start.elapsed() > BUDGET {
                return smallest;
            }
            let candidate = without(&smallest, index);
            if candidate != smallest && still_fails(&candidate) {
                smallest = candidate;
            }
        }
        if before == smallest {
            return smallest;
        }
    }
}

/// How many things could be left out: the start, entries, packages, flake packages, operations.
fn parts(case: &Case) -> usize {
    1 + entries(case) + case.world.packages.len() + case.world.flake.len() + case.operations.len()
}

fn entries(case: &Case) -> usize {
    case.world.packages.iter().map(|package| package.entries.len()).sum()
}

/// The case without its part number `index`; operations have the highest numbers and go first. An
/// index beyond the end, as when a package took its entries along, changes nothing.
fn without(case: &Case, index: usize) -> Case {
    let mut smaller = case.clone();
    let mut left = index;
    if left == 0 {
        smaller.world.start = None;
        return smaller;
    }
    left -= 1;
    for package in &mut smaller.world.packages {
        if left < package.entries.len() {
            package.entries.remove(left);
            return smaller;
        }
        left -= package.entries.len();
    }
    if left < smaller.world.packages.len() {
        smaller.world.packages.remove(left);
        return smaller;
    }
    left -= smaller.world.packages.len();
    if left < smaller.world.flake.len() {
        smaller.world.flake.remove(left);
        return smaller;
    }
    left -= smaller.world.flake.len();
    if left < smaller.operations.len() {
        smaller.operations.remove(left);
    }
    smaller
}

#[test]
fn a_case_is_made_as_small_as_it_goes() {
    let mut case = Case { world: crate::generate::world(7), operations: Vec::new() };
    case.operations = ["a", "b", "c"].map(|verb| vec![verb.to_owned()]).into();
    let small = shrink(&case, &|case| case.operations.iter().any(|words| words[0] == "b"));
    assert_eq!(small.operations, [["b"]]);
    assert!(small.world.packages.is_empty() && small.world.flake.is_empty() && small.world.start.is_none());
}
