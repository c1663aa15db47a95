//! The doctor: asked from the palette, answered in a popup that waits for it.

use super::*;
use crate::core::diagnosis::{Finding, Problem};
use crate::tui::model::Notice;

fn notice(bench: &Bench) -> &Notice {
    match bench.overlay() {
        Some(Overlay::Notice(screen)) => &screen.notice,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_popup_waits_for_what_is_found() {
    let mut bench = Bench::on(world());
    bench.keys(": doctor <enter>");
    assert!(matches!(bench.ordered()[..], [Effect::Diagnose { .. }]));
    assert!(matches!(notice(&bench), Notice::Profile(None)));
    bench.tell(Msg::Diagnosed(Ok(vec![Finding::new(Problem::StaleLock, "a lock", "rm it")])));
    assert!(matches!(notice(&bench), Notice::Profile(Some(Ok(found))) if found.len() == 1));
    bench.keys("<enter>");
    assert!(bench.overlay().is_none());
    // Whoever closed it does not want to hear it any more.
    bench.keys(": doctor <enter> <esc>");
    bench.tell(Msg::Diagnosed(Ok(Vec::new())));
    assert!(bench.overlay().is_none());
}

#[test]
fn what_home_manager_will_not_take_is_known_with_the_plan() {
    let world = World::new()
        .installed("home-manager-path", 5, &["bin/vi"])
        .installed("vim-9", 6, &["bin/vi"])
        .installed("jq-1", 5, &["bin/jq"]);
    let mut bench = Bench::on(world);
    bench.learn();
    assert_eq!(bench.model.next_switch, None);
    // vim as strong as home-manager's package, which steps back.
    bench.keys("g p 6 <enter> G p 5 <enter>");
    bench.learn();
    assert_eq!(bench.staged().len(), 2, "{:?}", bench.staged());
    let trouble = bench.model.next_switch.as_ref().unwrap();
    assert_eq!(trouble.elements, ["vim"]);
}
