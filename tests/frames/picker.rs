//! The picker: flakes, packages, what is told of them, and its states.

use std::sync::Arc;

use firn::system::machine::ListingProgress;
use firn::tui::model::{Listing, ListingState, Overlay};

use crate::frame;
use crate::session::Session;
use crate::world;

fn opened(width: u16, height: u16) -> Session {
    Session::new(width, height).keys("i <enter>")
}

#[test]
fn flakes_are_offered_first() {
    frame!("picker_flakes_120x36", Session::new(120, 36).keys("i <down>"));
    frame!("picker_typed_80x24", Session::new(80, 24).keys("i").types("github:o/r"));
    frame!("picker_nothing_60x20", Session::new(60, 20).keys("i").types("nosuch thing"));
}

#[test]
fn packages_are_found_as_one_types() {
    for (width, height) in [(60, 20), (80, 24), (120, 36), (200, 60)] {
        frame!(format!("picker_found_{width}x{height}"), opened(width, height).types("git"));
    }
    frame!("picker_tried_120x36", opened(120, 36).types("flt").keys("<ctrl-o>"));
    frame!("picker_marked_80x24", opened(80, 24).keys("<tab> <tab>"));
    frame!("picker_hostile_120x36", opened(120, 36).types("evil"));
}

#[test]
fn paths_are_completed_and_files_opened() {
    frame!("picker_paths_120x36", Session::new(120, 36).keys("i").types("~/work/"));
    frame!("picker_paths_60x20", Session::new(60, 20).keys("i").types("~/work/"));
    let attributes = Session::new(80, 24).keys("i").types("~/work/myproject_env.nix zlib^dev");
    frame!("picker_attributes_80x24", attributes);
    let file = Session::new(120, 36).keys("i").types("~/work/my").keys("<enter>");
    frame!("picker_file_120x36", file.keys("<up>"));
    frame!("picker_no_path_80x24", Session::new(80, 24).keys("i").types("./nothing"));
}

/// The picker while a flake is listed, or when that failed.
fn state(state: ListingState) -> Session {
    let mut session = opened(80, 24);
    if let Some(Listing { state: now, .. }) = &mut session.model.packages.listing {
        *now = state;
    }
    if let Some(Overlay::Picker(screen)) = session.model.overlays.last_mut() {
        screen.found = Arc::default();
    }
    session
}

#[test]
fn states_have_their_faces() {
    let progress = ListingProgress { done: 4000, of: 23_114, packages: 3871 };
    frame!("picker_locking_80x24", state(ListingState::Running(ListingProgress::default(), world::NOW - 2)));
    frame!("picker_listing_80x24", state(ListingState::Running(progress, world::NOW - 12)));
    let words = "'nixpkgs' does not evaluate: unable to download 'https://github.com/…'; look at the network";
    frame!("picker_failed_80x24", state(ListingState::Failed(words.to_owned())));
    frame!("picker_failing_row_80x24", opened(80, 24).types("wrong"));
    let mut ascii = opened(120, 36).types("git").keys("<tab>");
    ascii.model.ascii = true;
    frame!("picker_ascii_120x36", ascii);
}
