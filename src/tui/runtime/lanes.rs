//! The worker lanes: one thread each while there is work, none while there is not.
//!
//! | lane | orders | rule |
//! |---|---|---|
//! | load | read the profile | newest wins; older answers are dropped |
//! | history | read the manifests of generations | newest wins |
//! | registries | read the registries | newest wins; older answers are dropped |
//! | learn | resolve installables, read packages | what is being learnt goes on if it is still wanted |
//! | measure | files and bytes of packages | newest wins |
//! | ways | ways out of a collision | newest wins |
//! | job | apply, roll back | one at a time, `update` sees to it |
//! | homepage | find out a homepage | one at a time, `update` sees to it |
//! | fetch | have the global registry fetched | one at a time, `update` sees to it |
//! | open | hand a page to the desktop | in order |
//! | save | write a plan file | in order |
//! | compare | compare two generations | newest only |
//! | closures | compare everything two generations need | one at a time, `update` sees to it |
//! | doctor | look for what is wrong with the profile | one at a time, the answer of an older order is as good |
//! | cost | ask what applying a plan costs | the last order is what is wanted |
//! | space | ask what generations keep alive | the last order is what is wanted |
//! | listing | list the packages of a flake | the newest order is wanted, the running one is stopped |
//! | searching | look through a listing | newest wins, the running one is left |
//! | system packages | read the links of the system's profiles | once |
//! | inside | which packages are in an environment, and what changes there | in order |
//! | paths | look up what a typed path could become | newest wins |
//! | trying | find out what an addition leads to | in order |
//! | title | ask the store what it is, which may start a program | once |
//!
//! Threads hold no state: orders that wait and flags to cancel live here, on the loop's
//! thread. A worker that panics answers with an error like any other failure.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use self::generations::SpaceOrder;
use self::learning::{Learning, Wanted};
use self::packages::Searching;
use super::reporter::{Commands, Reporter};
use super::{Answers, Event};
use crate::core::facts::Needs;
use crate::core::generation::Generation;
use crate::core::package_list::PackageSource;
use crate::core::plan::Plan;
use crate::core::resolution;
use crate::core::store_path::StorePath;
use crate::ops::Context;
use crate::ops::hint::hint;
use crate::ops::load_profile::{load_history, load_shown};
use crate::ops::measure_packages::measure_packages;
use crate::ops::save_plan::save_plan;
use crate::system::machine::{Cancel, Freshness, Progress, ProgressEvent, StoreError};
use crate::tui::effect::Effect;
use crate::tui::msg::Msg;

/// Who works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LaneName {
    Load,
    History,
    Registries,
    Learn,
    Measure,
    Compare,
    Space,
    Closures,
    Cost,
    Ways,
    Job,
    Save,
    Title,
    Homepage,
    Fetch,
    Open,
    Listing,
    Searching,
    SystemPackages,
    Trying,
    Inside,
    Paths,
    Doctor,
}

/// All lanes, with the orders that wait.
pub(super) struct Lanes {
    context: Context,
    /// Profiles that were open before this one.
    opened_before: Vec<PathBuf>,
    answers: Answers,
    load: Lane<()>,
    history: Lane<Vec<Generation>>,
    registries: Lane<()>,
    learn: Option<Learning>,
    learn_next: Option<Needs>,
    measure: Lane<Vec<StorePath>>,
    compare: Lane<Effect>,
    space: Option<Cancel>,
    closures: Option<Cancel>,
    cost: Option<Cancel>,
    cost_next: Option<(u64, Arc<Plan>)>,
    space_next: Option<SpaceOrder>,
    ways: Lane<Effect>,
    job: Option<Cancel>,
    homepage: Option<Cancel>,
    fetch: Option<Cancel>,
    listing: Option<Cancel>,
    listing_next: Option<(PackageSource, Freshness)>,
    searching: Searching,
    reading_system: usize,
    trying: Option<Cancel>,
    trying_next: VecDeque<Effect>,
    inside: Option<Cancel>,
    inside_next: VecDeque<Effect>,
    paths: Lane<String>,
    doctor: Option<Cancel>,
    opening: usize,
    saving: usize,
    naming: bool,
    /// Those that run.
    commands: Arc<Commands>,
}

/// A lane where only the newest waiting order counts.
struct Lane<T> {
    runs: bool,
    next: Option<T>,
}

impl Lanes {
    pub(super) fn new(context: Context, answers: Answers) -> Self {
        Self {
            context,
            opened_before: Vec::new(),
            answers,
            load: Lane { runs: false, next: None },
            history: Lane { runs: false, next: None },
            registries: Lane { runs: false, next: None },
            learn: None,
            learn_next: None,
            measure: Lane { runs: false, next: None },
            compare: Lane { runs: false, next: None },
            space: None,
            closures: None,
            cost: None,
            cost_next: None,
            space_next: None,
            ways: Lane { runs: false, next: None },
            job: None,
            homepage: None,
            fetch: None,
            listing: None,
            listing_next: None,
            searching: Searching::default(),
            reading_system: 0,
            trying: None,
            trying_next: VecDeque::new(),
            inside: None,
            inside_next: VecDeque::new(),
            paths: Lane { runs: false, next: None },
            doctor: None,
            opening: 0,
            saving: 0,
            naming: false,
            commands: Arc::default(),
        }
    }

    /// Asks the store for its title.
    pub(super) fn ask_title(&mut self) {
        self.naming = true;
        let context = self.context.clone();
        self.spawn(LaneName::Title, move |_| {
            let named = guarded(|| Ok(context.store.check().map(|()| context.store.title())));
            Msg::StoreNamed(named.unwrap_or_else(|words| Err(StoreError::Unsupported(words))))
        });
    }

    /// Carries an order out, or lets it wait.
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::LoadProfile if self.load.runs => self.load.next = Some(()),
            Effect::LoadProfile => self.start_load(),
            Effect::NameStore if self.naming => {}
            Effect::NameStore => self.ask_title(),
            Effect::LoadHistory(generations) if self.history.runs => self.history.next = Some(generations),
            Effect::LoadHistory(generations) => self.start_history(generations),
            Effect::LoadRegistries if self.registries.runs => self.registries.next = Some(()),
            Effect::LoadRegistries => self.start_registries(),
            Effect::LearnFacts(needs) => self.order_learning(needs),
            Effect::MeasurePackages(paths) if self.measure.runs => self.measure.next = Some(paths),
            Effect::MeasurePackages(paths) => self.start_measure(paths),
            Effect::Compare { .. } if self.compare.runs => self.compare.next = Some(effect),
            Effect::Compare { .. } => self.start_compare(effect),
            Effect::FindWays { .. } if self.ways.runs => self.ways.next = Some(effect),
            Effect::FindWays { .. } => self.start_ways(effect),
            Effect::MeasureCost { revision, plan } => self.order_cost(revision, plan),
            Effect::Apply { .. }
            | Effect::RealiseAndApply { .. }
            | Effect::Realise(_)
            | Effect::RollBack(_)
            | Effect::DeleteGenerations(_)
            | Effect::PlanRebuild(_)
            | Effect::CollectGarbage => self.start_job(effect),
            Effect::Note { numbers, noting } => self.note(numbers, noting),
            Effect::CheckNotes => self.check_notes(),
            Effect::ReadHolds(base) => self.read_holds(base),
            Effect::Hold { base, names, holding } => self.hold(base, names, holding),
            Effect::ReadOptions(base) => self.read_options(base),
            Effect::RememberOptions { base, names, options } => self.remember_options(base, names, options),
            Effect::AnswerFlake { base, flake, accepted } => self.answer_flake(base, flake, accepted),
            Effect::FindProfiles => self.find_profiles(),
            Effect::LookUpProgram(name) => self.look_up_program(name),
            Effect::CompareClosures { compared, numbers } => self.compare_closures(compared, numbers),
            Effect::MeasureSpace { sets, known } => self.order_space(sets, known),
            Effect::FindHomepage(source, options) => self.find_homepage(source, options),
            Effect::FetchRegistry => self.fetch_registry(),
            Effect::ListPackages { source, freshness } => self.list_packages(source, freshness),
            Effect::StopListing => self.stop_listing(),
            Effect::SearchPackages { .. } => self.search_packages(effect),
            Effect::ReadSystemPackages => self.read_system_packages(),
            Effect::FindContained(_) | Effect::CompareEnvironments(_) => self.look_inside(effect),
            Effect::CompletePath(typed) => self.complete_path(typed),
            Effect::TryAdditions { .. } => self.try_additions(effect),
            Effect::Diagnose { .. } if self.doctor.is_some() => {}
            Effect::Diagnose { program } => self.diagnose(program),
            Effect::OpenPage(address) => self.open_page(address),
            Effect::SavePlan(text) => self.start_save(text),
            Effect::Cancel => self.cancel(),
            Effect::OpenProfile(link) => self.open_profile(link),
            Effect::SetRunOptions(_)
            | Effect::InFront(..)
            | Effect::Suspend
            | Effect::TakeMouse(_)
            | Effect::Redraw
            | Effect::Copy(_) => {}
        }
    }

    /// A lane is done: starts what waits; tells the answer, if anybody still wants it.
    pub(super) fn done(&mut self, lane: LaneName, answer: Option<Msg>) -> Option<Msg> {
        match lane {
            LaneName::Load => {
                self.load.runs = false;
                if self.load.next.take().is_some() {
                    self.start_load();
                    return None;
                }
            }
            LaneName::History => {
                self.history.runs = false;
                if let Some(next) = self.history.next.take() {
                    self.start_history(next);
                }
            }
            LaneName::Registries => {
                self.registries.runs = false;
                if self.registries.next.take().is_some() {
                    self.start_registries();
                    return None;
                }
            }
            LaneName::Learn if self.learning_done() == Wanted::No => return None,
            LaneName::Learn => {}
            LaneName::Measure => {
                self.measure.runs = false;
                if let Some(next) = self.measure.next.take() {
                    self.start_measure(next);
                }
            }
            LaneName::Compare => {
                self.compare.runs = false;
                if let Some(next) = self.compare.next.take() {
                    self.start_compare(next);
                }
            }
            LaneName::Space => {
                self.space = None;
                if let Some((sets, known)) = self.space_next.take() {
                    self.order_space(sets, known);
                }
            }
            LaneName::Closures => self.closures = None,
            LaneName::Cost => {
                self.cost = None;
                if let Some((revision, plan)) = self.cost_next.take() {
                    self.order_cost(revision, plan);
                }
            }
            LaneName::Ways => {
                self.ways.runs = false;
                if let Some(next) = self.ways.next.take() {
                    self.start_ways(next);
                }
            }
            LaneName::Job => self.job = None,
            LaneName::Homepage => self.homepage = None,
            LaneName::Fetch => self.fetch = None,
            LaneName::Listing => self.listing_done(),
            LaneName::Searching => self.searching_done(),
            LaneName::SystemPackages => self.reading_system -= 1,
            LaneName::Trying => self.trying_done(),
            LaneName::Inside => self.looked_inside(),
            LaneName::Paths => self.path_completed(),
            LaneName::Doctor => self.doctor = None,
            LaneName::Open => self.opening -= 1,
            LaneName::Save => self.saving -= 1,
            LaneName::Title => self.naming = false,
        }
        answer
    }

    pub(super) fn is_busy(&self) -> bool {
        let reads = self.load.runs || self.history.runs || self.registries.runs || self.learn.is_some();
        let asks = self.naming
            || self.homepage.is_some()
            || self.fetch.is_some()
            || self.doctor.is_some()
            || self.job.is_some()
            || self.is_store_asked();
        reads
            || self.measure.runs
            || self.compare.runs
            || self.ways.runs
            || asks
            || self.listing.is_some()
            || self.searching.is_busy()
            || self.trying.is_some()
            || self.inside.is_some()
            || self.paths.runs
            || self.opening + self.saving + self.reading_system > 0
    }

    /// Whether a lane works that may have started a program.
    pub(super) fn runs_programs(&self) -> bool {
        let asks =
            self.homepage.is_some() || self.fetch.is_some() || self.doctor.is_some() || self.is_store_asked();
        let picks = self.listing.is_some() || self.trying.is_some() || self.inside.is_some();
        picks || self.job.is_some() || self.learn.is_some() || asks
    }

    /// Stops everything that can be stopped.
    pub(super) fn cancel_all(&mut self) {
        self.cost_next = None;
        self.learn_next = None;
        self.listing_next = None;
        self.trying_next.clear();
        self.inside_next.clear();
        if let Some(learning) = &self.learn {
            learning.stop();
        }
        for running in [
            &self.listing,
            &self.trying,
            &self.inside,
            &self.job,
            &self.homepage,
            &self.fetch,
            &self.space,
            &self.closures,
            &self.cost,
            &self.doctor,
        ]
        .into_iter()
        .flatten()
        {
            running.request();
        }
    }

    /// Stops the job, else what is being looked up.
    fn cancel(&mut self) {
        if let Some(job) = &self.job {
            return job.request();
        }
        for asked in [&self.homepage, &self.fetch, &self.space, &self.closures].into_iter().flatten() {
            asked.request();
        }
        self.learn_next = None;
        if let Some(learning) = &self.learn {
            learning.stop();
        }
    }

    fn start_load(&mut self) {
        self.load.runs = true;
        let context = self.context.clone();
        self.spawn(LaneName::Load, move |_| {
            Msg::ProfileLoaded(guarded(|| load_shown(&context).map(Box::new)))
        });
    }

    fn start_history(&mut self, generations: Vec<Generation>) {
        self.history.runs = true;
        let context = self.context.clone();
        self.spawn(LaneName::History, move |_| {
            Msg::HistoryLoaded(guarded(|| load_history(&context, &generations)))
        });
    }

    fn start_measure(&mut self, paths: Vec<StorePath>) {
        self.measure.runs = true;
        self.spawn(LaneName::Measure, move |progress| {
            let measured = guarded(|| Ok(measure_packages(&paths)));
            Msg::PackagesMeasured(measured.unwrap_or_else(|words| {
                progress.report(ProgressEvent::Log(words));
                Vec::new()
            }))
        });
    }

    fn start_ways(&mut self, order: Effect) {
        let Effect::FindWays { revision, index, group, plan, transaction, facts } = order else { return };
        self.ways.runs = true;
        self.spawn(LaneName::Ways, move |progress| {
            let found = guarded(|| Ok(resolution::ways(&plan, &transaction, &facts, &group)));
            let ways = found.unwrap_or_else(|words| {
                progress.report(ProgressEvent::Log(words));
                Vec::new()
            });
            Msg::WaysFound { revision, group: index, ways }
        });
    }

    fn start_save(&mut self, text: String) {
        self.saving += 1;
        let context = self.context.clone();
        self.spawn(LaneName::Save, move |_| {
            Msg::PlanSaved(guarded(|| save_plan(&context, &text).map(Arc::from)))
        });
    }

    /// Starts a thread for one order. A machine that cannot start threads is not one firn runs on:
    /// the order is then carried out right here.
    fn spawn(&self, lane: LaneName, work: impl FnOnce(&dyn Progress) -> Msg + Send + 'static) {
        let (answers, commands) = (self.answers.clone(), Arc::clone(&self.commands));
        let work = move || {
            let progress = Reporter::new(answers.clone(), commands);
            let msg = work(&progress);
            // The loop may have ended meanwhile.
            let _ = answers.send(Event::Done(lane, Some(Box::new(msg))));
        };
        std::thread::spawn(work);
    }
}

/// Runs a use case; an error becomes words with the advice that fits, so does a panic.
fn guarded<T>(work: impl FnOnce() -> anyhow::Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| words(&error)),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
            Err(format!("this is a fault in firn, please report it: {text}"))
        }
    }
}

/// The advice stands at the end of the first line, which is the one that is shown.
fn words(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    let Some(hint) = hint(error) else { return text };
    match text.split_once('\n') {
        Some((first, rest)) => format!("{first}; {hint}\n{rest}"),
        None => format!("{text}; {hint}"),
    }
}

mod environments;
mod generations;
mod jobs;
mod learning;
mod packages;
mod pages;
mod registries;
#[cfg(test)]
mod tests;
mod upgrades;
