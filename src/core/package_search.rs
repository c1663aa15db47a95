//! Looking through a listing: which rows a query keeps, and in which order.
//!
//! A row is found by its attribute, by the name of its package, or by words of its description; those
//! that do not evaluate come after like ones that do. Only the first rows are put in order of how well
//! they fit ([`FIRST`]), which is all that anybody looks at; the rest follow by attribute.
//!
//! Scoring rows and ordering them are separate, so that several threads can score parts. What a
//! longer query keeps is among what its beginning kept ([`Query::narrows`]), so only that is scored.

use super::package_list::PackageList;
use super::search_ranking::Query;

/// So many rows are put in order.
pub const FIRST: usize = 2000;

/// As much less for a row that does not evaluate: it comes behind other beginnings, before mere
/// descriptions.
const FAILING: i64 = 9_000;

/// A row with its score; higher is better.
pub type Scored = (i64, u32);

/// The rows of a part of a listing that a query keeps, with their scores, in the order of the part.
pub fn scores(list: &PackageList, query: &Query, part: impl Iterator<Item = u32>) -> Vec<Scored> {
    let scored = part.filter_map(|row| {
        let (attribute, name, description, evaluates) = list.searched(row as usize)?;
        let score = query.score_package(attribute, name, description)?;
        let behind = if evaluates { 0 } else { FAILING };
        Some((score - behind * Query::UNIT, row))
    });
    scored.collect()
}

/// The rows, the best first.
pub fn ordered(mut scored: Vec<Scored>) -> Vec<u32> {
    let better = |(score, row): &Scored| (std::cmp::Reverse(*score), *row);
    if scored.len() > FIRST {
        scored.select_nth_unstable_by_key(FIRST, better);
        scored[FIRST..].sort_unstable_by_key(|(_, row)| *row);
    }
    let first = scored.len().min(FIRST);
    scored[..first].sort_unstable_by_key(better);
    scored.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::package_list::{ListedPackage, UNTOLD};

    fn list(rows: &[(&str, &str, &str)]) -> PackageList {
        let mut list = PackageList::default();
        for (attribute, name, description) in rows {
            let failure = description.is_empty().then_some(UNTOLD);
            list.push(&ListedPackage { attribute, name, description, failure, ..ListedPackage::default() });
        }
        list.finished()
    }

    fn found(list: &PackageList, query: &str) -> Vec<String> {
        let all = 0..u32::try_from(list.len()).unwrap();
        let rows = ordered(scores(list, &Query::new(query), all));
        rows.iter().map(|row| list.get(*row as usize).unwrap().attribute.to_owned()).collect()
    }

    #[test]
    fn whole_names_come_first_also_those_in_sets() {
        let list = list(&[
            ("numpy", "numpy", ""),
            ("numpy-stl", "numpy-stl", "x"),
            ("python3Packages.numpy", "numpy", "x"),
            ("python3Packages.numpydoc", "numpydoc", "x"),
            ("jdk", "openjdk", "x"),
            ("other", "other", "needs numpy"),
        ]);
        assert_eq!(
            found(&list, "numpy"),
            ["python3Packages.numpy", "numpy", "numpy-stl", "python3Packages.numpydoc", "other"]
        );
        assert_eq!(found(&list, "openjdk"), ["jdk"]);
        assert_eq!(found(&list, "").len(), 6);
    }

    #[test]
    fn rows_behind_the_first_keep_their_order() {
        let scored = (0..5000_u32).map(|row| (i64::from(row % 7), row)).collect();
        let rows = ordered(scored);
        assert_eq!((rows.len(), rows[0], rows[1]), (5000, 6, 13));
        assert!(rows[FIRST..].is_sorted());
    }
}
