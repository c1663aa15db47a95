//! What a key can ask for: imperatives.
//!
//! An action says what to do, not where: `Down` moves the cursor of whatever has
//! the keys. Which keys run it, where, and the words of help are entries of
//! `assets/keymap.toml`, under the action's name in kebab-case (`half-page-down`).
//! `update` carries actions out; `update::why_off` says why one would do nothing.

use serde::Deserialize;

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Moves the cursor down: a row, a group, a way of a number field.
    Down,
    /// Moves the cursor up.
    Up,
    /// Goes to the first row.
    Top,
    /// Goes to the last row.
    Bottom,
    /// Moves half a page down.
    HalfPageDown,
    /// Moves half a page up.
    HalfPageUp,
    /// Moves a page down.
    PageDown,
    /// Moves a page up.
    PageUp,
    /// Scrolls the preview or the text of a screen down.
    ScrollDown,
    /// Scrolls it up.
    ScrollUp,
    /// Scrolls the preview to the left.
    ScrollLeft,
    /// Scrolls the preview to the right.
    ScrollRight,
    /// Focuses the next pane.
    NextPane,
    /// Focuses the previous pane.
    PreviousPane,
    /// Focuses pane 1.
    FocusInstalled,
    /// Focuses pane 2.
    FocusRegistry,
    /// Focuses pane 3.
    FocusHistory,
    /// Focuses pane 0.
    FocusPreview,
    /// Shows the next tab of the preview.
    NextTab,
    /// Shows the previous tab of the preview.
    PreviousTab,
    /// Lets the focused pane fill the screen, and back.
    Zoom,
    /// Ends that.
    ZoomOut,
    /// Goes to the next order of rows.
    Sort,
    /// Reverses the order of rows.
    Reverse,
    /// Goes to the next choice of rows that are shown.
    Show,
    /// Shows the row's details; changes nothing.
    Details,
    /// Asks for a text to filter the list by, or to search the tree for.
    Filter,
    /// Jumps to the next place the search finds.
    SearchNext,
    /// Jumps to the previous place the search finds.
    SearchPrevious,
    /// Marks the row and moves down.
    Mark,
    /// Begins a range of marks at the row, or ends it.
    Range,
    /// Marks the row and the next one.
    RangeDown,
    /// Marks the row and the previous one.
    RangeUp,
    /// Marks all shown rows, or none if all are.
    MarkAll,
    /// Takes back a staged step.
    Undo,
    /// Takes back an undo.
    Redo,
    /// Asks whether to drop all that is staged.
    DropPlan,
    /// Opens the review.
    Review,
    /// Opens the collisions.
    Collisions,
    /// Opens the rollback sheet for the generation that was live before.
    GoBack,
    /// Opens the rollback sheet for the previous number, in History for the row.
    RollBack,
    /// Opens the outputs of the element's package.
    Outputs,
    /// Opens where the element comes from, and what it could follow.
    Source,
    /// Opens the menu of what can be copied.
    Copy,
    /// Opens the homepage of the element.
    OpenHomepage,
    /// Opens the list of all actions.
    Palette,
    /// Orders rows by name.
    SortByName,
    /// Orders rows by priority.
    SortByPriority,
    /// Orders rows by source.
    SortBySource,
    /// Orders rows by the revision of their source.
    SortByRevision,
    /// Shows all rows.
    ShowAll,
    /// Shows rows for which something newer was found.
    ShowOutdated,
    /// Shows rows that are held.
    ShowHeld,
    /// Shows rows with something staged.
    ShowStaged,
    /// Shows rows that collide.
    ShowColliding,
    /// Opens the command log.
    Log,
    /// Goes to the next command of the log.
    NextCommand,
    /// Goes to the previous command of the log.
    PreviousCommand,
    /// Takes the entry of a menu whose digit was pressed.
    Choose,
    /// Reads the profile again.
    Reload,
    /// Opens the help.
    Help,
    /// Closes a screen, clears a filter, clears marks.
    Close,
    /// Closes a screen; on the main screen quits.
    Quit,
    /// Stops the running job; without one as `Quit`.
    Interrupt,
    /// Gives the terminal back to the shell for a while.
    Suspend,
    /// Takes the mouse, or leaves it to the terminal.
    Mouse,
    /// Draws everything again.
    Redraw,
    /// Asks what to add.
    Add,
    /// Stages removals.
    Remove,
    /// Stages upgrades, and asks what is newer.
    Upgrade,
    /// The same for all that can move.
    UpgradeAll,
    /// Fetches or builds what is staged, now.
    Realise,
    /// Holds elements back from upgrades, or lets them go.
    Hold,
    /// Opens the priority field.
    Priority,
    /// Stages switching on or off.
    SwitchActive,
    /// Asks for an entry of the user's registry.
    AddEntry,
    /// Asks for another target of an entry.
    EditEntry,
    /// Stages that entries go, or give back what they replaced.
    RemoveEntry,
    /// Stages that names are pinned to what they mean today.
    Pin,
    /// Has the global registry fetched again.
    FetchRegistry,
    /// Asks for a reference and shows where it leads.
    Trace,
    /// Shows the difference of two generations.
    Compare,
    /// Compares everything that two generations need.
    CompareClosures,
    /// Opens the sheet that deletes generations.
    Delete,
    /// Asks how many of the last generations stay, then as `Delete`.
    DeleteButLast,
    /// Asks how old the generations are that go, then as `Delete`.
    DeleteOlder,
    /// Keeps generations from being deleted, or lets them go.
    Keep,
    /// Asks for the label of a generation.
    Label,
    /// Asks whether to make a damaged live generation anew.
    Rebuild,
    /// Stages that a profile of nix-env becomes one of `nix profile`.
    Convert,
    /// Sets nix-env's flag `keep` of packages, or takes it away.
    SetKeep,
    /// Asks for the file that packages of nix-env are upgraded from.
    UpgradeFrom,
    /// Opens the chooser of profiles.
    Profiles,
    /// Asks whether to collect garbage.
    CollectGarbage,
    /// Looks for everything that is wrong with the profile.
    Doctor,
    /// Finds out what only the marked generations, else all, keep alive.
    MeasureHistory,
    /// Unfolds or folds the folder under the cursor.
    ToggleFold,
    /// Unfolds the folder under the cursor.
    Unfold,
    /// Folds it, else goes to its parent, else back to the list.
    Fold,
    /// Shows or hides unchanged links.
    ShowUnchanged,
    /// Scrolls to the next claimant.
    NextClaimant,
    /// Scrolls to the previous claimant.
    PreviousClaimant,
    /// Highlights the next way out.
    NextWay,
    /// Highlights the previous way out.
    PreviousWay,
    /// Highlights the way out whose digit was pressed.
    ChooseWay,
    /// Stages the highlighted way out and goes to the next group.
    StageWay,
    /// Shows the group's next file.
    NextFile,
    /// Shows the group's previous file.
    PreviousFile,
    /// Answers yes.
    Yes,
    /// Answers no.
    No,
    /// Answers yes for this run only.
    Once,
    /// Asks for options of Nix for this run.
    OptionsForRun,
    /// Asks for options of Nix to be remembered for elements.
    OptionsForElement,
    /// Writes the plan into a file.
    SavePlan,
    /// Takes over what was typed.
    Accept,
    /// Finds out what adding the package under the cursor would lead to.
    TryAddition,
    /// Lists the packages of the flake anew.
    ListAnew,
}
