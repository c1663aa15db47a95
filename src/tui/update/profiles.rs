//! `P`: the chooser of profiles. Enter opens another one, after a question if something is staged;
//! what was known of the first is forgotten, but not what its packages hold.

use std::path::PathBuf;

use super::cursor::Move;
use super::{panes, planning, questions, words};
use crate::core::facts::Needs;
use crate::core::profile_kind::ProfileKind;
use crate::core::transaction::Transaction;
use crate::ops::find_profiles::FoundProfile;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Scope;
use crate::tui::model::{
    HistoryPane, InstalledPane, ListCursor, Model, Overlay, Pane, PreviewPane, ProfileLoad, ProfilesScreen,
    Question, Reload,
};
use crate::tui::overlays::profiles::rows_shown;

/// Opens the chooser and has the profiles looked for.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    model.overlays.push(Overlay::Profiles(ProfilesScreen::default()));
    vec![Effect::FindProfiles]
}

/// They were found.
pub(super) fn found(model: &mut Model, found: Vec<FoundProfile>) {
    for overlay in &mut model.overlays {
        if let Overlay::Profiles(screen) = overlay {
            let open = found.iter().position(|profile| profile.is_open);
            screen.cursor = ListCursor { selected: open.unwrap_or(0), offset: 0 };
            screen.found = Some(found);
            return;
        }
    }
}

/// Moves, or opens the profile.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let height = rows_shown(model.size);
    let Some(Overlay::Profiles(screen)) = model.overlays.last_mut() else { return Vec::new() };
    let last = screen.found.as_ref().map_or(0, |found| found.len().saturating_sub(1));
    if let Some(step) = Move::of(action, height) {
        screen.cursor.selected = step.from(screen.cursor.selected, last);
        return Vec::new();
    }
    let (Action::Accept, Some(chosen)) = (action, screen.selected()) else { return Vec::new() };
    let (link, is_open) = (chosen.link.clone(), chosen.is_open);
    if is_open {
        words::say(model, "This profile is the one that is open.");
        return Vec::new();
    }
    if !model.transaction.is_empty() {
        return questions::ask(model, Question::OpenProfile(link));
    }
    go_to(model, link)
}

/// Opens a profile; what is staged is forgotten.
pub(super) fn go_to(model: &mut Model, link: PathBuf) -> Vec<Effect> {
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Profiles(_)));
    model.transaction = Transaction::default();
    planning::forget(model);
    model.profile = ProfileLoad::Loading;
    model.reload = Some(Reload::Start);
    model.asked = None;
    model.installed = InstalledPane {
        sort: model.installed.sort,
        reversed: model.installed.reversed,
        ..InstalledPane::default()
    };
    // What was compared goes by store paths, which are the same everywhere.
    let comparisons = std::mem::take(&mut model.history.comparisons);
    model.history = HistoryPane { comparisons, ..HistoryPane::default() };
    model.preview = PreviewPane::default();
    if model.list != Pane::Installed {
        panes::focus(model, Pane::Installed);
    }
    vec![Effect::OpenProfile(link), Effect::LearnFacts(Needs::default()), Effect::LoadProfile]
}

/// Why nothing can be staged on a profile that another tool makes.
pub(super) fn not_ours(model: &Model) -> Option<String> {
    let tool = match model.kind {
        ProfileKind::HomeManager => "home-manager made this profile; 'home-manager switch' changes it",
        ProfileKind::System => {
            "This is a profile of a whole system; its own tool ('nixos-rebuild') changes it"
        }
        _ => return None,
    };
    let choose = model.keymap.name(Scope::Main, Action::Profiles);
    Some(format!("{tool}. firn shows its history. {choose} opens another profile."))
}

/// The command that makes a generation live where firn leaves that to another tool.
pub fn own_command(model: &Model, number: u64) -> Option<String> {
    let profile = &model.commands.profile;
    model.kind.switch_command(profile, number, &format!("{profile}-{number}-link"))
}

/// Why a generation cannot be made live here.
pub(super) fn not_ours_to_switch(model: &Model, number: u64) -> Option<String> {
    let command = own_command(model, number)?;
    let copy = model.keymap.name(Scope::History, Action::Copy);
    let who = model.kind.words();
    Some(format!("Switching it is left to the {who}'s own tool: {command}   ({copy} in History copies it)"))
}
