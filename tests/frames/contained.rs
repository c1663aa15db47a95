//! `O` on an environment: the outputs of its packages.

use crate::frame;
use crate::session::Session;

/// The screen on the element that came from no flake.
fn opened(width: u16, height: u16) -> Session {
    Session::new(width, height).keys("/").types("backup").keys("<enter> O")
}

#[test]
fn outputs_of_packages_are_told_with_what_to_write() {
    for (width, height) in [(60, 20), (80, 24), (120, 36)] {
        frame!(format!("contained_{width}x{height}"), opened(width, height));
    }
    frame!("contained_there_80x24", opened(80, 24).keys("j"));
    frame!("contained_copy_120x36", opened(120, 36).keys("Y"));
    let mut ascii = opened(80, 24);
    ascii.model.ascii = true;
    frame!("contained_ascii_80x24", ascii);
}
