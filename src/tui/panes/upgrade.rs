//! What a row says of upgrades: that its flake is being asked, what it answered, why it failed, that
//! it is held.

use ratatui::style::Style;

use super::element::{Sign, version};
use crate::core::manifest::ProfileElement;
use crate::core::plan::{LeftReason, PlannedElement};
use crate::core::registry::{Reach, Registries};
use crate::core::upgrade::{self, Follows, Mend, UpgradeRow, UpgradeState};
use crate::core::visible;
use crate::tui::action::Action;
use crate::tui::keymap::Scope;
use crate::tui::model::{Found, Model, Upgrades};
use crate::tui::theme::{self, Theme};
use crate::tui::view::row::Row;
use crate::tui::view::words::width;

/// The sign of an upgrade whose flake has not been heard of, in the place of what is staged.
pub(super) fn checking_sign(upgrades: &Upgrades, planned: &PlannedElement, theme: &Theme) -> Option<Sign> {
    let name = &planned.name;
    let is_asked = (upgrades.checking.contains(name) || upgrades.moving.contains(name))
        && planned.before == planned.after;
    is_asked.then_some(Sign { glyph: theme::UPGRADED, style: theme.faint, word: "checking" })
}

/// What failed, or is held.
pub(super) fn state_sign(upgrades: &Upgrades, planned: &PlannedElement, theme: &Theme) -> Option<Sign> {
    if upgrades.failure(&planned.name).is_some() {
        return Some(Sign { glyph: theme::FAILED, style: theme.error, word: "failed" });
    }
    let is_held = upgrades.held.contains(&planned.name);
    is_held.then_some(Sign { glyph: theme::HELD, style: theme.locked, word: "held" })
}

/// What stands in the place of the version while a flake is asked, or if that failed; without the
/// version where there is no room for both.
pub(super) fn version_words(model: &Model, planned: &PlannedElement, room: usize) -> Option<(String, Style)> {
    let before = planned.before.as_ref().filter(|_| planned.before == planned.after)?;
    let (words, style) = finding_words(model, &planned.name, before)?;
    let whole = format!("{} {words}", version(before));
    Some((if width(&whole) <= room { whole } else { words }, style))
}

fn finding_words(model: &Model, name: &str, before: &ProfileElement) -> Option<(String, Style)> {
    let theme = &model.theme;
    if let Some((reason, _)) = model.upgrades.failure(name) {
        return Some((failure_word(reason).to_owned(), theme.error));
    }
    if model.upgrades.moving.contains(name) {
        return Some(("checking…".to_owned(), theme.faint));
    }
    if !model.upgrades.checking.contains(name) {
        return None;
    }
    // The registries only tell where an element comes from, which is not shown here.
    let nowhere = (&Registries::default(), Reach::default());
    let row = UpgradeRow::of(name, before, false, &model.facts, nowhere);
    Some(match row.state {
        UpgradeState::NotChecked => ("checking…".to_owned(), theme.faint),
        UpgradeState::Same => ("nothing newer".to_owned(), theme.faint),
        UpgradeState::Rebuilt => ("new build".to_owned(), theme.changed),
        UpgradeState::Upgrade | UpgradeState::Downgrade => {
            (format!("{} {}", theme::ARROW, row.to), theme.upgraded)
        }
        UpgradeState::Failed(reason) => (failure_word(reason).to_owned(), theme.error),
    })
}

/// Whether the plan takes another build of the same version.
pub(super) fn is_new_build(planned: &PlannedElement) -> bool {
    match (&planned.before, &planned.after) {
        (Some(before), Some(after)) => {
            before.store_paths != after.store_paths
                && version(before) == version(after)
                && !planned.only_chooses_outputs()
        }
        _ => false,
    }
}

/// One word or two on a failure.
fn failure_word(reason: LeftReason) -> &'static str {
    match reason {
        LeftReason::FlakeFailed => "flake failed",
        LeftReason::AttributeGone => "gone",
        LeftReason::Unfree => "unfree",
        LeftReason::Insecure => "insecure",
        LeftReason::Broken => "broken",
        LeftReason::Platform => "not for this platform",
        LeftReason::NeedsImpure => "needs --impure",
        LeftReason::NeedsPrompt => "asks something",
        LeftReason::NotAPackage => "no package",
        LeftReason::NoSuchOutput => "no such output",
        LeftReason::BuildFailed => "build failed",
        LeftReason::EnvironmentCollides => "collides inside",
        LeftReason::FileGone => "no file",
        LeftReason::NoSource => "no source",
        _ => "eval failed",
    }
}

/// Lines on where an element comes from and how it moves, with what would mend it: title and words.
pub fn moves(model: &Model, found: &PlannedElement) -> Vec<(&'static str, String)> {
    let Some(before) = &found.before else { return Vec::new() };
    // A package of nix-env that is converted moves as the element does that comes of it.
    let is_converted = found.packages[0].is_some() && found.package().is_none();
    let element = found.after.as_ref().filter(|_| is_converted).unwrap_or(before);
    let held = model.upgrades.held.contains(&found.name);
    let nothing = Registries::default();
    let loaded = model.registry.loaded();
    let known = loaded.map_or((&nothing, Reach::default()), |loaded| (&loaded.registries, loaded.reach));
    let mut row = UpgradeRow::of(&found.name, element, held, &model.facts, known);
    if let Some(package) = found.packages[0].as_deref().filter(|_| !is_converted) {
        let staged = model.plan.as_ref().and_then(|plan| plan.looked_for.get(&found.name).cloned());
        let files = &model.facts.files;
        let again = upgrade::package_question(&found.name, element, files).filter(|_| staged.is_none());
        let usual = || upgrade::looks_for(&found.name, element, package, files);
        match again {
            Some(question) => row.look_again(package, &question, &model.facts),
            None => row.look_for(package, &staged.unwrap_or_else(usual), &model.facts),
        }
    }
    if let Some((reason, _)) = model.upgrades.failure(&found.name) {
        row.state = UpgradeState::Failed(reason);
    }
    let date = |seconds: u64| {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        jiff::Timestamp::from_second(seconds).map_or_else(
            |_| seconds.to_string(),
            |time| time.to_zoned(model.time_zone.clone()).strftime("%Y-%m-%d").to_string(),
        )
    };
    let mut lines = Vec::new();
    if loaded.is_some() || !matches!(row.follows, Follows::Nowhere { .. }) {
        lines.push(("moves", visible::text(&row.follows.words(&date))));
    }
    if let Some(options) = model.options.remembered.elements.get(&found.name) {
        lines.push(("options", format!("nix is asked with {}", visible::text(&options.line()))));
    }
    if held {
        lines.push(("held", "upgrades leave it as it is".to_owned()));
    }
    if let Some(mend) = row.mend() {
        lines.push(("", mend_words(model, &mend, &found.name)));
    }
    if model.upgrades.found.get(&found.name) == Some(&Found::Same) {
        let who =
            if found.packages[0].is_some() { "nothing newer there" } else { "its flake has nothing newer" };
        lines.push(("checked", who.to_owned()));
    }
    lines
}

/// What to press for an addition that only has to be allowed.
pub fn allowing(model: &Model, addition: &str) -> Option<String> {
    let reason = *model.plan.as_ref()?.failed.get(addition)?;
    Some(mend_words(model, &upgrade::allows(reason)?, addition))
}

/// What to press, where a key does it; else what to type.
fn mend_words(model: &Model, mend: &Mend, name: &str) -> String {
    let key = |scope, action| model.keymap.name(scope, action);
    match mend {
        Mend::Unhold => format!("{} lets it go", key(Scope::Installed, Action::Hold)),
        Mend::Unpin { name, .. } => {
            let remove = key(Scope::Registry, Action::RemoveEntry);
            format!("{remove} in Registry, on {}, takes the pin away", visible::text(name))
        }
        Mend::Impure(_) => {
            let palette = key(Scope::Installed, Action::Palette);
            format!("{palette} and 'options remembered' asks nix with what allows it, for this element only")
        }
        Mend::Retarget => format!("{} lets it follow another flake", key(Scope::Installed, Action::Source)),
        Mend::AttachSource => {
            format!("{} tells which flake it is from", key(Scope::Installed, Action::Source))
        }
        Mend::UpdateSystem | Mend::MendFile => visible::text(&mend.words(name)),
    }
}

/// A line for the details of the row under the cursor, if an upgrade failed or is held.
pub(super) fn detail(model: &Model, found: &PlannedElement) -> Vec<Row> {
    let theme = &model.theme;
    if let Some((_, message)) = model.upgrades.failure(&found.name) {
        let lines = message.lines().take(2).map(visible::text);
        return lines.map(|line| Row::text("   ").put(line, theme.error)).collect();
    }
    if model.upgrades.held.contains(&found.name) {
        let key = model.keymap.name(Scope::Installed, Action::Hold);
        return vec![
            Row::text("   ").put(format!("held back from upgrades; {key} lets it go"), theme.locked),
        ];
    }
    Vec::new()
}
