//! Ways out of a collision, each with what it would do.
//!
//! The order keeps the user's intent: the smallest priority change first, then
//! switching an element off, then dropping the staged change, removing last. A way
//! is offered only if planning with it proves that the collision is gone and no
//! new blocking one appears: the whole tree is computed again for each, so
//! "priority 6" is never proposed when 6 would tie with a third element. Where an environment meets a
//! package that it contains ([`Containment`]), what is there twice goes first.

mod containment;
mod groups;
#[cfg(test)]
mod tests;
mod ways;

pub use containment::Containment;
pub use groups::{CollisionGroup, CollisionKind, GroupMember, groups};
pub use ways::{Resolution, ResolutionStep, stage, ways};
