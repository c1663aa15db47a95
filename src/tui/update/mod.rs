//! Answers a message: changes the model, orders effects.
//!
//! Pure: the same model and message give the same model and effects. A key is looked
//! up in the table ([`super::keymap`]), asked whether it can do anything now
//! ([`why_off()`]), and carried out by the file of its noun; what a key cannot do it
//! says. Whatever changes the staged list plans again at once ([`planning`]), so the
//! next frame shows the tree that applying would give.

use super::effect::Effect;
use super::model::Model;
use super::msg::Msg;

mod answers;
mod closures;
mod collisions;
mod command_log;
mod comparing;
mod contained;
mod copying;
mod costs;
mod cursor;
mod deleting;
mod environments;
mod help;
mod history;
mod history_filter;
mod holding;
mod homepage;
mod in_front;
mod installed;
mod keys;
mod measuring;
mod nix_options;
mod notes;
mod notice;
mod on_path;
mod outputs;
mod palette;
mod panes;
mod picker;
mod picker_paths;
mod planning;
mod pointer;
mod preview;
mod priority;
mod profiles;
mod questions;
mod ranges;
mod realising;
mod rebuilding;
mod registry;
mod registry_applied;
mod registry_edits;
mod registry_fetching;
mod registry_form;
mod registry_rows;
mod review;
mod rollback;
mod search;
mod sourcing;
mod space;
mod staging;
mod text_field;
mod trace;
mod tree_lines;
mod typing;
mod upgrading;
mod user_environment;
mod why_off;
mod words;

pub use picker::looked_at;
pub use profiles::own_command;
pub use review::{lost_names, lost_now};
pub use rollback::{last_readable, lost_by_going_back};
pub use sourcing::problem as source_problem;
pub use space::MeasuredSets;
pub use why_off::why_off;

#[cfg(test)]
mod tests;

/// The only place that changes the model.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = match msg {
        Msg::Key(event) => keys::press(model, event),
        Msg::Pointed(pointer) => pointer::moved(model, pointer),
        Msg::Pasted(text) => typing::paste(model, &text),
        Msg::Resized(width, height) => {
            panes::resized(model, (width, height));
            Vec::new()
        }
        Msg::Ticked(now) => {
            model.now = now;
            Vec::new()
        }
        Msg::StoreNamed(answer) => {
            answers::store_named(model, answer);
            Vec::new()
        }
        Msg::ProfileLoaded(Ok(loaded)) => answers::profile_loaded(model, loaded),
        Msg::ProfileLoaded(Err(words)) => answers::profile_failed(model, words),
        Msg::HistoryLoaded(read) => answers::history_loaded(model, read),
        Msg::ProfileMoved => answers::profile_moved(model),
        Msg::FactsLearnt(answer) => answers::facts_learnt(model, answer),
        msg @ (Msg::Evaluated(_)
        | Msg::HoldsRead(_)
        | Msg::Held(..)
        | Msg::PlanRealised(..)
        | Msg::Realised(_)
        | Msg::CostMeasured(..)
        | Msg::OptionsRead(..)
        | Msg::CameBack(..)
        | Msg::RunOptionsSet(..)) => of_upgrades(model, msg),
        Msg::RegistriesLoaded(answer) => registry::loaded(model, answer),
        Msg::RegistryFetched(answer) => registry_fetching::fetched(model, answer),
        Msg::PackagesMeasured(measured) => {
            measuring::take(model, measured);
            Vec::new()
        }
        Msg::WaysFound { revision, group, ways } => {
            collisions::ways_found(model, (revision, group), &ways);
            Vec::new()
        }
        Msg::CommandReported(command, report) => {
            command_log::reported(model, command, report);
            Vec::new()
        }
        Msg::Progressed(event) => {
            answers::progressed(model, event);
            Vec::new()
        }
        Msg::PlanApplied(answer) => answers::plan_applied(model, answer),
        Msg::RolledBack(answer) => answers::rolled_back(model, answer),
        Msg::Compared(compared, answer) => {
            comparing::take(model, compared, answer);
            Vec::new()
        }
        Msg::ClosuresCompared(compared, answer) => {
            closures::take(model, compared, answer);
            Vec::new()
        }
        msg @ (Msg::RebuildPlanned(_)
        | Msg::ProgramLookedUp(..)
        | Msg::Diagnosed(_)
        | Msg::ProfilesFound(_)
        | Msg::NotesChecked(_)) => {
            of_looking(model, msg);
            Vec::new()
        }
        Msg::GenerationsDeleted(answer) => deleting::ended(model, answer),
        Msg::SpaceMeasured(sets, answer) => {
            space::measured(model, &sets, answer);
            Vec::new()
        }
        Msg::GarbageCollected(answer) => {
            space::collected(model, answer);
            Vec::new()
        }
        Msg::Noted(noting, answer) => notes::ended(model, &noting, answer),
        Msg::HomepageFound(answer) => homepage::found(model, answer),
        Msg::PageOpened(address, answer) => homepage::opened(model, address, answer),
        Msg::PlanSaved(answer) => {
            answers::plan_saved(model, answer);
            Vec::new()
        }
        msg => of_packages(model, msg),
    };
    effects.extend(upgrading::settle(model));
    effects.extend(sourcing::settle(model));
    effects.extend(user_environment::settle(model));
    nix_options::settle(model);
    panes::settle(model);
    effects.extend(measuring::ask(model));
    effects.extend(comparing::ask(model));
    effects.extend(costs::ask(model));
    effects.extend(on_path::ask(model));
    effects.extend(environments::ask(model));
    effects
}

/// Answers that are about packages to add, and those inside of environments.
fn of_packages(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::ListingProgressed(progress) => picker::progressed(model, progress),
        Msg::PackagesListed(told) => return picker::listed(model, &told.0, told.1),
        Msg::PackagesFound { generation, query, rows: Some(rows) } => {
            picker::found(model, generation, query, rows);
        }
        Msg::EnvironmentsCompared(change, answer) => environments::compared(model, change, answer),
        Msg::ContainedFound(paths, answer) => return environments::found(model, paths, answer),
        Msg::SystemPackagesRead(packages) => picker::system_read(model, packages),
        Msg::PathCompleted(typed, choices) => return picker::path_completed(model, &typed, choices),
        Msg::AdditionsTried(installables, answer) => picker::tried(model, &installables, answer),
        _ => {}
    }
    Vec::new()
}

/// Answers of those who only looked at something: nothing follows from them but what is shown.
fn of_looking(model: &mut Model, msg: Msg) {
    match msg {
        Msg::RebuildPlanned(answer) => rebuilding::planned(model, answer),
        Msg::ProgramLookedUp(name, found) => on_path::take(model, name, found),
        Msg::Diagnosed(answer) => notice::diagnosed(model, answer),
        Msg::ProfilesFound(found) => profiles::found(model, found),
        Msg::NotesChecked(problem) => notes::checked(model, problem),
        _ => {}
    }
}

/// Answers that are about upgrades.
fn of_upgrades(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Evaluated(told) => {
            let (question, answer) = *told;
            upgrading::heard(model, question, answer);
        }
        Msg::HoldsRead(answer) => holding::read(model, answer),
        Msg::CostMeasured(revision, answer) => costs::take(model, revision, answer),
        Msg::OptionsRead(deed, answer) => return nix_options::read(model, deed, answer),
        Msg::CameBack(question, answer) => return in_front::came_back(model, &question, answer),
        Msg::RunOptionsSet(options, answer) => return nix_options::run_set(model, options, answer),
        Msg::Held(holding, answer) => return holding::ended(model, holding, answer),
        Msg::PlanRealised(facts, then) => return realising::applied(model, *facts, then),
        Msg::Realised(answer) => return realising::ended(model, answer),
        _ => {}
    }
    Vec::new()
}
