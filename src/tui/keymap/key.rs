//! One key press in a normal form, and its names.
//!
//! Terminals report `G` as `G` with or without shift, and shift-tab as "back tab".
//! Here a character carries its case itself and has no shift, and shift-tab is tab
//! with shift. crokey reads the names of longer keys; it lowercases what it reads,
//! so single characters are taken as they stand.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers, comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// A name that is no key's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not the name of a key")]
pub struct KeyNameError(pub String);

impl Key {
    /// The normal form of what a terminal reported.
    pub fn from_event(event: KeyEvent) -> Self {
        let known = KeyModifiers::SHIFT | KeyModifiers::CONTROL | KeyModifiers::ALT;
        let mut modifiers = event.modifiers & known;
        let code = match event.code {
            KeyCode::Char(character) if modifiers.contains(KeyModifiers::CONTROL) => {
                modifiers.remove(KeyModifiers::SHIFT);
                KeyCode::Char(character.to_ascii_lowercase())
            }
            KeyCode::Char(character) => {
                let shifted = modifiers.contains(KeyModifiers::SHIFT);
                modifiers.remove(KeyModifiers::SHIFT);
                KeyCode::Char(if shifted { character.to_ascii_uppercase() } else { character })
            }
            KeyCode::BackTab => {
                modifiers.insert(KeyModifiers::SHIFT);
                KeyCode::Tab
            }
            code => code,
        };
        Self { code, modifiers }
    }

    /// Reads a name: `j`, `G`, `?`, `enter`, `ctrl-d`, `lt` and `gt` for the brackets of `--keys`.
    pub fn parse(name: &str) -> Result<Self, KeyNameError> {
        let mut characters = name.chars();
        if let (Some(character), None) = (characters.next(), characters.next()) {
            return Ok(Self { code: KeyCode::Char(character), modifiers: KeyModifiers::NONE });
        }
        match name {
            "lt" => return Self::parse("<"),
            "gt" => return Self::parse(">"),
            _ => {}
        }
        let combination = crokey::parse(name).map_err(|_| KeyNameError(name.to_owned()))?;
        match combination.codes {
            crokey::OneToThree::One(code) => Ok(Self::from_event(KeyEvent::new(code, combination.modifiers))),
            _ => Err(KeyNameError(name.to_owned())),
        }
    }

    /// The press as a terminal reports it.
    pub fn to_event(self) -> KeyEvent {
        match (self.code, self.modifiers.contains(KeyModifiers::SHIFT)) {
            (KeyCode::Tab, true) => KeyEvent::new(KeyCode::BackTab, self.modifiers),
            _ => KeyEvent::new(self.code, self.modifiers),
        }
    }

    /// The character that pressing it types into a text field.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(character) if self.modifiers.is_empty() => Some(character),
            _ => None,
        }
    }

    /// The digit pressed, if it is one.
    pub fn digit(self) -> Option<usize> {
        match self.code {
            KeyCode::Char(character) if self.modifiers.is_empty() => {
                character.to_digit(10).and_then(|digit| usize::try_from(digit).ok())
            }
            _ => None,
        }
    }
}

/// Short names for hints and help: `j`, `spc`, `enter`, `↓`, `ctrl-d`.
impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in
            [(KeyModifiers::CONTROL, "ctrl-"), (KeyModifiers::ALT, "alt-"), (KeyModifiers::SHIFT, "shift-")]
        {
            if self.modifiers.contains(modifier) {
                formatter.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => formatter.write_str("spc"),
            KeyCode::Char(character) => write!(formatter, "{character}"),
            KeyCode::Up => formatter.write_str("↑"),
            KeyCode::Down => formatter.write_str("↓"),
            KeyCode::Left => formatter.write_str("←"),
            KeyCode::Right => formatter.write_str("→"),
            KeyCode::PageUp => formatter.write_str("pgup"),
            KeyCode::PageDown => formatter.write_str("pgdn"),
            KeyCode::F(number) => write!(formatter, "F{number}"),
            code => formatter.write_str(&format!("{code:?}").to_lowercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(code: KeyCode, modifiers: KeyModifiers) -> Key {
        Key::from_event(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn a_capital_is_not_its_small_letter() {
        let capital = Key::parse("G").unwrap();
        assert_ne!(capital, Key::parse("g").unwrap());
        assert_eq!(press(KeyCode::Char('G'), KeyModifiers::SHIFT), capital);
        assert_eq!(press(KeyCode::Char('G'), KeyModifiers::NONE), capital);
        assert_eq!(press(KeyCode::Char('g'), KeyModifiers::SHIFT), capital);
    }

    #[test]
    fn shift_tab_is_one_key_however_it_is_reported() {
        let back = Key::parse("shift-tab").unwrap();
        assert_eq!(press(KeyCode::BackTab, KeyModifiers::SHIFT), back);
        assert_eq!(press(KeyCode::BackTab, KeyModifiers::NONE), back);
        assert_eq!(Key::from_event(back.to_event()), back);
        assert_ne!(back, Key::parse("tab").unwrap());
    }

    #[test]
    fn names_are_read_and_shown() {
        for (name, shown) in [
            ("ctrl-d", "ctrl-d"),
            ("space", "spc"),
            ("enter", "enter"),
            ("lt", "<"),
            ("-", "-"),
            ("minus", "-"),
            ("up", "↑"),
            ("f1", "F1"),
            ("pagedown", "pgdn"),
        ] {
            assert_eq!(Key::parse(name).unwrap().to_string(), shown);
        }
        assert!(Key::parse("hyper-q").is_err());
    }
}
