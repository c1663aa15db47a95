//! The terminal, taken and given back: on quit, on errors, on panics, before stopping.

use std::io::{self, Stdout, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;

use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use crossterm::style::Print;
use crossterm::terminal::{
    self, BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use crate::tui::model::Model;
use crate::tui::view::view;

/// The terminal while it is ours; dropping gives it back.
pub(super) struct TerminalGuard {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    ours: Arc<AtomicBool>,
    /// Whether the mouse is ours too.
    mouse: bool,
}

/// Asks for clicks and the wheel, with places beyond column 223. Movements are not asked for: each
/// would wake the program.
const TAKE_MOUSE: &str = "\x1b[?1000h\x1b[?1006h";
/// Leaves the mouse to the terminal.
const LEAVE_MOUSE: &str = "\x1b[?1006l\x1b[?1000l";

impl TerminalGuard {
    /// Takes the terminal.
    pub(super) fn enter(mouse: bool) -> io::Result<Self> {
        // crossterm's own NO_COLOR writes sequences that erase bold and reverse, too; the theme
        // leaves colours out instead.
        crossterm::style::force_color_output(true);
        let ours = Arc::new(AtomicBool::new(false));
        give_back_on_panic(&ours);
        let mut guard = Self { terminal: Terminal::new(CrosstermBackend::new(stdout()))?, ours, mouse };
        guard.enter_again()?;
        Ok(guard)
    }

    /// Takes it again, after a stop or when in doubt; everything is drawn anew. Tells its size.
    pub(super) fn enter_again(&mut self) -> io::Result<(u16, u16)> {
        self.ours.store(true, Ordering::SeqCst);
        terminal::enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
        self.take_mouse(self.mouse)?;
        self.redraw()?;
        self.size()
    }

    /// Takes the mouse or leaves it to the terminal, also after a stop.
    pub(super) fn take_mouse(&mut self, take: bool) -> io::Result<()> {
        self.mouse = take;
        execute!(stdout(), Print(if take { TAKE_MOUSE } else { LEAVE_MOUSE }))
    }

    /// Gives it back.
    pub(super) fn leave(&mut self) {
        give_back(&self.ours);
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Forgets what is on screen, so that the next frame writes all of it. Not by
    /// `Terminal::clear`, which asks the terminal where the cursor is and waits for an answer that
    /// the input thread reads.
    pub(super) fn redraw(&mut self) -> io::Result<()> {
        execute!(stdout(), Clear(ClearType::All))?;
        self.terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        Ok(())
    }

    /// Draws a frame. If the terminal has another size than the model thinks, nothing is drawn and
    /// the size told: its message may still be on the way.
    pub(super) fn draw(&mut self, model: &Model) -> io::Result<Option<(u16, u16)>> {
        // A terminal that knows these shows the frame at once, others ignore them.
        execute!(stdout(), BeginSynchronizedUpdate)?;
        let mut other = None;
        self.terminal.draw(|frame| {
            let size = (frame.area().width, frame.area().height);
            if size == model.size {
                view(model, frame);
            } else {
                other = Some(size);
            }
        })?;
        execute!(stdout(), EndSynchronizedUpdate)?;
        Ok(other)
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        give_back(&self.ours);
    }
}

/// Undoes what entering did; a second time does nothing. A terminal that is gone needs nothing.
fn give_back(ours: &AtomicBool) {
    if ours.swap(false, Ordering::SeqCst) {
        let _ = execute!(stdout(), Print(LEAVE_MOUSE), DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = terminal::disable_raw_mode();
    }
}

/// A panic of this thread gives the terminal back before its words are printed. Workers answer
/// with their panic's words ([`super::lanes`]); printing them would only tear the screen.
fn give_back_on_panic(ours: &Arc<AtomicBool>) {
    let (ours, owner): (_, ThreadId) = (Arc::clone(ours), std::thread::current().id());
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() == owner {
            give_back(&ours);
            usual(panic);
        } else if !ours.load(Ordering::SeqCst) {
            usual(panic);
        }
    }));
}
