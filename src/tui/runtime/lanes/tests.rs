//! Orders that come while a lane works. The store answers only when a test lets it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use super::*;
use crate::core::installable::{Installable, ResolvedInstallable};
use crate::core::store_path::{StoreDir, StorePath};
use crate::system::machine::{ProfileObject, Store, StoreError, SystemClock, Watch};
use crate::system::own_folders::OwnFolders;
use crate::system::profile_folder::ProfileLock;

/// Each look-up waits for a word of the test; what is looked up is written down.
struct SlowStore {
    dir: StoreDir,
    asked: Sender<(Vec<String>, Cancel)>,
    go: Mutex<Receiver<()>>,
}

impl Store for SlowStore {
    fn store_dir(&self) -> &StoreDir {
        &self.dir
    }

    fn default_profile(&self) -> Result<PathBuf, StoreError> {
        Err(StoreError::Unsupported(String::new()))
    }

    fn resolve(
        &self,
        installables: &[Installable],
        watch: &Watch<'_>,
    ) -> Result<Vec<Result<ResolvedInstallable, StoreError>>, StoreError> {
        let names: Vec<String> = installables.iter().map(|installable| installable.text.clone()).collect();
        assert!(names != ["panic"], "no such luck");
        self.asked.send((names, watch.cancel.clone())).unwrap();
        self.go.lock().unwrap().recv().unwrap();
        if watch.cancel.is_requested() {
            return Err(StoreError::Cancelled);
        }
        let unknown = |installable: &Installable| Err(StoreError::Unsupported(installable.text.clone()));
        Ok(installables.iter().map(unknown).collect())
    }

    fn import_profile(&self, _: &ProfileObject<'_>, _: &Watch<'_>) -> Result<(), StoreError> {
        Err(StoreError::Unsupported(String::new()))
    }

    fn switch_profile(
        &self,
        _: &Path,
        _: &StorePath,
        _: &ProfileLock,
        _: &Watch<'_>,
    ) -> Result<(), StoreError> {
        Err(StoreError::Unsupported(String::new()))
    }

    fn nar_sizes(&self, _: &[StorePath], _: &Watch<'_>) -> Result<Vec<(StorePath, u64)>, StoreError> {
        Ok(Vec::new())
    }

    fn closure_size(&self, _: &[StorePath], _: &Watch<'_>) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    fn title(&self) -> String {
        String::new()
    }
}

struct Bench {
    lanes: Lanes,
    events: Receiver<Event>,
    asked: Receiver<(Vec<String>, Cancel)>,
    go: Sender<()>,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (answers, events) = channel();
        let (asking, asked) = channel();
        let (go, waiting) = channel();
        let store = SlowStore { dir: StoreDir::new("/s"), asked: asking, go: Mutex::new(waiting) };
        let context = Context {
            store: Arc::new(store),
            profile: folder.path().join("profile"),
            folders: OwnFolders {
                state: folder.path().join("state"),
                data: folder.path().join("data"),
                config: folder.path().join("config"),
            },
            clock: Arc::new(SystemClock),
            read_only: false,
        };
        Self { lanes: Lanes::new(context, answers), events, asked, go, _folder: folder }
    }

    fn learn(&mut self, names: &[&str]) {
        let needs = Needs {
            installables: names.iter().copied().map(Installable::flake).collect(),
            ..Needs::default()
        };
        self.lanes.perform(Effect::LearnFacts(needs));
    }

    /// What the store is asked for next.
    fn asked(&self) -> (Vec<String>, Cancel) {
        self.asked.recv().unwrap()
    }

    /// The next answer of a lane; `None` if nobody wants it.
    fn answer(&mut self) -> Option<Msg> {
        loop {
            if let Event::Done(lane, msg) = self.events.recv().unwrap() {
                return self.lanes.done(lane, msg.map(|msg| *msg));
            }
        }
    }
}

fn refused(answer: Option<Msg>) -> Vec<String> {
    let Some(Msg::FactsLearnt(Ok(facts))) = answer else { panic!("not learnt but {answer:?}") };
    facts.refused.keys().map(|installable| installable.text.clone()).collect()
}

#[test]
fn what_is_being_learnt_goes_on_if_it_is_still_wanted() {
    let mut bench = Bench::new();
    bench.learn(&["a"]);
    let (names, cancel) = bench.asked();
    bench.learn(&["a", "b"]);
    bench.learn(&["a", "c"]);
    assert!((names, cancel.is_requested()) == (vec!["a".to_owned()], false));
    bench.go.send(()).unwrap();
    assert_eq!(refused(bench.answer()), ["a"]);
    assert_eq!(bench.asked().0, ["c"], "the newest order, without what is known");
    bench.go.send(()).unwrap();
    assert_eq!(refused(bench.answer()), ["c"]);
    assert!(!bench.lanes.is_busy());
}

#[test]
fn what_nobody_wants_is_stopped_and_its_answer_dropped() {
    let mut bench = Bench::new();
    bench.learn(&["a"]);
    let (_, cancel) = bench.asked();
    bench.learn(&[]);
    assert!(cancel.is_requested());
    bench.learn(&["b"]);
    bench.go.send(()).unwrap();
    assert!(bench.answer().is_none());
    assert_eq!(bench.asked().0, ["b"]);
    bench.go.send(()).unwrap();
    assert_eq!(refused(bench.answer()), ["b"]);
}

#[test]
fn a_cancelled_look_up_is_told() {
    let mut bench = Bench::new();
    bench.learn(&["a"]);
    bench.asked();
    bench.lanes.perform(Effect::Cancel);
    bench.go.send(()).unwrap();
    assert!(matches!(bench.answer(), Some(Msg::FactsLearnt(Err(words))) if words == "cancelled"));
}

#[test]
fn a_panic_is_an_answer() {
    let mut bench = Bench::new();
    bench.learn(&["panic"]);
    let Some(Msg::FactsLearnt(Err(words))) = bench.answer() else { panic!("no answer") };
    assert!(words.starts_with("this is a fault in firn") && words.contains("no such luck"), "{words}");
    assert!(!bench.lanes.is_busy());
}

#[test]
fn reading_again_while_reading_gives_one_answer() {
    let mut bench = Bench::new();
    bench.lanes.perform(Effect::LoadProfile);
    bench.lanes.perform(Effect::LoadProfile);
    bench.lanes.perform(Effect::LoadProfile);
    assert!(bench.answer().is_none(), "the older answer");
    assert!(matches!(bench.answer(), Some(Msg::ProfileLoaded(Ok(_)))));
    assert!(!bench.lanes.is_busy());
}

#[test]
fn reading_the_history_is_work_a_frame_waits_for() {
    let mut bench = Bench::new();
    bench.lanes.perform(Effect::LoadHistory(Vec::new()));
    assert!(bench.lanes.is_busy());
    assert!(matches!(bench.answer(), Some(Msg::HistoryLoaded(Ok(_)))));
    assert!(!bench.lanes.is_busy());
}

#[test]
fn plans_are_saved_where_their_path_says() {
    let mut bench = Bench::new();
    bench.lanes.perform(Effect::SavePlan("{}".to_owned()));
    let Some(Msg::PlanSaved(Ok(path))) = bench.answer() else { panic!("not saved") };
    assert_eq!(std::fs::read_to_string(path).unwrap(), "{}");
}
