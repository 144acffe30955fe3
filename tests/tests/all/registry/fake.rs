//! A registry whose every byte a test controls.

use std::collections::BTreeMap;

use orchestration_support::digest::sha256;
use orchestration_tests::server::{Request, Server};
use serde_json::{Value, json};

use super::sso;

pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const CONFIG: &str = "application/vnd.wasm.config.v0+json";

/// An artifact, and what the registry answers for each of its parts.
pub(super) struct Fake {
    pub(super) component: Vec<u8>,
    pub(super) config: Value,
    pub(super) manifest: Value,
    /// By path, in place of the right answers.
    pub(super) answers: BTreeMap<String, Vec<u8>>,
}

impl Fake {
    /// A registry that does everything right.
    pub(super) fn new() -> Self {
        let component = sso("2.1.0");
        let layer = digest(&component);
        let config = json!({
            "created": "1970-01-01T00:00:00Z", "architecture": "wasm", "os": "wasip2",
            "layerDigests": [layer], "component": null,
        });
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": descriptor(CONFIG, config.to_string().as_bytes()),
            "layers": [descriptor("application/wasm", &component)],
        });
        Self { component, config, manifest, answers: BTreeMap::new() }
    }

    /// Takes another config, which the manifest then names.
    pub(super) fn set_config(&mut self, config: Value) {
        self.manifest["config"] = descriptor(CONFIG, config.to_string().as_bytes());
        self.config = config;
    }

    /// The digest of the manifest.
    pub(super) fn digest(&self) -> String {
        digest(self.manifest.to_string().as_bytes())
    }

    /// The path of a blob of this artifact.
    pub(super) fn blob(&self, what: &str) -> String {
        let bytes = match what {
            "config" => self.config.to_string().into_bytes(),
            _ => self.component.clone(),
        };
        format!("/v2/acme/sso/blobs/{}", digest(&bytes))
    }

    /// What is answered for this path.
    pub(super) fn answer(&self, path: &str) -> Vec<u8> {
        let manifest = self.manifest.to_string();
        let by_digest = format!("/v2/acme/sso/manifests/{}", self.digest());
        if let Some(answer) = self.answers.get(path) {
            return answer.clone();
        }
        match path {
            "/v2/" => answer("200 OK", &[], b"{}"),
            path if path == "/v2/acme/sso/manifests/1" || path == by_digest => {
                answer("200 OK", &[("content-type", MANIFEST)], manifest.as_bytes())
            }
            path if path == self.blob("config") => {
                answer("200 OK", &[], self.config.to_string().as_bytes())
            }
            path if path == self.blob("component") => answer("200 OK", &[], &self.component),
            _ => answer("404 Not Found", &[], b"{}"),
        }
    }

    /// Serves it.
    pub(super) fn serve(self) -> Server {
        Server::with(move |request, stream| stream.write_all(&self.answer(path(request))))
    }
}

/// The path of a request, with its query.
pub(super) fn path(request: &Request) -> &str {
    request.line.split(' ').nth(1).expect("a request has a path")
}

/// An answer as bytes.
pub(super) fn answer(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let headers: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

pub(super) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", sha256(bytes))
}

pub(super) fn descriptor(kind: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": kind, "digest": digest(bytes), "size": bytes.len() })
}
