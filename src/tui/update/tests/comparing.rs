use super::*;
use crate::core::comparison::{Comparison, LinkedPrograms};
use crate::core::plan::Plan;
use crate::tui::model::Pane;

fn compared(bench: &mut Bench) -> Option<(String, String)> {
    let position = bench.background.iter().position(|effect| matches!(effect, Effect::Compare { .. }))?;
    let Effect::Compare { compared, before, after, known } = bench.background.remove(position) else {
        return None;
    };
    let plan = Plan::between(&before, &after, &bench.world.facts, None);
    let comparison = Comparison::new(Arc::new(plan), &LinkedPrograms::default(), &[]);
    bench.tell(Msg::Compared(compared.clone(), Ok(Box::new((Arc::new(comparison), *known)))));
    Some(compared)
}

/// The live generation's manifest is the world's, the others are empty.
fn bench() -> Bench {
    let mut bench = Bench::on(world());
    let mut profile = bench.profile(42);
    profile.generations[2].manifest = Ok(Arc::new(bench.world.base.manifest.clone()));
    bench.tell(Msg::ProfileLoaded(Ok(Box::new(profile))));
    bench.learn();
    bench.background.clear();
    bench
}

#[test]
fn trees_are_compared_once_when_their_difference_is_shown() {
    let mut bench = bench();
    bench.keys("3 j");
    assert_eq!(compared(&mut bench), Some(("/nix/store/42".to_owned(), "/nix/store/41".to_owned())));
    assert_eq!(compared(&mut bench), None);
    bench.keys("j k j");
    assert_eq!(compared(&mut bench).map(|(_, to)| to), Some("/nix/store/40".to_owned()));
    bench.keys("k g j");
    assert_eq!(compared(&mut bench), None, "it is known");
    bench.keys("R");
    bench.load(42);
    assert!(compared(&mut bench).is_some(), "what failed may work now");
    bench.keys("G ]");
    bench.background.clear();
    bench.keys("k");
    assert_eq!(compared(&mut bench), None, "Info shows no difference");
}

#[test]
fn a_rollback_s_sheet_waits_for_nothing() {
    let mut bench = bench();
    bench.keys("- y");
    assert_eq!(bench.ordered(), [Effect::RollBack(40)]);
    let Some(Effect::Compare { compared, .. }) = bench.background.pop() else { panic!() };
    bench.tell(Msg::Compared(compared.clone(), Err("cannot read".to_owned())));
    assert!(bench.model.history.comparisons.of(&compared).is_some_and(Result::is_err));
}

#[test]
fn closures_are_asked_for_in_the_preview_that_offers_it() {
    let mut bench = bench();
    bench.keys("0 D");
    assert!(bench.toast().starts_with("The preview compares no two generations"), "{}", bench.toast());
    bench.keys("3 j 0");
    assert_eq!((bench.model.focus, bench.model.list), (Pane::Preview, Pane::History));
    bench.keys("D");
    let asked = |effect: &Effect| matches!(effect, Effect::CompareClosures { numbers: (42, 41), .. });
    assert!(bench.effects.iter().chain(&bench.background).any(asked), "{}", bench.toast());
}
