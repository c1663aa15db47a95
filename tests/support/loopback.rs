//! A folder on a web server of the test's own, on the loopback, that can stop answering.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// A server; it serves as long as the test program runs.
pub struct Loopback {
    /// `http://127.0.0.1:4711`
    pub url: String,
    /// What is in the address of a request that is never answered.
    silent: Arc<Mutex<Option<String>>>,
    waiting: Receiver<()>,
}

impl Loopback {
    /// Serves the files of a folder.
    pub fn serve(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let silent: Arc<Mutex<Option<String>>> = Arc::default();
        let (sender, waiting) = channel();
        let (folder, knows) = (folder.to_owned(), Arc::clone(&silent));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (folder, silent, sender) = (folder.clone(), Arc::clone(&knows), sender.clone());
                std::thread::spawn(move || answer(stream, &folder, (&silent, &sender)));
            }
        });
        Self { url, silent, waiting }
    }

    /// From now on, whoever asks for something with this in its address gets no answer.
    pub fn falls_silent(&self, about: &str) {
        *self.silent.lock().unwrap() = Some(about.to_owned());
    }

    /// Until somebody waits for an answer.
    pub fn until_somebody_waits(&self) {
        self.waiting.recv().unwrap();
    }
}

/// One connection, one question.
fn answer(mut stream: TcpStream, folder: &Path, (silent, waiting): (&Mutex<Option<String>>, &Sender<()>)) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let question = lines.next().unwrap_or_default();
    // All of it: who closes a connection with something unread resets it.
    for line in lines.by_ref() {
        if line.is_empty() {
            break;
        }
    }
    let mut words = question.split(' ');
    let (method, address) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if silent.lock().unwrap().as_ref().is_some_and(|about| address.contains(about.as_str())) {
        let _ = waiting.send(());
        // Until the other side gives up.
        let _ = stream.read(&mut [0]);
        return;
    }
    let file: PathBuf = folder.join(address.trim_start_matches('/'));
    let (status, contents) = match std::fs::read(file) {
        Ok(contents) => ("200 OK", contents),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let length = contents.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let body = if method == "HEAD" { &[][..] } else { &contents };
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
}
