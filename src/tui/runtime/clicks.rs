//! Tells double clicks from single ones; terminals report only presses.

use std::time::{Duration, Instant};

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use crate::tui::pointer::{Deed, Pointer};

/// Two clicks on one place within this time are a double click.
const SOON: Duration = Duration::from_millis(400);

/// The last single click.
#[derive(Debug, Default)]
pub(super) struct Clicks(Option<(Instant, (u16, u16))>);

impl Clicks {
    /// What an event means; nothing for buttons and movements that mean nothing.
    pub(super) fn read(&mut self, event: MouseEvent, now: Instant) -> Option<Pointer> {
        let place = (event.column, event.row);
        let deed = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                let again = self.0.take().is_some_and(|(then, there)| there == place && now - then <= SOON);
                if again {
                    Deed::DoubleClick
                } else {
                    self.0 = Some((now, place));
                    Deed::Click
                }
            }
            MouseEventKind::ScrollDown => Deed::WheelDown,
            MouseEventKind::ScrollUp => Deed::WheelUp,
            _ => return None,
        };
        Some(Pointer { deed, column: event.column, row: event.row })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyModifiers;

    #[test]
    fn only_the_second_of_two_quick_clicks_on_one_place_is_double() {
        let mut clicks = Clicks::default();
        let begin = Instant::now();
        let mut at = |milliseconds, column, kind| {
            let event = MouseEvent { kind, column, row: 3, modifiers: KeyModifiers::NONE };
            clicks.read(event, begin + Duration::from_millis(milliseconds)).map(|pointer| pointer.deed)
        };
        let press = MouseEventKind::Down(MouseButton::Left);
        assert_eq!(at(0, 5, press), Some(Deed::Click));
        assert_eq!(at(10, 5, MouseEventKind::Up(MouseButton::Left)), None);
        assert_eq!(at(200, 5, press), Some(Deed::DoubleClick));
        assert_eq!(at(300, 5, press), Some(Deed::Click));
        assert_eq!(at(400, 6, press), Some(Deed::Click));
        assert_eq!(at(1000, 6, press), Some(Deed::Click));
        assert_eq!(at(1001, 6, MouseEventKind::ScrollUp), Some(Deed::WheelUp));
        assert_eq!(at(1002, 6, MouseEventKind::Moved), None);
    }
}
