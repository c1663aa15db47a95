//! Changed copies of inputs: bytes, words of the format, pieces of other inputs, depth.

/// A small generator of numbers (splitmix64): the same seed, the same run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap_or(0)
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// Text that parsers stumble over, whatever the format.
const HOSTILE: &[&str] = &[
    "\0",
    "\u{1b}[2J",
    "\u{202e}",
    "\u{200b}",
    "e\u{301}",
    "字",
    "👩\u{200d}💻",
    "\u{feff}",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "\n",
    "\r\n",
    "..",
    "/",
    "//",
    "%",
    "%2F",
    "%00",
    "%zz",
    "+",
    "#",
    "?",
    "^",
    "@",
    ":",
    "-1",
    "0",
    "18446744073709551615",
    "18446744073709551616",
    "2147483648",
    "-2147483649",
    "1e999",
    "0.1",
    "null",
    "true",
    "[]",
    "{}",
    "[",
    "]",
    "{",
    "}",
    ",",
    "''",
    "=",
    "&",
];

/// The longest input that is made.
const LONGEST: usize = 1 << 20;

/// A copy with one to eight changes.
pub fn changed(random: &mut Random, input: &[u8], corpus: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut copy = input.to_vec();
    for _ in 0..=random.below(8) {
        change(random, &mut copy, corpus, words);
        copy.truncate(LONGEST);
    }
    copy
}

fn change(random: &mut Random, copy: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[&str]) {
    let at = random.below(copy.len() + 1);
    match random.below(13) {
        0 if at < copy.len() => copy[at] ^= 1 << random.below(8),
        1 if at < copy.len() => copy[at] = random.byte(),
        2 => copy.truncate(at),
        3 => drop(cut(random, copy, at)),
        4 => {
            let piece = cut(random, &mut copy.clone(), at);
            insert(copy, at, &piece);
        }
        5 => {
            let piece = cut(random, copy, at);
            let to = random.below(copy.len() + 1);
            insert(copy, to, &piece);
        }
        6 => {
            let mut other = random.pick(corpus).clone();
            let from = random.below(other.len() + 1);
            let piece = cut(random, &mut other, from);
            insert(copy, at, &piece);
        }
        7 | 8 if !words.is_empty() => insert(copy, at, random.pick(words).as_bytes()),
        9 => number(random, copy, at),
        10 => {
            // Deep or long: one piece many times over.
            let piece = cut(random, &mut copy.clone(), at);
            let most = if random.below(50) == 0 { 17 } else { 8 };
            let times = 1 << random.below(most);
            insert(copy, at, &piece.repeat(times.min(LONGEST / piece.len().max(1))));
        }
        11 => {
            let opening = [b"[".as_slice(), b"{\"a\":", b"(", b"[[", b"a.", b"a={"][random.below(6)];
            let times = if random.below(50) == 0 { 200_000 } else { 1 << random.below(10) };
            insert(copy, at, &opening.repeat(times));
        }
        _ => insert(copy, at, random.pick(HOSTILE).as_bytes()),
    }
}

fn insert(copy: &mut Vec<u8>, at: usize, piece: &[u8]) {
    copy.splice(at..at, piece.iter().copied());
}

/// Takes a piece out, short more often than long.
fn cut(random: &mut Random, copy: &mut Vec<u8>, at: usize) -> Vec<u8> {
    let longest = (copy.len() - at).min(1 << random.below(10));
    copy.drain(at..at + random.below(longest + 1)).collect()
}

/// Replaces the next number by another.
fn number(random: &mut Random, copy: &mut Vec<u8>, at: usize) {
    let Some(start) = copy[at..].iter().position(u8::is_ascii_digit).map(|found| at + found) else { return };
    let length = copy[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let edge = [0_i128, 1, 2, 3, 4, 255, 1 << 31, (1 << 31) - 1, 1 << 63, (1 << 64) - 1, 1 << 64, -1];
    let value = *random.pick(&edge) + i128::try_from(random.below(3)).unwrap_or(0) - 1;
    copy.splice(start..start + length, value.to_string().into_bytes());
}
