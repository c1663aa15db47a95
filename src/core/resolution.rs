//! Ways out of a collision, each with what it would do.
//!
//! The order keeps the user's intent: the smallest priority change first, then
//! switching an element off, then dropping the staged change, removing last. A way
//! is offered only if planning with it proves that the collision is gone and no
//! new blocking one appears: the whole tree is computed again for each.

use super::change::Change;
use super::facts::Facts;
use super::plan::Plan;
use super::transaction::Transaction;

/// One way out.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// What to stage.
    pub step: ResolutionStep,
    /// The intent in words: "keep hello's file".
    pub intent: String,
    /// The means in words: "fltk priority 5 → 6".
    pub means: String,
    /// Paths whose link goes to another element, with the element that has it afterwards.
    pub changes_hands: Vec<(Vec<u8>, Option<String>)>,
    /// Links that leave the tree.
    pub links_leave: usize,
    /// Blocking collisions that are left after this way.
    pub blocking_left: usize,
}

/// What staging a way does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolutionStep {
    /// Stages these changes as one step.
    Stage(Vec<Change>),
    /// Drops what is staged for the element.
    Unstage(String),
}

/// Elements that collide, with all the paths they collide on: one row of the collisions screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollisionGroup {
    /// Tie, type clash, shadowed or latent.
    pub kind: CollisionKind,
    /// Element names (or the package's name if propagated), the winner first.
    pub elements: Vec<GroupMember>,
    /// In byte order.
    pub paths: Vec<Vec<u8>>,
}

/// One side of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupMember {
    /// The element; `None` for a propagated package.
    pub element: Option<String>,
    /// The package's path.
    pub package: Vec<u8>,
    /// The number it is linked at.
    pub priority: i32,
    /// Whether this side wins (shadowed, latent) or would be hidden.
    pub winner: bool,
}

/// The four kinds, blocking ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CollisionKind {
    /// `!` equal priority.
    Tie,
    /// `!` file against folder.
    TypeClash,
    /// `~` hidden by a stronger element.
    Shadowed,
    /// `.` two losers tie.
    Latent,
}

impl CollisionKind {
    /// Whether Nix refuses to build a profile with it.
    pub fn is_blocking(self) -> bool {
        matches!(self, Self::Tie | Self::TypeClash)
    }
}

/// Groups a plan's collisions by kind and by who takes part, blocking ones first.
pub fn groups(plan: &Plan) -> Vec<CollisionGroup> {
    let _ = plan;
    todo!()
}

/// The ways out of a group, best first. Shadowed and latent groups have ways too
/// (give the hidden one precedence, tell two losers apart).
pub fn ways(
    plan: &Plan,
    transaction: &Transaction,
    facts: &Facts,
    group: &CollisionGroup,
) -> Vec<Resolution> {
    let _ = (plan, transaction, facts, group);
    todo!()
}
