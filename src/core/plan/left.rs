//! What was asked for and is not in a plan, and why.
//!
//! Some of it stands in the way of all the rest ([`LeftReason::is_in_the_way`]), some failed while the
//! rest goes on, and some was nothing to do from the start.

use crate::core::environment_collision::EnvironmentCollision;
use crate::core::evaluation::FailureKind;

/// Something that was asked for and is not in the plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Left {
    /// The element's name, or the installable.
    pub element: String,
    /// One word for programs.
    pub reason: LeftReason,
    /// A sentence for people.
    pub message: String,
}

/// Why something was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftReason {
    /// The change names an element the profile does not have.
    NoSuchElement,
    /// Nix's "already added".
    AlreadyAdded,
    /// The store could not resolve the installable.
    Refused,
    /// An edit of the user's registry that cannot be made.
    Registry,
    /// The element came from no flake.
    NoSource,
    /// The element's reference is locked, so there is nothing newer.
    Locked,
    /// The user holds the element back.
    Held,
    /// The flake cannot be found, fetched or read.
    FlakeFailed,
    /// The file that the element was added from is not there any more.
    FileGone,
    /// The flake has no such attribute any more.
    AttributeGone,
    /// Its licence has to be allowed.
    Unfree,
    /// It is marked as insecure.
    Insecure,
    /// It is marked as broken.
    Broken,
    /// It is not made for this platform.
    Platform,
    /// It needs `--impure`.
    NeedsImpure,
    /// Fetching its flake needs an answer: a password, whether a host is known.
    NeedsPrompt,
    /// Its attribute is no package.
    NotAPackage,
    /// It does not evaluate.
    EvaluationFailed,
    /// It has no such output.
    NoSuchOutput,
    /// It could not be built or fetched.
    BuildFailed,
    /// It is an environment whose own packages collide.
    EnvironmentCollides,
}

impl Left {
    /// The collision inside the environment that was to be added or upgraded, if it failed on one.
    pub fn collision_inside(&self) -> Option<EnvironmentCollision> {
        let may_be = self.reason == LeftReason::Refused || self.reason == LeftReason::EnvironmentCollides;
        may_be.then(|| EnvironmentCollision::in_log(&self.message))?
    }
}

impl LeftReason {
    /// Whether what was left out keeps the rest from being applied.
    pub fn is_in_the_way(self) -> bool {
        matches!(self, Self::Refused | Self::Registry)
    }

    /// Why an upgrade is left out that failed like that.
    pub fn of(failure: FailureKind) -> Self {
        match failure {
            FailureKind::Flake => Self::FlakeFailed,
            FailureKind::File => Self::FileGone,
            FailureKind::AttributeGone => Self::AttributeGone,
            FailureKind::Unfree => Self::Unfree,
            FailureKind::Insecure => Self::Insecure,
            FailureKind::Broken => Self::Broken,
            FailureKind::Platform => Self::Platform,
            FailureKind::NeedsImpure => Self::NeedsImpure,
            FailureKind::Prompt => Self::NeedsPrompt,
            FailureKind::NotAPackage => Self::NotAPackage,
            FailureKind::Evaluation => Self::EvaluationFailed,
        }
    }

    /// What a build that ended with this log failed on.
    pub fn of_failed_build(log: &str) -> Self {
        match EnvironmentCollision::in_log(log) {
            Some(_) => Self::EnvironmentCollides,
            None => Self::BuildFailed,
        }
    }

    /// Whether it was tried to build or fetch it.
    pub fn is_failed_build(self) -> bool {
        matches!(self, Self::BuildFailed | Self::EnvironmentCollides)
    }

    /// Whether something failed, where for the others there was nothing to be done.
    pub fn is_failure(self) -> bool {
        !matches!(self, Self::NoSuchElement | Self::AlreadyAdded | Self::NoSource | Self::Locked | Self::Held)
    }
}
