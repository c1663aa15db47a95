//! Everything that collides in a tree, told from the claims its folders remember.
//!
//! A path is in `ties` if two claims of equal priority met on it, in `type_clashes`
//! if a file met a folder; it can be in both. Both end Nix's build, which stops at
//! the first. A path with neither is in `shadowed` if a claim on it is hidden, and
//! once in `latent` for every priority that two of the hidden share. Numbers alone
//! do not tell: a weaker file under a folder that only one package brings is
//! hidden, the same file after a second package brought the folder clashes.
//!
//! Nothing is computed for folders without collisions.

use std::sync::Arc;

use super::LinkTree;
use super::directory::{Claim, LinkDirectory, claimed};
use super::standing::{CollisionCounts, Role, roles};
use super::walk::{Visit, Walk};
use crate::core::file_tree::PathBytes;

/// All collisions of a tree, each list sorted by path, part by part (`a/b` before `a.b`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collisions {
    /// Equal priority on one path: Nix refuses.
    pub ties: Vec<Tie>,
    /// File against folder: Nix refuses whatever the numbers.
    pub type_clashes: Vec<TypeClash>,
    /// Hidden by a stronger claimant.
    pub shadowed: Vec<Shadowed>,
    /// Losers that tie among themselves.
    pub latent: Vec<Latent>,
}

/// Who claims a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// The package, as in [`super::LinkedPackage::path`].
    pub package: PathBytes,
    /// The number it is linked at.
    pub priority: i32,
    /// Whether it brings a folder here.
    pub folder: bool,
    /// Where the claimed thing is: the target its link would have.
    pub target: PathBytes,
}

/// Two or more claimants of equal priority that met on a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// In the profile, without a leading slash.
    pub path: PathBytes,
    /// The priority they share.
    pub priority: i32,
    /// In the order Nix meets them.
    pub claimants: Vec<Claimant>,
}

/// A file meets a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeClash {
    /// In the profile, without a leading slash.
    pub path: PathBytes,
    /// All who claim the path, in the order Nix meets them.
    pub claimants: Vec<Claimant>,
}

/// A winner and those it hides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadowed {
    /// In the profile, without a leading slash.
    pub path: PathBytes,
    /// Whose link stands there, or for a real folder whose link stood there first.
    pub winner: Claimant,
    /// Hidden, strongest first.
    pub losers: Vec<Claimant>,
}

/// Losers of equal priority: a tie as soon as nobody stronger is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latent {
    /// In the profile, without a leading slash.
    pub path: PathBytes,
    /// The priority the losers share.
    pub priority: i32,
    /// Whose link hides them.
    pub winner: Claimant,
    /// The losers at that priority, in the order Nix meets them.
    pub claimants: Vec<Claimant>,
}

impl Collisions {
    /// How many stand in the way of applying.
    pub fn blocking(&self) -> usize {
        self.ties.len() + self.type_clashes.len()
    }

    fn add(&mut self, path: &[u8], claims: &Claims<'_>) {
        let path = || PathBytes::from(path);
        let tied = claims.roles.contains(&Role::Tied);
        if tied {
            // Only the first claim can be tied with: stronger ones that come later tie with nobody.
            let claimants = claims.those(|place, role| place == 0 || role == Role::Tied);
            let priority = claimants.first().map_or(0, |first| first.priority);
            self.ties.push(Tie { path: path(), priority, claimants });
        }
        let clashing = claims.roles.contains(&Role::Clashing);
        if clashing {
            self.type_clashes.push(TypeClash { path: path(), claimants: claims.those(|_, _| true) });
        }
        let mut losers = claims.those(|_, role| role == Role::Hidden);
        if tied || clashing || losers.is_empty() {
            return;
        }
        let standing = |_, role| matches!(role, Role::Linked | Role::Merged);
        let Some(winner) = claims.those(standing).into_iter().next() else { return };
        losers.sort_by_key(|loser| loser.priority);
        for group in losers.chunk_by(|left, right| left.priority == right.priority) {
            if group.len() > 1 {
                let (priority, claimants) = (group[0].priority, group.to_vec());
                self.latent.push(Latent { path: path(), priority, winner: winner.clone(), claimants });
            }
        }
        self.shadowed.push(Shadowed { path: path(), winner, losers });
    }
}

/// The claims on one path with their roles.
struct Claims<'a> {
    folder: &'a LinkDirectory,
    all: &'a [Claim],
    roles: Vec<Role>,
}

impl<'a> Claims<'a> {
    fn on(folder: &'a LinkDirectory, slot: usize) -> Self {
        let all = folder.claims_on(slot);
        Self { folder, all, roles: roles(all.iter().map(|claim| claim.side)) }
    }

    fn those(&self, wanted: impl Fn(usize, Role) -> bool) -> Vec<Claimant> {
        let roles = self.roles.iter().enumerate();
        let wanted = roles.filter(|&(place, &role)| wanted(place, role));
        wanted.map(|(place, _)| self.claimant(self.all[place])).collect()
    }

    fn claimant(&self, claim: Claim) -> Claimant {
        let (contributor, entry) = claimed(&self.folder.contributors, claim);
        Claimant {
            package: Arc::clone(&contributor.package.path),
            priority: contributor.package.priority,
            folder: entry.is_directory(),
            target: contributor.target(&entry.name),
        }
    }
}

impl LinkTree {
    /// Every collision; a tree without any costs nothing.
    pub fn collisions(&self) -> Collisions {
        let mut collisions = Collisions::default();
        let mut walk = Walk::below(&self.root, |folder| !folder.counts.collisions.is_empty());
        while let Some(visit) = walk.next() {
            let Visit::Entry { folder, slot } = visit else { continue };
            if folder.collided.binary_search_by_key(&slot, |(slot, _)| *slot).is_ok() {
                collisions.add(walk.path(), &Claims::on(folder, slot));
            }
        }
        collisions
    }

    /// Everyone who claims a path (no leading slash) and how they fare, in the order Nix meets
    /// them; empty where nothing stands, and below a folder that is linked whole.
    pub fn claims_at(&self, path: &[u8]) -> Vec<(Claimant, Role)> {
        let Some((folder, slot)) = self.locate(path) else { return Vec::new() };
        let claims = Claims::on(folder, slot);
        claims.those(|_, _| true).into_iter().zip(claims.roles.iter().copied()).collect()
    }

    /// What collides on a path itself (no leading slash).
    pub fn collisions_at(&self, path: &[u8]) -> CollisionCounts {
        let Some((folder, slot)) = self.locate(path) else { return CollisionCounts::default() };
        let found = folder.collided.binary_search_by_key(&slot, |(slot, _)| *slot);
        found.map(|index| folder.collided[index].1).unwrap_or_default()
    }
}
