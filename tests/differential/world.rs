//! A world: packages of any shape, a small flake, and the profile everything starts from.
//!
//! All of it is text with placeholders: `{key}` stands for the store path of the package
//! with that key, `{missing}` for a path that is not in the store. So a world does not
//! depend on where its store lies and can be printed, read back and made smaller.
//! Hashes are part of the world because the order of store paths decides collisions.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::support;

/// Everything that is there before the first operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// Packages put into the store.
    pub packages: Vec<Package>,
    /// Packages of the flake, built when they are added.
    pub flake: Vec<FlakePackage>,
    /// The `manifest.json` of generation 1, if the profile does not start empty.
    pub start: Option<String>,
}

/// A store object: a folder, or with the single entry `.` a file or a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// What placeholders call it.
    pub key: String,
    /// The name after the hash.
    pub name: String,
    /// The beginning of the hash; zeros follow.
    pub hash: String,
    /// Paths below the root and what is there; folders on the way are implied.
    pub entries: Vec<(Vec<u8>, Entry)>,
}

/// What stands at a path of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A file with these contents.
    File(Vec<u8>),
    /// A link with this target.
    Link(Vec<u8>),
    /// A folder, perhaps empty.
    Folder,
}

/// A package of the flake, built by `/bin/sh`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlakePackage {
    /// Its attribute, and its name.
    pub attribute: String,
    /// Output names, each with the files in it.
    pub outputs: Vec<(String, Vec<String>)>,
    /// `meta.outputsToInstall`, if not empty.
    pub install: Vec<String>,
    /// `meta.priority`.
    pub priority: Option<i32>,
}

impl Package {
    /// The last part of its store path.
    pub fn base_name(&self) -> String {
        format!("{:0<32}-{}", self.hash, self.name)
    }

    /// Makes the package at `path`.
    pub fn place(&self, path: &Path, expand: &dyn Fn(&[u8]) -> Vec<u8>) -> std::io::Result<()> {
        if let [(root, entry)] = self.entries.as_slice()
            && root == b"."
        {
            return place_entry(path, entry, expand);
        }
        std::fs::create_dir(path)?;
        for (relative, entry) in &self.entries {
            let place = path.join(OsStr::from_bytes(relative));
            if let Some(parent) = place.parent() {
                std::fs::create_dir_all(parent)?;
            }
            place_entry(&place, entry, expand)?;
        }
        Ok(())
    }
}

fn place_entry(path: &Path, entry: &Entry, expand: &dyn Fn(&[u8]) -> Vec<u8>) -> std::io::Result<()> {
    match entry {
        Entry::File(contents) => std::fs::write(path, expand(contents)),
        Entry::Link(target) => std::os::unix::fs::symlink(OsStr::from_bytes(&expand(target)), path),
        Entry::Folder => std::fs::create_dir_all(path),
    }
}

impl World {
    /// Replaces placeholders by paths in the store folder.
    pub fn expand(&self, store_dir: &Path, text: &[u8]) -> Vec<u8> {
        let mut expanded = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.iter().position(|&byte| byte == b'{') {
            expanded.extend_from_slice(&rest[..start]);
            let end = rest[start..].iter().position(|&byte| byte == b'}').map(|length| start + length);
            let known = end.and_then(|end| self.base_name(&rest[start + 1..end]).map(|name| (end, name)));
            if let Some((end, name)) = known {
                expanded.extend_from_slice(store_dir.as_os_str().as_bytes());
                expanded.push(b'/');
                expanded.extend_from_slice(name.as_bytes());
                rest = &rest[end + 1..];
            } else {
                expanded.push(b'{');
                rest = &rest[start + 1..];
            }
        }
        expanded.extend_from_slice(rest);
        expanded
    }

    /// The base name behind a placeholder. A key that has the form of one but no package, as in a case
    /// made smaller, stands for a missing path too.
    fn base_name(&self, key: &[u8]) -> Option<String> {
        let is_key = !key.is_empty() && key.iter().all(u8::is_ascii_alphanumeric);
        let package = self.packages.iter().find(|package| package.key.as_bytes() == key);
        match package {
            Some(package) => Some(package.base_name()),
            None if is_key => Some(format!("{:z<32}-missing-1.0", "z")),
            None => None,
        }
    }

    /// Puts the packages into a store, with no references: they may name each other in cycles.
    pub fn place(&self, nix: &support::PrivateNix) {
        let store_dir = nix.store_dir();
        let mut objects = Vec::new();
        for package in &self.packages {
            let path = store_dir.join(package.base_name());
            package.place(&path, &|text| self.expand(&store_dir, text)).unwrap();
            let link = nix.root().join("work").join(format!("to-{}", package.key));
            std::os::unix::fs::symlink(&path, link).unwrap();
            objects.push((path.into_os_string().into_string().unwrap(), Vec::new()));
        }
        if !objects.is_empty() {
            nix.register(&objects);
        }
        if !self.flake.is_empty() {
            support::write(nix.root(), "flake/flake.nix", self.flake_text());
            let packages: String = self.flake.iter().map(FlakePackage::nix_text).collect();
            support::write(nix.root(), "work/packages.nix", format!("{{ {packages} }}"));
        }
    }

    fn flake_text(&self) -> String {
        let mut text = String::from("{ outputs = { self }: { packages.");
        writeln!(text, "{}-linux = {{", std::env::consts::ARCH).unwrap();
        for package in &self.flake {
            text += &package.nix_text();
        }
        text + "}; }; }\n"
    }
}

impl FlakePackage {
    /// The attribute as Nix text.
    fn nix_text(&self) -> String {
        let quote = |names: &[String]| format!("{names:?}").replace([',', '[', ']'], " ");
        let names: Vec<String> = self.outputs.iter().map(|(name, _)| name.clone()).collect();
        let mut script = String::new();
        for (output, files) in &self.outputs {
            write!(script, "mkdir -p ${output}; ").unwrap();
            for file in files {
                let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
                write!(script, "mkdir -p ${output}/{folder}; echo x > ${output}/{file}; ").unwrap();
            }
        }
        let mut meta = String::new();
        if !self.install.is_empty() {
            write!(meta, "outputsToInstall = [ {}]; ", quote(&self.install)).unwrap();
        }
        if let Some(priority) = self.priority {
            write!(meta, "priority = {priority}; ").unwrap();
        }
        format!(
            "{0} = derivation {{ name = \"{0}-1.0\"; system = \"{1}-linux\"; builder = \"/bin/sh\"; \
             PATH = \"/usr/bin:/bin\"; outputs = [ {2}]; args = [ \"-c\" \"{3}\" ]; }} // {{ meta = {{ {4}}}; }};\n",
            self.attribute,
            std::env::consts::ARCH,
            quote(&names),
            script,
            meta
        )
    }
}
