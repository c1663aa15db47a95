//! The kinds of flake references, and which attributes each takes.

/// How a flake is fetched; Nix's `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A name that registries replace.
    Indirect,
    /// A folder.
    Path,
    /// A Git repository.
    Git,
    /// A Mercurial repository.
    Mercurial,
    /// An archive, unpacked.
    Tarball,
    /// A single file.
    File,
    /// GitHub, fetched as an archive.
    Github,
    /// GitLab, fetched as an archive.
    Gitlab,
    /// `SourceHut`, fetched as an archive.
    Sourcehut,
}

const FORGE: &[&str] = &["owner", "repo", "ref", "rev", "narHash", "lastModified", "host", "treeHash"];
const DOWNLOAD: &[&str] = &["url", "narHash", "name", "unpack", "rev", "revCount", "lastModified"];
const GIT: &[&str] = &[
    "url",
    "ref",
    "rev",
    "shallow",
    "submodules",
    "lfs",
    "exportIgnore",
    "lastModified",
    "revCount",
    "narHash",
    "allRefs",
    "name",
    "dirtyRev",
    "dirtyShortRev",
    "verifyCommit",
    "keytype",
    "publicKey",
    "publicKeys",
];

impl Kind {
    const ALL: [Self; 9] = [
        Self::Indirect,
        Self::Path,
        Self::Git,
        Self::Mercurial,
        Self::Tarball,
        Self::File,
        Self::Github,
        Self::Gitlab,
        Self::Sourcehut,
    ];

    /// Nix's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Indirect => "indirect",
            Self::Path => "path",
            Self::Git => "git",
            Self::Mercurial => "hg",
            Self::Tarball => "tarball",
            Self::File => "file",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Sourcehut => "sourcehut",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().as_bytes() == name)
    }

    /// Whether it is GitHub or one that is used like it.
    pub fn is_forge(self) -> bool {
        matches!(self, Self::Github | Self::Gitlab | Self::Sourcehut)
    }

    /// Whether it takes an attribute of this name. `__final` marks what a pin has written.
    pub(super) fn takes(self, name: &str) -> bool {
        let own: &[&str] = match self {
            Self::Indirect => &["id", "ref", "rev", "narHash"],
            Self::Path => &["path", "rev", "revCount", "lastModified", "narHash"],
            Self::Git => GIT,
            Self::Mercurial => &["url", "ref", "rev", "revCount", "narHash", "name"],
            Self::Tarball | Self::File => DOWNLOAD,
            Self::Github | Self::Gitlab | Self::Sourcehut => FORGE,
        };
        matches!(name, "type" | "__final") || own.contains(&name)
    }
}
