//! What applying a plan costs: bytes to download and to unpack, what must be built, and how
//! large the closure of the profile's packages is before and after.
//!
//! Every figure is exact or not there. What a build downloads for itself, and how large its
//! result will be, nobody knows before: with something to build, the closure afterwards is
//! unknown and the sizes are those of what is fetched.

use serde_json::{Value, json};

use super::Plan;
use crate::core::store_path::StorePath;

/// What applying would cost; `None` is unknown. Sizes in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// To download, compressed.
    pub download: Option<u64>,
    /// What that is once it is unpacked.
    pub unpacked: Option<u64>,
    /// All that the profile's packages refer to, now.
    pub closure_before: Option<u64>,
    /// The same afterwards.
    pub closure_after: Option<u64>,
    /// What would be fetched.
    pub fetch: Vec<StorePath>,
    /// Derivations that would be built.
    pub build: Vec<StorePath>,
}

/// How what is not here would come here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Obtainable {
    /// What binary caches have.
    pub fetch: Vec<Fetched>,
    /// Derivations that must be built.
    pub build: Vec<StorePath>,
}

/// A path that would be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The path.
    pub path: StorePath,
    /// Its sizes; `None` where no cache that firn can read tells them.
    pub sizes: Option<FetchedSizes>,
}

/// What a binary cache says of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedSizes {
    /// Bytes to download; `None` if the cache does not say.
    pub download: Option<u64>,
    /// Bytes of its NAR.
    pub unpacked: u64,
    /// What it refers to.
    pub references: Vec<StorePath>,
}

impl Cost {
    /// The cost of a plan before anything was asked: nothing, if all it needs is here.
    pub fn at_hand(plan: &Plan) -> Self {
        let nothing = (plan.needs.is_empty() && plan.realise.is_empty()).then_some(0);
        Self { download: nothing, unpacked: nothing, ..Self::default() }
    }

    /// The cost of what must be obtained, the closures left out.
    pub fn of(obtainable: Obtainable) -> Self {
        let sizes = |fetched: &Fetched| fetched.sizes.clone();
        let sum = |size: &dyn Fn(FetchedSizes) -> Option<u64>| {
            obtainable.fetch.iter().map(|fetched| sizes(fetched).and_then(size)).sum()
        };
        Self {
            download: sum(&|sizes| sizes.download),
            unpacked: sum(&|sizes| Some(sizes.unpacked)),
            fetch: obtainable.fetch.into_iter().map(|fetched| fetched.path).collect(),
            build: obtainable.build,
            ..Self::default()
        }
    }

    /// As the command line prints it.
    pub fn to_json(&self) -> Value {
        let names = |paths: &[StorePath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
        json!({
            "download": self.download,
            "unpacked": self.unpacked,
            "closureBefore": self.closure_before,
            "closureAfter": self.closure_after,
            "fetch": names(&self.fetch),
            "build": names(&self.build),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::StoreDir;

    fn path(name: &str) -> StorePath {
        StorePath::from_parts(&StoreDir::new("/s"), [0; 20], name).unwrap()
    }

    fn fetched(name: &str, download: Option<u64>, unpacked: u64) -> Fetched {
        let sizes = Some(FetchedSizes { download, unpacked, references: Vec::new() });
        Fetched { path: path(name), sizes }
    }

    #[test]
    fn sizes_are_sums_and_one_that_is_unknown_makes_the_sum_unknown() {
        let fetch = vec![fetched("a", Some(3), 10), fetched("b", Some(4), 20)];
        let cost = Cost::of(Obtainable { fetch: fetch.clone(), build: Vec::new() });
        assert_eq!((cost.download, cost.unpacked), (Some(7), Some(30)));
        let mut more = fetch.clone();
        more.push(fetched("c", None, 1));
        let cost = Cost::of(Obtainable { fetch: more, build: vec![path("d.drv")] });
        assert_eq!((cost.download, cost.unpacked), (None, Some(31)));
        assert_eq!((cost.fetch.len(), cost.build.len()), (3, 1));
        let unknown = Obtainable { fetch: vec![Fetched { path: path("e"), sizes: None }], build: Vec::new() };
        assert_eq!(Cost::of(unknown).unpacked, None);
        assert_eq!(Cost::of(Obtainable::default()).download, Some(0));
    }
}
