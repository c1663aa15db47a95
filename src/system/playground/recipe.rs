//! From a package's definition to the files of its outputs.
//!
//! Every program gets a script, a manual page and completions; the package gets a
//! `README.md` and, if wanted, a desktop file; the texts come from
//! `assets/playground/templates/`. Manual pages lie where the programs lie, documents
//! in the output `doc` if there is one.

use std::collections::BTreeMap;

use super::package_file::PackageFile;
use super::world::{FileDefinition, PackageDefinition, Shell};

const PROGRAM: &str = include_str!("../../../assets/playground/templates/program.sh");
const MANUAL: &str = include_str!("../../../assets/playground/templates/manual.1");
const BASH: &str = include_str!("../../../assets/playground/templates/completion.bash");
const FISH: &str = include_str!("../../../assets/playground/templates/completion.fish");
const ZSH: &str = include_str!("../../../assets/playground/templates/completion.zsh");
const DESKTOP: &str = include_str!("../../../assets/playground/templates/application.desktop");
const README: &str = include_str!("../../../assets/playground/templates/README.md");

/// A package at one version, with the store paths it refers to.
pub(super) struct Recipe<'a> {
    pub(super) attribute: &'a str,
    pub(super) package: &'a PackageDefinition,
    pub(super) version: &'a str,
    /// By attribute, the store path that `@store:ATTR@` stands for.
    pub(super) stores: BTreeMap<&'a str, String>,
}

impl Recipe<'_> {
    /// The name of an output's store path: `git-2.49.0`, `git-2.49.0-doc`.
    pub(super) fn store_name(&self, output: &str) -> String {
        let name = self.package.store_name.as_deref().unwrap_or(self.attribute);
        let version = self.version;
        if output == "out" { format!("{name}-{version}") } else { format!("{name}-{version}-{output}") }
    }

    /// The files of one output.
    pub(super) fn files(&self, output: &str) -> Vec<PackageFile> {
        let package = self.package;
        let mut files = Vec::new();
        if output == package.programs_in {
            for (program, commands) in &package.programs {
                self.add_program(&mut files, program, commands);
            }
            self.add_desktop_file(&mut files);
        }
        if output == self.output_of_documents() {
            let path = format!("share/doc/{}/README.md", self.attribute);
            files.push(PackageFile::text(path, self.fill(README, "")));
        }
        if output == "out" {
            self.add_propagated(&mut files);
        }
        for (key, definition) in &package.files {
            let (of, path) = key.split_once(':').unwrap_or(("out", key));
            if of == output {
                files.push(self.file(path, definition));
            }
        }
        files
    }

    fn output_of_documents(&self) -> &str {
        if self.package.outputs.iter().any(|output| output == "doc") {
            "doc"
        } else {
            &self.package.programs_in
        }
    }

    fn add_program(&self, files: &mut Vec<PackageFile>, program: &str, commands: &str) {
        let script = PROGRAM.replace("@body@", commands.trim_end());
        files.push(PackageFile::program(format!("bin/{program}"), self.fill(&script, program)));
        let page = format!("share/man/man1/{program}.1");
        files.push(PackageFile::text(page, self.fill(MANUAL, program)));
        for shell in &self.package.shells {
            let (path, template) = match shell {
                Shell::Bash => (format!("share/bash-completion/completions/{program}"), BASH),
                Shell::Fish => (format!("share/fish/vendor_completions.d/{program}.fish"), FISH),
                Shell::Zsh => (format!("share/zsh/site-functions/_{program}"), ZSH),
            };
            files.push(PackageFile::text(path, self.fill(template, program)));
        }
    }

    fn add_desktop_file(&self, files: &mut Vec<PackageFile>) {
        let (Some(title), Some(program)) = (&self.package.desktop, self.package.programs.keys().next())
        else {
            return;
        };
        let text = DESKTOP.replace("@title@", title);
        let path = format!("share/applications/{}.desktop", self.attribute);
        files.push(PackageFile::text(path, self.fill(&text, program)));
    }

    fn add_propagated(&self, files: &mut Vec<PackageFile>) {
        let paths: Vec<&str> = self
            .package
            .propagates
            .iter()
            .filter_map(|other| self.stores.get(other.as_str()))
            .map(String::as_str)
            .collect();
        // Nix splits the list at blanks, so below a folder with a blank in its name no package can
        // be propagated; without the list the profile is still whole.
        if paths.is_empty() || paths.iter().any(|path| path.contains([' ', '\n'])) {
            return;
        }
        let list = format!("{}\n", paths.join(" "));
        files.push(PackageFile::text("nix-support/propagated-user-env-packages", list));
    }

    fn file(&self, path: &str, definition: &FileDefinition) -> PackageFile {
        let path = self.fill(path, "");
        match definition {
            FileDefinition::Text(text) => PackageFile::text(path, self.fill(text, "")),
            FileDefinition::Link { link } => PackageFile::link(path, self.fill(link, "")),
            FileDefinition::Program { program } => {
                PackageFile::program(path, self.fill(&format!("#!/bin/sh\n{program}"), ""))
            }
        }
    }

    /// Replaces the `@…@` of a text.
    fn fill(&self, text: &str, program: &str) -> String {
        let version_text = self.package.version_text.as_deref().unwrap_or("@program@ @version@");
        let mut filled = text
            .replace("@version_text@", version_text)
            .replace("@name@", self.attribute)
            .replace("@version@", self.version)
            .replace("@description@", &self.package.description)
            .replace("@homepage@", &self.package.homepage)
            .replace("@program@", program)
            .replace("@PROGRAM@", &program.to_uppercase());
        for (attribute, path) in &self.stores {
            filled = filled.replace(&format!("@store:{attribute}@"), path);
        }
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::playground::package_file::FileContent;
    use crate::system::playground::world::World;

    fn text_at<'a>(files: &'a [PackageFile], path: &str) -> &'a str {
        let file = files.iter().find(|file| file.path == path.as_bytes());
        match &file.unwrap_or_else(|| panic!("no {path}")).content {
            FileContent::Regular { contents, .. } => str::from_utf8(contents).unwrap(),
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn no_placeholder_is_left_anywhere() {
        let world = World::read().unwrap();
        for (attribute, package) in &world.packages {
            for revision in &world.revisions {
                let Some(version) = world.version(package, revision) else { continue };
                let recipe = Recipe { attribute, package, version, stores: BTreeMap::new() };
                for file in package.outputs.iter().flat_map(|output| recipe.files(output)) {
                    let FileContent::Regular { contents, .. } = &file.content else { continue };
                    let text = str::from_utf8(contents).unwrap();
                    for word in ["@name@", "@version", "@program@", "@body@", "@title@", "@store:"] {
                        assert!(!text.contains(word), "{attribute}: {word} in {text}");
                    }
                }
            }
        }
    }

    #[test]
    fn outputs_share_the_files_out_between_them() {
        let world = World::read().unwrap();
        let (attribute, package) = world.packages.get_key_value("git").unwrap();
        let recipe = Recipe { attribute, package, version: "2.49.0", stores: BTreeMap::new() };
        assert_eq!(recipe.store_name("out"), "git-2.49.0");
        assert_eq!(recipe.store_name("doc"), "git-2.49.0-doc");
        let (out, doc) = (recipe.files("out"), recipe.files("doc"));
        assert!(text_at(&out, "bin/git").contains("git version 2.49.0"));
        assert!(text_at(&doc, "share/doc/git/RelNotes/2.49.0.txt").starts_with("Git 2.49.0"));
        assert!(out.iter().all(|file| !doc.iter().any(|other| other.path == file.path)));
    }

    #[test]
    fn a_propagated_list_is_left_out_where_it_could_not_be_read() {
        let world = World::read().unwrap();
        let (attribute, package) = world.packages.get_key_value("bat").unwrap();
        let list = "nix-support/propagated-user-env-packages";
        let with = |path: &str| {
            let stores = BTreeMap::from([("less", path.to_owned())]);
            Recipe { attribute, package, version: "1", stores }.files("out")
        };
        assert_eq!(text_at(&with("/store/x-less"), list), "/store/x-less\n");
        assert!(with("/my store/x-less").iter().all(|file| file.path != list.as_bytes()));
    }
}
