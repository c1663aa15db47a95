//! Two packages of one environment that bring the same file, told from the log of the build that
//! failed on it.
//!
//! An environment (`buildEnv`, or nix's own `builtin:buildenv`) links its packages into one tree while
//! it is built, so firn cannot plan it: what collides there is known only from the builder's last
//! words. They differ between versions; all of these are recognised:
//!
//! ```text
//! pkgs.buildEnv error: two given paths contain a conflicting subpath:
//!   `/nix/store/…-hello-2.12/bin/hello' and
//!   `/nix/store/…-hello-2.10/bin/hello'
//! error: collision between `/nix/store/…-a/bin/x' and `/nix/store/…-b/bin/x'
//! error: Unable to build profile. There is a conflict for the following files: …
//! error: packages '/nix/store/…-a/lib/x' and '/nix/store/…-b/lib/x' have the same priority 5; …
//! ```
//!
//! Warnings of collisions that were ignored look alike and mean nothing here.

/// A collision inside an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentCollision {
    /// The two sides, as the builder named them.
    pub sides: [CollidingPath; 2],
    /// What they are to each other.
    pub kind: EnvironmentCollisionKind,
}

/// What collides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvironmentCollisionKind {
    /// Two files of equal priority, or two that differ in nothing that decides.
    Files,
    /// A folder against a file: no priority decides that.
    FolderAndFile,
}

/// One side: a path in a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollidingPath {
    /// The package's store path.
    pub package: String,
    /// The path in it, without a slash in front; empty for the package itself.
    pub file: String,
}

/// How builders begin to tell, before the two paths.
const MARKS: [&str; 3] = [
    "two given paths contain a conflicting subpath",
    "There is a conflict for the following files",
    "collision between ",
];

/// How older builders end, behind the two paths.
const OLDER: &str = "have the same priority ";

/// How many lines a builder uses for one collision.
const LINES: usize = 6;

impl EnvironmentCollision {
    /// The first collision that a log tells of; `None` if it failed otherwise. Lines may stand behind
    /// what nix puts in front of a log's.
    pub fn in_log(log: &str) -> Option<Self> {
        let lines: Vec<&str> = log.lines().collect();
        (0..lines.len()).find_map(|first| Self::at(&lines[first..]))
    }

    fn at(lines: &[&str]) -> Option<Self> {
        let first = lines.first()?;
        let is_ignored = first.contains("warning: ") || first.contains("(ignored)");
        if is_ignored {
            return None;
        }
        let start = MARKS.iter().find_map(|mark| first.find(mark)).or(first.contains(OLDER).then_some(0))?;
        let told = &first[start..];
        let rest = lines.iter().skip(1).take(LINES - 1).copied();
        let mut paths = std::iter::once(told).chain(rest).flat_map(paths_in);
        let sides = [paths.next()?, paths.next()?];
        let kind = if told.contains("and non-directory ") {
            EnvironmentCollisionKind::FolderAndFile
        } else {
            EnvironmentCollisionKind::Files
        };
        Some(Self { sides, kind })
    }

    /// The path in the environment that both want.
    pub fn path(&self) -> &str {
        &self.sides[0].file
    }

    /// Names of the two packages: with versions, and with their whole store paths if they are called
    /// the same.
    pub fn names(&self) -> [&str; 2] {
        let [first, second] = &self.sides;
        if first.name() == second.name() {
            return [&first.package, &second.package];
        }
        [first.name(), second.name()]
    }

    /// What happened, in one sentence.
    pub fn words(&self) -> String {
        let [first, second] = self.names();
        match self.kind {
            EnvironmentCollisionKind::Files => {
                format!(
                    "{first} and {second}, both in this environment, bring the same file: {}",
                    self.path()
                )
            }
            EnvironmentCollisionKind::FolderAndFile => format!(
                "{first} and {second}, both in this environment, bring {}: one as a folder, one as a file",
                self.path()
            ),
        }
    }

    /// What stands in `paths` for the two: their names there, as far as their store paths tell. Two
    /// versions of one package are told apart by nothing but what is written, which is not known here.
    fn placeholders(&self) -> [&str; 2] {
        let [first, second] = self.sides.each_ref().map(CollidingPath::attribute);
        if first == second { ["…", "…"] } else { [first, second] }
    }

    /// Says in whose place something is written, where what is written does not.
    fn whose(&self) -> impl Fn(&str) -> String + use<> {
        let [first, second] = self.placeholders();
        let is_said = first == second;
        move |name| {
            if is_said { format!(", … being what stands there for {name}") } else { String::new() }
        }
    }

    /// What to change in the environment's file, each with what that does; the first fits most.
    pub fn ways(&self) -> Vec<EnvironmentWay> {
        let [first, second] = self.placeholders();
        let [this, other] = self.names();
        let whose = self.whose();
        let way = |write: String, effect: String| EnvironmentWay { write, effect };
        let mut ways = Vec::new();
        if self.kind == EnvironmentCollisionKind::Files {
            ways.extend([
                way(
                    format!("(lib.hiPrio {first})"),
                    format!("in 'paths'{}: the file of {this} is taken", whose(this)),
                ),
                way(
                    format!("(lib.hiPrio {second})"),
                    format!("in 'paths'{}: the file of {other} is taken", whose(other)),
                ),
                way(
                    format!("(lib.lowPrio {second})"),
                    format!("in 'paths'{}: {other} yields, to all others as well", whose(other)),
                ),
                way(
                    format!("({second} // {{ meta = {second}.meta // {{ priority = 6; }}; }})"),
                    format!(
                        "in 'paths'{}, the same without nixpkgs' lib: the lower meta.priority is taken, 5 \
                         where a package says nothing",
                        whose(other)
                    ),
                ),
                way(
                    "ignoreCollisions = true;".to_owned(),
                    "the package that stands first in 'paths' is taken, here and in every other collision"
                        .to_owned(),
                ),
            ]);
        }
        let top = self.path().split('/').next().unwrap_or_default();
        if !top.is_empty() {
            let others: Vec<&str> = ["bin", "lib", "share"].into_iter().filter(|it| *it != top).collect();
            let list = others.iter().map(|name| format!("\"/{name}\"")).collect::<Vec<_>>().join(" ");
            ways.push(way(
                format!("pathsToLink = [ {list} ];"),
                format!("nothing of {top}/ is linked, of any package"),
            ));
        }
        ways.push(way(
            format!("{first}.OUTPUT"),
            format!("in 'paths'{}: only that output, if {} is not in it", whose(this), self.path()),
        ));
        ways
    }
}

/// One thing to write into the environment's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentWay {
    /// The text.
    pub write: String,
    /// Where it goes and what it does.
    pub effect: String,
}

impl CollidingPath {
    /// A path below a store: `/nix/store/<hash>-name/bin/x`.
    fn parse(path: &str) -> Option<Self> {
        let is_hash = |part: &str| {
            let hash = part.split('-').next().unwrap_or_default();
            hash.len() == 32 && part.len() > 33 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let mut start = 0;
        for part in path.split('/') {
            let end = start + part.len();
            if is_hash(part) && path.starts_with('/') {
                let file = path[end..].trim_matches('/').to_owned();
                return Some(Self { package: path[..end].to_owned(), file });
            }
            start = end + 1;
        }
        None
    }

    /// `hello-2.12`.
    fn name(&self) -> &str {
        let base = self.package.rsplit('/').next().unwrap_or_default();
        base.get(33..).unwrap_or(base)
    }

    /// What it is probably called in `paths`: `hello`.
    fn attribute(&self) -> &str {
        super::package::PackageName::split(self.name()).name
    }
}

/// The store paths in quotes, of the kinds that builders use, in one line; or the line itself if it is
/// nothing but a path.
fn paths_in(line: &str) -> Vec<CollidingPath> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find(['`', '\'', '"', '‘']) {
        let open = rest[start..].chars().next().unwrap_or('\'');
        let after = &rest[start + open.len_utf8()..];
        let close = match open {
            '`' => '\'',
            '‘' => '’',
            same => same,
        };
        let Some(end) = after.find(close) else { break };
        if let Some(path) = CollidingPath::parse(&after[..end]) {
            found.push(path);
            rest = &after[end + close.len_utf8()..];
        } else {
            rest = after;
        }
    }
    if found.is_empty() {
        let bare = line.rsplit("> ").next().unwrap_or(line).trim();
        found.extend(Some(bare).filter(|bare| bare.starts_with('/')).and_then(CollidingPath::parse));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "/nix/store/nza3f6jmgfycqm731phqvw3hv3amn1p3-hello-2.12";
    const B: &str = "/nix/store/lkb5s5rzrjg05s19pr25dam48pz64dqp-fltk-1.3";

    fn sides(log: &str) -> Option<[(String, String); 2]> {
        let found = EnvironmentCollision::in_log(log)?;
        Some(found.sides.map(|side| (side.package, side.file)))
    }

    /// The words of nixpkgs' builder since 2025, of the one before, of the one that took quotes from
    /// typographers, and of nix's own builder as 2.34, 2.26 and 2.3 print it.
    #[test]
    fn builders_of_all_ages_are_understood() {
        let expected = Some([(A.into(), "bin/hello".into()), (B.into(), "bin/hello".into())]);
        for log in [
            format!(
                "pkgs.buildEnv error: two given paths contain a conflicting subpath:\n  `{A}/bin/hello' and\n  \
                 `{B}/bin/hello'\nhint: this may be caused by two different versions of the same package in \
                 buildEnv's `paths` parameter\nhint: `pkgs.nix-diff` can be used to compare derivations"
            ),
            format!(
                "       > structuredAttrs is enabled\n       > pkgs.buildEnv error: two given paths contain a \
                 conflicting subpath:\n       >   `{A}/bin/hello' and\n       >   `{B}/bin/hello'"
            ),
            format!(
                "error: two given paths contain a conflicting subpath: '{A}/bin/hello' and '{B}/bin/hello'"
            ),
            format!("error: collision between `{A}/bin/hello' and `{B}/bin/hello'"),
            format!("collision between dangling symlink `{A}/bin/hello' and `{B}/bin/hello'"),
            format!("collision between ‘{A}/bin/hello’ and ‘{B}/bin/hello’; use ‘nix-env --set-flag …’"),
            format!(
                "env> error: Unable to build profile. There is a conflict for the following files:\nenv> \n\
                 env>          \"{A}/bin/hello\"\nenv>          \"{B}/bin/hello\""
            ),
            format!(
                "error: Unable to build profile. There is a conflict for the following files:\n\n         \
                 {A}/bin/hello\n         {B}/bin/hello"
            ),
            format!(
                "error: packages '{A}/bin/hello' and '{B}/bin/hello' have the same priority 5; use 'nix-env \
                 --set-flag priority NUMBER INSTALLED_PKGNAME' to change the priority"
            ),
        ] {
            assert_eq!(sides(&log), expected, "{log}");
        }
    }

    #[test]
    fn a_folder_against_a_file_has_no_priorities() {
        let log = format!("error: collision between \"{A}/bin/x\" and non-directory \"{B}/bin/x\"");
        let found = EnvironmentCollision::in_log(&log).unwrap();
        assert_eq!(found.kind, EnvironmentCollisionKind::FolderAndFile);
        assert!(found.ways().iter().all(|way| !way.write.contains("Prio")), "{:?}", found.ways());
        assert!(found.words().ends_with("bring bin/x: one as a folder, one as a file"));
    }

    #[test]
    fn what_is_ignored_or_otherwise_is_no_collision() {
        for log in [
            format!("warning: collision between `{A}/bin/x' and `{B}/bin/x'"),
            format!("pkgs.buildEnv warning: colliding subpath (ignored): `{A}/bin/x' and `{B}/bin/x'"),
            "collision between `a' and `b'".to_owned(),
            "two given paths contain a conflicting subpath:".to_owned(),
            format!("There is a conflict for the following files\n{A}/bin/x"),
            "collision between ' ‘ \" `".to_owned(),
            String::new(),
        ] {
            assert_eq!(EnvironmentCollision::in_log(&log), None, "{log}");
        }
        let later =
            format!("warning: collision between `{A}/a' and `{B}/a'\ncollision between `{A}/b' and `{B}/b'");
        assert_eq!(EnvironmentCollision::in_log(&later).unwrap().path(), "b");
    }

    #[test]
    fn ways_name_both_packages_and_what_to_write() {
        let log = format!("collision between `{A}/bin/hello' and `{B}/bin/hello'");
        let found = EnvironmentCollision::in_log(&log).unwrap();
        let words = "hello-2.12 and fltk-1.3, both in this environment, bring the same file: bin/hello";
        assert_eq!(found.words(), words);
        let ways: Vec<String> = found.ways().into_iter().map(|way| way.write).collect();
        assert_eq!(ways[..2], ["(lib.hiPrio hello)", "(lib.hiPrio fltk)"]);
        for written in ["lib.lowPrio", "meta.priority", "ignoreCollisions", "pathsToLink", ".OUTPUT"] {
            let is_named =
                found.ways().iter().any(|way| format!("{} {}", way.write, way.effect).contains(written));
            assert!(is_named, "{written}");
        }
        let twice = format!("collision between `{A}/b' and `{}/b'", A.replace("nza", "xza"));
        assert_eq!(EnvironmentCollision::in_log(&twice).unwrap().names()[0], A, "called the same");
    }

    #[test]
    fn ways_tell_two_versions_of_one_package_apart() {
        let log = format!("collision between `{A}/b' and `{}/b'", A.replace("2.12", "2.10"));
        let ways = EnvironmentCollision::in_log(&log).unwrap().ways();
        assert_eq!([&ways[0].write, &ways[1].write], ["(lib.hiPrio …)"; 2]);
        for (way, version) in ways.iter().zip(["2.12", "2.10", "2.10", "2.10"]) {
            let place = format!("in 'paths', … being what stands there for hello-{version}");
            assert!(way.effect.starts_with(&place), "{way:?}");
        }
    }
}
