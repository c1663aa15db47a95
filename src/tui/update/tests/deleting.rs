use super::*;
use crate::core::generation_note::GenerationNote;
use crate::tui::model::{DeleteSheet, Freed, Noting, Spared};

fn sheet(bench: &Bench) -> &DeleteSheet {
    match bench.overlay() {
        Some(Overlay::Delete(sheet)) => sheet,
        other => panic!("no sheet but {other:?}"),
    }
}

fn noted(bench: &mut Bench) {
    let position = bench.effects.iter().position(|effect| matches!(effect, Effect::Note { .. })).unwrap();
    let Effect::Note { numbers, noting } = bench.effects.remove(position) else { return };
    let note = match &noting {
        Noting::Keep(kept) => GenerationNote { kept: *kept, label: None },
        Noting::Label(label) => {
            GenerationNote { kept: false, label: Some(label.clone()).filter(|label| !label.is_empty()) }
        }
    };
    let noted = numbers.iter().map(|number| (*number, note.clone())).collect();
    bench.tell(Msg::Noted(noting, Ok(noted)));
}

/// A count that is not right, and keys that say yes elsewhere, delete nothing.
#[test]
fn only_the_count_deletes() {
    let mut bench = Bench::on(world());
    bench.keys("3 j <space> <space> d");
    assert_eq!(sheet(&bench).numbers, [40, 41]);
    assert!(matches!(&bench.ordered()[..], [Effect::MeasureSpace { sets, .. }] if sets == &[vec![40, 41]]));
    bench.keys("y <enter> d <enter> <esc>");
    assert!(bench.overlay().is_none() && bench.ordered().is_empty());
    bench.keys("d 3 <enter>");
    assert_eq!(bench.toast(), "To delete 2 generations, type 2; esc goes back.");
    bench.ordered();
    bench.keys("<backspace> 2 <enter>");
    assert_eq!(bench.ordered(), [Effect::DeleteGenerations(vec![40, 41])]);
    bench.keys("<ctrl-c>");
    assert!(bench.toast().contains("cannot be stopped"), "{}", bench.toast());
    bench.tell(Msg::GenerationsDeleted(Ok(vec![40, 41])));
    assert!(bench.overlay().is_none() && bench.model.history.marks.is_empty());
    bench.load(42);
    assert!(bench.toast().starts_with("Deleted 2 generations. The space is free once"), "{}", bench.toast());
    assert!(bench.model.job.is_none());
}

#[test]
fn live_and_kept_ones_stay() {
    let mut bench = Bench::on(world());
    bench.keys("3 d");
    assert_eq!(bench.toast(), "42 is live and stays. Mark others, or move to one.");
    bench.keys("j *");
    noted(&mut bench);
    assert_eq!(bench.toast(), "41 is kept: no deletion takes it. * lets it go.");
    bench.keys("d");
    assert_eq!(bench.toast(), "41 is kept. * lets it go.");
    bench.keys("g <space> <space> <space> d");
    assert_eq!((&sheet(&bench).numbers[..], sheet(&bench).live), (&[40][..], Some(42)));
    assert_eq!(sheet(&bench).spared, [(41, Spared::Kept), (42, Spared::Live)]);
    bench.keys("<esc> <esc> k *");
    noted(&mut bench);
    assert_eq!(bench.toast(), "41 is not kept any more.");
}

#[test]
fn the_newest_and_the_young_stay_by_fields() {
    let mut bench = Bench::on(world());
    bench.model.now = 100 * 86_400;
    bench.keys("3 : a l l <space> b u t <enter> x <enter>");
    assert_eq!(bench.toast(), "Type how many stay, for example 5.");
    bench.keys("<backspace> 1 <enter>");
    assert_eq!(sheet(&bench).numbers, [40, 41]);
    bench.keys("<esc> : o l d e r <enter> 3 0 d <enter>");
    assert_eq!(sheet(&bench).numbers, [40, 41], "42 was live thirty days ago");
    bench.keys("<esc> : o l d e r <enter> 1 0 0 <enter>");
    assert_eq!(bench.toast(), "Nothing to delete: no generation is that old.");
}

#[test]
fn a_sheet_about_what_is_gone_is_not_answered() {
    let mut bench = Bench::on(world());
    bench.keys("3 G d");
    bench.tell(Msg::ProfileMoved);
    bench.load(40);
    bench.ordered();
    bench.keys("1 <enter>");
    assert_eq!(bench.toast(), "The profile has changed since you opened this. Press esc.");
    assert!(bench.ordered().is_empty());
}

#[test]
fn space_is_told_when_it_is_known() {
    let mut bench = Bench::on(world());
    bench.keys("3 G d");
    assert_eq!(sheet(&bench).frees, Freed::Checking);
    bench.tell(Msg::SpaceMeasured(vec![vec![40]], Ok((vec![(vec![40], 7)], None))));
    assert_eq!(sheet(&bench).frees, Freed::Bytes(7));
    assert_eq!(bench.model.history.only_here.get("/nix/store/40"), Some(&Freed::Bytes(7)));
    assert!(bench.model.job.is_none());
    bench.keys("<esc> m");
    let [.., Effect::MeasureSpace { sets, .. }] = &bench.ordered()[..] else { panic!() };
    assert_eq!(sets.len(), 3);
    bench.keys("m");
    assert_eq!(bench.toast(), "The store is being asked already; ctrl-c stops it.");
    bench.tell(Msg::SpaceMeasured(vec![vec![40], vec![41], vec![42]], Err("no daemon".to_owned())));
    assert_eq!(bench.toast(), "no daemon");
    assert_eq!(bench.model.history.only_here.get("/nix/store/41"), Some(&Freed::Unknown("no daemon".into())));
}

#[test]
fn labels_are_asked_for_and_found() {
    let mut bench = Bench::on(world());
    bench.keys("3 j e g o o d <enter>");
    assert_eq!(
        bench.effects.last(),
        Some(&Effect::Note { numbers: vec![41], noting: Noting::Label("good".to_owned()) })
    );
    noted(&mut bench);
    assert_eq!(bench.toast(), "41 is labelled.");
    bench.keys("g / g o o d");
    assert_eq!(bench.model.history_rows().len(), 1);
    bench.tell(Msg::NotesChecked(Some("generation-notes.json: no notes".to_owned())));
    bench.keys("<esc> *");
    assert!(bench.toast().starts_with("Nothing is noted, so that nothing is lost"), "{}", bench.toast());
}

#[test]
fn garbage_is_collected_only_when_asked() {
    let mut bench = Bench::on(world());
    bench.keys(": g a r b a g e <enter> <enter> n");
    assert!(bench.ordered().is_empty() && bench.overlay().is_none());
    bench.keys(": g a r b a g e <enter> y");
    assert_eq!(bench.ordered(), [Effect::CollectGarbage]);
    bench.keys("d");
    assert!(bench.toast().starts_with("Garbage is being collected"), "{}", bench.toast());
    let collected = crate::system::machine::Collected { paths: 3, freed: "2.9 MiB".to_owned() };
    bench.tell(Msg::GarbageCollected(Ok(collected)));
    assert_eq!(bench.toast(), "Garbage collected: 2.9 MiB freed, 3 store paths deleted.");
}

#[test]
fn a_label_that_was_not_there_is_not_taken_away() {
    let mut bench = Bench::on(world());
    bench.keys("3 j e <enter>");
    noted(&mut bench);
    assert_eq!(bench.toast(), "41 had no label; nothing changed.");
    bench.keys("e g <enter>");
    noted(&mut bench);
    bench.keys("e <backspace> <enter>");
    noted(&mut bench);
    assert_eq!(bench.toast(), "41 has no label any more.");
}

#[test]
fn the_space_and_how_to_get_it_are_told() {
    let mut bench = Bench::on(world());
    bench.keys("3 j d 1 <enter>");
    bench.tell(Msg::GenerationsDeleted(Ok(vec![41])));
    bench.load(42);
    let words =
        "Deleted generation 41. The space is free once garbage is collected; the palette (:) does it.";
    assert_eq!(bench.toast(), words);
}
