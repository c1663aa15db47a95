//! Every state has a face: what is shown when there is no list of elements, while work
//! runs, without colours, without Unicode, and when names are hostile.

use std::sync::Arc;

use firn::core::manifest::ProfileElement;
use firn::ops::load_profile::LoadedProfile;
use firn::system::machine::{Building, Fetching, ProgressEvent, Step, StoreError};
use firn::system::profile_folder::ProfileState;
use firn::tui::model::Toast;
use firn::tui::msg::{CommandReport, Msg};
use firn::tui::theme::Theme;

use crate::session::Session;
use crate::{frame, with_fltk, world};

#[test]
fn nothing_to_list() {
    frame!("loading_80x24", Session::starting(80, 24));
    let mut failed = Session::starting(80, 24);
    let words =
        "/home/ada/.local/state/nix/profiles/profile/manifest.json: it is not valid JSON: EOF at line 1";
    failed.send(Msg::ProfileLoaded(Err(words.to_owned())));
    frame!("failed_80x24", failed);
    for (name, state) in [
        ("no_profile_80x24", ProfileState::Missing),
        ("leads_nowhere_yet_80x24", ProfileState::Dangling),
        ("without_manifest_80x24", ProfileState::WithoutManifest),
        ("nix_env_80x24", ProfileState::NixEnvironment),
        ("empty_80x24", ProfileState::Present),
    ] {
        frame!(name, Session::on(80, 24, world::empty(state)));
    }
    let mut dangling = world::empty(ProfileState::Dangling);
    dangling.generations = world::profile().generations;
    frame!("dangling_80x24", Session::on(80, 24, dangling));
    frame!("no_profile_120x36", Session::on(120, 36, world::empty(ProfileState::Missing)));
    frame!("nothing_matches_80x24", Session::new(80, 24).keys("/").types("xyz"));
    frame!("nothing_staged_80x24", Session::new(80, 24).keys("f"));
}

/// What is live cannot be read: nothing can be staged, the way back is there.
fn damaged(width: u16, height: u16) -> Session {
    let mut profile = world::profile();
    let words =
        "/home/ada/.local/state/nix/profiles/profile/manifest.json: it is not valid JSON: EOF at line 1";
    profile.damaged = Some(words.to_owned());
    if let Some(live) = profile.generations.last_mut() {
        live.manifest = Err(words.to_owned());
    }
    let mut base = (*profile.base).clone();
    base.manifest.elements.clear();
    profile.base = Arc::new(base);
    Session::on(width, height, profile)
}

#[test]
fn the_live_generation_is_damaged() {
    frame!("damaged_120x36", damaged(120, 36));
    frame!("damaged_80x24", damaged(80, 24).keys("j"));
    frame!("damaged_rollback_120x36", damaged(120, 36).keys("3 j j r"));
    frame!("damaged_stage_60x20", damaged(60, 20).keys("d"));
}

fn without_nix(profile: LoadedProfile, (width, height): (u16, u16)) -> Session {
    let mut session = Session::starting(width, height);
    let missing = StoreError::NoProgram {
        program: "nix".to_owned(),
        reason: "No such file or directory (os error 2)".to_owned(),
    };
    session.send(Msg::StoreNamed(Err(missing)));
    session.send(Msg::ProfileLoaded(Ok(Box::new(profile))));
    session
}

#[test]
fn nix_is_not_there() {
    frame!("no_nix_80x24", without_nix(world::empty(ProfileState::Missing), (80, 24)));
    frame!("no_nix_200x60", without_nix(world::empty(ProfileState::Missing), (200, 60)));
    frame!("no_nix_with_a_profile_120x36", without_nix(world::profile(), (120, 36)).keys("j j d w"));
}

#[test]
fn the_profile_s_folder_is_not_writable() {
    let mut profile = world::profile();
    profile.writable = false;
    frame!("not_writable_120x36", Session::on(120, 36, profile.clone()).keys("j d w y"));
    frame!("not_writable_60x20", Session::on(60, 20, profile).keys("3 j r"));
}

#[test]
fn work_runs() {
    let mut session = with_fltk(120, 36).keys("c <enter> <esc> w y");
    session.model.now += 3;
    session.send(Msg::Progressed(ProgressEvent::Step(Step::Realise)));
    let fetching = |bytes, paths, names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        ProgressEvent::Fetching(Fetching { bytes, of_bytes: 6_400_000, paths, of_paths: 3, names })
    };
    session.send(Msg::Progressed(fetching(1, 0, &["bat-0.25.0"])));
    session.model.now += 2;
    session.send(Msg::Progressed(fetching(4_200_000, 1, &["bat-0.25.0", "ripgrep-14.1.1"])));
    session.send(Msg::Progressed(ProgressEvent::Log("copying path '/nix/store/8s1k…-ripgrep'".to_owned())));
    frame!("applying_120x36", session);
    session.model.size = (80, 24);
    frame!("applying_80x24", session);
    session.send(Msg::Progressed(fetching(6_400_000, 3, &[])));
    let names = ["jq-1.8", "difftastic-0.58.0"].map(str::to_owned).to_vec();
    session.send(Msg::Progressed(ProgressEvent::Building(Building { done: 1, of: 4, failed: 1, names })));
    session.send(Msg::Progressed(ProgressEvent::Log("jq-1.8> checking for gcc... gcc".to_owned())));
    frame!("building_80x24", session);
    session.model.size = (120, 36);
    frame!("building_120x36", session);
}

/// A session that has run two commands and runs a third.
fn with_commands(width: u16, height: u16) -> Session {
    let mut session = with_fltk(width, height);
    let mut report = |number, report| session.send(Msg::CommandReported(number, report));
    let printed = |text: &str| CommandReport::Printed(text.to_owned());
    report(1, CommandReport::Started("nix profile add --profile /tmp/scratch 'nixpkgs#fltk'".to_owned()));
    report(1, printed("evaluating"));
    report(1, CommandReport::Ended { failure: None, milliseconds: 2_140 });
    report(2, CommandReport::Started("nix build --no-link /nix/store/abc".to_owned()));
    report(2, printed("hello> \u{1b}[2Jcompiling \u{202e} 日本語"));
    report(
        2,
        printed(
            "error: builder for '/nix/store/i270m2h1x1mzqnkc1smn1mksy6mqkd8b-hello-2.12.3.drv' failed with exit code 2; last 10 lines are above, and this line goes on for longer than any terminal is wide",
        ),
    );
    report(2, CommandReport::Ended { failure: Some("exit status: 1".to_owned()), milliseconds: 83_000 });
    report(3, CommandReport::Started("nix copy --from file:///tmp/x /nix/store/def".to_owned()));
    session.model.now += 4;
    session.keys("@")
}

#[test]
fn the_command_log() {
    frame!("log_120x36", with_commands(120, 36).keys("k"));
    frame!("log_80x24", with_commands(80, 24).keys("/ e r r <enter>"));
    frame!("log_60x20", with_commands(60, 20));
    let mut ascii = with_commands(80, 24);
    ascii.model.ascii = true;
    frame!("ascii_log_80x24", ascii);
    frame!("log_empty_80x24", Session::new(80, 24).keys("@"));
}

#[test]
fn errors_are_said() {
    let mut session = with_fltk(80, 24);
    session.model.toast = Some(Toast {
        text: "nix build failed: no space left on device".to_owned(),
        error: true,
        waiting: None,
    });
    frame!("error_80x24", session);
    frame!("refused_120x36", Session::new(120, 36).keys("i").types("nixpkgs#nonsense").keys("<enter> w"));
    let mut session = with_fltk(80, 24);
    session.model.read_only = true;
    frame!("read_only_80x24", session);
}

#[test]
fn without_colours_and_without_unicode() {
    let mut session = with_fltk(120, 36);
    session.model.theme = Arc::new(Theme::named("plain").unwrap());
    frame!("plain_120x36", session);
    let mut session = with_fltk(120, 36);
    session.model.ascii = true;
    frame!("ascii_120x36", session);
    let mut session = session.keys("c");
    session.model.ascii = true;
    frame!("ascii_collisions_120x36", session);
    for cell in session.buffer().content {
        assert!(cell.symbol().is_ascii(), "{:?}", cell.symbol());
    }
}

#[test]
fn hostile_and_wide_names_stay_in_their_columns() {
    let mut profile = world::profile();
    let mut base = (*profile.base).clone();
    for name in
        ["\u{1b}[31mred\u{7}", "日本語のとても長い名前のツール", "a\u{202e}b", "e\u{301}galite\u{301}"]
    {
        let element = base.manifest.elements.get("jq").unwrap();
        base.manifest.elements.insert(name.to_owned(), ProfileElement { priority: 9, ..element.clone() });
    }
    profile.base = Arc::new(base);
    let session = Session::on(80, 24, profile).keys("s G");
    frame!("hostile_80x24", session);
    for cell in session.buffer().content {
        assert!(!cell.symbol().chars().any(char::is_control));
    }
}

/// A screen that was opened at one size looks at another as if it had been opened there, and what
/// was scrolled to the end does not stay out of sight.
#[test]
fn screens_survive_another_size() {
    for (small, large) in [((60, 20), (120, 36)), ((50, 12), (200, 60)), ((80, 24), (90, 50))] {
        for (before, after) in [
            ("c", "c"),
            ("w", "w"),
            ("@", "@"),
            ("c <enter> w", "c <enter> w"),
            ("c <enter> w G", "c <enter> w"),
            ("Y", "Y"),
            ("Y j", "Y j"),
            ("w Y", "w Y"),
            (":", ":"),
            (": u p", ": u p"),
            ("?", "?"),
            ("q", "q"),
            ("X", "X"),
            ("p", "p"),
            ("i x", "i x"),
            ("/ j", "/ j"),
            ("3 j r", "3 j r"),
            ("3 j j j r J J J", "3 j j j r J J J"),
            ("2", "2"),
            ("0 / f", "0 / f"),
        ] {
            let opened = with_fltk(large.0, large.1).keys(after);
            let mut session = with_fltk(small.0, small.1).keys(before);
            session.send(Msg::Resized(large.0, large.1));
            assert_eq!(session.frame(), opened.frame(), "{before} {small:?} {large:?}");
        }
    }
}

/// Drawing must not fail whatever the size, nor write outside the frame (ratatui would panic).
#[test]
fn every_size_can_be_drawn() {
    let screens = [
        "", "2", "2 j 0", "c", "c j j j", "w", "?", "p", "i", "3 j r", "0", "]", "] ]", "q", "/", "Y", "w Y",
        "@", ":",
    ];
    for keys in screens {
        let mut session = with_fltk(120, 36).keys(keys);
        for width in (1..170).step_by(7) {
            for height in [1, 2, 3, 5, 11, 12, 13, 17, 23, 24, 29, 30, 46, 60] {
                session.send(Msg::Resized(width, height));
                session.buffer();
            }
        }
    }
}

#[test]
fn a_long_error_is_told_whole_and_hides_neither_plan_nor_keys() {
    let long = "nix build failed: error: builder for '/nix/store/i270m2h1x1mzqnkc1smn1mksy6mqkd8b-hello-2.12.3.drv' \
                failed with exit code 2; free some space on the disk of /nix, then press w and y again";
    for (width, height) in [(120, 36), (80, 24), (60, 20)] {
        let mut session = with_fltk(width, height);
        session.model.toast = Some(Toast { text: long.to_owned(), error: true, waiting: None });
        frame!(format!("long_error_{width}x{height}"), session);
        let mut review = with_fltk(width, height).keys("c <enter> w");
        review.model.toast = Some(Toast { text: long.repeat(9), error: true, waiting: None });
        let frame = review.frame();
        assert!(frame.contains(" error ") && frame.contains("shows all of it"), "{frame}");
    }
    let mut session = with_fltk(80, 24);
    session.model.toast =
        Some(Toast { text: "No space left on device".to_owned(), error: true, waiting: None });
    frame!("short_error_with_plan_80x24", session);
    let mut session = Session::new(60, 20);
    session.model.toast = Some(Toast { text: long[..70].to_owned(), error: false, waiting: None });
    frame!("long_toast_60x20", session);
}
