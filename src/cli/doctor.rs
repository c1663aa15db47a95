//! `firn doctor`: what is wrong with the profile and what it rests on, and what mends it.
//!
//! As JSON a list of `{"problem","message","mend"}`. Status 1 if there is any.

use super::failure::Failure;
use super::interrupt::Interrupt;
use super::meant::Invocation;
use crate::core::home_manager;
use crate::core::visible;
use crate::ops::Context;
use crate::ops::diagnose::diagnose;
use crate::ops::load_profile::load_base;
use crate::system::machine::Watch;
use crate::system::search_path::SearchPath;

/// Looks, and tells what was found.
pub fn run(context: &Context, invocation: &Invocation) -> Result<(), Failure> {
    let interrupt = Interrupt::watch(invocation.printer)?;
    let watch = Watch { progress: &interrupt, cancel: &interrupt.cancel };
    let findings = diagnose(context, &SearchPath::of_process(), &invocation.place.program(), &watch);
    interrupt.done();
    name_home_manager(context, invocation);
    if invocation.json {
        invocation.printer.json(&serde_json::to_value(&findings)?)?;
    } else {
        let lines = findings.iter().flat_map(|found| [found.message.clone(), format!("    {}", found.mend)]);
        let lines: Vec<String> = lines.map(|line| visible::text(&line)).collect();
        invocation.printer.data(&lines)?;
    }
    match findings.len() {
        0 => {
            invocation.printer.note("nothing is wrong, as far as firn can tell");
            Ok(())
        }
        count => Err(Failure::Findings { count }),
    }
}

/// Says that another program writes into the profile, too.
fn name_home_manager(context: &Context, invocation: &Invocation) {
    let Ok((_, base)) = load_base(context) else { return };
    let names: Vec<String> =
        home_manager::elements(&base.manifest).map(|(name, _)| format!("'{name}'")).collect();
    if !names.is_empty() {
        let words =
            format!("home-manager writes into this profile: its switch replaces {}", names.join(", "));
        invocation.printer.note(&visible::text(&words));
    }
}
