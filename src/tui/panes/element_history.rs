//! Where an element came from: the generations that added and changed it.
//!
//! The way back starts at the live generation and goes from each generation to the one
//! it was made on, as far as firn's journal knows, else to the next lower number. What
//! somebody tried and rolled back from is no part of it. Generations that cannot be read
//! are stepped over: what happened in them shows at the next one that can.

use crate::core::difference::{self, ElementDifference};
use crate::core::manifest::{ProfileElement, ProfileManifest};
use crate::ops::load_profile::{LoadedGeneration, LoadedProfile, NOT_READ_YET};

use super::history::generation;

/// What is known of an element's past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementHistory {
    /// What happened to it, newest first.
    pub events: Vec<Event>,
    /// How far back this goes.
    pub beginning: Beginning,
    /// The oldest generation since which its locked reference has been the same, with its time.
    pub locked_since: Option<(u64, i64)>,
}

/// A generation that changed the element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The generation's number.
    pub number: u64,
    /// Its time.
    pub time: i64,
    /// What became of the element.
    pub difference: ElementDifference,
}

/// How far back the events go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// The live generation does not have it.
    NotLive,
    /// The oldest event is the one that added it.
    Added,
    /// The oldest generation that is left has it already.
    Oldest(u64),
    /// Older generations are still being read.
    Reading,
}

/// The past of the element with this name.
pub fn of(loaded: &LoadedProfile, name: &str) -> ElementHistory {
    let mut history =
        ElementHistory { events: Vec::new(), beginning: Beginning::NotLive, locked_since: None };
    let live = loaded.current.and_then(|number| generation(loaded, number));
    let Some((mut at, mut element)) = live.and_then(|live| Some((live, element_in(live, name)?))) else {
        return history;
    };
    let url = |element: &ProfileElement| element.source.as_ref().map(|source| source.url.clone());
    let locked = url(element);
    let mut still_locked = locked.is_some();
    loop {
        let (number, time) = (at.generation.number, at.generation.time);
        if still_locked {
            history.locked_since = Some((number, time));
        }
        let before = match readable_parent(loaded, at) {
            Parent::Nothing => {
                history.beginning = Beginning::Oldest(number);
                return history;
            }
            Parent::Reading => {
                history.beginning = Beginning::Reading;
                return history;
            }
            Parent::Generation(before) => before,
        };
        let earlier = element_in(before, name);
        let difference = between(name, earlier, element);
        history.events.extend(difference.map(|difference| Event { number, time, difference }));
        let Some(earlier) = earlier else {
            history.beginning = Beginning::Added;
            return history;
        };
        still_locked &= url(earlier) == locked;
        (at, element) = (before, earlier);
    }
}

fn element_in<'a>(generation: &'a LoadedGeneration, name: &str) -> Option<&'a ProfileElement> {
    generation.manifest.as_ref().ok()?.elements.get(name)
}

fn between(name: &str, before: Option<&ProfileElement>, after: &ProfileElement) -> Option<ElementDifference> {
    if before == Some(after) {
        return None;
    }
    let manifest = |element: Option<&ProfileElement>| {
        ProfileManifest::of(element.map(|element| (name.to_owned(), element.clone())).into_iter().collect())
    };
    difference::between(&manifest(before), &manifest(Some(after))).into_iter().next()
}

enum Parent<'a> {
    Generation(&'a LoadedGeneration),
    Nothing,
    Reading,
}

fn readable_parent<'a>(loaded: &'a LoadedProfile, from: &LoadedGeneration) -> Parent<'a> {
    let mut at = from;
    loop {
        let Some(before) = parent(loaded, at) else { return Parent::Nothing };
        match &before.manifest {
            Ok(_) => return Parent::Generation(before),
            Err(reason) if reason == NOT_READ_YET => return Parent::Reading,
            Err(_) => at = before,
        }
    }
}

/// The generation one was made on. Always a lower number, so that the way back ends.
fn parent<'a>(loaded: &'a LoadedProfile, of: &LoadedGeneration) -> Option<&'a LoadedGeneration> {
    let number = of.generation.number;
    loaded.base_of(of).filter(|before| before.generation.number < number)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::core::difference::DifferenceKind;
    use crate::core::generation::Generation;
    use crate::core::manifest::{ElementSource, ExtendedOutputsSpec};
    use crate::core::plan::Base;
    use crate::core::store_path::StoreDir;
    use crate::system::profile_folder::ProfileState;

    fn element(priority: i32, revision: char) -> ProfileElement {
        ProfileElement {
            active: true,
            priority,
            store_paths: Vec::new(),
            source: Some(ElementSource {
                original_url: "flake:nixpkgs".to_owned(),
                url: format!("github:NixOS/nixpkgs/{}", String::from(revision).repeat(40)),
                attr_path: "hello".to_owned(),
                outputs: ExtendedOutputsSpec::Default,
            }),
        }
    }

    /// Number, the one it was made on, its manifest: an element called hello or nothing.
    type Made = (u64, Option<u64>, Result<Option<ProfileElement>, &'static str>);

    fn loaded(generations: Vec<Made>) -> LoadedProfile {
        let generations = generations.into_iter().map(|(number, made_on, element)| LoadedGeneration {
            generation: Generation { number, target: String::new(), time: 100 },
            manifest: element.map_err(str::to_owned).map(|element| {
                let elements = element.map(|element| ("hello".to_owned(), element));
                Arc::new(ProfileManifest::of(elements.into_iter().collect()))
            }),
            made_on,
            probably_on: None,
            remarks: crate::ops::load_profile::Remarks::default(),
        });
        let generations: Vec<LoadedGeneration> = generations.collect();
        LoadedProfile {
            base: Arc::new(Base {
                store_path: None,
                manifest: ProfileManifest::default(),
                store_dir: StoreDir::new("/nix/store"),
            }),
            state: ProfileState::Present,
            current: generations.last().map(|last| last.generation.number),
            generations,
            last_live: None,
            writable: true,
            damaged: None,
            files: Arc::default(),
        }
    }

    fn numbers(history: &ElementHistory) -> Vec<(u64, DifferenceKind)> {
        history.events.iter().map(|event| (event.number, event.difference.kinds[0])).collect()
    }

    #[test]
    fn it_goes_back_to_the_generation_that_added_it_past_what_was_rolled_back() {
        let loaded = loaded(vec![
            (1, None, Ok(None)),
            (2, None, Ok(Some(element(5, 'a')))),
            (3, None, Err("damaged")),
            (4, Some(2), Ok(Some(element(5, 'a')))),
            (5, Some(4), Ok(None)),
            (6, Some(4), Ok(Some(element(7, 'b')))),
        ]);
        let history = of(&loaded, "hello");
        assert_eq!(numbers(&history), [(6, DifferenceKind::Priority), (2, DifferenceKind::Added)]);
        assert_eq!((history.beginning, history.locked_since), (Beginning::Added, Some((6, 100))));
    }

    #[test]
    fn what_the_oldest_generation_has_came_from_nowhere() {
        let hello = || Ok(Some(element(5, 'a')));
        let history =
            of(&loaded(vec![(3, None, Err("damaged")), (4, None, hello()), (7, None, hello())]), "hello");
        assert_eq!(numbers(&history), []);
        assert_eq!((history.beginning, history.locked_since), (Beginning::Oldest(4), Some((4, 100))));
        let history = of(&loaded(vec![(3, None, Err(NOT_READ_YET)), (4, None, hello())]), "hello");
        assert_eq!(history.beginning, Beginning::Reading);
        assert_eq!(of(&loaded(vec![(4, None, hello())]), "other").beginning, Beginning::NotLive);
    }

    #[test]
    fn a_journal_that_points_upwards_does_not_lead_in_circles() {
        let hello = || Ok(Some(element(5, 'a')));
        let history = of(&loaded(vec![(1, Some(2), hello()), (2, Some(2), hello())]), "hello");
        assert_eq!(history.beginning, Beginning::Oldest(1));
    }
}
