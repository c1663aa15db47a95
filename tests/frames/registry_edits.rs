//! Edits of the user's registry while they are staged.

use std::sync::Arc;

use firn::core::registry::Registry;
use firn::system::registry_file::past::PastRegistry;
use firn::tui::msg::Msg;
use firn::tui::theme::Theme;

use crate::registries::{USER, kept_global, loaded, user};
use crate::session::Session;
use crate::{frame, world};

/// Two staged additions and a removal; nixpkgs was a folder before it was pinned.
fn edited(size: (u16, u16)) -> Session {
    let mut registries = loaded(vec![user(USER), kept_global()]);
    let past = USER.replace(
        r#""type": "github", "owner": "NixOS", "repo": "nixpkgs", "lastModified": 1779500000,
          "rev": "9f2c1de2222222222222222222222222222222bb""#,
        r#""type": "path", "path": "/home/ada/nixpkgs""#,
    );
    let past = PastRegistry { until: world::NOW - 5 * 86_400, registry: Registry::parse(past.as_bytes()) };
    registries.past = vec![past];
    let mut session = Session::new(size.0, size.1);
    session.send(Msg::RegistriesLoaded(Ok(Box::new(registries))));
    session.keys("2")
}

fn staged(size: (u16, u16)) -> Session {
    let session = edited(size).keys("j d i").types("work").keys("<enter>").types("github:ada/work");
    session.keys("<enter> G k k e").types("/unstable").keys("<enter>")
}

#[test]
fn what_is_staged_stands_in_the_rows() {
    frame!("registry_staged_120x36", staged((120, 36)));
    frame!("registry_staged_80x24", staged((80, 24)));
    frame!("registry_staged_60x20", staged((60, 20)));
    frame!("registry_staged_200x60", staged((200, 60)));
    frame!("registry_removed_120x36", edited((120, 36)).keys("j d"));
    frame!("registry_restored_120x36", edited((120, 36)).keys("d"));
    frame!("registry_pin_checking_120x36", edited((120, 36)).keys("G k k *"));
    frame!("registry_pinned_before_120x36", edited((120, 36)));
    let mut session = staged((80, 24));
    session.model.theme = Arc::new(Theme::named("plain").unwrap());
    session.model.ascii = true;
    frame!("registry_staged_ascii_80x24", session);
}

#[test]
fn the_fields_of_an_entry() {
    let add = |size| edited(size).keys("i").types("nixpkgs").keys("<tab>").types("github:ada/nixpkgs/mine");
    frame!("registry_add_120x36", add((120, 36)));
    frame!("registry_add_80x24", add((80, 24)));
    frame!("registry_add_60x20", add((60, 20)));
    frame!("registry_add_empty_80x24", edited((80, 24)).keys("i"));
    frame!("registry_add_circle_80x24", edited((80, 24)).keys("i").types("a").keys("<tab>").types("a"));
    frame!("registry_add_unreadable_60x20", edited((60, 20)).keys("i").types("a").keys("<tab>").types("a b"));
    frame!("registry_edit_80x24", edited((80, 24)).keys("j e"));
    frame!("registry_override_120x36", edited((120, 36)).keys("G e"));
    frame!("registry_override_question_80x24", edited((80, 24)).keys("G d"));
}
