//! Generations that were compared, as far as somebody looked.

use std::sync::Arc;

use crate::core::closure_difference::ClosureDifference;
use crate::core::comparison::Comparison;
use crate::ops::compare_generations::KnownPackages;

/// As many are remembered; a store path never changes, so none grows old.
const REMEMBERED: usize = 32;

/// Two generations by their store paths: from, to.
pub type Compared = (String, String);

/// What two generations differ in, or why that cannot be told.
pub type ComparedAnswer = Result<Arc<Comparison>, Arc<str>>;

/// What differs in everything that two generations need, or why that cannot be told.
pub type ClosureAnswer = Result<Arc<ClosureDifference>, Arc<str>>;

/// Comparisons of generations, with their trees.
#[derive(Debug, Default)]
pub struct Comparisons {
    remembered: Vec<(Compared, ComparedAnswer)>,
    closures: Vec<(Compared, ClosureAnswer)>,
    /// The two whose closures are being compared.
    pub closures_asked: Option<Compared>,
    /// What was asked for last, so that nothing is asked for twice.
    pub asked: Option<Compared>,
    /// What was read for them. Nothing before the first.
    pub known: Option<KnownPackages>,
}

impl Comparisons {
    /// What is known of two generations.
    pub fn of(&self, compared: &Compared) -> Option<&ComparedAnswer> {
        self.remembered.iter().find(|(known, _)| known == compared).map(|(_, answer)| answer)
    }

    /// What is known of the closures of two generations.
    pub fn closures_of(&self, compared: &Compared) -> Option<&ClosureAnswer> {
        self.closures.iter().find(|(known, _)| known == compared).map(|(_, answer)| answer)
    }

    /// Remembers an answer about closures.
    pub fn learn_closures(&mut self, compared: Compared, answer: ClosureAnswer) {
        remember(&mut self.closures, compared, answer);
    }

    /// Remembers an answer.
    pub fn learn(&mut self, compared: Compared, answer: ComparedAnswer) {
        remember(&mut self.remembered, compared, answer);
    }

    /// Forgets everything: what could not be read may be readable now.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

fn remember<T>(list: &mut Vec<(Compared, T)>, compared: Compared, answer: T) {
    list.retain(|(known, _)| *known != compared);
    list.push((compared, answer));
    let oldest = list.len().saturating_sub(REMEMBERED);
    list.drain(..oldest);
}
