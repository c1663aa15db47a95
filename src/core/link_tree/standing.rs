//! What stands under one name after every package that claims it had its turn.
//!
//! This is the heart of the tree rules (NIX.md, "The symlink tree", 4), one name
//! at a time. Claims come in the order in which Nix links packages, and each
//! meets what the earlier ones left:
//!
//! | there already | comes | the newcomer is |
//! |---|---|---|
//! | nothing | anything | `Linked` |
//! | a link | a file | `Hidden` if weaker, `Tied` if equal; else `Linked`, and the old one `Hidden` |
//! | a link to a file | a folder | `Clashing` |
//! | a link to a folder | a folder | `Merged`, and so is the one that was linked |
//! | a real folder | a folder | `Merged` |
//! | a real folder | a file | `Clashing` |
//!
//! Nix stops at the first tie or clash. Here what stood there stays and the next
//! claim has its turn, so that one pass finds all that Nix would find one by one.

/// How a claim on a path fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Its link stands there.
    Linked,
    /// It is a folder and became part of a real one.
    Merged,
    /// A stronger one hides it.
    Hidden,
    /// It met one of equal priority.
    Tied,
    /// It is a file and met a real folder, or a folder and met a file.
    Clashing,
}

/// All that decides how a claim fares, besides its place in the order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side {
    pub priority: i32,
    pub folder: bool,
}

/// How many collisions of each kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CollisionCounts {
    /// Paths that stand in [`super::Collisions::ties`].
    pub ties: usize,
    /// Paths in [`super::Collisions::type_clashes`].
    pub type_clashes: usize,
    /// Paths in [`super::Collisions::shadowed`].
    pub shadowed: usize,
    /// Entries of [`super::Collisions::latent`]; a path can have several.
    pub latent: usize,
}

enum Standing {
    Nothing,
    Link { claim: usize, side: Side },
    Folder,
}

/// Gives every claim its turn: one role per claim.
pub(super) fn roles(sides: impl ExactSizeIterator<Item = Side>) -> Vec<Role> {
    let mut roles = Vec::with_capacity(sides.len());
    settle(sides, &mut roles);
    roles
}

/// Gives every claim its turn; leaves one role per claim in `roles`.
pub(super) fn settle(sides: impl Iterator<Item = Side>, roles: &mut Vec<Role>) {
    roles.clear();
    let mut standing = Standing::Nothing;
    for (claim, side) in sides.enumerate() {
        let role = match standing {
            Standing::Nothing => {
                standing = Standing::Link { claim, side };
                Role::Linked
            }
            Standing::Folder if side.folder => Role::Merged,
            Standing::Folder => Role::Clashing,
            Standing::Link { claim: first, side: there } if side.folder => {
                if there.folder {
                    roles[first] = Role::Merged;
                    standing = Standing::Folder;
                    Role::Merged
                } else {
                    Role::Clashing
                }
            }
            Standing::Link { side: there, .. } if side.priority == there.priority => Role::Tied,
            Standing::Link { side: there, .. } if side.priority > there.priority => Role::Hidden,
            // Only a propagated package (1000 and up) after elements of still higher numbers.
            Standing::Link { claim: hidden, .. } => {
                roles[hidden] = Role::Hidden;
                standing = Standing::Link { claim, side };
                Role::Linked
            }
        };
        roles.push(role);
    }
}

impl CollisionCounts {
    /// Counts the collisions on one path.
    pub(super) fn on_path(roles: &[Role], priority: impl Fn(usize) -> i32) -> Self {
        let tied = roles.contains(&Role::Tied);
        let clashing = roles.contains(&Role::Clashing);
        let mut hidden: Vec<i32> = Vec::new();
        if !tied && !clashing {
            hidden.extend((0..roles.len()).filter(|&claim| roles[claim] == Role::Hidden).map(priority));
            hidden.sort_unstable();
        }
        Self {
            ties: usize::from(tied),
            type_clashes: usize::from(clashing),
            shadowed: usize::from(!hidden.is_empty()),
            latent: hidden.chunk_by(i32::eq).filter(|group| group.len() > 1).count(),
        }
    }

    /// How many stand in the way of applying.
    pub fn blocking(self) -> usize {
        self.ties + self.type_clashes
    }

    /// Whether there is none of any kind.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

impl std::ops::AddAssign for CollisionCounts {
    fn add_assign(&mut self, other: Self) {
        self.ties += other.ties;
        self.type_clashes += other.type_clashes;
        self.shadowed += other.shadowed;
        self.latent += other.latent;
    }
}
