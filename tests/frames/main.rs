//! Frames as the user sees them: text and styles, driven by keys, at several sizes.
//!
//! Each snapshot is the text of a frame, a letter for the style of every cell, and what
//! the letters mean. `cargo insta review` shows what changed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code, also outside of test functions"
)]

mod configured;
mod contained;
mod doctor;
mod guards;
mod mouse;
mod picker;
mod registries;
mod registry_edits;
mod session;
mod sources;
mod states;
mod traces;
mod upgrades;
mod world;

use firn::core::generation_fault::GenerationFault;
use firn::core::live_time::{LiveSpan, Until};
use firn::core::profile_kind::ProfileKind;
use firn::ops::on_path::OnPath;
use firn::tui::msg::Msg;
use session::Session;

/// Compares a frame with the one that was accepted.
macro_rules! frame {
    ($name:expr, $session:expr) => {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!($name, $session.frame());
        })
    };
}
pub(crate) use frame;

/// The design's example: fltk is added and collides with hello.
fn with_fltk(width: u16, height: u16) -> Session {
    Session::new(width, height).keys("i").types("nixpkgs#fltk").keys("<enter> j k")
}

#[test]
fn main_screen() {
    frame!("main_120x36", Session::new(120, 36).keys("j j"));
    frame!("main_80x24", Session::new(80, 24).keys("j j"));
    frame!("main_blocked_120x36", with_fltk(120, 36));
    frame!("main_blocked_80x24", with_fltk(80, 24));
    frame!("main_changes_120x36", Session::new(120, 36).keys("j d j j j p <up> <up> <enter> j t g"));
}

#[test]
fn other_layouts() {
    frame!("wide_200x50", with_fltk(200, 50));
    frame!("wide_difference_200x50", with_fltk(200, 50).keys("0 ]"));
    frame!("accordion_110x26", with_fltk(110, 26).keys("3"));
    frame!("portrait_90x50", with_fltk(90, 50));
    frame!("list_60x20", with_fltk(60, 20));
    frame!("list_preview_60x20", with_fltk(60, 20).keys("0"));
    frame!("smallest_50x12", with_fltk(50, 12));
    frame!("too_small_49x20", with_fltk(49, 20));
    frame!("zoomed_120x36", with_fltk(120, 36).keys("0 + j j"));
}

#[test]
fn preview() {
    frame!("tree_line_120x36", with_fltk(120, 36).keys("0 j j"));
    frame!("diff_120x36", with_fltk(120, 36).keys("]"));
    frame!("tree_search_80x24", with_fltk(80, 24).keys("0 /").types("fltk"));
}

#[test]
fn information() {
    frame!("info_120x36", Session::new(120, 36).keys("j j j j j j <enter>"));
    frame!("info_shadowed_120x36", Session::new(120, 36).keys("j j j j j j j j ] ]"));
    frame!("info_80x24", Session::new(80, 24).keys("j j j j j j <enter>"));
    frame!("info_60x20", Session::new(60, 20).keys("j j j j j j <enter>"));
    frame!("info_200x60", Session::new(200, 60).keys("j j j j j j"));
    frame!("info_staged_120x36", with_fltk(120, 36).keys("[ 1"));
    frame!("info_path_100x28", Session::new(100, 28).keys("<enter>"));
    frame!("info_generation_120x36", Session::new(120, 36).keys("3 j j ]"));
    frame!("info_damaged_generation_120x36", Session::new(120, 36).keys("3 j j j j j ]"));
    frame!("info_planned_generation_80x24", with_fltk(80, 24).keys("3 g ] 0"));
}

#[test]
fn collisions() {
    frame!("collisions_120x36", with_fltk(120, 36).keys("c ."));
    frame!("collisions_80x24", with_fltk(80, 24).keys("c"));
    frame!("collisions_60x20", with_fltk(60, 20).keys("c"));
    frame!("collisions_shadowed_120x36", with_fltk(120, 36).keys("c j n n"));
    frame!("collisions_latent_120x36", with_fltk(120, 36).keys("c G"));
}

#[test]
fn review() {
    frame!("review_120x36", with_fltk(120, 36).keys("c <enter> <esc> j d w"));
    frame!("review_80x24", with_fltk(80, 24).keys("c <enter> <esc> j d w"));
    frame!("review_60x20", with_fltk(60, 20).keys("c <enter> w"));
}

#[test]
fn history_and_rollback() {
    frame!("history_120x36", Session::new(120, 36).keys("3 j j"));
    frame!("history_80x24", Session::new(80, 24).keys("3 j j"));
    frame!("history_live_80x24", Session::new(80, 24).keys("j j j 3"));
    frame!("rollback_120x36", Session::new(120, 36).keys("3 j j r"));
    frame!("rollback_80x24", Session::new(80, 24).keys("3 j j r"));
    frame!("rollback_60x20", Session::new(60, 20).keys("3 j j r"));
    frame!("compare_120x36", Session::new(120, 36).keys("3 j <space> j <space> ="));
}

#[test]
fn history_zoomed() {
    let noted =
        |width, height| Session::new(width, height).keys("3 j * e").types("before 26.05").keys("<enter>");
    for (width, height) in [(60, 20), (80, 24), (120, 36), (200, 60)] {
        let size = format!("{width}x{height}");
        frame!(format!("history_zoomed_{size}"), noted(width, height).keys("+ m j j <space> <space>"));
        frame!(format!("delete_{size}"), noted(width, height).keys("+ k <space> j j j <space> <space> d"));
        frame!(format!("rollback_zoomed_{size}"), noted(width, height).keys("+ r"));
    }
    let mut session = noted(120, 36).keys("+ m j j <space> <space>");
    session.model.ascii = true;
    frame!("history_zoomed_ascii_120x36", session);
}

#[test]
fn closures_compared() {
    frame!("closures_120x36", Session::new(120, 36).keys("3 j j D 0"));
    frame!("closures_80x24", Session::new(80, 24).keys("3 j j D 0"));
}

#[test]
fn profiles() {
    let open = |width, height| {
        let mut session = Session::new(width, height);
        session.model.home = Some("/home/ada".into());
        session.keys("P")
    };
    frame!("profiles_120x36", open(120, 36));
    frame!("profiles_80x24", open(80, 24).keys("G"));
    frame!("profiles_60x20", open(60, 20).keys("j"));
    frame!("profiles_staged_80x24", with_fltk(80, 24).keys("P j <enter>"));
    let mut session = Session::new(80, 24);
    session.model.kind = ProfileKind::System;
    session.model.commands.profile = "/nix/var/nix/profiles/system".to_owned();
    frame!("system_profile_80x24", session.keys("3 j r"));
}

#[test]
fn odd_generations() {
    let mut profile = world::profile();
    for (index, faults) in [
        (1, vec![GenerationFault::Gap { first: 32, last: 35 }]),
        (2, vec![GenerationFault::TimeGoesBack { before: 31 }]),
        (3, vec![GenerationFault::OutsideStore("/home/ada/old".to_owned())]),
    ] {
        profile.generations[index].remarks.faults = faults;
    }
    profile.generations[2].remarks.live = vec![
        LiveSpan { since: Some(world::NOW - 90_000), until: Until::At(world::NOW - 80_000) },
        LiveSpan { since: Some(world::NOW - 70_000), until: Until::AtLatest(world::NOW - 50_000) },
    ];
    profile.generations[2].remarks.note.label = Some("works".to_owned());
    let odd = |width, height| Session::on(width, height, profile.clone()).keys("3 G k k");
    frame!("odd_generations_80x24", odd(80, 24).keys("+"));
    frame!("odd_generations_120x36", odd(120, 36).keys("+ ]"));
}

#[test]
fn programs_and_path() {
    let mut session = Session::new(120, 36).keys("0 j j");
    let found = OnPath {
        programs: "/home/ada/.nix-profile/bin".into(),
        entry: Some("/home/ada/.nix-profile/bin".into()),
        first: Some("/usr/bin/bat".into()),
        ours: false,
    };
    session.send(Msg::ProgramLookedUp(b"bat".to_vec(), found));
    frame!("on_path_120x36", session);
}

#[test]
fn history_fields() {
    frame!("label_80x24", Session::new(80, 24).keys("3 j e").types("works"));
    frame!(
        "older_than_60x20",
        Session::new(60, 20).keys("3 :").types("delete older").keys("<enter>").types("30")
    );
    frame!(
        "keep_newest_80x24",
        Session::new(80, 24).keys("3 :").types("but the last").keys("<enter> 3 <enter>")
    );
    frame!("question_garbage_80x24", Session::new(80, 24).keys(":").types("garbage").keys("<enter>"));
}

#[test]
fn popups() {
    frame!("help_120x36", Session::new(120, 36).keys("?"));
    frame!("help_filtered_80x24", Session::new(80, 24).keys("?").types("roll"));
    frame!("priority_120x36", Session::new(120, 36).keys("j j j j j j p <down>"));
    frame!("priority_60x20", Session::new(60, 20).keys("j j j j j j p <down>"));
    frame!("add_80x24", Session::new(80, 24).keys("i").types("nixpkgs#fl"));
    frame!("question_quit_80x24", with_fltk(80, 24).keys("q"));
    frame!("question_drop_120x36", with_fltk(120, 36).keys("X"));
    frame!("range_80x24", Session::new(80, 24).keys("j v j j"));
    frame!("palette_120x36", Session::new(120, 36).keys(":"));
    frame!("palette_found_80x24", Session::new(80, 24).keys(":").types("sort"));
    frame!("palette_60x20", Session::new(60, 20).keys(":").types("roll"));
    frame!("copy_120x36", Session::new(120, 36).keys("j j Y j"));
    frame!("copy_60x20", Session::new(60, 20).keys("j j Y j"));
    frame!("copy_plan_80x24", with_fltk(80, 24).keys("w Y"));
    frame!("filter_120x36", Session::new(120, 36).keys("/").types("j"));
}

#[test]
fn history_is_filtered_by_what_changed_and_when() {
    frame!("history_filter_120x36", Session::new(120, 36).keys("3 /").types("jujutsu"));
    frame!("history_filter_none_80x24", Session::new(80, 24).keys("3 /").types("nosuch").keys("<enter>"));
    let mut session = Session::new(60, 20).keys("d 3 / 2 <space> d <space> a g o");
    assert!(session.frame().contains("(5 hidden)"), "{}", session.frame());
    session = session.keys("<enter> <esc>");
    assert!(!session.frame().contains("hidden"));
}
