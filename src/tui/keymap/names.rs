//! The names of actions and places, taken from how they are read: no second list.

use std::fmt;

use serde::Deserialize;
use serde::de::value::StrDeserializer;

/// What reading a name can end in besides a value.
#[derive(Debug)]
struct Expected(&'static [&'static str]);

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "one of {}", self.0.join(", "))
    }
}

impl std::error::Error for Expected {}

impl serde::de::Error for Expected {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(&[])
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(expected)
    }
}

fn read<'n, T: Deserialize<'n>>(name: &'n str) -> Result<T, Expected> {
    T::deserialize(StrDeserializer::<Expected>::new(name))
}

/// The value of a name.
pub fn from_name<'n, T: Deserialize<'n>>(name: &'n str) -> Option<T> {
    read(name).ok()
}

/// Every name, in the order of the values.
pub fn names<T: Deserialize<'static>>() -> &'static [&'static str] {
    read::<T>("?").err().map_or(&[], |expected| expected.0)
}

/// The name of a value.
pub fn name_of<T: Deserialize<'static> + PartialEq>(value: &T) -> &'static str {
    let is_it = |name: &&&'static str| from_name::<T>(name).is_some_and(|found| found == *value);
    names::<T>().iter().find(is_it).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::action::Action;
    use crate::tui::keymap::Scope;

    #[test]
    fn names_and_values_belong_together() {
        assert_eq!(from_name("half-page-down"), Some(Action::HalfPageDown));
        assert_eq!(from_name::<Action>("nonsense"), None);
        assert_eq!(name_of(&Action::HalfPageDown), "half-page-down");
        assert_eq!(name_of(&Scope::Installed), "installed");
        assert!(names::<Action>().len() > 50 && names::<Scope>().contains(&"main"));
    }
}
