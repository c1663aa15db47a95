//! Learning what a plan needs: one thread, whose work goes on as long as some of it is still wanted.

use std::collections::HashSet;

use super::{LaneName, Lanes, guarded};
use crate::core::evaluation::Question;
use crate::core::facts::Needs;
use crate::ops::gather_facts::gather_facts_telling;
use crate::system::machine::{Answer, Cancel, Watch};
use crate::system::package_reader::Depth;
use crate::tui::msg::Msg;
use crate::tui::runtime::Event;

/// What is being learnt.
pub(super) struct Learning {
    needs: Needs,
    cancel: Cancel,
    /// Nobody wants the answer any more.
    dropped: bool,
}

impl Learning {
    /// Asks it to stop.
    pub(super) fn stop(&self) {
        self.cancel.request();
    }
}

/// Whether anybody waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Yes,
    No,
}

impl Lanes {
    pub(super) fn order_learning(&mut self, needs: Needs) {
        let Some(running) = &mut self.learn else {
            if !needs.is_empty() {
                self.start_learning(needs);
            }
            return;
        };
        let rest = without(&needs, &running.needs);
        let nothing_of_it_wanted = rest == needs;
        if nothing_of_it_wanted {
            running.cancel.request();
            running.dropped = true;
        }
        self.learn_next = (!rest.is_empty()).then_some(rest);
    }

    fn start_learning(&mut self, needs: Needs) {
        let cancel = Cancel::default();
        self.learn = Some(Learning { needs: needs.clone(), cancel: cancel.clone(), dropped: false });
        let (context, answers) = (self.context.clone(), self.answers.clone());
        self.spawn(LaneName::Learn, move |progress| {
            let watch = Watch { progress, cancel: &cancel };
            let heard = |question: &Question, answer: &Answer| {
                let told = Msg::Evaluated(Box::new((question.clone(), answer.clone())));
                // The loop may have ended meanwhile.
                let _ = answers.send(Event::Told(Box::new(told)));
            };
            Msg::FactsLearnt(guarded(|| {
                gather_facts_telling(&context, &needs, Depth::Whole, &heard, &watch).map(Box::new)
            }))
        });
    }

    /// It is done: starts what waits.
    pub(super) fn learning_done(&mut self) -> Wanted {
        let dropped = self.learn.take().is_some_and(|learning| learning.dropped);
        if let Some(next) = self.learn_next.take() {
            self.start_learning(next);
        }
        if dropped { Wanted::No } else { Wanted::Yes }
    }
}

/// What `needs` names and `known` does not.
fn without(needs: &Needs, known: &Needs) -> Needs {
    let mut rest = needs.clone();
    rest.installables.retain(|installable| !known.installables.contains(installable));
    rest.registries &= !known.registries;
    rest.locks.retain(|target| !known.locks.contains(target));
    let packages: HashSet<_> = known.tree.packages.iter().collect();
    let directories: HashSet<_> = known.tree.directories.iter().collect();
    rest.evaluations.retain(|question| !known.evaluations.contains(question));
    rest.packages.retain(|question| !known.packages.contains(question));
    rest.candidates.retain(|question| !known.candidates.contains(question));
    rest.listings.retain(|path| !known.listings.contains(path));
    rest.validity.retain(|path| !known.validity.contains(path));
    rest.tree.packages.retain(|path| !packages.contains(path));
    rest.tree.directories.retain(|path| !directories.contains(path));
    rest
}
