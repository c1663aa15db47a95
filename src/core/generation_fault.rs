//! What is odd about the links of a profile's generations, told without reading what they lead to.
//!
//! None of it keeps the others from being used. Gaps are usual after a deletion; they are told
//! because a number that is missing is otherwise looked for in vain.

use super::generation::Generation;
use super::store_path::{StoreDir, StorePath};

/// One oddity of one generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GenerationFault {
    /// What has the name of a generation is a file or a folder.
    NotALink,
    /// The link leads somewhere else than into the store.
    OutsideStore(String),
    /// Its link is older than that of a generation with a lower number.
    TimeGoesBack {
        /// The generation with the lower number.
        before: u64,
    },
    /// The numbers right below are not there.
    Gap {
        /// The lowest missing number.
        first: u64,
        /// The highest.
        last: u64,
    },
}

impl GenerationFault {
    /// The oddity in words.
    pub fn words(&self) -> String {
        match self {
            Self::NotALink => "it is not a link".to_owned(),
            Self::OutsideStore(target) => {
                format!("it leads to '{}', which is not in the store", super::visible::text(target))
            }
            Self::TimeGoesBack { before } => format!("its time is before that of generation {before}"),
            Self::Gap { first, last } if first == last => format!("generation {first} is missing before it"),
            Self::Gap { first, last } => format!("generations {first} to {last} are missing before it"),
        }
    }

    /// Whether something is wrong, and not only missing.
    pub fn is_damage(&self) -> bool {
        !matches!(self, Self::Gap { .. })
    }
}

/// The oddities of each generation. `generations` are in ascending order.
pub fn faults(generations: &[Generation], store_dir: &StoreDir) -> Vec<Vec<GenerationFault>> {
    let mut newest: Option<&Generation> = None;
    let mut told = Vec::with_capacity(generations.len());
    for (index, generation) in generations.iter().enumerate() {
        let mut faults = Vec::new();
        if generation.target.is_empty() {
            faults.push(GenerationFault::NotALink);
        } else if StorePath::parse(store_dir, &generation.target).is_err() {
            faults.push(GenerationFault::OutsideStore(generation.target.clone()));
        }
        if let Some(newest) = newest.filter(|newest| newest.time > generation.time) {
            faults.push(GenerationFault::TimeGoesBack { before: newest.number });
        } else {
            newest = Some(generation);
        }
        let below = index.checked_sub(1).and_then(|below| generations.get(below));
        if let Some(below) = below.filter(|below| below.number.saturating_add(1) < generation.number) {
            faults.push(GenerationFault::Gap { first: below.number + 1, last: generation.number - 1 });
        }
        told.push(faults);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_oddity_is_told_of_the_generation_it_is_about() {
        let target = format!("/s/{}-profile", "0".repeat(32));
        let made = |number, target: &str, time| Generation { number, target: target.to_owned(), time };
        let all = [
            made(1, &target, 100),
            made(2, "/home/x", 200),
            made(5, &target, 150),
            made(6, "", 199),
            made(8, &target, 300),
        ];
        let told = faults(&all, &StoreDir::new("/s"));
        assert_eq!(told[0], []);
        assert_eq!(told[1], [GenerationFault::OutsideStore("/home/x".to_owned())]);
        let gap = GenerationFault::Gap { first: 3, last: 4 };
        assert_eq!(told[2], [GenerationFault::TimeGoesBack { before: 2 }, gap.clone()]);
        assert_eq!(told[3], [GenerationFault::NotALink, GenerationFault::TimeGoesBack { before: 2 }]);
        assert_eq!(told[4], [GenerationFault::Gap { first: 7, last: 7 }]);
        assert_eq!(gap.words(), "generations 3 to 4 are missing before it");
        assert!(!gap.is_damage() && told[3].iter().all(GenerationFault::is_damage));
    }
}
