//! Finds out what packages of flakes are: each flake is locked once, and everything that is
//! asked of it is evaluated by one process, two flakes at a time. What was evaluated before of the
//! same contents is not evaluated again (`kept_answers`).
//!
//! What is evaluated is the flake at the lock that was just found, so that all answers are
//! about the same contents. A Git tree with changes has no lock; it is evaluated as it is.
//! The expression, `packages.nix`, catches what throws; the evaluator's words are then had by
//! asking that one question alone. What cannot be caught (`abort`, a missing attribute inside, a
//! type error) ends the whole process: then the questions are halved until each culprit is
//! alone. If not even the flake's outputs evaluate, nothing is halved.

use std::collections::{HashMap, VecDeque};
use std::ffi::OsString;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::NixStore;
use super::arguments;
use super::edited_registry;
use super::environment::NixEnvironment;
use super::ignored_settings::Listening;
use super::kept_answers::{Circumstances, KeptAnswers};
use super::locked::{self, Locked, Trouble, in_words};
use super::package_json::{self, Found, Told};
use super::run::{self, Patience};
use super::scratch::{self, ScratchFolder};
use crate::core::evaluation::{EvaluationFailure, FailureKind, Question, Search};
use crate::core::nix_options::NixOptions;
use crate::core::package_list::attribute_names;
use crate::system::machine::{Answer, Freshness, Heard, Store as _, StoreError, Watch};

mod file;

/// How many flakes are evaluated at a time.
const SIDE_BY_SIDE: usize = 2;

/// How many questions one process is asked: the words of a command have an end.
const QUESTIONS: usize = 400;

/// The questions about one flake under the same registries, with the same options.
struct Group {
    reference: String,
    registry: Option<Arc<str>>,
    freshness: Freshness,
    options: NixOptions,
    /// Their places in the list.
    indices: Vec<usize>,
}

impl NixStore {
    pub(super) fn evaluate_questions(
        &self,
        questions: &[Question],
        heard: &Heard<'_>,
        watch: &Watch<'_>,
    ) -> Result<Vec<Answer>, StoreError> {
        let version = self.usable()?.version.title();
        let parent = self.environment.temporary_folder();
        scratch::sweep(&parent);
        let evaluation = Evaluation {
            store: self,
            questions,
            heard,
            answers: Mutex::new(vec![None; questions.len()]),
            scratch: ScratchFolder::make(&parent, scratch::SCRATCH)?,
            stop: Mutex::new(None),
            system: self.system(),
            version,
        };
        let queue = Mutex::new(groups(questions));
        std::thread::scope(|scope| {
            for _ in 0..SIDE_BY_SIDE {
                scope.spawn(|| evaluation.work_off(&queue, watch));
            }
        });
        if let Some(error) = evaluation.stop.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let answers = evaluation.answers.into_inner().unwrap_or_else(PoisonError::into_inner);
        let unanswered = || Err(EvaluationFailure::of_words("the evaluator gave no answer"));
        Ok(answers.into_iter().map(|answer| answer.unwrap_or_else(unanswered)).collect())
    }
}

/// Questions by reference, in the order in which they were first asked. An upgrade wants what is
/// newest; an addition takes what Nix has fetched lately, unless an upgrade asks the same flake.
fn groups(questions: &[Question]) -> VecDeque<Group> {
    let mut groups: VecDeque<Group> = VecDeque::new();
    let mut places: HashMap<(&str, Option<&str>, &NixOptions), usize> = HashMap::new();
    for (index, question) in questions.iter().enumerate() {
        if !question.is_of_flake() {
            let Question { reference, registry, options, .. } = question.clone();
            let freshness = Freshness::AsNix;
            groups.push_back(Group { reference, registry, options, freshness, indices: vec![index] });
            continue;
        }
        // A name is the same flake with and without its scheme.
        let reference = question.reference.as_str();
        let name = reference.strip_prefix("flake:").unwrap_or(reference);
        let key = (name, question.registry.as_deref(), &question.options);
        let place = *places.entry(key).or_insert_with(|| {
            let Question { reference, registry, options, .. } = question.clone();
            let freshness = Freshness::AsNix;
            groups.push_back(Group { reference, registry, options, freshness, indices: Vec::new() });
            groups.len() - 1
        });
        groups[place].indices.push(index);
        if question.search == Search::Exactly {
            groups[place].freshness = Freshness::Anew;
        }
    }
    groups
}

struct Evaluation<'a> {
    store: &'a NixStore,
    questions: &'a [Question],
    heard: &'a Heard<'a>,
    answers: Mutex<Vec<Option<Answer>>>,
    /// For what processes leave behind when they are stopped.
    scratch: ScratchFolder,
    /// What ended everything.
    stop: Mutex<Option<StoreError>>,
    /// The platform that names are looked for.
    system: String,
    /// The nix that evaluates.
    version: String,
}

impl Evaluation<'_> {
    fn work_off(&self, queue: &Mutex<VecDeque<Group>>, watch: &Watch<'_>) {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(group) = next else { return };
            if let Err(error) = self.flake(&group, watch) {
                queue.lock().unwrap_or_else(PoisonError::into_inner).clear();
                self.stop.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                return;
            }
        }
    }

    /// Answers everything that is asked about one flake; an error is for when nothing can be asked.
    fn flake(&self, group: &Group, watch: &Watch<'_>) -> Result<(), StoreError> {
        if let [index] = *group.indices
            && !self.questions[index].is_of_flake()
        {
            return self.file(group, index, watch);
        }
        let locked = match self.lock(group, watch) {
            Ok(locked) => locked,
            Err(Trouble::Stop(error)) => return Err(error),
            Err(Trouble::Failed(failure)) => {
                self.fail(&group.indices, &failure);
                return Ok(());
            }
        };
        let mut kept = self.kept(&locked);
        let known = |index: &usize| kept.as_ref().and_then(|kept| kept.get(&self.candidates(*index)));
        let mut asked = Vec::with_capacity(group.indices.len());
        for index in &group.indices {
            match known(index) {
                Some(found) => self.answered(*index, &locked, found),
                None => asked.push(*index),
            }
        }
        let listening = Listening::new(watch.progress);
        let heard = Watch { progress: &listening, cancel: watch.cancel };
        let ended = asked.chunks(QUESTIONS).try_for_each(|indices| self.together(&locked, indices, &heard));
        let ignored = listening.tell(&group.reference);
        // What was found without the flake's own settings is asked again, so that they are told again.
        if let Some(kept) = kept.as_mut().filter(|_| ignored.is_empty()) {
            kept.add(locked.learnt.into_inner().unwrap_or_else(PoisonError::into_inner));
        }
        ended
    }

    fn kept(&self, locked: &Locked) -> Option<KeptAnswers> {
        let circumstances = Circumstances {
            environment: &self.store.environment,
            store_dir: &self.store.store_dir,
            version: &self.version,
            system: &self.system,
            options: &locked.options,
        };
        KeptAnswers::open(locked.fingerprint.as_deref()?, &circumstances)
    }

    fn lock(&self, group: &Group, watch: &Watch<'_>) -> Result<Locked, Trouble> {
        let reference = &group.reference;
        let environment = self.environment(group).map_err(Trouble::Stop)?;
        let options = [&self.store.options, group.options.words()].concat();
        let run = |words: &[OsString]| self.run(&environment, words, watch);
        locked::lock(reference, group.freshness, (environment.clone(), options), &run)
    }

    /// Asks many questions of one process, fewer if that fails.
    fn together(&self, locked: &Locked, indices: &[usize], watch: &Watch<'_>) -> Result<(), StoreError> {
        if let [index] = indices {
            return self.alone(locked, *index, watch);
        }
        match self.ask(locked, indices, Throws::AreCaught, watch) {
            Ok(answers) => {
                for (index, answer) in indices.iter().zip(answers) {
                    match answer {
                        Some(told) => self.told(*index, locked, told),
                        // It throws, and only alone it can say what.
                        None => self.alone(locked, *index, watch)?,
                    }
                }
                Ok(())
            }
            Err(Trouble::Stop(error)) => Err(error),
            Err(Trouble::Failed(_)) => match self.ask(locked, &[], Throws::AreCaught, watch) {
                Err(Trouble::Stop(error)) => Err(error),
                Err(Trouble::Failed(failure)) => {
                    let failure = EvaluationFailure::of_flake(&failure.message);
                    self.fail(indices, &failure);
                    Ok(())
                }
                Ok(_) => {
                    let (left, right) = indices.split_at(indices.len() / 2);
                    self.together(locked, left, watch)?;
                    self.together(locked, right, watch)
                }
            },
        }
    }

    fn alone(&self, locked: &Locked, index: usize, watch: &Watch<'_>) -> Result<(), StoreError> {
        match self.ask(locked, &[index], Throws::EndIt, watch) {
            Ok(answers) => {
                let unreadable = || {
                    let found = Found::NoPackage("something that cannot be read".to_owned());
                    (found, Value::Null)
                };
                let told = answers.into_iter().next().flatten().unwrap_or_else(unreadable);
                self.told(index, locked, told);
            }
            Err(Trouble::Stop(error)) => return Err(error),
            Err(Trouble::Failed(failure)) => self.fail(&[index], &failure),
        }
        Ok(())
    }

    /// One process. An answer is `None` if the question threw.
    fn ask(
        &self,
        locked: &Locked,
        indices: &[usize],
        throws: Throws,
        watch: &Watch<'_>,
    ) -> Result<Vec<Option<Told>>, Trouble> {
        let asked: Vec<Vec<String>> = indices.iter().map(|index| self.candidates(*index)).collect();
        let expression = package_json::expression(&asked, throws == Throws::AreCaught);
        let words = arguments::evaluate_outputs(&locked.target, &expression, &locked.options);
        let output = self.run(&locked.environment, &words, watch).map_err(|error| match in_words(error) {
            Ok(message) => Trouble::Failed(EvaluationFailure::of_words(&message)),
            Err(error) => Trouble::Stop(error),
        })?;
        package_json::answers(&output, &self.store.store_dir).map_err(|reason| {
            let reason = format!("nix printed something firn cannot read: {reason}");
            Trouble::Failed(EvaluationFailure::of_words(&reason))
        })
    }

    /// What processes find: a place for temporary files that goes with this evaluation, and the
    /// registries of the question.
    fn environment(&self, group: &Group) -> Result<NixEnvironment, StoreError> {
        let environment = self.store.environment.with("TMPDIR", self.scratch.path().as_os_str());
        let variables = group.options.variables();
        let environment =
            variables.fold(environment, |environment, (name, value)| environment.with(name, value.as_ref()));
        let (Some(text), Some(first)) = (&group.registry, group.indices.first()) else {
            return Ok(environment);
        };
        let folder = self.scratch.path().join(format!("registry-{first}"));
        std::fs::create_dir(&folder).map_err(|error| StoreError::file(&folder, &error))?;
        edited_registry::environment(&environment, &folder, text)
    }

    fn run(
        &self,
        environment: &NixEnvironment,
        words: &[OsString],
        watch: &Watch<'_>,
    ) -> Result<Vec<u8>, StoreError> {
        // The other thread may have met the end of everything.
        if self.stop.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Err(StoreError::Cancelled);
        }
        run::run_with_patience(environment, words, Patience::Short, watch)
    }

    /// The attribute paths that a question means here.
    fn candidates(&self, index: usize) -> Vec<String> {
        self.questions[index].candidates(&self.system)
    }

    /// Answers a question by what the evaluator has just told, and keeps that if it is a package.
    fn told(&self, index: usize, locked: &Locked, (found, text): Told) {
        if let Found::Package(..) = found {
            locked.learnt.lock().unwrap_or_else(PoisonError::into_inner).push((self.candidates(index), text));
        }
        self.answered(index, locked, found);
    }

    fn answered(&self, index: usize, locked: &Locked, found: Found) {
        let candidates = self.candidates(index);
        let answer = match found {
            Found::Package(place, mut evaluated) => {
                evaluated.original_url.clone_from(&locked.original_url);
                evaluated.url.clone_from(&locked.url);
                evaluated.attr_path = candidates.get(place).map(|path| as_recorded(path)).unwrap_or_default();
                self.store.accepted.note(&evaluated, &locked.accepted);
                Ok(Arc::from(evaluated))
            }
            Found::Missing => Err(missing(&self.questions[index].reference, &candidates)),
            Found::NoPackage(kind) => Err(EvaluationFailure {
                kind: FailureKind::NotAPackage,
                message: Arc::from(format!("'{}' is {kind}", candidates.join("' or '"))),
            }),
        };
        self.tell(index, answer);
    }

    fn fail(&self, indices: &[usize], failure: &EvaluationFailure) {
        for index in indices {
            self.tell(*index, Err(failure.clone()));
        }
    }

    fn tell(&self, index: usize, answer: Answer) {
        (self.heard)(&self.questions[index], &answer);
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(answer);
    }
}

/// An attribute path as Nix records it: without the quotes that held dots.
fn as_recorded(path: &str) -> String {
    attribute_names(path).join(".")
}

/// What becomes of an exception.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Throws {
    AreCaught,
    EndIt,
}

/// Nix's own words.
fn missing(reference: &str, candidates: &[String]) -> EvaluationFailure {
    let attributes = match candidates {
        [only] => format!("'{only}'"),
        [others @ .., last] => format!("'{}' or '{last}'", others.join("', '")),
        [] => "''".to_owned(),
    };
    EvaluationFailure {
        kind: FailureKind::AttributeGone,
        message: Arc::from(format!("flake '{reference}' does not provide attribute {attributes}")),
    }
}
