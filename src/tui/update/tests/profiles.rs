use std::path::PathBuf;

use super::*;
use crate::core::profile_kind::ProfileKind;
use crate::ops::find_profiles::FoundProfile;
use crate::tui::model::ProfileLoad;

fn found(link: &str, is_open: bool) -> FoundProfile {
    FoundProfile {
        link: link.into(),
        kind: ProfileKind::NixProfile,
        names: Vec::new(),
        chain: Vec::new(),
        on_path: None,
        writable: true,
        changed: None,
        generations: 1,
        current: Some(1),
        is_default: false,
        is_open,
    }
}

fn choosing() -> Bench {
    let mut bench = Bench::on(world());
    bench.keys("P");
    assert_eq!(bench.ordered(), [Effect::FindProfiles]);
    bench.tell(Msg::ProfilesFound(vec![found("/a", false), found("/b", true), found("/c", false)]));
    bench
}

#[test]
fn another_profile_is_opened_and_the_first_forgotten() {
    let mut bench = choosing();
    bench.keys("<enter>");
    assert_eq!(bench.toast(), "This profile is the one that is open.");
    bench.keys("j <enter>");
    let opened = Effect::OpenProfile(PathBuf::from("/c"));
    assert!(
        matches!(&bench.ordered()[..], [first, Effect::LearnFacts(_), Effect::LoadProfile] if *first == opened)
    );
    assert!(matches!(bench.model.profile, ProfileLoad::Loading));
    assert!(bench.model.plan.is_none() && bench.overlay().is_none() && bench.model.installed.rows.is_empty());
    bench.load(42);
    assert_eq!(bench.state(), PlanState::Nothing, "what packages hold is known already");
}

#[test]
fn what_is_staged_is_asked_about_first() {
    let mut bench = choosing();
    bench.keys("<esc> d P");
    bench.ordered();
    bench.tell(Msg::ProfilesFound(vec![found("/a", false), found("/b", true)]));
    bench.keys("k <enter> n");
    assert!(bench.ordered().is_empty() && matches!(bench.overlay(), Some(Overlay::Profiles(_))));
    bench.keys("<enter> y");
    assert_eq!(bench.ordered().first(), Some(&Effect::OpenProfile(PathBuf::from("/a"))));
    assert!(bench.staged().is_empty());
}

#[test]
fn a_system_s_profile_is_only_looked_at_and_its_own_command_told() {
    let mut bench = Bench::on(world());
    bench.model.kind = ProfileKind::HomeManager;
    bench.model.commands.profile = "/p/home-manager".to_owned();
    bench.keys("d");
    assert!(
        bench.toast().starts_with("home-manager made this profile; 'home-manager switch'"),
        "{}",
        bench.toast()
    );
    bench.keys("-");
    assert!(bench.toast().contains("own tool: /p/home-manager-40-link/activate"), "{}", bench.toast());
    assert!(bench.overlay().is_none() && bench.ordered().is_empty());
}
