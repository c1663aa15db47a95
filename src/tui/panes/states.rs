//! Words for every state in which there is no list of elements: what it is, and what to
//! do next. Loading, failed, damaged, missing, broken, foreign, empty, no Nix.

use crate::core::file_tree::Basis;
use crate::system::machine::StoreError;
use crate::system::profile_folder::ProfileState;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{Model, ProfileLoad};
use crate::tui::update::last_readable;

/// A heading and paragraphs for pane 1.
pub fn reason(model: &Model) -> (String, Vec<String>) {
    let again = format!("{} reads it again.", key(model, Action::Reload));
    let loaded = match &model.profile {
        ProfileLoad::Loading => return told("Reading the profile…", []),
        ProfileLoad::Failed(words) => return told("The profile cannot be read", [words.clone(), again]),
        ProfileLoad::Loaded(loaded) => loaded,
    };
    if let Some(words) = &loaded.damaged {
        let palette = key(model, Action::Palette);
        let rebuild = format!("{palette} can make it anew from what it refers to, as a new generation.");
        return told("The live generation cannot be read", [words.clone(), way_back(model), rebuild, again]);
    }
    let title = &model.profile_title;
    match loaded.state {
        ProfileState::Missing | ProfileState::Present | ProfileState::NixEnvironment
            if model.store_trouble.is_some() =>
        {
            no_nix(model)
        }
        ProfileState::Missing => {
            let text = format!("There is no profile at {title} yet. The first change makes it.");
            told("No profile yet", [text, how_to_add(model)])
        }
        ProfileState::Dangling if loaded.generations.is_empty() => {
            let text = format!(
                "{title} is a link to something that does not exist, and has no generations. The first change makes a profile in its place."
            );
            told("No profile yet", [text, how_to_add(model)])
        }
        ProfileState::Dangling => {
            let text = format!(
                "{title} points to something that does not exist any more. Going back to a generation in History may help; applying a plan makes a new profile from scratch."
            );
            told("The profile link is broken", [text, how_to_add(model)])
        }
        ProfileState::WithoutManifest => {
            let text = format!(
                "{title} is a folder without a manifest: neither nix profile nor nix-env made it. Applying a plan replaces it."
            );
            told("Not a profile that firn knows", [text, how_to_add(model)])
        }
        ProfileState::Present | ProfileState::NixEnvironment => {
            told("The profile is empty", [how_to_add(model)])
        }
    }
}

/// Words in place of the tree when it has no lines.
pub fn no_tree(model: &Model) -> &'static str {
    let loaded = match &model.profile {
        ProfileLoad::Loading => return "reading the profile…",
        ProfileLoad::Failed(_) => return "no tree: the profile cannot be read",
        ProfileLoad::Loaded(loaded) => loaded,
    };
    let reading = model.plan.as_ref().is_some_and(|plan| !plan.needs.is_empty());
    match loaded.state {
        _ if loaded.damaged.is_some() => "no tree: what is live cannot be read",
        ProfileState::WithoutManifest => "no tree: this is not a profile",
        _ if reading => "reading packages…",
        ProfileState::Dangling => "no tree: the profile leads to nothing",
        _ if is_unbuilt(model) => "known once what is missing is built",
        ProfileState::Missing => "no links: there is no profile yet",
        ProfileState::Present | ProfileState::NixEnvironment if model.preview.total.after == 0 => {
            "no links: nothing is installed, or all of it is off"
        }
        ProfileState::Present | ProfileState::NixEnvironment => "nothing changes",
    }
}

/// Whether what would be there is unknown before something is built.
fn is_unbuilt(model: &Model) -> bool {
    let staged = model.plan.as_ref().filter(|plan| !plan.changes.is_empty());
    staged.is_some_and(|plan| plan.basis() == Basis::Unknown)
}

/// Words in place of the plan.
pub fn no_plan(model: &Model) -> String {
    match &model.profile {
        ProfileLoad::Loading => String::new(),
        ProfileLoad::Failed(_) => {
            format!("nothing can be planned; {} reads again", key(model, Action::Reload))
        }
        ProfileLoad::Loaded(_) => {
            let back = model.keymap.name(Scope::History, Action::RollBack);
            format!("nothing can be planned; {back} in History goes back to another generation")
        }
    }
}

/// A word for the title line if the store cannot be asked.
pub fn trouble(error: &StoreError) -> &'static str {
    match error {
        StoreError::NoProgram { .. } => "no nix",
        _ => "nix fails",
    }
}

fn told(heading: &str, paragraphs: impl IntoIterator<Item = String>) -> (String, Vec<String>) {
    (heading.to_owned(), paragraphs.into_iter().collect())
}

fn key(model: &Model, action: Action) -> String {
    model.keymap.name(Scope::Installed, action)
}

fn how_to_add(model: &Model) -> String {
    if let Some(reason) = model.why_read_only() {
        return reason.to_owned();
    }
    format!(
        "{} adds something. Nothing is installed before you have reviewed it with {} and said {}.",
        key(model, Action::Add),
        key(model, Action::Review),
        model.keymap.name(Scope::Review, Action::Yes)
    )
}

fn way_back(model: &Model) -> String {
    let history = key(model, Action::FocusHistory);
    let back = model.keymap.name(Scope::History, Action::RollBack);
    let last = model.loaded().and_then(last_readable).map(|number| {
        let go_back = key(model, Action::GoBack);
        format!("{go_back} goes back to {number}, the last one that can be read. ")
    });
    let last = last.unwrap_or_default();
    format!(
        "firn leaves the file as it is. {last}{history} shows the generations, {back} there goes back to one."
    )
}

fn no_nix(model: &Model) -> (String, Vec<String>) {
    let Some(error) = &model.store_trouble else { return told("No Nix here", []) };
    let again = format!("{} looks again.", key(model, Action::Reload));
    let demo = "'firn demo' shows everything without it, on a playground of its own.".to_owned();
    match error {
        StoreError::NoProgram { .. } => {
            let text =
                format!("{error}. firn installs nothing without Nix, and here is nothing to show yet.");
            told("No Nix here", [text, demo, again])
        }
        _ => told("Nix does not answer", [format!("{error}."), demo, again]),
    }
}
