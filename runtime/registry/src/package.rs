//! A component as it is published: its manifest, its config, and itself.

use crate::config::Config;
use crate::digest::Digest;
use crate::manifest::{COMPONENT, CONFIG, Descriptor, Manifest};

/// A component, ready to be pushed. The same component makes the same package, byte for
/// byte.
///
/// ```
/// use orchestration_registry::Package;
///
/// let imports = ["orchestration:auth/environment@0.2.0".to_owned()];
/// let exports = ["orchestration:auth/strategy@0.2.0".to_owned()];
/// let package = Package::of(b"\0asm".to_vec(), &imports, &exports)?;
/// assert_eq!(package.component().hex().len(), 64);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Package {
    pub(crate) component: Vec<u8>,
    pub(crate) config: Vec<u8>,
    pub(crate) manifest: Vec<u8>,
}

impl Package {
    /// Returns the package of a component with these imports and exports.
    ///
    /// # Errors
    ///
    /// Fails if the names can't be written as JSON.
    pub fn of(
        component: Vec<u8>,
        imports: &[String],
        exports: &[String],
    ) -> Result<Self, serde_json::Error> {
        let layer = Descriptor::of(&component, COMPONENT);
        let config = serde_json::to_vec(&Config::of(&layer.digest, imports, exports))?;
        let manifest = Manifest::of(Descriptor::of(&config, CONFIG), vec![layer]);
        let manifest = serde_json::to_vec(&manifest)?;
        Ok(Self { component, config, manifest })
    }

    /// Returns the digest of its manifest.
    pub fn manifest(&self) -> Digest {
        Digest::of(&self.manifest)
    }

    /// Returns the digest of the component.
    pub fn component(&self) -> Digest {
        Digest::of(&self.component)
    }
}
