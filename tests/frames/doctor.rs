//! The doctor's popup, and what home-manager will do to a plan.

use firn::core::diagnosis::{Finding, Problem};
use firn::tui::model::{Notice, NoticeScreen, Overlay};

use crate::frame;
use crate::guards::with_essentials;
use crate::session::Session;

const SIZES: [(u16, u16); 3] = [(120, 36), (80, 24), (60, 20)];

#[test]
fn what_the_doctor_finds_stands_with_what_mends_it() {
    let found = [
        (
            Problem::NotOnPath,
            "~/.nix-profile/bin is not on PATH: programs that are installed are not found",
            "export PATH=~/.nix-profile/bin:\"$PATH\"",
        ),
        (
            Problem::StaleLock,
            "/nix/var/nix/profiles/profile.lock is not empty: nix waits on it for ever",
            "rm /nix/var/nix/profiles/profile.lock",
        ),
        (
            Problem::TwoVersions,
            "'hello' (2.10) and 'hello-1' (2.12) are versions of one package, 'hello'",
            "firn remove hello",
        ),
    ];
    let found: Vec<Finding> =
        found.into_iter().map(|(problem, message, mend)| Finding::new(problem, message, mend)).collect();
    for (width, height) in SIZES {
        let mut session = Session::new(width, height);
        let notice = Notice::Profile(Some(Ok(found.clone())));
        session.model.overlays.push(Overlay::Notice(NoticeScreen { notice, scroll: 0 }));
        frame!(format!("doctor_{width}x{height}"), session);
    }
    let mut session = Session::new(80, 24);
    let notice = Notice::Profile(None);
    session.model.overlays.push(Overlay::Notice(NoticeScreen { notice, scroll: 0 }));
    frame!("doctor_looks_80x24", session);
}

#[test]
fn what_home_manager_keeps_is_told_and_what_its_switch_takes_back() {
    for (width, height) in SIZES {
        let session = with_essentials(width, height);
        frame!(
            format!("home_manager_review_{width}x{height}"),
            session.keys("/ h o m e <enter> p 3 <enter> w")
        );
    }
    let session = with_essentials(120, 36);
    frame!("home_manager_info_120x36", session.keys("/ h o m e <enter> 0 ] ]"));
}
