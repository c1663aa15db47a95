//! Caches in a folder and on a server on this machine.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use super::*;

const HASH: &str = "i270m2h1x1mzqnkc1smn1mksy6mqkd8b";
const LISTING: &str = r#"{"version":1,"root":{"type":"regular","size":3}}"#;

fn path() -> StorePath {
    StorePath::parse(&StoreDir::new("/s"), &format!("/s/{HASH}-a")).unwrap()
}

/// Answers the requests it gets with these texts, one connection each, and gives the requested paths.
fn server(answers: Vec<String>) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).unwrap();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            asked.push(request.split(' ').nth(1).unwrap_or_default().to_owned());
            stream.write_all(answer.as_bytes()).unwrap();
        }
        asked
    });
    (address, thread)
}

fn response(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn listings(urls: &[String]) -> (Vec<Option<NarListing>>, Vec<String>) {
    let caches = BinaryCaches::new(urls, None);
    let found = caches.listings(&[path()], &Cancel::default()).unwrap();
    (found, caches.problems())
}

#[test]
fn folders_are_read_and_asked_in_turn() {
    let (empty, full) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(full.path().join(format!("{HASH}.ls")), LISTING).unwrap();
    let url = |folder: &tempfile::TempDir| format!("file://{}?priority=1", folder.path().display());
    let (found, problems) = listings(&[url(&empty), "s3://bucket".to_owned(), url(&full)]);
    assert_eq!(found, [NarListing::parse(LISTING.as_bytes()).ok()]);
    assert_eq!(problems, [""; 0]);
    assert_eq!(listings(&[url(&empty)]).0, [None]);
}

#[test]
fn servers_are_asked_for_the_hash_and_a_status_that_is_not_well_is_nothing() {
    let (here, thread) = server(vec![response("200 OK", LISTING)]);
    let (found, problems) = listings(&[format!("{here}/cache/")]);
    assert_eq!(found, [NarListing::parse(LISTING.as_bytes()).ok()]);
    assert_eq!((problems, thread.join().unwrap()), (vec![], vec![format!("/cache/{HASH}.ls")]));
    for status in ["404 Not Found", "403 Forbidden", "200 OK"] {
        let (here, thread) = server(vec![response(status, "not here")]);
        assert_eq!(listings(&[here]), (vec![None], vec![]), "{status}");
        thread.join().unwrap();
    }
}

#[test]
fn a_cache_that_does_not_answer_is_named_and_the_next_is_asked() {
    let (broken, thread) = server(vec![response("503 Busy", "")]);
    let (good, other) = server(vec![response("200 OK", LISTING)]);
    // A port that nobody listens at.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (found, problems) = listings(&[broken.clone(), format!("http://{gone}"), good]);
    assert_eq!(found.len(), 1);
    assert!(found[0].is_some());
    assert_eq!(problems.len(), 2);
    assert!(
        problems[0].starts_with(&format!("the cache {broken} does not answer: status 503")),
        "{problems:?}"
    );
    thread.join().unwrap();
    other.join().unwrap();
}

#[test]
fn an_answer_about_another_path_does_not_count() {
    let text = format!("StorePath: /s/{HASH}-other\nNarSize: 9\n");
    let (here, thread) = server(vec![response("200 OK", &text)]);
    let caches = BinaryCaches::new(&[here], None);
    let found = caches.infos(&[path()], &StoreDir::new("/s"), &Cancel::default()).unwrap();
    assert_eq!(found, [None]);
    thread.join().unwrap();
}

#[test]
fn cancelling_does_not_wait_for_a_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let caches = BinaryCaches::new(&[format!("http://{}", listener.local_addr().unwrap())], None);
    let cancel = Cancel::default();
    cancel.request();
    let answer = caches.listings(&[path()], &cancel);
    assert!(matches!(answer, Err(StoreError::Cancelled)));
}
