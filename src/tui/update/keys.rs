//! A key press: look it up where the keys go, ask whether it can do anything, do it.

use crossterm::event::{KeyEvent, KeyEventKind};

use super::{
    closures, collisions, command_log, contained, copying, deleting, help, history, history_filter, holding,
    homepage, installed, nix_options, notes, notice, outputs, palette, panes, picker, pointer, preview,
    priority, profiles, questions, ranges, realising, rebuilding, registry, registry_edits,
    registry_fetching, registry_form, review, rollback, search, sourcing, space, staging, text_field, trace,
    typing, upgrading, user_environment, why_off, words,
};
use crate::core::facts::Needs;
use crate::system::machine::Step;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::{Key, Scope};
use crate::tui::layout::{LayoutKind, Shape};
use crate::tui::model::{Asks, JobKind, Model, Pane, Question, Reload};

/// Answers a key press; releases are ignored.
pub(super) fn press(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    if event.kind == KeyEventKind::Release {
        return Vec::new();
    }
    model.toast = None;
    let key = Key::from_event(event);
    let scope = model.scope();
    let action = model.keymap.action(scope, key);
    if is_too_small(model) && !action.is_some_and(works_unseen) {
        // The screen says only which size is needed; nothing is done that nobody sees.
        return Vec::new();
    }
    match action {
        Some(action) => run(model, action, key.digit()),
        None => typing::typed(model, event),
    }
}

fn is_too_small(model: &Model) -> bool {
    Shape::of(model).kind() == LayoutKind::TooSmall
}

/// What can be asked for on a terminal that shows nothing.
fn works_unseen(action: Action) -> bool {
    matches!(action, Action::Quit | Action::Interrupt | Action::Suspend | Action::Redraw)
}

/// Carries an action out, or says why it does nothing.
pub(super) fn run(model: &mut Model, action: Action, digit: Option<usize>) -> Vec<Effect> {
    let scope = model.scope();
    if let Some(reason) = why_off(model, scope, action) {
        words::say(model, reason);
        return Vec::new();
    }
    match action {
        Action::Suspend => vec![Effect::Suspend],
        Action::Redraw => vec![Effect::Redraw],
        Action::Mouse => pointer::switch(model),
        Action::Interrupt => interrupt(model),
        Action::Help => help::open(model),
        Action::Quit => quit(model),
        Action::Close => close(model),
        Action::Reload => reload(model),
        Action::Copy => copying::open(model),
        Action::Realise => realising::start(model),
        Action::OpenHomepage => homepage::open(model),
        Action::Palette => palette::open(model),
        Action::Log => command_log::open(model),
        Action::SavePlan => vec![Effect::SavePlan(model.transaction.to_json())],
        _ => in_scope(model, scope, action, digit),
    }
}

fn in_scope(model: &mut Model, scope: Scope, action: Action, digit: Option<usize>) -> Vec<Effect> {
    match scope {
        Scope::Collisions => collisions::act(model, action, digit),
        Scope::Review => review::act(model, action),
        Scope::Rollback => rollback::act(model, action),
        Scope::Delete => deleting::act(model, action),
        Scope::Field => text_field::act(model, action),
        Scope::Profiles => profiles::act(model, action),
        Scope::Priority => priority::act(model, action),
        Scope::Add => picker::act(model, action),
        Scope::TypeName => review::accept_names(model, action),
        Scope::Help => help::act(model, action),
        Scope::Notice => notice::act(model, action),
        Scope::Palette => palette::act(model, action),
        Scope::Outputs => outputs::act(model, action),
        Scope::Contained => contained::act(model, action),
        Scope::Source => sourcing::act(model, action),
        Scope::Copy => copying::act(model, action, digit),
        Scope::Trace => trace::act(model, action),
        Scope::Entry => registry_form::act(model, action),
        Scope::Log | Scope::LogSearch => command_log::act(model, action),
        Scope::Question | Scope::Quit | Scope::Settings => questions::act(model, action),
        Scope::Filter if model.history.filter.typing => history_filter::act(model, action),
        Scope::Filter if model.registry.filtering => registry::filter(model, action),
        Scope::Filter => installed::filter(model, action),
        Scope::Search => search::act(model, action),
        _ => on_main(model, action),
    }
}

fn on_main(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Remove | Action::SwitchActive => staging::act(model, action),
        Action::Undo | Action::Redo => staging::step(model, action),
        Action::Upgrade | Action::UpgradeAll => upgrading::act(model, action),
        Action::Hold => holding::switch(model),
        Action::Priority => priority::open(model),
        Action::Outputs => outputs::open(model),
        Action::Source => sourcing::open(model),
        Action::OptionsForRun | Action::OptionsForElement => nix_options::open(model, action),
        Action::Add => picker::open(model),
        Action::DropPlan => questions::ask(model, Question::DropPlan),
        Action::Review => review::open(model),
        Action::Collisions => collisions::open(model),
        Action::GoBack | Action::RollBack => rollback::open(model, action),
        Action::Compare => history::compare(model),
        Action::CompareClosures => closures::compare(model),
        Action::Delete => deleting::open(model),
        Action::DeleteButLast => text_field::open_deletion(model, Asks::KeepLast),
        Action::DeleteOlder => text_field::open_deletion(model, Asks::OlderThan),
        Action::Keep => notes::switch_keep(model),
        Action::MeasureHistory => space::measure(model),
        Action::Profiles => profiles::open(model),
        Action::Rebuild => rebuilding::start(model),
        Action::Convert => user_environment::convert(model),
        Action::SetKeep => user_environment::set_keep(model),
        Action::UpgradeFrom => user_environment::ask_for_source(model),
        Action::Doctor => notice::diagnose(model),
        Action::CollectGarbage => questions::ask(model, Question::CollectGarbage),
        Action::Label => text_field::open_label(model),
        Action::Trace => trace::open(model),
        Action::FetchRegistry => registry_fetching::start(model),
        Action::AddEntry => registry_form::add(model),
        Action::EditEntry => registry_form::edit(model),
        Action::RemoveEntry => registry_edits::remove(model),
        Action::Pin => registry_edits::pin(model),
        Action::SearchNext | Action::SearchPrevious => search::jump(model, action),
        _ if panes::act(model, action) || ranges::act(model, action) => Vec::new(),
        _ => {
            match model.focus {
                Pane::Installed => installed::act(model, action),
                Pane::Registry => registry::act(model, action),
                Pane::History => history::act(model, action),
                Pane::Preview => preview::act(model, action),
            }
            Vec::new()
        }
    }
}

/// `ctrl-c`: stops the running job, else as `q`.
fn interrupt(model: &mut Model) -> Vec<Effect> {
    let Some(job) = &mut model.job else { return quit(model) };
    if job.step == Some(Step::Switch) || matches!(job.kind, JobKind::RollBack | JobKind::Delete) {
        words::say(model, "It takes a moment and cannot be stopped half-way.");
        return Vec::new();
    }
    if job.cancelled {
        words::say(model, "It was told to stop already; waiting for it.");
        return Vec::new();
    }
    job.cancelled = true;
    words::say(model, "Stopping…");
    vec![Effect::Cancel]
}

/// `q`: closes the top screen; on the main screen quits, asking if something would be lost.
fn quit(model: &mut Model) -> Vec<Effect> {
    let is_typing = matches!(model.scope(), Scope::Filter | Scope::Search | Scope::LogSearch);
    if !is_too_small(model) && (is_typing || !model.overlays.is_empty()) {
        return close(model);
    }
    let is_work = |kind: JobKind| kind.changes_profile() || kind == JobKind::Collect;
    let job_runs = model.job.as_ref().is_some_and(|job| is_work(job.kind));
    if is_too_small(model) {
        // A question could not be seen.
        model.quit = !job_runs && model.transaction.is_empty();
        words::say(model, "Something is staged or running; quit on a larger terminal.");
        return Vec::new();
    }
    if job_runs {
        return questions::ask(model, Question::QuitWithJob);
    }
    if !model.transaction.is_empty() {
        return questions::ask(model, Question::QuitWithPlan);
    }
    model.quit = true;
    Vec::new()
}

/// `Esc`: peels one layer; never quits.
fn close(model: &mut Model) -> Vec<Effect> {
    if model.scope() == Scope::Add {
        return picker::close(model);
    }
    if command_log::stop_search(model) || model.overlays.pop().is_some() {
        return Vec::new();
    }
    let typing = model.scope() == Scope::Filter;
    if model.focus != Pane::Preview && !typing && ranges::take_back(model) {
        return Vec::new();
    }
    if model.focus == Pane::Registry && registry::clear_filter(model) {
        return Vec::new();
    }
    if model.focus == Pane::History && history_filter::clear(model) {
        return Vec::new();
    }
    if model.preview.searching {
        search::clear(model);
    } else if model.installed.filtering || !model.installed.filter.value().is_empty() {
        model.installed.filtering = false;
        model.installed.filter.reset();
        installed::arrange(model);
    } else if ranges::has_marks(model) {
        ranges::clear_marks(model);
    } else if model.history.compared.is_some() {
        model.history.compared = None;
    } else if !model.preview.search.value().is_empty() {
        model.preview.search.reset();
    } else if model.zoomed {
        model.zoomed = false;
    } else {
        let quit = model.keymap.name(model.scope(), Action::Quit);
        words::say(model, format!("Nothing to close here. Press {quit} to quit."));
    }
    Vec::new()
}

fn reload(model: &mut Model) -> Vec<Effect> {
    // What failed may work now; what was read from the store cannot have changed.
    let facts = std::sync::Arc::make_mut(&mut model.facts);
    facts.refused.clear();
    facts.evaluations.clear();
    facts.failed_builds.clear();
    facts.locks.retain(|_, lock| lock.is_ok());
    facts.trees.packages.retain(|_, package| {
        use crate::core::file_tree::Root;
        !matches!(package.root, Root::Missing | Root::Unreadable(_))
    });
    model.asked = None;
    model.history.comparisons.forget();
    model.reload = Some(Reload::Asked);
    let mut effects = vec![Effect::LearnFacts(Needs::default()), Effect::LoadProfile, Effect::LoadRegistries];
    effects.extend(model.store_trouble.as_ref().map(|_| Effect::NameStore));
    effects
}
