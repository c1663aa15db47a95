//! One file from a web server, as nix would get it: its certificates, the usual proxy variables.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::{Answer, LARGEST};
use crate::system::bounded_file;

/// A server that cannot be reached is given up after this long.
const CONNECT: Duration = Duration::from_secs(5);

/// One answer may take this long.
const WHOLE: Duration = Duration::from_mins(1);

/// A file of certificates has some 200 KB.
const CERTIFICATES: u64 = 16 << 20;

/// What web servers are asked through.
pub(super) struct Web {
    certificates: Option<PathBuf>,
    /// Made when a server is asked for the first time: caches may all be folders.
    agent: OnceLock<Agent>,
}

impl Web {
    /// Servers are checked by the certificates in a file, or by those of Mozilla if there is none.
    pub(super) fn new(certificates: Option<&Path>) -> Self {
        Self { certificates: certificates.map(Path::to_owned), agent: OnceLock::new() }
    }

    fn agent(&self) -> &Agent {
        self.agent.get_or_init(|| agent(self.certificates.as_deref()))
    }

    /// What stands at an address; compressed answers are unpacked.
    pub(super) fn get(&self, address: &str) -> Answer {
        let mut response = match self.agent().get(address).call() {
            Ok(response) => response,
            Err(error) => return Answer::Silent(error.to_string()),
        };
        if response.status().is_server_error() {
            return Answer::Silent(format!("status {}", response.status()));
        }
        if !response.status().is_success() {
            return Answer::Nothing;
        }
        // An answer that ends early or is too large says nothing about the cache.
        response.body_mut().with_config().limit(LARGEST).read_to_vec().map_or(Answer::Nothing, Answer::Found)
    }
}

fn agent(certificates: Option<&Path>) -> Agent {
    let mut tls = TlsConfig::builder();
    if let Some(roots) = certificates.and_then(read_certificates) {
        tls = tls.root_certs(RootCerts::Specific(Arc::new(roots)));
    }
    let configuration = Agent::config_builder()
        .tls_config(tls.build())
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(WHOLE))
        .http_status_as_error(false)
        .max_idle_connections_per_host(super::SIDE_BY_SIDE)
        .user_agent(concat!("firn/", env!("CARGO_PKG_VERSION")))
        .build();
    configuration.into()
}

fn read_certificates(file: &Path) -> Option<Vec<Certificate<'static>>> {
    let text = bounded_file::read(file, CERTIFICATES).ok()?;
    let certificates = parse_pem(&text).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<_> = certificates.collect();
    (!certificates.is_empty()).then_some(certificates)
}
