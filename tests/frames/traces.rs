//! A reference traced hop by hop.

use std::sync::Arc;

use firn::tui::theme::Theme;

use crate::frame;
use crate::registries::{kept_global, user, with};
use crate::session::Session;

/// Two entries for nixpkgs, one of them exact, and a circle.
const TWO: &str = r#"{"version": 2, "flakes": [
  {"from": {"type": "indirect", "id": "nixpkgs"}, "exact": true,
   "to": {"type": "indirect", "id": "mine"}},
  {"from": {"type": "indirect", "id": "mine"}, "to": {"type": "git", "url": "file:///home/ada/src/mine"}},
  {"from": {"type": "indirect", "id": "a"}, "to": {"type": "indirect", "id": "b"}},
  {"from": {"type": "indirect", "id": "b"}, "to": {"type": "indirect", "id": "a"}},
  {"from": {"type": "indirect", "id": "here"}, "to": {"type": "path", "path": "/home/ada/here"}}]}"#;

fn two(size: (u16, u16)) -> Session {
    with(size, vec![user(TWO), kept_global()]).keys("2 t")
}

#[test]
fn an_exact_entry_parts_the_ways() {
    frame!("trace_exact_120x36", two((120, 36)));
    frame!("trace_branch_120x36", two((120, 36)).types("/some-branch"));
    frame!("trace_branch_80x24", two((80, 24)).types("/some-branch"));
    frame!("trace_branch_60x20", two((60, 20)).types("/some-branch"));
    frame!("trace_200x60", two((200, 60)).keys("<down> <down>"));
}

#[test]
fn every_end_has_its_words() {
    let clear = |session: Session| session.keys("<ctrl-u>");
    frame!("trace_circle_120x36", clear(two((120, 36))).types("a"));
    frame!("trace_unknown_80x24", clear(two((80, 24))).types("nothing-like-that"));
    frame!("trace_unfit_80x24", clear(two((80, 24))).types("here/branch"));
    frame!("trace_direct_80x24", clear(two((80, 24))).types("github:NixOS/nixpkgs/nixos-26.05"));
    frame!("trace_empty_80x24", clear(two((80, 24))));
    frame!("trace_unreadable_60x20", clear(two((60, 20))).types("./here"));
    let mut session = two((80, 24)).types("/some-branch");
    session.model.theme = Arc::new(Theme::named("plain").unwrap());
    session.model.ascii = true;
    frame!("trace_ascii_80x24", session);
}
