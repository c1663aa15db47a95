//! Frames as the user sees them: text and styles, driven by keys, at several sizes.
//!
//! `cargo insta review` shows what changed; each snapshot is the text of a frame, a letter for
//! the style of every cell, and what the letters mean.

mod session;
mod world;

use session::Session;

#[test]
fn look() {
    for spec in std::env::var("LOOK").unwrap().split(';') {
        let (size, keys) = spec.split_once(' ').unwrap_or((spec, ""));
        let (width, height) = size.split_once('x').unwrap();
        let mut session = Session::new(width.parse().unwrap(), height.parse().unwrap());
        for key in keys.split_whitespace() {
            session = match key.strip_prefix('"') {
                Some(text) => session.types(text),
                None => session.keys(key),
            };
        }
        println!("{spec}\n{}", session.frame().split("\n\n").next().unwrap());
    }
}
