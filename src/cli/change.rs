//! The verbs that change elements: add, remove, upgrade, outputs, retarget, priority, enable, disable,
//! apply.
//!
//! Each becomes a transaction; from there on all are the same: plan, show what stands
//! in the way, apply, say what was done. If another program changed the profile in the
//! meantime, the same transaction is planned again on top of that.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;

use super::collision_text::{self, Additions, Typed};
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::meant::{ChangeRequest, Invocation};
use super::{conversion, environment_text, plan_text, registry_text, requested, upgrade_text};
use crate::core::change::Change;
use crate::core::conversion::{Miss, misses, unreadable};
use crate::core::essentials::{self, Lost};
use crate::core::facts::Facts;
use crate::core::file_source::RememberedFiles;
use crate::core::file_tree::Basis;
use crate::core::home_manager;
use crate::core::link_tree::TreeProblem;
use crate::core::plan::cost::Cost;
use crate::core::plan::{Base, Left, LeftReason, Plan, PlanState, json};
use crate::core::shell_words::quoted;
use crate::core::transaction::Transaction;
use crate::core::upgrade::{self, UpgradeRow};
use crate::core::visible;
use crate::ops::Context;
use crate::ops::apply_plan::{Applied, Replace, apply_plan_onto, build_profile};
use crate::ops::check_upgrades;
use crate::ops::foresee_switch::foresee_switch;
use crate::ops::gather_facts::complete_plan;
use crate::ops::load_profile::load_base;
use crate::ops::load_registries::load_registries;
use crate::ops::measure_cost::measure_cost;
use crate::ops::realise::realised_plan;
use crate::ops::refusal::Refusal;
use crate::ops::remember_files::remembered_files;
use crate::ops::remember_options::remembered;
use crate::system::machine::Watch;
use crate::system::nix::Front;
use crate::system::profile_folder::ProfileState;
use crate::system::{out_link, running_programs};

/// How often firn plans again on top of what other programs do meanwhile. `nix profile` takes no
/// lock, so one that runs in a loop can come in between each time; with every try it gets less likely
/// that it always does, and a try costs a fraction of a second.
const ATTEMPTS: usize = 25;

/// Carries out a changing verb.
pub fn run(context: &Context, invocation: &Invocation, request: &ChangeRequest) -> Result<(), Failure> {
    if context.read_only && !invocation.changing.dry_run {
        return Err(Refusal::ReadOnly.into());
    }
    if let Some(link) = &invocation.changing.out_link {
        out_link::check(link, &context.profile, context.store.store_dir())?;
    }
    let interrupt = Interrupt::watch(invocation.printer)?;
    let mut base = load(context, invocation)?;
    let Some((mut transaction, left)) = requested::transaction(context, request, &base, invocation)? else {
        return Ok(());
    };
    let told = RefCell::default();
    let additions = match request {
        ChangeRequest::Apply(_) => Additions::InFile,
        _ => Additions::ByWords,
    };
    let options = Arc::new(remembered(context, &base.manifest)?);
    let facts = Facts { options, files: files(context, invocation), ..Facts::default() };
    let proposed = conversion::proposals(request, transaction.changes());
    let mut changing = Running {
        context,
        invocation,
        interrupt: &interrupt,
        additions,
        facts,
        left,
        proposed,
        told,
        cost: None,
    };
    for attempt in 0..ATTEMPTS {
        let mut plan = changing.plan(&base, &mut transaction)?;
        if attempt == 0 && context.store.debugs() {
            changing.debug(&plan)?;
        }
        changing.measure(&plan)?;
        changing.check(&plan, &transaction)?;
        if !plan.realise.is_empty() && changing.is_for_real() {
            plan = changing.realise(&base, &transaction)?;
            changing.check(&plan, &transaction)?;
        }
        changing.tell_left(&plan);
        changing.warn_of_switch(&plan)?;
        if invocation.changing.dry_run {
            changing.show(&plan)?;
            return end(&plan);
        }
        let applied = apply_plan_onto(context, &plan, replace(invocation), &changing.watch())?;
        let moved = match applied {
            Applied::Moved => "profile",
            Applied::RegistryMoved => "registry",
            applied => {
                interrupt.done();
                changing.tell(&plan, &applied)?;
                return end(&plan);
            }
        };
        if attempt == 0 {
            let words =
                format!("another program changed the {moved} meanwhile; planning again on top of that");
            invocation.printer.note(&words);
        }
        changing.facts.registries = None;
        base = load(context, invocation)?;
    }
    Err(Failure::with_hint(
        anyhow::anyhow!(
            "another program changed the profile each of the {ATTEMPTS} times that firn was about to; \
             firn has changed nothing"
        ),
        "'firn history' shows what it does; try again when it is done",
    ))
}

/// Which files elements were added from. Who cannot tell says so, and upgrades the rest.
fn files(context: &Context, invocation: &Invocation) -> Arc<RememberedFiles> {
    Arc::new(remembered_files(context).unwrap_or_else(|error| {
        invocation.printer.warn(&format!("{error:#}; what was added from files is not upgraded"));
        RememberedFiles::default()
    }))
}

fn replace(invocation: &Invocation) -> Replace {
    if invocation.changing.force { Replace::Anything } else { Replace::Profiles }
}

/// Reads what the changes start from, and refuses early what applying would refuse late.
fn load(context: &Context, invocation: &Invocation) -> Result<Arc<Base>, Failure> {
    let (state, base) = load_base(context)?;
    let profile = context.profile.clone();
    match state {
        ProfileState::Missing | ProfileState::Present | ProfileState::NixEnvironment => {}
        state if !invocation.changing.force => return Err(Refusal::Unreadable { profile, state }.into()),
        _ => {}
    }
    Ok(base)
}

/// The status: some of what was asked for may have failed.
fn end(plan: &Plan) -> Result<(), Failure> {
    let failed = || plan.left.iter().filter(|left| left.reason.is_failure());
    let all_collide = failed().all(|left| left.collision_inside().is_some());
    match failed().count() {
        0 => Ok(()),
        count if all_collide && plan.state() == PlanState::Nothing => Err(Failure::Collisions { count }),
        count => Err(Failure::Partial { count }),
    }
}

/// What nix-env would record is asked in one expression that no debugger is opened for.
fn no_debugger(plan: &Plan) -> Result<(), Failure> {
    if plan.left.is_empty() || plan.base.manifest.environment.is_none() {
        return Ok(());
    }
    let words = "--debugger opens on packages of nix profile only; this profile is one of nix-env";
    Err(Failure::with_hint(
        anyhow::anyhow!("{words}"),
        "'nix eval --debugger' with the file or the flake opens it; nothing was changed",
    ))
}

/// A changing verb while it runs.
struct Running<'a> {
    context: &'a Context,
    invocation: &'a Invocation,
    interrupt: &'a Interrupt,
    additions: Additions,
    facts: Facts,
    /// What was left out before it was planned.
    left: Vec<Left>,
    /// Elements whose sources are proposals.
    proposed: Vec<String>,
    /// What has been warned about.
    told: RefCell<HashSet<String>>,
    /// What applying costs, if that is to be told.
    cost: Option<Cost>,
}

impl Running<'_> {
    fn watch(&self) -> Watch<'_> {
        Watch { progress: self.interrupt, cancel: &self.interrupt.cancel }
    }

    /// Plans until nothing is missing, with the changes in normal form.
    fn plan(&mut self, base: &Arc<Base>, transaction: &mut Transaction) -> Result<Plan, Failure> {
        let interrupt = self.interrupt;
        let watch = Watch { progress: interrupt, cancel: &interrupt.cancel };
        let tells = self.invocation.changing.dry_run && !self.invocation.json;
        if tells && transaction.changes().iter().any(|change| change.name_to_look_up().is_some()) {
            // Only to tell which entries decide.
            let known = || Arc::new(load_registries(self.context).known());
            self.facts.registries.get_or_insert_with(known);
        }
        let plan = complete_plan(self.context, base, transaction, &mut self.facts, &watch)?;
        let typed = transaction.changes().to_vec();
        transaction.normalize(&base.manifest, &plan.added);
        let mut plan = if transaction.changes() == typed {
            plan
        } else {
            complete_plan(self.context, base, transaction, &mut self.facts, &watch)?
        };
        if let Some(found) = unreadable(&plan, &self.facts, &self.proposed) {
            return Err(conversion::no_flake(&found));
        }
        let misses = misses(&plan, &self.facts, &self.proposed);
        if !misses.is_empty() {
            conversion::tell_misses(&misses, self.invocation.printer);
            transaction.withdraw(&|change| {
                let is_of = |miss: &Miss| change.element() == Some(&miss.element);
                matches!(change, Change::Attach { .. }) && misses.iter().any(is_of)
            });
            plan = complete_plan(self.context, base, transaction, &mut self.facts, &watch)?;
        }
        plan.left.extend(self.left.iter().cloned());
        Ok(plan)
    }

    /// Opens nix's debugger on the first package that does not evaluate: it gets the terminal, and what
    /// is done there changes nothing of what firn has found out.
    fn debug(&self, plan: &Plan) -> Result<(), Failure> {
        use LeftReason::{AttributeGone, EvaluationFailed, NeedsImpure};
        let fails = |reason: LeftReason| matches!(reason, EvaluationFailed | AttributeGone | NeedsImpure);
        let left = plan.left.iter().map(|left| (&left.element, left.reason));
        let failed = left.chain(plan.failed.iter().map(|(name, reason)| (name, *reason)));
        let mut asked =
            failed.filter(|(_, reason)| fails(*reason)).filter_map(|(name, _)| plan.questions.get(name));
        let Some(question) = asked.next() else { return no_debugger(plan) };
        let printer = self.invocation.printer;
        if !std::io::stdin().is_terminal() {
            printer.warn("--debugger needs a terminal, and there is none");
            return Ok(());
        }
        self.tell_left(plan);
        let mut program = self.context.store.in_front(question, Front::Debug).map_err(anyhow::Error::from)?;
        printer.note(&visible::text(&program.command_line));
        program.wait().map_err(anyhow::Error::from)?;
        Ok(())
    }

    /// Whether packages are to be fetched and built: to apply the plan, or to link its tree.
    fn is_for_real(&self) -> bool {
        !self.invocation.changing.dry_run || self.invocation.changing.out_link.is_some()
    }

    /// Finds out what applying would cost, before it is done and there is no cost any more.
    fn measure(&mut self, plan: &Plan) -> Result<(), Failure> {
        let changing = &self.invocation.changing;
        let is_told = self.invocation.json || changing.dry_run && !plan.realise.is_empty();
        if is_told && self.cost.is_none() {
            let cost = measure_cost(self.context, plan, &self.watch()).map_err(anyhow::Error::from)?;
            self.facts.builds.extend(cost.build.iter().cloned());
            self.cost = Some(cost);
        }
        Ok(())
    }

    /// Brings into the store what the plan needs, and plans again on what came of it.
    fn realise(&mut self, base: &Arc<Base>, transaction: &Transaction) -> Result<Plan, Failure> {
        let interrupt = self.interrupt;
        let watch = Watch { progress: interrupt, cancel: &interrupt.cancel };
        let mut plan = realised_plan(self.context, base, transaction, &mut self.facts, &watch)?;
        plan.left.extend(self.left.iter().cloned());
        Ok(plan)
    }

    /// Says what was left out and why, each once.
    fn tell_left(&self, plan: &Plan) {
        let printer = self.invocation.printer;
        for left in plan.left.iter().filter(|left| !left.reason.is_in_the_way()) {
            if !self.told.borrow_mut().insert(left.message.clone()) {
                continue;
            }
            if left.reason.is_failure() {
                printer.error(&format!("error: {}", left.message));
            } else {
                printer.warn(&left.message);
            }
        }
    }

    /// Stops if the plan cannot be applied.
    fn check(&self, plan: &Plan, transaction: &Transaction) -> Result<(), Failure> {
        let printer = self.invocation.printer;
        let stops = plan.left.iter().filter(|left| left.reason.is_in_the_way());
        if !matches!(plan.state(), PlanState::Nothing | PlanState::Ready) {
            self.tell_left(plan);
        }
        for warning in registry_text::warnings(plan) {
            printer.warn(&warning);
        }
        match plan.state() {
            PlanState::Nothing | PlanState::Ready => self.check_essentials(plan),
            PlanState::Unknown => Err(Refusal::NotReady(PlanState::Unknown).into()),
            PlanState::Blocked => {
                self.print_plan(plan)?;
                let program = self.invocation.place.program();
                let typed = Typed { program: &program, additions: self.additions };
                for line in collision_text::blocking(plan, transaction, &self.facts, typed) {
                    printer.error(&line);
                }
                Err(Failure::Collisions { count: collision_text::blocked_files(plan) })
            }
            PlanState::Impossible => {
                self.print_plan(plan)?;
                let count = stops.clone().filter(|left| left.collision_inside().is_some()).count();
                let is_all =
                    count > 0 && count == stops.clone().count() && plan.tree_after.problems.is_empty();
                let stops = stops.map(|left| {
                    let deed = match left.reason {
                        LeftReason::Registry => "change the registry for",
                        _ => "add",
                    };
                    format!("cannot {deed} '{}': {}", left.element, left.message)
                });
                let problems = plan.tree_after.problems.iter().map(ToString::to_string);
                let words = stops.chain(problems).collect::<Vec<_>>().join("\n");
                if is_all {
                    printer.error(&format!("error: {words}"));
                    return Err(Failure::Collisions { count });
                }
                let error = anyhow::anyhow!("{words}");
                Err(match self.way_past_missing(plan) {
                    Some(hint) => Failure::with_hint(error, hint),
                    None => error.into(),
                })
            }
        }
    }

    /// What to do about an element whose package has left the store.
    fn way_past_missing(&self, plan: &Plan) -> Option<String> {
        let missing = plan.tree_after.problems.iter().find_map(|problem| match problem {
            TreeProblem::MissingPackage { package } => Some(package),
            TreeProblem::Unreadable { .. } | TreeProblem::TooLarge { .. } => None,
        })?;
        let element = quoted(plan.element_of(missing)?);
        let program = self.invocation.place.program();
        Some(format!(
            "'{program} remove {element}' takes the element out, 'nix-store --realise {}' may bring its files \
             back; nothing was changed",
            visible::bytes(missing)
        ))
    }

    fn check_essentials(&self, plan: &Plan) -> Result<(), Failure> {
        let lost = essentials::lost_by(plan, &running_programs::find());
        if lost.is_empty() || self.invocation.changing.force {
            return Ok(());
        }
        let words: Vec<String> = lost.iter().map(Lost::words).collect();
        if self.invocation.changing.dry_run {
            for words in words {
                self.invocation.printer.warn(&format!("{words}; this needs --force"));
            }
            return Ok(());
        }
        let error = anyhow::anyhow!("{}", words.join("\n"));
        Err(Failure::with_hint(error, "add --force if that is meant; nothing was changed"))
    }

    /// What home-manager will do to what is changed here.
    fn warn_of_switch(&mut self, plan: &Plan) -> Result<(), Failure> {
        if plan.state() != PlanState::Ready || !plan.makes_generation() {
            return Ok(());
        }
        let interrupt = self.interrupt;
        let watch = Watch { progress: interrupt, cancel: &interrupt.cancel };
        let trouble = foresee_switch(self.context, plan, &mut self.facts, &watch)?;
        let program = self.invocation.place.program();
        let trouble = trouble.map(|it| format!("{}; '{}' prevents that", it.words(), it.to_type(&program)));
        for words in home_manager::taken_back(plan).into_iter().chain(trouble) {
            if self.told.borrow_mut().insert(words.clone()) {
                self.invocation.printer.warn(&words);
            }
        }
        Ok(())
    }

    fn print_plan(&self, plan: &Plan) -> Result<(), Failure> {
        if self.invocation.json {
            let unknown = || Cost::at_hand(plan);
            let cost = self.cost.clone().unwrap_or_else(unknown);
            self.invocation.printer.json(&json::plan(plan, &cost)?)?;
        }
        Ok(())
    }

    /// What a dry run prints.
    fn show(&self, plan: &Plan) -> Result<(), Failure> {
        let printer = self.invocation.printer;
        self.link(plan)?;
        if self.invocation.json {
            return self.print_plan(plan);
        }
        let mut lines = plan_text::elements(plan);
        let has_changes = !lines.is_empty();
        lines.extend(environment_text::inside(self.context, plan, &self.watch()));
        lines.extend(upgrade_text::staying(&self.checked(plan)));
        if has_changes {
            lines.extend(plan_text::obtaining(plan, self.cost.as_ref()));
            if plan.basis() != Basis::Unknown {
                lines.extend(plan_text::links(plan));
            }
            lines.extend(registry_text::names(plan));
            lines.extend(plan.result()?.map(|path| format!("result  {path}")));
        }
        let edits = registry_text::edits(plan);
        let is_nothing = !has_changes && edits.is_empty();
        lines.extend(edits);
        if is_nothing {
            printer.data(&lines)?;
            self.tell_nothing(plan);
            return Ok(());
        }
        Ok(printer.data(&lines)?)
    }

    /// Where something collides inside there would be something to do.
    fn tell_nothing(&self, plan: &Plan) {
        if plan.left.iter().all(|left| left.collision_inside().is_none()) {
            self.invocation.printer.note("nothing to do");
        }
    }

    /// What was found out about elements that were to be upgraded.
    fn checked(&self, plan: &Plan) -> Vec<UpgradeRow> {
        let asked = plan.changes.iter().filter_map(|change| match change {
            Change::Upgrade { element } | Change::UpgradeFrom { element, .. } => Some(element.clone()),
            _ => None,
        });
        let held = self.left.iter().filter(|left| left.reason == LeftReason::Held);
        let held: BTreeSet<String> = held.map(|left| left.element.clone()).collect();
        let names: BTreeSet<String> = asked.chain(held.iter().cloned()).collect();
        if names.is_empty() {
            return Vec::new();
        }
        let names: Vec<String> = names.into_iter().collect();
        let registries = load_registries(self.context);
        let mut rows = check_upgrades::rows(&plan.base.manifest, &names, &held, &self.facts, &registries);
        for row in &mut rows {
            let manifest = &plan.base.manifest;
            let Some(package) = manifest.package(&row.element) else { continue };
            if let Some(question) = plan.looked_for.get(&row.element) {
                row.look_for(package, question, &self.facts);
            } else if let Some(element) = manifest.elements.get(&row.element)
                && let Some(question) = upgrade::package_question(&row.element, element, &self.facts.files)
            {
                row.look_again(package, &question, &self.facts);
            }
        }
        rows
    }

    /// What was done.
    fn tell(&self, plan: &Plan, applied: &Applied) -> Result<(), Failure> {
        let printer = self.invocation.printer;
        self.link(plan)?;
        self.print_plan(plan)?;
        match applied {
            Applied::Switched { from, to, .. } => self.tell_switched(plan, (*from, *to)),
            Applied::Edited { switched, written } => {
                if let Some(switched) = switched {
                    self.tell_switched(plan, *switched);
                }
                for line in registry_text::done(plan, written) {
                    printer.note(&line);
                }
            }
            Applied::HalfDone { from, to, problem } => {
                self.tell_switched(plan, (*from, *to));
                let program = self.invocation.place.program();
                return Err(registry_text::half_done(plan, *to, problem, &program));
            }
            Applied::Nothing | Applied::Moved | Applied::RegistryMoved => self.tell_nothing(plan),
        }
        Ok(())
    }

    fn tell_switched(&self, plan: &Plan, (from, to): (Option<u64>, u64)) {
        let printer = self.invocation.printer;
        for line in plan_text::elements(plan) {
            printer.note(&line);
        }
        for line in environment_text::inside(self.context, plan, &self.watch()) {
            printer.note(&line);
        }
        self.name_namesakes(plan);
        match from {
            Some(from) if from != to => printer.note(&format!("generation {to} is live, {from} is kept")),
            _ => printer.note(&format!("generation {to} is live")),
        }
    }

    /// An addition whose name was taken made an element of its own, as in Nix; that may not be what
    /// was wanted.
    fn name_namesakes(&self, plan: &Plan) {
        for addition in &plan.added {
            let Some(element) = plan.after.elements.get(&addition.name) else { continue };
            let (first, program) = (element.base_name(), self.invocation.place.program());
            if first == addition.name || !plan.base.manifest.elements.contains_key(&first) {
                continue;
            }
            let there = &plan.base.manifest.elements[&first];
            let from = self.facts.files.of(&first, there);
            let verb = match (&there.source, &element.source) {
                _ if from.is_some() && from == plan.files.get(&addition.name) => {
                    format!("'{program} upgrade {}' would have taken what its file holds now", quoted(&first))
                }
                (Some(old), Some(new)) if old.attr_path == new.attr_path => {
                    format!(
                        "'{program} priority {} {}' would have changed it",
                        quoted(&first),
                        element.priority
                    )
                }
                _ => format!("'{program} remove {}' makes room for it", quoted(&first)),
            };
            let added = &addition.name;
            self.invocation
                .printer
                .note(&format!("'{first}' was there already, so this is '{added}'; {verb}"));
        }
    }

    fn link(&self, plan: &Plan) -> Result<(), Failure> {
        let Some(link) = &self.invocation.changing.out_link else { return Ok(()) };
        let path = build_profile(self.context, plan, &self.watch())?;
        out_link::make(link, Path::new(path.as_str()))?;
        Ok(())
    }
}
