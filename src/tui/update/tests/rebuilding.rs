use super::*;
use crate::core::plan::Plan;
use crate::core::rebuilt_manifest::RebuiltManifest;
use crate::ops::apply_plan::Replace;
use crate::ops::rebuild_generation::Rebuild;

fn damaged() -> Bench {
    let mut bench = Bench::starting(world());
    let mut profile = bench.profile(42);
    profile.damaged = Some("no manifest".to_owned());
    bench.tell(Msg::ProfileLoaded(Ok(Box::new(profile))));
    bench.effects.clear();
    bench
}

#[test]
fn a_damaged_generation_is_made_anew_only_by_y() {
    let mut bench = damaged();
    bench.keys(": a n e w <enter>");
    assert!(matches!(&bench.ordered()[..], [Effect::PlanRebuild(_)]), "{}", bench.toast());
    let base = Arc::clone(&bench.world.base);
    let plan = Arc::new(Plan::between(&base, &base.manifest, &bench.world.facts, None));
    let rebuilt = RebuiltManifest { manifest: base.manifest.clone(), ..RebuiltManifest::default() };
    bench.tell(Msg::RebuildPlanned(Ok(Box::new(Rebuild { plan: Arc::clone(&plan), rebuilt }))));
    bench.keys("<enter>");
    assert!(bench.ordered().is_empty() && bench.overlay().is_some());
    bench.keys("y");
    assert_eq!(bench.ordered(), [Effect::Apply { plan, replace: Replace::Anything }]);
}

#[test]
fn what_cannot_be_made_anew_says_the_other_way() {
    let mut bench = damaged();
    bench.keys(": a n e w <enter>");
    bench.ordered();
    bench.tell(Msg::RebuildPlanned(Err("it is gone from the store".to_owned())));
    assert_eq!(bench.toast(), "it is gone from the store; - goes back to 40");
    let mut bench = Bench::on(world());
    bench.keys(": a n e w <enter>");
    assert_eq!(bench.toast(), "The live generation can be read; there is nothing to make anew.");
}
