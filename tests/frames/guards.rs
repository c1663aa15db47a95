//! What firn asks twice about, and what it refuses: plans that take away what other things rest
//! on, the names that have to be typed then, and `--read-only`.

use std::sync::Arc;

use firn::core::manifest::ElementSource;

use crate::frame;
use crate::session::Session;
use crate::world;

/// The profile of the pictures with the certificates and home-manager's package in it.
pub fn with_essentials(width: u16, height: u16) -> Session {
    let mut profile = world::profile();
    let mut base = (*profile.base).clone();
    for (name, package) in [("nss-cacert", "nss-cacert-3.101"), ("home-manager-path", "home-manager-path")] {
        let mut element = base.manifest.elements["jq"].clone();
        element.store_paths = vec![world::store_path(package)];
        element.source = element.source.filter(|_| name == "nss-cacert").map(|source| ElementSource {
            attr_path: "legacyPackages.x86_64-linux.cacert".to_owned(),
            ..source
        });
        base.manifest.elements.insert(name.to_owned(), element);
    }
    if let Some(live) = profile.generations.last_mut() {
        live.manifest = Ok(Arc::new(base.manifest.clone()));
    }
    profile.base = Arc::new(base);
    Session::on(width, height, profile)
}

/// Stages the removal of the certificates and switching home-manager's package off.
const TAKE_AWAY: &str = "/ n s s <enter> d <esc> / h o m e <enter> t <esc> w";

#[test]
fn what_other_things_rest_on_is_named_before_it_goes() {
    frame!("essentials_review_120x36", with_essentials(120, 36).keys(TAKE_AWAY));
    frame!("essentials_review_60x20", with_essentials(60, 20).keys(TAKE_AWAY));
    frame!("essentials_typed_120x36", with_essentials(120, 36).keys(TAKE_AWAY).keys("y").types("nss-ca"));
    frame!("essentials_typed_80x24", with_essentials(80, 24).keys(TAKE_AWAY).keys("y"));
    let wrong = with_essentials(60, 20).keys(TAKE_AWAY).keys("y").types("nss").keys("<enter>");
    frame!("essentials_wrong_name_60x20", wrong);
    frame!("essentials_rollback_120x36", with_essentials(120, 36).keys("-"));
    frame!("essentials_rollback_80x24", with_essentials(80, 24).keys("-"));
}

fn read_only(width: u16, height: u16) -> Session {
    let mut session = Session::new(width, height);
    session.model.read_only = true;
    "playground".clone_into(&mut session.model.store_title);
    session
}

#[test]
fn read_only_shows_everything_and_changes_nothing() {
    frame!("read_only_demo_120x36", read_only(120, 36));
    frame!("read_only_registry_80x24", read_only(80, 24).keys("2 j"));
    frame!("read_only_review_80x24", read_only(80, 24).keys("d w y"));
    frame!("read_only_help_80x24", read_only(80, 24).keys("?").types("roll"));
    frame!("read_only_help_60x20", read_only(60, 20).keys("?").types("roll"));
    frame!("read_only_rollback_60x20", read_only(60, 20).keys("-"));
}
