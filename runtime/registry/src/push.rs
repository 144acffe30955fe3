//! Pushes: the parts first, then the manifest that names them, so that a tag never leads to
//! something incomplete.

use orchestration_support::redact;
use reqwest::Method;
use reqwest::header::LOCATION;

use crate::authorization::displayed;
use crate::digest::Digest;
use crate::error::{RegistryError, RegistryFault};
use crate::manifest::MANIFEST;
use crate::package::Package;
use crate::part::Part;
use crate::reference::Reference;
use crate::repository::{Ask, Repository};

const BYTES: &str = "application/octet-stream";

impl Repository {
    /// Pushes a package to the tag of the repository's reference, and returns the reference
    /// pinned to it.
    ///
    /// # Errors
    ///
    /// Fails with [`RegistryFault`] if the registry does not take it.
    pub async fn push(&self, package: &Package) -> Result<Reference, RegistryError> {
        let pushed = async {
            self.upload(&package.component, Part::Component).await?;
            self.upload(&package.config, Part::Config).await?;
            self.put_manifest(&self.reference().wanted(), &package.manifest, Part::Manifest).await
        };
        pushed.await.map_err(|fault| fault.of(self.reference()))?;
        Ok(self.reference().pinned_to(&package.manifest()))
    }

    /// Uploads a blob, unless it is there.
    pub(crate) async fn upload(&self, bytes: &[u8], part: Part) -> Result<(), RegistryFault> {
        let digest = Digest::of(bytes);
        if self.has_blob(&digest).await? {
            return Ok(());
        }
        let begin = Ask {
            method: Method::POST,
            url: self.url("blobs/uploads/"),
            accept: "*/*",
            content: Some((BYTES, Vec::new())),
        };
        let begun = self.send(begin, part).await?;
        let location = begun.headers().get(LOCATION).and_then(|to| to.to_str().ok());
        let location = location.unwrap_or_default();
        let to = begun.url().join(location);
        let mut url = to.ok().filter(|url| self.is_own(url)).ok_or_else(|| {
            let to = redact::sanitize(&displayed(location), []);
            RegistryFault::UploadElsewhere(to)
        })?;
        url.query_pairs_mut().append_pair("digest", &digest.to_string());
        let content = Some((BYTES, bytes.to_vec()));
        self.send(Ask { method: Method::PUT, url, accept: "*/*", content }, part).await?;
        Ok(())
    }

    /// Gives a manifest a name.
    pub(crate) async fn put_manifest(
        &self,
        name: &str,
        bytes: &[u8],
        part: Part,
    ) -> Result<(), RegistryFault> {
        let url = self.url(&format!("manifests/{name}"));
        let content = Some((MANIFEST, bytes.to_vec()));
        self.send(Ask { method: Method::PUT, url, accept: "*/*", content }, part).await?;
        Ok(())
    }
}
