//! `firn which`: where a file comes from, what it hides, and what the shell runs.
//!
//! As JSON a list, empty (and status 1) if nothing was found, of `{"path","type"
//! ("file","directory"),"target","providers","hidden","colliding","onPath"}`. Path as in
//! `firn tree`, empty for a whole package; the target is null for a real folder. A
//! provider, hidden or colliding one is a claimant as in `firn collisions`, with
//! `"target"`. `onPath` is null but for programs: `{"entry","first"}`, the entry of PATH
//! that leads to the profile's programs, and the program that typing the name runs.

use std::path::Path;

use serde_json::{Value, json};

use super::failure::Failure;
use super::meant::Invocation;
use super::{table, tree};
use crate::core::file_origin::FileOrigin;
use crate::core::link_tree::Claimant;
use crate::core::package::package_name;
use crate::core::plan::Plan;
use crate::core::shell_words::quoted;
use crate::core::visible;
use crate::ops::Context;
use crate::ops::find_file::{FoundFile, NotFound, find_file};
use crate::ops::on_path::{OnPath, on_path};

/// Tells where a file of the live profile comes from.
pub fn run(context: &Context, invocation: &Invocation, file: &Path) -> Result<(), Failure> {
    let base = tree::live(context, invocation)?;
    let known = tree::look(context, invocation, &base)?;
    let (plan, _) = &*known;
    let origins = match find_file(context, plan, file) {
        FoundFile::Files(origins) => origins,
        FoundFile::Package(claimant) => vec![whole_package(claimant)],
        FoundFile::Nothing(reason) => {
            if invocation.json {
                invocation.printer.json(&json!([]))?;
            }
            return Err(not_found(file, &reason, &invocation.place.program()));
        }
    };
    let answer = Answer { context, plan };
    if invocation.json {
        let values = origins.iter().map(|origin| answer.json(origin)).collect();
        return Ok(invocation.printer.json(&Value::Array(values))?);
    }
    let lines: Vec<String> = origins.iter().flat_map(|origin| answer.lines(origin)).collect();
    Ok(invocation.printer.data(&lines)?)
}

fn whole_package(claimant: Claimant) -> FileOrigin {
    FileOrigin {
        path: Vec::new(),
        folder: true,
        providers: vec![claimant],
        hidden: Vec::new(),
        colliding: Vec::new(),
        below_link: false,
    }
}

fn not_found(file: &Path, reason: &NotFound, program: &str) -> Failure {
    let file = file.display();
    let (message, hint) = match reason {
        NotFound::NoSuchFile(near) => {
            let hint = match near.as_slice() {
                [] => "'firn tree' lists the links; name a file elsewhere by its path, as share/man/man1/x.1"
                    .to_owned(),
                near => format!("did you mean {}?", near.join(" or ")),
            };
            (format!("the profile has no '{file}'"), hint)
        }
        NotFound::SwitchedOff(element) => (
            format!("'{file}' is in '{element}', which is switched off"),
            format!("'{program} enable {}' links its files", quoted(element)),
        ),
        NotFound::LeftOut(element) => (
            format!("'{file}' is in '{element}', but not linked into the profile"),
            "Nix leaves out names that begin with a dot, and its own files like nix-support".to_owned(),
        ),
        NotFound::Manifest => (
            "no element brings manifest.json: Nix writes it, and the list of elements is in it".to_owned(),
            "'firn list --json' prints it".to_owned(),
        ),
        NotFound::Elsewhere => (
            format!("'{file}' is not in the profile, and in none of its packages"),
            "'nix why-depends' tells which package needs a store path; 'firn list' shows the elements"
                .to_owned(),
        ),
    };
    Failure::with_hint(anyhow::anyhow!("{message}"), hint)
}

/// The first column of the text.
fn labelled(label: &str) -> String {
    format!("  {label:<11}")
}

fn shown(path: &[u8]) -> String {
    visible::text(&visible::bytes(path))
}

struct Answer<'a> {
    context: &'a Context,
    plan: &'a Plan,
}

impl Answer<'_> {
    fn lines(&self, origin: &FileOrigin) -> Vec<String> {
        let title = if origin.path.is_empty() { "(a whole package)" } else { &visible::bytes(&origin.path) };
        let provides = match (origin.path.is_empty(), origin.providers.len()) {
            (true, _) => "belongs to",
            (false, ..2) => "provided by",
            (false, _) => "merged from",
        };
        let mut rows: Vec<Vec<String>> = Vec::new();
        let sides =
            [(provides, &origin.providers), ("hides", &origin.hidden), ("collides with", &origin.colliding)];
        for (label, claimants) in sides {
            for (place, claimant) in claimants.iter().enumerate() {
                let label = if place == 0 { label } else { "" };
                let name = format!("{} ({})", self.name(claimant), claimant.priority);
                rows.push(vec![labelled(label), visible::text(&name), shown(&claimant.target)]);
            }
        }
        let on_path = self
            .on_path(origin)
            .map(|on_path| visible::text(&format!("{}  {}", labelled("on PATH"), on_path.words())));
        std::iter::once(visible::text(title)).chain(table::lines(&rows)).chain(on_path).collect()
    }

    fn json(&self, origin: &FileOrigin) -> Value {
        let link =
            (!origin.folder || origin.providers.len() == 1).then(|| origin.providers.first()).flatten();
        let claimants = |list: &[Claimant]| list.iter().map(|one| self.claimant(one)).collect::<Vec<_>>();
        json!({
            "path": visible::bytes(&origin.path),
            "type": if origin.folder { "directory" } else { "file" },
            "target": link.map(|provider| visible::bytes(&provider.target)),
            "providers": claimants(&origin.providers),
            "hidden": claimants(&origin.hidden),
            "colliding": claimants(&origin.colliding),
            "onPath": self.on_path(origin).map(|on_path| json!({
                "entry": on_path.entry.map(|entry| entry.display().to_string()),
                "first": on_path.first.map(|first| first.display().to_string()),
            })),
        })
    }

    fn claimant(&self, claimant: &Claimant) -> Value {
        json!({
            "element": self.plan.element_of(&claimant.package),
            "storePath": visible::bytes(&claimant.package),
            "priority": claimant.priority,
            "target": visible::bytes(&claimant.target),
        })
    }

    /// The element; a propagated package belongs to none and has its own name.
    fn name(&self, claimant: &Claimant) -> String {
        let element = self.plan.element_of(&claimant.package).map(str::to_owned);
        element.unwrap_or_else(|| format!("{}, propagated", package_name(&claimant.package)))
    }

    fn on_path(&self, origin: &FileOrigin) -> Option<OnPath> {
        let name = origin.path.strip_prefix(b"bin/").filter(|name| !name.contains(&b'/'))?;
        Some(on_path(self.context, name))
    }
}
