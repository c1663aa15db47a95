//! Files and expressions that elements were added from.
//!
//! Nix records nothing of them: an element added with `--file` is a list of store paths, and nothing
//! could upgrade it. firn remembers what it was told to evaluate, so that the same can be evaluated
//! again. What is remembered belongs to an element by its name and its very store paths, as they were
//! whenever firn wrote them: a priority changes neither, a rollback brings back paths that are
//! remembered too, and another element that takes the name is another.
//!
//! An expression that names files by relative paths means something else in another folder, so it is
//! not remembered.

use serde::{Deserialize, Serialize};

use super::evaluation::Question;
use super::installable::{Installable, InstallableScope, path_of_file};
use super::manifest::ProfileElement;
use super::store_path::StorePath;
use super::user_environment::offered::PackageQuestion;

/// How many states of one element are remembered, the newest.
const STATES: usize = 200;

/// What was typed after `--file` or `--expr`, and with it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSource {
    /// The file, by its whole path, or what Nix looks up: `<nixpkgs>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expr: Option<String>,
    /// The attribute, perhaps with outputs; empty for all of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub attribute: String,
    /// Whether it is a package of nix-env that is looked for in the file by its name, and not what the
    /// whole file comes to.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_name: bool,
    /// Whether it is one of the packages of the whole file, as nix-env installs them: the one of its name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub one_of_all: bool,
}

/// What is remembered of one state of an element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RememberedFile {
    /// The element's name.
    pub element: String,
    /// Its store paths.
    pub store_paths: Vec<String>,
    /// Where they came from.
    #[serde(flatten)]
    pub source: FileSource,
}

/// What is remembered of one profile, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RememberedFiles(Vec<RememberedFile>);

impl FileSource {
    /// What an installable of a file or an expression says; `None` for a flake, and for what means
    /// something else in another folder.
    pub fn of(installable: &Installable) -> Option<Self> {
        let (file, expr) = match &installable.scope {
            InstallableScope::Flake => return None,
            InstallableScope::File(file) => {
                let stays = path_of_file(file).is_none_or(|path| path.starts_with('/'));
                (Some(file.clone()).filter(|_| stays)?.into(), None)
            }
            InstallableScope::Expression(text) => {
                let is_relative = text.contains("./");
                (None, Some(text.clone()).filter(|_| !is_relative)?.into())
            }
        };
        Some(Self { file, expr, attribute: installable.text.clone(), by_name: false, one_of_all: false })
    }

    /// A file in which a package of nix-env was found by its name.
    pub fn by_name(file: &str) -> Self {
        Self {
            file: Some(file.to_owned()),
            expr: None,
            attribute: String::new(),
            by_name: true,
            one_of_all: false,
        }
    }

    /// The installable that it was.
    pub fn installable(&self) -> Installable {
        let scope = match (&self.file, &self.expr) {
            (Some(file), _) => InstallableScope::File(file.clone()),
            (None, expr) => InstallableScope::Expression(expr.clone().unwrap_or_default()),
        };
        Installable { text: self.attribute.clone(), scope, registry: None }
    }

    /// What has to be asked to have it evaluated again as an element of `nix profile`; `None` for what
    /// nix-env finds by a name.
    pub fn question(&self) -> Option<Question> {
        let has_name = self.by_name || self.one_of_all;
        if has_name { None } else { Question::of_expression(&self.installable()) }
    }

    /// What has to be asked to have it evaluated again as a package of nix-env; `None` where a newer one
    /// of its name is looked for.
    pub fn package_question(&self) -> Option<PackageQuestion> {
        (!self.by_name).then(|| PackageQuestion::Installable(self.installable()))
    }

    /// `/home/me/environment.nix`, `tools of /home/me/environment.nix`, `an expression`.
    pub fn words(&self) -> String {
        let of = match &self.file {
            Some(file) => file.clone(),
            None => "an expression".to_owned(),
        };
        if self.attribute.is_empty() { of } else { format!("{} of {of}", self.attribute) }
    }
}

impl RememberedFiles {
    /// What was remembered.
    pub fn new(remembered: Vec<RememberedFile>) -> Self {
        Self(remembered)
    }

    /// All of it.
    pub fn all(&self) -> &[RememberedFile] {
        &self.0
    }

    /// Where an element came from; `None` if that is not remembered, or nix itself knows.
    pub fn of(&self, name: &str, element: &ProfileElement) -> Option<&FileSource> {
        if element.source.is_some() {
            return None;
        }
        let is_it =
            |it: &&RememberedFile| it.element == name && is_same(&it.store_paths, &element.store_paths);
        self.0.iter().rev().find(is_it).map(|found| &found.source)
    }

    /// Remembers one more state, and forgets those that are too old.
    pub fn remember(&mut self, element: &str, store_paths: &[StorePath], source: FileSource) {
        let of_it = |it: &RememberedFile| it.element == element;
        self.0.retain(|it| !(of_it(it) && is_same(&it.store_paths, store_paths)));
        let count = self.0.iter().filter(|it| of_it(it)).count();
        if count >= STATES
            && let Some(oldest) = self.0.iter().position(of_it)
        {
            self.0.remove(oldest);
        }
        let store_paths = store_paths.iter().map(ToString::to_string).collect();
        self.0.push(RememberedFile { element: element.to_owned(), store_paths, source });
    }
}

fn is_same(remembered: &[String], store_paths: &[StorePath]) -> bool {
    remembered.iter().map(String::as_str).eq(store_paths.iter().map(StorePath::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::store_path::StoreDir;

    fn file(file: &str, attribute: &str) -> Installable {
        let scope = InstallableScope::File(file.to_owned());
        Installable { text: attribute.to_owned(), scope, registry: None }
    }

    fn element(hash: &str) -> ProfileElement {
        let path = format!("/s/{}-env-1", hash.repeat(32));
        let store_paths = vec![StorePath::parse(&StoreDir::new("/s"), &path).unwrap()];
        ProfileElement { active: true, priority: 5, store_paths, source: None }
    }

    #[test]
    fn what_means_the_same_everywhere_is_remembered() {
        let of = |installable: &Installable| FileSource::of(installable).map(|source| source.words());
        assert_eq!(of(&file("/h/env.nix", "")).as_deref(), Some("/h/env.nix"));
        assert_eq!(of(&file("<nixpkgs>", "zlib^dev")).as_deref(), Some("zlib^dev of <nixpkgs>"));
        assert_eq!(of(&file("./env.nix", "")), None);
        let expression = |text: &str| {
            let scope = InstallableScope::Expression(text.to_owned());
            Installable { text: String::new(), scope, registry: None }
        };
        assert_eq!(of(&expression("import <nixpkgs> { }")).as_deref(), Some("an expression"));
        assert_eq!(of(&expression("import ./env.nix")), None);
        assert_eq!(of(&Installable::flake("nixpkgs#zlib")), None);
    }

    #[test]
    fn an_element_is_known_by_name_and_store_paths_in_all_its_states() {
        let source = FileSource::of(&file("/h/env.nix", "")).unwrap();
        let mut files = RememberedFiles::default();
        let (first, second) = (element("a"), element("b"));
        files.remember("env", &first.store_paths, source.clone());
        files.remember("env", &second.store_paths, source.clone());
        let weaker = ProfileElement { priority: 9, active: false, ..first.clone() };
        for known in [&first, &second, &weaker] {
            assert_eq!(files.of("env", known), Some(&source));
        }
        assert_eq!(files.of("other", &first), None);
        assert_eq!(files.of("env", &element("c")), None, "another that took the name");
        for _ in 0..3 * STATES {
            files.remember("env", &second.store_paths, source.clone());
        }
        assert_eq!(files.all().len(), 2);
    }
}
